"""A sink that records, and clocks that tests hold."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

from collector.config import Serial, Source
from collector.conversations import Piece
from collector.inputs import open_input
from collector.inputs.base import SystemClock, TakenOf, TakenWhole

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from collector.inputs.base import Clock, LinkState, Taken
    from collector.inputs.uart import LineErrors

PATIENCE = 30
"""Seconds until an awaited event counts as never coming."""


class Recorder:
    """Keeps what an input hands over. While ``room`` is closed it has none for more."""

    def __init__(self, position: int = 0) -> None:
        self.chunks: list[tuple[int, bytes, bool]] = []
        self.links: list[tuple[LinkState, str]] = []
        self.lanes_ended: list[int] = []
        self.errors: list[LineErrors] = []
        self.files: dict[str, int] = {}
        self.file: TakenOf | None = None
        self.room = asyncio.Event()
        self.room.set()
        self.disk = asyncio.Event()
        self.disk.set()
        self._start = position
        self._news = asyncio.Event()

    async def received(self, lane: int, data: bytes, *, opened: bool, taken: Taken | None = None) -> None:
        self.chunks.append((lane, data, opened))
        self._note(taken)
        self._news.set()
        await self.room.wait()

    async def ended(self, lane: int, taken: Taken | None = None) -> None:
        self.lanes_ended.append(lane)
        self._note(taken)
        self._news.set()

    def _note(self, taken: Taken | None) -> None:
        if isinstance(taken, TakenWhole):
            self.files[taken.sha256] = taken.position
        elif taken:
            self.file = taken

    async def kept(self) -> None:
        await self.disk.wait()

    async def recent(self, size: int) -> list[Piece]:
        return [Piece(lane, data) for lane, data, _ in self.chunks[-size:]]

    async def taken(self) -> dict[str, int]:
        return self.files

    async def followed(self) -> TakenOf | None:
        return self.file

    def link(self, state: LinkState, detail: str) -> None:
        self.links.append((state, detail))
        self._news.set()

    def line_errors(self, found: LineErrors) -> None:
        self.errors.append(found)
        self._news.set()

    def position(self) -> int:
        return self._start + sum(len(data) for _, data, _ in self.chunks)

    def bytes_of(self, lane: int = 0) -> bytes:
        return b"".join(data for of, data, _ in self.chunks if of == lane)

    @property
    def states(self) -> list[LinkState]:
        return [state for state, _ in self.links]

    async def until(self, happened: Callable[[], object]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not happened():
                self._news.clear()
                await self._news.wait()

    async def until_bytes(self, expected: bytes, lane: int = 0) -> None:
        await self.until(lambda: len(self.bytes_of(lane)) >= len(expected))
        assert self.bytes_of(lane) == expected

    async def until_link(self, state: LinkState, words: str = "", since: int = 0) -> str:
        """Wait for a report of ``state`` whose sentence holds ``words``, after the first ``since`` reports; return it."""

        def found() -> list[str]:
            return [detail for said, detail in self.links[since:] if said == state and words in detail]

        await self.until(found)
        return found()[0]


class QuickClock(SystemClock):
    """Sleeps a thousandth of what is asked, and notes what was asked."""

    def __init__(self, chance: Callable[[], float] = lambda: 1.0) -> None:
        self.slept: list[float] = []
        self.random = chance  # type: ignore[method-assign]

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(seconds / 1000)


class StillClock:
    """Stands still but for sleeps, which take no time at all; after ``sleeps`` of them it stops for good."""

    def __init__(self, sleeps: int, chance: Callable[[], float] = lambda: 1.0) -> None:
        self.time = 0.0
        self.slept: list[float] = []
        self.stopped = asyncio.Event()
        self.random = chance
        self._sleeps = sleeps

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds
        if len(self.slept) == self._sleeps:
            self.stopped.set()
            await asyncio.Event().wait()


def source(url: str, *, allow: tuple[str, ...] = (), **line: Any) -> Source:
    return Source(name="pbx1", input=url, format="panasonic/kx-tda", allow=allow, serial=Serial(**line))


def talking(url: str, **keys: Any) -> Source:
    return Source(name="pbx1", input=url, format="panasonic/kx-tda", **keys)


@contextlib.asynccontextmanager
async def reading(of: Source, sink: Recorder, clock: Clock | None = None) -> AsyncIterator[asyncio.Task[None]]:
    """Run the input of a source for the length of a block."""
    task = asyncio.create_task(open_input(of, sink, clock or SystemClock()).run())
    try:
        yield task
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
