"""What SQLite's errors mean: a damaged file, or a disk that cannot do now what it could before and will again."""

from __future__ import annotations

import sqlite3

_DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_DISK = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_PROTOCOL,
}

_SYNCING = {sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_DIR_FSYNC}


def is_damage(error: BaseException) -> bool:
    """Whether the file itself is damaged: no patience helps."""
    return _code(error) in _DAMAGE


def is_older(error: BaseException | None) -> bool:
    """Whether a database lacks the table or column that is asked for: a new release has not brought it up to date yet."""
    return isinstance(error, sqlite3.OperationalError) and str(error).startswith("no such")


def is_trouble(error: BaseException) -> bool:
    """Whether the fault lies with the file or its disk, and not with what was asked."""
    return _code(error) in _DAMAGE | _DISK


def has_dropped_writes(error: BaseException) -> bool:
    """Whether the system was asked to put writes on the disk and could not: it forgets them, and may go on to.

    What is written to the same place of the same file afterwards is not safe, even where it is confirmed.
    """
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK) in _SYNCING


def _code(error: BaseException) -> int:
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF
