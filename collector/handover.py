"""What is heard on a link before the collector reads it becomes the first of the new source: nothing of it is lost.

Whoever listens keeps what arrives in a file of its own, and holds a lock on it for as long as it has the link. The
collector, when it begins to read the source, gives the file another name: by that it asks for the link. The listener
lets it go, writes down the rest, and gives up the lock; then the collector takes the file into its journal, in the same
transactions as how much of it, and opens the link. A listener that dies gives up the lock, too.

The name of the file is made of the name of the source and of where it is read from: what was heard elsewhere is never
taken for it.
"""

from __future__ import annotations

import asyncio
import errno
import fcntl
import hashlib
import json
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from collector.inputs.base import LinkError, TakenWhole
from collector.inputs.tapping import Arrival

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from collector.config import Link
    from collector.inputs.base import LinkState, Taken

LOOK_S = 0.02
"""How often either side looks for the other: what is printed meanwhile waits no longer than that for a reader."""
PATIENCE_S = 30.0
"""How long the collector waits for a listener; one that does not answer keeps no source from being read."""
_FOLDER = "heard"


class Taker(Protocol):
    """Where the collector puts the bytes of one source."""

    async def received(
        self, lane: int, data: bytes, *, opened: bool, taken: Taken | None = None, at: float | None = None
    ) -> None:
        """Take ``data``, received at a moment (POSIX seconds), with how much of its file is taken by that."""

    async def kept(self) -> None:
        """Return once everything handed over is on disk."""

    async def taken(self) -> dict[str, int]:
        """What is on disk of the files that were taken whole: bytes, by their SHA-256."""

    def link(self, state: LinkState, detail: str) -> None:
        """Note the state of the link."""


def place(link: Link) -> tuple[str, ...]:
    """Where a link leads, whatever a serial port is called in it."""
    if link.scheme == "serial":
        return ("serial", os.path.realpath(link.path))
    return (link.scheme, link.host, str(link.port))


class Offer:
    """What is heard on a link, for the collector to take as the first of a source. Raises OSError.

    BlockingIOError: somebody else has this offer open.
    """

    def __init__(self, data: Path, name: str, link: Link) -> None:
        self.name = name
        self.size = 0
        """bytes heard that are in it"""
        self._path = _file(data, name, link)
        self._path.parent.mkdir(mode=0o700, exist_ok=True)
        self._handle: int | None = _locked(self._path)
        self._end = self._path.read_bytes().rfind(b"\n") + 1
        self._waiting: list[Arrival] = []

    def add(self, arrivals: Iterable[Arrival]) -> None:
        """Keep what has arrived; what the disk refuses is written with what comes next, or by `close`."""
        self._waiting += arrivals
        with suppress(OSError):
            self._write()

    @property
    def is_asked(self) -> bool:
        """Whether the collector wants the link."""
        return not self._path.exists()

    def close(self) -> None:
        """Let the collector take it; the link is let go of before. Raises OSError where the disk refuses the last of it."""
        try:
            self._write()
            if self._handle is not None:
                os.fsync(self._handle)
        finally:
            self._let_go()

    def withdraw(self) -> None:
        """The source comes to nothing: what was heard is nobody's. What the collector has asked for is its own."""
        self._path.unlink(missing_ok=True)
        self._let_go()

    def _let_go(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def _write(self) -> None:
        if self._handle is None:
            return
        text = b"".join(_line(arrival) for arrival in self._waiting)
        os.ftruncate(self._handle, self._end)  # of what was refused before, a part may be there
        if os.pwrite(self._handle, text, self._end) < len(text):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._end += len(text)
        self.size += sum(len(arrival.data) for arrival in self._waiting)
        self._waiting.clear()


async def hand_over(offer: Offer, listening: asyncio.Task[None] | None) -> None:
    """Listen on until the collector asks for the link, or ``listening`` ends; then let it go. Raises OSError.

    Cancelled, it leaves both as they are.
    """
    if listening is not None:
        while not (offer.is_asked or listening.done()):  # noqa: ASYNC110  (another process has no event for it)
            await asyncio.sleep(LOOK_S)
        listening.cancel()
        await asyncio.wait({listening})
    offer.close()


async def take_over(data: Path, name: str, link: Link, taker: Taker) -> None:
    """Take what was heard of a source before it was read, if anything, and have the listener let its link go.

    Raises OSError where it cannot be read; it is there still, then.
    """
    offered = _file(data, name, link)
    asked = offered.with_suffix(".asked")
    while asked.exists() or offered.exists():
        if not asked.exists():
            with suppress(FileNotFoundError):  # it was withdrawn just now
                offered.rename(asked)
        else:
            await _take(asked, taker)
            asked.unlink()


async def _take(file: Path, taker: Taker) -> None:
    with file.open("rb") as stream:
        if not await _let_go(stream.fileno(), taker):
            raise LinkError(f"whoever listens to {file} does not let it go")
        content = await asyncio.to_thread(stream.read)
    digest = hashlib.sha256(content).hexdigest()
    known, position = (await taker.taken()).get(digest, 0), 0
    arrivals = [_arrival(line) for line in content.splitlines(keepends=True) if line.endswith(b"\n")]
    for number, arrival in enumerate(arrivals, 1):
        position += len(arrival.data)
        if position > known:
            progress = TakenWhole(digest, position, complete=number == len(arrivals))
            await taker.received(arrival.lane, arrival.data, opened=arrival.opened, taken=progress, at=arrival.received)
    await taker.kept()


async def _let_go(handle: int, taker: Taker) -> bool:
    """Whether the listener gives up its lock."""
    for _ in range(round(PATIENCE_S / LOOK_S)):
        if _is_free(handle):
            return True
        taker.link("waiting", "Whoever listens to it lets it go.")
        await asyncio.sleep(LOOK_S)
    return False


def _file(data: Path, name: str, link: Link) -> Path:
    return data / _FOLDER / f"{hashlib.sha256(repr((name, place(link))).encode()).hexdigest()[:32]}.jsonl"


def _locked(path: Path) -> int:
    """Open the file with the lock on it; one that lost its name in between is not it."""
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(handle), path.stat()):
                return handle
        except FileNotFoundError:
            pass
        except OSError:
            os.close(handle)
            raise
        os.close(handle)


def _is_free(handle: int) -> bool:
    with suppress(BlockingIOError):
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return True
    return False


def _line(arrival: Arrival) -> bytes:
    return json.dumps(arrival._replace(data=arrival.data.decode("latin-1"))).encode() + b"\n"  # type: ignore[arg-type]


def _arrival(line: bytes) -> Arrival:
    received, lane, opened, data = json.loads(line)
    return Arrival(received, lane, opened, data.encode("latin-1"))
