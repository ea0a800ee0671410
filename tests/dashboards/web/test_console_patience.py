"""Connections that never come to the end of asking are hung up on; those that only take long are not."""

from __future__ import annotations

import asyncio
import contextlib
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
import uvicorn
from websockets.asyncio.client import connect

from dashboards.web import patience

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.types import Receive, Scope, Send

HEAD = b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 4\r\n\r\n"


async def answer(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer 204 once all was sent; a socket is answered what it says."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        while (said := await receive())["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": said["text"]})
        return
    while (await receive()).get("more_body"):
        pass
    await asyncio.sleep(3 * patience.ASKS_WITHIN_S)
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body"})


@asynccontextmanager
async def served() -> AsyncIterator[int]:
    config = uvicorn.Config(answer, port=0, http=patience.Patient, lifespan="off", log_level="critical")
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  (it tells nobody)
        await asyncio.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await running


@pytest.mark.parametrize("said", [b"", HEAD[:10], HEAD])
async def test_who_does_not_come_to_the_end_of_asking_is_hung_up_on(
    monkeypatch: pytest.MonkeyPatch, said: bytes
) -> None:
    monkeypatch.setattr(patience, "ASKS_WITHIN_S", 0.2)
    monkeypatch.setattr(patience, "SENDS_WITHIN_S", 0.3)
    async with served() as port, asyncio.timeout(60):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(said)
        with contextlib.suppress(ConnectionResetError):
            assert await reader.read() == b""
        writer.close()


async def test_who_asked_is_answered_however_long_that_takes_and_a_socket_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(patience, "ASKS_WITHIN_S", 0.2)
    monkeypatch.setattr(patience, "SENDS_WITHIN_S", 0.3)
    async with served() as port, asyncio.timeout(60):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(HEAD + b"abcd")
        assert (await reader.readline()).startswith(b"HTTP/1.1 204")
        writer.close()
        async with connect(f"ws://127.0.0.1:{port}/") as socket:
            await asyncio.sleep(1)
            await socket.send("still here")
            assert await socket.recv() == "still here"
