"""From stored sums and counts to the figures of a page. No I/O, no words, no layout."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from collector.store.queries import HourSums, RingCount, Span, Sums

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from zoneinfo import ZoneInfo

HOURS_PER_DAY = 24
WEEKDAYS = 7

RINGS_SHOWN = 10
"""Distributions in rings end here; the last bar holds everything longer."""


class Target(NamedTuple):
    """How fast a call should be answered: within ``rings`` rings of ``ring_seconds`` seconds."""

    rings: int
    ring_seconds: int

    @property
    def seconds(self) -> int:
        """Seconds of ringing within which a call is answered in time."""
        return self.rings * self.ring_seconds

    def rings_of(self, ring_s: int) -> int:
        """Rings begun in ``ring_s`` seconds."""
        return math.ceil(ring_s / self.ring_seconds)


class Peak(NamedTuple):
    """The clock hour with the most traffic: UTC second it begins at, and its Erlangs."""

    hour: int
    erlangs: float


class Profile(NamedTuple):
    """Means per weekday (rows, Monday first) and hour of day (columns) over the days that are past."""

    calls: list[list[float]]
    erlangs: list[list[float]]
    day_erlangs: list[float]
    """Mean Erlangs per hour of day over all the days."""


class Traffic(NamedTuple):
    """The traffic page's figures. Lists run along the buckets; ``erlangs`` is None in what is to come.

    ``before_calls`` are the calls of the buckets beside, None where there were none at all.
    """

    now: Sums
    before: Sums
    calls: dict[str, list[int]]
    talk_s: list[int]
    erlangs: list[float | None]
    before_calls: list[int | None]
    mean_erlangs: float
    before_mean_erlangs: float
    peak: Peak | None
    profile: Profile


class RingTimes(NamedTuple):
    """Ring times of answered calls, seconds. Percentiles are nearest-rank and None where no time is reported."""

    known: int
    within: int
    median: int | None
    p90: int | None
    p95: int | None


class Extension(NamedTuple):
    """How one extension answers. ``late`` calls were answered after the target."""

    extension: str
    answered: int
    unanswered: int
    late: int
    times: RingTimes


class Distribution(NamedTuple):
    """Calls per number of rings: 0, 1, .. `RINGS_SHOWN`, more; and those whose ring time is not reported."""

    rings: list[int]
    not_reported: int


class Answering(NamedTuple):
    """The answering page's figures for incoming calls. ``buckets`` runs along the buckets."""

    calls: int
    answered: int
    unanswered: int
    unknown: int
    times: RingTimes
    buckets: list[RingTimes]
    answered_after: Distribution
    unanswered_after: Distribution
    extensions: list[Extension]


def add(first: Sums, second: Sums) -> Sums:
    """Add column by column."""
    return Sums(*(one + other for one, other in zip(first, second, strict=True)))


def total(rows: Iterable[Sums]) -> Sums:
    """Add all of ``rows``."""
    return Sums(*(sum(column) for column in zip(*rows, strict=True))) if (rows := list(rows)) else Sums()


def traffic(
    rows: Sequence[HourSums],
    buckets: Sequence[Span],
    beside: Sequence[Span],
    before: Span,
    now: int,
    zone: ZoneInfo,
) -> Traffic:
    """Summarise hourly sums of ``buckets``, of the buckets ``beside`` them, and of the span ``before``."""
    shown = Span(buckets[0].first, buckets[-1].last)
    past = Span(shown.first, max(shown.first, min(shown.last, now)))
    current = [row for row in rows if shown.first <= row.hour < shown.last]
    earlier = [row for row in rows if before.first <= row.hour < before.last]
    directions = sorted({row.direction for row in current})
    calls = {direction: [0] * len(buckets) for direction in directions}
    talk_s, held_s = [0] * len(buckets), [0] * len(buckets)
    starts = [bucket.first for bucket in buckets]
    for row in current:
        number = bisect_right(starts, row.hour) - 1
        calls[row.direction][number] += row.sums.calls
        talk_s[number] += row.sums.talk_s
        held_s[number] += row.sums.held_s
    sums, before_sums = total(row.sums for row in current), total(row.sums for row in earlier)
    return Traffic(
        now=sums,
        before=before_sums,
        calls=calls,
        talk_s=talk_s,
        erlangs=[
            held / (bucket.last - bucket.first) if bucket.first <= now else None
            for held, bucket in zip(held_s, buckets, strict=True)
        ],
        before_calls=_calls(rows, beside, len(buckets)),
        mean_erlangs=_mean(sums.held_s, past),
        before_mean_erlangs=_mean(before_sums.held_s, before),
        peak=_peak(current),
        profile=_profile(current, past, zone),
    )


def answering(counts: Iterable[RingCount], buckets: int, target: Target) -> Answering:
    """Summarise counts of incoming calls whose groups are the numbers of ``buckets`` buckets."""
    counts = list(counts)
    rang: dict[str, Counter[int | None]] = {"answered": Counter(), "unanswered": Counter()}
    per_bucket: list[Counter[int | None]] = [Counter() for _ in range(buckets)]
    outcomes: Counter[str] = Counter()
    for group, _, outcome, ring_s, calls in counts:
        outcomes[outcome] += calls
        if outcome in rang:
            rang[outcome][ring_s] += calls
        if outcome == "answered":
            per_bucket[group][ring_s] += calls
    return Answering(
        calls=outcomes.total(),
        answered=outcomes["answered"],
        unanswered=outcomes["unanswered"],
        unknown=outcomes["unknown"],
        times=ring_times(rang["answered"], target),
        buckets=[ring_times(counter, target) for counter in per_bucket],
        answered_after=_distribution(rang["answered"], target),
        unanswered_after=_distribution(rang["unanswered"], target),
        extensions=_extensions(counts, target),
    )


def ring_times(counter: Counter[int | None], target: Target) -> RingTimes:
    """Summarise how often each ring time (seconds; None: not reported) occurred."""
    known = sorted((ring_s, calls) for ring_s, calls in counter.items() if ring_s is not None)
    return RingTimes(
        known=sum(calls for _, calls in known),
        within=sum(calls for ring_s, calls in known if ring_s <= target.seconds),
        median=percentile(known, 0.5),
        p90=percentile(known, 0.9),
        p95=percentile(known, 0.95),
    )


def percentile(known: Sequence[tuple[int, int]], part: float) -> int | None:
    """Return the nearest-rank percentile of sorted (value, how often) pairs, None if there are none."""
    rank = math.ceil(part * sum(calls for _, calls in known))
    for value, calls in known:
        rank -= calls
        if rank <= 0:
            return value
    return None


def _calls(rows: Iterable[HourSums], buckets: Sequence[Span], length: int) -> list[int | None]:
    """Calls per bucket, cut or filled up with None to ``length``; all None if there are none."""
    starts = [bucket.first for bucket in buckets]
    calls = [0] * len(buckets)
    for row in rows:
        if starts[0] <= row.hour < buckets[-1].last:
            calls[bisect_right(starts, row.hour) - 1] += row.sums.calls
    if not any(calls):
        return [None] * length
    return [*calls[:length], *[None] * (length - len(calls))]


def _mean(held_s: int, span: Span) -> float:
    return held_s / (span.last - span.first) if span.last > span.first else 0.0


def _peak(rows: Sequence[HourSums]) -> Peak | None:
    held: Counter[int] = Counter()
    for row in rows:
        held[row.hour] += row.sums.held_s
    if not held.total():
        return None
    hour = max(held, key=lambda hour: (held[hour], -hour))
    return Peak(hour, held[hour] / 3600)


def _profile(rows: Sequence[HourSums], past: Span, zone: ZoneInfo) -> Profile:
    days = _weekdays(past, zone)
    calls, held = ([[0.0] * HOURS_PER_DAY for _ in range(WEEKDAYS)] for _ in range(2))
    for row in rows:
        local = datetime.fromtimestamp(row.hour, zone)
        calls[local.weekday()][local.hour] += row.sums.calls
        held[local.weekday()][local.hour] += row.sums.held_s
    all_days = sum(days) or 1
    by_hour = [sum(column) for column in zip(*held, strict=True)]
    return Profile(
        calls=[[value / (count or 1) for value in line] for line, count in zip(calls, days, strict=True)],
        erlangs=[[value / 3600 / (count or 1) for value in line] for line, count in zip(held, days, strict=True)],
        day_erlangs=[value / 3600 / all_days for value in by_hour],
    )


def _weekdays(past: Span, zone: ZoneInfo) -> list[int]:
    """Count how many days of each weekday, Monday first, ``past`` touches."""
    days = [0] * WEEKDAYS
    if past.last <= past.first:
        return days
    day: date = datetime.fromtimestamp(past.first, zone).date()
    last = datetime.fromtimestamp(past.last - 1, zone).date()
    while day <= last:
        days[day.weekday()] += 1
        day += timedelta(days=1)
    return days


def _distribution(counter: Counter[int | None], target: Target) -> Distribution:
    rings = [0] * (RINGS_SHOWN + 2)
    for ring_s, calls in counter.items():
        if ring_s is not None:
            rings[min(target.rings_of(ring_s), RINGS_SHOWN + 1)] += calls
    return Distribution(rings, counter[None])


def _extensions(counts: Iterable[RingCount], target: Target) -> list[Extension]:
    """Most calls that were answered late or not at all first."""
    answered: dict[str, Counter[int | None]] = {}
    unanswered: Counter[str] = Counter()
    for _, extension, outcome, ring_s, calls in counts:
        if outcome == "answered":
            answered.setdefault(extension, Counter())[ring_s] += calls
        elif outcome == "unanswered":
            unanswered[extension] += calls
    extensions = []
    for name in answered.keys() | unanswered.keys():
        rang = answered.get(name, Counter())
        times = ring_times(rang, target)
        extensions.append(Extension(name, rang.total(), unanswered[name], times.known - times.within, times))
    return sorted(extensions, key=lambda one: (-(one.late + one.unanswered), one.extension))
