"""Siemens HiPath 3000, OpenScape Office and OpenScape Business: compressed call data separated by ``|``.

Manuals: HiPath 3000 Manager E (call data flags and LAN modes); Hicom 150 E service manual, "Output Formats for Call
Detail Recording" (fields and information element); OpenScape Office V3 administrator documentation.

Port: V.24 at a programmable speed, or the LAN: the PBX connects to a TCP address, pushes a file by TFTP or offers one
for download. No login. DLE STX DLE ETX XOFF XON may stand before a record on V.24.

Compressed, every field ended by the separator (``;`` on some sites); a fourteenth field where "Output LCR number /
dialled number incoming" is set::

    22.12.06|16:13:13|2|1997|00:04|00:00:09|5550199||1|||||
    end date|end time|line|ext|ring|duration|number|charge|info|account|MSN|access code|route|

Uncompressed, the first nine fields, under a heading in the system's language::

    Datum|Uhrzeit|Lt|Tln|Ruf|Dauer|Rufnummer|Betrag|I|
    20.06.12|12:53:45|201|33388|00:04|00:00:04|5550199||1|

The stamp is the END of the segment. Info: 0 ring notice, sent at once, one per station that rings; 1/3 incoming;
2/4 outgoing; 5/6 a segment after a transfer, in/out; 7/8 conference, in/out; 9 forwarded outside; 50 more with DISA (51 and so on).
A blank duration on an incoming line means it was never connected. An outgoing line that was not answered has a ring
time and a duration of 0; ring is blank on one that was. A call handed on without a word rings on before its next segment
begins, and that is not printed.

Not certain: what 30 more means (35 stands where 5 would, 39 on what follows a 9; seen in the field, in no manual); it is
taken for a segment that goes on with the one before. Whether zero ring with zero duration on an incoming line is always a
busy station. Dates with slashes or with four digits of the year are read, but were not seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from parsers.durations import clock, counted
from parsers.formats import Format, Joining
from parsers.layout import Delimited, Field, arranged
from parsers.records import Leg

if TYPE_CHECKING:
    from collections.abc import Callable

    from parsers.formats import Line, Planned, SoFar
    from parsers.layout import Cells, Layout
    from parsers.records import Direction, Outcome, Record
    from parsers.stamps import Stamps

_NAME = "siemens/hipath-pipe"
_FIELDS = (
    Field("date", r"(?:\d\d\.\d\d\.|\d\d/\d\d/)\d\d(?:\d\d)?"),
    Field("time", r"\d\d:\d\d:\d\d"),
    Field("trunk", r" *+\d*+ *+"),
    Field("extension", r"[ *#\w]*+"),
    Field("ring", r"(?:\d\d:\d\d|0)?"),
    Field("duration", r"(?:\d\d:\d\d:\d\d|0)?"),
    Field("number", r"[^|;]*+"),
    Field("charge", r"[ \d.,A-Z]*"),
    Field("info", r" *+\d{1,2} *+"),
    Field("account"),
    Field("msn"),
    Field("access_code"),
    Field("route"),
    Field("station_or_lcr"),
)
PIPE = Delimited("|", *_FIELDS, at_least=9, ended=True)
SEMICOLON = Delimited(";", *_FIELDS, at_least=9, ended=True)

_RING_NOTICE = 0
_INCOMING = frozenset({0, 1, 3, 5, 7})
_TRANSFERRED = frozenset({5, 6})
_CONFERENCE = frozenset({7, 8})
_FURTHER = 3
_NOTHING = frozenset({"", None})
_JOIN_SLACK_S = 2
_RINGS_ON_S = 60
"""Where stations ring one after the other, each gets a notice of its own within this time of the one before."""
_HANDED_ON_S = 120
"""A call that is handed on without a word rings at the next station, and its next segment begins with the answer there."""
_ORDER = tuple(field.name for field in _FIELDS)


def reader(name: str, *layouts: Layout) -> Callable[[Line, Stamps], Record]:
    """Read the records of any layout that has the family's fields."""
    in_order = [arranged(layout, _ORDER) for layout in layouts]

    def read(line: Line, stamps: Stamps) -> Record:
        return _read(in_order[line.layout](line.cells), line, stamps, name)

    return read


def _read(cells: Cells, line: Line, stamps: Stamps, name: str) -> Record:
    date, time, trunk, extension, ring, duration, number, charge, info, *more = cells
    account, msn, access_code, route, station_or_lcr = more
    kind = int(info) % 10
    direction: Direction = "incoming" if kind in _INCOMING else "outgoing"
    ring_s, talk_s = _seconds(ring), _seconds(duration)
    start, doubt = stamps.date_and_second(date[:6] + date[-2:], time, line.received)
    if start is not None and stamps.printed == "end":
        start -= (talk_s or 0) + (ring_s or 0)
    extra: dict[str, Any] = {"info": int(info)}
    if access_code or route:
        extra |= {"access_code": access_code.strip(), "route": route.strip()}
    did = None
    if msn or station_or_lcr or doubt:
        extra |= {"msn": msn.strip(), "doubt": doubt}
        if direction == "incoming":
            did = station_or_lcr.strip() or msn.strip() or None
        else:
            extra["lcr_number"] = station_or_lcr.strip()
    charge = charge.strip()
    pulses, amount = (int(charge), None) if charge.isdecimal() else (None, charge or None)
    return Leg(  # by position: by name takes as long as all the rest
        line.offset,
        name,
        start,
        1,
        direction,
        _outcome(kind, ring_s, talk_s),
        extension.strip() or None,
        None,  # peer_extension
        trunk.strip() or None,
        number.strip() or None,
        did,
        ring_s,
        talk_s,
        None,  # hold_s
        kind in _TRANSFERRED,
        kind in _CONFERENCE,
        account.strip() or None,
        None,  # auth_code
        None,  # pbx_call_id
        pulses,
        amount,
        None,  # currency
        {key: value for key, value in extra.items() if value not in _NOTHING} if len(extra) > 1 else extra,
        line.text,
    )


def _seconds(cell: str) -> int | None:
    """``MM:SS`` or ``HH:MM:SS``, ``0`` for a busy station; blank is None."""
    return None if not cell or cell.isspace() else counted(cell)


def _outcome(kind: int, ring_s: int | None, talk_s: int | None) -> Outcome:
    """A ring notice says nothing yet; no ring and no talk, both printed, is an incoming call to a busy station."""
    if talk_s:
        return "answered"
    if kind == _RING_NOTICE or (talk_s is None and kind not in _INCOMING):
        return "unknown"
    return "busy" if talk_s == ring_s == 0 and kind in _INCOMING else "unanswered"


def _continues(last: Leg, leg: Leg) -> bool:
    """A segment goes on where the one before ended; a ring notice's call rings on, or had its line when the notice came."""
    if last.start is None or leg.start is None or last.direction != leg.direction:
        return False
    if _is_notice(last):
        lasted_s = (leg.ring_s or 0) + (leg.talk_s or 0)
        earliest, latest = (0, _RINGS_ON_S) if _is_notice(leg) else (-lasted_s, 0)
        return earliest - _JOIN_SLACK_S <= leg.start - last.start <= latest + _JOIN_SLACK_S
    if not (leg.transferred or leg.conference or _is_further(leg)):
        return False
    gap_s = leg.start - last.start - (last.ring_s or 0) - (last.talk_s or 0)
    return -_JOIN_SLACK_S <= gap_s <= (_HANDED_ON_S if leg.transferred else _JOIN_SLACK_S)


def _info(leg: Leg) -> int:
    return int((leg.extra or {})["info"])


def _is_notice(leg: Leg) -> bool:
    return _info(leg) == _RING_NOTICE


def _is_further(leg: Leg) -> bool:
    """Whether it is a segment behind a first one, of whatever kind."""
    return _info(leg) // 10 == _FURTHER


def _adds(call: SoFar, leg: Leg) -> Leg:
    """Notices tell who rang; the record of a call that nobody answered tells whom it was for in the end."""
    if call.outcome == "unknown" and not (_is_notice(leg) or leg.transferred):
        call.extension = leg.extension or call.extension
    return leg


JOINING = Joining(key=lambda leg: leg.trunk, continues=_continues, more=_is_notice, adds=_adds)


def cells(leg: Planned) -> dict[str, str]:
    """The cells of a planned leg; internal calls are not printed, so the simulator plans none."""
    incoming = leg.direction == "incoming"
    answered = leg.talk_s > 0
    kind = (1 if incoming else 2) + 4 * leg.transferred
    ring = f"{leg.ring_s // 60:02}:{leg.ring_s % 60:02}" if incoming or not answered else ""
    talk = clock(leg.talk_s)
    return {
        "date": f"{leg.end:%d.%m.%y}",
        "time": f"{leg.end:%H:%M:%S}",
        "trunk": leg.trunk or "",
        "extension": leg.extension,
        "ring": ring,
        "duration": talk if answered or not incoming else "",
        "number": leg.number or "",
        "info": str(kind),
        "account": leg.account_code or "",
        "route": "" if incoming else "5",
    }


FORMATS = (
    Format(
        name=_NAME,
        title="Siemens HiPath 3000, OpenScape Office/Business, separated by |",
        status="verified",
        layouts=(PIPE, SEMICOLON),
        read=reader(_NAME, PIPE, SEMICOLON),
        noise=((r"[^|;\d]*\|(?:[^|;\d]*\|){7,}\s*$", "heading"), (r"[^|;\d]*;(?:[^|;\d]*;){7,}\s*$", "heading")),
        begins=r"\d\d([./])\d\d\1\d\d(?:\d\d)?([|;])\d\d:\d\d:\d\d\2",
        stamp="end",
        transport="serial, TCP, file",
        cells=cells,
        ring_time=True,
        answered=True,
        account_code=True,
        internal=False,
        joining=JOINING,
        samples=(
            b"22.12.06|16:13:13|2|1997|00:04|00:00:09|5550199||1|||||",
            b"22.12.06|16:13:29|2|1934||00:00:15|5550199||35|||||",
            b"22.12.06|16:13:31|2|1163|00:21|00:00:00|5550142||2||||5|",
            b"22.12.06|16:13:54|6|1136||00:01:51|0015550123||2|4711||810|2|",
            b"20.06.12|12:53:45|201|33388|00:04|00:00:04|05550188||1|",
            b"20.06.12|12:59:03|202|33388|00:17||05550188||1|||||",
        ),
    ),
)
