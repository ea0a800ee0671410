"""What was read of local days or months, kept in memory for all viewers: the past is not read again for each of them.

A stretch of time is read when it is first asked about, and again once one of its hours has changed, which the numbers of
the changes tell.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from collector.store import queries

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
    from datetime import date
    from pathlib import Path

Answer = TypeVar("Answer")


class _State(NamedTuple):
    """Which file was read, less how many calls, and the last number of a change that was in it."""

    file: tuple[int, int, int]
    seq: int


class Kept(Generic[Answer]):
    """Answers about stretches of time in one ``calls.db``; each stretch is named by its first day.

    ``stretch_of`` names the stretch of a UTC second. Where more than ``most`` answers are known, the question that was
    asked the longest ago is forgotten.
    """

    def __init__(self, path: Path, stretch_of: Callable[[int], date], most: int) -> None:
        self._path = path
        self._stretch_of = stretch_of
        self._most = most
        self._known: OrderedDict[Hashable, dict[date, Answer]] = OrderedDict()
        self._state_known = _State((0, 0, 0), 0)
        self._lock = threading.Lock()

    def answers(
        self,
        connection: sqlite3.Connection,
        question: Hashable,
        wanted: Iterable[date],
        read: Callable[[Sequence[date]], Mapping[date, Answer]],
    ) -> dict[date, Answer]:
        """Return the answer of every stretch that is ``wanted``; ``read`` answers those that are not known. Called in threads.

        ``question`` says what is asked and for whom: the connection may show less to one than to another.
        """
        wanted, state = list(wanted), self._state(connection)
        with self._lock:
            self._forget_changed(connection, state)
            known = self._known.setdefault(question, {})
            self._known.move_to_end(question)
            found = {stretch: known[stretch] for stretch in wanted if stretch in known}
        missing = [stretch for stretch in wanted if stretch not in found]
        if missing:
            anew = read(missing)
            found |= anew
            with self._lock:
                if state.file == self._state_known.file:
                    known.update(anew)
                    self._state_known = min(self._state_known, state)
                    while len(self._known) > 1 and sum(map(len, self._known.values())) > self._most:
                        self._known.popitem(last=False)
        return {stretch: found[stretch] for stretch in wanted}

    def _state(self, connection: sqlite3.Connection) -> _State:
        status = self._path.stat()
        return _State((status.st_dev, status.st_ino, queries.removed(connection)), queries.last_seq(connection))

    def _forget_changed(self, connection: sqlite3.Connection, state: _State) -> None:
        """Of two viewers the later may ask of the earlier state: what changed since is forgotten once more, and none is missed."""
        if state.file != self._state_known.file:
            self._known.clear()
        else:
            for stretch in {self._stretch_of(second) for second in queries.changed(connection, self._state_known.seq)}:
                for known in self._known.values():
                    known.pop(stretch, None)
        self._state_known = state
