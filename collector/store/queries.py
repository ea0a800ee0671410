"""Read-only questions to ``calls.db``, as the console asks them.

Every function takes an open connection (see `connect`) and returns plain records. Spans are half-open and in
UTC seconds. Counts and sums over calls come from the hourly rollups wherever a rollup can answer; only ring
times, the feed and the details of one call are read from the calls themselves. A ``+`` before a column keeps SQLite
from looking up by it what is found faster by time.
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import msgspec

from collector.journal import extents
from collector.store.calls_db import CALL_COLUMNS, call_of
from collector.store.database import open_reader
from collector.store.legs import LegReader

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from collector.calls import Call
    from collector.joining import ReceivedLeg

Dimension = Literal["source", "direction", "class", "department", "extension", "trunk"]

DIMENSIONS: tuple[Dimension, ...] = ("source", "direction", "class", "department", "extension", "trunk")

_LONGEST_S = 86_400
"""A call that began longer before a span is not looked for in it."""

_QUARTER_S = 900
"""Hours and days of every zone begin with one."""

_NO_OFFSET = (1 << 63) - 1
"""Behind every offset."""

_ROOM = "PRAGMA cache_size = -8000"
"""Kilobytes: the sums of a month of a large office are sorted in memory and not in a file."""


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


NO_FILTER = Filter()


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


class HourOfClass(NamedTuple):
    """One local hour (UTC second it begins at), one direction and one class."""

    hour: int
    direction: str
    class_: str
    sums: Sums


class GroupSums(NamedTuple):
    """One value of a dimension; ``''`` where the calls have none."""

    value: str
    sums: Sums


class TrunkSums(NamedTuple):
    """What calls that began in a span held a trunk for, in seconds; ``busiest_s`` of them in its busiest hour."""

    source: str
    trunk: str
    calls: int
    talk_s: int
    held_s: int
    busiest_s: int


class RingCount(NamedTuple):
    """How many calls of a group, department and extension rang for ``ring_s`` seconds (None: not reported) and ended so."""

    group: int
    department: str
    extension: str
    outcome: str
    ring_s: int | None
    calls: int


class IncomingCall(NamedTuple):
    """Where an incoming call rang: at ``first`` first (None: as at last), and at last, where it was ``answered`` (0 or 1)."""

    start: int
    source: str
    extension: str
    first: str | None
    answered: int
    transferred: int
    ring_s: int | None


class StoredCall(NamedTuple):
    """A call and the position in the order of changes at which it was last written."""

    seq: int
    call: Call


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


class Balance(NamedTuple):
    """Where the bytes of a source went. ``pending`` is counted in the journal, not worked out from the others."""

    received: int
    records: int
    rejected: int
    noise: int
    pending: int

    @property
    def holds(self) -> bool:
        """Whether every byte that was received is accounted for exactly once."""
        return self.received == self.records + self.rejected + self.noise + self.pending


def connect(path: Path) -> sqlite3.Connection:
    """Open ``path`` for reading only.

    Raises `FileNotFoundError` while the collector has not created it and `sqlite3.Error` when it cannot be
    read. The connection may be handed from thread to thread, one at a time.
    """
    if not path.exists():
        raise FileNotFoundError(path)
    connection = open_reader(path)
    connection.execute(_ROOM)
    return connection


def version(connection: sqlite3.Connection) -> int:
    """Return a number that differs from the last one this connection got if anything was committed since."""
    return int(connection.execute("PRAGMA data_version").fetchone()[0])


def last_seq(connection: sqlite3.Connection) -> int:
    """Return the last number given to a change; every later change has a higher one."""
    return int(connection.execute("SELECT last FROM sequence").fetchone()[0])


def removed(connection: sqlite3.Connection) -> int:
    """Return how many calls a retention policy has taken away; what was counted call by call is less by them."""
    return int(connection.execute("SELECT coalesce(sum(calls), 0) FROM removed").fetchone()[0])


def last_hour(connection: sqlite3.Connection) -> int | None:
    """Return the UTC second at which the latest local hour with calls begins, None if there are no calls."""
    hour: int | None = connection.execute("SELECT max(hour) FROM main.stored_sums").fetchone()[0]
    return hour


def hours(connection: sqlite3.Connection, span: Span, narrowed: Filter) -> list[HourSums]:
    """Sum the rollups per hour and direction, in order of time."""
    where, values = _rollups_where(span, narrowed)
    rows = connection.execute(
        f"SELECT hour, direction, {_sums(Sums._fields)} FROM {_summed(narrowed)} WHERE {where}"
        " GROUP BY hour, direction ORDER BY hour",
        values,
    )
    return [HourSums(hour, direction, Sums(*sums)) for hour, direction, *sums in rows]


def each_hour(connection: sqlite3.Connection, span: Span, narrowed: Filter) -> Iterator[HourOfClass]:
    """Sum the rollups per hour, direction and class, in order of time; one after another: the hours of years are many."""
    where, values = _rollups_where(span, narrowed)
    rows = connection.execute(
        f"SELECT hour, direction, class, {_sums(Sums._fields)} FROM {_summed(narrowed)} WHERE {where}"
        " GROUP BY hour, direction, class ORDER BY hour",
        values,
    )
    return (HourOfClass(hour, direction, class_, Sums(*sums)) for hour, direction, class_, *sums in rows)


def changed(connection: sqlite3.Connection, after_seq: int) -> list[int]:
    """UTC seconds, one in every quarter of an hour with a call or a sum that was changed since the change of that number.

    They are of all departments, whatever the connection may see of them.
    """
    rows = connection.execute(
        "SELECT +hour FROM main.stored_sums WHERE seq > :after"
        f" UNION SELECT start - start % {_QUARTER_S} FROM main.stored_calls WHERE seq > :after",
        {"after": after_seq},
    )
    return [second for (second,) in rows]


def started(connection: sqlite3.Connection, span: Span) -> list[Call]:
    """Return the calls that start in a span, in order of time: of an hour or so."""
    where = "start >= :first AND start < :last ORDER BY start"
    return [
        call_of(row) for row in connection.execute(f"SELECT {_CALL_COLUMNS} FROM calls WHERE {where}", span._asdict())
    ]


def groups(
    connection: sqlite3.Connection,
    dimensions: Sequence[Dimension],
    span: Span,
    narrowed: Filter,
    columns: Sequence[str] = Sums._fields,
) -> dict[Dimension, list[GroupSums]]:
    """Sum the rollups per value of each of ``dimensions``, most calls first. They are read once for all of them.

    What a combination stands for is looked up once for its sums and not for each of its hours.
    """
    chosen = _chosen(narrowed)
    where = " AND ".join(f"+{column} = :{column}" for column in chosen) or "TRUE"
    few = "".join(f" AND {term}" for term in _of_few(chosen))
    rows = connection.execute(
        f"SELECT {', '.join(dimensions)}, {', '.join(Sums._fields)} FROM (SELECT combination, {_sums(columns)} FROM stored_sums"
        f" WHERE hour >= :first AND hour < :last{few} GROUP BY combination)"
        " JOIN (SELECT combinations.id, word AS source, direction, class, department, extension, trunk FROM combinations"
        f" JOIN words ON words.id = source) AS named ON named.id = combination WHERE {where}",
        {**span._asdict(), **chosen},
    ).fetchall()
    return {dimension: _grouped(rows, place, len(dimensions)) for place, dimension in enumerate(dimensions)}


def trunks(
    connection: sqlite3.Connection, span: Span, narrowed: Filter
) -> tuple[list[TrunkSums], list[tuple[int, int]]]:
    """The sums of each trunk, and the seconds that all trunks together were held in each hour (UTC second it begins at)."""
    where, values = _rollups_where(span, narrowed)
    rows = connection.execute(
        "WITH each_hour AS MATERIALIZED (SELECT hour, source, trunk, sum(calls) AS calls, sum(talk_s) AS talk_s,"
        f" sum(held_s) AS held_s FROM rollups WHERE {where} AND +trunk != '' GROUP BY hour, trunk, source)"
        " SELECT source, trunk, sum(calls), sum(talk_s), sum(held_s), max(held_s) FROM each_hour GROUP BY source, trunk"
        " UNION ALL SELECT NULL, NULL, 0, 0, hour, sum(held_s) FROM each_hour GROUP BY hour",
        values,
    ).fetchall()
    hours = [(hour, held_s) for source, *_, hour, held_s in rows if source is None]
    return [TrunkSums(*row) for row in rows if row[0] is not None], hours


def held_trunks(connection: sqlite3.Connection, span: Span, narrowed: Filter) -> list[tuple[int, int]]:
    """The seconds [first, end) in which each call held a trunk, of calls that began in the span or the day before it."""
    chosen = _chosen(narrowed)
    where = "".join(f" AND coalesce(+{column}, '') = :{column}" for column in chosen)
    rows = connection.execute(
        "SELECT start, start + coalesce(ring_s, 0) + coalesce(talk_s, 0) + coalesce(hold_s, 0) FROM calls"
        f" WHERE start >= :first - {_LONGEST_S} AND start < :last AND trunk IS NOT NULL{where}",
        {**span._asdict(), **chosen},
    )
    return rows.fetchall()


def values(connection: sqlite3.Connection) -> dict[Dimension, list[str]]:
    """Return the values every dimension but the trunk has ever taken, sorted, ``''`` (none) included."""
    shown = "SELECT word AS source, direction, class, department, extension FROM combinations JOIN words ON words.id = source"
    return {
        column: [value for (value,) in connection.execute(f"SELECT DISTINCT {column} FROM ({shown}) ORDER BY 1")]
        for column in DIMENSIONS[:-1]
    }


def ring_counts(connection: sqlite3.Connection, buckets: Sequence[Span], narrowed: Filter) -> list[RingCount]:
    """Count incoming calls by bucket (``group`` is its index in ``buckets``), department, extension, outcome and ring time.

    The buckets touch one another. Department and extension are ``''`` where there is none.
    """
    where, values = _calls_where(narrowed)
    rows = connection.execute(
        "WITH bucket (place, first, last) AS"
        " (SELECT key, json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(:buckets))"
        " SELECT place, coalesce(department, ''), coalesce(extension, ''), outcome, ring_s, count(*) FROM bucket"
        f" CROSS JOIN calls ON start >= bucket.first AND start < bucket.last WHERE {where} GROUP BY 1, 2, 3, 4, 5",
        {"buckets": msgspec.json.encode(buckets).decode(), **values},
    )
    return [RingCount(*row) for row in rows]


def incoming(connection: sqlite3.Connection, span: Span, narrowed: Filter) -> Iterator[IncomingCall]:
    """The incoming calls that start in a span and have ended, in any order; without those that rang nowhere."""
    where, values = _calls_where(narrowed)
    rows = connection.execute(
        "SELECT start, source, coalesce(answered_by, extension), CASE WHEN json_array_length(legs) > 1 THEN ("
        " SELECT json_extract(first.leg, '$.extension') FROM legs AS first"
        " WHERE first.source = calls.source AND first.offset = calls.offset"
        ") END, outcome = 'answered', transferred, ring_s FROM calls"
        f" WHERE start >= :first AND start < :last AND NOT open AND coalesce(answered_by, extension) IS NOT NULL AND {where}",
        {**span._asdict(), **values},
    )
    return (IncomingCall(*row) for row in rows)


def newest_calls(connection: sqlite3.Connection, limit: int, *, after_seq: int = 0) -> list[StoredCall]:
    """Return the calls written or changed last, newest first, at most ``limit``."""
    rows = connection.execute(
        f"SELECT seq, {_CALL_COLUMNS} FROM calls WHERE seq > ? ORDER BY seq DESC LIMIT ?",
        (after_seq, limit),
    )
    return [StoredCall(seq, call_of(row)) for seq, *row in rows]


def source_formats(connection: sqlite3.Connection) -> list[str]:
    """Return the formats that sources are read by."""
    return [name for (name,) in connection.execute("SELECT DISTINCT format FROM sources WHERE format IS NOT NULL")]


def waiting(connection: sqlite3.Connection, since: float) -> list[Call]:
    """Return the incoming calls that ring, of those that told themselves since then, the longest first."""
    where = "open AND direction = 'incoming' AND outcome = 'unknown' AND received >= ? ORDER BY received"
    return [call_of(row) for row in connection.execute(f"SELECT {_CALL_COLUMNS} FROM calls WHERE {where}", (since,))]


def longest_ring(connection: sqlite3.Connection, span: Span) -> int | None:
    """Return the longest ring time, in seconds, of the incoming calls that start in a span; None where none is reported."""
    where = "direction = 'incoming' AND NOT open AND start >= :first AND start < :last"
    ring_s: int | None = connection.execute(f"SELECT max(ring_s) FROM calls WHERE {where}", span._asdict()).fetchone()[
        0
    ]
    return ring_s


def call(connection: sqlite3.Connection, source: str, offset: int) -> Call | None:
    """Return the call whose first leg begins at ``offset`` of ``source``, or None if there is none."""
    row = connection.execute(
        f"SELECT {_CALL_COLUMNS} FROM calls WHERE source = ? AND offset = ?",
        (source, offset),
    ).fetchone()
    return call_of(row) if row else None


def legs(connection: sqlite3.Connection, journal: Path, call: Call) -> list[ReceivedLeg]:
    """Return the legs of a call, in the order they were printed; their text comes from the ``journal`` folder."""
    with closing(LegReader(connection, journal)) as reader:
        return reader.of(call)


def rejected_lines(
    connection: sqlite3.Connection, source: str, limit: int, *, before: int | None = None, reason: str | None = None
) -> list[RejectedLine]:
    """Return the lines of a source that were not understood, last first, at most ``limit``.

    Only those in front of the offset ``before``, and for one ``reason``, where these are given.
    """
    rows = connection.execute(
        "SELECT source, offset, received, reason, hint, raw FROM rejected WHERE source = :source AND offset < :before"
        " AND (:reason IS NULL OR reason = :reason) ORDER BY offset DESC LIMIT :limit",
        {"source": source, "before": _NO_OFFSET if before is None else before, "reason": reason, "limit": limit},
    )
    return [RejectedLine(*row) for row in rows]


def rejected_line(connection: sqlite3.Connection, source: str, offset: int) -> RejectedLine | None:
    """Return the line of ``source`` that begins at ``offset`` and was not understood, or None if there is none."""
    row = connection.execute(
        "SELECT source, offset, received, reason, hint, raw FROM rejected WHERE source = ? AND offset = ?",
        (source, offset),
    ).fetchone()
    return RejectedLine(*row) if row else None


def rejected_reasons(connection: sqlite3.Connection, source: str) -> dict[str, int]:
    """Return how many lines of ``source`` were not understood, by reason, most frequent first."""
    rows = connection.execute(
        "SELECT reason, count(*) FROM rejected WHERE source = ? GROUP BY reason ORDER BY 2 DESC, 1", (source,)
    )
    return dict(rows.fetchall())


def noise(connection: sqlite3.Connection) -> list[NoiseCount]:
    """Return what every source sent besides calls, most frequent first."""
    rows = connection.execute("SELECT source, reason, count, bytes FROM noise ORDER BY source, count DESC")
    return [NoiseCount(*row) for row in rows]


def balance(connection: sqlite3.Connection, journal: Path, source: str) -> Balance:
    """Weigh what ``source`` sent, as the ``journal`` folder holds it, against what was made of it.

    The two may be read at different moments: bytes that came in between are pending.
    """
    records, rejected, noise = connection.execute(
        "SELECT record_bytes, rejected_bytes, noise_bytes FROM sources WHERE source = ?", (source,)
    ).fetchone() or (0, 0, 0)
    rows = connection.execute("SELECT lane, position FROM cursors WHERE source = ?", (source,))
    positions: dict[int, int] = dict(rows.fetchall())
    received = pending = 0
    for offset, lane, length in extents(journal, source, min(positions.values(), default=0)):
        end = offset + length
        received = max(received, end)
        pending += max(0, end - max(offset, positions.get(lane, 0)))
    return Balance(received, records, rejected, noise, pending)


def read_up_to(connection: sqlite3.Connection) -> dict[str, int]:
    """Return how far each source's stream was read: so many bytes the journal had, at least."""
    return dict(connection.execute("SELECT source, max(position) FROM cursors GROUP BY source").fetchall())


def quarantined(connection: sqlite3.Connection) -> dict[str, int]:
    """Return how many points each output's server refused for good."""
    return dict(connection.execute("SELECT output, count(*) FROM quarantine GROUP BY output").fetchall())


_CALL_COLUMNS = ", ".join(CALL_COLUMNS)


def _sums(columns: Sequence[str]) -> str:
    """All of `Sums`, in its order. Fewer are faster: rows are sorted to be summed, each with its columns."""
    return ", ".join(f"{f'sum({column})' if column in columns else 0} AS {column}" for column in Sums._fields)


def _grouped(rows: Sequence[Sequence[Any]], place: int, sums_at: int) -> list[GroupSums]:
    found: dict[str, list[Sequence[int]]] = {}
    for row in rows:
        found.setdefault(row[place], []).append(row[sums_at:])
    groups = [GroupSums(value, Sums(*map(sum, zip(*some, strict=True)))) for value, some in found.items()]
    return sorted(groups, key=lambda group: (-group.sums.calls, group.value))


def _summed(narrowed: Filter) -> str:
    """The view with the fewest rows that tells apart what is asked for."""
    return "hours" if set(_chosen(narrowed)) <= {"source", "direction", "class"} else "rollups"


def _rollups_where(span: Span, narrowed: Filter) -> tuple[str, dict[str, object]]:
    chosen = _chosen(narrowed)
    terms = ["hour >= :first", "hour < :last", *_of_few(chosen), *(f"+{column} = :{column}" for column in chosen)]
    return " AND ".join(terms), {**span._asdict(), **chosen}


def _of_few(chosen: Mapping[str, object]) -> list[str]:
    """The condition that has the rows of a few combinations found one by one, where those chosen are few."""
    few = [f"{column} = :{column}" for column in ("department", "extension") if column in chosen]
    return [f"combination IN (SELECT id FROM combinations WHERE {' AND '.join(few)})"] if few else []


def _calls_where(narrowed: Filter) -> tuple[str, dict[str, object]]:
    chosen = _chosen(narrowed) | {"direction": "incoming"}
    return " AND ".join(f"coalesce({column}, '') = :{column}" for column in chosen), chosen


def _chosen(narrowed: Filter) -> dict[str, object]:
    return {column: value for column, value in msgspec.to_builtins(narrowed).items() if value is not None}
