"""What local days come to, for the pages that show many of them: five years are shown without reading them again."""

from __future__ import annotations

import sqlite3
from array import array
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from collector.store import queries
from dashboards.web import periods, summaries
from dashboards.web.kept import Kept
from dashboards.web.periods import Dates

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from collector.accounting.departments import Reach
    from collector.store.queries import Filter, HourOfClass, Span, Sums

HOURS = 24
YEARS = 10
"""So many calendar years are read when the console starts: those of the longest usual dates, and those beside them."""
KEPT = 22_000
"""So many days are kept, of all filters: ten years of one are five megabytes, and six are looked at in turns."""


class Day(NamedTuple):
    """A local day: sums by direction, costs in millionths by class, and its hours by the wall clock.

    Calls are counted in the hour they start in, ``held`` are seconds of occupancy. ``busiest`` is the hour held longest:
    the UTC second it begins at, and its seconds; None where nothing was held.
    """

    sums: dict[str, Sums]
    costs: dict[str, int]
    calls: array[int]
    held: array[int]
    busiest: tuple[int, int] | None

    @property
    def total(self) -> Sums:
        """The sums of all directions."""
        return summaries.total(self.sums.values())


def _no_hours() -> array[int]:
    return array("q", bytes(8 * HOURS))


NOTHING = Day({}, {}, _no_hours(), _no_hours(), None)


class Days:
    """The days of one ``calls.db``, as each reach of departments sees them (None: all)."""

    def __init__(self, path: Path, zone: ZoneInfo) -> None:
        self._path = path
        self._zone = zone
        self._kept: Kept[Day] = Kept(path, self._date, KEPT)

    def between(
        self,
        connection: sqlite3.Connection,
        dates: Dates,
        reach: Reach | None,
        narrowed: Filter = queries.NO_FILTER,
    ) -> dict[date, Day]:
        """Return every day of ``dates``. The connection shows what is of that ``reach`` (None: all). Called in threads."""

        def read(missing: Sequence[date]) -> dict[date, Day]:
            return self._read(connection, Dates(missing[0], missing[-1]), narrowed)

        return self._kept.answers(connection, (reach, narrowed), periods.each_day(dates), read)

    def total(
        self, connection: sqlite3.Connection, span: Span, reach: Reach | None, narrowed: Filter = queries.NO_FILTER
    ) -> Sums:
        """Return the sums of a span that begins with a day and ends with an hour."""
        dates, rest = periods.whole_days(span, self._zone)
        days = self.between(connection, dates, reach, narrowed) if dates else {}
        hours = queries.hours(connection, rest, narrowed)
        return summaries.total([*(day.total for day in days.values()), *(row.sums for row in hours)])

    def read_ahead(self, today: date) -> None:
        """Read the days that all who see everything ask for; if there are none yet, they are read when there are."""
        with suppress(OSError, sqlite3.Error), closing(queries.connect(self._path)) as connection:
            self.between(connection, Dates(date(today.year - YEARS + 1, 1, 1), date(today.year, 12, 31)), None)

    def _read(self, connection: sqlite3.Connection, dates: Dates, narrowed: Filter) -> dict[date, Day]:
        found: dict[date, _Reading] = {}
        span = periods.span_of(dates, self._zone)
        # they are sorted to be summed: ten years at once would not fit into the memory there is for that
        months = periods.within(periods.buckets("month", span, self._zone), span)
        rows = (row for month in months for row in queries.each_hour(connection, month, narrowed))
        for hour, of_hour in groupby(rows, lambda row: row.hour):
            local = datetime.fromtimestamp(hour, self._zone)
            found.setdefault(local.date(), _Reading()).add(hour, local.hour, of_hour)
        return {day: found[day].day() if day in found else NOTHING for day in periods.each_day(dates)}

    def _date(self, second: int) -> date:
        return datetime.fromtimestamp(second, self._zone).date()


@dataclass
class _Reading:
    """A day while its hours are read."""

    sums: dict[str, Sums] = field(default_factory=dict)
    costs: dict[str, int] = field(default_factory=dict)
    calls: array[int] = field(default_factory=_no_hours)
    held: array[int] = field(default_factory=_no_hours)
    busiest: tuple[int, int] = (0, 0)

    def add(self, hour: int, of_clock: int, rows: Iterable[HourOfClass]) -> None:
        """Add the rows of one hour. Of two that are held as long the first is the busiest."""
        held_s = 0
        for _, direction, class_, sums in rows:
            self.sums[direction] = summaries.add(self.sums.get(direction, queries.Sums()), sums)
            if sums.cost_micros:
                self.costs[class_] = self.costs.get(class_, 0) + sums.cost_micros
            self.calls[of_clock] += sums.calls
            held_s += sums.held_s
        self.held[of_clock] += held_s
        if held_s > self.busiest[1]:
            self.busiest = (hour, held_s)

    def day(self) -> Day:
        """The day, read whole."""
        return Day(self.sums, self.costs, self.calls, self.held, self.busiest if self.busiest[1] else None)
