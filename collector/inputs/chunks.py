"""The bytes of one link as they arrive, in bounded memory."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from collector.inputs.base import Sink

HIGH_WATER = 64 * 1024
"""Bytes waiting here that stop reading; one read of the event loop (256 KiB at most) can come on top."""


FAREWELL = 2.0
"""Seconds a sink without room may hold up the end."""


class Readable(Protocol):
    """Something read in chunks."""

    async def read(self) -> bytes:
        """Return what has arrived, at least one byte; empty once the other end is gone."""


class Chunks(asyncio.Protocol):
    """Collects what arrives until it is read. While `HIGH_WATER` bytes wait, nothing more is read from the link.

    Unlike a StreamReader it gives out the last bytes before reporting a broken link: an adapter that is pulled out
    or a connection that is reset loses nothing that had arrived. ``has_heard``: whether anything ever arrived.
    """

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.has_heard = False
        self._buffer = bytearray()
        self._news = asyncio.Event()
        self._lost = asyncio.Event()
        self._takes_more = asyncio.Event()
        self._takes_more.set()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note the transport, to pause and close it."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Keep ``data`` until it is read."""
        self.has_heard = True
        self._buffer += data
        self._news.set()
        if len(self._buffer) >= HIGH_WATER and self._transport:
            self._transport.pause_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        """Note why the link ended; None where the other end closed it in good order."""
        self.error = exc
        self._lost.set()
        self._news.set()
        self._takes_more.set()

    def pause_writing(self) -> None:
        """Note that the link is slower than what is sent."""
        self._takes_more.clear()

    def resume_writing(self) -> None:
        """Note that the link has caught up."""
        self._takes_more.set()

    async def read(self) -> bytes:
        """Return what has arrived, at least one byte; empty once the link is gone."""
        await self._news.wait()
        data = bytes(self._buffer)
        self._buffer.clear()
        if not self._lost.is_set() and self._transport:
            self._news.clear()
            self._transport.resume_reading()
        return data

    def write(self, data: bytes) -> None:
        """Send ``data``."""
        if self._transport and data:
            self._transport.write(data)

    async def send(self, data: bytes) -> None:
        """Send ``data``, at the pace the link takes it. Raises ConnectionError once the link is gone."""
        await self._takes_more.wait()
        if self._lost.is_set():
            raise ConnectionResetError("the other end is gone") from self.error
        self.write(data)

    async def finish(self) -> None:
        """Let go of the link once everything sent has gone out."""
        if self._transport:
            self._transport.close()
            await self._lost.wait()

    async def close(self) -> None:
        """Let go of the link; return once the port or socket is free again."""
        if self._transport:
            self._transport.abort()
            await self._lost.wait()


async def pump(chunks: Readable, sink: Sink, lane: int) -> None:
    """Hand everything that arrives to ``sink``, at the pace it takes it, until the link ends.

    When it is cancelled, what has arrived by then is still handed over.
    """
    opened = True
    try:
        while data := await chunks.read():
            await sink.received(lane, data, opened=opened)
            opened = False
    except asyncio.CancelledError:
        if data := await arrived(chunks):
            await say_farewell(sink.received(lane, data, opened=opened))
        raise


async def arrived(chunks: Readable) -> bytes:
    """Return what has arrived, without waiting for more; also in a task that is being cancelled."""
    reading = asyncio.create_task(chunks.read())
    done, _ = await asyncio.wait({reading}, timeout=0)
    if done:
        return reading.result()
    reading.cancel()
    await asyncio.wait({reading})
    return b""


async def say_farewell(work: Coroutine[Any, Any, None]) -> None:
    """Do what is left to do in a task that is being cancelled, for at most `FAREWELL` seconds.

    In a task of its own: ``asyncio.timeout`` takes the cancellation that is under way for its own before Python 3.11.4.
    """
    last = asyncio.create_task(work)
    done, _ = await asyncio.wait({last}, timeout=FAREWELL)
    if done:
        last.result()
    else:
        last.cancel()
