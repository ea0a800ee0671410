"""Tickets of alarms: what is a fault of the equipment has one soon after it is raised, whether anybody looks or not.

`smdr equipment tickets` makes them, in a process of its own; it alone writes office.db.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from typing import TYPE_CHECKING

from collector import apart
from collector.office import tickets
from collector.store import events_db
from collector.store.office_db import peeking

if TYPE_CHECKING:
    from pathlib import Path

    from collector.config import Config

_log = logging.getLogger(__name__)

LOOK_S = 15.0
LONGEST_S = 120.0
"""A command that takes longer waits for somebody who holds office.db."""


class Ticketing:
    """Has the alarms of a site in tickets."""

    def __init__(self, config: Config, longest_s: float = LONGEST_S) -> None:
        self._config = config
        self._longest_s = longest_s
        self._said = ""

    async def run(self) -> None:
        """Look for ever."""
        while True:
            await asyncio.sleep(LOOK_S)
            await self.look()

    async def look(self) -> None:
        """Look once; what cannot be written now is written at one of the next looks, and the log says so once."""
        try:
            error = await self._taken() if await asyncio.to_thread(_is_due, self._config.site.data) else ""
        except sqlite3.Error as trouble:
            error = f"office.db cannot be read ({trouble})."
        if error and error != self._said:
            _log.warning("Alarms have no tickets yet: %s", error)
        self._said = error

    async def _taken(self) -> str:
        """Have tickets made; a sentence where that fails."""
        file = str(self._config.path.absolute())
        try:
            async with asyncio.timeout(self._longest_s):
                done = await apart.run("equipment", "tickets", "--config", file)
        except TimeoutError:
            return f"it took more than {self._longest_s:.0f} s; perhaps another process holds office.db."
        return done.error or ""


def _is_due(data: Path) -> bool:
    """Whether an alarm, or its end, is in no ticket; where there are none yet, whether one stands that opens one."""
    alarms = events_db.alarms(data, tickets.ALARMS)
    with peeking(data) as db:
        if db is None:
            return any(alarm.kind in tickets.OPENING and alarm.cleared is None for alarm in alarms)
        return bool(tickets.missing(db, alarms))
