"""Putting the parts of a configuration together."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from decimal import Decimal
from typing import TYPE_CHECKING

from collector.accounting.calendar import WorkingCalendar
from collector.accounting.directory import directory_of
from collector.accounting.enriching import Accounting
from collector.accounting.plan import plan_of
from collector.accounting.rating import Rater, Terms
from collector.accounting.tariff import Tariff
from collector.journal import Journal
from collector.segments import JournalError
from collector.store.database import open_reader
from collector.store.queries import read_up_to

if TYPE_CHECKING:
    from collections.abc import Callable

    from collector.config import Config


def accounting_of(config: Config) -> Accounting:
    """The number plan, directory and tariff a configuration names. Raises ConfigError with the faults of their files."""
    elsewhere = {branch.name: accounting_of(config.at(branch.name)) for branch in config.branches}
    return Accounting(plan_of(config.site), directory_of(config), rater_of(config), elsewhere)


def calendars_of(config: Config) -> dict[str, WorkingCalendar]:
    """The working calendar of each site, by its name. Raises ConfigError with the faults of its file."""
    return {site: WorkingCalendar.load(config.at(site).calendar) for site in config.sites}


def rater_of(config: Config) -> Rater | None:
    """What prices calls; None without a tariff, a price of pulses, or trust in the PBX."""
    settings = config.accounting
    if settings.tariff is None and settings.pulse_price is None and not settings.trust_pbx:
        return None
    tariff = Tariff.load(settings.tariff) if settings.tariff else Tariff(())
    terms = Terms(
        settings.decimals,
        settings.rounding,
        Decimal(settings.markup_percent),
        Decimal(settings.pulse_price) if settings.pulse_price else None,
        settings.trust_pbx,
    )
    return Rater(tariff, terms, config.site.timezone, WorkingCalendar.load(config.calendar))


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
