"""What is kept for how long: raw bytes, calls, and what in calls is personal. Nothing goes that is not configured to.

Raw bytes go by whole months, when everything in them is projected and, where backups are made, in the last one. Calls,
and what is personal in them, go only when their raw bytes have gone: what could be made again is not taken away. Hourly
sums stay. What went is noted in events.db.
"""

from __future__ import annotations

import datetime as dt
import re
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from collector.faultpoints import reach
from collector.journal import extents, stream_ends
from collector.keeping.backup import BackupError, backups, read_manifest
from collector.segments import has, reading, segments
from collector.store.events_db import Removal
from collector.store.queries import read_up_to

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from collector.config import Config, Retention

_MONTH = re.compile(r"\d{4}-\d\d")
_EXTENT = "SELECT source, sum(length(data)), max(offset + length(data)) FROM chunks GROUP BY source"
_PERSONAL = ("number", "did", "account_code", "auth_code", "person")
_OLD = "source = :source AND offset < :until AND start < :before"
_BLANK = f"UPDATE stored_calls SET {', '.join(f'{name} = NULL' for name in _PERSONAL)} WHERE {_OLD} AND ({' OR '.join(f'{name} IS NOT NULL' for name in _PERSONAL)})"
_LEGS_OF_OLD = f"source = :source AND coalesce(call, offset) IN (SELECT offset FROM stored_calls WHERE {_OLD})"


class Held(NamedTuple):
    """A month that is old enough to go and is kept for now; ``why`` is a sentence."""

    file: Path
    why: str


class Month(NamedTuple):
    """A file of the journal that may go: bytes and end of each source in it."""

    file: Path
    sources: dict[str, tuple[int, int]]


def months_before(now: dt.datetime, months: int) -> dt.datetime:
    """The first moment of the month so many months ago, in UTC: the journal's months are those."""
    number = now.year * 12 + now.month - 1 - months
    return dt.datetime(number // 12, number % 12 + 1, 1, tzinfo=dt.UTC)


def due(config: Config, now: dt.datetime) -> tuple[list[Month], list[Held]]:
    """The months of raw bytes that may go now, oldest first, and those that must wait. Raises `sqlite3.DatabaseError`."""
    if config.retention is None:
        return [], []
    limit = f"{months_before(now, config.retention.raw_months):%Y-%m}"
    may_go: list[Month] = []
    held: list[Held] = []
    for path in segments(config.site.data / "journal")[:-1]:
        named = _MONTH.match(path.name)
        if named is None or named[0] >= limit:
            break
        with reading(path) as db:
            found = db.execute(_EXTENT).fetchall() if has(db, "chunks") else []
            has_room = bool(db.execute("PRAGMA freelist_count").fetchone()[0])
        sources = {source: (size, end) for source, size, end in found}
        why = _why_not(config, sources) if sources else None
        if why:
            held.append(Held(path, why))
        elif sources or has_room:  # without bytes: an interruption left their room on the disk
            may_go.append(Month(path, sources))
    return (may_go, held) if not held else ([month for month in may_go if month.file < held[0].file], held)


def _why_not(config: Config, sources: dict[str, tuple[int, int]]) -> str | None:
    """Why bytes must not go yet: they are not projected, or not in the last backup."""
    with closing(sqlite3.connect(f"file:{config.site.data / 'calls.db'}?mode=ro", uri=True)) as db:
        read = read_up_to(db)
    for source, (_, end) in sources.items():
        if read.get(source, 0) < end:
            return f"its lines of {source} are not all in calls.db yet"
    if config.backup:
        try:
            streams = read_manifest(backups(config.backup.folder)[-1])["streams"]
        except (BackupError, IndexError):
            return "there is no backup yet"
        for source, (_, end) in sources.items():
            if streams.get(source, {"end": 0})["end"] < end:
                return f"its bytes of {source} are not in the last backup"
    return None


def remove_raw(policy: Retention, months: list[Month], now: dt.datetime, note: Callable[[Removal], None]) -> None:
    """Take the bytes of these months away, each month in one transaction; the file stays, with the imports it knows."""
    before = months_before(now, policy.raw_months).timestamp()
    for month in months:
        for source, (size, end) in month.sources.items():
            note(Removal(now.timestamp(), "raw", source, before, size, end))
        reach("retention-noted")
        with closing(sqlite3.connect(month.file, isolation_level=None)) as db:
            db.execute("PRAGMA secure_delete = ON")
            db.execute("DELETE FROM chunks")
            reach("retention-removed")
            db.execute("VACUUM")
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def stream_begins(journal: Path, sources: list[str]) -> dict[str, int]:
    """Where the streams begin whose first bytes were removed."""
    first = {source: next(iter(extents(journal, source, 0)), None) for source in sources}
    return {source: extent[0] for source, extent in first.items() if extent and extent[0] > 0}


def old_calls(policy: Retention, journal: Path, now: dt.datetime) -> Callable[[sqlite3.Connection], list[Removal]]:
    """A job for whoever writes calls.db: take away what the policy says, of calls whose raw bytes have gone."""
    begins = stream_begins(journal, list(stream_ends(journal)))

    def job(db: sqlite3.Connection) -> list[Removal]:
        return list(_remove_calls(db, policy, now, begins))

    return job


def _remove_calls(
    db: sqlite3.Connection, policy: Retention, now: dt.datetime, begins: dict[str, int]
) -> Iterator[Removal]:
    for source, until in begins.items():
        word = db.execute("SELECT id FROM words WHERE word = ?", (source,)).fetchone()
        if word is None:
            continue
        if policy.calls_months:
            before = months_before(now, policy.calls_months).timestamp()
            if calls := _whole(db, source, {"source": word[0], "until": until, "before": before}):
                yield Removal(now.timestamp(), "calls", source, before, calls, None)
        if policy.personal_months:
            before = months_before(now, policy.personal_months).timestamp()
            old = {"source": word[0], "until": until, "before": before}
            db.execute(f"UPDATE stored_legs SET extra = NULL, leg = NULL WHERE {_LEGS_OF_OLD}", old)
            calls = db.execute(_BLANK, old).rowcount
            db.execute(
                "UPDATE rejected SET raw = '', hint = '' WHERE source = ? AND offset < ? AND received < ?",
                (source, until, before),
            )
            if calls:
                yield Removal(now.timestamp(), "personal", source, before, calls, None)


def _whole(db: sqlite3.Connection, source: str, old: dict[str, float]) -> int:
    """Remove calls with their records; the sums keep them, and `removed` how many those are."""
    calls, answered, talk_s, legs = db.execute(
        "SELECT count(*), coalesce(sum(outcome = 0), 0), coalesce(sum(talk_s), 0), "
        f"coalesce(sum(coalesce(json_array_length(legs), 1)), 0) FROM stored_calls WHERE {_OLD}",
        old,
    ).fetchone()
    db.execute(f"DELETE FROM stored_legs WHERE {_LEGS_OF_OLD}", old)
    db.execute(f"DELETE FROM stored_calls WHERE {_OLD}", old)
    db.execute("UPDATE sources SET calls = calls - ?, legs = legs - ? WHERE source = ?", (calls, legs, source))
    db.execute(
        "INSERT INTO removed VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET calls = calls + ?2, "
        "answered = answered + ?3, talk_s = talk_s + ?4",
        (source, calls, answered, talk_s),
    )
    return int(calls)
