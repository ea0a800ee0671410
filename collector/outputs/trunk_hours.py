"""The measurement ``trunk_hour``: how the lines of a source were used in each local hour.

What InfluxQL cannot work out: how many lines were held at once, for how long all of them were, how many are needed. The
lines there are, are those that calls held in the hour's month. When the first call of a month holds a line, or none
does any more, the hours of that month are told anew.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import groupby
from typing import TYPE_CHECKING

from collector.buckets import bucket_of
from collector.outputs.points import trunk_point

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from zoneinfo import ZoneInfo

    from collector.buckets import Bucket
    from collector.outputs.base import OutputFeed, RollupRow

_ALL = (1 << 63) - 1


class TrunkHours:
    """Follows the hourly sums as far as one connection sends them; a new connection takes a new one of these.

    ``site`` names that of a source.
    """

    def __init__(self, site: Callable[[str], str], zone: ZoneInfo, feed: OutputFeed) -> None:
        self._site = site
        self._zone = zone
        self._feed = feed
        self._lines: dict[tuple[str, Bucket], frozenset[str]] = {}

    async def points(self, rows: Iterable[RollupRow], sent_seq: int) -> list[str]:
        """The points of the hours that changed rows are of; the server has those of rows up to ``sent_seq``."""
        changed: dict[tuple[str, Bucket], list[RollupRow]] = defaultdict(list)
        for row in rows:
            if row.trunk:
                changed[row.source, bucket_of("month", row.hour, self._zone)].append(row)
        return [point for place, found in changed.items() for point in await self._of_month(*place, found, sent_seq)]

    async def _of_month(self, source: str, month: Bucket, rows: list[RollupRow], sent_seq: int) -> list[str]:
        before = self._lines.get((source, month))
        if before is None:
            before = await self._feed.trunks(source, month, sent_seq)
        lines, hours = before, sorted({row.hour for row in rows})
        if any(row.trunk not in before or not (row.calls or row.held_s) for row in rows):
            lines = await self._feed.trunks(source, month, _ALL)
            if lines != before or any(row.trunk not in lines for row in rows):
                hours = await self._feed.trunk_hours(source, month)
        self._lines[source, month] = lines
        points = []
        for _, of_day in groupby(hours, lambda hour: bucket_of("day", hour, self._zone)):
            used = await self._feed.trunk_use(source, [bucket_of("hour", hour, self._zone) for hour in of_day])
            points += [trunk_point(self._site(source), source, use, len(lines)) for use in used]
        return points
