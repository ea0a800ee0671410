"""Faults of the equipment as tickets: reported, being repaired, solved, with everything that happened in between.

An alarm about a line, an output or the disk opens one by itself, or is noted in the open one it is about. That the
alarm is over is noted, too, but a person solves the ticket: only one knows what was done. Where a moment can be given,
POSIX seconds, now is taken without one.
"""

from __future__ import annotations

import time
from collections import defaultdict
from typing import TYPE_CHECKING, Literal, NamedTuple

from collector.errors import UserError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from collector.store.events_db import AlarmKind, PastAlarm

State = Literal["reported", "repairing", "solved"]
What = Literal["repairing", "solved", "note", "raised", "recovered"]

BY_ALARM = "smdr"
"""Who reports a fault, and writes into its ticket, where an alarm does."""
OPENING: frozenset[AlarmKind] = frozenset({"silence", "link", "clock", "output", "disk", "backup"})
"""The alarms that are faults of the equipment; the others are of tables, reports and of what people let lie."""

ALARMS = 500
"""How many of the last alarms are looked at; those that stand are among them."""

_HOUR_S = 3600.0
_MINUTE_S = 60.0
_EVENTS = "SELECT ticket, at, by, event, text, kind, subject, raised FROM ticket_events"


class Event(NamedTuple):
    """What happened about a fault; ``at`` is POSIX seconds, ``alarm`` the kind, subject and moment of one."""

    at: float
    by: str
    what: What
    text: str
    alarm: tuple[str, str, float] | None


class Limits(NamedTuple):
    """How long a fault may be in nobody's hands, and how long unsolved, in seconds; 0: for ever."""

    taken_s: float
    solved_s: float

    @classmethod
    def of(cls, taken_minutes: int, solved_hours: int) -> Limits:
        """The limits as they are configured."""
        return cls(taken_minutes * _MINUTE_S, solved_hours * _HOUR_S)


class Ticket(NamedTuple):
    """A fault, with what happened about it in order. ``at`` is when it was reported, POSIX seconds."""

    id: int
    at: float
    by: str
    equipment: str
    fault: str
    events: tuple[Event, ...]

    @property
    def _last(self) -> Event | None:
        return next((event for event in reversed(self.events) if event.what in ("repairing", "solved")), None)

    @property
    def state(self) -> State:
        """How it stands."""
        last = self._last
        return last.what if last and last.what in ("repairing", "solved") else "reported"

    @property
    def since(self) -> float:
        """Since when it stands so, POSIX seconds."""
        return self._last.at if self._last else self.at

    @property
    def hands(self) -> str:
        """Who repairs it, or has solved it; '' while nobody does."""
        return self._last.by if self._last else ""

    @property
    def alarm_stands(self) -> bool:
        """Whether an alarm about it is not over."""
        alarms = [event for event in self.events if event.alarm]
        over = {event.alarm for event in alarms if event.what == "recovered"}
        return any(event.alarm not in over for event in alarms)

    def due(self, limits: Limits) -> float | None:
        """When it is to be in somebody's hands, or then solved, POSIX seconds; None where nothing is to be done in time."""
        if self.state == "solved":
            return None
        dues = [self.at + limits.solved_s] if limits.solved_s else []
        if self.state == "reported" and limits.taken_s:
            dues.append(self.at + limits.taken_s)
        return min(dues, default=None)


def report(db: sqlite3.Connection, equipment: str, fault: str, by: str, at: float | None = None) -> int:
    """Open a ticket; its number. Raises `UserError` where it is not said what is wrong with what."""
    if not (equipment and fault):
        raise UserError("Say which equipment it is and what is wrong with it.")
    row = db.execute(
        "INSERT INTO tickets (at, by, equipment, fault) VALUES (?, ?, ?, ?) RETURNING id",
        (time.time() if at is None else at, by, equipment, fault),
    ).fetchone()
    return int(row[0])


def repair(db: sqlite3.Connection, number: int, by: str, text: str = "", at: float | None = None) -> None:
    """Take a fault in hand, also one that turns out not to be solved. Raises `UserError` where somebody did before."""
    ticket = found(db, number)
    if ticket.state == "repairing":
        raise UserError(f"Ticket {number} is being repaired by {ticket.hands} already.")
    _add(db, number, by, "repairing", text, at)


def solve(db: sqlite3.Connection, number: int, by: str, done: str, at: float | None = None) -> None:
    """Close a ticket with what was done. Raises `UserError` where that is not said, or somebody closed it before."""
    ticket = found(db, number)
    if ticket.state == "solved":
        raise UserError(f"Ticket {number} was solved by {ticket.hands} already.")
    if not done:
        raise UserError("Say what was done.")
    _add(db, number, by, "solved", done, at)


def note(db: sqlite3.Connection, number: int, by: str, text: str, at: float | None = None) -> None:
    """Add a note to a ticket, also to a solved one. Raises `UserError` where there is none, or nothing to note."""
    found(db, number)
    if not text:
        raise UserError("There is nothing to note.")
    _add(db, number, by, "note", text, at)


def tickets(db: sqlite3.Connection) -> list[Ticket]:
    """All tickets, oldest first."""
    events: dict[int, list[Event]] = defaultdict(list)
    for ticket, at, by, what, text, kind, subject, raised in db.execute(f"{_EVENTS} ORDER BY id"):
        events[ticket].append(Event(at, by, what, text, None if kind is None else (kind, subject, raised)))
    rows = db.execute("SELECT id, at, by, equipment, fault FROM tickets ORDER BY id")
    return [Ticket(id_, at, by, equipment, fault, tuple(events[id_])) for id_, at, by, equipment, fault in rows]


def unsolved(db: sqlite3.Connection) -> list[Ticket]:
    """The tickets that are not solved, oldest first."""
    return [ticket for ticket in tickets(db) if ticket.state != "solved"]


def found(db: sqlite3.Connection, number: int) -> Ticket:
    """A ticket by its number. Raises `UserError` where there is none."""
    ticket = next((one for one in tickets(db) if one.id == number), None)
    if ticket is None:
        raise UserError(f"There is no ticket {number}; `smdr equipment tickets --all` lists them.")
    return ticket


def take(db: sqlite3.Connection, alarms: Iterable[PastAlarm]) -> int:
    """Open a ticket for each alarm that has none, and note those that are over; how many rows that made.

    Taken again, the same alarms make nothing. An alarm whose fault has an open ticket is noted there.
    """
    made = 0
    for what, alarm in missing(db, alarms):
        identity = (alarm.kind, alarm.subject, alarm.raised)
        if what == "raised":
            number = _open_about(db, alarm) or report(db, alarm.subject, alarm.sentence, BY_ALARM, alarm.raised)
            _add(db, number, BY_ALARM, "raised", alarm.sentence, alarm.raised, identity)
        else:
            number = _of_alarm(db, identity)
            _add(db, number, BY_ALARM, "recovered", alarm.recovery or "", alarm.cleared, identity)
        made += 1
    return made


def missing(
    db: sqlite3.Connection, alarms: Iterable[PastAlarm]
) -> list[tuple[Literal["raised", "recovered"], PastAlarm]]:
    """What no ticket has yet of these alarms, in the order in which it happened."""
    since = db.execute("SELECT since FROM ticketing").fetchone()[0]
    rows = db.execute("SELECT event, kind, subject, raised FROM ticket_events WHERE kind IS NOT NULL")
    known = {tuple(row) for row in rows}
    happened: list[tuple[float, Literal["raised", "recovered"], PastAlarm]] = []
    for alarm in alarms:
        identity = (alarm.kind, alarm.subject, alarm.raised)
        is_known = ("raised", *identity) in known
        if not is_known and (alarm.kind not in OPENING or (alarm.cleared is not None and alarm.cleared < since)):
            continue
        if not is_known:
            happened.append((alarm.raised, "raised", alarm))
        if alarm.cleared is not None and ("recovered", *identity) not in known:
            happened.append((alarm.cleared, "recovered", alarm))
    return [(what, alarm) for _, what, alarm in sorted(happened, key=lambda one: one[:2])]


def _open_about(db: sqlite3.Connection, alarm: PastAlarm) -> int | None:
    """The open ticket of an earlier alarm of the same kind about the same."""
    for ticket in unsolved(db):
        if any(event.alarm and event.alarm[:2] == (alarm.kind, alarm.subject) for event in ticket.events):
            return ticket.id
    return None


def _of_alarm(db: sqlite3.Connection, identity: tuple[str, str, float]) -> int:
    query = "SELECT ticket FROM ticket_events WHERE event = 'raised' AND kind = ? AND subject = ? AND raised = ?"
    return int(db.execute(query, identity).fetchone()[0])


def _add(
    db: sqlite3.Connection,
    ticket: int,
    by: str,
    what: What,
    text: str,
    at: float | None = None,
    alarm: tuple[str, str, float] = (None, None, None),  # type: ignore[assignment]
) -> None:
    db.execute(
        "INSERT INTO ticket_events (ticket, at, by, event, text, kind, subject, raised) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (ticket, time.time() if at is None else at, by, what, text, *alarm),
    )
