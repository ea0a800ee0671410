"""How the day goes, for a wall: worked out once for all who look, whatever their number."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from collector.buckets import bucket_of
from collector.store import queries
from dashboards.web import summaries
from dashboards.web.recent_misses import since, standing
from parsers import formats

if TYPE_CHECKING:
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from collector.calls import Call
    from collector.config import Config
    from collector.office.misses import OutsideCall
    from dashboards.web.store import Watcher

RINGING = frozenset(name for name, one in formats.built_in().items() if one.joining.rings)
RINGS_S = 15 * 60
"""A call that has rung longer is one whose end was not printed."""
HANDLED_S = 2.0
"""What operators handle is looked at so often."""
MISSED_COSTS = 20
"""Where reading the missed calls takes long, other things get so many times as long in between."""


class Standing(NamedTuple):
    """``waiting`` ring just now, the longest first; None where no source tells. Ring times are seconds."""

    waiting: list[Call] | None
    within: int
    timed: int
    """Calls answered today whose ring time is reported; ``within`` of them in time."""
    open: int
    overdue: int
    longest_s: int | None
    """The longest ring of today's calls that are over; None: not reported."""


class Board:
    """Asked by any number of pages; reads when something was stored."""

    def __init__(self, config: Config, path: Path, watcher: Watcher, zone: ZoneInfo) -> None:
        self._config = config
        self._path = path
        self._watcher = watcher
        self._zone = zone
        self._lock = asyncio.Lock()
        self._read: tuple[int, float] = (-1, 0.0)
        self._standing: Standing | None = None
        self._outside: list[OutsideCall] = []
        self._outside_at = (-1, 0.0)

    async def standing(self) -> Standing | None:
        """How it stands now; None while nothing is stored or it cannot be read."""
        async with self._lock:
            generation, at = self._read
            if generation != self._watcher.generation or time.monotonic() - at >= HANDLED_S:
                now = self._watcher.generation
                try:
                    self._standing = await asyncio.to_thread(self._ask)
                except (OSError, sqlite3.Error):
                    self._standing = None
                self._read = now, time.monotonic()
            return self._standing

    def _ask(self) -> Standing:
        now = int(time.time())
        day = queries.Span(*bucket_of("day", now, self._zone))
        with closing(queries.connect(self._path)) as db:
            incoming = queries.hours(db, day, queries.Filter(direction="incoming"))
            sums = summaries.total(one.sums for one in incoming)
            rings = any(name in RINGING for name in queries.source_formats(db))
            waiting = queries.waiting(db, now - RINGS_S) if rings else None
            longest_s = queries.longest_ring(db, day)
        open_, overdue = self._missed(now)
        return Standing(waiting, sums.within_target, sums.ring_known, open_, overdue, longest_s)

    def _missed(self, now: int) -> tuple[int, int]:
        generation, next_ = self._outside_at
        started = time.monotonic()
        if generation != self._watcher.generation and started >= next_:
            self._outside = since(self._path, now)
            ended = time.monotonic()
            self._outside_at = self._watcher.generation, ended + MISSED_COSTS * (ended - started)
        found = [one.standing for one in standing(self._outside, self._config, now)]
        return found.count("open"), found.count("overdue")
