"""The thread that writes the journal: it takes what the event loop has received, and never gives up on a full disk."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from typing import TYPE_CHECKING

from collector.segments import Followed, Import, JournalError

if TYPE_CHECKING:
    from collections.abc import Callable

    from collector.journal import Arrived, Journal

_log = logging.getLogger(__name__)

CHUNK_COST = 160
"""Bytes of memory that a waiting chunk takes beside its data."""

_RETRY_S = 1.0


class JournalThread(threading.Thread):
    """Takes chunks from the event loop and commits them in groups; never gives up on a full disk.

    ``limit``: bytes of memory that may wait, in many small chunks as in few large ones.
    """

    def __init__(self, journal: Journal, committed: Callable[[], None], limit: int = 8 << 20) -> None:
        super().__init__(name="journal", daemon=True)
        self.journal = journal
        self.error: str | None = None
        self.rounds = 0
        """grows with every attempt to commit"""
        self._committed = committed
        self._limit = limit
        self._waiting: list[Arrived] = []
        self._taken: list[Import | Followed] = []
        self._held = 0
        self._put = self._kept = 0
        self._when_kept: list[tuple[int, Callable[[], None]]] = []
        self._condition = threading.Condition()
        self._stopping = False
        self._room: list[Callable[[], None]] = []

    def put(
        self,
        source: str,
        lane: int,
        data: bytes,
        *,
        opened: bool,
        ended: bool,
        taken: Import | Followed | None = None,
        received: float | None = None,
    ) -> bool:
        """Queue one chunk, and the progress in a file that becomes true with it.

        ``received`` is POSIX seconds, when it is written unless given. False when the queue is full: wait for `when_room`.
        """
        with self._condition:
            arrived = (source, lane, data, opened, ended)
            self._waiting.append(arrived if received is None else (*arrived, received))
            if taken:
                self._taken.append(taken)
            self._held += len(data) + CHUNK_COST
            self._put += 1
            self._condition.notify_all()
            return self._held < self._limit

    def when_room(self, call: Callable[[], None]) -> None:
        """Call ``call`` once, from this thread, as soon as the queue has room."""
        with self._condition:
            if self._held >= self._limit:
                self._room.append(call)
                return
        call()

    def when_kept(self, call: Callable[[], None]) -> None:
        """Call ``call`` once, from this thread, as soon as everything queued by now is on disk."""
        with self._condition:
            if self._kept < self._put:
                self._when_kept.append((self._put, call))
                return
        call()

    @property
    def is_busy(self) -> bool:
        """Whether chunks wait to be committed."""
        with self._condition:
            return bool(self._waiting)

    def position(self, source: str) -> int:
        """Bytes of ``source`` journaled or queued."""
        with self._condition:
            queued = sum(len(chunk[2]) for chunk in self._waiting if chunk[0] == source)
            return self.journal.ends.get(source, 0) + queued

    def stop(self) -> None:
        """Commit what is queued and end the thread."""
        with self._condition:
            self._stopping = True
            self._condition.notify_all()
        self.join()

    def run(self) -> None:
        """Commit whatever has gathered, as one transaction, again and again."""
        while True:
            with self._condition:
                while not self._waiting and not self._stopping:
                    self._condition.wait()
                batch, taken, held = list(self._waiting), list(self._taken), self._held
                if not batch:
                    self.journal.close()
                    return
            if not self._commit(batch, taken):
                if self._stopping:
                    lost = sum(len(chunk[2]) for chunk in batch)
                    _log.error("Stopped with %d received bytes that could not be written.", lost)
                    return
            else:
                with self._condition:
                    del self._waiting[: len(batch)]
                    del self._taken[: len(taken)]
                    self._held -= held
                    self._kept += len(batch)
                    due = [call for number, call in self._when_kept if number <= self._kept]
                    self._when_kept = [waiting for waiting in self._when_kept if waiting[0] > self._kept]
                    room, self._room = self._room, []
                for call in (*due, *room):
                    call()
                self._committed()

    def _commit(self, batch: list[Arrived], taken: list[Import | Followed]) -> bool:
        self.rounds += 1
        try:
            self.journal.append(batch, *taken)
        except (sqlite3.Error, OSError) as error:
            self._failed(error)
            return False
        if self.error is not None:
            _log.info("The journal is written again.")
            self.error = None
        return True

    def _failed(self, error: Exception) -> None:
        """Say it once, and wait before the next attempt, whatever comes in meanwhile."""
        if isinstance(error, JournalError) and str(error) != self.error:
            _log.error("%s; received bytes are kept in a file beside it.", error)
        elif self.error is None:
            _log.error("The journal cannot be written (%s); received bytes wait in memory until it can.", error)
        self.error = str(error)
        next_attempt = time.monotonic() + _RETRY_S
        with self._condition:
            while not self._stopping and (left := next_attempt - time.monotonic()) > 0:
                self._condition.wait(left)
