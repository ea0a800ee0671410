"""Searching the calls: any of their fields, newest first, a page at a time.

A search walks back along the index on the start, in pieces, for no longer than it is given: what it costs does not
depend on how many calls there are, nor on how far back a page is. `Page.further` says how far it looked.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, NamedTuple

from collector.store.calls_db import CALL_COLUMNS, call_of
from collector.store.queries import Span, StoredCall

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

PIECE = 10_000
"""Calls that are looked at between two looks at the clock."""

CONDITIONS = {
    "source": "+source = :source",
    "sources": "+source IN (SELECT value FROM json_each(:sources))",
    "direction": "+direction = :direction",
    "outcome": "outcome = :outcome",
    "class": "+class = :class",
    "department": "department = :department",
    "extension": ":extension IN (extension, peer_extension, answered_by)",
    "trunk": "trunk = :trunk",
    "begins": "substr(number, 1, length(:begins)) = :begins",
    "contains": "instr(number, :contains)",
    "person": "instr(lower(person), lower(:person))",
    "carrier": "+carrier = :carrier",
    "account_code": "account_code = :account_code",
    "auth_code": "auth_code = :auth_code",
    "transferred": "transferred = (:transferred = 'yes')",
    "conference": "conference = (:conference = 'yes')",
    "talk_from": "talk_s >= :talk_from",
    "talk_to": "talk_s <= :talk_to",
    "ring_from": "ring_s >= :ring_from",
    "hour": "local_hour(start) = :hour",
    "weekday": "local_weekday(start) = :weekday",
    "cost_from": "CAST(cost AS REAL) >= CAST(:cost_from AS REAL)",
}
"""What can be asked of a call. ``begins`` and ``contains`` are of its number; an extension is any of those in the call.

``transferred`` and ``conference`` are ``yes`` or ``no``. An ``hour`` (0 to 23) and a ``weekday`` (1, Monday, to 7) are
those at which a call started, by the search's zone. ``sources`` is a JSON array.
"""


class Search(NamedTuple):
    """Calls that start in ``span`` and meet every one of ``wanted``: a key of `CONDITIONS` and its value."""

    span: Span
    wanted: Mapping[str, str | int]
    zone: tzinfo = UTC


class Place(NamedTuple):
    """A place in the order of the calls: the start of one (UTC seconds) and its number in the order of changes."""

    start: int
    seq: int


class Page(NamedTuple):
    """Calls that were found, newest first. Those in front of ``further`` were not looked at; None: there are none."""

    calls: list[StoredCall]
    further: Place | None


def page(connection: sqlite3.Connection, search: Search, before: Place | None, limit: int, longest_s: float) -> Page:
    """Return the next ``limit`` calls in front of ``before``, fewer where ``longest_s`` seconds do not do to find them."""
    deadline = time.monotonic() + longest_s
    _teach(connection, search.zone)
    end = Place(search.span.last, -1)
    place: Place | None = end if before is None else min(before, end)
    calls: list[StoredCall] = []
    while place:
        first = _first_of_piece(connection, search, place)
        calls += _matching(connection, search, first, place, limit + 1 - len(calls))
        if len(calls) > limit:
            last = calls[limit - 1]
            return Page(calls[:limit], Place(last.call.start, last.seq))
        place = first
        if time.monotonic() >= deadline:
            break
    return Page(calls, place)


def _first_of_piece(connection: sqlite3.Connection, search: Search, before: Place) -> Place | None:
    """The call `PIECE` calls before a place; None where there are not so many."""
    row = connection.execute(
        "SELECT start, seq FROM stored_calls WHERE (start, seq) < (?, ?) AND start >= ?"
        " ORDER BY start DESC, seq DESC LIMIT 1 OFFSET ?",
        (*before, search.span.first, PIECE - 1),
    ).fetchone()
    return Place(*row) if row else None


def _matching(
    connection: sqlite3.Connection, search: Search, first: Place | None, before: Place, limit: int
) -> list[StoredCall]:
    conditions = "".join(f" AND {CONDITIONS[key]}" for key in search.wanted)
    start, seq = first or Place(search.span.first, 0)
    rows = connection.execute(
        f"SELECT seq, {_COLUMNS} FROM calls WHERE (start, seq) >= (:first_start, :first_seq)"
        f" AND (start, seq) < (:start, :seq){conditions} ORDER BY start DESC, seq DESC LIMIT :limit",
        {"first_start": start, "first_seq": seq, **before._asdict(), "limit": limit, **search.wanted},
    )
    return [StoredCall(seq, call_of(row)) for seq, *row in rows]


def _teach(connection: sqlite3.Connection, zone: tzinfo) -> None:
    """Let the conditions ask for the hour and the weekday of the wall clock, which SQLite cannot tell of a zone."""
    connection.create_function("local_hour", 1, lambda start: datetime.fromtimestamp(start, zone).hour)
    connection.create_function("local_weekday", 1, lambda start: datetime.fromtimestamp(start, zone).isoweekday())


_COLUMNS = ", ".join(CALL_COLUMNS)
