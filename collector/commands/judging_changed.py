"""What the collector has judged by itself: the days of which calls, tables or the office's notes are others than before.

Which days are due is kept in office.db before any is judged, and a day is done with what was found in it: interrupted
anywhere, the next run goes on. The newest days come first.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import time
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from collector.commands.judging import found_in, keep, kept_since, midnight, tables_of
from collector.keeping.versions import as_last_in_force, files_of
from collector.office.approvals import filed
from collector.problems import ConfigError
from collector.rules.sentences import sentence
from collector.rules.tables import ABROAD
from collector.store import judging
from collector.store.database import is_made, open_reader
from collector.store.office_db import reading, writing
from collector.store.violations import Judged, kept

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from collector.config import Config
    from collector.rules.violation import Key, Violation
    from collector.store.judging import Due, Looked

_DAY = dt.timedelta(days=1)
_MOST_DAYS = 31
"""Judged, and kept, at a time."""
_ALARM_S = 7 * 86_400
"""Violations by older calls are no alarm: whoever imports a year wants none."""
_QUARTER_S = 900
_STARTS = f"SELECT DISTINCT start / {_QUARTER_S} FROM calls WHERE"
_NEW = f"{_STARTS} seq > ? AND seq <= ? AND direction != 'internal'"
_NEW_ABROAD = f"{_NEW} AND class IN ({', '.join('?' * len(ABROAD))})"
_MISSED = f"{_STARTS} start >= ? AND start < ? AND outcome = 'unanswered'"


class Raised(NamedTuple):
    """A violation that somebody is to be told of at once."""

    key: Key
    sentence: str


class Outcome(NamedTuple):
    """How many days were judged and what came of it, and what is to be told."""

    days: int
    judged: Judged
    alarms: list[Raised]


def judge_changed(config: Config, now: float | None = None) -> Outcome:
    """Judge what has changed. A table with a fault is refused: calls are judged by the version in force before.

    Raises ConfigError with the faults of tables of which there is no such version.
    """
    at = time.time() if now is None else now
    data, judged, days = config.site.data, Judged(0, 0, 0), 0
    if not is_made(data / "calls.db"):
        return Outcome(days, judged, [])
    config = _with_good_tables(config, at)
    _look(config, at)
    while span := _newest(data):
        first, last = span[0].day, span[-1].day
        found = found_in(config, first, last, at)
        with writing(data) as office:
            made = keep(office, config, first, last, found)
            judging.done(office, span)
        judged = Judged(*(before + more for before, more in zip(judged, made, strict=True)))
        days += len(span)
    with writing(data) as office:
        judging.all_done(office, at)
    return Outcome(days, judged, _alarms(config, at))


def _with_good_tables(config: Config, at: float) -> Config:
    today = _day(at, ZoneInfo(config.site.timezone))
    try:
        _try(config, today, at)
    except ConfigError:
        config = as_last_in_force(config)
        _try(config, today, at)
    return config


def _try(config: Config, today: dt.date, at: float) -> None:
    for name in config.sites:
        tables_of(config.at(name), (today, today), 0, at)


def _newest(data: Path) -> list[Due]:
    """The last of the days that are due, and those right before it."""
    with reading(data) as office:
        days = judging.due(office)
    span = days[-1:]
    for one in reversed(days[:-1]):
        if span[0].day - one.day != _DAY or len(span) == _MOST_DAYS:
            break
        span.insert(0, one)
    return span


def _look(config: Config, at: float) -> None:
    """Note the days that are due."""
    zone, calls = ZoneInfo(config.site.timezone), config.site.data / "calls.db"
    tables = _fingerprint(config)
    with reading(config.site.data) as office:
        before = judging.looked(office)
    with closing(open_reader(calls)) as db:
        db.execute("BEGIN")
        seq, oldest, newest = db.execute("SELECT max(seq), min(start), max(start) FROM stored_calls").fetchone()
        seen = judging.Looked(calls.stat().st_ino, seq or 0, tables, at)
        days = set(_of_calls(db, before, seen, config)) if seq else set()
        with writing(config.site.data) as office:
            if before:
                days.update(_overdue(db, before.at, at, config), _of_notes(db, office, before.at, zone))
            if before is None or before.tables != tables:
                days.update(_days((_day(at, zone).replace(day=1) - _DAY).replace(day=1), _day(at, zone)))
            since = max(_day(oldest or at, zone), kept_since(config) or dt.date.min)
            until = _day(max(newest or at, at), zone)
            judging.look(office, seen, [day for day in days if since <= day <= until])


def _of_calls(db: sqlite3.Connection, before: Looked | None, seen: Looked, config: Config) -> Iterator[dt.date]:
    """The days that new and changed calls are of, and those whose calls they may bear on."""
    zone, rules = ZoneInfo(config.site.timezone), config.rules
    known = before.seq if before and before.file == seen.file and before.seq <= seen.seq else 0
    back = dt.timedelta(days=1 + rules.missed_minutes // 1440)  # whose missed calls they return, whose nights they end
    for day in _started(db.execute(_NEW, (known, seen.seq)), zone):
        yield from _days(day - back, day + _DAY)
    today = _day(seen.at, zone)
    for day in _started(db.execute(_NEW_ABROAD, (known, seen.seq, *ABROAD)), zone):
        yield from _days(day, min(day + dt.timedelta(days=rules.fraud_country_days), today))


def _overdue(db: sqlite3.Connection, before: float, at: float, config: Config) -> Iterator[dt.date]:
    """The days of calls that could be returned, or approved, when it was last looked and cannot any more."""
    zone, window_s = ZoneInfo(config.site.timezone), 60 * config.rules.missed_minutes
    yield from _started(db.execute(_MISSED, (before - window_s - 1, at - window_s)), zone)
    if _day(at, zone) != _day(before, zone):
        late = dt.timedelta(days=config.rules.approval_days + 1)
        yield from _days(_day(before, zone) - late, _day(at, zone) - late)


def _of_notes(db: sqlite3.Connection, office: sqlite3.Connection, before: float, zone: ZoneInfo) -> Iterator[dt.date]:
    """The days of applications filed and decided, and of calls marked as private, since it was last looked."""
    for one in filed(office):
        if max(one.at, one.decision.at if one.decision else 0) >= before:
            yield from _days(one.application.first, one.application.last)
    for call in office.execute("SELECT source, offset FROM private_calls WHERE at >= ?", (before,)):
        yield from _started(db.execute(f"{_STARTS} source = ? AND offset = ?", call), zone)


def _started(quarters: Iterable[tuple[int]], zone: ZoneInfo) -> set[dt.date]:
    return {_day(quarter * _QUARTER_S, zone) for (quarter,) in quarters}


def _days(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    return (first + n * _DAY for n in range((last - first).days + 1))


def _day(at: float, zone: ZoneInfo) -> dt.date:
    return dt.datetime.fromtimestamp(at, zone).date()


def _fingerprint(config: Config) -> str:
    """The SHA-256 of all that calls are judged by, but the office's notes."""
    seen = hashlib.sha256()
    for settings in (config.rules, config.accounting, config.calendar):
        seen.update(settings.model_dump_json(exclude={"exceptions", "tariff"}).encode())
    site = config.site
    seen.update(repr((site.timezone, site.country, site.area_code, site.trunk_access)).encode())
    if config.branches or site.on_net:  # as it was before there were any
        seen.update(repr((site.on_net, config.branches, [(one.name, one.site) for one in config.sources])).encode())
    for table, file in sorted(files_of(config).items()):
        seen.update(table.encode() + hashlib.sha256(file.read_bytes()).digest())
    return seen.hexdigest()


def _alarms(config: Config, at: float) -> list[Raised]:
    """The violations that are alarms, and about which nothing was done."""
    zone = ZoneInfo(config.site.timezone)
    with reading(config.site.data) as office:
        found = kept(office, at - _ALARM_S, midnight(dt.date(9998, 12, 31), zone))
    return [
        Raised(one.violation.key, f"Phone {_phone(one.violation, config) or '?'}: {sentence(one.violation, 'en')}.")
        for one in found
        if one.violation.rule in config.rules.alarm and one.fallen is None and one.state == "open"
    ]


def _phone(broken: Violation, config: Config) -> str:
    return broken.extension and config.phone(broken.source, broken.extension)
