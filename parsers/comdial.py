"""Comdial DXP and DXP Plus: the SMDR and the SMDA record.

Manuals: DXP Plus programming instructions p. 185, DXP specifications (column charts).

Port: serial, 80 columns, CR LF; the stream "SMDR print" is programmed to one of the two records.

SMDR, with the year and the ring time, and SMDA, with the direction and the account code::

    1138  12    03/02/26 09:05    3.4         15555550144           $000.38
    station line date     start  min    ring   digits                cost
    03/02 09:02   109              1.3           I   0.2   5ID  5550120

The stamp is the START, when the call was initiated. Durations and ring times are minutes and tenths: six seconds; NOANS
stands for the duration of a call that nobody answered. A ring time is printed for incoming calls only, which tells
SMDR's direction. SMDA's account code takes a second line beyond eight digits: an event, its digits are not read. ID:
the line shows callers' numbers.

Not certain: whether an outgoing call was answered where a duration is printed. DX-80 and DX-120, DSU II and Impact FX
print other columns.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from parsers.formats import Format
from parsers.layout import Column, Columns
from parsers.records import Leg

if TYPE_CHECKING:
    from parsers.formats import Line, Planned
    from parsers.records import Direction, Outcome, Record
    from parsers.stamps import Stamps

_SMDR_NAME, _SMDA_NAME = "comdial/dxp-smdr", "comdial/dxp-smda"
_DURATION = r"(?:  | \d|\d\d)\d\.\d|NOANS"
_RING = r"[ \d]\d\.\d| {4}"
_COST = r"[ $\d.]{7}"
SMDR = Columns(
    Column("extension", 1, 4, r"[\d*#][ \d*#]{3}"),
    Column("trunk", 6, 8, r"[ \d]{3}", ">"),
    Column("date", 13, 20, r"\d\d/\d\d/\d\d"),
    Column("time", 22, 26, r"\d\d:\d\d"),
    Column("duration", 29, 33, _DURATION),
    Column("ring", 36, 39, _RING, ">"),
    Column("digits", 43, 58),
    Column("cost", 65, 71, _COST),
)
SMDA = Columns(
    Column("date", 1, 5, r"\d\d/\d\d"),
    Column("time", 7, 11, r"\d\d:\d\d"),
    Column("extension", 15, 18, r"[\d*#][ \d*#]{3}"),
    Column("account", 21, 28, r"[ \d*#]{8}"),
    Column("duration", 30, 34, _DURATION),
    Column("cost", 37, 43, _COST),
    Column("direction", 46, 46, "[IO]"),
    Column("ring", 49, 52, _RING, ">"),
    Column("trunk", 54, 56, r"[ \d]{3}", ">"),
    Column("caller_id", 57, 59, r"ID | ID| {3}"),
    Column("digits", 61, 76),
)

_NO_ANSWER = "NOANS"
_DIGITS = frozenset("0123456789*#+")
_REMEMBERED = 4096
STEP_S = 6


def _read_smdr(line: Line, stamps: Stamps) -> Record:
    extension, trunk, date, time, duration, ring, digits, cost = line.cells
    moment = stamps.date_and_time(date, time, line.received)
    direction: Direction = "outgoing" if ring.isspace() else "incoming"
    return _leg(line, _SMDR_NAME, (*moment, direction), (extension, trunk, duration, ring, digits, cost, "", ""))


def _read_smda(line: Line, stamps: Stamps) -> Record:
    date, time, extension, account, duration, cost, letter, ring, trunk, caller_id, digits = line.cells
    moment = stamps.day_and_time(int(date[0:2]), int(date[3:5]), time, line.received)
    direction: Direction = "incoming" if letter == "I" else "outgoing"
    cells = extension, trunk, duration, ring, digits, cost, account, caller_id
    return _leg(line, _SMDA_NAME, (*moment, direction), cells)


def _leg(line: Line, name: str, told: tuple[int | None, str | None, Direction], cells: tuple[str, ...]) -> Leg:
    """The leg of either record: its start, what is doubtful in it and its direction, and the other cells."""
    start, doubt, direction = told
    extension, trunk, duration, ring, digits, cost, account, caller_id = cells
    number = digits.strip()
    extra = {"line": "caller id"} if caller_id.strip() else {}
    if number and direction == "incoming" and not _DIGITS.issuperset(number):
        extra["caller"], number = number, ""
    if doubt:
        extra["doubt"] = doubt
    return Leg(  # by position: by name takes as long as all the rest
        line.offset,
        name,
        start,
        60,
        direction,
        _outcome(direction, duration),
        extension.strip() or None,
        None,  # peer_extension
        trunk.strip() or None,
        number or None,
        None,  # did
        _minutes(ring) if direction == "incoming" else None,
        _minutes(duration),
        None,  # hold_s
        False,  # noqa: FBT003  (transferred)
        False,  # noqa: FBT003  (conference)
        account.strip() or None,
        None,  # auth_code
        None,  # pbx_call_id
        None,  # meter_pulses
        cost.strip(" $") or None,
        None,  # currency
        extra or None,
        line.text,
    )


def _outcome(direction: Direction, duration: str) -> Outcome:
    if duration == _NO_ANSWER:
        return "unanswered"
    return "answered" if direction == "incoming" else "unknown"


@lru_cache(_REMEMBERED)
def _minutes(cell: str) -> int | None:
    """Seconds of minutes and tenths; NOANS is no talk at all, blank is None."""
    if cell == _NO_ANSWER:
        return 0
    whole, _, tenths = cell.strip().partition(".")
    return int(whole) * 60 + int(tenths) * STEP_S if tenths else None


def _cells(leg: Planned) -> dict[str, str]:
    """The cells of a planned leg, for either record."""
    incoming, answered = leg.direction == "incoming", leg.outcome == "answered"
    return {
        "extension": leg.extension,
        "trunk": leg.trunk or "",
        "time": f"{leg.start:%H:%M}",
        "duration": _tenths(leg.talk_s, 5) if answered else _NO_ANSWER,
        "ring": _tenths(leg.ring_s, 4) if incoming else "",
        "digits": leg.number or "",
        "account": leg.account_code or "",
        "direction": "I" if incoming else "O",
    }


def _tenths(seconds: int, width: int) -> str:
    tenths = seconds // STEP_S
    return f"{tenths // 10}.{tenths % 10}".rjust(width)


def _smdr_cells(leg: Planned) -> dict[str, str]:
    return _cells(leg) | {"date": f"{leg.start:%m/%d/%y}"}


def _smda_cells(leg: Planned) -> dict[str, str]:
    return _cells(leg) | {"date": f"{leg.start:%m/%d}"}


FORMATS = (
    Format(
        name=_SMDR_NAME,
        title="Comdial DXP, DXP Plus, SMDR record",
        status="from manual",
        layouts=(SMDR,),
        read=_read_smdr,
        noise=(),
        begins=r"[\d*#][ \d*#]{3} [ \d]{3} {4}\d\d/\d\d/\d\d \d\d:\d\d  ",
        stamp="start",
        order="mdy",
        transport="serial",
        cells=_smdr_cells,
        ring_time=True,
        answered=True,
        internal=False,
        step_s=STEP_S,
        samples=(
            b"109    5    03/02/26 09:02    1.3   0.2   5550120",
            b"1138  12    03/02/26 09:05    3.4         15555550144           $000.38",
            b"110    5    03/02/26 09:07  NOANS   0.4",
            b"138   12    03/02/26 09:11  NOANS         5550161",
        ),
    ),
    Format(
        name=_SMDA_NAME,
        title="Comdial DXP, DXP Plus, SMDA record",
        status="from manual",
        layouts=(SMDA,),
        read=_read_smda,
        noise=((r" {20}[\d*#]{1,8} *$", "event"),),
        begins=r"\d\d/\d\d \d\d:\d\d   [\d*#][ \d*#]{3}  ",
        stamp="start",
        order="mdy",
        transport="serial",
        cells=_smda_cells,
        ring_time=True,
        answered=True,
        account_code=True,
        internal=False,
        step_s=STEP_S,
        samples=(
            b"03/02 09:02   109              1.3           I   0.2   5ID  5550120",
            b"03/02 09:05   1138  4711       3.4  $000.38  O        12    15555550144",
            b"03/02 09:07   110            NOANS           I   0.4   5ID",
            b"03/02 09:11   138              0.9           O        12    5550161",
        ),
    ),
)
