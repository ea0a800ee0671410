"""`smdr calls`: what is stored, as JSON Lines in order of identity."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec

from collector.errors import UserError
from collector.rendering import call_row, line, record_row
from collector.store.calls_db import CALL_COLUMNS, call_of
from collector.store.database import open_reader
from parsers.records import Leg

if TYPE_CHECKING:
    from collections.abc import Iterator

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

    Raises `UserError` where nothing was ever stored.
    """
    zones = {known.name: ZoneInfo(known.timezone or config.site.timezone) for known in config.sources}
    site = ZoneInfo(config.site.timezone)
    try:
        db = open_reader(config.site.data / "calls.db")
    except sqlite3.OperationalError:
        raise UserError(f"Nothing is stored in {config.site.data} yet; start the collector with `smdr run`.") from None
    limits = {
        "start >= ?": first,
        "start < ?": last,
        "source = ?": source,
    }
    given = {condition: value for condition, value in limits.items() if value is not None}
    where = " AND ".join(given) or "TRUE"
    query = f"SELECT {', '.join(CALL_COLUMNS)} FROM calls WHERE {where} ORDER BY source, offset"
    try:
        for row in db.execute(query, tuple(given.values())):
            call = call_of(row)
            zone = zones.get(call.source, site)
            yield line(call_row(call, zone))
            for leg in _legs(db, call.source, call.legs) if legs else ():
                yield line(record_row(leg, call.source, zone))
    finally:
        db.close()


def _legs(db: sqlite3.Connection, source: str, offsets: list[int]) -> list[Leg]:
    select = "SELECT leg FROM legs WHERE source = ? AND offset = ?"
    rows = [db.execute(select, (source, offset)).fetchone() for offset in offsets]
    return [msgspec.json.decode(row[0], type=Leg) for row in rows]
