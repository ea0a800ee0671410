"""Open pages of a console without a browser: what a page's websocket is told, and when."""

from __future__ import annotations

import asyncio
import html
import json
import re
import time
import uuid
from functools import partial
from typing import TYPE_CHECKING, Any

import aiohttp
import socketio

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_ELEMENTS = re.compile(r"parseElements\(String\.raw`(.*?)`\)", re.DOTALL)
_CLIENT = re.compile(r"""client_id["']?: ?["']([0-9a-f-]{36})""")


class Viewers:
    """Some open pages of one user, each with its own websocket."""

    def __init__(self, address: str, name: str, password: str) -> None:
        self._address = address
        self._login = {"name": name, "password": password}
        self._sockets: list[socketio.AsyncClient] = []
        self._awaited: dict[str, dict[int, float]] = {}

    async def open(self, paths: Iterable[str]) -> None:
        """Log in, and open these pages."""
        headers = {"Origin": self._address}
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(cookie_jar=jar, headers=headers) as session:
            async with session.post(f"{self._address}/login", data=self._login, allow_redirects=False) as answer:
                assert answer.status == 303
                cookie = "; ".join(f"{one.key}={one.value}" for one in jar)
            for path in paths:
                async with session.get(f"{self._address}{path}") as answer:
                    await self._connect(await answer.text(), headers | {"Cookie": cookie})

    async def _connect(self, page: str, headers: dict[str, str]) -> None:
        client, elements = _CLIENT.search(page), _ELEMENTS.search(page)
        assert client
        assert elements
        query = {
            "client_id": client[1],
            "next_message_id": "0",
            "implicit_handshake": "true",
            "document_id": str(uuid.uuid4()),
            "tab_id": str(uuid.uuid4()),
        }
        socket = socketio.AsyncClient()
        socket.on("*", partial(self._told, len(self._sockets)))
        await socket.connect(
            f"{self._address}?{'&'.join(f'{key}={value}' for key, value in query.items())}",
            headers=headers,
            transports=["websocket"],
            socketio_path="/_nicegui_ws/socket.io",
        )
        self._sockets.append(socket)
        for element, listener in _tables(json.loads(html.unescape(elements[1]))):
            event = {"id": element, "client_id": client[1], "listener_id": listener, "args": ["{}"]}
            await socket.emit("event", event)

    def _told(self, number: int, _event: str, *data: object) -> None:
        text = repr(data)
        for awaited, moments in self._awaited.items():
            if awaited in text:
                moments.setdefault(number, time.monotonic())

    async def all_told(self, text: str, longest_s: float) -> list[float]:
        """Wait until every page was told ``text``; when each was first told."""
        moments = self._awaited.setdefault(text, {})
        deadline = time.monotonic() + longest_s
        while len(moments) < len(self._sockets):
            assert time.monotonic() < deadline, f"{len(moments)} of {len(self._sockets)} pages were told {text}"
            await asyncio.sleep(0.005)
        return list(self._awaited.pop(text).values())

    async def close(self) -> None:
        """Close the pages."""
        for socket in self._sockets:
            await socket.disconnect()


def _tables(elements: dict[str, Any]) -> Iterator[tuple[int, str]]:
    """The tables of a page, that say when they are ready: element and listener."""
    for number, element in elements.items():
        for event in element.get("events", ()):
            if event["type"] == "gridReady":
                yield int(number), event["listener_id"]
