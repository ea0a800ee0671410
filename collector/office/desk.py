"""The operator's log: notes of calls, messages taken and delivered, shifts handed over. Nothing in it is changed."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from collector.errors import UserError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

_MESSAGE = """
SELECT id, messages.at, messages.by, recipient, caller, contact, text, note, deliveries.at, deliveries.by, receiver
FROM messages LEFT JOIN deliveries ON message = id
"""
_NOTE = "SELECT id, at, by, source, offset, number, caller, organisation, purpose, handled FROM notes"
_HANDOVER = "SELECT id, at, by, successor, note, open_messages FROM handovers"


class About(NamedTuple):
    """What was said on a call: who called from where and why, and who was given the call."""

    number: str
    caller: str
    organisation: str
    purpose: str
    handled: str


class Note(NamedTuple):
    """A note as it is kept; ``at`` is POSIX seconds, ``source`` and ``offset`` the call's where that is known."""

    id: int
    at: float
    by: str
    source: str | None
    offset: int | None
    about: About


class Message(NamedTuple):
    """A message as it is kept, with its delivery once there is one; times are POSIX seconds."""

    id: int
    at: float
    by: str
    recipient: str
    caller: str
    contact: str
    text: str
    note: int | None
    delivered_at: float | None
    delivered_by: str | None
    receiver: str | None


class Handover(NamedTuple):
    """A shift that was handed over, with the messages that were not delivered then."""

    id: int
    at: float
    by: str
    successor: str
    note: str
    open_messages: list[int]


class Found(NamedTuple):
    """What has a text in it, oldest first."""

    notes: list[Note]
    messages: list[Message]
    handovers: list[Handover]


def note(db: sqlite3.Connection, about: About, by: str, call: tuple[str, int] | None = None) -> int:
    """Note what was said on a call; the note's number. Raises `UserError` where nothing was said."""
    if not any(about):
        raise UserError("There is nothing to note.")
    row = db.execute(
        "INSERT INTO notes (at, by, source, offset, number, caller, organisation, purpose, handled) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        (time.time(), by, *(call or (None, None)), *about),
    ).fetchone()
    return int(row[0])


def take(db: sqlite3.Connection, message: tuple[str, str, str, str], by: str, note: int | None = None) -> int:
    """Take a message ``(recipient, caller, contact, text)``; its number. Raises `UserError` where the note is none."""
    if note is not None and not db.execute("SELECT 1 FROM notes WHERE id = ?", (note,)).fetchone():
        raise UserError(f"There is no note {note}.")
    row = db.execute(
        "INSERT INTO messages (at, by, note, recipient, caller, contact, text) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
        (time.time(), by, note, *message),
    ).fetchone()
    return int(row[0])


def deliver(db: sqlite3.Connection, message: int, receiver: str, by: str) -> None:
    """Note that a message was delivered. Raises `UserError` where there is none, or it was delivered already."""
    row = db.execute(f"{_MESSAGE} WHERE id = ?", (message,)).fetchone()
    if row is None:
        raise UserError(f"There is no message {message}.")
    taken = Message(*row)
    if taken.receiver is not None:
        raise UserError(f"Message {message} was delivered to {taken.receiver} by {taken.delivered_by} already.")
    db.execute("INSERT INTO deliveries VALUES (?, ?, ?, ?)", (message, time.time(), by, receiver or taken.recipient))


def hand_over(db: sqlite3.Connection, successor: str, note: str, by: str) -> list[Message]:
    """Hand the shift over; the messages that go with it. Raises `UserError` where it is to oneself."""
    if successor == by:
        raise UserError(f"{by} cannot hand over to {by}.")
    waiting = open_messages(db)
    db.execute(
        "INSERT INTO handovers (at, by, successor, note, open_messages) VALUES (?, ?, ?, ?, ?)",
        (time.time(), by, successor, note, json.dumps([message.id for message in waiting])),
    )
    return waiting


def open_messages(db: sqlite3.Connection) -> list[Message]:
    """The messages not delivered yet, oldest first."""
    return [Message(*row) for row in db.execute(f"{_MESSAGE} WHERE message IS NULL ORDER BY id")]


def handovers(db: sqlite3.Connection, most: int) -> list[Handover]:
    """The shifts that were handed over last, at most so many, the newest first."""
    return _handovers(db.execute(f"{_HANDOVER} ORDER BY id DESC LIMIT ?", (most,)))


def _handovers(rows: Iterable[tuple[int, float, str, str, str, str]]) -> list[Handover]:
    return [
        Handover(id_, at, by, successor, said, json.loads(waiting)) for id_, at, by, successor, said, waiting in rows
    ]


def search(db: sqlite3.Connection, text: str) -> Found:
    """Notes, messages and handovers that have a text in any of their words; capital letters make no difference."""
    words = "%" + text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_") + "%"
    said = r"number || char(10) || caller || char(10) || organisation || char(10) || purpose || char(10) || handled"
    notes = db.execute(f"{_NOTE} WHERE {said} || char(10) || by LIKE ? ESCAPE '\\' ORDER BY id", (words,))
    told = r"recipient || char(10) || caller || char(10) || contact || char(10) || text || char(10) || messages.by"
    messages = db.execute(
        f"{_MESSAGE} WHERE {told} || char(10) || coalesce(receiver, '') LIKE ? ESCAPE '\\' ORDER BY id", (words,)
    )
    passed = r"by || char(10) || successor || char(10) || note"
    shifts = db.execute(f"{_HANDOVER} WHERE {passed} LIKE ? ESCAPE '\\' ORDER BY id", (words,))
    return Found(
        _notes(notes),
        [Message(*row) for row in messages],
        _handovers(shifts),
    )


def of_call(db: sqlite3.Connection, source: str, offset: int) -> Found:
    """What was noted of a call, and the messages taken with it, oldest first."""
    notes = db.execute(f"{_NOTE} WHERE (source, offset) = (?, ?) ORDER BY id", (source, offset))
    with_it = "note IN (SELECT id FROM notes WHERE (source, offset) = (?, ?))"
    messages = db.execute(f"{_MESSAGE} WHERE {with_it} ORDER BY id", (source, offset))
    return Found(_notes(notes), [Message(*row) for row in messages], [])


def _notes(rows: Iterable[tuple[Any, ...]]) -> list[Note]:
    return [Note(id_, at, by, source, offset, About(*about)) for id_, at, by, source, offset, *about in rows]


def taken(db: sqlite3.Connection, begin: float, end: float) -> list[tuple[float, str]]:
    """When and by whom messages were taken in a time, in POSIX seconds; the end is not included."""
    return db.execute("SELECT at, by FROM messages WHERE at >= ? AND at < ? ORDER BY at", (begin, end)).fetchall()
