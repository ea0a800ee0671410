"""Multicom A416/A632, BS-24100, C1248, G1260, Maxicom MP80, MXM300: lists of calls under a Russian heading.

The heading is in code page 866 or 1251.

No manual was found: the layouts come from captures and the headings in them.

Port: RS-232 or the file of the exchange's own program, which prints the list of a period with one heading: date and time of
printing, then the names of the columns: start, duration, subscriber, line, number.

A416, A632::

    28-05-2003 10:44:18   00:10:54      31          4     555900

C1248, MP80, MXM300 (lines of three digits), the second number of the subscriber in brackets::

    14-05-2003 17:02:52   00:01:08   246( 101)     04     05550101
    14-05-2003 17:02:52   00:00:56   225( 102)     236    80555062752

BS-24100, G1260 (as many digits in the brackets as there are)::

    02-09-2002  15:43:36   00:05:12   245( 554)   (0) 3    05550159
    02-09-2002  15:48:02   00:00:58   208( 18)   (0) 0    555571

The stamp is the START; the duration counts in steps of 4 or 6 seconds. Lines come in the order of their ends.

Not certain: lines without a number (MP80), whose direction is left open; what the number in brackets is, kept apart, as
is the (0) of BS-24100; whether a call was answered, as outgoing ones are counted from some moment on.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from parsers.durations import clock, doubted
from parsers.formats import Format
from parsers.layout import Column, Columns, arranged
from parsers.records import Leg

if TYPE_CHECKING:
    from parsers.formats import Line, Planned
    from parsers.records import Direction, Outcome, Record
    from parsers.stamps import Stamps

_NAME = "multicom/maxicom"
_DATE = r"\d\d-\d\d-\d{4}"
_TIME = r"\d\d:\d\d:\d\d"
_NUMBER = r"[^\x00-\x1f]{24}"

_DIGITS = 4
_OTHER_DIGITS = (3, 2, 5)
"""How many digits or blanks stand in brackets: some exchanges print no more than there are; what follows moves along."""


def _c1248(digits: int) -> Columns:
    return Columns(
        Column("date", 1, 10, _DATE),
        Column("time", 12, 19, _TIME),
        Column("duration", 23, 30, _TIME),
        Column("extension", 32, 36, r"[ *#\d]{5}", ">"),
        Column("second", 37, 38 + digits, rf"\([ *#\d]{{{digits}}}\)"),
        Column("trunk", 42 + digits, 46 + digits, r"(?! {5})[ \d]{5}"),
        Column("number", 51 + digits, 74 + digits, _NUMBER),
    )


def _bs24100(digits: int) -> Columns:
    return Columns(
        Column("date", 1, 10, _DATE),
        Column("time", 13, 20, _TIME),
        Column("duration", 24, 31, _TIME),
        Column("extension", 33, 37, r"[ *#\d]{5}", ">"),
        Column("second", 38, 39 + digits, rf"\([ *#\d]{{{digits}}}\)"),
        Column("route", 43 + digits, 45 + digits, r"\([ \d]\)"),
        Column("trunk", 47 + digits, 49 + digits, r"(?! {3})[ \d]{3}"),
        Column("number", 52 + digits, 75 + digits, _NUMBER),
    )


A416 = Columns(
    Column("date", 1, 10, _DATE),
    Column("time", 12, 19, _TIME),
    Column("duration", 23, 30, _TIME),
    Column("extension", 35, 38, r"[ *#\d]{4}", ">"),
    Column("trunk", 46, 50, r"(?! {5})[ \d]{5}"),
    Column("number", 55, 78, _NUMBER),
)

_NAMES = ("date", "time", "duration", "extension", "second", "route", "trunk", "number")
_DIALLED = re.compile(r"[*#\dA-D]*").fullmatch
_OTHERS = (layout(digits) for digits in _OTHER_DIGITS for layout in (_c1248, _bs24100))
_LAYOUTS = (_c1248(_DIGITS), A416, _bs24100(_DIGITS), *_OTHERS)
_ARRANGED = tuple(arranged(layout, _NAMES) for layout in _LAYOUTS)


def _read(line: Line, stamps: Stamps) -> Record:
    date, time, duration, extension, second, route, trunk, number = _ARRANGED[line.layout](line.cells)
    number = number.strip()
    words = "" if _DIALLED(number) else number
    direction: Direction = "outgoing" if number and not words else "unknown"
    talk_s, odd = doubted(duration)
    start, doubt = stamps.date_and_second(date[:6] + date[8:], time, line.received)
    extra: dict[str, Any] = {}
    if second.strip("( )"):
        extra["second_number"] = second.strip("( )")
    if route.strip("( )"):
        extra["route"] = route.strip("( )")
    if words:
        extra["words"], number = words, ""
    if doubt or odd:
        extra["doubt"] = doubt or odd
    return Leg(  # by position: by name takes as long as all the rest
        line.offset,
        _NAME,
        start,
        1,
        direction,
        _outcome(direction, talk_s),
        extension.strip() or None,
        None,  # peer_extension
        trunk.strip() or None,
        number or None,
        None,  # did
        None,  # ring_s
        talk_s,
        None,  # hold_s
        False,  # noqa: FBT003  (transferred)
        False,  # noqa: FBT003  (conference)
        None,  # account_code
        None,  # auth_code
        None,  # pbx_call_id
        None,  # meter_pulses
        None,  # pbx_cost
        None,  # currency
        extra or None,
        line.text,
    )


def _outcome(direction: Direction, talk_s: int) -> Outcome:
    return "unanswered" if talk_s == 0 and direction == "outgoing" else "unknown"


def _cells(leg: Planned) -> dict[str, str]:
    """The cells of a planned leg: only outgoing calls are printed."""
    return {
        "date": f"{leg.start:%d-%m-%Y}",
        "time": f"{leg.start:%H:%M:%S}",
        "duration": clock(leg.talk_s),
        "extension": leg.extension,
        "second": "(    )",
        "trunk": leg.trunk or "",
        "number": leg.number or "",
    }


_WORD = r"[\x80-\xff]++"
_HEADINGS = (
    (rf" *+(?:{_WORD} ++){{1,4}}\d\d[-.]\d\d[-.]\d{{4}} ++{_TIME} *$", "heading"),
    (rf" *+(?:{_WORD} ++){{4}}{_WORD} *$", "heading"),
)
"""Words and a time of printing; five words. No letter of the code pages is one of ASCII's."""

FORMATS = (
    Format(
        name=_NAME,
        title="Multicom A416/A632, BS-24100, C1248, G1260, Maxicom MP80, MXM300",
        status="verified",
        layouts=_LAYOUTS,
        read=_read,
        noise=_HEADINGS,
        begins=r"\d\d-\d\d-\d{4} {1,2}\d\d:\d\d:\d\d {3}\d\d:\d\d:\d\d {3}",
        stamp="start",
        transport="serial, file",
        cells=_cells,
        internal=False,
        incoming=False,
        heading=(
            "\r\n       Данные на  30-05-2003 16:20:21\r\n       Начало         Продолжит   Абонент      СЛ     Номер\r\n"
        ).encode("cp866"),
        samples=(
            b"14-05-2003 17:02:52   00:01:08   246( 101)     04     05550101",
            b"20-05-2003 13:12:24   00:02:52   291( 104)     22     ",
            b"28-05-2003 10:44:18   00:10:54      31          4     555900            ",
            b"14-05-2003 17:02:52   00:00:56   225( 102)     236    80555062752",
            b"02-09-2002  15:18:08   00:02:32   201(    )   (0) 1    05550134 ",
            b"02-09-2002  15:48:02   00:00:58   208( 18)   (0) 0    555571",
            b"02-09-2002  15:43:36   00:05:12   245( 554)   (0) 3    05550159 ",
        ),
    ),
)
