"""Figures by phone: of several sites, an extension of one is not that of another."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import msgspec

from collector.store import queries
from collector.store.queries import GroupSums, RingCount, Sums

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

    from collector.config import Config
    from collector.store.queries import Dimension, Filter, Span


def groups(
    connection: sqlite3.Connection,
    config: Config,
    dimensions: Sequence[Dimension],
    span: Span,
    narrowed: Filter,
    columns: Sequence[str] = Sums._fields,
) -> dict[Dimension, list[GroupSums]]:
    """Sum the rollups per value of each of ``dimensions``, most calls first; of several sites the extensions are phones."""
    found = queries.groups(connection, dimensions, span, narrowed, columns)
    if config.branches and "extension" in found:
        sums: dict[str, list[Sums]] = defaultdict(list)
        for source, of_source in _by_source(connection, narrowed):
            for value, one in queries.groups(connection, ("extension",), span, of_source, columns)["extension"]:
                sums[value and config.phone(source, value)].append(one)
        phones = [GroupSums(phone, Sums(*map(sum, zip(*several, strict=True)))) for phone, several in sums.items()]
        found["extension"] = sorted(phones, key=lambda one: (-one.sums.calls, one.value))
    return found


def ring_counts(
    connection: sqlite3.Connection, config: Config, buckets: Sequence[Span], narrowed: Filter
) -> list[RingCount]:
    """Count incoming calls by bucket, department, extension (of several sites: phone), outcome and ring time."""
    if not config.branches:
        return queries.ring_counts(connection, buckets, narrowed)
    return [
        count._replace(extension=count.extension and config.phone(source, count.extension))
        for source, of_source in _by_source(connection, narrowed)
        for count in queries.ring_counts(connection, buckets, of_source)
    ]


def _by_source(connection: sqlite3.Connection, narrowed: Filter) -> Iterator[tuple[str, Filter]]:
    sources = [narrowed.source] if narrowed.source else queries.values(connection)["source"]
    for source in sources:
        yield source, msgspec.structs.replace(narrowed, source=source)
