"""The console's way to ``calls.db``: questions in a thread, and one watcher for all viewers."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, TypeVar

from nicegui import Event

from collector.store import queries
from collector.store.sight import narrow

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from collector.store.queries import StoredCall
    from collector.store.sight import Sight

Answer = TypeVar("Answer")

POLL_S = 0.2
NEWEST = 300
"""Calls kept for the live feed."""


class NothingStoredError(Exception):
    """``calls.db`` is not there yet or cannot be read; the text is SQLite's, empty if the file is missing."""


class Store:
    """Asks ``calls.db`` without holding up the event loop, for one who may see this much; None: nothing."""

    def __init__(self, path: Path, sight: Sight | None = None) -> None:
        self.path = path
        self._sight = sight

    def seen_by(self, sight: Sight) -> Store:
        """The same for one who may see this much."""
        return Store(self.path, sight)

    def connect(self) -> sqlite3.Connection:
        """Open it for reading. Raises as `queries.connect` does, and `PermissionError` where nobody is named to see it."""
        if self._sight is None:
            raise PermissionError("nobody may see this")
        connection = queries.connect(self.path)
        try:
            narrow(connection, self._sight)
        except BaseException:
            connection.close()
            raise
        return connection

    async def ask(self, question: Callable[[sqlite3.Connection], Answer]) -> Answer:
        """Answer ``question`` from one snapshot; raises `NothingStoredError`."""
        return await asyncio.to_thread(self._ask, question)

    def _ask(self, question: Callable[[sqlite3.Connection], Answer]) -> Answer:
        try:
            with closing(self.connect()) as connection:
                connection.execute("BEGIN")
                return question(connection)
        except FileNotFoundError:
            raise NothingStoredError from None
        except sqlite3.Error as error:
            raise NothingStoredError(str(error)) from error


class Watcher:
    """Notices within a second what the collector commits, whatever the number of viewers.

    ``generation`` grows with every commit that was noticed. ``newest`` holds the calls changed last, newest first.
    ``arrived`` tells every viewer the calls that are new or changed, newest first; None when the database was
    replaced and everything must be read anew.
    """

    def __init__(self, path: Path) -> None:
        self.generation = 0
        self.newest: list[StoredCall] = []
        self.arrived: Event[[list[StoredCall] | None]] = Event()
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None
        self._version = -1
        self._seq = 0

    async def run(self) -> None:
        """Watch until cancelled."""
        while True:
            try:
                await self._look()
            except (OSError, sqlite3.Error):
                self._close()
            await asyncio.sleep(POLL_S)

    async def _look(self) -> None:
        status = self._path.stat()
        file = (status.st_dev, status.st_ino)
        if self._connection is None or file != self._file:
            self._close()
            self._connection = queries.connect(self._path)
            self._file, self._version = file, -1
        version = queries.version(self._connection)
        if version == self._version:
            return
        changed = await asyncio.to_thread(self._read, self._connection)
        self._version = version
        self.generation += 1
        if changed is None or changed:
            self.arrived.emit(changed)

    def _read(self, connection: sqlite3.Connection) -> list[StoredCall] | None:
        last = queries.last_seq(connection)
        rebuilt = last < self._seq
        changed = queries.newest_calls(connection, NEWEST, after_seq=0 if rebuilt else self._seq)
        self._seq = last
        identities = {(one.call.source, one.call.offset) for one in changed}
        kept = [] if rebuilt else [one for one in self.newest if (one.call.source, one.call.offset) not in identities]
        self.newest = [*changed, *kept][:NEWEST]
        return None if rebuilt else changed

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
