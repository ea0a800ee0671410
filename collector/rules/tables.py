"""What rules look things up in: the tables of the site, the office's notes, and the hours that are worked."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from collector.accounting.comparing import comparable

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from collector.accounting.calendar import WorkingCalendar
    from collector.accounting.directory import Directory
    from collector.accounting.plan import Plan
    from collector.accounting.rating import Rater
    from collector.config.model import Rules, Site
    from collector.office.approvals import Filed
    from collector.office.codes import Codes
    from collector.projection import Accounting
    from parsers.records import Direction

ABROAD = ("hk-macau-taiwan", "international")
LONG_DISTANCE = ("domestic", *ABROAD)
"""Classes of numbers that are far away, those with a country code of their own among them."""

TAIL = -3
"""Where the last digits of a number begin that are the same however it is written: those with others need no comparing."""

_MINUTE_S = 60
_REMEMBERED = 65_536  # minutes: a month has 44,640


class Hours:
    """The site's clock by the minute, which is as fine as its calendar is written."""

    def __init__(self, calendar: WorkingCalendar, zone: ZoneInfo) -> None:
        self._calendar = calendar
        self._zone = zone
        self._worked = lru_cache(_REMEMBERED)(self._is_worked)
        self._minute = lru_cache(_REMEMBERED)(self._minute_of_day)
        self._local = lru_cache(_REMEMBERED)(self._to_local)

    def is_worked(self, at: int) -> bool:
        """Whether a POSIX second is in working time."""
        return self._worked(at // _MINUTE_S)

    def is_worked_day(self, at: int) -> bool:
        """Whether the day of a POSIX second is worked."""
        return self._calendar.is_worked(self.day(at))

    def local(self, at: int) -> dt.datetime:
        """A POSIX second as the site's clocks show it, to the minute."""
        return self._local(at // _MINUTE_S)

    def minute_of_day(self, at: int) -> int:
        """The minutes since midnight by the site's clocks at a POSIX second."""
        return self._minute(at // _MINUTE_S)

    def day(self, at: int) -> dt.date:
        """The day of the site that a POSIX second is in."""
        return self._local(at // _MINUTE_S).date()

    def _is_worked(self, minute: int) -> bool:
        return self._calendar.is_working_time(self._local(minute).replace(tzinfo=None))

    def _minute_of_day(self, minute: int) -> int:
        local = self._local(minute)
        return local.hour * 60 + local.minute

    def _to_local(self, minute: int) -> dt.datetime:
        return dt.datetime.fromtimestamp(minute * _MINUTE_S, self._zone)


@dataclass(frozen=True)
class Tables:
    """Everything that decides about calls besides the calls. ``now`` and ``recorded_since`` are POSIX seconds.

    ``marked`` are identities of calls that were marked as private afterwards; ``recorded_since`` is the start of the first
    call there is.
    """

    settings: Rules
    site: Site
    zone: ZoneInfo
    hours: Hours
    plan: Plan
    directory: Directory
    accounting: Accounting
    rater: Rater | None
    codes: Codes
    applications: tuple[Filed, ...]
    marked: frozenset[tuple[str, int]]
    recorded_since: int
    now: float

    def outside(self, number: str, carrier: str | None, direction: Direction) -> str:
        """The number of the outside party of a call, comparable with that of other calls of either direction."""
        rest = number if direction == "incoming" else self.plan.rest(number, carrier)
        return comparable(rest, self.site.area_code)
