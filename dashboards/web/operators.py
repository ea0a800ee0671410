"""How the operators answer, by the roster; each day is kept in memory for all viewers."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from datetime import date, datetime
from typing import TYPE_CHECKING

from collector.commands import desk
from collector.office.performance import whose
from collector.office.roster import Roster
from collector.problems import ConfigError
from collector.store import queries
from collector.store.queries import NO_FILTER
from dashboards.web import periods
from dashboards.web.kept import Kept
from dashboards.web.periods import Dates
from dashboards.web.summaries import Rings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from collector.accounting.departments import Reach
    from collector.config import Config
    from collector.store.queries import Filter

KEPT = 12_000
"""So many days are kept, of all filters: five years of one are some megabytes."""


class Operators:
    """The calls of the operators in one ``calls.db``. Its methods are called in threads."""

    def __init__(self, path: Path, zone: ZoneInfo) -> None:
        self._path = path
        self._zone = zone
        self._kept: Kept[Rings] = Kept(path, self._day, KEPT)

    def rang(
        self, connection: sqlite3.Connection, config: Config, dates: Dates, narrowed: Filter, reach: Reach | None
    ) -> list[Rings] | None:
        """Return how long calls rang at each operator, in parts; None where no roster is to say who is on duty.

        Answered is what the operator answered, unanswered every other call that rang there. The connection shows what is
        of that ``reach`` (None: all). Raises `ConfigError` and `OSError` while the roster cannot be read.
        """
        path = config.office.roster
        if path is None:
            return None
        roster, written = Roster.load(path, config.site.timezone), path.stat().st_mtime_ns

        def read(missing: Sequence[date]) -> dict[date, Rings]:
            return {day: Rings(self._of_day(connection, config, day, narrowed, roster)) for day in missing}

        days = periods.each_day(dates)
        return list(self._kept.answers(connection, (reach, narrowed, written), days, read).values())

    def read_ahead(self, config: Config, today: date) -> None:
        """Read the days that all who see everything ask for, the last month first."""
        years = periods.usual_dates("year", today)
        months = periods.buckets("month", periods.span_of(years, self._zone), self._zone)
        with suppress(OSError, ConfigError, sqlite3.Error), closing(queries.connect(self._path)) as connection:
            for month in reversed(months):
                dates = Dates(self._day(month.first), self._day(month.last - 1))
                self.rang(connection, config, dates, NO_FILTER, None)

    def _of_day(
        self, connection: sqlite3.Connection, config: Config, day: date, narrowed: Filter, roster: Roster
    ) -> Iterator[tuple[str, str, int | None, int]]:
        span = periods.span_of(Dates(day, day), self._zone)
        for call in desk.incoming(connection, config, span, narrowed):
            if taken := whose(call, roster):
                yield taken.operator, "answered" if taken.answered else "unanswered", call.ring_s, 1

    def _day(self, second: int) -> date:
        return datetime.fromtimestamp(second, self._zone).date()
