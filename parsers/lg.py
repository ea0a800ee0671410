"""LG, LG-Nortel, Ericsson-LG: GDK-100/162 and LDK-100/300, ipLDK, Aria SOHO: numbered report lines of fixed columns.

Manuals: ipLDK-20 and ipLDK-60 installation manuals, Aria SOHO programming manual, PGM 177 (widths, order, lost-call
print-out); no GDK manual was read: its columns come from the rule under its heading and from captures.

Port: RS-232 of the main board, speed programmable; TCP on ipLDK. Form feed and a heading begin every page; ``Site Name``
on LDK. Out of the box only long-distance calls are printed.

GDK, trunks of 2 digits, times of ``MM:SS`` or ``HH:MM:SS``::

     NO   STA CO   TIME       START            DIALED        ACT  CNT      COST    ACCOUNT CODE
    ---- ---- -- -------- -------------- ------------------- --- ------ ---------- ------------
    3233  141 28    02:47 11/19/02 09:26 O5550161            **
    3234  161 16    00:48 11/19/02 09:29 I RING 00:09

LDK, trunks of 3 digits::

     NO   STA   CO  TIME     START          DIALED             ACT  CNT   COST       ACCOUNT CODE
    ---- ----- --- -------- -------------- ------------------- --- ----- ----------- ------------
    9259 101   003 00:00:11 23/05/05 09:00 I RING 00:03
    9259 186   003 00:02:06 23/05/05 09:00 t

The stamp is the START, to the minute; date order is a setting (GDK month first, LDK day first). The time is talk, the
ring time is not in it. Letter of the dialled column: O outgoing, I incoming, t, T an in-, outgoing call after a
transfer; E between stations, P page, S text message; of lost calls G rang at a hunt group (station EXT: ordinary
ringing), H lost while held or transferred, R a direct call not answered; their time is the total, talk is not told.
On LDK the leg after a transfer has the number of the call; on GDK a number of its own.

Where callers are told, their number stands behind the letter (``I05550151``, ``t05550151``), in place of the ring time.
A PBX that is set to print no NO begins its lines with the station.

Not certain: whether an outgoing call was answered; digits behind the letter of an incoming call: up to five are taken for
what the caller dialled, more for the caller's number; minutes of a ring of an hour or more print as ``**``.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from parsers.durations import clock, counted
from parsers.formats import Format, Joining
from parsers.layout import Column, Columns
from parsers.records import Leg, Noise, Rejected

if TYPE_CHECKING:
    from collections.abc import Callable

    from parsers.formats import Line, Planned
    from parsers.records import Direction, Outcome, Record
    from parsers.stamps import Stamps

_START = r"\d\d/\d\d/\d\d \d\d:\d\d"
_DIALED = r"[A-Za-z].{18}"

GDK = Columns(
    Column("no", 1, 4, r"[ \d]{4}"),
    Column("station", 6, 9, r"[ *#\dA-Z]{4}", ">"),
    Column("trunk", 11, 12, r"[ \d]{2}"),
    Column("time", 14, 21, r"\d\d:\d\d:\d\d| {3}\d\d:\d\d| {2}\d{3}:\d\d", ">"),
    Column("start", 23, 36, _START),
    Column("dialed", 38, 56, _DIALED),
    Column("group", 58, 60, r"[ *\d]{3}"),
    Column("pulses", 62, 67, r"[ \d]{6}", ">"),
    Column("cost", 69, 78, r"[ \d.,]{10}", ">"),
    Column("account", 80, 91),
)
LDK = Columns(
    Column("no", 1, 4, r"[ \d]{4}"),
    Column("station", 6, 10, r"[ *#\dA-Z]{5}"),
    Column("trunk", 12, 14, r"[ \d]{3}"),
    Column("time", 16, 23, r"\d\d:\d\d:\d\d"),
    Column("start", 25, 38, _START),
    Column("dialed", 40, 58, _DIALED),
    Column("group", 60, 62, r"[ *\d]{3}", ">"),
    Column("pulses", 64, 68, r"[ \d]{5}", ">"),
    Column("cost", 70, 80, r"[ \d.,]{11}", ">"),
    Column("account", 82, 93),
)

_RING = re.compile(r"(.*?) ?RI?NG +([\d*]+):(\d\d)")
TORN_RING = re.compile(r"[\d*#]* ?R(?:I|IN|ING)?(?: .*)?")
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
_LOST = frozenset("GHR")
_LOST_ON_HOLD = "H"
_EVENTS = frozenset("PS")
_NO_STATIONS = frozenset({"EXT", "DISA"})
LONGEST_EXTENSION = 5
"""Of the digits of an incoming call only their number tells whether they are the caller's or those the caller dialled."""
_NUMBER = 5
"""The width of the column NO, which may be left out, with the blank behind it."""
_JOIN_SLACK_S = 125
"""Stamps are whole minutes at both ends, and a transfer takes some seconds."""


def _reader(name: str) -> Callable[[Line, Stamps], Record]:
    def read(line: Line, stamps: Stamps) -> Record:
        no, station, trunk, time, start, dialed, group, pulses, cost, account = line.cells
        station = station.strip()
        letter, digits = dialed[0], dialed[1:].strip()
        if letter in _EVENTS:
            return Noise(line.offset, name, "event", line.text)
        direction = _DIRECTIONS.get(letter, "unknown")
        digits, ring_s, unread = _rung(digits) if ":" in digits else (digits, None, None)
        if "R" in digits and TORN_RING.fullmatch(digits):
            return Rejected(line.offset, name, "too-short", "the line ends in the ring time", line.text)
        total_s = counted(time)
        began, doubt = stamps.date_and_time(start[0:8], start[9:14], line.received)
        extra: dict[str, Any] = {"letter": letter}
        if doubt:
            extra["doubt"] = doubt
        if unread:
            extra["ring"] = unread
        if station in _NO_STATIONS:
            extra["station"] = station
        if total_s and letter in _LOST:
            extra["total_s"] = total_s
        if group.strip(" *"):
            extra["account_group"] = group.strip()
        caller = direction == "incoming" and len(digits) > LONGEST_EXTENSION
        outside = digits.lstrip("P") if direction == "outgoing" else digits if caller else ""
        return Leg(  # by position: by name takes as long as all the rest
            line.offset,
            name,
            began,
            60,
            direction,
            _outcome(letter, direction, total_s),
            None if station in _NO_STATIONS else station or None,
            (digits or None) if direction == "internal" else None,
            trunk.strip() or None,
            outside or None,
            (digits or None) if direction == "incoming" and not caller else None,
            ring_s,
            total_s if letter not in _LOST else None if letter == _LOST_ON_HOLD else 0,
            None,  # hold_s
            letter in "tT",
            False,  # noqa: FBT003  (conference)
            account.strip() or None,
            None,  # auth_code
            no.strip() or None,
            int(pulses) if pulses.strip().isdecimal() else None,
            cost.strip() or None,
            None,  # currency
            extra,
            line.text,
        )

    return read


@lru_cache(4096)
def _rung(dialed: str) -> tuple[str, int | None, str | None]:
    """Digits, ring time, and a ring time that cannot be read, of ``[digits] RING MM:SS``."""
    found = _RING.fullmatch(dialed)
    if not found:
        return dialed, None, None
    digits, minutes, seconds = found.groups()
    if not minutes.isdecimal():
        return digits, None, f"{minutes}:{seconds}"
    return digits, int(minutes) * 60 + int(seconds), None


def _outcome(letter: str, direction: Direction, total_s: int) -> Outcome:
    if letter in _LOST or total_s == 0:
        return "unanswered"
    return "answered" if direction in {"incoming", "internal"} else "unknown"


def _follows(last: Leg, leg: Leg) -> bool:
    """GDK numbers a transferred leg anew: it goes on, on the same trunk, about where the one before ended."""
    if not leg.transferred or last.start is None or leg.start is None or leg.direction != last.direction:
        return False
    return abs(leg.start - last.start - (last.ring_s or 0) - (last.talk_s or 0)) <= _JOIN_SLACK_S


def _same_number(last: Leg, leg: Leg) -> bool:
    """LDK keeps the call's number; where it prints none, the call goes on as on GDK."""
    return _follows(last, leg) if leg.pbx_call_id is None else leg.transferred


def _cells(time: Callable[[int], str], date: str) -> Callable[[Planned], dict[str, str]]:
    """The cells of a planned leg; calls between stations are not printed by default."""

    def cells(leg: Planned) -> dict[str, str]:
        incoming = leg.direction == "incoming"
        ring = f" RING {leg.ring_s // 60:02}:{leg.ring_s % 60:02}"
        if incoming:
            dialed = "t" if leg.transferred else "I" + ring if leg.outcome == "answered" else "G" + ring
        else:
            dialed = ("T" if leg.transferred else "O") + (leg.number or "")
        return {
            "no": f"{leg.serial % 10_000:04}",
            "station": leg.extension,
            "trunk": leg.trunk or "",
            "time": time(leg.talk_s),
            "start": leg.start.strftime(f"{date} %H:%M"),
            "dialed": dialed,
            "group": "" if incoming else "**",
            "account": leg.account_code or "",
        }

    return cells


def _short(seconds: int) -> str:
    return f"{seconds // 60:02}:{seconds % 60:02}" if seconds < 3600 else clock(seconds)


_NOISE = ((r"\s*(?:NO\s+)?STA\s+CO\s", "heading"), (r"[- ]{20,}$", "heading"), (r"-+ Site Name", "heading"))

FORMATS = (
    Format(
        name="lg/gdk",
        title="LG GDK-100/162",
        status="verified",
        layouts=(GDK,),
        read=_reader("lg/gdk"),
        noise=_NOISE,
        begins=r"\d{4} [ *#\dA-Z]{4} \d\d .{8} \d\d/\d\d/\d\d ",
        cuts=(_NUMBER,),
        stamp="start",
        order="mdy",
        transport="serial",
        cells=_cells(_short, "%m/%d/%y"),
        ring_time=True,
        answered=True,
        account_code=True,
        internal=False,
        joining=Joining(key=lambda leg: leg.trunk, continues=_follows),
        heading=(
            b"\f\r\n NO   STA CO   TIME       START            DIALED        ACT  CNT      COST    ACCOUNT CODE\r\n"
            b"---- ---- -- -------- -------------- ------------------- --- ------ ---------- ------------\r\n"
        ),
        samples=(
            b"3233  141 28    02:47 11/19/02 09:26 O5550161            ** ",
            b"3234  161 16    00:48 11/19/02 09:29 I RING 00:09",
            b"3247  180 08    01:53 11/19/02 09:44 t                   ** ",
            b"3283  EXT 13    00:00 11/19/02 10:14 G RING 00:14",
            b"3290  102 02 01:10:23 11/19/02 10:20 O005550148          **                       4711",
        ),
    ),
    Format(
        name="lg/ldk",
        title="LG LDK-100/300, ipLDK, Aria SOHO",
        status="verified",
        layouts=(LDK,),
        read=_reader("lg/ldk"),
        noise=_NOISE,
        begins=r"\d{4} [ *#\dA-Z]{5} \d\d\d \d\d:\d\d:\d\d \d\d/\d\d/\d\d ",
        cuts=(_NUMBER,),
        stamp="start",
        transport="serial, TCP",
        cells=_cells(clock, "%d/%m/%y"),
        ring_time=True,
        answered=True,
        account_code=True,
        internal=False,
        joining=Joining(key=lambda leg: f"{leg.pbx_call_id} {leg.trunk}", continues=_same_number),
        heading=(
            b"\f---- Site Name : PBX           -------------------------------------------------------------\r\n"
            b" NO   STA   CO  TIME     START          DIALED             ACT  CNT   COST       ACCOUNT CODE\r\n"
            b"---- ----- --- -------- -------------- ------------------- --- ----- ----------- ------------\r\n"
        ),
        samples=(
            b"9253 161   004 00:00:21 23/05/05 08:49 O05550137           **     0           0             ",
            b"9259 101   003 00:00:11 23/05/05 09:00 I RING 00:03                                          ",
            b"9259 186   003 00:02:06 23/05/05 09:00 t                                                     ",
            b"9279 121   002 00:00:00 23/05/05 09:45 R121 RING 00:07                                       ",
            b"9281 101   003 00:00:18 23/05/05 09:46 I05550151                                             ",
            b"6174 413   002 00:00:41 14/05/02 16:44 O5550159             1     0           0             ",
        ),
    ),
)
