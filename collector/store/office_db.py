"""office.db: what people decided and noted. Written by the console and by commands of the office, not by the collector's process.

It cannot be made again from the journal, so each commit is on the disk before it is told, and its tables take no change
and no deletion: a mistake is put right by another row.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from collector.errors import UserError
from collector.store.database import NewerDatabaseError, is_made, migrations, open_reader, open_writer

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from pathlib import Path

NAME = "office.db"
_LOCK = "office.lock"


@contextmanager
def writing(data: Path) -> Iterator[sqlite3.Connection]:
    """One transaction in the office.db of a data folder; what raises takes all of it back. Raises `UserError`.

    Writers take turns: the console and a command may both want to write.
    """
    with _turn(data), closing(_opened(data / NAME)) as db, db:
        db.execute("BEGIN IMMEDIATE")
        yield db


@contextmanager
def reading(data: Path) -> Iterator[sqlite3.Connection]:
    """Read office.db as it is now; where nothing was noted yet, or a release before wrote it, it is made current."""
    if not _is_current(data / NAME):
        with writing(data):
            pass
    with closing(open_reader(data / NAME)) as db:
        yield db


@contextmanager
def peeking(data: Path) -> Iterator[sqlite3.Connection | None]:
    """Read office.db without ever writing it, as the collector does; None where the office has not made it current yet."""
    if not _is_current(data / NAME):
        yield None
        return
    with closing(open_reader(data / NAME)) as db:
        yield db


def _is_current(path: Path) -> bool:
    if not path.exists() or not is_made(path):
        return False
    with closing(open_reader(path)) as db:
        return bool(db.execute("PRAGMA user_version").fetchone()[0] == migrations("office")[-1][0])


def _opened(path: Path) -> sqlite3.Connection:
    try:
        db = open_writer(path)
    except NewerDatabaseError as error:
        raise UserError(str(error)) from None
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA foreign_keys = ON")
    return db


@contextmanager
def _turn(data: Path) -> Iterator[None]:
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(data / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise UserError(f"The data folder {data} cannot be written: {error.strerror}.") from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
