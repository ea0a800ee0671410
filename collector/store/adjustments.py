"""What office.db has of budgets: amounts added by hand, years settled, warnings told."""

from __future__ import annotations

import datetime as dt
import time
from typing import TYPE_CHECKING, NamedTuple

from collector.accounting.amounts import amount_of
from collector.accounting.budgets.ledger import Adjustment

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from collector.accounting.budgets.statements import Warned


class Settled(NamedTuple):
    """A year as it was settled: when (POSIX seconds), by whom, and the statement as JSON."""

    at: float
    by: str
    statement: str


def adjust(db: sqlite3.Connection, made: Adjustment) -> None:
    """Keep an amount added by hand."""
    db.execute(
        "INSERT INTO adjustments (at, by, kind, scope, name, day, amount, reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (time.time(), made.by, made.kind, made.scope, made.name, str(made.day), str(made.amount), made.reason),
    )


def adjustments(db: sqlite3.Connection) -> list[Adjustment]:
    """All amounts added by hand, in the order they were."""
    rows = db.execute("SELECT day, kind, scope, name, amount, by, reason FROM adjustments ORDER BY id")
    return [
        Adjustment(dt.date.fromisoformat(day), kind, scope, name, amount_of(amount), by, reason)
        for day, kind, scope, name, amount, by, reason in rows
    ]


def settle(db: sqlite3.Connection, year: int, by: str, statement: str) -> None:
    """Keep the statement of a year as it is now."""
    db.execute(
        "INSERT INTO settlements (at, by, year, statement) VALUES (?, ?, ?, ?)", (time.time(), by, year, statement)
    )


def settled(db: sqlite3.Connection, year: int) -> Settled | None:
    """How a year was settled last, if it was."""
    row = db.execute(
        "SELECT at, by, statement FROM settlements WHERE year = ? ORDER BY id DESC LIMIT 1", (year,)
    ).fetchone()
    return Settled(*row) if row else None


def untold(db: sqlite3.Connection, warned: Iterable[Warned]) -> list[Warned]:
    """The warnings that were not told yet."""
    told = {tuple(row) for row in db.execute("SELECT scope, name, month, share FROM budget_warnings")}
    return [warning for warning in warned if (*warning.owner, warning.month, warning.share) not in told]


def told(db: sqlite3.Connection, warning: Warned) -> None:
    """Remember that a warning was told."""
    db.execute(
        "INSERT OR IGNORE INTO budget_warnings VALUES (?, ?, ?, ?, ?)",
        (*warning.owner, warning.month, warning.share, time.time()),
    )
