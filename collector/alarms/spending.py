"""Budgets that are spent to a share, or exceeded: the collector has it told by itself, once a month each."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from collector import apart

if TYPE_CHECKING:
    from collector.config import Config

_log = logging.getLogger(__name__)

FIRST_S = 5.0
EVERY_S = 3600.0
"""Not oftener: the ledger is made anew from all calls that cost something."""


class Spending:
    """Has `smdr budget warn` run again and again, in a process of its own."""

    def __init__(self, config: Config) -> None:
        self._arguments = ("budget", "warn", "--config", str(config.path.absolute()))

    async def run(self) -> None:
        """Look for ever."""
        await asyncio.sleep(FIRST_S)
        while True:
            await self.look()
            await asyncio.sleep(EVERY_S)

    async def look(self) -> None:
        """Tell once who has reached a share since the last time; what cannot be told is told the next time."""
        done = await apart.run(*self._arguments)
        for sentence in done.printed.splitlines():
            _log.warning("%s", sentence)
        if done.error:
            _log.error("Who has spent a budget cannot be told now: %s", done.error)
