"""Telephone lines and the calls that hold them: how many are held at once, how many are needed.

Erlang's formula B tells how many calls find all lines busy, where calls come by chance and go away at once.
"""

from __future__ import annotations

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
    begin, last = span
    # a call that ends makes room for one that begins at that second: even numbers are ends, and come first
    events: list[int] = []
    for first, end in calls:
        since, until = max(first, begin), min(end, last)
        if since < until:
            events += (2 * since + 1, 2 * until)
    events.sort()
    now = most = full_s = 0
    since, at = begin, None
    for event in events:
        second = event >> 1
        if lines and now >= lines:
            full_s += second - since
        since = second
        if event & 1:
            now += 1
            if now > most:
                most, at = now, second
        else:
            now -= 1
    return Held(most, at, full_s)
