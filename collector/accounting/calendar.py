"""Which days and hours are worked: the week, public holidays, and the days a site makes an exception of.

Public holidays come from the library ``holidays``; China's with its made-up working days from ``chinesecalendar``, for
the years the State Council has announced. A site's own days are a CSV file, ``date,kind``: ``holiday`` or ``working``.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import TYPE_CHECKING

from collector.accounting.sheet import Sheet

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from collector.config.model import Calendar

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_KINDS = {"holiday": False, "working": True}
_REMEMBERED_DAYS = 4096


class WorkingCalendar:
    """A site's calendar. ``exceptions`` maps days to whether they are worked."""

    def __init__(self, settings: Calendar, exceptions: Mapping[dt.date, bool]) -> None:
        self._days = frozenset(WEEKDAYS.index(day) for day in settings.working_days)
        self._hours = [_span(text) for text in settings.working_hours]
        self._holidays = settings.holidays
        self._exceptions = exceptions
        self.is_worked = lru_cache(_REMEMBERED_DAYS)(self._is_worked)

    @classmethod
    def load(cls, settings: Calendar) -> WorkingCalendar:
        """Load the calendar that is configured. Raises ConfigError with all the faults of its file."""
        return cls(settings, load_exceptions(settings.exceptions) if settings.exceptions else {})

    def _is_worked(self, day: dt.date) -> bool:
        """Whether ``day`` is worked."""
        exception = self._exceptions.get(day)
        if exception is not None:
            return exception
        announced = _announced(self._holidays, day)
        return day.weekday() in self._days if announced is None else announced

    def is_working_time(self, local: dt.datetime) -> bool:
        """Whether a moment, as the site's clocks show it, is within working hours."""
        return self.is_worked(local.date()) and any(first <= local.time() < end for first, end in self._hours)

    def is_like(self, day: dt.date) -> int:
        """The weekday (0 is Monday) whose traffic a day has: a holiday is like a day off, a day made up like a working one."""
        worked = self.is_worked(day)
        if worked == (day.weekday() in self._days):
            return day.weekday()
        alike = self._days if worked else frozenset(range(7)) - self._days
        return max(alike, default=day.weekday())


def load_exceptions(path: Path) -> dict[dt.date, bool]:
    """The days of a file ``date,kind``. Raises ConfigError with all the faults of the file."""
    sheet = Sheet(path, ("date", "kind", "name"), needed=("date", "kind"))
    days: dict[dt.date, bool] = {}
    for row in sheet.rows():
        kind, date = row["kind"], row["date"]
        if kind.text not in _KINDS:
            sheet.fault(kind, f'"{kind.text}" is no kind of day', "write holiday or working")
        try:
            days[dt.date.fromisoformat(date.text)] = _KINDS.get(kind.text, False)
        except ValueError:
            sheet.fault(date, f'"{date.text}" is not a day', "write the date as 2026-01-31")
    sheet.close()
    return days


def _span(text: str) -> tuple[dt.time, dt.time]:
    """The first moment of ``08:30-12:00`` and the first behind it; 24:00 is the end of the day."""
    first, end = text.split("-")
    return dt.time.fromisoformat(first), dt.time.max if end == "24:00" else dt.time.fromisoformat(end)


def _announced(country: str, day: dt.date) -> bool | None:
    """Whether a country works on ``day`` where that differs from its week; None where the week decides."""
    if country == "none":
        return None
    if country == "CN":
        import chinese_calendar  # noqa: PLC0415  (only where it is China's)

        try:
            worked = chinese_calendar.is_workday(day)
        except NotImplementedError:  # not announced yet: the public holidays, and no day made up
            pass
        else:
            return worked if worked != (day.weekday() < WEEKDAYS.index("sat")) else None
    return False if day in _public(country, day.year) else None


@lru_cache(64)
def _public(country: str, year: int) -> frozenset[dt.date]:
    import holidays  # noqa: PLC0415  (takes a moment: only where a calendar is asked)

    return frozenset(holidays.country_holidays(country, years=year))


def is_country(code: str) -> bool:
    """Whether public holidays are known of a country, by its two letters."""
    import holidays  # noqa: PLC0415  (as above)

    return code in holidays.list_supported_countries(include_aliases=False)
