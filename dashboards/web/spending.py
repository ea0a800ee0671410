"""What calls cost in a span: by bucket and class, against the span before, and what the month will come to."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from collector.store.queries import HourGroup, Span


class Spending(NamedTuple):
    """Amounts are millionths of the currency. ``by_class`` runs along the buckets, the dearest class first."""

    now: int
    before: int
    by_class: dict[str, list[int]]


def spending(rows: Iterable[HourGroup], buckets: Sequence[Span], before: Span) -> Spending:
    """Summarise hourly sums by class; an hour counts where its calls began."""
    starts, end = [bucket.first for bucket in buckets], buckets[-1].last
    by_class: dict[str, list[int]] = {}
    now = earlier = 0
    for hour, class_, sums in rows:
        if before.first <= hour < before.last:
            earlier += sums.cost_micros
        if starts[0] <= hour < end and sums.cost_micros:
            now += sums.cost_micros
            by_class.setdefault(class_, [0] * len(buckets))[bisect_right(starts, hour) - 1] += sums.cost_micros
    ordered = sorted(by_class.items(), key=lambda item: (-sum(item[1]), item[0]))
    return Spending(now, earlier, dict(ordered))
