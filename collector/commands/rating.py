"""`smdr rerate` and `smdr rate explain`: what calls cost by the tables as they are now."""

from __future__ import annotations

import copy
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from collector.assembly import accounting_of
from collector.rollups import Rollup
from collector.running import only_writer
from collector.store.calls_db import CALL_COLUMNS, CallsDb, call_of
from collector.store.database import open_writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from collector.accounting.rating import Charge
    from collector.calls import Call
    from collector.config import Config
    from collector.projection import Accounting

_BATCH = 5000
_SELECT = (
    f"SELECT seq, {', '.join(CALL_COLUMNS)} FROM calls WHERE seq > ? AND seq <= ? AND start >= ? AND start < ? "
    f"ORDER BY seq LIMIT {_BATCH}"
)


@dataclass
class Difference:
    """What rating anew changes in a month: calls looked at and changed, and their costs before and after."""

    calls: int = 0
    changed: int = 0
    before: Decimal = Decimal(0)
    after: Decimal = Decimal(0)


def rerate(
    config: Config,
    first: float,
    end: float,
    *,
    dry: bool = False,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> dict[str, Difference]:
    """Give the calls that start in [first, end) class, holder and cost anew; what that changes, by month of the site.

    Interrupted, some calls have the new ones and some the old; run again, it finishes. ``dry``: nothing is written.
    Raises `UserError` while a collector runs.
    """
    accounting, zone = accounting_of(config), ZoneInfo(config.site.timezone)
    months: dict[str, Difference] = defaultdict(Difference)
    with only_writer(config.site.data):
        calls_db = CallsDb(open_writer(config.site.data / "calls.db"))
        try:
            total, last = calls_db.db.execute("SELECT count(*), coalesce(max(seq), 0) FROM stored_calls").fetchone()
            done = 0
            for calls in _batches(calls_db, last, first, end):
                rollup = Rollup(zone, config.site.ring_seconds * config.site.answer_within_rings)
                changed = [after for call in calls if (after := _anew(call, accounting, rollup, months, zone))]
                if changed and not dry:
                    calls_db.rewrite(changed, rollup.sums)
                done += len(calls)
                progress(done, total)
        finally:
            calls_db.db.close()
    return dict(sorted(months.items()))


def _batches(calls_db: CallsDb, last: int, first: float, end: float) -> Iterator[list[Call]]:
    """Calls stored before now, in order; those stored anew meanwhile come behind them."""
    seq = 0
    while rows := calls_db.db.execute(_SELECT, (seq, last, first, end)).fetchall():
        seq = rows[-1][0]
        yield [call_of(columns) for _, *columns in rows]


def _anew(
    call: Call, accounting: Accounting, rollup: Rollup, months: dict[str, Difference], zone: ZoneInfo
) -> Call | None:
    """The call as it is by the tables of now; None where it is as it was."""
    after = copy.copy(call)
    after.department = after.person = after.cost = after.rated_s = None
    accounting.enrich(after)
    month = months[f"{datetime.fromtimestamp(call.start, zone):%Y-%m}"]
    month.calls += 1
    month.before += Decimal(call.cost or 0)
    month.after += Decimal(after.cost or 0)
    if after == call:
        return None
    if after.tags() != call.tags() and not call.open:
        after.former = sorted({*call.former, call.start})
    rollup.add(call, -1)
    rollup.add(after)
    month.changed += 1
    return after


def told(charge: Charge | None, call: Call, currency: str) -> Iterator[str]:
    """Lines that explain the price of a call."""
    yield f"{call.class_}" + (f" over {call.carrier}" if call.carrier else "") + f", {call.talk_s or 0} s of talk"
    if charge is None:
        yield "No price fits: it has no cost."
        return
    for step in charge.steps:
        seconds = f"{step.talk_s} s of talk, {step.rated_s} s paid for" if step.rated_s else ""
        yield f"{step.amount:>14f}  {step.what}" + (f" ({seconds})" if seconds else "")
    paid = "" if charge.rated_s is None else f", {charge.rated_s} s paid for"
    yield f"{charge.amount:>14f}  {currency}{paid}"
