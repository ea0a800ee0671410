"""What calls cost in a span: by bucket and class, against the span before, and what the month will come to."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from collector.store.queries import Span


class Spending(NamedTuple):
    """Amounts are millionths of the currency. ``by_class`` runs along the buckets, the dearest class first."""

    now: int
    before: int
    by_class: dict[str, list[int]]


def spending(costs: Iterable[tuple[int, str, int]], buckets: Sequence[Span], before: int) -> Spending:
    """Summarise costs of ``buckets``: UTC second, class and amount, each of an hour, or of a day where no bucket is shorter."""
    starts = [bucket.first for bucket in buckets]
    by_class: dict[str, list[int]] = {}
    for second, class_, cost in costs:
        if cost:
            by_class.setdefault(class_, [0] * len(buckets))[bisect_right(starts, second) - 1] += cost
    ordered = sorted(by_class.items(), key=lambda item: (-sum(item[1]), item[0]))
    return Spending(sum(map(sum, by_class.values())), before, dict(ordered))
