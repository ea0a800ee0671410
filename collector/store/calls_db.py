"""Writing calls.db: one batch of projected records, with the cursors that say how far it reaches, in one transaction."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from collector.calls import Call
from collector.faultpoints import reach
from collector.joining import Pending, ReceivedLeg
from collector.rollups import SUMS, of_hours
from collector.store.legs import kept, legs_of
from collector.store.numbers import Numbers

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from collector.rollups import Key
    from parsers.records import Outcome, Rejected
    from parsers.stamps import DateOrder

CALL_COLUMNS = tuple(f.encode_name for f in msgspec.structs.fields(Call))
"""The columns of the view `calls`, in the order of `Call`."""

_OUTCOMES: dict[Outcome, int] = {"answered": 0, "unanswered": 1, "busy": 2, "failed": 3, "unknown": 4}
_STORED_CALL = [
    "seq",
    "source",
    "offset",
    "combination",
    "format",
    "start",
    "received",
    "resolution_s",
    "outcome",
    "number",
    "peer_extension",
    "answered_by",
    "did",
    "ring_s",
    "talk_s",
    "hold_s",
    "transferred",
    "conference",
    "account_code",
    "auth_code",
    "pbx_call_id",
    "meter_pulses",
    "pbx_cost",
    "currency",
    "carrier",
    "person",
    "cost",
    "rated_s",
    "flags",
    "legs",
    "open",
    "former",
]
_INSERT_CALL = f"INSERT INTO stored_calls ({', '.join(_STORED_CALL)}) VALUES ({', '.join('?' * len(_STORED_CALL))})"
_REWRITE_CALL = (
    "UPDATE stored_calls SET seq = ?, combination = ?, carrier = ?, person = ?, cost = ?, rated_s = ?, former = ? "
    "WHERE source = ? AND offset = ?"
)
_INSERT_LEG = (
    "INSERT INTO stored_legs (source, offset, size, call, received, extra, leg) VALUES (?,?,?,?,?,?,?) ON CONFLICT DO UPDATE "
    "SET size = coalesce(excluded.size, size), call = excluded.call, received = excluded.received, leg = excluded.leg"
)
_ADD_SUMS = (
    f"INSERT INTO stored_sums (seq, combination, hour, {', '.join(SUMS)}) VALUES ({', '.join('?' * (3 + len(SUMS)))}) "
    "ON CONFLICT (combination, hour) DO UPDATE SET seq = excluded.seq, "
    + ", ".join(f"{column} = {column} + excluded.{column}" for column in SUMS)
)

_ADD_HOURS = (
    f"INSERT INTO stored_hours (source, direction, class, hour, {', '.join(SUMS)}) VALUES ({', '.join('?' * (4 + len(SUMS)))}) "
    "ON CONFLICT DO UPDATE SET " + ", ".join(f"{column} = {column} + excluded.{column}" for column in SUMS)
)

_encode = msgspec.json.Encoder().encode
_LIST = msgspec.json.Decoder(list)


class Shown(NamedTuple):
    """A call as outputs may have seen it."""

    start: int
    tags: tuple[object, ...]


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

    calls: dict[tuple[str, int], Pending] = field(default_factory=dict)
    """calls that are new or changed, each with all its legs"""
    shown: dict[tuple[str, int], Shown] = field(default_factory=dict)
    """what calls that are changed were before their first change"""
    sizes: dict[tuple[str, int], int] = field(default_factory=dict)
    """bytes of the frames of legs that are new"""
    replaced: list[tuple[str, int]] = field(default_factory=list)
    """identities of calls stored by an earlier transaction"""
    rejected: list[tuple[str, int, float, str, str, str]] = field(default_factory=list)
    noise: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    rollups: dict[Key, list[int]] = field(default_factory=dict)
    joining: dict[tuple[str, str], int | None] = field(default_factory=dict)
    """call waiting under a key, None when none does any more"""
    counters: dict[str, Counters] = field(default_factory=dict)
    lanes: dict[tuple[str, int], Lane] = field(default_factory=dict)

    def put(self, call: Call, legs: tuple[ReceivedLeg, ...]) -> None:
        """Store ``call``, and of its legs what it does not tell."""
        self.calls[call.source, call.offset] = Pending(call, legs)

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
        self._numbers = Numbers(db)

    def write(self, batch: Batch) -> None:
        """Store ``batch`` and move the cursors, all or nothing."""
        with self._transaction():
            self._records(batch)
            self._add_sums(batch.rollups)
            self._bookkeeping(batch)

    def rewrite(self, calls: list[Call], sums: dict[Key, list[int]]) -> None:
        """Store what the tables give calls that are stored, and what that adds to the sums, all or nothing."""
        word_or_none = self._numbers.word_or_none
        with self._transaction():
            self.db.executemany(
                _REWRITE_CALL,
                [
                    (
                        seq,
                        self._numbers.of_call(call),
                        word_or_none(call.carrier),
                        word_or_none(call.person),
                        call.cost,
                        call.rated_s,
                        _encode(call.former).decode() if call.former else None,
                        self._numbers.word(call.source),
                        call.offset,
                    )
                    for seq, call in enumerate(calls, self.sequence + 1)
                ],
            )
            self.sequence += len(calls)
            self._add_sums(sums)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        db, last = self.db, self.sequence
        db.execute("BEGIN IMMEDIATE")
        try:
            yield
            db.execute("UPDATE sequence SET last = ?", (self.sequence,))
            reach("calls-writing")
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            self.sequence = last
            self._numbers.forget()
            raise
        reach("calls-written")

    def _records(self, batch: Batch) -> None:
        db, word = self.db, self._numbers.word
        db.executemany(
            "DELETE FROM stored_calls WHERE source = ? AND offset = ?",
            [(word(source), offset) for source, offset in batch.replaced],
        )
        first = self.sequence + 1
        db.executemany(
            _INSERT_CALL, [self._row(seq, call) for seq, (call, _) in enumerate(batch.calls.values(), first)]
        )
        self.sequence += len(batch.calls)
        db.executemany(
            _INSERT_LEG,
            [
                (
                    word(call.source),
                    heard.leg.offset,
                    batch.sizes.get((call.source, heard.leg.offset)),
                    *kept(call, heard),
                )
                for call, legs in batch.calls.values()
                for heard in legs
            ],
        )
        db.executemany("INSERT OR REPLACE INTO rejected VALUES (?,?,?,?,?,?)", batch.rejected)

    def _add_sums(self, rollups: dict[Key, list[int]]) -> None:
        self.db.executemany(
            _ADD_SUMS,
            [
                (seq, self._numbers.of_sums(key), key[-1], *sums)
                for seq, (key, sums) in enumerate(rollups.items(), self.sequence + 1)
                if any(sums)
            ],
        )
        self.sequence += len(rollups)
        self.db.executemany(
            _ADD_HOURS,
            [
                (self._numbers.word(source), *rest, *sums)
                for (source, *rest), sums in of_hours(rollups).items()
                if any(sums)
            ],
        )

    def _row(self, seq: int, call: Call) -> tuple[Any, ...]:
        """A row of `stored_calls`, in the order of `_STORED_CALL`."""
        numbers = self._numbers
        return (
            seq,
            numbers.word(call.source),
            call.offset,
            numbers.of_call(call),
            numbers.word(call.format),
            call.start,
            call.received,
            call.resolution_s,
            _OUTCOMES[call.outcome],
            call.number,
            call.peer_extension,
            call.answered_by,
            call.did,
            call.ring_s,
            call.talk_s,
            call.hold_s,
            call.transferred,
            call.conference,
            call.account_code,
            call.auth_code,
            call.pbx_call_id,
            call.meter_pulses,
            call.pbx_cost,
            call.currency,
            numbers.word_or_none(call.carrier),
            numbers.word_or_none(call.person),
            call.cost,
            call.rated_s,
            _encode(call.flags).decode() if call.flags else None,
            _encode(call.legs).decode() if len(call.legs) > 1 else None,
            call.open,
            _encode(call.former).decode() if call.former else None,
        )

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
        calls = ((key, call_of(columns)) for key, *columns in rows)
        return {key: Pending(call, tuple(legs_of(self.db, call))) for key, call in calls}

    def stale(self, before: dict[str, float]) -> list[Call]:
        """Open calls of each source whose last leg came in before the given moment."""
        select = f"SELECT {', '.join(CALL_COLUMNS)} FROM calls WHERE open AND +source = ? AND received < ?"
        return [call_of(row) for source, moment in before.items() for row in self.db.execute(select, (source, moment))]

    def close(self, calls: list[Call]) -> None:
        """Let outputs have calls whose further legs never came."""
        with self.db:
            self.db.execute("BEGIN IMMEDIATE")
            for call in calls:
                self.sequence += 1
                self.db.execute(
                    "UPDATE stored_calls SET open = 0, seq = ? WHERE source = ? AND offset = ?",
                    (self.sequence, self._numbers.word(call.source), call.offset),
                )
            self.db.execute("UPDATE sequence SET last = ?", (self.sequence,))


def call_of(columns: Any) -> Call:
    """A call from a row of the view `calls`, columns in the order of `CALL_COLUMNS`."""
    values = list(columns)
    for place in _LISTS:
        values[place] = [] if values[place] == "[]" else _LIST.decode(values[place])
    for place in _BOOLEANS:
        values[place] = bool(values[place])
    return Call(*values)


_LISTS = tuple(CALL_COLUMNS.index(name) for name in ("flags", "legs", "former"))
_BOOLEANS = tuple(CALL_COLUMNS.index(name) for name in ("transferred", "conference", "open"))
