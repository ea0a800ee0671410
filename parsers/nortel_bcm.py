"""Nortel Norstar (SMDR6), Enterprise Edge and BCM: SL-1 records of one line or two.

Manuals: SMDR6 System Coordinator Guide, P0907246; BCM Call Detail Recording System Administration Guide, P0911648,
P0993139 and N0060599 (report format SL-1, types Standard and CLID).

Port: as of the Norstar reports. The columns are those of a Meridian 1 (``nortel/meridian-1``), but parties and the second
line are written otherwise::

    N 027 00 DN2431  T012000 04/04 14:03 00:02:11 5550143
    N 028 00 T007000 DN2221  04/04 14:26 00:10:09
      5550120xxxxxxxxx
    type no customer originator terminator date time duration digits

A party is a station (DN), a line (T, three digits and 000; behind a physical line stands the target line in place of 000:
``T017103``) or a conference (CF). The second line comes where the caller is known: 16 characters, filled up with x; or
where the exchange told a charge: pulses and an amount (``00000 000017``).

Types: N a whole call; S the start, X the transfer and E the end of a call that was handed on or was a conference: these
have no duration. A, C, M (codes) and I (restarted) are events. No year is printed. A ring time is not printed.

The stamp is the START, that of E the end; a call from S to E lasts the minutes between them.

Not certain: columns behind the originator, which fit the manual's samples (without a duration the digits may stand in its
place); where the second line's charge stands; which call the code of A, C or M belongs to, so that it is not read; whether
calls that nobody answered are printed at all; whether the other side answered an outgoing call: ``unknown``.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

from parsers.continuing import Continued
from parsers.durations import clock, seconds
from parsers.formats import Format, Joining
from parsers.layout import Column, Columns, Stacked, arranged
from parsers.nortel import Party, beginning, direction_of
from parsers.records import Leg, Noise, Rejected

if TYPE_CHECKING:
    from parsers.formats import Line, Planned, SoFar
    from parsers.records import Direction, Outcome, Record
    from parsers.stamps import Stamps

_NAME = "nortel/bcm-sl1"
_PARTY = r"T\d{3}(?:000|[1-9]\d\d)|DN\d[\d ]{4}|CF\d{4}[\d ]"
_TIME = Column("time", 32, 36, r"\d\d:\d\d")
_SECOND = Columns(Column("further", 1, 2, "[ &]{2}"), Column("rest", 3, 80, r"(?=.*[\dxX])[ \dxX]{78}"))
RECORD = Stacked(
    Columns(
        *beginning("[NSXEACM]", _PARTY),
        _TIME,
        Column("duration", 38, 45, r"\d\d:\d\d:\d\d| {8}"),
        Column("digits", 47, 80, r"[ \d*#]{34}"),
    ),
    _SECOND,
)
WITHOUT_DURATION = Stacked(
    Columns(*beginning("[SXEACM]", _PARTY), _TIME, Column("digits", 38, 80, r"[ \d*#]{43}")),
    _SECOND,
)
_ORDER = ("type", "no", "customer", "originator", "terminator", "date", "time", "duration", "digits", "rest")
_RECORDS = (RECORD, WITHOUT_DURATION)
_ARRANGED = tuple(arranged(layout, _ORDER) for layout in _RECORDS)
_FIRST = r"[NSXEACM] \d{3} \d\d (?:T\d{6}|DN\d|CF\d{4})"
_BEHIND = re.compile(r" *(?:([\dxX]{16}) *)?(?:(\d{5}) +(\d{6}) *)?")
_CALLS = frozenset("NSXE")
_OPEN = frozenset("SX")
_CLOSING = frozenset("XE")
_LONGEST_S = 12 * 3600


def _read(line: Line, stamps: Stamps) -> Record:
    if line.layout == len(_RECORDS):
        return Rejected(line.offset, _NAME, "cut-off", "the first line of the record is missing", line.text)
    kind, no, customer, origin, terminal, date, time, duration, digits, rest = _ARRANGED[line.layout](line.cells)
    if kind not in _CALLS:
        return Noise(line.offset, _NAME, "event", line.text)
    calling, called = _party(origin), _party(terminal)
    start, doubt = stamps.day_and_time(int(date[0:2]), int(date[3:5]), time, line.received)
    talk_s = seconds(duration or " ")
    if start is not None and stamps.printed == "end":
        start -= talk_s or 0
    direction = "unknown" if kind in _CLOSING else direction_of(calling, called)
    ours = called if calling.trunk else calling
    behind = _BEHIND.fullmatch(rest)
    caller, pulses, cost = behind.groups() if behind else (None, None, None)
    extra = {"type": kind, "no": no, "customer": customer}
    targets = [cell[4:] for cell in (origin, terminal) if cell[0] == "T" and cell[4:] != "000"]
    if targets:
        extra["target_line"] = targets[0]
    if direction == "tandem":
        extra["trunk_out"] = called.trunk or ""
    if caller and direction != "incoming":
        extra["caller"] = caller.strip("xX")
    if rest.strip() and not behind:
        extra["rest"] = rest.strip()
    if doubt:
        extra["doubt"] = doubt
    return Leg(
        offset=line.offset,
        format=_NAME,
        start=start,
        resolution_s=60,
        direction=direction,
        outcome=_outcome(kind, direction, talk_s),
        extension=ours.extension,
        peer_extension=called.extension if direction == "internal" else None,
        trunk=calling.trunk or called.trunk,
        number=(caller or "").strip("xX") or None if direction == "incoming" else digits.strip() or None,
        talk_s=talk_s,
        transferred=kind == "X",
        conference="CF" in {origin[:2], terminal[:2]},
        meter_pulses=int(pulses or 0) or None,
        pbx_cost=cost if cost and int(cost) else None,
        extra=extra,
        raw=line.text,
    )


@lru_cache(4096)
def _party(cell: str) -> Party:
    """Who a party's cell names; a conference is nobody."""
    if cell[0] == "T":
        return Party(None, cell[1:4].lstrip("0") or "0")
    return Party(cell[2:].strip() if cell[0] == "D" else None)


def _outcome(kind: str, direction: Direction, talk_s: int | None) -> Outcome:
    """Only an incoming call tells: by a duration, or by being handed on."""
    if direction == "incoming" and (talk_s or kind == "S"):
        return "answered"
    return "unanswered" if talk_s == 0 else "unknown"


def _kind(leg: Leg) -> str:
    return str((leg.extra or {}).get("type", ""))


def _continues(last: Leg, leg: Leg) -> bool:
    """X and E go on with S and X of their line."""
    if _kind(last) not in _OPEN or _kind(leg) not in _CLOSING or last.start is None or leg.start is None:
        return False
    return 0 <= leg.start - last.start <= _LONGEST_S


def _adds(call: SoFar, leg: Leg) -> Leg:
    """The minutes from the start to the end, less than one is not known; another station at the end was handed it."""
    if _kind(leg) != "E" or leg.start is None:
        return leg
    transferred = leg.extension not in {None, call.extension}
    return msgspec.structs.replace(leg, talk_s=leg.start - call.start or None, transferred=transferred)


def _cells(leg: Planned) -> dict[str, str]:
    line, station = f"T{leg.trunk:0>3}000", f"DN{leg.extension}"
    incoming = leg.direction == "incoming"
    return {
        "type": "N",
        "no": f"{leg.serial % 128:03}",
        "customer": "00",
        "originator": line if incoming else station,
        "terminator": station if incoming else line,
        "date": f"{leg.start:%m/%d}",
        "time": f"{leg.start:%H:%M}",
        "duration": clock(leg.talk_s),
        "digits": "" if incoming else leg.number or "",
        "rest": (leg.number or "").ljust(16, "x")[:16] if incoming else "",
    }


FORMATS = (
    Format(
        name=_NAME,
        title="Nortel Norstar, Enterprise Edge, BCM: SL-1",
        status="from manual",
        layouts=(*_RECORDS, _SECOND),
        read=_read,
        noise=((r"I[ \d/:]+$", "event"),),
        begins=_FIRST,
        stamp="start",
        order="mdy",
        transport="serial, files",
        cells=_cells,
        internal=False,
        continued=Continued(first=((_FIRST, 2),), further=r"[ &]{2}[ \dxX]*[\dxX]"),
        joining=Joining(
            key=lambda leg: leg.trunk,
            continues=_continues,
            more=lambda leg: _kind(leg) in _OPEN,
            done=lambda leg: _kind(leg) not in _OPEN,
            timeout_s=_LONGEST_S,
            adds=_adds,
        ),
        samples=(
            b"N 027 00 DN2431  T012000 04/04 14:03 00:02:11 5550143",
            b"N 028 00 T007000 DN2221  04/04 14:26 00:10:09\r\n  5550120xxxxxxxxx",
            b"N 003 00 DN265   T021000 07/19 16:40 00:00:05 5550199\r\n  00000 000017",
            b"S 029 00 DN2447  T018000 04/04 15:02          5550144",
            b"X 030 00 T018000 DN2221  04/04 15:03",
            b"E 031 00 T018000 DN2221  04/04 15:07",
            b"S 032 00 T017103 DN2499  04/04 15:10",
            b"E 033 01 CF0001  T017103 04/04 15:12",
        ),
    ),
)
