"""Searches that users have given a name, for themselves or for a role as well. Unlike what is noted, one is written over."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from collector.office.users import UnfitError

if TYPE_CHECKING:
    import sqlite3

    from collector.office.users import Role

LONGEST_NAME = 60
MOST = 50
"""Of one user."""


class Saved(NamedTuple):
    """A search by its name; ``query`` are the parameters of an address. ``role`` is offered it, too (None: nobody)."""

    user: str
    name: str
    query: str
    role: Role | None = None


def offered(db: sqlite3.Connection, user: str, role: Role) -> list[Saved]:
    """The searches of a user, then those that others share with the role, each in the order of their names."""
    rows = db.execute(
        "SELECT user, name, query, role FROM saved_searches WHERE user = :user OR role = :role "
        "ORDER BY user != :user, name, user",
        {"user": user, "role": role},
    )
    return [Saved(*row) for row in rows]


def save(db: sqlite3.Connection, search: Saved) -> None:
    """Save a search, over one of the same name. Raises `UnfitError` where the name will not do, or there are too many."""
    name = search.name
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable() or name != name.strip():
        raise UnfitError("bad-name", f"A name has 1 to {LONGEST_NAME} characters, without blanks around it.")
    db.execute(
        "INSERT OR REPLACE INTO saved_searches (user, name, query, role, at) VALUES (?, ?, ?, ?, ?)",
        (*search, time.time()),
    )
    if db.execute("SELECT count(*) FROM saved_searches WHERE user = ?", (search.user,)).fetchone()[0] > MOST:
        raise UnfitError("too-many-searches", f"{MOST} searches are the most; delete one.")


def forget(db: sqlite3.Connection, user: str, name: str) -> None:
    """Delete a search of a user."""
    db.execute("DELETE FROM saved_searches WHERE user = ? AND name = ?", (user, name))
