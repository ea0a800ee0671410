"""calls.db as outputs see it: changes to follow, sums over hours, and the place for each output's own cursor."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from bisect import bisect_right
from typing import TYPE_CHECKING, Any, TypeVar

from collector.outputs.base import MissOrReturn, RollupRow, Sums, TrunkUse
from collector.rollups import SUMS
from collector.store.calls_db import CALL_COLUMNS, call_of
from collector.store.database import open_reader
from collector.trouble import is_trouble

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from collector.buckets import Bucket
    from collector.calls import Call
    from collector.outputs.base import Dims, ProfileDims, State
    from collector.projector import Projector

_Result = TypeVar("_Result")

_RETRY_S = 2.0

_SUMS = ", ".join(SUMS)
_OF_TRUNKS = "hour >= ? AND hour < ? AND +source = ? AND +trunk != ''"
_LONGEST_S = 86_400
"""A call that began longer before an hour is not looked for in it."""
_HELD = (
    "SELECT start, start + coalesce(ring_s, 0) + coalesce(talk_s, 0) + coalesce(hold_s, 0) FROM stored_calls "
    "JOIN combinations ON combinations.id = stored_calls.combination WHERE start >= ? AND start < ? AND trunk != '' "
    "AND combinations.source = (SELECT id FROM words WHERE word = ?)"
)
_OUTSIDE = """
SELECT sources.word, offset, start, number, carriers.word, direction = 'incoming', direction = 'incoming' AND outcome = 1
FROM stored_calls JOIN words AS sources ON sources.id = stored_calls.source
JOIN combinations ON combinations.id = stored_calls.combination
LEFT JOIN words AS carriers ON carriers.id = stored_calls.carrier
WHERE start >= ? AND start <= ? AND number IS NOT NULL AND NOT open AND direction != 'internal'
AND (direction != 'incoming' OR outcome IN (0, 1))
"""
"""Outcomes are spelt out by the view `calls`: 0 is answered, 1 unanswered."""
_TOTALS = ", ".join(f"coalesce(sum({column}), 0)" for column in SUMS)


class StoreFeed:
    """The `OutputFeed` of calls.db. Reads have a connection of their own, writes go to the projector's thread."""

    def __init__(self, path: Path, projector: Projector) -> None:
        self._path = path
        self._db: sqlite3.Connection | None = None
        self._lock = threading.Lock()
        self._projector = projector
        self._loop = asyncio.get_running_loop()
        self._changed = asyncio.Event()

    def committed(self) -> None:
        """Wake whoever waits in `changed`; called from the projector's thread."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._changed.set)

    def close(self) -> None:
        """Close the reading connection."""
        with self._lock:
            self._let_go()

    async def calls_after(self, seq: int, limit: int) -> list[tuple[int, Call]]:
        """Closed calls changed after ``seq``, by seq."""
        rows = await self._read(
            f"SELECT seq, {', '.join(CALL_COLUMNS)} FROM calls WHERE seq > ? AND NOT open ORDER BY seq LIMIT ?",
            seq,
            limit,
        )
        return [(number, call_of(columns)) for number, *columns in rows]

    async def settled(self, source: str, first: int, last: int, seq: int) -> bool:
        """Whether a closed call of ``source`` that starts in [first, last] is unchanged since ``seq``."""
        rows = await self._read(
            "SELECT 1 FROM calls WHERE start >= ? AND start <= ? AND +source = ? AND +seq <= ? AND NOT open LIMIT 1",
            first,
            last,
            source,
            seq,
        )
        return bool(rows)

    async def outside(self, first: int, last: int) -> list[MissOrReturn]:
        """Closed calls that begin in [first, last], with a number, that were missed, answered or made."""
        rows = await self._read(_OUTSIDE, first, last)
        return [MissOrReturn._make((*row, bool(incoming), bool(missed))) for *row, incoming, missed in rows]

    async def calls_of(self, identities: Sequence[tuple[str, int]]) -> list[Call]:
        """The calls with these sources and offsets."""
        select = f"SELECT {', '.join(CALL_COLUMNS)} FROM calls WHERE source = ? AND offset = ?"
        return [call_of(row) for row in await self._read_each(select, identities)]

    async def rollups_after(self, seq: int, limit: int) -> list[RollupRow]:
        """Hour rows changed after ``seq``, by seq."""
        rows = await self._read(
            f"SELECT {_SUMS}, seq, source, direction, class, department, extension, trunk, hour FROM rollups "
            "WHERE seq > ? ORDER BY seq LIMIT ?",
            seq,
            limit,
        )
        return [RollupRow(**dict(zip(_ROLLUP_FIELDS, row, strict=True))) for row in rows]

    async def rollup_sums(self, wanted: Sequence[tuple[Dims, int, int]]) -> list[Sums]:
        """Sums of each combination over the hours that begin in [first, last)."""
        rows = await self._read_each(
            f"SELECT {_TOTALS} FROM rollups WHERE source = ? AND direction = ? AND class = ? AND department = ? "
            "AND extension = ? AND trunk = ? AND hour >= ? AND hour < ?",
            [(*dims, first, last) for dims, first, last in wanted],
        )
        return [Sums(*row) for row in rows]

    async def profile_sums(self, wanted: Sequence[tuple[ProfileDims, int]]) -> list[tuple[int, int, int]]:
        """(calls, talk_s, held_s) of each local hour."""
        return await self._read_each(
            "SELECT coalesce(sum(calls), 0), coalesce(sum(talk_s), 0), coalesce(sum(held_s), 0) FROM rollups "
            "WHERE +source = ? AND +direction = ? AND department = ? AND hour = ?",
            [(*dims, hour) for dims, hour in wanted],
        )

    async def trunks(self, source: str, span: Bucket, until_seq: int) -> frozenset[str]:
        """Lines of ``source`` that calls held in the span, by rows up to ``until_seq``."""
        rows = await self._read(
            f"SELECT DISTINCT trunk FROM rollups WHERE {_OF_TRUNKS} AND +seq <= ? AND (calls OR held_s)",
            *span,
            source,
            until_seq,
        )
        return frozenset(trunk for (trunk,) in rows)

    async def trunk_hours(self, source: str, span: Bucket) -> list[int]:
        """The hours of the span in which a line was used, in order."""
        rows = await self._read(f"SELECT DISTINCT hour FROM rollups WHERE {_OF_TRUNKS} ORDER BY hour", *span, source)
        return [hour for (hour,) in rows]

    async def trunk_use(self, source: str, hours: Sequence[Bucket]) -> list[TrunkUse]:
        """How the lines of ``source`` were used in each hour."""
        return await self._ask(lambda db: _trunk_use(db, source, hours))

    async def cursor(self, output: str) -> tuple[int, int]:
        """How far ``output`` has confirmed; (0, 0) for a new one."""
        rows = await self._read("SELECT calls_seq, rollups_seq FROM outputs WHERE output = ?", output)
        return rows[0] if rows else (0, 0)

    async def confirm(self, output: str, calls_seq: int, rollups_seq: int) -> None:
        """Everything up to here is durable on the server."""
        await self._write(
            "INSERT INTO outputs (output, state, calls_seq, rollups_seq, since) VALUES (?, 'ok', ?, ?, ?) "
            "ON CONFLICT DO UPDATE SET calls_seq = excluded.calls_seq, rollups_seq = excluded.rollups_seq",
            output,
            calls_seq,
            rollups_seq,
            time.time(),
        )

    async def state(self, output: str, state: State, error: str | None) -> None:
        """Keep the output's state, with the sentence that explains it."""
        await self._write(
            "INSERT INTO outputs (output, state, calls_seq, rollups_seq, last_error, since) VALUES (?, ?, 0, 0, ?, ?) "
            "ON CONFLICT DO UPDATE SET state = excluded.state, last_error = excluded.last_error, since = excluded.since",
            output,
            state,
            error,
            time.time(),
        )

    async def quarantine(self, output: str, point: str, reason: str) -> None:
        """Keep a point the server refuses for good."""
        await self._write("INSERT OR REPLACE INTO quarantine VALUES (?, ?, ?, ?)", output, point, reason, time.time())

    async def changed(self, timeout: float) -> None:  # noqa: ASYNC109  (the protocol's own wait)
        """Return when something new was committed, or after ``timeout`` seconds."""
        try:
            async with asyncio.timeout(timeout):
                await self._changed.wait()
        except TimeoutError:
            return
        self._changed.clear()

    async def _read(self, sql: str, *values: Any) -> list[Any]:
        return await self._ask(lambda db: db.execute(sql, values).fetchall())

    async def _read_each(self, sql: str, wanted: Sequence[tuple[Any, ...]]) -> list[Any]:
        """Ask the same for each of ``wanted``; in one go, as handing over to a thread takes longer than the query."""
        return await self._ask(lambda db: [db.execute(sql, values).fetchone() for values in wanted])

    async def _ask(self, question: Callable[[sqlite3.Connection], _Result]) -> _Result:
        """Answer ``question``, as soon as calls.db is made, up to date, and can be read."""
        while True:
            if self._db is None:
                await self._submit(lambda _db: None)
            try:
                return await asyncio.to_thread(self._answer, question)
            except sqlite3.Error as error:  # the projector says what is wrong
                if not is_trouble(error):
                    raise
                await asyncio.sleep(_RETRY_S)

    def _answer(self, question: Callable[[sqlite3.Connection], _Result]) -> _Result:
        with self._lock:
            try:
                if self._db is None:
                    self._db = open_reader(self._path)
                return question(self._db)
            except sqlite3.Error:
                self._let_go()
                raise

    def _let_go(self) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None

    async def _write(self, sql: str, *values: Any) -> None:
        await self._submit(lambda db: db.execute(sql, values))

    async def _submit(self, job: Callable[[sqlite3.Connection], _Result]) -> _Result:
        return await asyncio.wrap_future(self._projector.submit(job))


def _trunk_use(db: sqlite3.Connection, source: str, hours: Sequence[Bucket]) -> list[TrunkUse]:
    """The calls are read once for all hours. Of an hour whose calls are gone, the sums tell how many there were."""
    sums = f"SELECT coalesce(sum(calls), 0), coalesce(sum(held_s), 0) FROM rollups WHERE {_OF_TRUNKS}"
    counted = [db.execute(sums, (*hour, source)).fetchone() for hour in hours]
    held: list[list[tuple[int, int]]] = [[] for _ in hours]
    begun, ends = [0] * len(hours), [end for _, end in hours]
    for first, end in db.execute(_HELD, (hours[0][0] - _LONGEST_S, hours[-1][1], source)):
        place = bisect_right(ends, first)
        begun[place] += first >= hours[place][0]
        while place < len(hours) and hours[place][0] < end:
            held[place].append((first, end))
            place += 1
    return [
        TrunkUse(hour, calls, held_s, held[place], calls == begun[place])
        for place, (hour, (calls, held_s)) in enumerate(zip(hours, counted, strict=True))
    ]


_ROLLUP_FIELDS = (
    *SUMS,
    "seq",
    "source",
    "direction",
    "class_",
    "department",
    "extension",
    "trunk",
    "hour",
)
