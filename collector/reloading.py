"""Changed tables are taken while the collector runs; one with a fault is refused, and the version before stays in force."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import sqlite3
import time
from typing import TYPE_CHECKING

from collector.accounting.budgets.table import load_budgets
from collector.accounting.calendar import WorkingCalendar
from collector.assembly import accounting_of
from collector.keeping.versions import files_of, keep
from collector.office.codes import load_codes
from collector.problems import ConfigError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from collector.alarms.board import Board
    from collector.config import Config
    from collector.projection import Accounting

_log = logging.getLogger(__name__)

LOOK_S = 2.0


class Reloading:
    """Looks at the files of the tables again and again.

    ``take`` is given what is in force from now on. A file counts once it was the same twice: it is not being written.
    """

    def __init__(self, config: Config, board: Board, take: Callable[[Accounting, WorkingCalendar], None]) -> None:
        self._config = config
        self._board = board
        self._take = take
        self._seen: dict[str, str] = {}
        self._judged: dict[str, str] | None = None
        self._wrong: str | None = None

    async def run(self) -> None:
        """Look for ever."""
        while True:
            try:
                await self.look()
            except (OSError, sqlite3.Error) as error:  # the disk: the tables in force stay, and it is tried again
                _log.warning("Changed tables cannot be taken just now: %s.", error)
            await asyncio.sleep(LOOK_S)

    async def look(self) -> None:
        """Look once."""
        contents = await asyncio.to_thread(self._contents)
        seen = {table: hashlib.sha256(content).hexdigest() for table, content in contents.items()}
        is_settled, self._seen = seen == self._seen, seen
        if is_settled and seen != self._judged:
            await self._judge(contents)
            self._judged = seen
        await self._board.show("tables", self._config.site.name, self._wrong, "The tables are in order again.")

    async def _judge(self, contents: dict[str, bytes]) -> None:
        """Take all the tables, or none."""
        try:
            accounting, calendar = await asyncio.to_thread(self._load)
        except ConfigError as error:
            _log.error("A changed table is refused; those before stay in force:\n%s", "\n".join(map(str, error.errors)))
            self._wrong = f"{_first(error.errors)}. The tables before stay in force."
            return
        changed = await asyncio.to_thread(keep, self._config.site.data, contents, time.time())
        self._take(accounting, calendar)
        self._wrong = None
        if changed:
            _log.info("In force from here on: %s. Calls before: `smdr rerate`.", ", ".join(changed))

    def _contents(self) -> dict[str, bytes]:
        """What is in the files; one that cannot be read has none, and loading it tells why."""
        contents = {}
        for table, file in files_of(self._config).items():
            try:
                contents[table] = file.read_bytes()
            except OSError:
                contents[table] = b""
        return contents

    def _load(self) -> tuple[Accounting, WorkingCalendar]:
        """All tables, from their files. Raises ConfigError with the faults of the first that has any."""
        if self._config.office.budgets:
            _ = load_budgets(self._config.office.budgets)
        if self._config.office.codes:
            _ = load_codes(self._config.office.codes)
        return accounting_of(self._config), WorkingCalendar.load(self._config.calendar)


def _first(problems: list[Problem]) -> str:
    """Where the first fault is and what it is."""
    problem = problems[0]
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return f"{problem.file.name}:{problem.line}:{problem.column}: {problem.message}{more}"
