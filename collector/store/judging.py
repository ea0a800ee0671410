"""How far calls are judged, kept in office.db: up to which change of a call, by which tables, and which days are due."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from collector.store import violations
from collector.store.database import open_reader
from collector.store.office_db import NAME

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


class Looked(NamedTuple):
    """What was seen when it was last looked what is due, at ``at`` (POSIX seconds).

    ``file`` is the inode of calls.db, ``seq`` the last change of a call in it, ``tables`` the SHA-256 of all that calls are
    judged by.
    """

    file: int
    seq: int
    tables: str
    at: float


class Due(NamedTuple):
    """A day whose calls are to be judged, and the look that found that."""

    day: dt.date
    noted: float


class Progress(NamedTuple):
    """When nothing was left to be judged (POSIX seconds; None: never yet), the days that are due, and what is open."""

    judged: float | None
    due: int
    open: dict[str, int]


def looked(db: sqlite3.Connection) -> Looked | None:
    """What was seen last."""
    row = db.execute("SELECT file, seq, tables, looked FROM judging").fetchone()
    return Looked(*row) if row else None


def look(db: sqlite3.Connection, seen: Looked, days: Iterable[dt.date]) -> None:
    """Keep what is seen now, and the days that are due by it."""
    db.execute(
        "INSERT INTO judging (id, file, seq, tables, looked) VALUES (1, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
        "file = excluded.file, seq = excluded.seq, tables = excluded.tables, looked = excluded.looked",
        seen,
    )
    db.executemany("INSERT OR REPLACE INTO due_days VALUES (?, ?)", [(str(day), seen.at) for day in days])


def due(db: sqlite3.Connection) -> list[Due]:
    """The days that are due, in order."""
    rows = db.execute("SELECT day, noted FROM due_days ORDER BY day")
    return [Due(dt.date.fromisoformat(day), noted) for day, noted in rows]


def done(db: sqlite3.Connection, days: Iterable[Due]) -> None:
    """These days are judged; one that was noted again meanwhile stays."""
    db.executemany("DELETE FROM due_days WHERE day = ? AND noted = ?", [(str(one.day), one.noted) for one in days])


def all_done(db: sqlite3.Connection, at: float) -> None:
    """Nothing was left to be judged."""
    db.execute("UPDATE judging SET judged = ?", (at,))


def progress(data: Path) -> Progress | None:
    """How far the calls of a data folder are judged; None where that is not kept yet, or cannot be read."""
    try:
        with closing(open_reader(data / NAME)) as db:
            row = db.execute("SELECT judged FROM judging").fetchone()
            days = db.execute("SELECT count(*) FROM due_days").fetchone()[0]
            return Progress(row[0], days, _open(db)) if row else None
    except sqlite3.Error:
        return None


def _open(db: sqlite3.Connection) -> dict[str, int]:
    """How many violations stand of each rule about which nothing was done yet."""
    found: Counter[str] = Counter()
    for (rule, _, state), count in violations.counts(db).items():
        if state == "open" and count:
            found[rule] += count
    return dict(found)
