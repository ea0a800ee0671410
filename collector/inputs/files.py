"""Files that a PBX or another program writes, and standard input."""

from __future__ import annotations

import asyncio
import os
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from collector.inputs.base import LinkError, Reconnecting
from collector.inputs.chunks import Chunks, pump

if TYPE_CHECKING:
    from collector.config import Source
    from collector.inputs.base import Clock, Sink

CHUNK = 64 * 1024
TAIL = 1024
"""Bytes read again before each chunk: as long as they are the same, the file is the same."""
POLL = 0.5


class FollowedFile(Reconnecting):
    """A file that grows. It is read on from the sink's position, over restarts, and then followed.

    A file that was cut short or replaced by another is not read on: its bytes would be taken for the old file's.
    """

    ceiling = 3.0

    def __init__(self, source: Source, sink: Sink, clock: Clock) -> None:
        super().__init__(source, sink, clock)
        self._path = Path(source.link.path)
        self._position: int | None = None
        self._tail = b""

    async def session(self) -> str:
        """Follow the file until another takes its name."""
        descriptor = _open_regular(self._path)
        try:
            position = self.sink.position() if self._position is None else self._position
            self._has_grown(descriptor, position)
            self.opened("open", f"Following {self._path}.")
            while _is_still(descriptor, self._path):
                position = await self._read_on(descriptor, position)
                await self.clock.sleep(POLL)
            await self._read_on(descriptor, position)
        finally:
            os.close(descriptor)
        return f"Another file has taken the name {self._path}."

    async def _read_on(self, descriptor: int, position: int) -> int:
        """Read from ``position`` to the present end; return where that is."""
        while self._has_grown(descriptor, position):
            data = await asyncio.to_thread(os.pread, descriptor, CHUNK, position)
            await self.sink.received(0, data, opened=position == 0)
            self._position = position = position + len(data)
            self._tail = (self._tail + data)[-TAIL:]
        return position

    def _has_grown(self, descriptor: int, position: int) -> bool:
        """Whether there is more than ``position`` bytes; LinkError where those are not what they were."""
        length = os.fstat(descriptor).st_size
        start = position - len(self._tail)
        if length < position or os.pread(descriptor, len(self._tail), start) != self._tail:
            raise LinkError(
                f"{self._path} was cut short or replaced: the {position} bytes read so far are no longer in it. "
                f"To read the new file from its beginning, give the source another name."
            )
        return length > position


class StandardInput:
    """What is piped into the collector, to its end."""

    def __init__(self, source: Source, sink: Sink) -> None:
        self._source = source
        self._sink = sink

    async def run(self) -> None:
        """Read to the end of standard input."""
        self._sink.link("open", "Reading standard input.")
        descriptor = sys.stdin.fileno()
        if _can_be_awaited(descriptor):
            await self._read_stream(descriptor)
        else:
            await self._read_file(descriptor)
        await self._sink.ended(0)
        self._sink.link("closed", "Standard input has ended.")

    async def _read_stream(self, descriptor: int) -> None:
        blocking = os.get_blocking(descriptor)
        with os.fdopen(os.dup(descriptor), "rb", buffering=0) as stream:
            transport, chunks = await asyncio.get_running_loop().connect_read_pipe(Chunks, stream)
            try:
                await pump(chunks, self._sink, lane=0)
            finally:
                transport.close()
                os.set_blocking(descriptor, blocking)

    async def _read_file(self, descriptor: int) -> None:
        opened = True
        while data := await asyncio.to_thread(os.read, descriptor, CHUNK):
            await self._sink.received(0, data, opened=opened)
            opened = False


def _open_regular(path: Path) -> int:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise LinkError(f"{path} is not a file: name a file, or use serial: for a port.")
        return os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        raise LinkError(f"{path} is not there yet: it is read as soon as it appears.") from None
    except PermissionError:
        raise LinkError(f"No permission to read {path}: let the collector's user read it and its folders.") from None


def _is_still(descriptor: int, path: Path) -> bool:
    """Whether ``path`` names the open file. A name that is gone for the moment (a rotation) counts as unchanged."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except OSError:
        return True


def _can_be_awaited(descriptor: int) -> bool:
    mode = os.fstat(descriptor).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or os.isatty(descriptor)
