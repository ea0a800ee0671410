"""What a page has to say when its browser connects goes out at once, and not after a nap."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from nicegui import background_tasks, client, core

from dashboards.web.outbox import PromptOutbox, be_prompt

if TYPE_CHECKING:
    from collections.abc import Callable


class Page:
    """What an outbox asks of its page's client."""

    id = "page"
    has_socket_connection = False

    def __init__(self) -> None:
        self.on_connection: list[Callable[[], object]] = []
        self.on_deletion: list[Callable[[], object]] = []

    def on_connect(self, handler: Callable[[], object]) -> None:
        self.on_connection.append(handler)

    def on_delete(self, handler: Callable[[], object]) -> None:
        self.on_deletion.append(handler)

    def check_existence(self) -> None:
        """It is there."""


class Socket:
    """Takes what is sent."""

    def __init__(self) -> None:
        self.sent: asyncio.Queue[str] = asyncio.Queue()

    async def emit(self, kind: str, *_: object, **__: object) -> None:
        await self.sent.put(kind)


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long an outbox slept each time, which nobody wakes it from."""
    taken: list[float] = []

    async def nap(seconds: float) -> None:
        taken.append(seconds)
        await asyncio.Event().wait()

    monkeypatch.setattr(asyncio, "sleep", nap)
    return taken


@pytest.fixture
async def socket(monkeypatch: pytest.MonkeyPatch) -> Socket:
    socket = Socket()
    monkeypatch.setattr(core, "loop", asyncio.get_running_loop())
    monkeypatch.setattr(core, "sio", socket)
    return socket


async def turns() -> None:
    """Let whoever can go on do so."""
    for _ in range(20):
        await asyncio.wait([asyncio.ensure_future(_nothing())])


async def _nothing() -> None:
    """Take a turn of the loop."""


def outbox_of(page: Any) -> tuple[PromptOutbox, asyncio.Task[Any]]:
    outbox = PromptOutbox(page)
    (task,) = (one for one in background_tasks.running_tasks if one.get_name() == f"outbox loop {page.id}")
    return outbox, task


async def test_what_waits_is_sent_when_its_browser_connects(socket: Socket, naps: list[float]) -> None:
    page = Page()
    outbox, task = outbox_of(page)
    outbox.enqueue_message("before", {}, page.id)
    await turns()
    page.has_socket_connection = True
    for handler in page.on_connection:
        handler()
    await turns()
    assert socket.sent.get_nowait() == "before"
    outbox.enqueue_message("after", {}, page.id)
    await turns()
    assert socket.sent.get_nowait() == "after"
    assert naps == []
    task.cancel()


async def test_it_ends_with_a_page_that_nobody_ever_connected_to(socket: Socket) -> None:
    page = Page()
    outbox, task = outbox_of(page)
    await turns()
    for handler in page.on_deletion:
        handler()
    outbox.stop()
    await asyncio.wait_for(task, 10)
    assert socket.sent.empty()


async def test_pages_get_such_an_outbox(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "Outbox", client.Outbox)
    be_prompt()
    assert client.Outbox is PromptOutbox
    assert "Outbox" in client.Client.__init__.__code__.co_names
