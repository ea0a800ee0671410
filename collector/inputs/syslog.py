"""Records that come as syslog messages, in datagrams or over connections."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

from collector.conversations.syslog import SyslogStream, datagram
from collector.inputs.base import LOGGER
from collector.inputs.talking import Talk
from collector.inputs.tcp import MOST_PEERS, Listener, TcpServer, address_of, listen

if TYPE_CHECKING:
    from collector.inputs.chunks import Chunks
    from collector.inputs.tcp import Address

LARGEST = 1 << 16


class SyslogServer(TcpServer):
    """A port that PBXs connect to, to send syslog messages."""

    async def _collect(self, chunks: Chunks, lane: int) -> None:
        await Talk(SyslogStream(), chunks, self.sink, lane).run()


class SyslogDatagrams(Listener):
    """A port that PBXs send syslog messages to, each in a datagram. Every message stands for itself."""

    async def session(self) -> str:
        """Take datagrams until cancelled, at the pace the sink takes them."""
        loop = asyncio.get_running_loop()
        with await listen(self.source.link, socket.SOCK_DGRAM) as receiver:
            self.opened("waiting", self._situation())
            while True:
                try:
                    data, name = await loop.sock_recvfrom(receiver, LARGEST)
                except OSError as error:  # what a datagram can meet on its way is no fault of the port
                    LOGGER.warning("%s: a datagram could not be taken: %s.", self.source.name, error.strerror)
                    await self.clock.sleep(1)
                    continue
                await self._take(data, address_of(name[0]))

    async def _take(self, data: bytes, peer: Address) -> None:
        if refusal := self._why_not(peer):
            self._refuse(refusal)
            return
        if peer not in self._peers.values() and len(self._peers) < MOST_PEERS:
            self._peers[len(self._peers)] = peer
            self._changed()
        for piece in datagram(data):
            if piece.data:
                await self.sink.received(piece.lane, piece.data, opened=False)
        await self.sink.ended(0)

    def _situation(self) -> str:
        peers = ", ".join(map(str, self._peers.values()))
        now = f"messages came from {peers}" if peers else "no message has come yet"
        return f"Listening on {self.source.link}; {now}.{self._refused}"
