"""How well lines are used: Erlangs and the busiest hour of each trunk, how many are held at once, how many are needed.

Erlang's formula B tells how many calls find all lines busy, where calls come by chance and go away at once.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from collector.store.queries import HourGroup, Span

HOUR_S = 3600
BLOCKED = 0.01
"""The share of calls that may find all lines busy."""
MOST_LINES = 10_000


class Line(NamedTuple):
    """A trunk: calls and seconds of talk that began in the span, Erlangs over it, Erlangs of its busiest hour."""

    trunk: str
    calls: int
    talk_s: int
    erlangs: float
    busiest: float


class Held(NamedTuple):
    """``most`` lines were held at once, first at ``at`` (POSIX seconds); for ``full_s`` seconds all of them were."""

    most: int
    at: int | None
    full_s: int


class Occupancy(NamedTuple):
    """The lines of a span. ``peaks`` are the Erlangs of the busiest hour of each bucket, ``busiest`` that of all."""

    lines: list[Line]
    calls: int
    busiest: float
    busiest_hour: int | None
    peaks: list[float]
    blocked: float
    needed: int


def occupancy(rows: Iterable[HourGroup], buckets: Sequence[Span], past_s: int) -> Occupancy:
    """Summarise hourly sums by trunk; ``past_s`` are the seconds of the span that are past."""
    calls, talk_s = Counter[str](), Counter[str]()
    held: dict[str, Counter[int]] = defaultdict(Counter)
    for hour, trunk, sums in rows:
        calls[trunk] += sums.calls
        talk_s[trunk] += sums.talk_s
        held[trunk][hour] += sums.held_s
    together: Counter[int] = Counter()
    for hours in held.values():
        together.update(hours)
    busiest_hour = max(together, key=lambda hour: (together[hour], -hour), default=None)
    busiest = together[busiest_hour] / HOUR_S if busiest_hour is not None else 0.0
    lines = [
        Line(trunk, calls[trunk], talk_s[trunk], hours.total() / past_s if past_s else 0, max(hours.values()) / HOUR_S)
        for trunk, hours in held.items()
    ]
    return Occupancy(
        sorted(lines, key=lambda line: (-line.erlangs, line.trunk)),
        calls.total(),
        busiest,
        busiest_hour,
        _peaks(together, buckets),
        blocked(busiest, len(lines)),
        lines_needed(busiest),
    )


def blocked(erlangs: float, lines: int) -> float:
    """The share of calls that find ``lines`` lines busy, by Erlang's formula B."""
    share = 1.0
    for number in range(1, lines + 1):
        share = erlangs * share / (number + erlangs * share)
    return share


def lines_needed(erlangs: float, most_blocked: float = BLOCKED) -> int:
    """How many lines so many Erlangs need, that no larger share of calls is blocked."""
    share, lines = 1.0, 0
    while share > most_blocked and lines < MOST_LINES and erlangs > 0:
        lines += 1
        share = erlangs * share / (lines + erlangs * share)
    return lines


def held(calls: Iterable[tuple[int, int]], lines: int, span: Span) -> Held:
    """How many of ``lines`` lines were held at once, of the seconds [first, end) in which each call held one."""
    events = sorted(
        chain.from_iterable(
            ((max(first, span.first), 1), (min(end, span.last), -1))
            for first, end in calls
            if max(first, span.first) < min(end, span.last)
        )
    )
    now = most = full_s = 0
    since, at = span.first, None
    for second, change in events:
        if lines and now >= lines:
            full_s += second - since
        since, now = second, now + change
        if now > most:
            most, at = now, second
    return Held(most, at, full_s)


def _peaks(together: Counter[int], buckets: Sequence[Span]) -> list[float]:
    peaks, hours = [0.0] * len(buckets), sorted(together.items())
    place = 0
    for hour, held_s in hours:
        while place < len(buckets) and hour >= buckets[place].last:
            place += 1
        if place < len(buckets) and hour >= buckets[place].first:
            peaks[place] = max(peaks[place], held_s / HOUR_S)
    return peaks
