"""Where a simulated PBX prints: a serial port, a pseudo terminal, the network both ways, a file, standard output."""

from __future__ import annotations

import asyncio
import os
import select
import sys
import tty
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

from collector.config.link import Link
from collector.errors import UserError
from collector.inputs.base import Backoff, LinkError, SystemClock
from collector.inputs.chunks import Chunks
from collector.inputs.tcp import connect, listen, tune

if TYPE_CHECKING:
    import socket
    from collections.abc import Awaitable, Callable

    from collector.config import Serial

FORMS = ("-", "file:PATH", "pty", "pty:PATH", "serial:/dev/ttyUSB0", "tcp://host:port", "tcp-listen://address:port")
"""The targets, in the forms they are written in."""

_POLL_S = 0.05
_SETTLE_S = 0.4
"""Programs that open a serial port set it and throw away what waits there: nothing is printed before they have."""
_RETRY_CEILING_S = 2.0


class Target(Protocol):
    """Where lines go."""

    async def ready(self) -> None:
        """Wait until somebody is there to read."""

    async def write(self, data: bytes) -> None:
        """Deliver ``data``, waiting for the reader where there is none or it is slow."""

    async def close(self) -> None:
        """Let go, once everything written has gone out."""


def open_target(to: str, say: Callable[[str], None], line: Serial | None = None) -> Target:
    """Return the target that ``to`` (one of `FORMS`) names; ``line`` sets a serial port, 9600 8N1 by default.

    ``say`` is told what the target waits for and what it is called. Raises UserError where there is no such target.
    """
    kind, _, path = to.partition(":")
    if to == "-":
        return _Stream(sys.stdout.buffer)
    if kind == "pty":
        return PseudoTerminal(Path(path) if path else None, say)
    try:
        link = Link.parse(to)
    except ValueError:
        raise UserError(f'"{to}" is no place to print to: write one of {", ".join(FORMS)}.') from None
    match link.scheme:
        case "file":
            return _Stream(Path(link.path).open("wb"))
        case "serial":
            return Outbound(lambda: _open_serial(link.path, line), say)
        case "tcp":
            return Outbound(lambda: connect(link), say)
        case "tcp-listen":
            return Listening(link, say)
    raise UserError(f'A simulated PBX cannot print to "{to}": write one of {", ".join(FORMS)}.')


class _Stream:
    """A file, or standard output."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    async def ready(self) -> None:
        """A file is always there."""

    async def write(self, data: bytes) -> None:
        self._stream.write(data)
        self._stream.flush()

    async def close(self) -> None:
        if self._stream is not sys.stdout.buffer:
            self._stream.close()


class PseudoTerminal:
    """A serial port without hardware: what is written here is read from the device `name`.

    ``link``, where given, becomes a symbolic link to the device for as long as it exists.
    """

    def __init__(self, link: Path | None, say: Callable[[str], None]) -> None:
        self._master, slave = os.openpty()
        tty.setraw(slave)
        self.name = os.ttyname(slave)
        os.close(slave)  # from here on a hang-up means that nobody has the port open
        os.set_blocking(self._master, False)
        self._poll = select.poll()
        self._poll.register(self._master, select.POLLHUP)
        self._link = link
        self._in_use = False
        if link:
            link.unlink(missing_ok=True)
            link.symlink_to(self.name)
        say(f"The simulated PBX is on the serial port {link or self.name}; it prints once the port is opened.")

    async def ready(self) -> None:
        """Wait until a program has opened the port and set it."""
        while self._hung_up() or not self._in_use:
            self._in_use = False
            while self._hung_up():  # noqa: ASYNC110  (the kernel tells of a hang-up, not of its end)
                await asyncio.sleep(_POLL_S)
            await asyncio.sleep(_SETTLE_S)
            self._in_use = True

    async def write(self, data: bytes) -> None:
        """Print ``data``; wait where the port is closed or its reader is slow."""
        rest = memoryview(data)
        while rest:
            await self.ready()
            try:
                rest = rest[os.write(self._master, rest) :]
            except BlockingIOError:
                await self._writable()

    async def close(self) -> None:
        """Give the reader time to fetch the last lines: a closed pseudo terminal keeps nothing."""
        if self._in_use and not self._hung_up():
            await asyncio.sleep(_SETTLE_S)
        os.close(self._master)
        if self._link:
            self._link.unlink(missing_ok=True)

    def _hung_up(self) -> bool:
        return any(events & select.POLLHUP for _, events in self._poll.poll(0))

    async def _writable(self) -> None:
        loop = asyncio.get_running_loop()
        writable = asyncio.Event()
        loop.add_writer(self._master, writable.set)
        try:
            await writable.wait()
        finally:
            loop.remove_writer(self._master)


class Outbound:
    """A link the PBX opens: a serial port, or a connection to a collector. It is opened again for ever.

    What could not be handed to the link is sent once more on the next one.
    """

    def __init__(self, open_link: Callable[[], Awaitable[Chunks]], say: Callable[[str], None]) -> None:
        self._open_link = open_link
        self._say = say
        self._said = ""
        self._chunks: Chunks | None = None
        self._watch: asyncio.Task[None] | None = None

    async def ready(self) -> None:
        """Open the link, as often as it takes."""
        if self._watch and not self._watch.done():
            return
        await self._let_go()
        backoff = Backoff(SystemClock(), _RETRY_CEILING_S)
        while True:
            try:
                self._chunks = await self._open_link()
            except LinkError as failure:
                self._tell(str(failure))
                await asyncio.sleep(backoff.next())
            else:
                self._watch = asyncio.create_task(_discard(self._chunks))
                return

    async def write(self, data: bytes) -> None:
        """Hand ``data`` to the link that is open, or to the next one."""
        while True:
            await self.ready()
            assert self._chunks  # noqa: S101  (`ready` has opened it)
            try:
                await self._chunks.send(data)
            except ConnectionError:
                await self._let_go()
            else:
                return

    async def close(self) -> None:
        """Close the link once everything written has gone out."""
        if self._chunks:
            await self._chunks.finish()
        await self._let_go()

    async def _let_go(self) -> None:
        if self._watch:
            self._watch.cancel()
        if self._chunks:
            await self._chunks.close()
        self._chunks = self._watch = None

    def _tell(self, sentence: str) -> None:
        if sentence != self._said:
            self._said = sentence
            self._say(sentence)


class Listening:
    """A port of the PBX that collectors connect to; each of them gets every line printed while it is connected."""

    def __init__(self, link: Link, say: Callable[[str], None]) -> None:
        self._link = link
        self._say = say
        self._accepting: asyncio.Task[None] | None = None
        self._peers: dict[Chunks, asyncio.Task[None]] = {}
        self._connected = asyncio.Event()

    async def ready(self) -> None:
        """Wait until a collector is connected. Raises UserError where the port cannot be listened on."""
        if not self._accepting:
            try:
                listener = await listen(self._link)
            except LinkError as failure:
                raise UserError(str(failure)) from None
            self._say(f"The simulated PBX listens on {self._link}; it prints once a collector is connected.")
            self._accepting = asyncio.create_task(self._accept(listener))
        await self._connected.wait()

    async def write(self, data: bytes) -> None:
        """Send ``data`` to whoever is connected; wait where nobody is."""
        sent = False
        while not sent:
            await self.ready()
            for peer, attended in list(self._peers.items()):
                try:
                    await peer.send(data)
                except ConnectionError:
                    await asyncio.wait([attended])
                else:
                    sent = True

    async def close(self) -> None:
        """Stop listening, and close the connections once everything written has gone out."""
        if self._accepting:
            self._accepting.cancel()
            await asyncio.wait([self._accepting])
        for peer, watch in list(self._peers.items()):
            await peer.finish()
            await watch

    async def _accept(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        with listener:
            while True:
                connection, _ = await loop.sock_accept(listener)
                tune(connection)
                _, peer = await loop.connect_accepted_socket(Chunks, connection)
                self._peers[peer] = asyncio.create_task(self._attend(peer))
                self._connected.set()

    async def _attend(self, peer: Chunks) -> None:
        """Keep a collector until it goes away."""
        await _discard(peer)
        await peer.close()
        del self._peers[peer]
        if not self._peers:
            self._connected.clear()


async def _discard(chunks: Chunks) -> None:
    """Read what the other end says, which is of no interest here, until it goes away."""
    while await chunks.read():
        pass


async def _open_serial(device: str, line: Serial | None) -> Chunks:
    from collector.config import Serial  # noqa: PLC0415  (pydantic and the serial library: only where one is used)
    from collector.inputs.serial import open_port  # noqa: PLC0415  (same)

    return await open_port(device, line or Serial())
