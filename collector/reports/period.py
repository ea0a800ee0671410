"""The periods that reports are of: days, weeks, months, quarters and years of the site's calendar, and any other span."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Literal, NamedTuple

from collector.store.queries import Span

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

Unit = Literal["day", "week", "month", "quarter", "year"]

FORMS: dict[Unit, str] = {
    "day": "2026-01-31",
    "week": "2026-W05",
    "month": "2026-01",
    "quarter": "2026-Q1",
    "year": "2026",
}
"""How a period of each kind is written."""
_PATTERNS: dict[Unit, str] = {
    "day": r"(\d{4})-(\d\d)-(\d\d)",
    "week": r"(\d{4})-W(\d\d)",
    "month": r"(\d{4})-(\d\d)",
    "quarter": r"(\d{4})-Q([1-4])",
    "year": r"(\d{4})",
}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
DAY = dt.timedelta(days=1)
_FIRST_YEAR, _LAST_YEAR = 1970, 9998


class Period(NamedTuple):
    """From the first day to the last, both included; ``name`` is how it is written."""

    first: dt.date
    last: dt.date
    name: str

    def seconds(self, zone: ZoneInfo) -> Span:
        """The period in UTC seconds."""
        first, end = (dt.datetime.combine(day, dt.time(), zone) for day in (self.first, self.last + DAY))
        return Span(int(first.timestamp()), int(end.timestamp()))


def period_of(unit: Unit, day: dt.date) -> Period:
    """The period of a kind that holds a day. Weeks are those of ISO 8601: they begin on Monday."""
    if unit == "day":
        return Period(day, day, f"{day}")
    if unit == "week":
        year, week, weekday = day.isocalendar()
        monday = day - (weekday - 1) * DAY
        return Period(monday, monday + 6 * DAY, f"{year}-W{week:02d}")
    months = _MONTHS[unit]
    number = (day.year * 12 + day.month - 1) // months * months
    first = _month(number)
    names = {"month": f"{first:%Y-%m}", "quarter": f"{first:%Y}-Q{first.month // 3 + 1}", "year": f"{first:%Y}"}
    return Period(first, _month(number + months) - DAY, names[unit])


def before(unit: Unit, period: Period) -> Period:
    """The period of the same kind that ends where this one begins."""
    return period_of(unit, period.first - DAY)


def after(unit: Unit, period: Period) -> Period:
    """The period of the same kind that begins where this one ends."""
    return period_of(unit, period.last + DAY)


def named(unit: Unit, text: str) -> Period:
    """The period that a person wrote. Raises ValueError with message and hint."""
    match = re.fullmatch(_PATTERNS[unit], text)
    try:
        day = _first_day(unit, *map(int, match.groups())) if match else None
    except ValueError:
        day = None
    if day is None:
        raise ValueError(f'"{text}" is not a {unit}', f"write {FORMS[unit]}")
    return period_of(unit, day)


def between(first: dt.date, last: dt.date) -> Period:
    """Any span of days, both included."""
    return Period(first, last, f"{first} – {last}")  # noqa: RUF001  (an en dash is what stands between two dates)


def _first_day(unit: Unit, year: int, number: int = 1, day: int = 1) -> dt.date:
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise ValueError(year)
    if unit == "week":
        return dt.date.fromisocalendar(year, number, 1)
    return dt.date(year, 3 * number - 2 if unit == "quarter" else number, day)


def _month(number: int) -> dt.date:
    return dt.date(number // 12, number % 12 + 1, 1)
