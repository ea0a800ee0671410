"""Writing events.db: what happened to lines and outputs by our own clock, and which alarms stand. A thread of its own.

It is no projection, so `smdr reparse` leaves it alone, and a fault of calls.db does not keep it from being written.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeVar

from collector.inputs.uart import LineErrors
from collector.store.database import open_reader, open_writer
from collector.store.publications import MadeOf
from collector.trouble import is_damage

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Future
    from pathlib import Path

Event = Literal["raised", "cleared"]
Removed = Literal["raw", "calls", "personal"]
AlarmKind = Literal[
    "silence",
    "link",
    "clock",
    "output",
    "disk",
    "backup",
    "tables",
    "report",
    "certificate",
    "fault",
    "inspection",
    "rule",
    "judging",
]

_log = logging.getLogger(__name__)
_Result = TypeVar("_Result")

_DUE = """
SELECT alarm, event, channel, kind, subject, raised, cleared, sentence, recovery FROM deliveries
JOIN alarms ON alarms.id = deliveries.alarm WHERE delivered IS NULL ORDER BY alarm, event DESC
"""


_ADD_LINE_ERRORS = """
INSERT INTO line_errors VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET overruns = overruns + excluded.overruns,
framing = framing + excluded.framing, parity = parity + excluded.parity
"""


class Alarm(NamedTuple):
    """An alarm that stands: what kind of, about what, since when."""

    id: int
    kind: AlarmKind
    subject: str
    raised: float
    sentence: str


class Delivery(NamedTuple):
    """Something about an alarm that is still to be told on a channel."""

    alarm: int
    event: Event
    channel: str
    kind: AlarmKind
    subject: str
    raised: float
    cleared: float | None
    sentence: str
    recovery: str | None

    @property
    def at(self) -> float:
        """When what is to be told happened, POSIX seconds."""
        return self.raised if self.cleared is None or self.event == "raised" else self.cleared

    @property
    def said(self) -> str:
        """The sentence to tell."""
        return self.sentence if self.event == "raised" else self.recovery or ""


class EventsDb:
    """The writing side of events.db. Every method runs on the thread that owns the file."""

    def __init__(self, path: Path) -> None:
        """The file is opened when it is first written, and again after it failed: no trouble with it stops a collector."""
        self._path = path
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="events")
        self._opened: sqlite3.Connection | None = None

    async def standing(self) -> list[Alarm]:
        """The alarms that stand, oldest first."""
        return await self.run(
            lambda db: [
                Alarm(*row)
                for row in db.execute(
                    "SELECT id, kind, subject, raised, sentence FROM alarms WHERE cleared IS NULL ORDER BY id"
                )
            ]
        )

    async def raise_alarm(
        self, kind: AlarmKind, subject: str, at: float, sentence: str, channels: Sequence[str]
    ) -> Alarm:
        """Keep an alarm, to be told on ``channels``."""

        def write(db: sqlite3.Connection) -> Alarm:
            row = db.execute(
                "INSERT INTO alarms (kind, subject, raised, sentence) VALUES (?, ?, ?, ?) RETURNING id",
                (kind, subject, at, sentence),
            ).fetchone()
            _to_tell(db, row[0], "raised", channels)
            return Alarm(row[0], kind, subject, at, sentence)

        return await self.run(write)

    async def clear_alarm(self, alarm: Alarm, at: float, recovery: str, channels: Sequence[str]) -> None:
        """Keep that an alarm is over, to be told on ``channels``."""

        def write(db: sqlite3.Connection) -> None:
            db.execute("UPDATE alarms SET cleared = ?, recovery = ? WHERE id = ?", (at, recovery, alarm.id))
            _to_tell(db, alarm.id, "cleared", channels)

        await self.run(write)

    async def due(self) -> list[Delivery]:
        """What is still to be told, oldest first."""
        return await self.run(lambda db: [Delivery(*row) for row in db.execute(_DUE)])

    async def delivered(self, delivery: Delivery, at: float) -> None:
        """It was told."""
        await self._tried(delivery, at, None)

    async def not_delivered(self, delivery: Delivery, error: str) -> None:
        """It could not be told yet."""
        await self._tried(delivery, None, error)

    def forget_links(self, before: float) -> None:
        """Remove what links did before a moment."""
        self._note("DELETE FROM link_events WHERE at < ?", (before,))

    def link(self, source: str, state: str, detail: str, at: float) -> None:
        """Keep a change of a link. Returns at once; where the disk refuses, the log says so."""
        row = (source, at, state, detail)
        self._note("INSERT INTO link_events (source, at, state, detail) VALUES (?, ?, ?, ?)", row)

    def line_errors(self, source: str, found: LineErrors) -> None:
        """Add to what a source's port reported before. Returns at once; where the disk refuses, the log says so."""
        self._note(_ADD_LINE_ERRORS, (source, *found))

    def removed(self, removal: Removal) -> None:
        """Note what a retention policy takes away, once; on disk when this returns."""
        row = tuple(removal)
        self._thread.submit(
            self._transaction,
            lambda db: db.execute(
                "INSERT OR IGNORE INTO removals (at, what, source, before, amount, until) VALUES (?, ?, ?, ?, ?, ?)",
                row,
            ),
        ).result()

    def close(self) -> None:
        """Finish what was asked for and close the file."""
        self._thread.submit(self._let_go).result()
        self._thread.shutdown()

    def _note(self, sql: str, row: tuple[str | float, ...]) -> None:
        written = self._thread.submit(self._transaction, lambda db: db.execute(sql, row))
        written.add_done_callback(_say_failure)

    async def _tried(self, delivery: Delivery, at: float | None, error: str | None) -> None:
        await self.run(
            lambda db: db.execute(
                "UPDATE deliveries SET delivered = ?, error = ?, attempts = attempts + 1 "
                "WHERE alarm = ? AND event = ? AND channel = ?",
                (at, error, delivery.alarm, delivery.event, delivery.channel),
            )
        )

    async def run(self, job: Callable[[sqlite3.Connection], _Result]) -> _Result:
        """Run ``job`` on the thread that owns the file, as a transaction."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._transaction, job)

    def _transaction(self, job: Callable[[sqlite3.Connection], _Result]) -> _Result:
        try:
            if self._opened is None:
                self._opened = open_writer(self._path)
            with self._opened as db:
                db.execute("BEGIN IMMEDIATE")
                return job(db)
        except sqlite3.DatabaseError as error:
            self._let_go()
            if is_damage(error):
                self._set_aside(error)
            raise

    def _let_go(self) -> None:
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def _set_aside(self, error: sqlite3.DatabaseError) -> None:
        """Begin a new file where the old one is damaged: nothing in it is needed to collect."""
        aside = self._path.with_name(f"{self._path.stem}.damaged-{int(time.time())}{self._path.suffix}")
        self._path.rename(aside)
        for companion in ("-wal", "-shm"):
            self._path.with_name(self._path.name + companion).unlink(missing_ok=True)
        _log.error("events.db is damaged (%s). It was set aside as %s; a new one is begun.", error, aside.name)


class LinkEvent(NamedTuple):
    """A change of a link: which source's, when (POSIX seconds), to what state, and the sentence about it."""

    source: str
    at: float
    state: str
    detail: str


def standing(data: Path) -> list[tuple[AlarmKind, str, float, str]]:
    """Kind, subject, moment and sentence of every alarm that stands, oldest first; for readers in other processes."""
    return _read(data, "SELECT kind, subject, raised, sentence FROM alarms WHERE cleared IS NULL ORDER BY id")


class Removal(NamedTuple):
    """What a retention policy took away at a moment: what was of before another.

    ``amount`` is bytes of ``raw``, else calls; ``until`` is where the stream begins from then on, of raw bytes.
    """

    at: float
    what: Removed
    source: str
    before: float
    amount: int
    until: int | None


def removals(data: Path) -> list[Removal]:
    """Everything that retention policies took away, oldest first."""
    return [
        Removal(*row) for row in _read(data, "SELECT at, what, source, before, amount, until FROM removals ORDER BY id")
    ]


class PastAlarm(NamedTuple):
    """An alarm, with what ended it: ``cleared`` and ``recovery`` are None while it stands."""

    kind: AlarmKind
    subject: str
    raised: float
    sentence: str
    cleared: float | None
    recovery: str | None


def published(data: Path) -> dict[tuple[str, str], MadeOf]:
    """Of what the reports in folders were made, by report and period."""
    found = _read(
        data,
        "SELECT report, period, kind, narrowed, unmasked FROM publications WHERE way = 'folder' AND kind IS NOT NULL",
    )
    return {(report, period): MadeOf(kind, of, bool(unmasked)) for report, period, kind, of, unmasked in found}


def alarms(data: Path, last: int) -> list[PastAlarm]:
    """The alarms raised last, newest first; those that stand before all others."""
    found = _read(
        data,
        "SELECT kind, subject, raised, sentence, cleared, recovery FROM alarms ORDER BY cleared IS NULL DESC, id DESC LIMIT ?",
        (last,),
    )
    return [PastAlarm(*row) for row in found]


def line_errors(data: Path) -> dict[str, LineErrors]:
    """What serial ports reported, of the sources whose ports report at all."""
    return {source: LineErrors(*found) for source, *found in _read(data, "SELECT * FROM line_errors")}


def link_events(data: Path, source: str | None, last: int) -> list[LinkEvent]:
    """The last changes of links, of one source or of all, newest last."""
    found = _read(
        data,
        "SELECT source, at, state, detail FROM link_events WHERE ?1 IS NULL OR source = ?1 ORDER BY id DESC LIMIT ?2",
        (source, last),
    )
    return [LinkEvent(*row) for row in reversed(found)]


def link_history(data: Path, since: float) -> list[LinkEvent]:
    """The changes of all links since a moment, and the last one of each before it, oldest first."""
    found = _read(
        data,
        "SELECT source, at, state, detail FROM link_events WHERE at >= ?1 "
        "OR id IN (SELECT max(id) FROM link_events WHERE at < ?1 GROUP BY source) ORDER BY id",
        (since,),
    )
    return [LinkEvent(*row) for row in found]


def _read(data: Path, query: str, values: tuple[str | float | None, ...] = ()) -> list[Any]:
    """Rows for readers in other processes; none where nothing of the kind was kept yet, or the file is damaged."""
    try:
        with closing(open_reader(data / "events.db")) as db:
            return db.execute(query, values).fetchall()
    except sqlite3.DatabaseError:
        return []


def _say_failure(written: Future[sqlite3.Cursor]) -> None:
    error = written.exception()
    if error is not None:
        _log.warning("events.db cannot be written (%s): what happened to a link is not in it.", error)


def _to_tell(db: sqlite3.Connection, alarm: int, event: Event, channels: Sequence[str]) -> None:
    rows = [(alarm, event, channel) for channel in channels]
    db.executemany("INSERT INTO deliveries (alarm, event, channel) VALUES (?, ?, ?)", rows)
