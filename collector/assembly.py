"""Putting the parts of a configuration together."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING

from collector.accounting.directory import Directory
from collector.accounting.plan import Plan
from collector.journal import Journal, JournalError
from collector.projection import Accounting
from collector.store.database import open_reader
from collector.store.queries import read_up_to

if TYPE_CHECKING:
    from collections.abc import Callable

    from collector.config import Config


def accounting_of(config: Config) -> Accounting:
    """The number plan and directory a configuration names."""
    site = config.site
    return Accounting(Plan.load(site.plan, site.trunk_access), Directory.load(site.directory, site.timezone))


def journal_of(config: Config, clock: Callable[[], float] = time.time) -> Journal:
    """The journal of a configuration, for writing.

    Raises `JournalError` where it has not all that was read of it before: what came now would get the place, and so the
    name, of what is missing.
    """
    journal = Journal(config.site.data / "journal", clock)
    try:
        with closing(open_reader(config.site.data / "calls.db")) as db:
            read = read_up_to(db)
    except sqlite3.Error:  # there is none yet, or it is damaged: that is for others to say
        read = {}
    for source, position in read.items():
        end = journal.ends.get(source, 0)
        if end < position:
            raise JournalError(
                f"The journal ends at byte {end:,} of {source}, and {position:,} were read of it before: bytes are missing. "
                "Run `smdr repair`"
            )
    return journal
