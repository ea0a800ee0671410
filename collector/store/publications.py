"""Which reports were published, and of what they were made, kept in events.db: each is to be done once in each way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

Way = Literal["folder", "mail"]


class MadeOf(NamedTuple):
    """What a report was made of: ``of`` is the department, person or trunk it is narrowed to, None where to nothing."""

    kind: str
    of: str | None
    unmasked: bool


class Publication(NamedTuple):
    """A report by its name, the name of its period, and a way in which it is published."""

    report: str
    period: str
    way: Way


def periods(db: sqlite3.Connection, report: str) -> list[str]:
    """The periods for which a report was, or is to be, published."""
    return [period for (period,) in db.execute("SELECT DISTINCT period FROM publications WHERE report = ?", (report,))]


def enter(db: sqlite3.Connection, new: Sequence[Publication]) -> None:
    """Note what is to be done; what is known already stays as it is."""
    db.executemany("INSERT OR IGNORE INTO publications (report, period, way) VALUES (?, ?, ?)", new)


def due(db: sqlite3.Connection, report: str, ways: Sequence[Way]) -> list[Publication]:
    """What is still to be done of a report."""
    rows = db.execute("SELECT report, period, way FROM publications WHERE report = ? AND published IS NULL", (report,))
    return [Publication(*row) for row in rows if row[2] in ways]


def done(db: sqlite3.Connection, publication: Publication, made: MadeOf, at: float) -> None:
    """It was done at a moment, POSIX seconds."""
    db.execute(
        f"UPDATE publications SET published = ?, error = NULL, attempts = attempts + 1, {_MADE} {_WHERE}",
        (at, *made, *publication),
    )


def settle(db: sqlite3.Connection, report: str, made: MadeOf) -> None:
    """What was published of a report by a release that did not note of what is as the report is now."""
    db.execute(
        f"UPDATE publications SET {_MADE} WHERE report = ? AND kind IS NULL AND published IS NOT NULL", (*made, report)
    )


def failed(db: sqlite3.Connection, publication: Publication, error: str) -> None:
    """It could not be done yet."""
    db.execute(f"UPDATE publications SET error = ?, attempts = attempts + 1 {_WHERE}", (error, *publication))


_MADE = "kind = ?, narrowed = ?, unmasked = ?"
_WHERE = "WHERE report = ? AND period = ? AND way = ?"
