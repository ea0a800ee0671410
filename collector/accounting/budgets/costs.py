"""What calls cost, by day and phone, as calls.db has it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from collector.accounting.budgets.ledger import Cost

if TYPE_CHECKING:
    import sqlite3

    from collector.config import Config

_COSTS = """
SELECT start, source, coalesce(extension, ''), coalesce(department, ''), coalesce(person, ''), cost FROM calls
WHERE start >= ? AND start < ? AND cost IS NOT NULL
"""


def costs_of(db: sqlite3.Connection, config: Config, first: dt.date, last: dt.date) -> list[Cost]:
    """The costs of calls that began from ``first`` to ``last``, days of the site; phones are named among those of all sites."""
    zone = ZoneInfo(config.site.timezone)
    phone = lru_cache(config.phone)
    sums: dict[tuple[dt.date, str, str, str], Decimal] = defaultdict(Decimal)
    span = (_midnight(first, zone), _midnight(last + dt.timedelta(days=1), zone))
    for start, source, extension, department, person, cost in db.execute(_COSTS, span):
        day = dt.datetime.fromtimestamp(start, zone).date()
        sums[day, phone(source, extension) if extension else "", department, person] += Decimal(cost)
    return [Cost(*key, amount) for key, amount in sums.items()]


def _midnight(day: dt.date, zone: ZoneInfo) -> int:
    return int(dt.datetime.combine(day, dt.time(), zone).timestamp())
