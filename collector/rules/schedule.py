"""Judging by itself: what is new is judged every few minutes, and after a table has changed; what is urgent is an alarm.

`smdr violations judge --changed` does it, in a process of its own; it alone writes office.db.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from collector import apart

if TYPE_CHECKING:
    from collector.alarms.board import Board
    from collector.config import Config

_log = logging.getLogger(__name__)

FIRST_S = 10.0
"""After the start: alarms that stood are taken up meanwhile, and the tables are read."""
LONGEST_S = 900.0
"""Judging that takes longer waits for somebody who holds office.db; what was judged until then is kept."""
_OVER = "Something was done about it, or it was a week ago."


class Judging:
    """Has the calls of a configuration judged."""

    def __init__(self, config: Config, board: Board, longest_s: float = LONGEST_S) -> None:
        self._config = config
        self._board = board
        self._longest_s = longest_s
        self._changed = asyncio.Event()

    def tables_changed(self) -> None:
        """Judge as soon as may be."""
        self._changed.set()

    async def run(self) -> None:
        """Judge for ever."""
        await asyncio.sleep(FIRST_S)
        while True:
            self._changed.clear()
            try:
                await self.judge()
            except sqlite3.Error as error:  # the disk: alarms cannot be kept
                _log.warning("What judging found cannot be told just now: %s.", error)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), 60 * self._config.rules.judge_minutes)

    async def judge(self) -> None:
        """Judge once what has changed, and show the board what is urgent."""
        found, error = await self._judged()
        wrong = f"Calls cannot be judged: {error} It is tried again." if error else None
        await self._board.show("judging", self._config.site.name, wrong, "Calls are judged again.")
        if found is None:
            return
        urgent = {f"{one['rule']} {one['source']}:{one['offset']}": one["sentence"] for one in found["alarms"]}
        for subject, sentence in urgent.items():
            await self._board.show("rule", subject, sentence, _OVER)
        for alarm in self._board.standing:
            if alarm.kind == "rule" and alarm.subject not in urgent:
                await self._board.show("rule", alarm.subject, None, _OVER)

    async def _judged(self) -> tuple[dict[str, Any] | None, str | None]:
        """What was found, or why nothing could be."""
        file = str(self._config.path.absolute())
        try:
            async with asyncio.timeout(self._longest_s):
                done = await apart.run("violations", "judge", "--changed", "--json", "--config", file)
        except TimeoutError:
            return None, f"it took more than {self._longest_s:.0f} s; perhaps another process holds office.db."
        return (None, done.error) if done.error else (json.loads(done.printed), None)
