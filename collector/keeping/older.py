"""Calls whose raw bytes were removed are taken over when all others are made anew."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from collector.rollups import Rollup
from collector.store.calls_db import CALL_COLUMNS, Batch, CallsDb, Lane, call_of
from collector.store.database import open_writer

if TYPE_CHECKING:
    from pathlib import Path

    from collector.config import Site

_CALLS_BEHIND = f"SELECT {', '.join(CALL_COLUMNS)} FROM calls WHERE source = ? AND offset >= ? AND start <= ?"
_LAST_SECOND = (
    "SELECT coalesce(max(start + coalesce(ring_s, 0) + coalesce(talk_s, 0) + coalesce(hold_s, 0)), -1) FROM stored_calls "
    "WHERE source = ? AND offset < ?"
)
_SUMS_BEHIND = (
    "DELETE FROM stored_sums WHERE hour > ? AND combination IN (SELECT id FROM combinations WHERE source = ?)",
    "DELETE FROM stored_hours WHERE hour > ? AND source = ?",
)


def take_over(old: Path, new: Path, begins: dict[str, int], site: Site) -> None:
    """Make ``new`` of what ``old`` has of before the byte at which each stream begins now; 0: nothing of that source.

    What is projected from those bytes on completes it. Outputs have to be sent everything again. Raises
    `sqlite3.DatabaseError`.
    """
    with closing(sqlite3.connect(f"file:{old}?mode=ro", uri=True)) as whole, closing(sqlite3.connect(new)) as copy:
        whole.backup(copy)
    calls_db = CallsDb(open_writer(new))
    try:
        batch = Batch()
        for (source,) in calls_db.db.execute("SELECT source FROM sources").fetchall():
            _keep(calls_db, source, begins.get(source, 0), site, batch)
        calls_db.db.execute("DELETE FROM outputs")
        calls_db.write(batch)
    finally:
        calls_db.db.close()


def _keep(calls_db: CallsDb, source: str, begin: int, site: Site, batch: Batch) -> None:
    """Keep of one source what is in front of ``begin``; ``batch`` takes what the sums have too much then."""
    db, counters = calls_db.db, calls_db.counters(source)
    (word,) = db.execute("SELECT id FROM words WHERE word = ?", (source,)).fetchone() or (None,)
    (last,) = db.execute(_LAST_SECOND, (word, begin)).fetchone()
    shared = Rollup(ZoneInfo(site.timezone), site.ring_seconds * site.answer_within_rings)
    for row in db.execute(_CALLS_BEHIND, (source, begin, last)):
        shared.add(call_of(row), -1)
    batch.rollups |= {key: sums for key, sums in shared.sums.items() if key[-1] <= last}
    with db:
        db.execute("BEGIN IMMEDIATE")
        for statement in _SUMS_BEHIND:
            db.execute(statement, (last, word))
        db.execute("DELETE FROM stored_legs WHERE source = ? AND coalesce(call, offset) >= ?", (word, begin))
        db.execute("DELETE FROM stored_calls WHERE source = ? AND offset >= ?", (word, begin))
        db.execute("DELETE FROM rejected WHERE source = ? AND offset >= ?", (source, begin))
        for table in ("noise", "joining", "cursors"):
            db.execute(f"DELETE FROM {table} WHERE source = ?", (source,))
        (counters.legs,) = db.execute("SELECT count(*) FROM stored_legs WHERE source = ?", (word,)).fetchone()
        (counters.calls,) = db.execute("SELECT count(*) FROM stored_calls WHERE source = ?", (word,)).fetchone()
        (counters.rejected,) = db.execute("SELECT count(*) FROM rejected WHERE source = ?", (source,)).fetchone()
    counters.record_bytes = counters.rejected_bytes = 0
    counters.noise_bytes, counters.noise = begin, int(begin > 0)
    batch.counters[source] = counters
    if begin:
        batch.quiet(source, "removed", 1, begin)
        batch.lanes[source, 0] = Lane(begin)
