"""The sums of local days, kept in memory for all viewers: five years are shown without reading them again.

A day is read from the rollups when it is first asked for, and again once one of its hours has changed, which the
numbers of the changes tell.
"""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing, suppress
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from collector.store import queries
from dashboards.web import periods, summaries
from dashboards.web.periods import Dates

if TYPE_CHECKING:
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from collector.accounting.departments import Reach
    from collector.store.queries import Sums

HOURS = 24
YEARS = 10
"""So many calendar years are read when the console starts: those of the longest usual dates, and those beside them."""


class Day(NamedTuple):
    """A local day: sums by direction, and calls by the hour of the wall clock they start in."""

    sums: dict[str, Sums]
    by_hour: tuple[int, ...]

    @property
    def total(self) -> Sums:
        """The sums of all directions."""
        return summaries.total(self.sums.values())


NOTHING = Day({}, (0,) * HOURS)


class _State(NamedTuple):
    """Which file was read, and the last number of a change that was in it."""

    file: tuple[int, int]
    seq: int


class Days:
    """The days of one ``calls.db``, as each reach of departments sees them (None: all)."""

    def __init__(self, path: Path, zone: ZoneInfo) -> None:
        self._path = path
        self._zone = zone
        self._known: dict[Reach | None, dict[date, Day]] = {}
        self._state_known = _State((0, 0), 0)
        self._lock = threading.Lock()

    def between(self, connection: sqlite3.Connection, dates: Dates, reach: Reach | None) -> dict[date, Day]:
        """Return every day of ``dates``. The connection shows what is of that ``reach`` (None: all). Called in threads."""
        wanted, state = _each(dates), self._state(connection)
        with self._lock:
            self._forget_changed(connection, state)
            kept = self._known.get(reach, {})
            found = {day: kept[day] for day in wanted if day in kept}
        missing = [day for day in wanted if day not in found]
        if missing:
            read = self._read(connection, Dates(missing[0], missing[-1]))
            found |= read
            with self._lock:
                if state.file == self._state_known.file:
                    self._known.setdefault(reach, {}).update(read)
                    self._state_known = min(self._state_known, state)
        return {day: found[day] for day in wanted}

    def read_ahead(self, today: date) -> None:
        """Read the days that all who see everything ask for; if there are none yet, they are read when there are."""
        with suppress(OSError, sqlite3.Error), closing(queries.connect(self._path)) as connection:
            self.between(connection, Dates(date(today.year - YEARS + 1, 1, 1), date(today.year, 12, 31)), None)

    def _state(self, connection: sqlite3.Connection) -> _State:
        status = self._path.stat()
        return _State((status.st_dev, status.st_ino), queries.last_seq(connection))

    def _forget_changed(self, connection: sqlite3.Connection, state: _State) -> None:
        """Of two viewers the later may ask of the earlier state: what changed since is forgotten once more, and none is missed."""
        if state.file != self._state_known.file:
            self._known.clear()
        else:
            for day in {self._date(hour) for hour in queries.changed(connection, self._state_known.seq)}:
                for known in self._known.values():
                    known.pop(day, None)
        self._state_known = state

    def _read(self, connection: sqlite3.Connection, dates: Dates) -> dict[date, Day]:
        sums: dict[date, dict[str, Sums]] = {}
        by_hour: dict[date, list[int]] = {}
        for hour, direction, row in queries.each_hour(connection, periods.span_of(dates, self._zone), queries.Filter()):
            local = datetime.fromtimestamp(hour, self._zone)
            of_day = sums.setdefault(local.date(), {})
            of_day[direction] = summaries.add(of_day.get(direction, queries.Sums()), row)
            by_hour.setdefault(local.date(), [0] * HOURS)[local.hour] += row.calls
        return {day: Day(sums[day], tuple(by_hour[day])) if day in sums else NOTHING for day in _each(dates)}

    def _date(self, hour: int) -> date:
        return datetime.fromtimestamp(hour, self._zone).date()


def _each(dates: Dates) -> list[date]:
    return [dates.first + timedelta(days=number) for number in range((dates.last - dates.first).days + 1)]
