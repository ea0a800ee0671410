"""Telrad: lines of fixed columns, a call's parts on lines of their own, alarms in between.

No manual was found: the layout comes from a capture, which a buffer has stamped; without the buffer the line begins one
blank before the trunk.

Port: RS-232, speed programmable. The buffer's date and time, trunk, extension, time, duration, direction, kind, digits,
time to the answer::

    18.02.2003 00:17  802          12:13 AM     01:29  I S-E                                  00:11
    18.02.2003 00:17   "     233                00:20
    18.02.2003 00:17   "     223                01:10
    18.02.2003 00:17   "                        00:12  H
    18.02.2003 00:19  801    223   12:14 AM     01:26  O S-E               5550120

The PBX prints the START, to the minute, without a date: the day is the one that puts it nearest to the buffer's stamp,
which is some minutes later (another clock, and the line comes when the call has ended), or else to the receive time.

A line without an extension gives the total of a call of several parts; the parts follow, each with ``"`` in place of the
trunk: who spoke how long, and H, how long the call was on hold. The total is kept apart, so that talk is counted once.
``MSG`` lines, with a time and date of their own below, are alarms.

Not certain: whether an outgoing call was answered; S-E, the same on every line seen, kept apart; what durations of an
hour or more look like: ``H:MM:SS`` and ``MMM:SS`` are both taken.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from msgspec import structs

from parsers.durations import counted
from parsers.formats import Format, Joining
from parsers.layout import Column, Columns, arranged
from parsers.records import Leg

if TYPE_CHECKING:
    from datetime import tzinfo

    from parsers.formats import Line, Planned, SoFar
    from parsers.records import Direction, Outcome, Record
    from parsers.stamps import Stamps

_NAME = "telrad/smdr"
_STAMP = r"\d\d\.\d\d\.\d{4} \d\d:\d\d"
_EXTENSION = r"[ *#\dA-Z]{4}"
_SPELL = r" {3}\d\d:\d\d| {2}\d{3}:\d\d| \d:\d\d:\d\d|\d\d:\d\d:\d\d"


def _call(shift: int) -> tuple[Column, ...]:
    columns = (
        Column("trunk", 2, 4, r"[*#\dA-Z][ *#\dA-Z]{2}"),
        Column("extension", 9, 12, _EXTENSION),
        Column("time", 15, 22, r"[ \d]\d:\d\d (?:[AP]M|  )"),
        Column("duration", 25, 32, _SPELL, ">"),
        Column("direction", 35, 35, "[A-Z]"),
        Column("kind", 37, 39, r"[ \w-]{3}"),
        Column("number", 55, 72, r"[ *#\dA-F]{18}"),
        Column("ring", 74, 78, r"\d\d:\d\d| {5}"),
    )
    return tuple(column._replace(first=column.first + shift, last=column.last + shift) for column in columns)


def _part(shift: int) -> tuple[Column, ...]:
    columns = (
        Column("ditto", 3, 3, '"'),
        Column("extension", 9, 12, _EXTENSION),
        Column("duration", 25, 32, _SPELL, ">"),
        Column("hold", 35, 35, "[ H]"),
    )
    return tuple(column._replace(first=column.first + shift, last=column.last + shift) for column in columns)


_BUFFER = Column("stamp", 1, 16, _STAMP)
_SHIFT = 17
CALL = Columns(*_call(0))
STAMPED_CALL = Columns(_BUFFER, *_call(_SHIFT))
PART = Columns(*_part(0))
STAMPED_PART = Columns(_BUFFER, *_part(_SHIFT))

_NAMES = ("ditto", "stamp", "extension", "duration", "hold", "trunk", "time", "direction", "kind", "number", "ring")
_LAYOUTS = (CALL, STAMPED_CALL, PART, STAMPED_PART)
_ARRANGED = tuple(arranged(layout, _NAMES) for layout in _LAYOUTS)

_DIRECTIONS: dict[str, Direction] = {"I": "incoming", "O": "outgoing"}
_HALF_DAY = 12 * 60


def _read(line: Line, stamps: Stamps) -> Record:
    ditto, stamp, extension, duration, hold, *cells = _ARRANGED[line.layout](line.cells)
    extension = extension.strip()
    spell_s = counted(duration)
    extra: dict[str, Any] = {"logged": stamp} if stamp else {}
    if ditto:
        return _part_of(line, extension, spell_s, extra | {"segment": True}, held=hold == "H")
    trunk, time, letter, kind, number, ring = cells
    direction = _DIRECTIONS.get(letter, "unknown")
    start, doubt = _start(stamp, time, stamps, line.received)
    number = number.strip()
    extra["type"] = kind.strip()
    if doubt:
        extra["doubt"] = doubt
    parts_follow = not extension and spell_s > 0
    if parts_follow:
        extra["total_s"] = spell_s
    return Leg(  # by position: by name takes as long as all the rest
        line.offset,
        _NAME,
        start,
        60,
        direction,
        _outcome(direction, spell_s),
        extension or None,
        None,  # peer_extension
        trunk.strip(),
        number or None,
        None,  # did
        None if ring.isspace() else counted(ring),
        None if parts_follow else spell_s,
        None,  # hold_s
        False,  # noqa: FBT003  (transferred)
        False,  # noqa: FBT003  (conference)
        None,  # account_code
        None,  # auth_code
        None,  # pbx_call_id
        None,  # meter_pulses
        None,  # pbx_cost
        None,  # currency
        extra,
        line.text,
    )


def _part_of(line: Line, extension: str, spell_s: int, extra: dict[str, Any], *, held: bool) -> Leg:
    """A part of the call above: what it says beside who and how long stands on the call's own line."""
    return Leg(  # by position, as above
        line.offset,
        _NAME,
        None,
        60,
        "unknown",
        "unknown",
        extension or None,
        None,  # peer_extension
        None,  # trunk
        None,  # number
        None,  # did
        None,  # ring_s
        None if held else spell_s,
        spell_s if held else None,
        False,  # noqa: FBT003  (transferred)
        False,  # noqa: FBT003  (conference)
        None,  # account_code
        None,  # auth_code
        None,  # pbx_call_id
        None,  # meter_pulses
        None,  # pbx_cost
        None,  # currency
        extra,
        line.text,
    )


def _outcome(direction: Direction, total_s: int) -> Outcome:
    if total_s == 0:
        return "unanswered"
    return "answered" if direction == "incoming" else "unknown"


def _start(stamp: str, time: str, stamps: Stamps, received: float) -> tuple[int | None, str | None]:
    """The start of the day that puts it nearest to the buffer's stamp or, where there is none, to the receive time."""
    clock, minute = _clock(time)
    if not stamp:
        stamp = _wall_clock(int(received // 60), stamps.zone)
    days = _days(minute - int(stamp[11:13]) * 60 - int(stamp[14:16]))
    date = _days_later(stamp[:10], days) if days else stamp
    return stamps.date_and_time(f"{date[:6]}{date[8:10]}", clock, received)


@lru_cache(256)
def _days_later(date: str, days: int) -> str:
    """``DD.MM.YYYY`` so many days later; as it is where there is no such date."""
    try:
        day = datetime(int(date[6:10]), int(date[3:5]), int(date[0:2]), tzinfo=UTC) + timedelta(days=days)
    except (ValueError, OverflowError):
        return date
    return f"{day.day:02}.{day.month:02}.{day.year:04}"


def _days(ahead: int) -> int:
    """By how many days a clock that is so many minutes ahead of another belongs to another day."""
    return -1 if ahead > _HALF_DAY else 1 if ahead < -_HALF_DAY else 0


@lru_cache(4096)
def _clock(time: str) -> tuple[str, int]:
    """``HH:MM AM``, or ``HH:MM`` alone, as a time of 24 hours, and as minutes of the day."""
    hour, minute = int(time[0:2]), int(time[3:5])
    if hour <= 12 and time[6] != " ":
        hour = hour % 12 + (12 if time[6] == "P" else 0)
    return f"{hour:02}:{minute:02}", hour * 60 + minute


@lru_cache(256)
def _wall_clock(minute: int, zone: tzinfo | None) -> str:
    return f"{datetime.fromtimestamp(minute * 60, zone or UTC):%d.%m.%Y %H:%M}"


def _is_part(leg: Leg) -> bool:
    return bool(leg.extra and leg.extra.get("segment"))


def _continues(last: Leg, leg: Leg) -> bool:
    """A part belongs to the call above it; the buffer stamps them alike."""
    return _is_part(leg) and (last.extra or {}).get("logged") == (leg.extra or {}).get("logged")


def _adds(call: SoFar, leg: Leg) -> Leg:
    """A part goes the way of its call, and was answered if that was."""
    return structs.replace(leg, direction=call.direction, outcome=call.outcome)


def _cells(leg: Planned) -> dict[str, str]:
    """The cells of a planned leg; calls between extensions are not printed."""
    incoming = leg.direction == "incoming"
    hours, minutes, seconds = leg.talk_s // 3600, leg.talk_s // 60 % 60, leg.talk_s % 60
    return {
        "trunk": leg.trunk or "",
        "extension": leg.extension,
        "time": f"{leg.start:%I:%M %p}",
        "duration": f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes:02}:{seconds:02}",
        "direction": "I" if incoming else "O",
        "kind": "S-E",
        "number": "" if incoming else leg.number or "",
        "ring": f"{leg.ring_s // 60:02}:{leg.ring_s % 60:02}" if incoming else "",
    }


_STAMPED = f"(?:{_STAMP} )?"

FORMATS = (
    Format(
        name=_NAME,
        title="Telrad",
        status="verified",
        layouts=_LAYOUTS,
        read=_read,
        noise=(
            (_STAMPED + r"MSG +\d+ ", "event"),
            (_STAMPED + r"\d\d:\d\d [A-Z]{3} [ \d]\d,\d{4} *$", "event"),
            (_STAMP + " *$", "blank"),
        ),
        begins=rf"{_STAMP} {{2}}",
        stamp="start",
        transport="serial",
        cells=_cells,
        ring_time=True,
        answered=True,
        internal=False,
        joining=Joining(
            key=lambda _leg: "the call above",
            continues=_continues,
            more=lambda leg: bool(leg.extra and "total_s" in leg.extra),
            timeout_s=600,
            adds=_adds,
        ),
        samples=(
            b"18.02.2003 00:17  802          12:13 AM     01:29  I S-E                                  00:11",
            b'18.02.2003 00:17   "     233                00:20  ',
            b'18.02.2003 00:17   "                        00:12  H  ',
            b"18.02.2003 00:19  801    223   12:14 AM     01:26  O S-E               5550120",
            b" 801    237   05:24 AM     01:58  O S-E               80555105016",
            b" 802          12:16 AM   1:00:55  O S-E               5550132",
            b'  "     223              1:00:55  ',
        ),
    ),
)
