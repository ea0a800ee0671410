"""Retention carried out: by the collector once a day, or by a command while it is stopped."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import sqlite3
from typing import TYPE_CHECKING

from collector.keeping.retention import due, months_before, old_calls, remove_raw
from collector.running import only_writer
from collector.segments import JournalError
from collector.store.database import open_writer
from collector.store.events_db import EventsDb, Removal

if TYPE_CHECKING:
    from collector.config import Config, Retention
    from collector.projector import Projector

_log = logging.getLogger(__name__)

_EVERY_S = 86_400.0
_FIRST_S = 600.0
"""So long after a start: what is urgent comes first."""


async def keep_to(policy: Retention, config: Config, projector: Projector, events: EventsDb) -> None:
    """Carry out the policy every day, for ever."""
    await asyncio.sleep(_FIRST_S)
    while True:
        try:
            await carry_out(policy, config, projector, events, dt.datetime.now(dt.UTC))
        except (sqlite3.Error, OSError, JournalError) as error:
            _log.warning("What is past its retention could not be removed (%s); it is tried again tomorrow.", error)
        await asyncio.sleep(_EVERY_S)


async def carry_out(
    policy: Retention, config: Config, projector: Projector, events: EventsDb, now: dt.datetime
) -> None:
    """Remove what the policy says, while the collector runs. Raises `sqlite3.Error`, `OSError` and `JournalError`."""
    months, held = await asyncio.to_thread(due, config, now)
    for one in held:
        _log.warning("%s is past its retention and is kept: %s.", one.file.name, one.why)
    await asyncio.to_thread(remove_raw, policy, months, now, events.removed)
    job = await asyncio.to_thread(old_calls, policy, config.site.data / "journal", now)
    for removal in await asyncio.wrap_future(projector.rewrite(job)):
        await asyncio.to_thread(events.removed, removal)
        _log.info("%s", told(removal))
    events.forget_links(months_before(now, policy.raw_months).timestamp())
    for month in months:
        _log.info("The bytes of %s were removed: past their retention.", month.file.name)


def carry_out_offline(policy: Retention, config: Config, now: dt.datetime) -> list[Removal]:
    """Remove what the policy says; return what it was. Raises `UserError` while a collector runs, and what `carry_out` does."""
    done: list[Removal] = []
    with only_writer(config.site.data):
        events = EventsDb(config.site.data / "events.db")

        def note(removal: Removal) -> None:
            events.removed(removal)
            done.append(removal)

        try:
            months, _ = due(config, now)
            remove_raw(policy, months, now, note)
            db = open_writer(config.site.data / "calls.db")
            try:
                with db:
                    db.execute("BEGIN IMMEDIATE")
                    removed = old_calls(policy, config.site.data / "journal", now)(db)
            finally:
                db.close()
            for removal in removed:
                note(removal)
            events.forget_links(months_before(now, policy.raw_months).timestamp())
        finally:
            events.close()
    return done


def told(removal: Removal) -> str:
    """A sentence about what was removed."""
    before = dt.datetime.fromtimestamp(removal.before, dt.UTC)
    what = {
        "raw": f"{removal.amount:,} raw bytes of {removal.source}, up to byte {removal.until or 0:,}",
        "calls": f"{removal.amount:,} calls of {removal.source}",
        "personal": f"what is personal in {removal.amount:,} calls of {removal.source}",
    }[removal.what]
    return f"Removed {what}: before {before:%Y-%m-%d}."
