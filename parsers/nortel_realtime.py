"""Nortel Norstar (SMDR6), Enterprise Edge and BCM: Real Time records, a line for each event of a call.

Manuals: as of the reports (``nortel/norstar``): SMDR6 P0907246, BCM P0993139 and N0060599.

Port: that of the reports. Only calls with information on the caller are told, so none that go out; a line is printed when
its event happens. Report type All prints reports beside them, which tell more: read those as ``nortel/norstar``.

Events of a call that was transferred; an empty line behind each::

    *030299 101205 0003         5550120      J DOE           U    G
    *030299 101205 0003         5550120      5550100         U    D
    *030299 101211 0003 2221    5550120      J DOE           U    A
    *030299 101248 0003 2224    5550120      J DOE           U    T
    *030299 101502 0003 2224    5550120      J DOE           U    R
    date    time   line station caller       name or DNIS    type event

G it rings, D the digits dialled (DNIS), A answered, N not answered, T transferred to this station, R released. Events of
one line, from G to R or N, are one call: it rang from G to A, or to N; talk is from A to R. Type: D long distance, U
unknown. A hotel's rooms (``H`` and V, B, M or F) are events that are no calls.

Not certain: the columns, so that words between blanks are read; the moment of G is that at which the caller's number
came, a little after the first ring; hold is not told and counts as talk; whether an R follows N.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from parsers.formats import Format, Joining
from parsers.layout import Field, Words
from parsers.records import Leg

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parsers.formats import Line, Planned, SoFar
    from parsers.records import Outcome, Record
    from parsers.stamps import Stamps

_NAME = "nortel/norstar-realtime"
EVENT = Words(
    Field("date", r"\*\d{6}"),
    Field("time", r"\d{6}"),
    Field("line", r"\d{4}"),
    Field("station", r"\d{2,7}|"),
    Field("number", r"/?\d{1,12}x?|UNKNOWN|PRIVATE"),
    Field("name", r"\S(?:.{0,30}\S)?|"),
    Field("type", "[A-Z]"),
    Field("event", "[GDANTR]"),
)

_BEFORE_A_STATION = frozenset("GD")
_OUTCOMES: dict[str, Outcome] = {"A": "answered", "T": "answered", "R": "answered", "N": "unanswered"}
_UNKNOWN = frozenset({"", "UNKNOWN", "PRIVATE"})
_LONGEST_CALLER = 11
_LONGEST_S = 12 * 3600
_SET_BACK_S = 3600
"""By so much the clock may be set back between two events."""


def _read(line: Line, stamps: Stamps) -> Record:
    date, time, trunk, station, number, name, kind, event = line.cells
    if station and event in _BEFORE_A_STATION:  # no station is printed yet: all stands one place further
        station, number, name = "", station, f"{number} {name}".strip()
    start, doubt = stamps.date_and_second(
        f"{date[1:3]}/{date[3:5]}/{date[5:7]}", f"{time[0:2]}:{time[2:4]}:{time[4:6]}", line.received
    )
    extra: dict[str, Any] = {"event": event, "call_type": kind}
    if doubt:
        extra["doubt"] = doubt
    leg = Leg(line.offset, _NAME, start, 1, "incoming", _OUTCOMES.get(event, "unknown"), extra=extra, raw=line.text)
    leg.extension, leg.trunk = station or None, trunk.lstrip("0") or "0"
    leg.number = number.strip("/x") if number not in _UNKNOWN else None
    if leg.number and leg.number != number:
        extra["caller"] = number
    if event == "D":
        leg.did = name or None
    elif name not in _UNKNOWN:
        extra["name"] = name
    leg.transferred = event == "T"
    if event == "N":
        leg.talk_s = 0
    return leg


def _event(leg: Leg) -> str:
    return str((leg.extra or {}).get("event"))


def _continues(last: Leg, leg: Leg) -> bool:
    """Every event but the ringing goes on with the call of its line, until that was released."""
    if _event(leg) == "G" or _event(last) == "R" or last.start is None or leg.start is None:
        return False
    return -_SET_BACK_S <= leg.start - last.start <= _LONGEST_S


def _adds(call: SoFar, leg: Leg) -> Leg:
    """It rang from the first event to the answer, or to the end of waiting; from there on they talked."""
    event, passed = _event(leg), None if leg.start is None else max(0, leg.start - call.start)
    if event in {"A", "N"} and call.outcome == "unknown":
        return msgspec.structs.replace(leg, ring_s=passed)
    if event != "R":
        return leg
    if call.outcome == "answered" and passed is not None:
        return msgspec.structs.replace(leg, talk_s=max(0, passed - (call.ring_s or 0)))
    return msgspec.structs.replace(leg, outcome=call.outcome)


def _cells(leg: Planned) -> Sequence[tuple[int, dict[str, str]]]:
    """The events of a planned leg."""
    answer = leg.start + timedelta(seconds=leg.ring_s)
    if leg.outcome != "answered":
        events = [("G", leg.start), ("N", answer)]
    elif leg.transferred:
        events = [("T", leg.start), ("R", leg.start + timedelta(seconds=leg.talk_s))]
    else:
        events = [("G", leg.start), ("A", answer)]
        if leg.last:
            events.append(("R", answer + timedelta(seconds=leg.talk_s)))
    digits = leg.number or "UNKNOWN"
    common = {
        "line": f"{leg.trunk:0>4}",
        "number": digits if len(digits) <= _LONGEST_CALLER else f"/{digits[:_LONGEST_CALLER]}",
        "name": "UNKNOWN",
        "type": "U",
    }
    return [
        (0, common | {"date": f"*{at:%m%d%y}", "time": f"{at:%H%M%S}", "event": event} | _station(event, leg.extension))
        for event, at in events
    ]


def _station(event: str, extension: str) -> dict[str, str]:
    return {} if event in _BEFORE_A_STATION else {"station": extension}


FORMATS = (
    Format(
        name=_NAME,
        title="Nortel Norstar, Enterprise Edge, BCM: Real Time",
        status="from manual",
        layouts=(EVENT,),
        read=_read,
        noise=((r"\*\d{6} \d{6} +\d{1,5} +H +[VBMF]$", "event"),),
        stamp="start",
        order="mdy",
        transport="serial, files",
        cells=_cells,
        ring_time=True,
        answered=True,
        internal=False,
        outgoing=False,
        line_end=b"\r\n\n",
        joining=Joining(
            key=lambda leg: leg.trunk,
            continues=_continues,
            more=lambda leg: _event(leg) not in {"N", "R"},
            rings=True,
            done=lambda leg: _event(leg) == "R",
            timeout_s=_LONGEST_S,
            adds=_adds,
        ),
        samples=(
            b"*030299 101205 0003         5550120      J DOE           U    G",
            b"*030299 101205 0003         5550120      5550100         U    D",
            b"*030299 101211 0003 2221    5550120      J DOE           U    A",
            b"*030299 101248 0003 2224    5550120      J DOE           U    T",
            b"*030299 101502 0003 2224    5550120      J DOE           U    R",
            b"*030299 102000 0012         /55501234567 UNKNOWN         D    G",
            b"*030299 102022 0012 2221    /55501234567 UNKNOWN         D    N",
        ),
    ),
)
