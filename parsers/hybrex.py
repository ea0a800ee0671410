"""Hybrex GD-320 and its sisters G1E, G1-824, TransTel G1E+: lines of fixed columns.

Manuals: TransTel G1E+ and DK Digital CDB-600 programming manuals (fields, words, status signs); the columns come from a
capture.

Port: RS-232 of the SMDR card, speed programmable (14-01); a BEL stands in front of every line, a heading after every few
records (14-01-06). The PBX keeps 25 records::

     ST.  TK S TELEPHONE NUMBER         Account  MM/DD START     DURATION  RING
    2101 801   05550137                          05/06 10:48'10" 00:00'40"
    1100 807 #  CLI Num: 805550147               05/06 16:04'07" 00:00'07" 00'08"
    1120 877    Incoming no answer               05/06 18:14'28" 00:00'00" 00'34"

The stamp is the START, to the second, without a year. S: ``#`` put on hold, ``*`` taken from hold, X cut by toll
restriction, D by DISA. Incoming calls say so in words: Incoming, CLI Num or DDI Num with digits, each also as not answered
(Incoming no answer, CLI NoAns, DDI NoAns); they alone have a ring time, which every part of a held call repeats.

G1E and TransTel G1E+ print the START to the minute, what stands behind it further to the left::

     112 01     05550188629                        10/02 08:35 00:02'35"        00012

Not certain: whether an outgoing call was answered (the timer starts with the seizure unless the line reverses polarity);
the columns of G1E and G1E+, of whose lines a manual shows the order and not the place;
an empty number, taken for an outgoing call without digits; ``_1105550`` in place of station and trunk, kept apart.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from parsers.formats import Format, Joining
from parsers.layout import Column, Columns, arranged, padded_digits
from parsers.records import Leg, Rejected

if TYPE_CHECKING:
    from parsers.formats import Line, Planned
    from parsers.records import Direction, Outcome, Record
    from parsers.stamps import Stamps

_NAME = "hybrex/gd-320"
_SECOND = r"\d\d:\d\d'\d\d\""
_MINUTE = r"\d\d:\d\d"


def _behind(start: str, moved: int) -> tuple[Column, ...]:
    """The columns behind station and trunk; those behind the start are ``moved`` to the left where it is shorter."""
    return (
        Column("status", 10, 10, "[ #*XD]"),
        Column("number", 12, 36, r"[ \w:*#+.<>-]{25}"),
        Column("account", 37, 44, r"[ \w:*#]{8}"),
        Column("date", 46, 50, r"\d\d/\d\d"),
        Column("start", 52, 60 - moved, start),
        Column("duration", 62 - moved, 70 - moved, r"\d\d:\d\d'\d\d\"| {9}"),
        Column("ring", 72 - moved, 77 - moved, r"\d\d'\d\d\"| {6}"),
        Column("pulses", 79 - moved, 83 - moved, padded_digits(5), ">"),
    )


_STATION = (Column("station", 1, 4, r"[ *#\dD-]{4}"), Column("trunk", 6, 8, r"[ D\d]{3}", ">"))
STATION = Columns(*_STATION, *_behind(_SECOND, 0))
PLACE = Columns(Column("place", 1, 8, r"_\d{7}"), *_behind(_SECOND, 0))
STATION_TO_THE_MINUTE = Columns(*_STATION, *_behind(_MINUTE, 4))

_NAMES = ("status", "number", "account", "date", "start", "duration", "ring", "pulses", "station", "trunk", "place")
_LAYOUTS = (STATION, PLACE, STATION_TO_THE_MINUTE)
_ARRANGED = tuple(arranged(layout, _NAMES) for layout in _LAYOUTS)

_WORDS = re.compile(r"(Incoming|CLI|DDI)(?: Num| (NoAns|no answer))?:? *(.*)")
_LETTER = re.compile("[A-Za-z]")
_NOBODY = frozenset({"", "000"})
_HELD = "#"
_BARRED = "X"
_DISA = "D"


def _read(line: Line, stamps: Stamps) -> Record:
    status, number, account, date, start, duration, ring, pulses, station, trunk, place = _ARRANGED[line.layout](
        line.cells
    )
    incoming, lost, caller, number, did = _number(number)
    direction: Direction = "incoming" if incoming else "unknown" if _LETTER.search(number) else "outgoing"
    talk_s, odd = _seconds(duration)
    ring_s, odd_ring = _seconds(ring)
    if talk_s is None and ring_s is None and status != _BARRED:
        return Rejected(line.offset, _NAME, "too-short", "the line ends before the duration", line.text)
    began, doubt = stamps.day_and_time(int(date[0:2]), int(date[3:5]), start[:8].replace("'", ":"), line.received)
    if lost:
        talk_s = talk_s or 0
    station = station.strip()
    extra: dict[str, Any] = {}
    if status != " ":
        extra["status"] = status
    if direction == "unknown":
        extra["words"], number = number, ""
    if station[:1] == _DISA:
        extra["station"], station = station, ""
    if place:
        extra["place"] = place
    if doubt or odd or odd_ring:
        extra["doubt"] = doubt or odd or odd_ring
    return Leg(  # by position: by name takes as long as all the rest
        line.offset,
        _NAME,
        began,
        1 if len(start) > len("HH:MM") else 60,
        direction,
        _outcome(status, talk_s, incoming=incoming, lost=lost),
        None if station in _NOBODY else station,
        None,  # peer_extension
        trunk.strip(f" {_DISA}") or None,
        (caller if incoming else number) or None,
        did or None,
        ring_s,
        talk_s,
        None,  # hold_s
        False,  # noqa: FBT003  (transferred)
        False,  # noqa: FBT003  (conference)
        account.strip() or None,
        None,  # auth_code
        None,  # pbx_call_id
        int(pulses) if pulses.strip() else None,
        None,  # pbx_cost
        None,  # currency
        extra or None,
        line.text,
    )


@lru_cache(4096)
def _number(cell: str) -> tuple[bool, bool, str, str, str]:
    """Whether it came in, whether nobody answered, the caller, the digits dialled, those an outside caller dialled."""
    cell = cell.strip()
    found = _WORDS.fullmatch(cell)
    if not found:
        return False, False, "", cell, ""
    word, lost, digits = found.groups()
    caller, did = (digits, "") if word == "CLI" else ("", digits)
    return True, bool(lost), caller, "", did


@lru_cache(4096)
def _seconds(cell: str) -> tuple[int | None, str | None]:
    """``HH:MM'SS"`` or ``MM'SS"``, and what is doubtful about it."""
    if cell.isspace() or not cell:
        return None, None
    parts = [int(part) for part in cell.rstrip('"').replace("'", ":").split(":")]
    doubt = f"no such duration: {cell}" if max(parts[-2:]) > 59 else None
    return sum(part * 60**power for power, part in enumerate(reversed(parts))), doubt


def _outcome(status: str, talk_s: int | None, *, incoming: bool, lost: bool) -> Outcome:
    if status == _BARRED:
        return "failed"
    if incoming:
        return "unanswered" if lost else "answered"
    return "unanswered" if not talk_s else "unknown"


def _status(leg: Leg) -> str | None:
    return (leg.extra or {}).get("status")


def _continues(last: Leg, leg: Leg) -> bool:
    """What was put on hold goes on, with whoever took it, on the same trunk and with the same number."""
    return _status(last) == _HELD and _status(leg) in {"#", "*"} and last.number == leg.number


def _cells(leg: Planned) -> dict[str, str]:
    """The cells of a planned leg; calls between stations are not printed."""
    incoming = leg.direction == "incoming"
    lost = incoming and leg.outcome != "answered"
    caller = f" CLI {'NoAns' if lost else 'Num'}: {leg.number}" if leg.number else " Incoming" + " no answer" * lost
    talk = f"{leg.talk_s // 3600:02}:{leg.talk_s // 60 % 60:02}'{leg.talk_s % 60:02}\""
    return {
        "station": leg.extension,
        "trunk": leg.trunk or "",
        "status": "*" if leg.transferred else " " if leg.last else "#",
        "number": caller if incoming else leg.number or "",
        "account": leg.account_code or "",
        "date": f"{leg.start:%m/%d}",
        "start": f"{leg.start:%H:%M}'{leg.start:%S}\"",
        "duration": talk,
        "ring": f"{leg.ring_s // 60:02}'{leg.ring_s % 60:02}\"" if incoming else "",
    }


FORMATS = (
    Format(
        name=_NAME,
        title="Hybrex GD-320, G1E, TransTel G1E+",
        status="verified",
        layouts=_LAYOUTS,
        read=_read,
        noise=((r" *ST\. +TK +S +TELEPHONE", "heading"),),
        begins=r"[_ *#\dD-].{7} [ #*XD] .{33} \d\d/\d\d \d\d:\d\d(?:'\d\d\"| )",
        stamp="start",
        order="mdy",
        transport="serial",
        cells=_cells,
        ring_time=True,
        answered=True,
        account_code=True,
        internal=False,
        joining=Joining(key=lambda leg: leg.trunk, continues=_continues, more=lambda leg: _status(leg) == _HELD),
        heading=b"\x07 ST.  TK S TELEPHONE NUMBER         Account  MM/DD START     DURATION  RING       \r\n",
        samples=(
            b"2101 801   05550137                          05/06 10:48'10\" 00:00'40\"             ",
            b"2210 801    CLI Num: 80555066021             05/06 10:48'18\" 00:00'10\" 00'06\"      ",
            b"1100 872 #  Incoming                         05/06 14:12'22\" 00:00'02\" 00'20\"      ",
            b"1140 872 *  Incoming                         05/06 14:12'51\" 00:07'08\" 00'20\"      ",
            b"2106 807                                     05/06 14:10'00\" 00:00'00\"             ",
            b"2107 804 X 818                               05/06 16:12'41\" 00:00'00\"             ",
            b"1120 877    Incoming no answer               05/06 18:34'28\" 00:00'00\" 00'34\"      ",
            b"_1105550    CLI Num: 805550147               05/06 16:04'00\" 00:00'27\" 00'00\"      ",
            b"2101 801   05550137                 4711     05/06 10:48'10\" 00:00'40\"           12",
            b" 112  01   05550188629              4711     10/02 08:35 00:02'35\"           12",
        ),
    ),
)
