"""`smdr calls`: what is stored, as JSON Lines in order of identity."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from collector.errors import UserError
from collector.rendering import call_row, line, record_row
from collector.store.calls_db import CALL_COLUMNS, call_of
from collector.store.database import open_reader
from collector.store.legs import LegReader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.calls import Call
    from collector.config import Config


def stored(
    config: Config,
    first: float | None = None,
    last: float | None = None,
    source: str | None = None,
    *,
    legs: bool = False,
) -> Iterator[str]:
    """Stored calls that start in [first, last), POSIX seconds, one JSON line each; with ``legs``, each call's legs after it.

    Raises `UserError` where nothing was ever stored, and for a source that neither the configuration nor a call names.
    """
    zones = {known.name: ZoneInfo(known.timezone or config.of(known.name).site.timezone) for known in config.sources}
    site = ZoneInfo(config.site.timezone)
    try:
        db = open_reader(config.site.data / "calls.db")
    except sqlite3.OperationalError:
        raise UserError(f"Nothing is stored in {config.site.data} yet; start the collector with `smdr run`.") from None
    reader = LegReader(db, config.site.data / "journal")
    try:
        sources = _sources(db)
        if source is not None and source not in (*sources, *zones):
            raise UserError(f'There is no source "{source}" in {config.path}; it has: {", ".join(sorted(zones))}.')
        wanted = [name for name in sources if source in (None, name)]
        for call in _calls(db, first, last, wanted):
            zone = zones.get(call.source, site)
            yield line(call_row(call, zone))
            for _, leg in reader.of(call) if legs else ():
                yield line(record_row(leg, call.source, zone))
    finally:
        reader.close()
        db.close()


def _sources(db: sqlite3.Connection) -> list[str]:
    query = "SELECT DISTINCT word FROM combinations JOIN words ON words.id = combinations.source ORDER BY 1"
    return [name for (name,) in db.execute(query)]


def _calls(db: sqlite3.Connection, first: float | None, last: float | None, sources: list[str]) -> Iterator[Call]:
    """Calls in order of identity: found by it, or by their start where that is limited."""
    limits = {"start >= ?": first, "start < ?": last}
    given = {condition: value for condition, value in limits.items() if value is not None}
    where = " AND ".join(["+source = ?" if given else "source = ?", *given])
    query = f"SELECT {', '.join(CALL_COLUMNS)} FROM calls WHERE {where} ORDER BY offset"
    for name in sources:
        yield from (call_of(row) for row in db.execute(query, (name, *given.values())))
