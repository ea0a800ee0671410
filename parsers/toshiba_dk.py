"""Toshiba Strata DK8, DK16, DK40, DK280 and DK424: call records without a date.

Manuals: Strata DK installation manuals, "SMDR" (the tables of DK16 and of DK40 to DK424 agree but for the width of the line).

Port: RS-232, 8N1; DK280 300 or 1200 by a switch, or 1200 to 9600 (Program 76). Calls shorter than the threshold of Program
60-2 (1 or 10 seconds) are not printed; Program 60-3 may leave out incoming, 60-5 local calls.

Record; of DK8 and DK16 the line has two digits, so that all stands one column left, and the account code is the last::

    004 1138 09:05 00:03;22            5550144                    4711            *
    002 109  09:02 00:01;18 00:09                                                   5550120
    li.*stat relea talk     ring  to   dialled................... account........ m caller.......... sub-addresses

The stamp is the END (release) in minutes; the date stands on a line of its own, ``03/02/26``, every 50 records and at
midnight, in the order of the country. ``*`` behind the line: the call was ended by a disconnect. Station: ABAN an incoming
call nobody answered, MSS one through DISA nobody answered, DISA a call through the PBX, MODM its modem. Ring is the time
before the answer, blank on outgoing calls. M: ``*`` the other side of an outgoing call answered, and its time is that of
the talk. A call through DISA has two lines, one for each trunk, with equal times: they are one call. DISA behind ``*``
may stand one column to the right, and all that follows with it.

Not certain: whether the time of an incoming call holds its ring time; it is taken not to. An outgoing call without a mark
was perhaps answered: ``unknown``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from parsers.durations import clock, seconds
from parsers.formats import Format, Joining
from parsers.layout import Column, Columns, Delimited, Field
from parsers.records import Leg, Noise

if TYPE_CHECKING:
    from parsers.formats import Line, Planned, SoFar
    from parsers.records import Direction, Outcome, Record
    from parsers.stamps import Stamps

_NAME = "toshiba/dk"
_STATION = r"\d{4}|\d{3} | \d{3}|\d\d  |  \d\d|ABAN|MSS | MSS|DISA|MODM"


def _record(digits: int, shift: int = 0) -> tuple[Column, ...]:
    """The columns of a record whose line has so many digits, what stands behind the ``*`` moved to the right."""
    at = digits + shift
    return (
        Column("line", 1, digits, rf"[ \d]{{{digits - 1}}}\d", ">"),
        Column("disconnected", digits + 1, digits + 1, "[* ]"),
        Column("station", at + 2, at + 5, _STATION),
        Column("time", at + 7, at + 11, r"\d\d:\d\d"),
        Column("duration", at + 13, at + 20, r"\d\d:\d\d[;:]\d\d"),
        Column("ring", at + 22, at + 26, r"\d\d[;:]\d\d| {5}"),
        Column("transferred_to", at + 28, at + 31, r"[ \d]{4}"),
        Column("dialled", at + 33, at + 58),
        Column("account", at + 60, at + 74, r"[ \d]{15}"),
    )


def _of_dk40(shift: int = 0) -> Columns:
    at = 3 + shift
    return Columns(
        *_record(3, shift),
        Column("mark", at + 76, at + 76, "[* ]"),
        Column("caller", at + 78, at + 93),
        Column("sub_address", at + 95, at + 114),
        Column("sub_address_received", at + 116, at + 135),
    )


DK40 = _of_dk40()
DK40_MOVED = _of_dk40(shift=1)
DK8 = Columns(*_record(2))
DK8_MOVED = Columns(*_record(2, shift=1))
DATE = Delimited(
    "/", Field("first", r" *\d\d"), Field("second", r"\d\d"), Field("year", r"\d\d(?:\d\d)? *"), at_least=3
)
_LAYOUTS = (DK40, DK8, DK40_MOVED, DK8_MOVED, DATE)

_DISA = "DISA"
_MISSED = frozenset({"ABAN", "MSS"})
_BOTH_LINES_S = 60


def _read(line: Line, stamps: Stamps) -> Record:
    if _LAYOUTS[line.layout] is DATE:
        first, second, year = map(int, line.cells)
        stamps.day_is(first, second, year, line.received)
        return Noise(line.offset, _NAME, "heading", line.text)
    trunk, disconnected, station, time, duration, ring, onward, dialled, account, *more = line.cells
    mark, caller, *sub_addresses = map(str.strip, more or ("", "", "", ""))
    station, dialled = station.strip(), dialled.strip()
    lasted_s = seconds(duration) or 0
    ring_s = None if ring.isspace() else int(ring[0:2]) * 60 + int(ring[3:5])
    missed = station in _MISSED
    direction: Direction = "outgoing"
    if station == _DISA:
        direction = "tandem"
    elif missed or ring_s is not None or caller:
        direction = "incoming"
    start, doubt = stamps.on_that_day(time, line.received)
    if start is not None and stamps.printed == "end":
        start -= max(lasted_s, ring_s or 0) if missed else lasted_s + (ring_s or 0)
    extra = {
        "station": "" if station.isdecimal() else station,
        "disconnected": disconnected.strip(),
        "transferred_to": onward.strip(),
        "dialled": dialled if direction == "incoming" else "",
        **dict(zip(("sub_address", "sub_address_received"), sub_addresses, strict=True)),
        "doubt": doubt or "",
    }
    return Leg(  # by position: by name takes as long as all the rest
        line.offset,
        _NAME,
        start,
        60,
        direction,
        _outcome(direction, lasted_s, missed=missed, marked=bool(mark)),
        station if station.isdecimal() else None,
        None,  # peer_extension
        trunk.strip(),
        (caller if direction == "incoming" else dialled or caller) or None,
        None,  # did
        ring_s,
        0 if missed else lasted_s,
        None,  # hold_s
        bool(extra["transferred_to"]),
        False,  # noqa: FBT003  (conference)
        account.strip() or None,
        None,  # auth_code
        None,  # pbx_call_id
        None,  # meter_pulses
        None,  # pbx_cost
        None,  # currency
        {key: value for key, value in extra.items() if value} or None,
        line.text,
    )


def _outcome(direction: Direction, lasted_s: int, *, missed: bool, marked: bool) -> Outcome:
    if marked:
        return "answered"
    if missed or not lasted_s:
        return "unanswered"
    return "answered" if direction == "incoming" else "unknown"


def _key(leg: Leg) -> str | None:
    return _DISA if leg.direction == "tandem" else None


def _continues(last: Leg, leg: Leg) -> bool:
    """The other line of a call through DISA: another trunk, the same release, the same time."""
    if last.start is None or leg.start is None or last.trunk == leg.trunk or last.talk_s != leg.talk_s:
        return False
    return last.start + (last.ring_s or 0) == leg.start + (leg.ring_s or 0)


def _adds(_call: SoFar, leg: Leg) -> Leg:
    """Both lines of a call through DISA tell its time."""
    return msgspec.structs.replace(leg, talk_s=None)


def _cells(leg: Planned) -> dict[str, str]:
    incoming, answered = leg.direction == "incoming", leg.outcome == "answered"
    return {
        "line": leg.trunk or "",
        "station": "ABAN" if incoming and not answered else leg.extension,
        "time": f"{leg.end:%H:%M}",
        "duration": f"{clock(leg.talk_s)[:5]};{leg.talk_s % 60:02}",
        "ring": clock(leg.ring_s)[3:] if incoming else "",
        "dialled": "" if incoming else leg.number or "",
        "account": leg.account_code or "",
        "mark": "*" if answered and not incoming else "",
        "caller": (leg.number or "") if incoming else "",
    }


FORMATS = (
    Format(
        name=_NAME,
        title="Toshiba Strata DK8, DK16, DK40, DK280, DK424",
        status="from manual",
        layouts=_LAYOUTS,
        read=_read,
        noise=(),
        begins=rf"[ \d]\d\d[* ](?:{_STATION}) \d\d:\d\d \d\d:\d\d[;:]\d\d ",
        stamp="end",
        order="mdy",
        transport="serial",
        cells=_cells,
        heading=b"%m/%d/%y\r\n",
        ring_time=True,
        answered=True,
        account_code=True,
        internal=False,
        joining=Joining(key=_key, continues=_continues, adds=_adds, timeout_s=_BOTH_LINES_S),
        samples=(
            b"004 1138 09:05 00:03;22            5550144                    4711            *",
            b"002 109  09:02 00:01;18 00:09                                                   5550120",
            b"002*109  09:20 00:02;01 00:05 110                                               13900000012",
            b"003 ABAN 09:12 00:00;00 00:31                                                   5550133",
            b"004*110  09:15 00:00;35            13900000034",
            b"003* DISA 09:41 00:05;20 00:04",
            b"004 DISA 09:41 00:05;20            5550145",
            b"05*201  10:07 00:00;48            5550146                    4711",
            b"02 109  10:12 00:01;18 00;07",
        ),
    ),
)
