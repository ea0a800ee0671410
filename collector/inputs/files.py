"""Files that a PBX or another program writes, and standard input."""

from __future__ import annotations

import asyncio
import os
import stat
import sys
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING

from collector.inputs.base import LinkError, Reconnecting, TakenOf
from collector.inputs.chunks import Chunks, pump

if TYPE_CHECKING:
    from collector.config import Source
    from collector.inputs.base import Clock, Sink

CHUNK = 64 * 1024
TAIL = 1024
"""Bytes read again before each chunk: as long as they are the same, the file is the same."""
POLL = 0.5


class FollowedFile(Reconnecting):
    """A file that grows. It is read on from where it was left, over restarts, and then followed.

    When it is rotated (renamed, or copied and cut short, or replaced), the rest of the old one is read first, where it
    can be found beside it, then the new one from its start.
    """

    ceiling = 3.0

    def __init__(self, source: Source, sink: Sink, clock: Clock) -> None:
        super().__init__(source, sink, clock)
        self._path = Path(source.link.path)
        self._place: TakenOf | None = None
        self._read_out = False
        """the file of `_place` was read to its end after another had taken its name"""

    async def session(self) -> str:
        """Follow whatever file has the name, one after the other; LinkError once there is none to be read."""
        if self._place is None:
            self._place = await self.sink.followed() or TakenOf(self.sink.position(), b"")
        place = self._place
        while True:
            descriptor = _open_regular(self._path)
            try:
                notice = ""
                if not _fits(descriptor, place):
                    notice, place = await self._turn_over(place)
                self._read_out = False
                self.opened("open", f"Following {self._path}.{notice}")
                while (same := _is_still(descriptor, self._path)) and _fits(descriptor, place):
                    place = await self._read_on(descriptor, place)
                    await self.clock.sleep(POLL)
                if not same:
                    place = await self._read_on(descriptor, place)
                    self._read_out = _fits(descriptor, place)
            finally:
                os.close(descriptor)

    async def _read_on(self, descriptor: int, place: TakenOf) -> TakenOf:
        """Read from ``place`` to the present end; return the place where that is."""
        while _fits(descriptor, place):
            data = await asyncio.to_thread(os.pread, descriptor, CHUNK, place.position)
            if not data:
                break
            opened = place.position == 0
            self._place = place = TakenOf(place.position + len(data), (place.tail + data)[-TAIL:])
            await self.sink.received(0, data, opened=opened, taken=place)
        return place

    async def _turn_over(self, place: TakenOf) -> tuple[str, TakenOf]:
        """Read the rest of the file that was followed to ``place``; return what to say, and the start of the new one."""
        notice = ""
        if not self._read_out:
            old = await asyncio.to_thread(_find, self._path, place)
            if old is None:
                notice = (
                    " It was cut short or replaced, and what it was is not beside it under another name: what was "
                    f"added behind its first {place.position} bytes is missing."
                )
            else:
                name, descriptor = old
                try:
                    rest = (await self._read_on(descriptor, place)).position - place.position
                finally:
                    os.close(descriptor)
                notice = f" It was rotated; the last {rest} bytes of the old one were read from {name}."
        await self.sink.ended(0)
        self._place = TakenOf(0, b"")
        return notice, self._place


class StandardInput:
    """What is piped into the collector, to its end."""

    def __init__(self, source: Source, sink: Sink, _clock: Clock) -> None:
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
    """Whether ``path`` names the open file. In a rotation its name may be gone, or a new file be empty, for a while."""
    try:
        named = path.stat()
    except OSError:
        return True
    return named.st_size == 0 or os.path.samestat(os.fstat(descriptor), named)


def _fits(descriptor: int, place: TakenOf) -> bool:
    """Whether the open file still holds what was read of it."""
    start = place.position - len(place.tail)
    return os.fstat(descriptor).st_size >= place.position and os.pread(descriptor, len(place.tail), start) == place.tail


def _find(path: Path, place: TakenOf) -> tuple[str, int] | None:
    """Return name and descriptor of the file that was followed to ``place``, among those named like it in its folder."""
    if not place.tail:
        return None
    for entry in sorted(path.parent.glob(f"{escape(path.stem)}*")):
        try:
            if entry.name == path.name or not entry.is_file():
                continue
            descriptor = os.open(entry, os.O_RDONLY)
        except OSError:
            continue
        if _fits(descriptor, place):
            return entry.name, descriptor
        os.close(descriptor)
    return None


def _can_be_awaited(descriptor: int) -> bool:
    mode = os.fstat(descriptor).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or os.isatty(descriptor)
