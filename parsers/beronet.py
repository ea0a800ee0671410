"""beroNet gateways: call detail records, comma-separated.

Manual: none was read; the fields are what the gateway's records show.

Port: none; a file saved from the gateway's web page, or fetched from it by HTTP with a tool such as curl.

Fields; ``-`` stands for a moment that never came, and the end of the talk may be left out altogether::

    CDR,18,ISDN:1:1,SIP,100,5550176,100 <sip:5550100@192.0.2.7>,<sip:5550176@192.0.2.7>,23/07/21-22:39:38,...
    CDR,number,from,to,from party,to party,onward from party,onward to party,start,end,answer,end of talk,ended by,cause,-,-

The first two parties are those of the side the call comes from, the other two those of the side it goes to: bare digits
on ISDN, a name and an address on SIP. The stamp is the START, year first. Answer minus start is the ring time, end minus
answer the talk.

Not certain: which side is the office. A call from a number of at most six digits goes out, one to such a number comes
in; where both are long, or both short, the office is on the ISDN side, as in the captures.
"""

from __future__ import annotations

import re
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from parsers.formats import Format
from parsers.layout import Delimited, Field, arranged
from parsers.records import Leg

if TYPE_CHECKING:
    from parsers.formats import Line, Planned
    from parsers.records import Direction, Outcome, Record
    from parsers.stamps import Stamps

_NAME = "beronet/csv"
_STAMP = r"\d\d/\d\d/\d\d-\d\d:\d\d:\d\d"
_SIDE = r"(?:[A-Za-z]+(?::[^,]*)?|-)?"


def _layout(*moments: Field) -> Delimited:
    return Delimited(
        ",",
        Field("record", "CDR"),
        Field("serial", r"\d+"),
        Field("from_side", _SIDE),
        Field("to_side", _SIDE),
        Field("from_party"),
        Field("to_party"),
        Field("onward_from"),
        Field("onward_to"),
        Field("start", _STAMP),
        *moments,
        Field("ended_by", r"(?:[A-Za-z]+|-)?"),
        Field("cause", r"(?:[A-Z_]*(?::\d+)?|-)"),
        Field("spare_1"),
        Field("spare_2"),
        at_least=11 + len(moments),
    )


_END, _ANSWER = Field("end", _STAMP), Field("answer", f"(?:{_STAMP}|-)")
CDR = _layout(_END, _ANSWER, Field("talk_end", f"(?:{_STAMP}|-)"))
WITHOUT_TALK_END = _layout(_END, _ANSWER)
_LAYOUTS = (CDR, WITHOUT_TALK_END)
_ARRANGED = tuple(arranged(layout, (*CDR.names[1:11], "talk_end", "ended_by", "cause")) for layout in _LAYOUTS)

_USER = re.compile(r"<sips?:([^@>]*)")
_LONGEST_EXTENSION = 6
_NONE = frozenset({"", "-"})
_BUSY = frozenset({"17", "486", "600"})
_LINE = re.compile(r"(?!SIP)[A-Za-z]+:(.+)")
_FAILED = re.compile(
    r"(?!NUA_I_CANCEL)(?:EVENT_[A-Z_]*:(?!16|17|18|19|21|31)\d+|NUA_[A-Z_]*:(?!2|480|486|487|408|600|603)\d+)"
)


def _read(line: Line, stamps: Stamps) -> Record:
    serial, from_side, to_side, *parties, start, end, answer, talk_end, ended_by, cause = _ARRANGED[line.layout](
        line.cells
    )
    caller, called = _parties(to_side, *parties)
    direction = _direction(from_side, to_side, caller, called)
    began, doubt = _moment(start, stamps, line.received)
    answered, _ = _moment(answer, stamps, line.received)
    ended, _ = _moment(end if talk_end in _NONE else talk_end, stamps, line.received)
    ring_s = _between(began, ended if answered is None else answered)
    talk_s = 0 if answer in _NONE else _between(answered, ended)
    outcome = "answered" if answer not in _NONE else _outcome(cause)
    extra: dict[str, Any] = {"from": from_side, "to": to_side, "ended_by": ended_by, "cause": cause}
    if doubt:
        extra["doubt"] = doubt
    incoming, outgoing = direction == "incoming", direction == "outgoing"
    port = _LINE.fullmatch(to_side) or _LINE.fullmatch(from_side)
    return Leg(  # by position: by name takes as long as all the rest
        line.offset,
        _NAME,
        began,
        1,
        direction,
        outcome,
        (caller if outgoing else called if len(called) <= _LONGEST_EXTENSION else "") or None,
        None,  # peer_extension
        port.group(1) if port else None,
        (called if outgoing else caller) or None,
        called or None if incoming else None,
        ring_s if outcome in {"answered", "unanswered"} else None,
        talk_s,
        None,  # hold_s
        False,  # noqa: FBT003  (transferred)
        False,  # noqa: FBT003  (conference)
        None,  # account_code
        None,  # auth_code
        serial,
        None,  # meter_pulses
        None,  # pbx_cost
        None,  # currency
        extra,
        line.text,
    )


def _moment(cell: str, stamps: Stamps, received: float) -> tuple[int | None, str | None]:
    return (None, None) if cell in _NONE else stamps.date_and_second(cell[:8], cell[9:], received)


def _between(first: int | None, last: int | None) -> int | None:
    return None if first is None or last is None or last < first else last - first


@lru_cache(4096)
def _parties(to_side: str, from_party: str, to_party: str, onward_from: str, onward_to: str) -> tuple[str, str]:
    """Who calls and who is called, as ISDN has it where one side is ISDN, else the users of the addresses."""
    if to_side.startswith("ISDN"):
        return _party(onward_from), _party(onward_to)
    return _party(from_party), _party(to_party)


def _party(cell: str) -> str:
    found = _USER.search(cell)
    return found.group(1) if found else cell.strip()


@lru_cache(4096)
def _direction(from_side: str, to_side: str, caller: str, called: str) -> Direction:
    from_station, to_station = len(caller) <= _LONGEST_EXTENSION, len(called) <= _LONGEST_EXTENSION
    if from_station != to_station and caller:
        return "outgoing" if from_station else "incoming"
    if from_side.startswith("SIP") == to_side.startswith("SIP"):
        return "unknown"
    return "incoming" if from_side.startswith("SIP") else "outgoing"


def _outcome(cause: str) -> Outcome:
    """How a call ended that nobody answered: a code of ISDN, or of SIP."""
    if cause.partition(":")[2] in _BUSY:
        return "busy"
    return "failed" if _FAILED.match(cause) else "unanswered"


def _cells(leg: Planned) -> dict[str, str]:
    incoming = leg.direction == "incoming"
    sides = ("SIP:192.0.2.7", f"ISDN:{leg.trunk}:1") if incoming else (f"ISDN:{leg.trunk}:1", "SIP")
    caller, called = (leg.number or "", leg.extension) if incoming else (leg.extension, leg.number or "")
    digits = (caller, called)
    addresses = (f"{caller} <sip:5550100@192.0.2.7>", f"<sip:{called}@192.0.2.7>")
    parties = (*addresses, *digits) if incoming else (*digits, *addresses)
    answer = f"{leg.start + timedelta(seconds=leg.ring_s):%y/%m/%d-%H:%M:%S}" if leg.talk_s else "-"
    end = f"{leg.end:%y/%m/%d-%H:%M:%S}"
    fields = {
        "record": "CDR",
        "serial": str(leg.serial),
        "start": f"{leg.start:%y/%m/%d-%H:%M:%S}",
        "end": end,
        "answer": answer,
        "talk_end": end if leg.talk_s else "-",
        "ended_by": "ISDN",
        "cause": "EVENT_DISCONNECT:17" if leg.outcome == "busy" else "EVENT_DISCONNECT:16",
        "spare_1": "-",
        "spare_2": "-",
    }
    named = zip(
        ("from_side", "to_side", "from_party", "to_party", "onward_from", "onward_to"), (*sides, *parties), strict=True
    )
    return fields | dict(named)


FORMATS = (
    Format(
        name=_NAME,
        title="beroNet gateways, CSV",
        status="verified",
        layouts=_LAYOUTS,
        read=_read,
        noise=(),
        stamp="start",
        transport="file",
        order="ymd",
        cells=_cells,
        ring_time=True,
        answered=True,
        internal=False,
        line_end=b"\n",
        samples=(
            (
                b"CDR,18,ISDN:1:1,SIP,100,5550176,100 <sip:5550100@192.0.2.7>,<sip:5550176@192.0.2.7>,23/07/21-22:39:38,"
                b"23/07/21-22:40:10,23/07/21-22:39:53,23/07/21-22:40:10,ISDN,EVENT_DISCONNECT:16,-,-"
            ),
            (
                b"CDR,19,SIP:192.0.2.5,ISDN:1:1,02155501116 <sip:5550100@192.0.2.9>, <sip:5550100@192.0.2.5>,02155501175,5550100,"
                b"23/07/21-22:44:55,23/07/21-22:45:06,23/07/21-22:44:58,23/07/21-22:45:06,ISDN,EVENT_DISCONNECT:16,-,-"
            ),
            (
                b"CDR,28,ISDN:1:1,SIP,100,08875550108,100 <sip:5550100@192.0.2.7>,<sip:08875550108@192.0.2.7>,23/07/23-13:42:19,"
                b"23/07/23-13:42:37,23/07/23-13:42:34,SIP,NUA_I_BYE:200,-,-"
            ),
            (
                b"CDR,32,ISDN:1:1,SIP,100,5550176,100 <sip:5550176@192.0.2.7>,<sip:5550176@192.0.2.7>,23/07/23-14:12:19,"
                b"23/07/23-14:12:33,-,-,ISDN,EVENT_DISCONNECT:16,-,-"
            ),
        ),
    ),
)
