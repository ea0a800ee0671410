"""What somebody does on a page: it is written to the office's notes, and the page tells what became of it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from nicegui import ui

from collector.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable

    from dashboards.web.page import Viewer


async def kept(act: Callable[[], object], viewer: Viewer, told: str = "") -> bool:
    """Run ``act``, which writes, in a thread; whether that is kept. If not, the page says why; else ``told``, a key, if any."""
    try:
        await asyncio.to_thread(act)
    except UserError as error:
        ui.notify(viewer.say("console.desk.not_kept", why=error), type="negative")
        return False
    if told:
        ui.notify(viewer.say(told), type="positive")
    return True
