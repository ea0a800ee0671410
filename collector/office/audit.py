"""The audit trail: who looked at what, exported or changed it, and when. Nothing in it is changed or deleted."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    import sqlite3

Action = Literal["setup", "login", "failed", "logout", "view", "export", "refused", "change"]


class Entry(NamedTuple):
    """What one did: ``at`` is POSIX seconds, ``address`` where from, ``detail`` what was chosen on the page."""

    id: int
    at: float
    user: str
    role: str
    address: str
    action: Action
    page: str
    detail: str


def note(db: sqlite3.Connection, user: str, role: str, address: str, action: Action, page: str, detail: str) -> None:
    """Add an entry of now."""
    db.execute(
        "INSERT INTO audit (at, user, role, address, action, page, detail) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (time.time(), user, role, address, action, page, detail),
    )


def entries(
    db: sqlite3.Connection, *, user: str = "", action: str = "", before: int | None = None, limit: int = -1
) -> list[Entry]:
    """The entries in front of one (None: all), last first; of one user or action where one is named."""
    rows = db.execute(
        "SELECT id, at, user, role, address, action, page, detail FROM audit WHERE (:user = '' OR user = :user) "
        "AND (:action = '' OR action = :action) AND (:before IS NULL OR id < :before) ORDER BY id DESC LIMIT :limit",
        {"user": user, "action": action, "before": before, "limit": limit},
    )
    return [Entry(*row) for row in rows]
