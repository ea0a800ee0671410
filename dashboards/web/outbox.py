"""What a page sends once its browser has connected is sent at once.

NiceGUI's outbox looks ten times a second whether there is a connection, so that a page's data, read in a few milliseconds,
would lie there for up to a tenth of a second.
"""

from __future__ import annotations

import asyncio

from nicegui import client
from nicegui.outbox import Outbox


class PromptOutbox(Outbox):
    """Waits for the first connection of its page, and then sends as any."""

    async def loop(self) -> None:
        """Send until stopped."""
        connected = asyncio.Event()
        self.client.on_connect(connected.set)
        self.client.on_delete(connected.set)
        await connected.wait()
        await super().loop()


def be_prompt() -> None:
    """Give pages that are opened from now on such an outbox."""
    client.Outbox = PromptOutbox  # type: ignore[attr-defined]
