"""How well lines are used: Erlangs and the busiest hour of each trunk, and how many are needed."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

from collector.occupancy import HOUR_S, blocked, lines_needed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from collector.store.queries import HourGroup, Span


class Line(NamedTuple):
    """A trunk: calls and seconds of talk that began in the span, Erlangs over it, Erlangs of its busiest hour."""

    trunk: str
    calls: int
    talk_s: int
    erlangs: float
    busiest: float


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


def _peaks(together: Counter[int], buckets: Sequence[Span]) -> list[float]:
    peaks, hours = [0.0] * len(buckets), sorted(together.items())
    place = 0
    for hour, held_s in hours:
        while place < len(buckets) and hour >= buckets[place].last:
            place += 1
        if place < len(buckets) and hour >= buckets[place].first:
            peaks[place] = max(peaks[place], held_s / HOUR_S)
    return peaks
