"""`smdr violations`: calls.db judged by the rules into office.db, and what people do about what was found."""

from __future__ import annotations

import datetime as dt
import sqlite3
import time
from collections import Counter
from contextlib import closing, contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from collector.accounting.amounts import ZERO
from collector.accounting.calendar import WorkingCalendar
from collector.accounting.directory import Directory
from collector.accounting.plan import plan_of
from collector.assembly import rater_of
from collector.commands.office import call_at
from collector.errors import UserError
from collector.keeping.retention import months_before
from collector.office.approvals import filed
from collector.office.codes import load_codes
from collector.projection import Accounting
from collector.rules.escalation import counted
from collector.rules.judging import judge
from collector.rules.names import RULES
from collector.rules.tables import ABROAD, Hours, Tables
from collector.store import violations as store
from collector.store.calls_db import CALL_COLUMNS, call_of
from collector.store.database import open_reader
from collector.store.office_db import reading, writing

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from collector.accounting.departments import Reach
    from collector.calls import Call
    from collector.config import Config
    from collector.config.model import Rules
    from collector.rules.escalation import Count
    from collector.rules.violation import Key
    from collector.store.violations import Change, Judged, Kept, State

_DAY_S = 86_400
_MARGIN_S = _DAY_S
"""Calls so near to a span are looked at, too: what is within may depend on them."""
_SELECT = f"SELECT {', '.join(CALL_COLUMNS)} FROM calls WHERE start >= ? AND start < ? AND direction != 'internal'"
_ABROAD = f" AND class IN ({', '.join('?' * len(ABROAD))})"

EVER = dt.date(1970, 1, 1), dt.date(9998, 12, 31)
"""All days that calls can be of."""


class Entry(NamedTuple):
    """A violation with what it charges now; ``nth`` where it is a missed call that counts."""

    kept: Kept
    amount: Decimal
    nth: Count | None


def judge_span(config: Config, first: dt.date, last: dt.date, now: float | None = None) -> tuple[Judged, Counter[str]]:
    """Judge the calls of the days from ``first`` to ``last`` at the site by everything as it is now, and keep the result.

    Returns what became of violations, and how many there are of each rule. What was done about them stays. Raises
    `UserError` where nothing is collected, or calls of that time are removed.
    """
    _refuse_removed(config, first)
    zone = ZoneInfo(config.site.timezone)
    begin, end = _midnight(first, zone), _midnight(last + dt.timedelta(days=1), zone)
    try:
        db = open_reader(config.site.data / "calls.db")
    except sqlite3.OperationalError:
        raise UserError(f"Nothing is stored in {config.site.data} yet; start the collector with `smdr run`.") from None
    with closing(db):
        since = db.execute("SELECT min(start) FROM stored_calls").fetchone()[0] or 0
        tables = tables_of(config, (first, last), since, time.time() if now is None else now)
        found = judge(_calls(db, begin, end, config.rules), tables)
    within = [one for one in found if begin <= one.at < end]
    on = [rule for rule in RULES if rule not in config.rules.off]
    with writing(config.site.data) as office:
        judged = store.keep(office, within, on, begin, end)
    return judged, Counter(one.rule for one in within)


def tables_of(config: Config, days: tuple[dt.date, dt.date], recorded_since: int, now: float) -> Tables:
    """What calls of some days are judged by. Raises ConfigError with the faults of the files."""
    site, zone = config.site, ZoneInfo(config.site.timezone)
    plan, directory, rater = plan_of(site), Directory.load(site.directory, site.timezone), rater_of(config)
    first, last = days[0] - dt.timedelta(days=1), days[1] + dt.timedelta(days=1)
    with reading(site.data) as db:
        applications = tuple(
            one for one in filed(db) if one.application.first <= last and one.application.last >= first
        )
        marked = store.marked(db)
    return Tables(
        settings=config.rules,
        site=site,
        zone=zone,
        hours=Hours(WorkingCalendar.load(config.calendar), zone, config.rules.fraud_night_hours),
        plan=plan,
        directory=directory,
        accounting=Accounting(plan, directory, rater),
        rater=rater,
        codes=load_codes(config.office.codes) if config.office.codes else {},
        applications=applications,
        marked=marked,
        recorded_since=recorded_since,
        now=now,
    )


def _refuse_removed(config: Config, first: dt.date) -> None:
    """A rule would find nothing broken where there are no calls, or nobody's."""
    policy = config.retention
    kept = [months for months in (policy.calls_months, policy.personal_months) if months] if policy else []
    if kept:
        since = months_before(dt.datetime.now(dt.UTC), min(kept)).date()
        if first < since:
            raise UserError(f"Calls before {since} are removed, or nobody's, by [retention]: judge later ones.")


def _calls(db: sqlite3.Connection, begin: float, end: float, rules: Rules) -> Iterator[Call]:
    """The calls of a span and those near it; of the time before, for so many days more, those to other countries."""
    earliest = begin - _MARGIN_S
    before = (earliest - rules.fraud_country_days * _DAY_S, earliest, *ABROAD)
    for row in db.execute(_SELECT + _ABROAD, before):
        yield call_of(row)
    for row in db.execute(_SELECT, (earliest, end + _MARGIN_S + 60 * rules.missed_minutes)):
        yield call_of(row)


def _midnight(day: dt.date, zone: ZoneInfo) -> int:
    return int(dt.datetime.combine(day, dt.time(), zone).timestamp())


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
    begin, end = _midnight(first, zone), _midnight(last + dt.timedelta(days=1), zone)
    with reading(config.site.data) as db:
        year = store.kept(db, _midnight(first.replace(month=1, day=1), zone), end)
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


def explain(config: Config, key: Key, by: str, reason: str) -> None:
    """Keep what is said for a violation. Raises `UserError` where it is decided already."""
    with _deciding(config, key, "waived", "charged") as (db, _):
        store.note(db, key, "explained", by, reason)


def waive(config: Config, key: Key, by: str, reason: str) -> None:
    """Keep that a violation is let pass, one that was charged, too. Raises `UserError` where it was already."""
    with _deciding(config, key, "waived") as (db, _):
        store.note(db, key, "waived", by, reason)


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
