"""From stored sums and counts to the figures of a page. No I/O, no words, no layout."""

from __future__ import annotations

import math
from array import array
from bisect import bisect_right
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from collector.store.queries import HourSums, RingCount, Span, Sums

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from dashboards.web.days import Day

HOURS_PER_DAY = 24
WEEKDAYS = 7

_NOT_REPORTED = -1
"""Stands for a ring time among numbers."""

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


class Answerer(NamedTuple):
    """How an extension, a department or an operator answers. ``late`` calls were answered after the target."""

    name: str
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
    extensions: list[Answerer]
    departments: list[Answerer]


class Rings:
    """How often incoming calls rang how long, by name and outcome; kept small, for there are years of them.

    Made of name, outcome, ring time (seconds; None: not reported) and calls.
    """

    def __init__(self, counts: Iterable[tuple[str, str, int | None, int]]) -> None:
        found: dict[tuple[str, str], Counter[int]] = defaultdict(Counter)
        for name, outcome, ring_s, calls in counts:
            found[name, outcome][_NOT_REPORTED if ring_s is None else ring_s] += calls
        self._flat = {key: array("q", chain.from_iterable(times.items())) for key, times in found.items()}

    def each(self) -> Iterator[tuple[str, str, Counter[int | None]]]:
        """Yield name, outcome, and how many calls rang how long (seconds; None: not reported)."""
        for (name, outcome), flat in self._flat.items():
            times: Counter[int | None] = Counter(dict(zip(flat[::2], flat[1::2], strict=True)))
            if calls := times.pop(_NOT_REPORTED, 0):
                times[None] = calls
            yield name, outcome, times


class Rang(NamedTuple):
    """How often incoming calls rang how long, by extension and by department."""

    extensions: Rings
    departments: Rings

    @classmethod
    def of(cls, counts: Iterable[RingCount]) -> Rang:
        """Count anew, whatever the groups."""
        counts = list(counts)
        return cls(
            Rings((one.extension, one.outcome, one.ring_s, one.calls) for one in counts),
            Rings((one.department, one.outcome, one.ring_s, one.calls) for one in counts),
        )


def rang_by_group(counts: Iterable[RingCount], groups: int) -> list[Rang]:
    """Divide counts by their group, 0, 1, .. ``groups`` - 1."""
    of_group: list[list[RingCount]] = [[] for _ in range(groups)]
    for one in counts:
        of_group[one.group].append(one)
    return [Rang.of(some) for some in of_group]


def add(first: Sums, second: Sums) -> Sums:
    """Add column by column."""
    return Sums(*(one + other for one, other in zip(first, second, strict=True)))


def total(rows: Iterable[Sums]) -> Sums:
    """Add all of ``rows``."""
    return Sums(*(sum(column) for column in zip(*rows, strict=True))) if (rows := list(rows)) else Sums()


def traffic(
    rows: Sequence[HourSums],
    days: Mapping[date, Day],
    buckets: Sequence[Span],
    beside: Sequence[Span],
    before: tuple[Span, Sums],
    now: int,
    zone: ZoneInfo,
) -> Traffic:
    """Summarise sums of ``buckets`` and of the buckets ``beside`` them: of hours, or of days where no bucket is shorter.

    ``days`` are those of the buckets; ``before`` is a span to compare with, and its sums.
    """
    shown = Span(buckets[0].first, buckets[-1].last)
    past = Span(shown.first, max(shown.first, min(shown.last, now)))
    current = [row for row in rows if shown.first <= row.hour < shown.last]
    directions = sorted({row.direction for row in current})
    calls = {direction: [0] * len(buckets) for direction in directions}
    talk_s, held_s = [0] * len(buckets), [0] * len(buckets)
    starts = [bucket.first for bucket in buckets]
    for row in current:
        number = bisect_right(starts, row.hour) - 1
        calls[row.direction][number] += row.sums.calls
        talk_s[number] += row.sums.talk_s
        held_s[number] += row.sums.held_s
    sums = total(row.sums for row in current)
    before_span, before_sums = before
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
        before_mean_erlangs=_mean(before_sums.held_s, before_span),
        peak=_peak(days.values()),
        profile=profile(days, past, zone),
    )


def profile(days: Mapping[date, Day], past: Span, zone: ZoneInfo) -> Profile:
    """Average ``days`` by weekday and hour, over those of them that ``past`` touches."""
    counted = _weekdays(past, zone)
    calls, held = ([[0] * HOURS_PER_DAY for _ in range(WEEKDAYS)] for _ in range(2))
    for day, of_day in days.items():
        if of_day.sums:
            weekday = day.weekday()
            calls[weekday] = list(map(int.__add__, calls[weekday], of_day.calls))
            held[weekday] = list(map(int.__add__, held[weekday], of_day.held))
    all_days = sum(counted) or 1
    by_hour = [sum(column) for column in zip(*held, strict=True)]
    return Profile(
        calls=[[value / (count or 1) for value in line] for line, count in zip(calls, counted, strict=True)],
        erlangs=[[value / 3600 / (count or 1) for value in line] for line, count in zip(held, counted, strict=True)],
        day_erlangs=[value / 3600 / all_days for value in by_hour],
    )


def answering(buckets: Sequence[Sequence[Rang]], target: Target) -> Answering:
    """Summarise how long incoming calls rang in each bucket; a bucket comes in parts."""
    per_bucket: list[Counter[int | None]] = [Counter() for _ in buckets]
    unanswered: Counter[int | None] = Counter()
    outcomes: Counter[str] = Counter()
    for answered, parts in zip(per_bucket, buckets, strict=True):
        for _, outcome, times in (one for part in parts for one in part.extensions.each()):
            outcomes[outcome] += times.total()
            if outcome == "answered":
                answered.update(times)
            elif outcome == "unanswered":
                unanswered.update(times)
    answered = sum(per_bucket, Counter())
    return Answering(
        calls=outcomes.total(),
        answered=outcomes["answered"],
        unanswered=outcomes["unanswered"],
        unknown=outcomes["unknown"],
        times=ring_times(answered, target),
        buckets=[ring_times(one, target) for one in per_bucket],
        answered_after=_distribution(answered, target),
        unanswered_after=_distribution(unanswered, target),
        extensions=answerers((part.extensions for parts in buckets for part in parts), target),
        departments=answerers((part.departments for parts in buckets for part in parts), target),
    )


def answerers(parts: Iterable[Rings], target: Target) -> list[Answerer]:
    """Summarise how each of those that are named answers: most calls that were answered late or not at all first."""
    answered: dict[str, Counter[int | None]] = defaultdict(Counter)
    unanswered: Counter[str] = Counter()
    for name, outcome, times in (one for part in parts for one in part.each()):
        if outcome == "answered":
            answered[name].update(times)
        elif outcome == "unanswered":
            unanswered[name] += times.total()
    found = []
    for name in answered.keys() | unanswered.keys():
        rang = answered.get(name, Counter())
        told = ring_times(rang, target)
        found.append(Answerer(name, rang.total(), unanswered[name], told.known - told.within, told))
    return sorted(found, key=lambda one: (-(one.late + one.unanswered), one.name))


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


def _peak(days: Iterable[Day]) -> Peak | None:
    busiest = max((day.busiest for day in days if day.busiest), key=lambda one: (one[1], -one[0]), default=None)
    return Peak(busiest[0], busiest[1] / 3600) if busiest else None


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
