"""Sessions of the console, kept so that nobody has to log in anew when it starts again. Not the key: its hash."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable


class Kept(NamedTuple):
    """A session by the hash of its key; ``user`` is the row of the user at the login, times are POSIX seconds."""

    mark: str
    user: int
    begun: float
    used: float
    address: str
    browser: str


def kept(db: sqlite3.Connection) -> list[Kept]:
    """All sessions that did not end."""
    return [Kept(*row) for row in db.execute("SELECT mark, user, begun, used, address, browser FROM sessions")]


def keep(db: sqlite3.Connection, sessions: Iterable[Kept]) -> None:
    """Keep these as they are now."""
    db.executemany(
        "INSERT INTO sessions (mark, user, begun, used, address, browser) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (mark) DO UPDATE SET user = excluded.user, used = excluded.used",
        sessions,
    )


def end(db: sqlite3.Connection, marks: Iterable[str]) -> None:
    """Forget these."""
    db.executemany("DELETE FROM sessions WHERE mark = ?", [(mark,) for mark in marks])
