"""Periods have the days that the calendar gives them."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from collector.reports.period import FORMS, Unit, after, before, named, period_of

DAYS = st.dates(dt.date(1971, 1, 1), dt.date(2100, 12, 31))
UNITS = st.sampled_from(list(FORMS))


@given(UNITS, DAYS)
def test_periods_touch_and_are_found_by_their_names(unit: Unit, day: dt.date) -> None:
    period = period_of(unit, day)
    assert period.first <= day <= period.last
    assert named(unit, period.name) == period
    assert before(unit, period).last == period.first - dt.timedelta(days=1)
    assert after(unit, before(unit, period)) == period


def test_well_known_periods() -> None:
    assert period_of("month", dt.date(2024, 2, 10))[:2] == (dt.date(2024, 2, 1), dt.date(2024, 2, 29))
    assert period_of("quarter", dt.date(2026, 12, 31)) == (dt.date(2026, 10, 1), dt.date(2026, 12, 31), "2026-Q4")
    assert period_of("week", dt.date(2027, 1, 1)) == (dt.date(2026, 12, 28), dt.date(2027, 1, 3), "2026-W53")


def test_a_day_has_the_seconds_of_the_site() -> None:
    span = named("day", "2026-10-25").seconds(ZoneInfo("Europe/Berlin"))
    assert span.last - span.first == 25 * 3600
