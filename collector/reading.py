"""One source being read: its bytes go into the journal, and how its link stands is told."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from typing import TYPE_CHECKING, TypeVar

from collector.conversations import Piece
from collector.faultpoints import reach
from collector.handover import take_over
from collector.inputs import open_input
from collector.inputs.base import LinkError, TakenOf, TakenWhole
from collector.segments import Followed, Import

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from collector.config import Source
    from collector.inputs.base import LinkState, Taken
    from collector.inputs.uart import LineErrors
    from collector.journal_thread import JournalThread
    from collector.projector import Projector
    from collector.store.events_db import EventsDb

_log = logging.getLogger(__name__)

_Answer = TypeVar("_Answer")


class Reading:
    """One source being read, for ever; it can be told to open its link anew.

    ``data`` is where those who listened to it before have what they heard.
    """

    def __init__(self, source: Source, sink: SourceSink, data: Path) -> None:
        self._source = source
        self._sink = sink
        self._data = data
        self._task: asyncio.Task[None] | None = None
        self._nudged = False

    async def run(self) -> None:
        """Read until cancelled, or to the end of an input that has one; first what was heard of it before."""
        try:
            await take_over(self._data, self._source.name, self._source.link, self._sink)
        except OSError as error:
            _log.error(
                "%s: what was heard of it before cannot be taken in now (%s); it is when the collector starts again.",
                self._source.name,
                error,
            )
        while True:
            self._task = asyncio.create_task(open_input(self._source, self._sink).run())
            try:
                await self._task
            except asyncio.CancelledError:
                if not self._nudged:
                    raise
                self._nudged = False
            else:
                return

    def nudge(self) -> None:
        """Close the link and open it anew."""
        if self._task:
            _log.warning("%s: nothing comes; the link is opened anew.", self._source.name)
            self._nudged = self._task.cancel()


class SourceSink:
    """Where one source's bytes go: the journal, with back-pressure when the disk is slower than the line."""

    def __init__(self, source: str, journal: JournalThread, projector: Projector, events: EventsDb) -> None:
        self._source = source
        self._journal = journal
        self._projector = projector
        self._events = events
        self._link: tuple[str, str, str, float] | None = None
        self._is_telling = False

    async def received(
        self, lane: int, data: bytes, *, opened: bool, taken: Taken | None = None, at: float | None = None
    ) -> None:
        """Queue ``data``, received now or ``at`` a moment (POSIX seconds), for the journal; return when there is room."""
        reach("received")
        progress = self._progress(taken)
        if not self._journal.put(self._source, lane, data, opened=opened, ended=False, taken=progress, received=at):
            await _called_back(self._journal.when_room)

    async def ended(self, lane: int, taken: Taken | None = None) -> None:
        """No more bytes will follow on ``lane``."""
        self._journal.put(self._source, lane, b"", opened=False, ended=True, taken=self._progress(taken))

    async def kept(self) -> None:
        """Return once everything handed over is on disk."""
        await _called_back(self._journal.when_kept)

    async def recent(self, size: int) -> list[Piece]:
        """What was handed over last, once it is on disk."""
        await self.kept()
        chunks = await asyncio.to_thread(self._journal.journal.recent, self._source, size)
        return [Piece(chunk.lane, chunk.data, chunk.ended) for chunk in chunks]

    async def taken(self) -> dict[str, int]:
        """What is on disk of the files that were taken whole, by their SHA-256."""
        return await _read(self._journal.journal.imports, self._source)

    async def followed(self) -> TakenOf | None:
        """What is on disk of the file that is followed."""
        known = await _read(self._journal.journal.followed, self._source)
        return TakenOf(known.position, known.tail) if known else None

    def link(self, state: LinkState, detail: str) -> None:
        """Keep the state of the link for `smdr status` and the console, and that it changed."""
        if self._link and self._link[1:3] == (state, detail):
            return
        self._link = (self._source, state, detail, time.time())
        self._events.link(*self._link)
        if not self._is_telling:
            self._tell_link(self._link)

    def line_errors(self, found: LineErrors) -> None:
        """Add to what the source's port reported before."""
        if any(found):
            _log.warning(
                "%s: the port reports %d bytes lost for want of time, %d framing errors, %d parity errors.",
                self._source,
                *found,
            )
        self._events.line_errors(self._source, found)

    def _tell_link(self, link: tuple[str, str, str, float]) -> None:
        """Have a state written, and when it is, the one that is true by then: one waits while the disk is full, not all."""
        self._is_telling = True
        written = self._projector.submit(
            lambda db: db.execute("INSERT OR REPLACE INTO links VALUES (?, ?, ?, ?)", link)
        )
        asyncio.wrap_future(written).add_done_callback(lambda _: self._link_told(link))

    def _link_told(self, told: tuple[str, str, str, float]) -> None:
        self._is_telling = False
        if self._link and self._link != told:
            self._tell_link(self._link)

    def position(self) -> int:
        """Bytes of this source already kept."""
        return self._journal.position(self._source)

    def _progress(self, taken: Taken | None) -> Import | Followed | None:
        match taken:
            case None:
                return None
            case TakenWhole(sha256, position, complete):
                return Import(self._source, sha256, position, complete)
            case TakenOf(position, tail):
                return Followed(self._source, position, tail)


async def _read(ask: Callable[[str], _Answer], source: str) -> _Answer:
    """Ask the journal of its past, in a thread. Raises LinkError: the link is opened when that can be told."""
    try:
        return await asyncio.to_thread(ask, source)
    except sqlite3.Error as error:
        raise LinkError(f"How far {source} was read cannot be told now: {error}.") from error


async def _called_back(when: Callable[[Callable[[], None]], None]) -> None:
    """Wait until ``when`` calls back from another thread."""
    loop = asyncio.get_running_loop()
    called = asyncio.Event()

    def call() -> None:
        loop.call_soon_threadsafe(called.set)

    when(call)
    await called.wait()
