"""`smdr violations judge`: calls.db judged by the rules into office.db, some days at a time."""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from collector.accounting.calendar import WorkingCalendar
from collector.accounting.directory import directory_of
from collector.accounting.enriching import Accounting
from collector.accounting.plan import plan_of
from collector.assembly import rater_of
from collector.errors import UserError
from collector.keeping.retention import months_before
from collector.office.approvals import filed
from collector.office.codes import load_codes
from collector.rules.judging import judge
from collector.rules.names import RULES
from collector.rules.tables import ABROAD, Hours, Tables
from collector.store import violations as store
from collector.store.calls_db import CALL_COLUMNS, call_of
from collector.store.database import is_made, open_reader
from collector.store.office_db import reading, writing
from collector.store.sites import at_site

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator

    from collector.calls import Call
    from collector.config import Config
    from collector.rules.violation import Violation
    from collector.store.violations import Judged

_DAY_S = 86_400
_MARGIN_S = _DAY_S
"""Calls so near to a span are looked at, too: what is within may depend on them."""
_SELECT = f"SELECT {', '.join(CALL_COLUMNS)} FROM calls WHERE start >= ? AND start < ? AND direction != 'internal'"
_ABROAD = f" AND class IN ({', '.join('?' * len(ABROAD))})"


def judge_span(config: Config, first: dt.date, last: dt.date, now: float | None = None) -> tuple[Judged, Counter[str]]:
    """Judge the calls of the days from ``first`` to ``last`` at the site by everything as it is now, and keep the result.

    Returns what became of violations, and how many there are of each rule. What was done about them stays. Raises
    `UserError` where nothing is collected, or calls of that time are removed.
    """
    since = kept_since(config)
    if since and first < since:  # a rule would find nothing broken where there are no calls, or nobody's
        raise UserError(f"Calls before {since} are removed, or nobody's, by [retention]: judge later ones.")
    if not is_made(config.site.data / "calls.db"):
        raise UserError(f"Nothing is stored in {config.site.data} yet; start the collector with `smdr run`.")
    found = found_in(config, first, last, time.time() if now is None else now)
    with writing(config.site.data) as office:
        judged = keep(office, config, first, last, found)
    return judged, Counter(one.rule for one in found)


def found_in(config: Config, first: dt.date, last: dt.date, now: float) -> list[Violation]:
    """The violations by calls of some days, by everything as it is now."""
    zone = ZoneInfo(config.site.timezone)
    begin, end = midnight(first, zone), midnight(last + dt.timedelta(days=1), zone)
    with closing(open_reader(config.site.data / "calls.db")) as db:
        since = db.execute("SELECT min(start) FROM stored_calls").fetchone()[0] or 0
        sites = map(config.at, config.sites)
        found = [
            one
            for site in sites
            for one in judge(_calls(db, begin, end, site), tables_of(site, (first, last), since, now))
        ]
    return [one for one in found if begin <= one.at < end]


def keep(
    office: sqlite3.Connection, config: Config, first: dt.date, last: dt.date, found: Iterable[Violation]
) -> Judged:
    """Keep what was found in some days as all there is of the rules that are not switched off."""
    zone = ZoneInfo(config.site.timezone)
    on = [rule for rule in RULES if rule not in config.rules.off]
    return store.keep(office, found, on, midnight(first, zone), midnight(last + dt.timedelta(days=1), zone))


def tables_of(config: Config, days: tuple[dt.date, dt.date], recorded_since: int, now: float) -> Tables:
    """What calls of some days are judged by. Raises ConfigError with the faults of the files."""
    site, zone = config.site, ZoneInfo(config.site.timezone)
    plan, directory, rater = plan_of(site), directory_of(config), rater_of(config)
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
        codes=load_codes(config.office.codes, sites=config.sites, at=site.name) if config.office.codes else {},
        applications=applications,
        marked=marked,
        recorded_since=recorded_since,
        now=now,
        phone=partial(config.name_of, site.name),
    )


def kept_since(config: Config) -> dt.date | None:
    """The first day of which all calls are kept with whose they were; None where a policy removes none."""
    policy = config.retention
    months = [months for months in (policy.calls_months, policy.personal_months) if months] if policy else []
    return months_before(dt.datetime.now(dt.UTC), min(months)).date() if months else None


def _calls(db: sqlite3.Connection, begin: float, end: float, config: Config) -> Iterator[Call]:
    """The calls of a site in a span and near it; of the time before, for so many days more, those to other countries."""
    rules, earliest, here = config.rules, begin - _MARGIN_S, at_site(config)
    before = (earliest - rules.fraud_country_days * _DAY_S, earliest, *ABROAD)
    for row in db.execute(_SELECT + _ABROAD + here, before):
        yield call_of(row)
    for row in db.execute(_SELECT + here, (earliest, end + _MARGIN_S + 60 * rules.missed_minutes)):
        yield call_of(row)


def midnight(day: dt.date, zone: ZoneInfo) -> int:
    """When a day begins, POSIX seconds."""
    return int(dt.datetime.combine(day, dt.time(), zone).timestamp())
