"""A store in memory, for outputs, and calls to put into it."""

from __future__ import annotations

import asyncio
import contextlib
from itertools import islice
from typing import TYPE_CHECKING, Any

from collector.calls import Call
from collector.outputs.base import MissOrReturn, RollupRow, Sums, TrunkUse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from collector.buckets import Bucket
    from collector.outputs.base import Dims, ProfileDims, State

WHEN = 1_790_000_000  # Monday, 2026-09-21 22:13:20 in Shanghai
COLUMNS = Sums.__struct_fields__


def call(number: int = 0, /, **changes: Any) -> Call:
    """Make an answered incoming call; its identity, second and extension follow from ``number``."""
    fields: dict[str, Any] = {
        "source": "pbx1",
        "offset": number * 80,
        "format": "panasonic/kx-td",
        "start": WHEN + number,
        "resolution_s": 1,
        "direction": "incoming",
        "outcome": "answered",
        "received": 0.0,
        "extension": str(100 + number % 20),
        "trunk": "01",
        "number": "0551000",
        "talk_s": 60,
        "ring_s": 7,
        "class_": "local",
        "legs": [number * 80],
    }
    return Call(**(fields | changes))


def row(hour: int, **changes: Any) -> RollupRow:
    """Make the rollup of two calls of extension 101 in an hour."""
    fields: dict[str, Any] = dict.fromkeys(COLUMNS, 0) | {
        "calls": 2,
        "answered": 1,
        "unanswered": 1,
        "talk_s": 60,
        "held_s": 90,
        "cost_micros": 1_500_000,
        "seq": 0,
        "source": "pbx1",
        "direction": "incoming",
        "class_": "local",
        "department": "",
        "extension": "101",
        "trunk": "01",
        "hour": hour,
    }
    return RollupRow(**(fields | changes))


class MemoryFeed:
    """An `OutputFeed` that keeps everything in lists; ``caught_up`` waits until an output has confirmed it all."""

    def __init__(self) -> None:
        self.calls: dict[tuple[str, int], tuple[int, Call]] = {}
        self.rows: list[RollupRow] = []
        self.confirmed = (0, 0)
        self.states: list[tuple[State, str | None]] = []
        self.quarantined: dict[str, str] = {}
        self._seq = 0
        self._new = asyncio.Event()
        self._moved = asyncio.Condition()

    def add_call(self, call: Call) -> None:
        self._seq += 1
        self.calls.pop((call.source, call.offset), None)
        self.calls[call.source, call.offset] = (self._seq, call)
        self._new.set()

    def add_row(self, row: RollupRow) -> None:
        self._seq += 1
        row.seq = self._seq
        self.rows = [old for old in self.rows if (old.dims, old.hour) != (row.dims, row.hour)] + [row]
        self._new.set()

    async def until(self, state: State, words: str = "") -> str:
        """Wait until the output shows this state, in a sentence with these words; returns the sentence."""
        async with self._moved:
            await self._moved.wait_for(lambda: self.shown(state, words))
        return self.states[-1][1] or ""

    def shown(self, state: State, words: str) -> bool:
        return bool(self.states) and self.states[-1][0] == state and words in (self.states[-1][1] or "")

    async def caught_up(self) -> None:
        last = (max((s for s, _ in self.calls.values()), default=0), max((r.seq for r in self.rows), default=0))
        async with self._moved:
            await self._moved.wait_for(lambda: self.confirmed >= last)

    async def calls_after(self, seq: int, limit: int) -> list[tuple[int, Call]]:
        newer = (entry for entry in self.calls.values() if entry[0] > seq)
        return list(islice(newer, limit))

    async def settled(self, source: str, first: int, last: int, seq: int) -> bool:
        return any(
            number <= seq and call.source == source and first <= call.start <= last
            for number, call in self.calls.values()
        )

    async def outside(self, first: int, last: int) -> list[MissOrReturn]:
        return [
            MissOrReturn(
                call.source,
                call.offset,
                call.start,
                call.number,
                call.carrier,
                call.direction == "incoming",
                call.direction == "incoming" and call.outcome == "unanswered",
            )
            for _, call in self.calls.values()
            if call.number and call.direction != "internal" and first <= call.start <= last
            if call.direction != "incoming" or call.outcome in ("answered", "unanswered")
        ]

    async def calls_of(self, identities: Sequence[tuple[str, int]]) -> list[Call]:
        return [self.calls[identity][1] for identity in identities]

    async def rollups_after(self, seq: int, limit: int) -> list[RollupRow]:
        return [row for row in self.rows if row.seq > seq][:limit]

    async def rollup_sums(self, wanted: Sequence[tuple[Dims, int, int]]) -> list[Sums]:
        return [self._sums(dims, first, last) for dims, first, last in wanted]

    def _sums(self, dims: Dims, first: int, last: int) -> Sums:
        rows = [row for row in self.rows if row.dims == dims and first <= row.hour < last]
        return Sums(*(sum(getattr(row, column) for row in rows) for column in COLUMNS))

    async def profile_sums(self, wanted: Sequence[tuple[ProfileDims, int]]) -> list[tuple[int, int, int]]:
        return [self._profile(dims, hour) for dims, hour in wanted]

    def _profile(self, dims: ProfileDims, hour: int) -> tuple[int, int, int]:
        rows = [r for r in self.rows if (r.source, r.direction, r.department) == dims and r.hour == hour]
        return sum(r.calls for r in rows), sum(r.talk_s for r in rows), sum(r.held_s for r in rows)

    async def trunks(self, source: str, span: Bucket, until_seq: int) -> frozenset[str]:
        used = [row for row in self._of_trunks(source, span) if row.seq <= until_seq and (row.calls or row.held_s)]
        return frozenset(row.trunk for row in used)

    async def trunk_hours(self, source: str, span: Bucket) -> list[int]:
        return sorted({row.hour for row in self._of_trunks(source, span)})

    async def trunk_use(self, source: str, hours: Sequence[Bucket]) -> list[TrunkUse]:
        return [self._trunk_use(source, hour) for hour in hours]

    def _of_trunks(self, source: str, span: Bucket) -> list[RollupRow]:
        return [row for row in self.rows if row.source == source and row.trunk and span[0] <= row.hour < span[1]]

    def _trunk_use(self, source: str, hour: Bucket) -> TrunkUse:
        rows = self._of_trunks(source, hour)
        calls = [call for _, call in self.calls.values() if call.source == source and call.trunk]
        held = [(one.start, one.start + (one.ring_s or 0) + (one.talk_s or 0) + (one.hold_s or 0)) for one in calls]
        begun = sum(hour[0] <= first < hour[1] for first, _ in held)
        counted = sum(row.calls for row in rows)
        return TrunkUse(hour, counted, sum(row.held_s for row in rows), held, counted == begun)

    async def cursor(self, output: str) -> tuple[int, int]:
        assert output == "influx"
        return self.confirmed

    async def confirm(self, output: str, calls_seq: int, rollups_seq: int) -> None:
        assert output == "influx"
        async with self._moved:
            self.confirmed = (calls_seq, rollups_seq)
            self._moved.notify_all()

    async def state(self, output: str, state: State, error: str | None) -> None:
        assert output == "influx"
        async with self._moved:
            self.states.append((state, error))
            self._moved.notify_all()

    async def quarantine(self, output: str, point: str, reason: str) -> None:
        assert output == "influx"
        self.quarantined[point] = reason

    async def changed(self, timeout: float) -> None:  # noqa: ASYNC109
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await self._new.wait()
        self._new.clear()
