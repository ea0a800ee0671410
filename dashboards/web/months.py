"""What whole months come to, for the pages that show many of them: by group, by trunk and by ring time.

Of a span, the whole months are kept in memory for all viewers; what is beside them is read each time.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from datetime import date, datetime
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from collector.buckets import bucket_of
from collector.store import queries
from collector.store.queries import NO_FILTER, GroupSums, Span, TrunkSums
from dashboards.web import periods, phones, summaries
from dashboards.web.kept import Kept
from dashboards.web.summaries import Rang

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from collector.accounting.departments import Reach
    from collector.config import Config
    from collector.store.queries import Dimension, Filter

Part = TypeVar("Part")
Groups = dict["Dimension", list[GroupSums]]

GROUPED_BY: tuple[Dimension, ...] = ("direction", "class", "department", "extension", "trunk")
SUMMED = ("calls", "talk_s", "held_s", "cost_micros")
KEPT = 600
"""So many months are kept, of all filters: five years of one are a megabyte or two."""


class Trunks(NamedTuple):
    """The sums of each trunk, and the busiest hour of all together: the UTC second it begins at, and its seconds."""

    sums: list[TrunkSums]
    busiest: list[tuple[int, int]]
    """None or one: a month without calls has none."""


class Asked(NamedTuple):
    """For whom, of which calls, and which source is at which site, where there are several."""

    reach: Reach | None
    narrowed: Filter
    sites: tuple[tuple[str, str], ...]


class Months:
    """The months of one ``calls.db``. Its methods are called in threads, the connection shows what is of a ``reach``."""

    def __init__(self, path: Path, zone: ZoneInfo) -> None:
        self._path = path
        self._zone = zone
        self._groups: Kept[Groups] = Kept(path, self._month, KEPT)
        self._trunks: Kept[Trunks] = Kept(path, self._month, KEPT)
        self._rang: Kept[Rang] = Kept(path, self._month, KEPT)

    def groups(
        self, connection: sqlite3.Connection, config: Config, span: Span, narrowed: Filter, reach: Reach | None
    ) -> Groups:
        """The sums `SUMMED` per value of each of `GROUPED_BY`, most calls first."""

        def read(part: Span) -> Groups:
            return phones.groups(connection, config, GROUPED_BY, part, narrowed, SUMMED)

        parts = self._parts(self._groups, connection, _asked(config, narrowed, reach), [span], read)[0]
        return {dimension: _added([part[dimension] for part in parts]) for dimension in GROUPED_BY}

    def trunks(
        self, connection: sqlite3.Connection, spans: Sequence[Span], narrowed: Filter, reach: Reach | None
    ) -> tuple[list[TrunkSums], list[tuple[int, int]]]:
        """The sums of each trunk over all ``spans``, and of each of them hours, among which is the busiest one."""

        def read(part: Span) -> Trunks:
            sums, hours = queries.trunks(connection, part, narrowed)
            return Trunks(sums, sorted(hours, key=lambda one: (-one[1], one[0]))[:1])

        found = self._parts(self._trunks, connection, Asked(reach, narrowed, ()), spans, read)
        parts = [part for of_span in found for part in of_span]
        return _joined(one for part in parts for one in part.sums), [hour for part in parts for hour in part.busiest]

    def rang(
        self,
        connection: sqlite3.Connection,
        config: Config,
        spans: Sequence[Span],
        narrowed: Filter,
        reach: Reach | None,
    ) -> list[list[Rang]]:
        """How long incoming calls rang, of each of ``spans`` in parts."""

        def read(part: Span) -> Rang:
            return Rang.of(phones.ring_counts(connection, config, [part], narrowed))

        return self._parts(self._rang, connection, _asked(config, narrowed, reach), spans, read)

    def read_ahead(self, config: Config, today: date) -> None:
        """Read the months that all who see everything ask for; if there are none yet, they are read when there are."""
        years = periods.span_of(periods.usual_dates("year", today), self._zone)
        with suppress(OSError, sqlite3.Error), closing(queries.connect(self._path)) as connection:
            self.groups(connection, config, years, NO_FILTER, None)
            self.trunks(connection, [years], NO_FILTER, None)
            self.rang(connection, config, [years], NO_FILTER, None)

    def _parts(
        self,
        kept: Kept[Part],
        connection: sqlite3.Connection,
        asked: Asked,
        spans: Sequence[Span],
        read: Callable[[Span], Part],
    ) -> list[list[Part]]:
        """Answer each of ``spans``, which do not meet, in parts of a month at most."""
        divided = [periods.within(periods.buckets("month", span, self._zone), span) for span in spans]
        whole = {self._month(part.first): part for parts in divided for part in parts if self._is_month(part)}
        known = kept.answers(connection, asked, whole, lambda missing: {month: read(whole[month]) for month in missing})
        return [
            [known[self._month(part.first)] if self._is_month(part) else read(part) for part in parts]
            for parts in divided
        ]

    def _is_month(self, part: Span) -> bool:
        return part == bucket_of("month", part.first, self._zone)

    def _month(self, second: int) -> date:
        return datetime.fromtimestamp(second, self._zone).date().replace(day=1)


def _asked(config: Config, narrowed: Filter, reach: Reach | None) -> Asked:
    several = config.sources if config.branches else ()
    return Asked(reach, narrowed, tuple((source.name, config.site_of(source.name)) for source in several))


def _added(parts: Iterable[Iterable[GroupSums]]) -> list[GroupSums]:
    found: dict[str, list[queries.Sums]] = {}
    for part in parts:
        for value, sums in part:
            found.setdefault(value, []).append(sums)
    groups = [GroupSums(value, summaries.total(several)) for value, several in found.items()]
    return sorted(groups, key=lambda one: (-one.sums.calls, one.value))


def _joined(parts: Iterable[TrunkSums]) -> list[TrunkSums]:
    found: dict[tuple[str, str], TrunkSums] = {}
    for one in parts:
        before = found.get((one.source, one.trunk))
        found[one.source, one.trunk] = _one_trunk(before, one) if before else one
    return list(found.values())


def _one_trunk(first: TrunkSums, second: TrunkSums) -> TrunkSums:
    return TrunkSums(
        first.source,
        first.trunk,
        first.calls + second.calls,
        first.talk_s + second.talk_s,
        first.held_s + second.held_s,
        max(first.busiest_s, second.busiest_s),
    )
