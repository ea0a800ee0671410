"""Vodavi Infinite 4096 and StarPlus: station message detail lines of 69 columns.

Manual: Infinite 4096 (StarPlus) installation manual of 1992, station message detail recording.

Port: RS-232 of the system. The line ends with CR CR LF; the other form, of three lines of 29 characters for narrow
printers, is not read.

Record::

    STA CO TOTAL    START DATE       DIALED                   ACCOUNT CODE
    109 05 00:01:18 09:02 03/02/92 I
    138 02 00:03:22 09:05 03/02/92 O5550144                  0815

The stamp is the START. I incoming, O outgoing, T transferred. There is no caller's number, no ring time, and no call
between extensions; a trunk stands in the station's column of a call that came in and went out again.

Not certain: whether calls that nobody answered are printed, and how; a total of zero is taken for one. Whether an
outgoing call was answered. Which part of a transferred call T marks: it is joined with the neighbour on its line. A
transferred call without dialled digits says no direction. Triad, STS and XTS print other columns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from parsers.durations import clock, seconds
from parsers.formats import Format, Joining
from parsers.layout import Column, Columns
from parsers.records import Leg

if TYPE_CHECKING:
    from parsers.formats import Line, Planned
    from parsers.records import Direction, Outcome, Record
    from parsers.stamps import Stamps

_NAME = "vodavi/infinite-4096"
LAYOUT = Columns(
    Column("extension", 1, 3, r"[ \d*]{2}[\d* ]"),
    Column("trunk", 5, 6, r"[ \d]{2}"),
    Column("duration", 8, 15, r"\d\d:\d\d:\d\d"),
    Column("time", 17, 21, r"\d\d:\d\d"),
    Column("date", 23, 30, r"\d\d/\d\d/\d\d"),
    Column("flag", 32, 32, "[IOT]"),
    Column("dialled", 33, 56, r"[ \d*#A-Z-]{24}"),
    Column("account", 58, 69, r"[ \d*#]{12}"),
)
_JOIN_SLACK_S = 65
"""Starts are whole minutes: neighbours of one call may seem this far apart."""


def _read(line: Line, stamps: Stamps) -> Record:
    extension, trunk, total, time, date, flag, dialled, account = line.cells
    digits, talk_s = dialled.strip(), seconds(total) or 0
    direction = _direction(flag, digits)
    start, doubt = stamps.date_and_time(date, time, line.received)
    extra = {"flag": flag}
    if digits and direction == "incoming":
        extra["digits"] = digits
    if doubt:
        extra["doubt"] = doubt
    return Leg(  # by position: by name takes as long as all the rest
        line.offset,
        _NAME,
        start,
        60,
        direction,
        _outcome(direction, talk_s),
        extension.strip() or None,
        None,  # peer_extension
        trunk.strip() or None,
        (digits or None) if direction == "outgoing" else None,
        None,  # did
        None,  # ring_s
        talk_s,
        None,  # hold_s
        flag == "T",
        False,  # noqa: FBT003  (conference)
        account.strip() or None,
        None,  # auth_code
        None,  # pbx_call_id
        None,  # meter_pulses
        None,  # pbx_cost
        None,  # currency
        extra,
        line.text,
    )


def _direction(flag: str, digits: str) -> Direction:
    if flag == "I":
        return "incoming"
    return "outgoing" if flag == "O" or digits else "unknown"


def _outcome(direction: Direction, talk_s: int) -> Outcome:
    if talk_s == 0:
        return "unanswered"
    return "answered" if direction == "incoming" else "unknown"


def _continues(last: Leg, leg: Leg) -> bool:
    """Of two parts of a call one is marked as transferred, and one begins where the other ended."""
    if last.start is None or leg.start is None or not (last.transferred or leg.transferred):
        return False
    return abs(leg.start - last.start - (last.talk_s or 0)) <= _JOIN_SLACK_S


def _cells(leg: Planned) -> dict[str, str]:
    incoming = leg.direction == "incoming"
    return {
        "extension": leg.extension,
        "trunk": leg.trunk or "",
        "duration": clock(leg.talk_s),
        "time": f"{leg.start:%H:%M}",
        "date": f"{leg.start:%m/%d/%y}",
        "flag": "T" if leg.transferred else "I" if incoming else "O",
        "dialled": "" if incoming else leg.number or "",
        "account": leg.account_code or "",
    }


FORMATS = (
    Format(
        name=_NAME,
        title="Vodavi Infinite 4096, StarPlus",
        status="from manual",
        layouts=(LAYOUT,),
        read=_read,
        noise=((r"STA +CO +TOTAL", "heading"),),
        begins=r"[ \d*]{2}[\d* ] [ \d]{2} \d\d:\d\d:\d\d \d\d:\d\d \d\d/\d\d/\d\d [IOT]",
        stamp="start",
        order="mdy",
        transport="serial",
        cells=_cells,
        account_code=True,
        internal=False,
        line_end=b"\r\r\n",
        heading=b"STA CO TOTAL    START DATE       DIALED                   ACCOUNT CODE\r\r\n",
        joining=Joining(key=lambda leg: leg.trunk, continues=_continues),
        samples=(
            b"109 05 00:01:18 09:02 03/02/92 I",
            b"138 02 00:03:22 09:05 03/02/92 O5550144                  0815",
            b"110 05 00:00:41 09:03 03/02/92 T",
            b"138 02 00:00:00 09:14 03/02/92 O15555550120",
        ),
    ),
)
