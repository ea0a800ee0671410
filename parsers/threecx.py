"""3CX Phone System: call detail records, comma-separated.

Manuals: 3CX, "CDR: call data records"; the order of the fields is the administrator's choice, the usual one is declared
here.

Port: TCP, the PBX connects to the collector ("active") or waits for it ("passive"), at a port of free choice; or a file
(``cdr.log``). No login, no heading, nothing is quoted.

Fields (20 or more; what stands behind the chain may be left out)::

    Call 288831,4cc2c72490010858_26808,00:00:25,2024/06/17 05:59:49,2024/06/17 05:59:58,2024/06/17 06:00:23,...
    history id,call id,duration,start,answered,end,reason terminated,from no,to no,from dn,to dn,dial no,reason changed,
    final number,final dn,bill code,rate,cost,name,Chain: ...;,from type,to type,final type,from name,to name,final name,...

The stamp is the START, in UTC whatever the clock of the site shows: the source's time zone is not applied. Duration is
talk; answered minus start is the ring time, no answered stamp means not answered. ``Ext.123`` is one of our extensions;
a type ``Line`` is an outside line, whose dn is the trunk. ReplacedDst and ReplacedSrc tell of a transfer, except out of
a queue, a group or a menu.

The call id may come first. The four fields of the bill may be left out; behind the chain there may be types, names and
missed queue calls, or missed queue calls, names and types, or names alone. Which it is, is told by the chain and the types.

Not certain: other orders up to the final number are refused; set the order above in the console. A comma in a displayed
name shifts the names behind it, which are not read. Durations with days or fractions are read, but were not seen.
"""

from __future__ import annotations

import re
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from parsers.durations import clock
from parsers.formats import Format
from parsers.layout import Delimited, Field, arranged
from parsers.records import Leg
from parsers.stamps import Stamps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parsers.formats import Line, Planned
    from parsers.records import Direction, Outcome, Record

_NAME = "3cx/cdr"
_STAMP = r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d(?:\.\d{1,9})?"
_HISTORY, _CALL = Field("history_id", r"(?:Call )?[\dA-Fa-f-]+"), Field("call_id", r"[\w-]*")
_PARTIES = (
    Field("duration", r"(?:(?:\d{1,4}\.)?\d{1,4}:\d\d:\d\d(?:\.\d{1,9})?)?"),
    Field("start", _STAMP),
    Field("answered", f"(?:{_STAMP})?"),
    Field("end", _STAMP),
    Field("terminated"),
    Field("from_no"),
    Field("to_no"),
    Field("from_dn"),
    Field("to_dn"),
    Field("dial_no"),
    Field("changed"),
    Field("final_number"),
    Field("final_dn"),
)
_BILL = (Field("bill_code", "(?!Chain:)[^,]*"), Field("bill_rate"), Field("bill_cost"), Field("bill_name"))
_CHAIN = Field("chain", r"(?:Chain:[^,]*)?")
_TYPE = (
    "(?:Extension|Line|ExternalLine|Queue|RingGroup|IVR|ScriptRoute|Script|Fax|Conference|ConfPlace|Parking|ParkPlace"
    "|VoiceMail|VMail|SpecialMenu|OutboundRule|Outbound|Provider|Gateway|Bridge|Peer|None|Unknown)?"
)
_TYPES = (Field("from_type", _TYPE), Field("to_type", _TYPE), Field("final_type", _TYPE))
_NAMES = (Field("from_name"), Field("to_name"), Field("final_name"))
_MISSED = (Field("missed_queue_calls"),)


def _layout(*groups: Sequence[Field], turned: bool = False) -> Delimited:
    """A record up to the final number, and the ``groups`` of fields behind it; ``turned``: the call id comes first."""
    ids = (_CALL, _HISTORY) if turned else (_HISTORY, _CALL)
    fields = [*ids, *_PARTIES, *(field for group in groups for field in group)]
    return Delimited(",", *fields, at_least=fields.index(_CHAIN) + 1)


_CHAINED = (_CHAIN,)
_ORDERS = (
    (_BILL, _CHAINED, _TYPES, _NAMES, _MISSED),
    (_BILL, _CHAINED, _MISSED, _NAMES, _TYPES),
    (_BILL, _CHAINED, _NAMES, _MISSED),
    (_CHAINED, _TYPES, _NAMES, _MISSED),
    (_CHAINED, _NAMES, _MISSED),
)
"""In which order the groups are printed, the usual one first."""
_LAYOUTS = tuple(_layout(*order, turned=turned) for turned in (False, True) for order in _ORDERS)
CDR = _LAYOUTS[0]
_IN_ORDER = tuple(arranged(layout, CDR.names) for layout in _LAYOUTS)

_EXTENSION = "Ext."
_LINES = frozenset({"Line", "ExternalLine", "OutboundRule", "Outbound", "Provider", "Gateway"})
_LASTED = re.compile(r"(?:(\d+)\.)?(\d+):(\d\d):(\d\d)")
_FAILED = re.compile("fail|unavail|notavail|noroute")
_SHARED_OUT = frozenset({"Queue", "RingGroup", "IVR", "ScriptRoute"})
_UTC = Stamps(order="ymd")


def _read(line: Line, _stamps: Stamps) -> Record:
    cells = _IN_ORDER[line.layout](line.cells) if line.layout else line.cells
    (
        history_id,
        call_id,
        duration,
        start,
        answered,
        end,
        terminated,
        from_no,
        to_no,
        from_dn,
        to_dn,
        dialled,
        changed,
    ) = cells[:13]
    final_number, final_dn, bill_code, _, cost, _, chain, from_type, to_type, final_type = cells[13:23]
    began, doubt = _moment(start, line.received)
    until, _ = _moment(answered or end, line.received)
    direction = _direction(from_no, to_no, from_type, to_type, final_type)
    outcome = _outcome(answered, terminated + changed)
    ring_s = until - began if began is not None and until is not None and until >= began else None
    extra: dict[str, Any] = {"call_id": call_id, "terminated": terminated}
    if changed:
        extra["changed"] = changed
    if chain:
        extra["chain"] = chain.removeprefix("Chain:").strip()
    if doubt:
        extra["doubt"] = doubt
    extension, peer, trunk, number = _parties(
        direction, from_no, to_no, final_number, from_dn, to_dn, final_dn, dialled
    )
    return Leg(  # by position: by name takes as long as all the rest
        line.offset,
        _NAME,
        began,
        1,
        direction,
        outcome,
        extension or None,
        peer or None,
        trunk or None,
        number or None,
        None,  # did
        ring_s if outcome in {"answered", "unanswered"} else None,
        _seconds(duration) if answered else 0,
        None,  # hold_s
        changed.startswith("Replaced") and to_type not in _SHARED_OUT,
        "ConfPlace" in {to_type, final_type},
        bill_code or None,
        None,  # auth_code
        history_id.removeprefix("Call "),
        None,  # meter_pulses
        cost or None,
        None,  # currency
        extra,
        line.text,
    )


def _moment(cell: str, received: float) -> tuple[int | None, str | None]:
    return _UTC.date_and_second(cell[2:10], cell[11:19], received)


@lru_cache(4096)
def _seconds(cell: str) -> int | None:
    found = _LASTED.match(cell)
    if not found:
        return None
    days, hours, minutes, seconds = map(int, found.groups("0"))
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds


@lru_cache(4096)
def _direction(from_no: str, to_no: str, from_type: str, to_type: str, final_type: str) -> Direction:
    """Our extension is told by its letters; an outside line by its type, and where no type is printed, by no letters."""
    from_line = from_type in _LINES or (not from_type and not from_no.startswith(_EXTENSION))
    to_line = not _LINES.isdisjoint((to_type, final_type)) or (not to_type and not to_no.startswith(_EXTENSION))
    if from_line:
        return "tandem" if to_line else "incoming"
    return "outgoing" if to_line else "internal"


@lru_cache(4096)
def _parties(
    direction: Direction,
    from_no: str,
    to_no: str,
    final_number: str,
    from_dn: str,
    to_dn: str,
    final_dn: str,
    dialled: str,
) -> tuple[str, str, str, str]:
    """Our extension, the other one, the line's dn, the outside number. Who had the call last is whom it was for."""
    caller, reached = from_no.removeprefix(_EXTENSION), (final_number or to_no).removeprefix(_EXTENSION)
    if direction == "internal":
        return caller, reached, "", ""
    if direction == "outgoing":
        return caller, "", to_dn or final_dn, dialled or reached
    if direction == "incoming":
        return reached, "", from_dn, caller
    return "", "", from_dn, caller


def _outcome(answered: str, why: str) -> Outcome:
    if answered:
        return "answered"
    why = why.lower()
    if "busy" in why:
        return "busy"
    return "failed" if _FAILED.search(why) and "cancel" not in why else "unanswered"


def _cells(leg: Planned) -> dict[str, str]:
    incoming, internal = leg.direction == "incoming", leg.direction == "internal"
    extension, line, number = f"{_EXTENSION}{leg.extension}", leg.trunk or "", leg.number or ""
    if incoming:
        caller, called, dns, types = number, extension, (line, leg.extension), ("Line", "Extension")
    elif internal:
        peer = leg.peer_extension or ""
        caller, called, dns, types = extension, f"{_EXTENSION}{peer}", (leg.extension, peer), ("Extension", "Extension")
    else:
        caller, called, dns, types = extension, number, (leg.extension, line), ("Extension", "Line")
    answer = f"{leg.start + timedelta(seconds=leg.ring_s):%Y/%m/%d %H:%M:%S}" if leg.talk_s else ""
    return {
        "history_id": f"Call {leg.serial}",
        "call_id": f"4cc2c72490010858_{leg.serial}",
        "duration": clock(leg.talk_s),
        "start": f"{leg.start:%Y/%m/%d %H:%M:%S}",
        "answered": answer,
        "end": f"{leg.end:%Y/%m/%d %H:%M:%S}",
        "terminated": "Busy" if leg.outcome == "busy" else "TerminatedBySrc",
        "from_no": caller,
        "to_no": called,
        "from_dn": dns[0],
        "to_dn": dns[1],
        "dial_no": called.removeprefix(_EXTENSION),
        "final_number": called,
        "final_dn": dns[1],
        "bill_code": leg.account_code or "",
        "chain": f"Chain: {caller};{called};",
        "from_type": types[0],
        "to_type": types[1],
        "final_type": types[1],
        "missed_queue_calls": "",
    }


FORMATS = (
    Format(
        name=_NAME,
        title="3CX Phone System, CDR",
        status="verified",
        layouts=_LAYOUTS,
        read=_read,
        noise=(),
        stamp="start",
        transport="TCP, file",
        order="ymd",
        cells=_cells,
        ring_time=True,
        answered=True,
        account_code=True,
        samples=(
            (
                b"Call 288831,4cc2c72490010858_26808,00:00:25,2024/06/17 05:59:49,2024/06/17 05:59:58,2024/06/17 06:00:23,"
                b"TerminatedBySrc,Ext.10016,+460005550117,10016,10020,+460005550117,,+460005550117,10020,default,1,0.43,default,"
                b"Chain: Ext.10016;+460005550117;,Extension,Line,Line,Desk,+460005550117,+460005550117,"
            ),
            (
                b"Call 265500,89d3af2d8f010000_3456,00:08:10,2024/04/30 06:27:28,2024/04/30 06:27:36,2024/04/30 06:35:46,"
                b"TerminatedByDst,0705550100,Ext.80002,10020,80002,80002,ReplacedDst,Ext.10013,10013,,,,,"
                b"Chain: 0705550100;Ext.80002;Ext.10013;,Line,Queue,Extension,0705550100,Sales,Desk,"
            ),
            (
                b"Call 612504,00000C21DE5C2470_6531,00:05:36,2023/09/19 13:33:54,2023/09/19 13:33:54,2023/09/19 13:39:31,"
                b"TerminatedBySrc,+353005550131,Ext.960,10021,960,960,QFwdToDNA,Ext.504,504,,,,,"
                b"Chain: +353005550131;Ext.960;Ext.963;Ext.504;"
            ),
        ),
    ),
)
