"""Mitel SX-200, SX-2000, 3300 ICP, MCD and MiVoice Business: SMDR in fixed columns.

Manuals: Mitel 3300 system administration help, "SMDR record format" (standard and extended digit length, reporting
levels 1 and 2); SX-2000 Release 33 SMDR records; SX-200 general description (the same order of columns).

Port: TCP 1752, the controller waits for the collector. No login; one listener at a time: what was sent is gone. Hours
of silence are normal. The SX-200 has an RS-232 printer port. Lines may be cut after column 80, where the rest follows as
a line of its own: both are read as one, also where the rest never comes. A buffer in between may put the date it took the
line in front of it, ``@20250207@ ``: this gives the year.

Standard (90 columns; 112 with ANI and DNIS; 131 with call identifiers)::

     03/12 07:42  00:03:06 T162*003 5550100                    A 241 T 215  4711         000  5550123    0100
    Lmm/dd hh:mmp dur      call*tta digits dialed             cs cald3 3rd  account     rsys mANI        DNIS
                                                                                 call id.letter associated id

Extended (duration ``hhhh:mm:ss``, parties of 7, time to answer of 4), with reporting level 1 (eight more columns
before the system id), and with level 2 (start time ``hh:mm:ss``, everything behind it three columns on)::

     02/07 13:26:40  0000:04:41 T3      0017 4207 2301                   2301

The stamp is the START, without a year. L: ``-`` from 5, ``%`` from 10, ``+`` from 30 minutes. Calling and called
party: station, T or X and a trunk, ATT and a console. Time to answer in seconds; stars mean never answered; blank on
outgoing calls. Completion: A answer supervision, B busy, E error, T toll denied (outgoing) or picked up at night
service (incoming), I internal, blank incomplete or normal. Behind the called party: T, X transfer, C conference.

Not certain: columns beyond 80 by one or two, so ANI and DNIS are taken from one block, and of a record that does not fit
there the rest is kept apart; whether the duration of an incoming call holds the time to answer; an outgoing call without
an A was perhaps answered: ``unknown``. That lines are cut after column 80 comes from programs in use, not from Mitel; a
rest whose first 80 columns did not come is told as an event.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from parsers.continuing import Continued
from parsers.durations import clock
from parsers.formats import Format, Joining
from parsers.layout import Column, Columns, arranged
from parsers.records import Leg

if TYPE_CHECKING:
    from parsers.formats import Line, Planned
    from parsers.records import Direction, Outcome, Record
    from parsers.stamps import Stamps

_NAME = "mitel/3300"
_NETWORK = r" [\d*#+].{19}|[\d*#+].{20}| {11}[\d*#+ ].{9}"
"""ANI and DNIS, ten columns each: ANI begins in the block's first or second column, or both are blank there."""
STANDARD = Columns(
    Column("long", 1, 1, r"[ %+-]"),
    Column("date", 2, 6, r"\d\d[/-]\d\d"),
    Column("time", 8, 12, r"\d\d:\d\d"),
    Column("half", 13, 13, "[AP ]"),
    Column("duration", 15, 22, r"\d\d:\d\d:\d\d"),
    Column("calling", 24, 27, r"[A-Z\d][A-Z\d* ]{3}| {4}"),
    Column("attendant", 28, 28, "[* ]"),
    Column("answer", 29, 32, r"[\d* ]{3}[ \d]"),
    Column("digits", 34, 59),
    Column("completion", 60, 60, "[A-Z ]"),
    Column("speed", 61, 61, "[A-Z ]"),
    Column("called", 62, 65, r"[A-Z\d][A-Z\d* ]{3}| {4}"),
    Column("transfer", 66, 66, "[A-Z ]"),
    Column("third", 68, 71),
    Column("account", 73, 84),
    Column("route", 85, 85, "[rR ]"),
    Column("system", 86, 88, r"\d{3}| {3}"),
    Column("mlpp", 89, 90),
    Column("network", 92, 112, _NETWORK),
    Column("call_id", 114, 121),
    Column("letter", 122, 122, "[A-Z ]"),
    Column("associated", 124, 131),
)


def _extended(shift: int, *behind: Column) -> Columns:
    """The extended record; ``shift`` is how far the seconds of the start time push everything behind them."""
    return Columns(
        Column("long", 1, 1, r"[ %+-]"),
        Column("date", 2, 6, r"\d\d[/-]\d\d"),
        Column("time", 8, 12 + shift, r"\d\d:\d\d:\d\d" if shift else r"\d\d:\d\d"),
        Column("half", 13 + shift, 13 + shift, "[AP ]"),
        Column("duration", 15 + shift, 24 + shift, r"\d{4}:\d\d:\d\d"),
        Column("calling", 26 + shift, 32 + shift, r"[A-Z\d][A-Z\d* ]{6}| {7}"),
        Column("attendant", 33 + shift, 33 + shift, "[* ]"),
        Column("answer", 34 + shift, 37 + shift, r"[\d* ]{4}"),
        Column("digits", 39 + shift, 64 + shift),
        Column("completion", 65 + shift, 65 + shift, "[A-Z ]"),
        Column("speed", 66 + shift, 66 + shift, "[A-Z ]"),
        Column("called", 67 + shift, 73 + shift, r"[A-Z\d][A-Z\d* ]{6}| {7}"),
        Column("transfer", 74 + shift, 74 + shift, "[A-Z ]"),
        Column("third", 76 + shift, 82 + shift),
        Column("account", 84 + shift, 95 + shift),
        Column("route", 96 + shift, 96 + shift, "[rR ]"),
        *behind,
    )


EXTENDED = _extended(
    0,
    Column("system", 97, 99, r"\d{3}| {3}"),
    Column("network", 103, 123, _NETWORK),
    Column("rest", 124, 142),
)
LEVEL_1 = _extended(
    0,
    Column("level_1", 97, 104),
    Column("system", 105, 107, r"\d{3}| {3}"),
    Column("network", 110, 130, _NETWORK),
    Column("rest", 131, 204),
)
LEVEL_2 = _extended(
    3,
    Column("level_1", 100, 107),
    Column("system", 108, 110, r"\d{3}| {3}"),
    Column("network", 113, 133, _NETWORK),
    Column("rest", 134, 207),
)
_CUT = 80


def _loose(record: Columns) -> Columns:
    """A record of which only the columns up to 80 are understood."""
    columns = [column for column in record.columns if column.last <= _CUT]
    return Columns(*columns, Column("behind", columns[-1].last + 2, 207))


_ENVELOPE = r"@(?:19|20)\d{6}@ "
_ENVELOPE_WIDTH = 11


def _enveloped(record: Columns) -> Columns:
    """A record behind the date a buffer took it."""
    by = _ENVELOPE_WIDTH
    moved = (column._replace(first=column.first + by, last=column.last + by) for column in record.columns)
    return Columns(Column("taken", 1, by, _ENVELOPE), *moved)


_RECORDS = (STANDARD, EXTENDED, LEVEL_1, LEVEL_2, _loose(STANDARD), _loose(EXTENDED), _loose(LEVEL_2))
_LAYOUTS = (*_RECORDS, *map(_enveloped, _RECORDS))

_READ = (
    "taken", "date", "time", "half", "duration", "calling", "answer", "digits", "completion", "called", "account",
    "network", "call_id",
)  # fmt: skip
_REST = (
    "long", "attendant", "speed", "transfer", "third", "route", "system", "mlpp", "letter", "associated",
    "level_1", "rest", "behind",
)  # fmt: skip
_TRANSFER_AT = _REST.index("transfer")
_ARRANGED = tuple(arranged(layout, (*_READ, *_REST)) for layout in _LAYOUTS)

_HALVES = {"P": "PM", "A": "AM", " ": ""}
_TRANSFERRED = frozenset("TX")
_CONFERENCE = "C"
_PULSES, _DIALLED = 5, 20
"""Meter pulses may stand in the last five of the columns of dialled digits, behind at most twenty and a blank."""
_LONGEST = 99
_DAY_S = 86_400

_BEGINNING = rf"(?:{_ENVELOPE})?[ %+-]\d\d[/-]\d\d \d\d:\d\d"
_HEAD = _BEGINNING + ".{68}$"
"""The beginning of a record, cut after 80 columns."""
_BEHIND = rf"(?!{_BEGINNING})(?!.*[A-Za-z]{{4}})[ \w*#+.-]{{1,127}}$"
"""What may stand behind column 80: not another record, and no words."""


def _read(line: Line, stamps: Stamps) -> Record:
    cells = _ARRANGED[line.layout](line.cells)
    taken, date, time, half, duration, calling, answer, digits, completion, called, account, network, call_id, *rest = (
        cells
    )
    calling, called, answer = calling.rstrip(), called.rstrip(), answer.strip()
    transfer = rest[_TRANSFER_AT]
    direction = _direction(calling, called, completion)
    talk_s = _seconds(duration)
    never = "*" in answer
    time += _HALVES[half]
    when, odd = _near(taken, line.received) if taken else (line.received, None)
    start, doubt = stamps.day_and_time(int(date[0:2]), int(date[3:5]), time, when)
    told = zip(_REST, map(str.strip, rest), strict=True)
    extra: dict[str, Any] = {name: cell for name, cell in told if cell}
    if completion != " ":
        extra["completion"] = completion
    if doubt or odd:
        extra["doubt"] = doubt or odd
    if talk_s is None:
        extra["duration"] = duration
    elif talk_s and never:
        extra["unanswered_s"] = talk_s
    extension, peer, trunk, number, did, pulses = calling, None, None, None, None, None
    if direction == "outgoing":
        trunk = called
        number, pulses = _dialled(digits)
    elif direction in {"incoming", "tandem"}:
        extension, trunk = (called, calling) if direction == "incoming" else ("", calling)
        number, dnis = _network(network)
        first, _, further = digits.strip().partition(" ")
        did = dnis or first
        if further:
            extra["digits"] = further.strip()
        if direction == "tandem":
            extra["outgoing_trunk"] = called.lstrip("TX")
    else:
        peer = called
    return Leg(  # by position: by name takes as long as all the rest
        line.offset,
        _NAME,
        start,
        1 if len(time) >= len("HH:MM:SS") else 60,
        direction,
        _outcome(direction, completion, answer, talk_s),
        extension.lstrip("AT") or None,
        peer or None,
        trunk.lstrip("TX") if trunk else None,
        number or None,
        did or None,
        int(answer) if answer.isdecimal() else None,
        0 if never else talk_s,
        None,  # hold_s
        transfer in _TRANSFERRED,
        transfer == _CONFERENCE,
        account.strip() or None,
        None,  # auth_code
        call_id.strip() or None,
        pulses,
        None,  # pbx_cost
        None,  # currency
        {key: value for key, value in extra.items() if value} or None,
        line.text,
    )


def _near(taken: str, received: float) -> tuple[float, str | None]:
    """The moment nearest to the receive time that is not far from the day a buffer took the record, and a doubt."""
    try:
        noon = datetime(int(taken[1:5]), int(taken[5:7]), int(taken[7:9]), 12, tzinfo=UTC).timestamp()
    except ValueError:
        return received, f"no such date: {taken.strip()}"
    return min(max(received, noon - _DAY_S), noon + _DAY_S), None


def _direction(calling: str, called: str, completion: str) -> Direction:
    """Which of the parties are trunks (T or X) tells the direction; no called party and no trunk tells none."""
    from_outside, to_outside = calling[:1] in {"T", "X"}, called[:1] in {"T", "X"}
    if from_outside:
        return "tandem" if to_outside else "incoming"
    if to_outside:
        return "outgoing"
    return "internal" if called or completion == "I" else "unknown"


def _outcome(direction: Direction, completion: str, answer: str, talk_s: int | None) -> Outcome:
    if completion == "B":
        return "busy"
    if completion == "E" or (completion == "T" and direction == "outgoing"):
        return "failed"
    if "*" in answer or talk_s == 0:
        return "unanswered"
    if answer or completion in {"A", "I", "T"}:
        return "answered"
    return "unknown"


@lru_cache(4096)
def _seconds(cell: str) -> int | None:
    """``HH:MM:SS`` or ``HHHH:MM:SS``; all nines stand for longer ones and say nothing."""
    hours, minutes, seconds = map(int, cell.split(":"))
    return None if minutes == seconds == _LONGEST else hours * 3600 + minutes * 60 + seconds


def _network(block: str) -> tuple[str, str]:
    """ANI and DNIS; one alone is the one whose columns it begins in."""
    ani, _, dnis = block.strip().partition(" ")
    if not dnis and block[:2].isspace():
        return "", ani
    return ani, dnis.strip()


def _dialled(cell: str) -> tuple[str, int | None]:
    """What was dialled, and the meter pulses where the PBX prints them behind it."""
    digits, pulses = cell[:-_PULSES], cell[-_PULSES:]
    metered = pulses.isdecimal() and digits[-1] == " " and not cell[0].isspace() and len(digits.rstrip(" ")) <= _DIALLED
    return (digits.replace(" ", ""), int(pulses)) if metered else (cell.replace(" ", ""), None)


def _continues(last: Leg, leg: Leg) -> bool:
    """Records with the same call identifier are one call, if they are of the same hours: identifiers come again."""
    return last.start is not None and leg.start is not None and abs(leg.start - last.start) < 4 * 3600


def _cells(leg: Planned) -> dict[str, str]:
    incoming, internal = leg.direction == "incoming", leg.direction == "internal"
    trunk, missed = f"T{leg.trunk}", leg.outcome != "answered"
    called = leg.extension if incoming else leg.peer_extension if internal else trunk
    completion = {"busy": "B", "failed": "E"}.get(leg.outcome, "I" if internal else "")
    return {
        "long": _long(leg.talk_s),
        "date": f"{leg.start:%m/%d}",
        "time": f"{leg.start:%H:%M}",
        "duration": clock(leg.talk_s),
        "calling": trunk if incoming else leg.extension,
        "answer": ("***" if missed else f"{leg.ring_s:03}") if incoming else "",
        "digits": "" if incoming else leg.peer_extension or "" if internal else leg.number or "",
        "completion": "A" if leg.outcome == "answered" and not incoming and not internal else completion,
        "called": called or "",
        "transfer": "T" if leg.transferred else "",
        "account": leg.account_code or "",
        "system": "001",
        "network": (leg.number or "")[:10] if incoming else "",
    }


def _long(talk_s: int) -> str:
    """The mark of a long call: from 5, 10 and 30 minutes."""
    for least, mark in ((1800, "+"), (600, "%"), (300, "-")):
        if talk_s >= least:
            return mark
    return " "


FORMATS = (
    Format(
        name=_NAME,
        title="Mitel SX-200, SX-2000, 3300, MiVoice Business",
        status="verified",
        layouts=_LAYOUTS,
        read=_read,
        noise=((r"[ \d*#rR]++(?:[A-Z][ \d]*+)?$", "event"), (r"[A-Z]{4}[A-Z ]*$", "event")),
        begins=r"[ %+-]\d\d[/-]\d\d \d\d:\d\d.{1,4} \d\d",
        stamp="start",
        order="mdy",
        transport="TCP, serial",
        cells=_cells,
        ring_time=True,
        answered=True,
        account_code=True,
        continued=Continued(first=((_HEAD, 2),), further=_BEHIND, wrapped=True),
        joining=Joining(key=lambda leg: leg.pbx_call_id, continues=_continues),
        samples=(
            b" 03/12 07:42  00:03:06 T162 003  0100                        241 T 215               000",
            b"-03/12 07:44P 00:05:06 2301      95550123                  A T3         4711         001",
            (
                b" 03/12 08:10  00:01:06 T4  *011  0100                        2301                    001"
                b"   5550123   0100        A0010042A A0010041"
            ),
            (
                b" 02/07 13:26  0000:04:41 T3      0017 4207 2301                   2301"
                b"                          001   5550123    0100"
            ),
            (
                b" 02/07 13:31  0000:00:00 T3      **** 5550168"
                b"                                                   0001    001  5550123   0100"
            ),
            b"%02/07 13:13:16  0000:16:38 7411    0003 7406                      I 7406",
            b" 02/07 13:26:40  0000:04:41 T3      0017 4207 2301                   2301",
            (
                b" 02/07 13:35:16  0000:00:10 2301         5550123                   A T3                     "
                b"               001"
            ),
        ),
    ),
)
