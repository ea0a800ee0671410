"""Holding a conversation on a link: what arrives is handed on, and answered once it is on disk."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Protocol

from collector.conversations import RECORDS
from collector.conversations.login import Login, Step
from collector.conversations.nec import Nec
from collector.conversations.oxe import Oxe
from collector.conversations.panasonic import FACTORY_PASSWORD, panasonic
from collector.conversations.sopho import Sopho
from collector.inputs.base import LinkError
from collector.inputs.chunks import Readable, arrived, pump, say_farewell

if TYPE_CHECKING:
    from collections.abc import Callable

    from collector.config import Source
    from collector.conversations import Conversation, Piece
    from collector.inputs.base import Sink

PASSWORD = "{password}"  # noqa: S105  (where it goes, not what it is)
_PLAIN: dict[str, Callable[[], Conversation]] = {"nec": Nec, "oxe": Oxe, "sopho": Sopho}
"""Conversations that need nothing from the configuration."""


class Duplex(Readable, Protocol):
    """Something read in chunks, and written to."""

    def write(self, data: bytes) -> None:
        """Send ``data``."""


def conversation_of(source: Source) -> Conversation | None:
    """A new conversation as ``source`` asks for; None where its PBX sends records unasked.

    Raises LinkError where the password cannot be read.
    """
    if source.conversation == "panasonic":
        return panasonic(_password(source) or FACTORY_PASSWORD)
    if source.conversation:
        return _PLAIN[source.conversation]()
    if source.login:
        password = _password(source)
        steps = [
            Step(expect.encode("latin-1"), send.encode("latin-1").replace(PASSWORD.encode(), password))
            for expect, send in source.login
        ]
        refused = {
            text.encode("latin-1"): f'The PBX refused the login: it said "{text}". Check the login and the password.'
            for text in source.refused
        }
        return Login(steps, refused)
    return None


def _password(source: Source) -> bytes:
    """The password in the file the source names, without its line end; empty where it names none."""
    if source.password_file is None:
        return b""
    try:
        return source.password_file.read_bytes().rstrip(b"\r\n")
    except OSError as error:
        raise LinkError(f"The password cannot be read from {source.password_file}: {error.strerror}.") from error


async def talk(source: Source, chunks: Duplex, sink: Sink) -> None:
    """Hand everything that arrives to ``sink`` until the link ends, and say what the source's PBX wants to hear.

    Raises LinkError once the conversation can come to nothing. When it is cancelled, what has arrived by then is
    still handed over.
    """
    conversation = conversation_of(source)
    if conversation is None:
        await pump(chunks, sink, lane=0)
    else:
        await Talk(conversation, chunks, sink).run()


class Talk:
    """One session with a conversation, whose records go to ``lane``."""

    def __init__(self, conversation: Conversation, chunks: Duplex, sink: Sink, lane: int = RECORDS) -> None:
        self._lane = lane
        self._conversation = conversation
        self._chunks = chunks
        self._sink = sink
        self._waiting: deque[Piece] = deque()
        self._begun: set[int] = set()

    async def run(self) -> None:
        """Talk until the link ends. Raises LinkError once the conversation can come to nothing."""
        if self._conversation.remembers:
            self._conversation.recall(await self._sink.recent(self._conversation.remembers))
        try:
            await self._answer()
            await self._listen()
            self._waiting += self._conversation.finish()
            await self._hand_over()
            if self._conversation.failure:
                raise LinkError(self._conversation.failure)
        except asyncio.CancelledError:
            if data := await arrived(self._chunks):
                self._waiting += self._conversation.feed(data)
            self._waiting += self._conversation.finish()
            await say_farewell(self._hand_over())
            raise

    async def _listen(self) -> None:
        """Listen and answer until the link ends or the conversation can come to nothing."""
        loop = asyncio.get_running_loop()
        due = loop.time() + self._conversation.every
        while True:
            try:
                async with asyncio.timeout_at(due):
                    data = await self._chunks.read()
            except TimeoutError:
                due += self._conversation.every
                self._conversation.tick()
            else:
                if not data:
                    return
                self._waiting += self._conversation.feed(data)
            await self._hand_over()
            if self._conversation.failure:
                return
            await self._answer()

    async def _hand_over(self) -> None:
        while self._waiting:
            piece = self._waiting.popleft()
            lane = self._lane if piece.lane == RECORDS else piece.lane
            opened = lane not in self._begun
            self._begun.add(lane)
            if piece.data:
                await self._sink.received(lane, piece.data, opened=opened)
            if piece.ended:
                await self._sink.ended(lane)

    async def _answer(self) -> None:
        if self._conversation.outgoing:
            await self._sink.kept()
            self._chunks.write(bytes(self._conversation.outgoing))
            self._conversation.outgoing.clear()
