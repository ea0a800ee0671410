"""TCP: a PBX that is connected to, and PBXs that connect to us."""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import socket
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from collector.inputs.base import LOGGER, LinkError, Reconnecting
from collector.inputs.chunks import Chunks, pump
from collector.inputs.talking import talk
from collector.tls import TlsError, server_context

if TYPE_CHECKING:
    import ssl

    from collector.config import Source
    from collector.config.link import Link
    from collector.inputs.base import Clock, LinkState, Sink

CONNECT_TIMEOUT = 10.0
HANDSHAKE_TIMEOUT = 10.0
KEEPALIVE_IDLE, KEEPALIVE_INTERVAL, KEEPALIVE_COUNT = 60, 10, 6
MOST_PEERS = 32
DATAGRAM_BUFFER = 4 << 20
"""Bytes of datagrams the kernel is asked to hold while the disk is slow."""
TOLD_EVERY = 60.0
CHANGES_AT_ONCE = 20
"""Connections that begin or end are told at once, so many of them; one more with every `TOLD_EVERY` seconds."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class TcpClient(Reconnecting):
    """A PBX whose record port is connected to."""

    ceiling = 30.0

    async def session(self) -> str:
        """Read the connection until it ends."""
        link = self.source.link
        chunks = await connect(link)
        try:
            self.opened("open", f"Connected to {link}.")
            await talk(self.source, chunks, self.sink)
        finally:
            await chunks.close()
        return f"{parting(str(link), chunks)} It is connected to again."


class Listener(Reconnecting):
    """A port of this machine that PBXs send to; what comes from outside ``allow`` is turned away."""

    ceiling = 30.0

    def __init__(self, source: Source, sink: Sink, clock: Clock) -> None:
        super().__init__(source, sink, clock)
        self._allow = [ipaddress.ip_network(peer, strict=False) for peer in source.allow]
        self._peers: dict[int, Address] = {}
        self._refusals = 0
        self._refusal = ""
        self._any_refused = asyncio.Event()
        self._refused = ""
        self._may_tell, self._judged = float(CHANGES_AT_ONCE), clock.now()
        self._untold = 0
        self._any_untold = asyncio.Event()

    async def run(self) -> None:
        """Listen until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._tell_refusals())
            tasks.create_task(self._tell_changes())
            await super().run()

    def _why_not(self, peer: Address) -> str | None:
        if self._allow and not any(peer in network for network in self._allow):
            return f'{peer} is not in "allow" of this source'
        return None

    def _refuse(self, refusal: str) -> None:
        self._refusals += 1
        self._refusal = refusal
        self._any_refused.set()

    async def _tell_refusals(self) -> None:
        """Tell of the first refusal at once, of others how many there were, at most once a minute: a port scan must not fill the log."""
        while True:
            await self._any_refused.wait()
            self._any_refused.clear()
            more = f" ({self._refusals} refused since the last notice)" if self._refusals > 1 else ""
            self._refused = f" Refused a connection: {self._refusal}{more}."
            self._refusals = 0
            LOGGER.warning("%s:%s", self.source.name, self._refused)
            self.sink.link(self._state(), self._situation())
            await self.clock.sleep(TOLD_EVERY)

    def _changed(self, parting: str = "") -> None:
        """Tell who is connected now, and who went, unless that changed often of late: then `_tell_changes` does."""
        now = self.clock.now()
        self._may_tell = min(CHANGES_AT_ONCE, self._may_tell + (now - self._judged) / TOLD_EVERY)
        self._judged = now
        if self._untold or self._may_tell < 1:
            self._untold += 1
            self._any_untold.set()
            return
        self._may_tell -= 1
        if parting:
            LOGGER.info("%s: %s", self.source.name, parting)
        self.say(self._state(), self._situation())

    async def _tell_changes(self) -> None:
        """Tell once a minute of changes that come too fast: a PBX that connects for every record must not fill log and history."""
        while True:
            await self._any_untold.wait()
            await self.clock.sleep(TOLD_EVERY)
            self._any_untold.clear()
            LOGGER.info("%s: %d connections began or ended since the last notice.", self.source.name, self._untold)
            self._untold = 0
            self.say(self._state(), self._situation())

    def _state(self) -> LinkState:
        return "open" if self._peers else "waiting"

    def _situation(self) -> str:
        link = self.source.link
        peers = ", ".join(str(self._peers[lane]) for lane in sorted(self._peers))
        now = f"connected: {peers}" if peers else "no PBX is connected"
        return f"Listening on {link}; {now}.{self._refused}"


class TcpServer(Listener):
    """A port that PBXs connect to: each gets the lowest free lane."""

    def __init__(self, source: Source, sink: Sink, clock: Clock) -> None:
        super().__init__(source, sink, clock)
        self._connections: dict[int, socket.socket] = {}
        self._connected: dict[int, Chunks] = {}
        self._served: dict[int, asyncio.Task[None]] = {}

    async def session(self) -> str:
        """Take connections until cancelled."""
        with await listen(self.source.link) as listener:
            self._tls()
            self.opened("waiting", self._situation())
            async with asyncio.TaskGroup() as peers:
                while True:
                    connection, address = await self._accept(listener)
                    refusal = self._why_not(address)
                    if refusal is None and len(self._peers) >= MOST_PEERS and not await self._make_room(address):
                        refusal = f"{MOST_PEERS} peers are connected already, {address} is one too many"
                    if refusal:
                        connection.close()
                        self._refuse(refusal)
                    else:
                        lane = min(set(range(MOST_PEERS)) - self._peers.keys())
                        self._peers[lane] = address
                        self._connections[lane] = connection
                        self._served[lane] = peers.create_task(self._serve(connection, lane))

    def _tls(self) -> ssl.SSLContext | None:
        """The certificate as it is now; it may be renewed at any time. Raises LinkError."""
        certificate, key = self.source.certificate_file, self.source.key_file
        try:
            return server_context(certificate, key) if certificate and key else None
        except TlsError as error:
            raise LinkError(f"TLS cannot be spoken: {error}.") from None

    async def _make_room(self, newcomer: Address) -> bool:
        """Hang up on one that is no PBX that prints, or has more than its share; whether there was one.

        That is the peer that has been silent since it connected longest; else the last one of the address with most
        connections, where these are more than the newcomer's would be.
        """
        lane = next((lane for lane in self._peers if not self._has_heard(lane)), None)
        if lane is not None:
            why = "has sent nothing so far and has to make room for another"
        else:
            held = Counter(self._peers.values())
            address, most = held.most_common(1)[0]
            if most <= held[newcomer] + 1:
                return False
            lane = next(lane for lane in reversed(self._peers) if self._peers[lane] == address)
            why = f"holds {most} of {MOST_PEERS} connections and has to make room for another"
        self._refuse(f"{self._peers[lane]} {why}")
        with suppress(OSError):  # it has just gone by itself
            self._connections[lane].shutdown(socket.SHUT_RDWR)
        await asyncio.wait({self._served[lane]})
        return True

    def _has_heard(self, lane: int) -> bool:
        return lane in self._connected and self._connected[lane].has_heard

    async def _accept(self, listener: socket.socket) -> tuple[socket.socket, Address]:
        while True:
            try:
                connection, name = await asyncio.get_running_loop().sock_accept(listener)
                tune(connection)
            except OSError as error:  # out of file descriptors, or the peer was gone before we came to it
                LOGGER.warning("%s: a connection could not be taken: %s.", self.source.name, error.strerror)
                await self.clock.sleep(1)
                continue
            return connection, address_of(name[0])

    async def _serve(self, connection: socket.socket, lane: int) -> None:
        try:
            chunks = await self._received(connection)
        except (OSError, LinkError) as error:
            connection.close()
            self._refuse(f"{self._forget(lane)} was not understood: {error}")
            return
        self._connected[lane] = chunks
        self._changed()
        try:
            await self._collect(chunks, lane)
        finally:
            await chunks.close()
            del self._connected[lane]
            self._changed(parting(str(self._forget(lane)), chunks))

    def _forget(self, lane: int) -> Address:
        del self._connections[lane], self._served[lane]
        return self._peers.pop(lane)

    async def _received(self, connection: socket.socket) -> Chunks:
        """The bytes of a connection, behind the handshake of TLS where that is spoken. Raises OSError and LinkError."""
        tls = self._tls()
        _, chunks = await asyncio.get_running_loop().connect_accepted_socket(
            Chunks, connection, ssl=tls, ssl_handshake_timeout=HANDSHAKE_TIMEOUT if tls else None
        )
        return chunks

    async def _collect(self, chunks: Chunks, lane: int) -> None:
        """Hand over what one PBX sends, until it hangs up."""
        await pump(chunks, self.sink, lane)


async def connect(link: Link) -> Chunks:
    """Connect to the first address of ``link`` that answers. Raises LinkError with a sentence for the technician."""
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT):
            connection = await _connect_any(link)
    except OSError as error:
        raise LinkError(_explain_connect(link, error)) from error
    _, chunks = await asyncio.get_running_loop().create_connection(Chunks, sock=connection)
    return chunks


async def _connect_any(link: Link) -> socket.socket:
    loop = asyncio.get_running_loop()
    failure: OSError | None = None
    for family, kind, protocol, _, address in await loop.getaddrinfo(link.host, link.port, type=socket.SOCK_STREAM):
        connection = socket.socket(family, kind, protocol)
        try:
            connection.setblocking(False)  # noqa: FBT003  (the socket module's own signature)
            tune(connection)
            await loop.sock_connect(connection, address)
        except OSError as error:
            failure = error
            connection.close()
        except BaseException:
            connection.close()
            raise
        else:
            return connection
    raise failure or OSError(errno.EADDRNOTAVAIL, "the name has no address")


async def listen(link: Link, kind: socket.SocketKind = socket.SOCK_STREAM) -> socket.socket:
    """Return a listening socket, or one that is bound for datagrams. Raises LinkError with a sentence for the technician."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(link.host, link.port, type=kind, flags=socket.AI_PASSIVE)
        family, _, _, _, address = min(found, key=lambda entry: entry[0] != socket.AF_INET)
        if kind == socket.SOCK_DGRAM:
            listener = _bound(family, address, dual=link.host == "::")
        else:
            listener = socket.create_server(
                address, family=family, backlog=MOST_PEERS, dualstack_ipv6=link.host == "::"
            )
    except OSError as error:
        raise LinkError(_explain_listen(link, error)) from error
    listener.setblocking(False)  # noqa: FBT003  (the socket module's own signature)
    return listener


def _bound(family: int, address: tuple[Any, ...], *, dual: bool) -> socket.socket:
    receiver = socket.socket(family, socket.SOCK_DGRAM)
    try:
        if family == socket.AF_INET6:
            receiver.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, not dual)
        receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, DATAGRAM_BUFFER)
        receiver.bind(address)
    except BaseException:
        receiver.close()
        raise
    return receiver


def tune(connection: socket.socket) -> None:
    """Have the kernel notice within two minutes that the other end is gone, however long it is silent in health."""
    patience = KEEPALIVE_IDLE + KEEPALIVE_INTERVAL * KEEPALIVE_COUNT
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, KEEPALIVE_IDLE)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, KEEPALIVE_INTERVAL)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, KEEPALIVE_COUNT)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, patience * 1000)


def parting(peer: str, chunks: Chunks) -> str:
    """Return the sentence for a connection that has ended."""
    match chunks.error:
        case None:
            return f"{peer} closed the connection."
        case TimeoutError():
            return f"{peer} went silent: it was switched off, or the network between is broken."
        case error:
            return f"The connection to {peer} broke: {getattr(error, 'strerror', None) or error}."


def _explain_connect(link: Link, error: OSError) -> str:
    match error:
        case socket.gaierror():
            return f'The name "{link.host}" could not be resolved: check its spelling and the DNS, or use the address.'
        case ConnectionRefusedError():
            return f"{link} refuses the connection: check the port number, and that the PBX's record output is on."
        case TimeoutError():
            return f"{link} does not answer: check the address, the cable, and firewalls between."
    if error.errno in (errno.EHOSTUNREACH, errno.ENETUNREACH):
        return f"{link} cannot be reached: check the address, the cable, and this machine's network settings."
    return f"{link} cannot be connected to: {error.strerror or error}."


def _explain_listen(link: Link, error: OSError) -> str:
    if isinstance(error, socket.gaierror):
        return f'"{link.host}" is no address of this machine: use 0.0.0.0 for all of them.'
    match error.errno:
        case errno.EADDRINUSE:
            return (
                f"Port {link.port} is already taken by another program: "
                f"stop it (`sudo ss -l{'u' if 'udp' in link.scheme else 't'}np sport = :{link.port}` names it) or choose another port."
            )
        case errno.EADDRNOTAVAIL:
            return f"{link.host} is no address of this machine: use 0.0.0.0 for all of them."
        case errno.EACCES:
            return f"Port {link.port} is reserved for the system: choose one from 1024 up."
        case _:
            return f"{link} cannot be listened on: {error.strerror or error}."


def address_of(text: str) -> Address:
    """Return the address of a peer; an IPv4 peer of an IPv6 socket as IPv4."""
    address = ipaddress.ip_address(text.partition("%")[0])
    return (isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped) or address
