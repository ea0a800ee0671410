"""Rounds on which the equipment is inspected: what is looked at, how often, who did it when, and what was found."""

from __future__ import annotations

import datetime as dt
import json
import time
from typing import TYPE_CHECKING, NamedTuple

from collector.errors import UserError
from collector.office import tickets
from collector.problems import choices

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

_ROUNDS = """
SELECT name, equipment, every_days, first_day, retired FROM rounds
WHERE id IN (SELECT max(id) FROM rounds GROUP BY name) ORDER BY name
"""
_INSPECTIONS = "SELECT id, at, by, round, day, inspector, faulty, remark FROM inspections ORDER BY day, id"


class Round(NamedTuple):
    """A round: ``equipment`` is looked at every so many days, for the first time on a day."""

    name: str
    equipment: tuple[str, ...]
    every_days: int
    first: dt.date
    retired: bool = False


class Inspection(NamedTuple):
    """A round that was made on a day; ``at`` is when that was written down, POSIX seconds, ``by`` by whom."""

    id: int
    at: float
    by: str
    round: str
    day: dt.date
    inspector: str
    faulty: tuple[str, ...]
    remark: str


class Due(NamedTuple):
    """A round that is made, with the last time it was, and the day on which it is due the next time."""

    round: Round
    last: Inspection | None
    day: dt.date

    def is_overdue(self, today: dt.date, grace_days: int = 0) -> bool:
        """Whether its day is past, and so many days more."""
        return today > self.day + dt.timedelta(days=grace_days)


def define(db: sqlite3.Connection, made: Round, by: str) -> None:
    """Make a round, or change the one of that name. Raises `UserError` where it lacks something."""
    if not made.name or not made.equipment or not all(made.equipment):
        raise UserError("A round has a name and equipment to look at.")
    if made.every_days < 1:
        raise UserError("A round is made every day at most.")
    db.execute(
        "INSERT INTO rounds (at, by, name, equipment, every_days, first_day, retired) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (time.time(), by, made.name, _listed(made.equipment), made.every_days, str(made.first), made.retired),
    )


def retire(db: sqlite3.Connection, name: str, by: str) -> None:
    """Have a round not be made any more; what was found on it stays. Raises `UserError` where there is none."""
    define(db, found(db, name)._replace(retired=True), by)


def inspect(
    db: sqlite3.Connection, name: str, day: dt.date, inspector: str, faulty: Sequence[str], remark: str, by: str
) -> list[int]:
    """Write down that a round was made; the tickets of what was found faulty.

    A fault whose ticket is open is noted there. Raises `UserError` where there is no such round or equipment on it.
    """
    made = found(db, name)
    for item in faulty:
        if item not in made.equipment:
            raise UserError(f'There is no "{item}" on the round "{name}"; {choices(item, made.equipment)}.')
    if not inspector:
        raise UserError("Say who inspected.")
    db.execute(
        "INSERT INTO inspections (at, by, round, day, inspector, faulty, remark) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (time.time(), by, name, str(day), inspector, _listed(faulty), remark),
    )
    return [_ticket(db, item, f"{name} {day}: {remark or 'faulty'}", by) for item in faulty]


def rounds(db: sqlite3.Connection) -> list[Round]:
    """The rounds that are made, by their names."""
    known = (
        Round(name, tuple(json.loads(equipment)), every_days, dt.date.fromisoformat(first), bool(retired))
        for name, equipment, every_days, first, retired in db.execute(_ROUNDS)
    )
    return [one for one in known if not one.retired]


def found(db: sqlite3.Connection, name: str) -> Round:
    """A round that is made, by its name. Raises `UserError` where there is none."""
    known = {one.name: one for one in rounds(db)}
    if name not in known:
        hint = choices(name, known) if known else "`smdr equipment round` makes one"
        raise UserError(f'There is no round "{name}"; {hint}.')
    return known[name]


def inspections(db: sqlite3.Connection) -> list[Inspection]:
    """Every round that was made, the oldest first."""
    return [
        Inspection(id_, at, by, name, dt.date.fromisoformat(day), inspector, tuple(json.loads(faulty)), remark)
        for id_, at, by, name, day, inspector, faulty, remark in db.execute(_INSPECTIONS)
    ]


def due(db: sqlite3.Connection) -> list[Due]:
    """When each round is due the next time, the first one first."""
    last = {one.round: one for one in inspections(db)}
    dues = [Due(made, last.get(made.name), _next(made, last.get(made.name))) for made in rounds(db)]
    return sorted(dues, key=lambda one: (one.day, one.round.name))


def _next(made: Round, last: Inspection | None) -> dt.date:
    return last.day + dt.timedelta(days=made.every_days) if last else made.first


def _ticket(db: sqlite3.Connection, item: str, fault: str, by: str) -> int:
    known = next((one.id for one in tickets.unsolved(db) if one.equipment == item), None)
    if known is None:
        return tickets.report(db, item, fault, by)
    tickets.note(db, known, by, fault)
    return known


def _listed(texts: Sequence[str]) -> str:
    return json.dumps(list(texts), ensure_ascii=False)
