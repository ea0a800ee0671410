"""What stands in the office's books, as InfluxDB points: violations, budgets, the month's cost, and its number ranges.

They are told as they are now, at the begin of the hour: the last point of an hour is what stood at its end. Nothing is made
up for hours in which the collector did not run. What operators did is told of today and yesterday, at the begin of the day.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
import time
from contextlib import closing
from dataclasses import asdict
from typing import TYPE_CHECKING, NamedTuple, get_args
from zoneinfo import ZoneInfo

from collector.accounting.budgets.statements import statements
from collector.accounting.forecast import forecast
from collector.buckets import bucket_of
from collector.commands import budgets, desk
from collector.errors import UserError
from collector.outputs.points import tagged, text_field
from collector.reports.numbers import number_sums
from collector.reports.sums import Figures
from collector.store import queries, violations
from collector.store.database import is_made
from collector.store.office_db import NAME, reading
from collector.store.queries import Filter, Span
from collector.store.sight import EVERYTHING, narrow
from collector.store.sites import by_site

if TYPE_CHECKING:
    from collector.config import Config

MOST_RANGES = 20
"""Ranges of numbers that are told of a month."""

_HOUR_S = 3600
_MICRO = 1_000_000


class Told(NamedTuple):
    """Points in line protocol, and sentences why some could not be told."""

    points: list[str]
    faults: list[str]


def office_figures(config: Config, now: float | None = None) -> Told:
    """The points of the hour that holds ``now``, in POSIX seconds; this one where it is not given."""
    second = int(time.time() if now is None else now)
    told = Told([], [])
    for part in (_violations, _costs, _ranges, _budgets, _operators):
        try:
            told.points.extend(part(config, second))
        except (sqlite3.DatabaseError, UserError) as error:  # what else stands is told all the same
            told.faults.append(str(error))
    return told


def _hour(second: int) -> str:
    """The begin of the hour, as points have it."""
    return f"{second // _HOUR_S * _HOUR_S}000000000"


def _violations(config: Config, second: int) -> list[str]:
    """Every state of each rule and department of which anything was ever found: what is 0 now has to be told, too."""
    if not is_made(config.site.data / NAME):
        return []
    with reading(config.site.data) as db:
        counts = violations.counts(db)
    return [
        f"violations{tagged(department=department, rule=rule, site=config.site.name, state=state)} "
        f"violations={counts.get((rule, department, state), 0)}i {_hour(second)}"
        for rule, department in sorted({place[:2] for place in counts})
        for state in get_args(violations.State)
    ]


def _costs(config: Config, second: int) -> list[str]:
    month = bucket_of("month", second, ZoneInfo(config.site.timezone))
    if not is_made(config.site.data / "calls.db"):
        return []
    with closing(queries.connect(config.site.data / "calls.db")) as db:
        found = queries.groups(db, ("department",), Span(*month), Filter())["department"]
    points = []
    for department, sums in found:
        fields = f"spent={sums.cost_micros / _MICRO!r}"
        to_come = forecast(sums.cost_micros, month, second)
        if to_come is not None:
            fields += f",forecast={to_come / _MICRO!r}"
        points.append(f"month_cost{tagged(department=department, site=config.site.name)} {fields} {_hour(second)}")
    return points


def _ranges(config: Config, second: int) -> list[str]:
    """The dearest ranges of the numbers outside; of equally dear ones, those with the most calls."""
    month = Span(*bucket_of("month", second, ZoneInfo(config.site.timezone)))
    if not is_made(config.site.data / "calls.db"):
        return []
    with closing(queries.connect(config.site.data / "calls.db")) as db:
        narrow(db, by_site(config, EVERYTHING))
        found = number_sums(config, config.site.language, db, month)
    ranges: dict[str, Figures] = {}
    for (_, prefix), figures in found.by_range.items():
        if prefix:
            ranges[prefix] = ranges.get(prefix, Figures()).with_(figures)
    dearest = sorted(ranges.items(), key=lambda one: (-one[1].cost, -one[1].calls, one[0]))[:MOST_RANGES]
    return [
        f"number_range{tagged(range=prefix, site=config.site.name)} calls={figures.calls}i,talk_s={figures.talk_s}i,"
        f"cost={float(figures.cost)!r}{text_field('place', found.places[prefix] or None)} {_hour(second)}"
        for prefix, figures in dearest
    ]


def _budgets(config: Config, second: int) -> list[str]:
    """The owner of a budget is told with what he is: a department and a person may have one name."""
    if not config.office.budgets:
        return []
    zone = ZoneInfo(config.site.timezone)
    today = dt.datetime.fromtimestamp(second, zone).date()
    month = bucket_of("month", second, zone)
    points = []
    for one in statements(budgets.ledger(config, today), today.replace(day=1), today):
        spent = int(one.spent * _MICRO)
        fields = f"available={float(one.available)!r},spent={float(one.spent)!r}"
        if one.available > 0:
            fields += f",share={float(one.spent / one.available)!r}"
        to_come = forecast(spent, month, second)
        if to_come is not None:
            fields += f",forecast={to_come / _MICRO!r}"
        points.append(f"budget{tagged(owner=str(one.owner), site=config.site.name)} {fields} {_hour(second)}")
    return points


def _operators(config: Config, second: int) -> list[str]:
    """Calls to the switchboard while nobody was on duty have no operator."""
    if config.office.roster is None:
        return []
    zone, points = ZoneInfo(config.site.timezone), []
    today = bucket_of("day", second, zone)[0]
    for begin in (bucket_of("day", today - 1, zone)[0], today):
        day = dt.datetime.fromtimestamp(begin, zone).date()
        for (operator, shift), done in desk.performance(config, day, day).items():
            tags = tagged(operator=operator, shift=shift, site=config.site.name)
            fields = ",".join(f"{name}={number}i" for name, number in asdict(done).items())
            points.append(f"operator_day{tags} {fields} {begin}000000000")
    return points
