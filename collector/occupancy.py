"""Telephone lines and the calls that hold them: how many are held at once, how many are needed.

Erlang's formula B tells how many calls find all lines busy, where calls come by chance and go away at once.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from collector.store.queries import Span

HOUR_S = 3600
BLOCKED = 0.01
"""The share of calls that may find all lines busy."""
MOST_LINES = 10_000


class Held(NamedTuple):
    """``most`` lines were held at once, first at ``at`` (POSIX seconds); for ``full_s`` seconds all of them were."""

    most: int
    at: int | None
    full_s: int


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
