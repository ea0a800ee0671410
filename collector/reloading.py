"""Changed tables are taken while the collector runs; one with a fault is refused, and the version before stays in force.

So it is at a start, too: a PBX is read whatever is wrong with a table.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import sqlite3
import time
from typing import TYPE_CHECKING, NamedTuple

from collector.accounting.budgets.table import load_budgets
from collector.assembly import accounting_of, calendars_of
from collector.keeping.versions import as_last_in_force, files_of, keep
from collector.office.codes import load_codes
from collector.problems import ConfigError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from collector.accounting.calendar import WorkingCalendar
    from collector.accounting.enriching import Accounting
    from collector.alarms.board import Board
    from collector.config import Config

_log = logging.getLogger(__name__)

LOOK_S = 2.0


class Tables(NamedTuple):
    """What is in force of the tables; ``calendars`` by the names of the sites."""

    accounting: Accounting
    calendars: Mapping[str, WorkingCalendar]


def tables_to_start_with(config: Config) -> Tables:
    """The tables of a configuration or, where one has a fault, those that were in force last.

    Raises ConfigError, with the faults, where there were none before.
    """
    try:
        return _load(config)
    except ConfigError as wrong:
        try:
            before = _load(as_last_in_force(config))
        except (ConfigError, OSError):
            raise wrong from None
        _log.error("A table is refused; those in force before are gone on with:\n%s", "\n".join(map(str, wrong.errors)))
        return before


def _load(config: Config) -> Tables:
    """All tables, from their files. Raises ConfigError with the faults of the first that has any."""
    if config.office.budgets:
        _ = load_budgets(config.office.budgets)
    if config.office.codes:
        _ = load_codes(config.office.codes, sites=config.sites)
    return Tables(accounting_of(config), calendars_of(config))


class Reloading:
    """Looks at the files of the tables again and again.

    ``take`` is given what is in force from now on. A file counts once it was the same twice: it is not being written.
    """

    def __init__(self, config: Config, board: Board, take: Callable[[Tables], None]) -> None:
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
            tables = await asyncio.to_thread(_load, self._config)
        except ConfigError as error:
            _log.error("A changed table is refused; those before stay in force:\n%s", "\n".join(map(str, error.errors)))
            self._wrong = f"{_first(error.errors)}. The tables before stay in force."
            return
        changed = await asyncio.to_thread(keep, self._config.site.data, contents, time.time())
        self._take(tables)
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


def _first(problems: list[Problem]) -> str:
    """Where the first fault is and what it is."""
    problem = problems[0]
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return f"{problem.file.name}:{problem.line}:{problem.column}: {problem.message}{more}"
