"""FreeSWITCH mod_cdr_csv: comma-separated values in quotes.

Manuals: FreeSWITCH documentation, mod_cdr_csv; the module's source and its sample configuration.

Port: none. The records are appended to ``cdr-csv/Master.csv`` of the log folder, and again to one file for each account
code: read the first only. On rotation it is renamed with the time behind its name.

Fields of the template ``example``, the one in force out of the box, and of ``snom`` without the codecs::

    "Jo","1001","5550123","default","2014-05-29 16:59:50","2014-05-29 17:00:02","2014-05-29 17:00:09","19","7","NORMAL_CLEARING",...
    caller name,caller,destination,context,start,answer,end,duration,billed,cause,uuid,other leg,account,codecs

The template ``asterisk`` is read, too: the fields of Asterisk's CDR, with the cause where it has the disposition.

The stamp is the START, local time. Duration counts from the start, billed seconds from the answer; the difference is the
ring time. No answer stamp means not answered, whatever the cause: NORMAL_CLEARING stands on such calls, too. Quotes
within a name are not doubled.

Not certain: the direction, which is not printed. In the context ``public`` callers come from outside; in a context with
``out`` in its name, or with a destination of more than four digits and longer than the caller, the call goes out; else it is internal.
The extension of an incoming call is its destination when that has at most six digits. With ``legs`` set to ``ab`` a
call has a record for each leg, which name each other and are one call, known by the smaller of their ids. Other templates are free text and are not read.
"""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec

from parsers.formats import Format, Joining
from parsers.layout import Csv, Field, arranged
from parsers.records import Leg

if TYPE_CHECKING:
    from parsers.formats import Line, Planned, SoFar
    from parsers.records import Direction, Outcome, Record
    from parsers.stamps import Stamps

_NAME = "freeswitch/cdr"
_STAMP = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"
_CAUSE = r"[A-Z_\d]*"
CDR = Csv(
    Field("caller_name"),
    Field("caller"),
    Field("destination"),
    Field("context"),
    Field("start", _STAMP),
    Field("answer", f"(?:{_STAMP})?"),
    Field("end", _STAMP),
    Field("duration", r"\d{1,7}"),
    Field("billed", r"\d{1,7}"),
    Field("cause", _CAUSE),
    Field("uuid", r"[\dA-Fa-f-]+"),
    Field("other_leg", r"[\dA-Fa-f-]*"),
    Field("account"),
    Field("read_codec"),
    Field("write_codec"),
    at_least=13,
    doubled=False,
)
LIKE_ASTERISK = Csv(
    Field("account"),
    Field("caller"),
    Field("destination"),
    Field("context"),
    Field("caller_name"),
    Field("channel"),
    Field("bridged"),
    Field("application"),
    Field("argument"),
    Field("start", _STAMP),
    Field("answer", f"(?:{_STAMP})?"),
    Field("end", _STAMP),
    Field("duration", r"\d{1,7}"),
    Field("billed", r"\d{1,7}"),
    Field("cause", _CAUSE),
    Field("flags"),
    Field("uuid", r"[\dA-Fa-f]+(?:-[\dA-Fa-f]+){4}"),
    Field("user_field"),
    at_least=17,
    doubled=False,
)
_READ = (
    "caller_name", "caller", "destination", "context", "start", "answer", "duration", "billed", "cause", "uuid",
    "other_leg", "account", "read_codec",
)  # fmt: skip
_ARRANGED = (arranged(CDR, _READ), arranged(LIKE_ASTERISK, _READ))

_LONGEST_EXTENSION = 6
_BUSY = frozenset({"USER_BUSY", "NORMAL_CIRCUIT_CONGESTION"})
_UNANSWERED = frozenset(
    {
        "",
        "NORMAL_CLEARING",
        "ORIGINATOR_CANCEL",
        "NO_ANSWER",
        "NO_USER_RESPONSE",
        "ALLOTTED_TIMEOUT",
        "CALL_REJECTED",
        "LOSE_RACE",
        "PICKED_OFF",
        "ATTENDED_TRANSFER",
        "BLIND_TRANSFER",
    }
)


def _read(line: Line, stamps: Stamps) -> Record:
    name, caller, destination, context, start, answer, duration, billed, cause, uuid, other, account, codec = _ARRANGED[
        line.layout
    ](line.cells)
    direction = _direction(context, caller, destination)
    outcome = _outcome(answer, cause)
    total_s, talk_s = int(duration), int(billed)
    ring_s = total_s - talk_s if outcome in {"answered", "unanswered"} else None
    began, doubt = stamps.date_and_second(start[2:10], start[11:], line.received)
    if ring_s is not None and ring_s < 0:
        ring_s, doubt = None, doubt or "the talk is longer than the call"
    extra: dict[str, Any] = {"context": context, "cause": cause}
    if name and name != caller:
        extra["caller_name"] = name
    if other:
        extra |= {"uuid": uuid, "other_leg": other}
    if codec:
        extra["codec"] = codec
    if doubt:
        extra["doubt"] = doubt
    incoming, internal = direction == "incoming", direction == "internal"
    station = destination if len(destination) <= _LONGEST_EXTENSION else ""
    return Leg(  # by position: by name takes as long as all the rest
        line.offset,
        _NAME,
        began,
        1,
        direction,
        outcome,
        (station if incoming else caller) or None,
        destination or None if internal else None,
        None,  # trunk
        None if internal else (caller if incoming else destination) or None,
        destination or None if incoming and not station else None,
        ring_s,
        talk_s,
        None,  # hold_s
        False,  # noqa: FBT003  (transferred)
        False,  # noqa: FBT003  (conference)
        account or None,
        None,  # auth_code
        min(uuid, other) if other else uuid,
        None,  # meter_pulses
        None,  # pbx_cost
        None,  # currency
        extra,
        line.text,
    )


@lru_cache(4096)
def _direction(context: str, caller: str, destination: str) -> Direction:
    if context == "public" or context.startswith(("in", "from-")):
        return "incoming"
    if "out" in context or len(destination) > max(len(caller), 4):
        return "outgoing"
    return "internal"


def _outcome(answer: str, cause: str) -> Outcome:
    if answer:
        return "answered"
    return "unanswered" if cause in _UNANSWERED else "busy" if cause in _BUSY else "failed"


def _continues(last: Leg, leg: Leg) -> bool:
    """Two legs that name each other; a leg that is printed twice is none."""
    return bool(leg.extra and "uuid" in leg.extra) and (last.extra or {}).get("uuid") != (leg.extra or {}).get("uuid")


def _adds(call: SoFar, leg: Leg) -> Leg:
    """The other leg tells of the same call: what it lasted longer is all that is new."""
    talk_s, ring_s = _longer(leg.talk_s, call.talk_s), _longer(leg.ring_s, call.ring_s)
    if leg.outcome == call.outcome == "answered" and leg.start is not None and leg.start < call.start:
        call.ring_s = leg.ring_s  # until the same answer
    return msgspec.structs.replace(leg, talk_s=talk_s, ring_s=ring_s)


def _longer(leg_s: int | None, call_s: int | None) -> int | None:
    return None if leg_s is None else max(0, leg_s - (call_s or 0))


def _cells(leg: Planned) -> dict[str, str]:
    incoming = leg.direction == "incoming"
    called = leg.extension if incoming else leg.peer_extension or leg.number
    answer = leg.end - timedelta(seconds=leg.talk_s)
    causes = {"busy": "USER_BUSY", "failed": "UNALLOCATED_NUMBER", "unanswered": "ORIGINATOR_CANCEL"}
    contexts = {"incoming": "public", "outgoing": "outbound"}
    caller = (leg.number or "") if incoming else leg.extension
    return {
        "caller_name": caller,
        "caller": caller,
        "destination": called or "",
        "context": contexts.get(leg.direction, "default"),
        "start": f"{leg.start:%Y-%m-%d %H:%M:%S}",
        "answer": f"{answer:%Y-%m-%d %H:%M:%S}" if leg.talk_s else "",
        "end": f"{leg.end:%Y-%m-%d %H:%M:%S}",
        "duration": str(leg.ring_s + leg.talk_s),
        "billed": str(leg.talk_s),
        "cause": causes.get(leg.outcome, "NORMAL_CLEARING"),
        "uuid": f"a5c9f6c0-e752-11e3-8bfb-{leg.serial:012x}",
        "account": leg.account_code or "",
        "write_codec": "",
    }


FORMATS = (
    Format(
        name=_NAME,
        title="FreeSWITCH, FusionPBX, mod_cdr_csv",
        status="verified",
        layouts=(CDR, LIKE_ASTERISK),
        read=_read,
        noise=(),
        stamp="start",
        transport="file",
        order="ymd",
        cells=_cells,
        ring_time=True,
        answered=True,
        account_code=True,
        line_end=b"\n",
        joining=Joining(key=lambda leg: leg.pbx_call_id, continues=_continues, adds=_adds),
        samples=(
            (
                b'"1007","1007","0034600000013","public","2014-05-29 16:59:50","","2014-05-29 16:59:50","0","0",'
                b'"NORMAL_CLEARING","a5c9f6c0-e752-11e3-8bfb-000000000001","","","",""'
            ),
            (
                b'"Jo "J" Doe","1008","5550196","default","2014-05-29 17:01:32","2014-05-29 17:01:40","2014-05-29 17:02:42",'
                b'"70","62","NORMAL_CLEARING","e29ff0ae-e752-11e3-8bff-000000000002","","4711","PCMA","PCMA"'
            ),
            (
                b'"1008","1008","1009","default","2014-05-29 17:03:33","","2014-05-29 17:03:43","10","0","USER_BUSY",'
                b'"e2fe712e-e752-11e3-8c03-000000000003","", ""'
            ),
            (
                b'"4711","1008","5550196","default","Jo <1008>","sofia/internal/1008@192.0.2.7","sofia/external/5550196",'
                b'"bridge","sofia/gateway/out/5550196","2014-05-29 17:04:32","2014-05-29 17:04:40","2014-05-29 17:05:42","70",'
                b'"62","NORMAL_CLEARING","DOCUMENTATION","e3fe712e-e752-11e3-8c03-000000000004",""'
            ),
        ),
    ),
)
