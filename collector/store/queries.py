"""Read-only questions to ``calls.db``, as the console asks them.

Every function takes an open connection (see `connect`) and returns plain records. Spans are half-open and in
UTC seconds. Counts and sums over calls come from the hourly rollups wherever a rollup can answer; only ring
times, the feed and the details of one call are read from the calls themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec

from collector.store.calls_db import CALL_COLUMNS, call_of
from collector.store.database import open_reader
from parsers.records import Leg

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from collector.calls import Call

Dimension = Literal["source", "direction", "class", "department", "extension", "trunk"]

DIMENSIONS: tuple[Dimension, ...] = ("source", "direction", "class", "department", "extension", "trunk")

SCAN_ABOVE_S = 45 * 86_400
"""Beyond this span reading the whole table in order beats one look-up per row of the hour index."""


class Span(NamedTuple):
    """From ``first`` up to, not including, ``last``: UTC seconds."""

    first: int
    last: int


class Filter(msgspec.Struct, frozen=True, rename={"class_": "class"}):
    """What a view is narrowed to. None takes everything; ``''`` takes what has no value."""

    source: str | None = None
    direction: str | None = None
    class_: str | None = None
    department: str | None = None
    extension: str | None = None


class Sums(NamedTuple):
    """The summed columns of the rollups. Times are seconds; ``held_s`` is ring, talk and hold together."""

    calls: int = 0
    answered: int = 0
    unanswered: int = 0
    busy: int = 0
    failed: int = 0
    ring_known: int = 0
    ring_s: int = 0
    within_target: int = 0
    talk_s: int = 0
    held_s: int = 0
    cost_micros: int = 0


class HourSums(NamedTuple):
    """One local hour (UTC second it begins at) and one direction."""

    hour: int
    direction: str
    sums: Sums


class GroupSums(NamedTuple):
    """One value of a dimension; ``''`` where the calls have none."""

    value: str
    sums: Sums


class RingCount(NamedTuple):
    """How many calls of one group rang for ``ring_s`` seconds (None: not reported) and ended so."""

    group: int | str
    outcome: str
    ring_s: int | None
    calls: int


class StoredCall(NamedTuple):
    """A call and the position in the order of changes at which it was last written."""

    seq: int
    call: Call


class StoredLeg(NamedTuple):
    """A leg and the time it was received, POSIX seconds."""

    received: float
    leg: Leg


class RejectedLine(NamedTuple):
    """A line that was not understood. ``reason`` is a key of `REASONS`; ``raw`` is latin-1."""

    source: str
    offset: int
    received: float
    reason: str
    hint: str
    raw: str


class NoiseCount(NamedTuple):
    """How many lines, and bytes, of one kind of noise a source sent. ``reason`` is a key of `NOISE`."""

    source: str
    reason: str
    lines: int
    bytes: int


class LinkState(NamedTuple):
    """The state of one input and the POSIX second it took that state."""

    source: str
    state: str
    detail: str
    since: float


class OutputState(NamedTuple):
    """How far one output has come; ``lag_calls`` finished calls are not yet confirmed by the server."""

    output: str
    state: str
    last_error: str | None
    since: float
    lag_calls: int
    quarantined: int


def connect(path: Path) -> sqlite3.Connection:
    """Open ``path`` for reading only.

    Raises `FileNotFoundError` while the collector has not created it and `sqlite3.Error` when it cannot be
    read. The connection may be handed from thread to thread, one at a time.
    """
    if not path.exists():
        raise FileNotFoundError(path)
    return open_reader(path)


def version(connection: sqlite3.Connection) -> int:
    """Return a number that differs from the last one this connection got if anything was committed since."""
    return int(connection.execute("PRAGMA data_version").fetchone()[0])


def last_seq(connection: sqlite3.Connection) -> int:
    """Return the last number given to a change; every later change has a higher one."""
    return int(connection.execute("SELECT last FROM sequence").fetchone()[0])


def last_hour(connection: sqlite3.Connection) -> int | None:
    """Return the UTC second at which the latest local hour with calls begins, None if there are no calls."""
    hour: int | None = connection.execute("SELECT max(hour) FROM rollups").fetchone()[0]
    return hour


def hours(connection: sqlite3.Connection, span: Span, narrowed: Filter) -> list[HourSums]:
    """Sum the rollups per hour and direction, in order of time."""
    where, values = _rollups_where(span, narrowed)
    rows = connection.execute(
        f"SELECT hour, direction, {_SUMS} FROM rollups WHERE {where} GROUP BY hour, direction ORDER BY hour",  # noqa: S608
        values,
    )
    return [HourSums(hour, direction, Sums(*sums)) for hour, direction, *sums in rows]


def groups(connection: sqlite3.Connection, dimension: Dimension, span: Span, narrowed: Filter) -> list[GroupSums]:
    """Sum the rollups per value of ``dimension``, most calls first."""
    where, values = _rollups_where(span, narrowed)
    rows = connection.execute(
        f"SELECT {dimension}, {_SUMS} FROM rollups WHERE {where} GROUP BY 1 ORDER BY 2 DESC, 1",  # noqa: S608
        values,
    )
    return [GroupSums(value, Sums(*sums)) for value, *sums in rows]


def values(connection: sqlite3.Connection) -> dict[Dimension, list[str]]:
    """Return the values every dimension but the trunk has ever taken, sorted, ``''`` (none) included.

    Steps from one combination to the next in the primary key, so the cost follows the number of combinations
    and not the years that are stored.
    """
    columns = DIMENSIONS[:-1]
    names = ", ".join(columns)
    first = connection.execute(f"SELECT {names} FROM rollups ORDER BY {names} LIMIT 1").fetchone()  # noqa: S608
    following = (
        f"SELECT {names} FROM rollups WHERE ({names}) > ({', '.join('?' * len(columns))}) "  # noqa: S608
        f"ORDER BY {names} LIMIT 1"
    )
    found: dict[Dimension, set[str]] = {column: set() for column in columns}
    combination = first
    while combination:
        for column, value in zip(columns, combination, strict=True):
            found[column].add(value)
        combination = connection.execute(following, combination).fetchone()
    return {column: sorted(taken) for column, taken in found.items()}


def ring_counts(connection: sqlite3.Connection, buckets: Sequence[Span], narrowed: Filter) -> list[RingCount]:
    """Count incoming calls by bucket (``group`` is its index in ``buckets``), outcome and ring time."""
    where, values = _calls_where(narrowed)
    rows = connection.execute(
        "WITH bucket (number, first, last) AS"  # noqa: S608
        " (SELECT key, json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(:buckets))"
        " SELECT number, outcome, ring_s, count(*) FROM bucket CROSS JOIN calls"
        f" ON start >= bucket.first AND start < bucket.last WHERE {where} GROUP BY 1, 2, 3",
        {"buckets": msgspec.json.encode(buckets).decode(), **values},
    )
    return [RingCount(*row) for row in rows]


def ring_counts_by_extension(connection: sqlite3.Connection, span: Span, narrowed: Filter) -> list[RingCount]:
    """Count incoming calls by extension (``''`` where none is printed), outcome and ring time."""
    where, values = _calls_where(narrowed)
    rows = connection.execute(
        "SELECT coalesce(extension, ''), outcome, ring_s, count(*) FROM calls"  # noqa: S608
        f" WHERE start >= :first AND start < :last AND {where} GROUP BY 1, 2, 3",
        {**span._asdict(), **values},
    )
    return [RingCount(*row) for row in rows]


def newest_calls(connection: sqlite3.Connection, limit: int, *, after_seq: int = 0) -> list[StoredCall]:
    """Return the calls written or changed last, newest first, at most ``limit``."""
    rows = connection.execute(
        f"SELECT seq, {_CALL_COLUMNS} FROM calls WHERE seq > ? ORDER BY seq DESC LIMIT ?",  # noqa: S608
        (after_seq, limit),
    )
    return [StoredCall(seq, call_of(row)) for seq, *row in rows]


def call(connection: sqlite3.Connection, source: str, offset: int) -> Call | None:
    """Return the call whose first leg begins at ``offset`` of ``source``, or None if there is none."""
    row = connection.execute(
        f"SELECT {_CALL_COLUMNS} FROM calls WHERE source = ? AND offset = ?",  # noqa: S608
        (source, offset),
    ).fetchone()
    return call_of(row) if row else None


def legs(connection: sqlite3.Connection, source: str, offsets: Iterable[int]) -> list[StoredLeg]:
    """Return the legs of ``source`` at ``offsets``, in the order they were printed."""
    rows = connection.execute(
        "SELECT received, leg FROM legs WHERE source = ? AND offset IN (SELECT value FROM json_each(?))"
        " ORDER BY offset",
        (source, msgspec.json.encode(list(offsets)).decode()),
    )
    return [StoredLeg(received, _leg_decoder.decode(leg)) for received, leg in rows]


def rejected_lines(connection: sqlite3.Connection, limit: int, *, source: str | None = None) -> list[RejectedLine]:
    """Return the lines that were not understood, last received first, at most ``limit``."""
    rows = connection.execute(
        "SELECT source, offset, received, reason, hint, raw FROM rejected"
        " WHERE :source IS NULL OR source = :source ORDER BY received DESC, offset DESC LIMIT :limit",
        {"source": source, "limit": limit},
    )
    return [RejectedLine(*row) for row in rows]


def noise(connection: sqlite3.Connection) -> list[NoiseCount]:
    """Return what every source sent besides calls, most frequent first."""
    rows = connection.execute("SELECT source, reason, count, bytes FROM noise ORDER BY source, count DESC")
    return [NoiseCount(*row) for row in rows]


def links(connection: sqlite3.Connection) -> dict[str, LinkState]:
    """Return the state of every input by the name of its source."""
    rows = connection.execute("SELECT source, state, detail, since FROM links")
    return {row[0]: LinkState(*row) for row in rows}


def outputs(connection: sqlite3.Connection) -> list[OutputState]:
    """Return how far every output has come, by name."""
    rows = connection.execute(
        "SELECT output, state, last_error, since,"
        " (SELECT count(*) FROM calls WHERE seq > calls_seq AND NOT open),"
        " (SELECT count(*) FROM quarantine WHERE quarantine.output = outputs.output)"
        " FROM outputs ORDER BY output"
    )
    return [OutputState(*row) for row in rows]


_SUMS = ", ".join(f"sum({column})" for column in Sums._fields)
_CALL_COLUMNS = ", ".join(CALL_COLUMNS)
_leg_decoder = msgspec.json.Decoder(Leg)


def _rollups_where(span: Span, narrowed: Filter) -> tuple[str, dict[str, object]]:
    hour = "+hour" if span.last - span.first > SCAN_ABOVE_S else "hour"
    chosen = _chosen(narrowed)
    terms = [f"{hour} >= :first", f"{hour} < :last", *(f"{column} = :{column}" for column in chosen)]
    return " AND ".join(terms), {**span._asdict(), **chosen}


def _calls_where(narrowed: Filter) -> tuple[str, dict[str, object]]:
    chosen = _chosen(narrowed) | {"direction": "incoming"}
    terms = ["NOT open", *(f"coalesce({column}, '') = :{column}" for column in chosen)]
    return " AND ".join(terms), chosen


def _chosen(narrowed: Filter) -> dict[str, object]:
    return {column: value for column, value in msgspec.to_builtins(narrowed).items() if value is not None}
