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


def is_damage(error: BaseException) -> bool:
    """Whether the file itself is damaged: no patience helps."""
    return _code(error) in _DAMAGE


def is_trouble(error: BaseException) -> bool:
    """Whether the fault lies with the file or its disk, and not with what was asked."""
    return _code(error) in _DAMAGE | _DISK


def _code(error: BaseException) -> int:
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF
