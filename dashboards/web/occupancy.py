"""How well lines are used: Erlangs and the busiest hour of each trunk, and how many are needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from collector.occupancy import HOUR_S, blocked, lines_needed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from collector.store.queries import Span, TrunkSums


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


def occupancy(
    trunks: Sequence[TrunkSums], hours: Sequence[tuple[int, int]], buckets: Sequence[Span], past_s: int
) -> Occupancy:
    """Summarise the sums of trunks, and the seconds that all of them were held in each hour.

    ``past_s`` are the seconds of the span that are past. Two PBXs may call a trunk alike: then the source is part of its
    name.
    """
    several = len({one.source for one in trunks}) > 1
    lines = [
        Line(
            f"{one.source} {one.trunk}" if several else one.trunk,
            one.calls,
            one.talk_s,
            one.held_s / past_s if past_s else 0,
            one.busiest_s / HOUR_S,
        )
        for one in trunks
    ]
    busiest_hour, held_s = max(hours, key=lambda one: (one[1], -one[0]), default=(None, 0))
    busiest = held_s / HOUR_S
    return Occupancy(
        sorted(lines, key=lambda line: (-line.erlangs, line.trunk)),
        sum(one.calls for one in trunks),
        busiest,
        busiest_hour,
        _peaks(hours, buckets),
        blocked(busiest, len(lines)),
        lines_needed(busiest),
    )


def _peaks(hours: Sequence[tuple[int, int]], buckets: Sequence[Span]) -> list[float]:
    peaks = [0.0] * len(buckets)
    place = 0
    for hour, held_s in sorted(hours):
        while place < len(buckets) and hour >= buckets[place].last:
            place += 1
        if place < len(buckets) and hour >= buckets[place].first:
            peaks[place] = max(peaks[place], held_s / HOUR_S)
    return peaks
