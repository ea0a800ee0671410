"""`smdr violations`: what was found, and what people do about it."""

from __future__ import annotations

import datetime as dt
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from collector.accounting.amounts import ZERO
from collector.commands.judging import midnight
from collector.commands.office import call_at
from collector.errors import UserError
from collector.rules.escalation import counted
from collector.store import violations as store
from collector.store.office_db import reading, writing

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterator

    from collector.accounting.departments import Reach
    from collector.config import Config
    from collector.rules.escalation import Count
    from collector.rules.violation import Key
    from collector.store.violations import Change, Kept, State

EVER = dt.date(1970, 1, 1), dt.date(9998, 12, 31)
"""All days that calls can be of."""


class Entry(NamedTuple):
    """A violation with what it charges now; ``nth`` where it is a missed call that counts."""

    kept: Kept
    amount: Decimal
    nth: Count | None


def listed(
    config: Config,
    first: dt.date,
    last: dt.date,
    *,
    rules: Collection[str] = (),
    state: State | None = None,
    fallen: bool = False,
    reach: Reach | None = None,
) -> list[Entry]:
    """The violations of some days, or those that have fallen away, by rules, state, and department."""
    zone = ZoneInfo(config.site.timezone)
    begin, end = midnight(first, zone), midnight(last + dt.timedelta(days=1), zone)
    with reading(config.site.data) as db:
        year = store.kept(db, midnight(first.replace(month=1, day=1), zone), end)
    missed = [
        (_day(one, zone), one.violation)
        for one in year
        if one.violation.rule == "missed" and one.fallen is None and one.state != "waived"
    ]
    counts = counted(missed, config.rules.missed_year_at)
    return [
        _entry(one, counts.get(one.violation.key), config)
        for one in year
        if one.violation.at >= begin
        and (one.fallen is not None) == fallen
        and (not rules or one.violation.rule in rules)
        and state in (None, one.state)
        and (reach is None or reach.holds(one.violation.department, one.violation.at))
    ]


def _entry(kept: Kept, count: Count | None, config: Config) -> Entry:
    amount = kept.violation.amount
    if kept.state == "waived":
        amount = ZERO
    elif kept.last is not None and kept.last.amount is not None:
        amount = kept.last.amount
    elif count is not None:
        amount = count.months * Decimal(config.rules.missed_allowance)
    return Entry(kept, amount, count)


def _day(kept: Kept, zone: ZoneInfo) -> dt.date:
    return dt.datetime.fromtimestamp(kept.violation.at, zone).date()


def found(config: Config, key: Key) -> tuple[Entry, list[Change]]:
    """A violation, and all that was done about it. Raises `UserError` where there is none."""
    zone = ZoneInfo(config.site.timezone)
    with reading(config.site.data) as db:
        row = db.execute("SELECT at FROM violations WHERE (rule, source, offset) = (?, ?, ?)", key).fetchone()
        changes = store.history(db, key)
    if row is None:
        raise UserError(f"There is no violation {key}; `smdr violations list` prints rule and call of each.")
    day = dt.datetime.fromtimestamp(row[0], zone).date()
    entries = [*listed(config, day, day), *listed(config, day, day, fallen=True)]
    return next(entry for entry in entries if entry.kept.violation.key == key), changes


_OVER: dict[State, tuple[State, ...]] = {"explained": ("waived", "charged"), "waived": ("waived",)}
"""In which states nothing is explained any more, and nothing let pass: what was charged may still be."""


def answer(config: Config, key: Key, state: State, by: str, reason: str) -> None:
    """Keep that a violation is ``explained``, or ``waived``, and why. Raises `UserError` where that is over."""
    with _deciding(config, key, *_OVER[state]) as (db, _):
        store.note(db, key, state, by, reason)


def charge(config: Config, key: Key, by: str, reason: str, amount: Decimal | None) -> Decimal:
    """Keep that a violation is charged, what it charges now if no ``amount`` is given; returns that.

    Raises `UserError` where it was charged already, or the call does not break the rule any more.
    """
    with _deciding(config, key, "charged") as (db, entry):
        if entry.kept.fallen is not None:
            raise UserError(f"{key} has fallen away: the call does not break the rule by the tables of now.")
        if entry.kept.state == "waived" and amount is None:
            raise UserError(f"{key} was waived; say with --amount what is charged after all.")
        charged = entry.amount if amount is None else amount
        if charged < 0:
            raise UserError("Nobody is charged less than nothing.")
        store.note(db, key, "charged", by, reason, charged)
    return charged


@contextmanager
def _deciding(config: Config, key: Key, *over: State) -> Iterator[tuple[sqlite3.Connection, Entry]]:
    """A violation, while nobody else can decide about it. Raises `UserError` where there is none, or its state is in ``over``."""
    with writing(config.site.data) as db:
        entry, _ = found(config, key)
        last = entry.kept.last
        if last and last.state in over:
            raise UserError(f"{key} was {last.state} by {last.by} already.")
        yield db, entry


def mark(config: Config, source: str, offset: int, by: str, *, private: bool) -> None:
    """Keep that a call is private, or is not after all. Raises `UserError` where there is no such call."""
    _ = call_at(config, source, offset)
    with writing(config.site.data) as db:
        store.mark(db, source, offset, by, private=private)
