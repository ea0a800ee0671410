"""How a link did over a time, counted from the journal of its changes."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from collector.store.events_db import LinkEvent

DOWN = frozenset({"connecting", "waiting", "closed", "failed"})
"""States in which nothing comes over a link."""


class LinkFigures(NamedTuple):
    """A link over a time: how often it came up and went down, how long it was down in all and at the longest."""

    opened: int
    lost: int
    down_s: float
    longest_s: float


def link_figures(events: Iterable[LinkEvent], begin: float, now: float) -> Mapping[str, LinkFigures]:
    """Count for every source the changes from ``begin`` on, POSIX seconds.

    ``events`` are in order, with the last one of each source before ``begin``: it tells how the link was then. Between
    two changes a link stays as it was, also while no collector runs that could note one.
    """
    by_source: dict[str, list[LinkEvent]] = defaultdict(list)
    for event in events:
        by_source[event.source].append(event)
    return {source: _counted(changes, begin, now) for source, changes in by_source.items()}


def _counted(changes: list[LinkEvent], begin: float, now: float) -> LinkFigures:
    opened = lost = 0
    spells: list[float] = []
    down_since: float | None = None
    was_open = False
    for change in changes:
        at, is_down = max(change.at, begin), change.state in DOWN
        if is_down and down_since is None:
            down_since = at
            lost += was_open and change.at >= begin
        elif not is_down and down_since is not None:
            spells.append(at - down_since)
            down_since = None
        opened += change.state == "open" and not was_open and change.at >= begin
        was_open = change.state == "open"
    if down_since is not None:
        spells.append(now - down_since)
    return LinkFigures(opened, lost, sum(spells), max(spells, default=0.0))
