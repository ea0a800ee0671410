"""Who is at the switchboard when.

A CSV file, ``operator,extension,shift,days,begin,end,from,until``: on ``days`` (``mon tue wed``; empty for every day),
from ``begin`` to ``end`` as the site's clocks show them, an operator sits at an extension. A shift whose ``end`` is not
after its ``begin`` ends on the next day. An extension of a branch has its name in front: ``branch/100``. ``from`` and
``until`` are the first and the last day on which it begins.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from collector.accounting.calendar import WEEKDAYS
from collector.accounting.sheet import Sheet, day_of
from collector.problems import choices

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from collector.accounting.sheet import Cell, Row

_COLUMNS = ("operator", "extension", "shift", "days", "begin", "end", "from", "until")
_DAY = dt.timedelta(days=1)


class Duty(NamedTuple):
    """A row; ``days`` are weekdays, 0 is Monday."""

    operator: str
    extension: str
    shift: str
    days: frozenset[int]
    begin: dt.time
    end: dt.time
    first: dt.date
    last: dt.date

    def covers(self, local: dt.datetime) -> bool:
        """Whether it is on at a moment, as the site's clocks show it."""
        time, day = local.time(), local.date()
        if self.begin < self.end:
            return self.begins(day) and self.begin <= time < self.end
        return (self.begins(day) and time >= self.begin) or (self.begins(day - _DAY) and time < self.end)

    def begins(self, day: dt.date) -> bool:
        """Whether it begins on a day."""
        return day.weekday() in self.days and self.first <= day <= self.last


class Roster:
    """The duties of a site."""

    def __init__(self, duties: Sequence[Duty], timezone: str) -> None:
        self._duties = duties
        self._zone = ZoneInfo(timezone)
        self._at: dict[str, list[Duty]] = defaultdict(list)
        for duty in duties:
            self._at[duty.extension].append(duty)
        self.extensions = frozenset(self._at)

    @classmethod
    def load(cls, path: Path, timezone: str) -> Roster:
        """Load a roster. Raises ConfigError with all the faults of the file."""
        sheet = Sheet(path, _COLUMNS, needed=("operator", "extension", "begin", "end"))
        duties = [_duty(sheet, row) for row in sheet.rows()]
        sheet.close()
        return cls(duties, timezone)

    def at(self, extension: str, moment: float) -> Duty | None:
        """The duty at an extension at a POSIX second."""
        local = dt.datetime.fromtimestamp(moment, self._zone)
        return next((duty for duty in self._at.get(extension, ()) if duty.covers(local)), None)

    def today(self, moment: float) -> list[tuple[Duty, bool]]:
        """The duties that begin on the day of a POSIX second or are on then, by when they begin; whether each is on."""
        local = dt.datetime.fromtimestamp(moment, self._zone)
        told = [(duty, duty.covers(local)) for duty in self._duties if duty.begins(local.date()) or duty.covers(local)]
        return sorted(told, key=lambda one: (not one[1], one[0].begin, one[0].extension))

    def of(self, operator: str, moment: float) -> Duty | None:
        """The duty of an operator at a POSIX second."""
        local = dt.datetime.fromtimestamp(moment, self._zone)
        return next((duty for duty in self._duties if duty.operator == operator and duty.covers(local)), None)


def _duty(sheet: Sheet, row: Row) -> Duty:
    days = row["days"].text.split()
    for day in days:
        if day not in WEEKDAYS:
            sheet.fault(row["days"], f'"{day}" is no weekday', choices(day, WEEKDAYS))
    first, last = day_of(sheet, row["from"], dt.date.min), day_of(sheet, row["until"], dt.date.max)
    if last < first:
        sheet.fault(row["until"], '"until" is before "from"', "until is the last day")
    return Duty(
        row["operator"].text,
        row["extension"].text,
        row["shift"].text,
        frozenset(WEEKDAYS.index(day) for day in days if day in WEEKDAYS) if days else frozenset(range(7)),
        _clock(sheet, row["begin"]),
        _clock(sheet, row["end"]),
        first,
        last,
    )


def _clock(sheet: Sheet, cell: Cell) -> dt.time:
    try:
        return dt.datetime.strptime(cell.text, "%H:%M").replace(tzinfo=dt.UTC).time()
    except ValueError:
        sheet.fault(cell, f'"{cell.text}" is not a time of day', "write it as 08:30")
        return dt.time.min
