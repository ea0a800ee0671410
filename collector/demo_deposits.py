"""The deposits of the demonstration: one just paid, one that calls were paid from, one given back."""

from __future__ import annotations

import time
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from collector.commands.office import receipt_of
from collector.demo_office import HEADQUARTERS, LOGIN, visitors_phone
from collector.demo_words import Said
from collector.office import deposits
from collector.store.calls_db import CALL_COLUMNS, call_of

if TYPE_CHECKING:
    import sqlite3

    from collector.calls import Call
    from collector.config import Config

_BEFORE_S, _AFTER_S = 600.0, 120.0
"""A visitor pays before the call, and has the receipt soon after it."""
_STAY_S = 900.0
"""How long after the last receipt what is left is given back."""


class _Visitor(NamedTuple):
    """Who pays how much, for how many calls, and whether what is left is given back already."""

    payer: Said
    organisation: Said
    amount: str
    calls: int
    leaves: bool


_VISITORS = (
    _Visitor(Said("刘先生", "Mr Liu"), Said("物业", "Building management"), "50", 1, leaves=True),
    _Visitor(Said("陈先生", "Mr Chen"), Said("港务局", "Port office"), "100", 2, leaves=False),
    _Visitor(Said("黄女士", "Ms Huang"), Said("展览公司", "Trade fair"), "100", 0, leaves=False),
)
_CALLS = f"""
SELECT {", ".join(CALL_COLUMNS)} FROM calls
WHERE source = ? AND extension = ? AND direction = 'outgoing' AND number IS NOT NULL
AND class IN ('local', 'mobile', 'domestic') AND CAST(cost AS REAL) BETWEEN 0.2 AND 20 ORDER BY start DESC LIMIT ?
"""


def visitors_calls(db: sqlite3.Connection) -> list[Call]:
    """The last calls of their phone, oldest first: two at once would be strange."""
    wanted = sum(visitor.calls for visitor in _VISITORS)
    return [call_of(row) for row in db.execute(_CALLS, (HEADQUARTERS.name, visitors_phone(), wanted))][::-1]


def fill(db: sqlite3.Connection, config: Config, calls: list[Call]) -> None:
    """Put them into office.db, with a receipt of each call."""
    language, currency, by = config.site.language, config.accounting.currency, LOGIN.operator
    left = iter(calls)
    for visitor in _VISITORS:
        made = list(islice(left, visitor.calls))
        at = made[0].start - _BEFORE_S if made else time.time()
        who = (visitor.payer.to(language), visitor.organisation.to(language), "")
        number = deposits.take(db, *who, Decimal(visitor.amount), currency, by, at)
        for call in made:
            at = call.start + (call.talk_s or 0) + _AFTER_S
            cost = Decimal(call.cost or 0)
            receipt = receipt_of(config, call, amount=cost, currency=currency, payer=who[0], deposit=number, by=by)
            deposits.write_receipt(db, receipt._replace(at=at))
        if visitor.leaves:
            deposits.settle(db, number, by, at + _STAY_S)
