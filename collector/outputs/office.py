"""What stands in the office's books, asked for again and again in a process of its own, for all outputs.

Adding it up may take long, and tables that collecting has no use for: `smdr influx office` does it.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from collector import apart

if TYPE_CHECKING:
    from collector.config import Config

_log = logging.getLogger(__name__)

EVERY_S = 600.0
FIRST_S = 10.0
"""After the start: what has come in meanwhile is stored first."""


class Office:
    """The points as they were asked for last; ``turn`` grows with each time they were."""

    def __init__(self, config: Config) -> None:
        self.points: list[str] = []
        self.turn = 0
        self._file = str(config.path.absolute())
        self._error: str | None = None

    async def run(self) -> None:
        """Ask for ever."""
        await asyncio.sleep(FIRST_S)
        while True:
            await self.ask()
            await asyncio.sleep(EVERY_S)

    async def ask(self) -> None:
        """Ask once. A fault is logged when it is new: what can be told is."""
        try:
            done = await apart.run("influx", "office", "--config", self._file)
        except OSError as error:  # no memory for another process: this must not stop collecting
            done = apart.Done("", str(error))
        self.points = done.printed.splitlines()
        self.turn += 1
        if done.error and done.error != self._error:
            _log.warning("Not all of the office's figures can be sent to InfluxDB: %s", done.error)
        self._error = done.error
