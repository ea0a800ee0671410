"""Writing calls.db: one batch of projected records, with the cursors that say how far it reaches, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from collector.calls import Call
from collector.faultpoints import reach
from collector.joining import Pending
from collector.rollups import SUMS
from parsers.records import Leg

if TYPE_CHECKING:
    import sqlite3

    from collector.rollups import Key
    from parsers.records import Rejected
    from parsers.stamps import DateOrder

CALL_COLUMNS = tuple(f.encode_name for f in msgspec.structs.fields(Call))
_INSERT_CALL = f"INSERT INTO calls (seq, {', '.join(CALL_COLUMNS)}) VALUES ({', '.join('?' * (len(CALL_COLUMNS) + 1))})"
_ADD_ROLLUP = (
    "INSERT INTO rollups (source, direction, class, department, extension, trunk, hour, seq, "
    f"{', '.join(SUMS)}) VALUES ({', '.join('?' * (8 + len(SUMS)))}) "
    "ON CONFLICT DO UPDATE SET seq = excluded.seq, "
    + ", ".join(f"{column} = {column} + excluded.{column}" for column in SUMS)
)

_encode = msgspec.json.Encoder().encode


@dataclass
class Counters:
    """What a source has given so far; the row of `sources`."""

    format: str | None = None
    record_bytes: int = 0
    rejected_bytes: int = 0
    noise_bytes: int = 0
    legs: int = 0
    calls: int = 0
    rejected: int = 0
    noise: int = 0
    last_record: float | None = None
    drift_s: float | None = None
    date_order: DateOrder | None = None
    """what the dates told, where they were sure enough"""
    date_certainty: float | None = None
    carried_day: str = ""
    """`Stamps.carried`"""


@dataclass
class Lane:
    """How far a lane is projected."""

    position: int = 0
    state: str = ""
    tail: str = "noise"
    heading: str = ""
    """the last heading that named its columns, where the format has such"""


@dataclass
class Batch:
    """Everything one transaction adds. Calls are keyed by their identity, so that a call joined twice is written once."""

    legs: list[tuple[str, int, int, float, str]] = field(default_factory=list)
    calls: dict[tuple[str, int], Call] = field(default_factory=dict)
    replaced: list[tuple[str, int]] = field(default_factory=list)
    """identities of calls stored by an earlier transaction"""
    rejected: list[tuple[str, int, float, str, str, str]] = field(default_factory=list)
    noise: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    rollups: dict[Key, list[int]] = field(default_factory=dict)
    joining: dict[tuple[str, str], int | None] = field(default_factory=dict)
    """call waiting under a key, None when none does any more"""
    counters: dict[str, Counters] = field(default_factory=dict)
    lanes: dict[tuple[str, int], Lane] = field(default_factory=dict)

    def leg(self, source: str, leg: Leg, call: int, received: float) -> None:
        """Add a leg of the call at offset ``call``."""
        self.legs.append((source, leg.offset, call, received, _encode(leg).decode()))

    def reject(self, source: str, record: Rejected, received: float) -> None:
        """Add a rejected line."""
        row = (source, record.offset, received, record.reason, record.hint, record.raw)
        self.rejected.append(row)

    def quiet(self, source: str, reason: str, count: int, size: int) -> None:
        """Count noise."""
        row = self.noise.setdefault((source, reason), [0, 0])
        row[0] += count
        row[1] += size


class CallsDb:
    """The writing side of calls.db; used by one thread."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db
        self.sequence: int = db.execute("SELECT last FROM sequence").fetchone()[0]

    def write(self, batch: Batch) -> None:
        """Store ``batch`` and move the cursors, all or nothing."""
        db, last = self.db, self.sequence
        db.execute("BEGIN IMMEDIATE")
        try:
            self._records(batch)
            self._bookkeeping(batch)
            db.execute("UPDATE sequence SET last = ?", (self.sequence,))
            reach("calls-writing")
            db.execute("COMMIT")
        except BaseException:
            db.execute("ROLLBACK")
            self.sequence = last
            raise
        reach("calls-written")

    def _records(self, batch: Batch) -> None:
        db = self.db
        if batch.replaced:
            db.executemany("DELETE FROM calls WHERE source = ? AND offset = ?", batch.replaced)
        first = self.sequence + 1
        db.executemany(
            _INSERT_CALL,
            [(seq, *_row(call)) for seq, call in enumerate(batch.calls.values(), first)],
        )
        self.sequence += len(batch.calls)
        db.executemany("INSERT OR REPLACE INTO legs VALUES (?,?,?,?,?)", batch.legs)
        db.executemany("INSERT OR REPLACE INTO rejected VALUES (?,?,?,?,?,?)", batch.rejected)
        first = self.sequence + 1
        db.executemany(
            _ADD_ROLLUP,
            [(*key, seq, *sums) for seq, (key, sums) in enumerate(batch.rollups.items(), first) if any(sums)],
        )
        self.sequence += len(batch.rollups)

    def _bookkeeping(self, batch: Batch) -> None:
        db = self.db
        db.executemany(
            "INSERT INTO noise VALUES (?,?,?,?) ON CONFLICT DO UPDATE SET count = count + excluded.count, "
            "bytes = bytes + excluded.bytes",
            [(*key, *counts) for key, counts in batch.noise.items()],
        )
        db.executemany(
            "INSERT OR REPLACE INTO joining VALUES (?,?,?)",
            [(*key, call) for key, call in batch.joining.items() if call is not None],
        )
        db.executemany(
            "DELETE FROM joining WHERE source = ? AND key = ?",
            [key for key, call in batch.joining.items() if call is None],
        )
        db.executemany(
            "INSERT OR REPLACE INTO sources (source, format, record_bytes, rejected_bytes, noise_bytes, legs, calls, "
            "rejected, noise, last_record, drift_s, date_order, date_certainty, carried_day) "
            "VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            [(source, *vars(counters).values()) for source, counters in batch.counters.items()],
        )
        db.executemany(
            "INSERT OR REPLACE INTO cursors (source, lane, position, state, tail, heading) VALUES (?,?,?,?,?,?)",
            [(*key, *vars(lane).values()) for key, lane in batch.lanes.items()],
        )

    def counters(self, source: str) -> Counters:
        """What ``source`` has given so far."""
        row = self.db.execute(
            "SELECT format, record_bytes, rejected_bytes, noise_bytes, legs, calls, rejected, noise, last_record, drift_s, "
            "date_order, date_certainty, carried_day FROM sources WHERE source = ?",
            (source,),
        ).fetchone()
        return Counters(*row) if row else Counters()

    def lanes(self, source: str) -> dict[int, Lane]:
        """How far each lane of ``source`` is projected."""
        rows = self.db.execute("SELECT lane, position, state, tail, heading FROM cursors WHERE source = ?", (source,))
        return {lane: Lane(*rest) for lane, *rest in rows}

    def pending(self, source: str) -> dict[str, Pending]:
        """Calls a later leg may still belong to, by key."""
        rows = self.db.execute(
            f"SELECT key, {', '.join(f'calls.{column}' for column in CALL_COLUMNS)} FROM joining "
            "JOIN calls ON calls.source = joining.source AND calls.offset = joining.call WHERE joining.source = ? "
            "ORDER BY calls.received",
            (source,),
        ).fetchall()
        select = "SELECT leg FROM legs WHERE source = ? AND offset = ?"
        waiting = {}
        for key, *columns in rows:
            call = call_of(columns)
            leg = self.db.execute(select, (source, call.legs[-1])).fetchone()[0]
            waiting[key] = Pending(call, msgspec.json.decode(leg, type=Leg))
        return waiting

    def stale(self, before: dict[str, float]) -> list[Call]:
        """Open calls of each source whose last leg came in before the given moment."""
        select = f"SELECT {', '.join(CALL_COLUMNS)} FROM calls WHERE open AND source = ? AND received < ?"
        return [call_of(row) for source, moment in before.items() for row in self.db.execute(select, (source, moment))]

    def close(self, calls: list[Call]) -> None:
        """Let outputs have calls whose further legs never came."""
        with self.db:
            self.db.execute("BEGIN IMMEDIATE")
            for call in calls:
                self.sequence += 1
                self.db.execute(
                    "UPDATE calls SET open = 0, seq = ? WHERE source = ? AND offset = ?",
                    (self.sequence, call.source, call.offset),
                )
            self.db.execute("UPDATE sequence SET last = ?", (self.sequence,))


def _row(call: Call) -> list[Any]:
    values = list(msgspec.structs.astuple(call))
    values[_FLAGS] = _encode(call.flags).decode() if call.flags else "[]"
    values[_LEGS] = _encode(call.legs).decode()
    return values


def call_of(columns: Any) -> Call:
    """A call from a row of `calls`, columns in the order of `CALL_COLUMNS`."""
    values = list(columns)
    values[_FLAGS] = msgspec.json.decode(values[_FLAGS])
    values[_LEGS] = msgspec.json.decode(values[_LEGS])
    for place in _BOOLEANS:
        values[place] = bool(values[place])
    return Call(*values)


_FLAGS = CALL_COLUMNS.index("flags")
_LEGS = CALL_COLUMNS.index("legs")
_BOOLEANS = tuple(CALL_COLUMNS.index(name) for name in ("transferred", "conference", "open", "retagged"))
