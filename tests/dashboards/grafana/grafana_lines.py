"""How lines were held, counted second by second from the printed calls, and Erlang's formula B as books print it."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import cache
from math import exp, factorial
from typing import TYPE_CHECKING

from grafana_printed import bucket, length

if TYPE_CHECKING:
    from grafana_printed import Printed


@dataclass
class Hour:
    """An hour of the lines of one source: in how many calls began, and how many lines were held at each second."""

    calls: int = 0
    seconds: Counter[int] = field(default_factory=Counter)
    lines: int = 0

    @property
    def held_s(self) -> int:
        return self.seconds.total()

    @property
    def peak(self) -> int:
        return max(self.seconds.values(), default=0)

    @property
    def busy_s(self) -> int:
        return sum(count >= self.lines for count in self.seconds.values())


def hours_of_lines(calls: list[Printed]) -> dict[tuple[str, int], dict[str, float]]:
    """Fields of each source and hour, by (source, begin of the hour)."""
    hours: dict[tuple[str, int], Hour] = defaultdict(Hour)
    used: dict[tuple[str, int], set[str]] = defaultdict(set)
    for call in calls:
        if call.trunk:
            for second in range(call.start, call.start + (call.ring_s or 0) + (call.talk_s or 0)):
                hour = bucket("hour", second)
                hours[call.source, hour].seconds[second] += 1
                used[call.source, bucket("month", hour)].add(call.trunk)
            hours[call.source, bucket("hour", call.start)].calls += 1
            used[call.source, bucket("month", call.start)].add(call.trunk)
    for (source, start), held in hours.items():
        held.lines = len(used[source, bucket("month", start)])
    return {place: fields(hour, length("hour", place[1])) for place, hour in hours.items()}


def fields(hour: Hour, seconds: int) -> dict[str, float]:
    erlangs = hour.held_s / seconds
    return {
        "calls": hour.calls,
        "held_s": hour.held_s,
        "erlangs": erlangs,
        "lines": hour.lines,
        "needed": needed(erlangs),
        "peak": hour.peak,
        "busy_s": hour.busy_s,
    }


@cache
def needed(erlangs: float) -> int:
    """The fewest lines that block one call of a hundred at most."""
    lines = 0
    while blocked(erlangs, lines) > 0.01:
        lines += 1
    return lines


def blocked(erlangs: float, lines: int) -> float:
    if not erlangs:
        return 0
    terms = [erlangs**number / factorial(number) * exp(-erlangs) for number in range(lines + 1)]
    return terms[-1] / sum(terms)
