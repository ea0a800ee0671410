"""NEC Electra Elite IPK II, Aspire, SV8100, SV9100, SL1000, SL1100, SL2100: the printed SMDR report.

Manuals: programming and feature manuals of IPK II, SL1000, SL1100 and SL2100 (three agree); PRG 35-01 and 35-02.

Port: PRG 35-01-01, 1 COM (PRG 10-21-02: 4800 to 38400), 3 LAN (the PBX waits for the collector on the port of PRG
10-20-01, type 5), 4 CTA or CTU; plain text.

Record with the date (PRG 35-02-14 = 1)::

    CLASS TIME  DATE  LINE DURATION STATION    DIALLED NO./CLI      ACCOUNT
    POT  10:23 03/02 003  00:03:22 205        5550144              4711
    IVIN 10:31 03/02 012                      13900000012          NO ANSWER

Record without it (PRG 35-02-14 = 0): the line, or its name, has ten columns, and the day stands in the page's heading::

                                                                03/02/2026 PAGE 001
    CLASS TIME  LINE       DURATION STATION    DIALLED NO./CLI      ACCOUNT
    POT  10:23 003        00:03:22 205        5550144              4711

The stamp is the START, when a call was placed or answered, without a year. Records come in the order in which calls end,
so it is the end that is looked for on the day of the heading, or a later one. Class: POT, POTA (toll override), POTP
(personal code), POTW (walking toll) outgoing, PIN incoming, IVIN, IVOT, IVOTP the same over ISDN, PTRS and ITRS
transferred, ICM internal, SDTA internal data, IDIN and IDOT on a tie line, BRD barred by toll restriction. An incoming
call that nobody answered has no duration, no station and NO ANSWER. The account's column holds a caller's name instead
where it is no number. ALB (all lines busy), BFL (buffer full), NEXT (caller's name of the record before: every record would have to wait for
it), SAD and WAD (sensors), the daily sums: events.

Not certain: whether an outgoing call was answered. A transferred call says no direction until it is joined with the
one before it on its line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from parsers.durations import clock, seconds
from parsers.formats import Format, Joining
from parsers.layout import Column, Columns, Delimited, Field
from parsers.records import Leg, Noise, Rejected

if TYPE_CHECKING:
    from parsers.formats import Line, Planned
    from parsers.records import Direction, Outcome, Record
    from parsers.stamps import Stamps

_NAME = "nec/ipk"
_DIRECTIONS: dict[str, Direction] = {
    "POT": "outgoing", "POTA": "outgoing", "POTP": "outgoing", "POTW": "outgoing", "IVOT": "outgoing",
    "IVOTP": "outgoing", "IDOT": "outgoing", "BRD": "outgoing", "PIN": "incoming", "IVIN": "incoming",
    "IDIN": "incoming", "ICM": "internal", "SDTA": "internal", "PTRS": "unknown", "ITRS": "unknown",
}  # fmt: skip
_CLASS = "|".join(name.ljust(5) for name in _DIRECTIONS)
_BEGIN = (Column("class", 1, 5, _CLASS), Column("time", 6, 10, r"\d\d:\d\d"))
_DATE_AND_LINE = (Column("date", 12, 16, r"\d\d/\d\d"), Column("line", 18, 21))
_LINE_ALONE = Column("line", 12, 21, r"(?!\d\d/).{10}")
_END = (
    Column("duration", 23, 30, r"\d\d:\d\d:\d\d| {8}"),
    Column("station", 32, 41),
    Column("number", 43, 62),
    Column("account", 64, 79),
)
DATED = Columns(*_BEGIN, *_DATE_AND_LINE, *_END)
UNDATED = Columns(*_BEGIN, _LINE_ALONE, *_END)
HEADING = Delimited(
    "/", Field("first", r" *\d\d"), Field("second", r"\d\d"), Field("year", r"\d{4} +PAGE.*"), at_least=3
)
_LAYOUTS = (DATED, UNDATED, HEADING)
_SHORTEST = 32
_TRANSFERRED = frozenset({"PTRS", "ITRS"})
_BARRED = "BRD"
_NO_ANSWER = "NO ANSWER"
_DIGITS = frozenset("0123456789*#+")
_DAY_S = 86_400
_JOIN_SLACK_S = 65
"""Starts are whole minutes: neighbours of one call may seem this far apart."""


def _read(line: Line, stamps: Stamps) -> Record:
    if _LAYOUTS[line.layout] is HEADING:
        first, second, year = line.cells
        stamps.day_is(int(first), int(second), int(year[:4]), line.received)
        return Noise(line.offset, _NAME, "heading", line.text)
    if len(line.text.rstrip()) < _SHORTEST:
        return Rejected(line.offset, _NAME, "too-short", "the line ends before the station", line.text)
    name, time, *date, trunk, duration, station, number, account = line.cells
    name, number, account = name.rstrip(), number.strip(), account.strip()
    direction, duration_s = _DIRECTIONS[name], seconds(duration)
    start, doubt = (
        stamps.day_and_time(int(date[0][0:2]), int(date[0][3:5]), time, line.received)
        if date
        else _on_its_day(time, duration_s or 0, stamps, line.received)
    )
    extra = {"class": name}
    if account and account != _NO_ANSWER and not _DIGITS.issuperset(account):
        extra["name"] = account
    outside = number
    if number and not _DIGITS.issuperset(number):
        extra["caller"] = number
        outside = ""
    if doubt:
        extra["doubt"] = doubt
    return Leg(  # by position: by name takes as long as all the rest
        line.offset,
        _NAME,
        start,
        60,
        direction,
        _outcome(name, direction, duration_s),
        station.strip() or None,
        (number or None) if direction == "internal" else None,
        trunk.strip() or None,
        (outside or None) if direction != "internal" else None,
        None,  # did
        None,  # ring_s
        duration_s or 0,
        None,  # hold_s
        name in _TRANSFERRED,
        False,  # noqa: FBT003  (conference)
        account if account and _DIGITS.issuperset(account) else None,
        None,  # auth_code
        None,  # pbx_call_id
        None,  # meter_pulses
        None,  # pbx_cost
        None,  # currency
        extra,
        line.text,
    )


def _on_its_day(time: str, duration_s: int, stamps: Stamps, received: float) -> tuple[int | None, str | None]:
    """The start of a record without a date, by its end."""
    hour, minute = int(time[0:2]), int(time[3:5])
    if hour > 23 or minute > 59:
        return stamps.on_that_day(time, received)
    end, doubt = stamps.on_that_day(clock((hour * 3600 + minute * 60 + duration_s) % _DAY_S), received)
    return None if end is None else end - duration_s, doubt


def _outcome(name: str, direction: Direction, duration_s: int | None) -> Outcome:
    if name == _BARRED:
        return "failed"
    if not duration_s:
        return "unanswered"
    return "answered" if direction in {"incoming", "internal"} else "unknown"


def _continues(last: Leg, leg: Leg) -> bool:
    """A transferred call goes on with its line where the part before it ended."""
    if not leg.transferred or last.start is None or leg.start is None:
        return False
    return abs(leg.start - last.start - (last.talk_s or 0)) <= _JOIN_SLACK_S


def _cells(leg: Planned) -> dict[str, str]:
    incoming, internal = leg.direction == "incoming", leg.direction == "internal"
    answered = leg.outcome == "answered"
    missed = incoming and not answered
    return {
        "class": "PTRS" if leg.transferred else "PIN" if incoming else "ICM" if internal else "POT",
        "time": f"{leg.start:%H:%M}",
        "date": f"{leg.start:%m/%d}",
        "line": leg.trunk or "",
        "duration": clock(leg.talk_s) if answered else "",
        "station": "" if missed else leg.extension,
        "number": (leg.peer_extension if internal else leg.number) or "",
        "account": _NO_ANSWER if missed else leg.account_code or "",
    }


FORMATS = (
    Format(
        name=_NAME,
        title="NEC Electra Elite IPK II, Aspire, SV8100, SV9100, SL1000 to SL2100, printed report",
        status="from manual",
        layouts=_LAYOUTS,
        read=_read,
        noise=(
            (r" *CLASS +TIME", "heading"),
            (r"(?:ALB|BFL|NEXT|SAD|WAD)\b", "event"),
            (r"[A-Z/ ]+ SUMMARY| *TOTAL NO\.", "event"),
        ),
        begins=rf"(?:{_CLASS})\d\d:\d\d (?:\d\d/\d\d |(?!\d\d/).{{11}}(?:\d\d:\d\d:\d\d| {{8}}) )",
        stamp="start",
        order="mdy",
        transport="TCP, serial",
        cells=_cells,
        answered=True,
        account_code=True,
        joining=Joining(key=lambda leg: leg.trunk, continues=_continues),
        heading=(
            b" " * 60
            + b"%m/%d/%Y PAGE 001\r\n"
            + b"CLASS TIME  DATE  LINE DURATION STATION    DIALLED NO./CLI      ACCOUNT\r\n\n"
        ),
        samples=(
            b"POT  10:23 03/02 003  00:03:22 205        5550144              4711",
            b"PIN  10:31 03/02 012  00:01:18 201        13900000012          ACME LTD",
            b"IVIN 10:34 03/02 012                      13900000034          NO ANSWER",
            b"PTRS 10:32 03/02 012  00:04:07 207        13900000012",
            b"IVOTP10:40 03/02 101  00:00:35 205        00495550120          0815",
            b"ICM  10:44 03/02      00:00:21 205        201",
            b"POT  10:50 TRUNK 003  00:02:22 205        5550145              4711",
            b"IVIN 10:52 5550100                        13900000012          NO ANSWER",
        ),
    ),
)
