"""`smdr rerate` and `smdr rate explain`: what calls cost by the tables as they are now."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from collector.assembly import accounting_of
from collector.buckets import bucket_of
from collector.rollups import Rollup
from collector.running import only_writer
from collector.store.calls_db import CALL_COLUMNS, CallsDb, call_of
from collector.store.database import open_writer
from dashboards.words import word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from collector.accounting.enriching import Accounting
    from collector.accounting.rating import Charge
    from collector.calls import Call
    from collector.config import Config
    from dashboards.words import Language

_BATCH = 5000
_AMOUNTS = 4096
"""So many different costs are remembered, 1 MB at most."""
_GIVEN = ("class_", "carrier", "department", "person", "cost", "rated_s")
"""The fields of a call that the tables give it."""
_given = attrgetter(*_GIVEN)
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
            seq = done = 0
            while True:
                rollup = Rollup(zone, config.site.ring_seconds * config.site.answer_within_rings)
                changed, before = [], done
                for row in calls_db.db.execute(_SELECT, (seq, last, first, end)):
                    seq, done, call = row[0], done + 1, call_of(row[1:])
                    of_site = accounting.at(config.site_of(call.source))
                    if _renew(call, of_site, rollup, months[_month(call, zone)]):
                        changed.append(call)
                if done == before:
                    break
                if changed and not dry:
                    calls_db.rewrite(changed, rollup.sums)
                progress(done, total)
        finally:
            calls_db.db.close()
    return dict(sorted(months.items()))


def _renew(call: Call, accounting: Accounting, rollup: Rollup, month: Difference) -> bool:
    """Make a call as it is by the tables of now; whether that changes it."""
    former = _given(call)
    before = _amount(call.cost)
    call.department = call.person = call.cost = call.rated_s = None
    accounting.enrich(call)
    month.calls += 1
    month.before += before
    month.after += _amount(call.cost)
    if _given(call) == former:
        return False
    old = replace(call, **dict(zip(_GIVEN, former, strict=True)))
    if call.tags() != old.tags() and not call.open:
        call.former = sorted({*call.former, call.start})
    rollup.add(old, -1)
    rollup.add(call)
    month.changed += 1
    return True


def _month(call: Call, zone: ZoneInfo) -> str:
    return _name_of_month(bucket_of("month", call.start, zone)[0], zone)


@lru_cache
def _name_of_month(first: int, zone: ZoneInfo) -> str:
    return f"{datetime.fromtimestamp(first, zone):%Y-%m}"


@lru_cache(_AMOUNTS)
def _amount(cost: str | None) -> Decimal:
    return Decimal(cost or 0)


def told(charge: Charge | None, call: Call, currency: str, language: Language = "en") -> Iterator[str]:
    """Lines that explain the price of a call."""

    def say(key: str, **values: object) -> str:
        return word(f"price.{key}", language).format(**values)

    class_ = word(f"class.{call.class_}", language)
    yield say("call-over" if call.carrier else "call", class_=class_, carrier=call.carrier, seconds=call.talk_s or 0)
    if charge is None:
        yield say("none")
        return
    for step in charge.steps:
        named = {"name": step.values["name"] or say("all-calls")} if "name" in step.values else {}
        seconds = say("of-which", talk=step.talk_s, paid=step.rated_s) if step.rated_s else ""
        yield f"{step.amount:>14f}  {say(step.what, **step.values | named)}{seconds}"
    paid = "" if charge.rated_s is None else say("paid", seconds=charge.rated_s)
    yield f"{charge.amount:>14f}  {currency}{paid}"
