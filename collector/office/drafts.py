"""What somebody is typing at the operator's desk. Unlike what is kept, a draft is written over."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping


def draft(db: sqlite3.Connection, user: str) -> dict[str, str]:
    """What a user has typed and not kept; nothing where there is none."""
    row = db.execute("SELECT fields FROM drafts WHERE user = ?", (user,)).fetchone()
    return dict(json.loads(row[0])) if row else {}


def put(db: sqlite3.Connection, user: str, fields: Mapping[str, str]) -> None:
    """Write down what a user has typed so far; with nothing in it the draft is gone."""
    typed = {name: text for name, text in fields.items() if text}
    db.execute("DELETE FROM drafts WHERE user = ?", (user,))
    if typed:
        db.execute("INSERT INTO drafts VALUES (?, ?, ?)", (user, time.time(), json.dumps(typed, ensure_ascii=False)))
