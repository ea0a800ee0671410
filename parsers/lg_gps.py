"""GoldStar GPS-6A; LG GHX-46 and GMX-1232: short report lines of fixed columns.

No manual was found: the layouts come from captures and the headings in them.

Port: RS-232 of the main unit. GPS begins a page with a form feed and a heading; the others print one line after the
other, GHX with CR CR LF.

GPS, times of ``MM:SS`` (``H:MM:SS`` is taken too)::

      NO   STA  CO   TIME     START         DIALED            ACT  CNT     COST
     ----  ---  --  ----- --------------  ------------------- --- ------ -----------
     3598  102  03  00:50 03/09/05 17:23  O05550142
     3599  107  03  09:03 03/09/05 17:24  T05550142

GHX, GMX::

    STA CO  TOTAL  START   DATE     DIALED                     ACCOUNT CODE
    125 02 0:00:12 10:11 10/21/04 O 555018
    118 04 0:00:16 10:37 10/21/04 I
    129 02 0:02:28 10:37 10/21/04 t

The stamp is the START, to the minute, month first. The time is talk; neither ring times nor calls that nobody answered
were seen. The letter: O outgoing, I incoming, t, T an in-, outgoing call after a transfer; lost calls (G, H, R), the ring
time behind RING and the digits of an incoming call are read as their sisters GDK and LDK print them.

Not certain: whether an outgoing call was answered; the place of the account code of GHX, taken for what stands behind
the digits and a blank; the date order of GPS, after its sister GDK.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from parsers.durations import counted
from parsers.formats import Format, Joining
from parsers.layout import Column, Columns, padded_digits
from parsers.lg import LONGEST_EXTENSION, TORN_RING
from parsers.records import Leg, Rejected

if TYPE_CHECKING:
    from parsers.formats import Line, Planned
    from parsers.records import Direction, Outcome, Record
    from parsers.stamps import Stamps

_DATE = r"\d\d/\d\d/\d\d"
_MINUTE = r"\d\d:\d\d"

GPS = Columns(
    Column("no", 2, 5, r"[ \d]{4}"),
    Column("station", 7, 10, r"[ *#\dA-Z]{4}", ">"),
    Column("trunk", 13, 14, r"[ \d]{2}"),
    Column("time", 15, 21, r"\d:\d\d:\d\d| {2}\d\d:\d\d| \d{3}:\d\d", ">"),
    Column("date", 23, 30, _DATE),
    Column("start", 32, 36, _MINUTE),
    Column("letter", 39, 39, "[A-Za-z]"),
    Column("dialed", 40, 57, r"[ :*#\dA-Z]{18}"),
    Column("group", 59, 61, r"[ *\d]{3}"),
    Column("pulses", 63, 68, padded_digits(6), ">"),
    Column("cost", 70, 80, r"[ \d.,]{11}", ">"),
)
GHX = Columns(
    Column("station", 1, 4, r"[ *#\dA-Z]{4}"),
    Column("trunk", 5, 6, r"[ \d]{2}"),
    Column("time", 8, 14, r"\d:\d\d:\d\d| {2}\d\d:\d\d", ">"),
    Column("start", 16, 20, _MINUTE),
    Column("date", 22, 29, _DATE),
    Column("letter", 31, 31, "[A-Za-z]"),
    Column("dialed", 33, 66, r"[ :*#\dA-Z]{34}"),
)

_DIRECTIONS: dict[str, Direction] = {
    "O": "outgoing",
    "T": "outgoing",
    "I": "incoming",
    "t": "incoming",
    "G": "incoming",
    "H": "incoming",
    "R": "incoming",
    "E": "internal",
}
_RING = re.compile(r"(.*?) ?RI?NG +(\d+):(\d\d) *(.*)")
_LOST = frozenset("GHR")
_NO_STATIONS = frozenset({"EXT", "DISA"})
_JOIN_SLACK_S = 125
"""Stamps are whole minutes at both ends, and a transfer takes some seconds."""


def _leg(
    line: Line,
    name: str,
    start: tuple[int | None, str | None],
    cells: tuple[str, str, str, str, str],
    extra: dict[str, Any],
    no: str = "",
    charge: tuple[str, str] = ("", ""),
) -> Record:
    """``no`` is the record's number, ``charge`` are pulses and cost."""
    station, trunk, letter, time, dialed = cells
    pulses, cost = charge
    digits, ring_s, account = _told(dialed)
    if "R" in digits and TORN_RING.fullmatch(digits):
        return Rejected(line.offset, name, "too-short", "the line ends in the ring time", line.text)
    station = station.strip()
    direction = _DIRECTIONS.get(letter, "unknown")
    began, doubt = start
    talk_s = counted(time)
    extra["letter"] = letter
    if station in _NO_STATIONS:
        extra["station"] = station
    if letter in _LOST:
        extra["total_s"], talk_s = talk_s, 0
    if doubt:
        extra["doubt"] = doubt
    incoming = direction == "incoming"
    caller = incoming and len(digits) > LONGEST_EXTENSION
    return Leg(  # by position: by name takes as long as all the rest
        line.offset,
        name,
        began,
        60,
        direction,
        _outcome(direction, talk_s),
        None if station in _NO_STATIONS else station or None,
        (digits or None) if direction == "internal" else None,
        trunk.strip() or None,
        (digits or None) if caller or direction == "outgoing" else None,
        (digits or None) if incoming and not caller else None,
        ring_s,
        talk_s,
        None,  # hold_s
        letter in "tT",
        False,  # noqa: FBT003  (conference)
        account or None,
        None,  # auth_code
        no or None,
        int(pulses) if pulses else None,
        cost or None,
        None,  # currency
        extra,
        line.text,
    )


def _read_gps(line: Line, stamps: Stamps) -> Record:
    no, station, trunk, time, date, start, letter, dialed, group, pulses, cost = line.cells
    extra: dict[str, Any] = {}
    if group.strip(" *"):
        extra["account_group"] = group.strip()
    began = stamps.date_and_time(date, start, line.received)
    charge = pulses.strip(), cost.strip()
    return _leg(line, "lg/gps", began, (station, trunk, letter, time, dialed), extra, no.strip(), charge)


def _read_ghx(line: Line, stamps: Stamps) -> Record:
    station, trunk, time, start, date, letter, dialed = line.cells
    began = stamps.date_and_time(date, start, line.received)
    return _leg(line, "lg/ghx", began, (station, trunk, letter, time, dialed), {})


@lru_cache(4096)
def _told(dialed: str) -> tuple[str, int | None, str]:
    """Digits, ring time and account code of ``[digits] [RING MM:SS] [account code]``."""
    found = _RING.fullmatch(dialed)
    if found:
        digits, minutes, seconds, account = found.groups()
        return digits.strip(), int(minutes) * 60 + int(seconds), account
    digits, _, account = dialed.rstrip().partition(" ")
    return digits, None, account.strip()


def _outcome(direction: Direction, talk_s: int) -> Outcome:
    if talk_s == 0:
        return "unanswered"
    return "answered" if direction in {"incoming", "internal"} else "unknown"


def _continues(last: Leg, leg: Leg) -> bool:
    """A transferred leg goes on with the call on its trunk, about where that ended."""
    if not leg.transferred or last.start is None or leg.start is None or leg.direction != last.direction:
        return False
    return abs(leg.start - last.start - (last.talk_s or 0)) <= _JOIN_SLACK_S


_JOINING = Joining(key=lambda leg: leg.trunk, continues=_continues)


def _letter(leg: Planned) -> str:
    if leg.direction == "incoming":
        return "t" if leg.transferred else "I"
    return "T" if leg.transferred else "O"


def _gps_cells(leg: Planned) -> dict[str, str]:
    minutes, seconds = divmod(leg.talk_s, 60)
    return {
        "no": f"{leg.serial % 10_000:04}",
        "station": leg.extension,
        "trunk": f"{leg.trunk or '':>2}",
        "time": f"{minutes:02}:{seconds:02}",
        "date": f"{leg.start:%m/%d/%y}",
        "start": f"{leg.start:%H:%M}",
        "letter": _letter(leg),
        "dialed": "" if leg.direction == "incoming" else leg.number or "",
    }


def _ghx_cells(leg: Planned) -> dict[str, str]:
    return {
        "station": leg.extension,
        "trunk": leg.trunk or "",
        "time": f"{leg.talk_s // 3600}:{leg.talk_s // 60 % 60:02}:{leg.talk_s % 60:02}",
        "date": f"{leg.start:%m/%d/%y}",
        "start": f"{leg.start:%H:%M}",
        "letter": _letter(leg),
        "dialed": ("" if leg.direction == "incoming" else leg.number or "").ljust(20) + (leg.account_code or ""),
    }


FORMATS = (
    Format(
        name="lg/gps",
        title="GoldStar GPS-6A",
        status="verified",
        layouts=(GPS,),
        read=_read_gps,
        noise=((r" *(?:NO +STA +CO|-{3,} +-{3,} +--)", "heading"),),
        begins=r" \d{4} .{4} {2}\d\d.{7} \d\d/\d\d/\d\d \d\d:\d\d ",
        cuts=(1,),
        stamp="start",
        order="mdy",
        transport="serial",
        cells=_gps_cells,
        internal=False,
        joining=_JOINING,
        heading=(
            b"\f  NO   STA  CO   TIME     START         DIALED            ACT  CNT     COST\r\n"
            b" ----  ---  --  ----- --------------  ------------------- --- ------ -----------\r\n"
        ),
        samples=(
            b" 3598  102  03  00:50 03/09/05 17:23  O05550142                 ",
            b" 3599  107  03  09:03 03/09/05 17:24  T05550142           ",
            b" 3604  100  01 100:46 03/09/05 18:53  O85550126           ",
            b" 3605  100  01  00:46 03/09/05 19:53  I",
            b" 3606  101  01  00:12 03/09/05 19:54  G RING 00:12",
        ),
    ),
    Format(
        name="lg/ghx",
        title="LG GHX-46, GMX-1232",
        status="verified",
        layouts=(GHX,),
        read=_read_ghx,
        noise=((r"STA CO +TOTAL +START", "heading"),),
        begins=r"[*#\dA-Z]{3}.\d\d \d:\d\d:\d\d \d\d:\d\d \d\d/\d\d/\d\d ",
        stamp="start",
        order="mdy",
        transport="serial",
        cells=_ghx_cells,
        account_code=True,
        internal=False,
        joining=_JOINING,
        heading=b"STA CO  TOTAL  START   DATE\tDIALED\t                 ACCOUNT CODE         \r\r\n\r\r\n",
        line_end=b"\r\r\n",
        samples=(
            b"125 02 0:00:12 10:11 10/21/04 O 555018                            ",
            b"124 05 0:08:24 10:00 10/21/04 I                                   ",
            b"129 02 0:02:28 10:37 10/21/04 t",
            b"102 01 0:00:22 10:55 10/21/04 O 555045              4711",
        ),
    ),
)
