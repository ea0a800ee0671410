"""Missed calls and how each stands: returned, in time or late, still open, overdue, or taken care of in another way."""

from __future__ import annotations

import time
from collections import defaultdict
from typing import TYPE_CHECKING, Literal, NamedTuple

from collector.returning import in_time, is_contact, is_missed, returned_at

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Mapping

    from parsers.records import Direction, Outcome

Standing = Literal["open", "overdue", "returned", "late", "handled"]

_DAY_S = 86_400
_CALLS = """
SELECT source, offset, start, number, carrier, direction, outcome, extension, department, person FROM calls
WHERE start >= ? AND start < ? AND number IS NOT NULL AND direction != 'internal' AND NOT open ORDER BY start
"""


class OutsideCall(NamedTuple):
    """A call with somebody outside; ``start`` is POSIX seconds, texts are None where not known."""

    source: str
    offset: int
    start: int
    number: str
    carrier: str | None
    direction: Direction
    outcome: Outcome
    extension: str | None
    department: str | None
    person: str | None

    @property
    def is_missed(self) -> bool:
        """Whether it came in and nobody answered."""
        return is_missed(self.direction, self.outcome)

    @property
    def is_contact(self) -> bool:
        """Whether it is one by which a missed call is returned: made, or answered."""
        return is_contact(self.direction, self.outcome)


class Miss(NamedTuple):
    """A missed call. ``until`` is when it must be returned, POSIX seconds; ``at`` when it was, ``by`` who took care of it."""

    call: OutsideCall
    standing: Standing
    until: int
    at: float | None = None
    by: str | None = None


def since(db: sqlite3.Connection, begin: float, now: float) -> list[OutsideCall]:
    """The calls of calls.db with a known outside number that began since ``begin``, oldest first.

    What a PBX says to be of tomorrow or later, because its clock is wrong by as much, is not among them.
    """
    return [OutsideCall(*row) for row in db.execute(_CALLS, (begin, now + _DAY_S))]


def misses(
    calls: Iterable[OutsideCall],
    handled: Mapping[tuple[str, int], tuple[float, str]],
    compared: Callable[[OutsideCall], str],
    window_s: int,
    now: float,
) -> list[Miss]:
    """The missed calls, the one that must be returned first before all, then those that are done, the newest first.

    ``compared`` gives a call's number in a form that is the same in either direction.
    """
    known = list(calls)
    contacts: dict[str, list[int]] = defaultdict(list)
    for call in known:
        if call.is_contact:
            contacts[compared(call)].append(call.start)
    for starts in contacts.values():
        starts.sort()
    found = [_stand(call, contacts[compared(call)], handled, window_s, now) for call in known if call.is_missed]
    waiting = [one for one in found if one.standing in ("open", "overdue")]
    done = [one for one in found if one.standing not in ("open", "overdue")]
    return sorted(waiting, key=lambda one: (one.standing == "overdue", one.until)) + sorted(
        done, key=lambda one: -one.call.start
    )


def _stand(
    call: OutsideCall,
    contacts: list[int],
    handled: Mapping[tuple[str, int], tuple[float, str]],
    window_s: int,
    now: float,
) -> Miss:
    until = call.start + window_s
    at = returned_at(call.start, contacts)
    if in_time(call.start, contacts, window_s):
        return Miss(call, "returned", until, at)
    if taken := handled.get((call.source, call.offset)):
        return Miss(call, "handled", until, *taken)
    if at is not None:
        return Miss(call, "late", until, at)
    return Miss(call, "open" if now <= until else "overdue", until)


def handled(db: sqlite3.Connection) -> dict[tuple[str, int], tuple[float, str]]:
    """When and by whom missed calls were taken care of, by source and offset."""
    rows = db.execute("SELECT source, offset, at, by FROM handled_misses")
    return {(source, offset): (at, by) for source, offset, at, by in rows}


def handle(db: sqlite3.Connection, source: str, offset: int, by: str) -> None:
    """Note that a missed call is taken care of; said twice, the first one counts."""
    db.execute("INSERT OR IGNORE INTO handled_misses VALUES (?, ?, ?, ?)", (source, offset, time.time(), by))
