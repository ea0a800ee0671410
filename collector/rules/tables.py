"""What rules look things up in: the tables of the site, the office's notes, and the hours that are worked."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from collector.accounting.comparing import comparable

if TYPE_CHECKING:
    from collections.abc import Callable
    from zoneinfo import ZoneInfo

    from collector.accounting.calendar import WorkingCalendar
    from collector.accounting.directory import Directory
    from collector.accounting.enriching import Accounting
    from collector.accounting.plan import Plan
    from collector.accounting.rating import Rater
    from collector.config.model import Rules, Site
    from collector.office.approvals import Filed
    from collector.office.codes import Codes
    from parsers.records import Direction

ABROAD = ("hk-macau-taiwan", "international")
LONG_DISTANCE = ("domestic", *ABROAD)
"""Classes of numbers that are far away, those with a country code of their own among them."""

TAIL = -3
"""Where the last digits of a number begin that are the same however it is written: those with others need no comparing."""

MINUTE_S = 60
_REMEMBERED = 65_536
"""So many minutes are remembered, some 13 MB: a month has 44,640."""


class Moment(NamedTuple):
    """What rules ask of the time: whether it is working time, and whether it is night."""

    is_worked: bool
    is_night: bool


class Hours:
    """The site's clock by the minute, which is as fine as its calendar is written. ``night`` is such as 22:00-06:00."""

    def __init__(self, calendar: WorkingCalendar, zone: ZoneInfo, night: str) -> None:
        self._calendar = calendar
        self._zone = zone
        self._dusk, self._dawn = map(dt.time.fromisoformat, night.split("-"))
        self.moment = lru_cache(_REMEMBERED)(self._moment)
        """``moment(at // MINUTE_S)`` is what there is to say of a POSIX second."""

    def is_worked(self, at: int) -> bool:
        """Whether a POSIX second is in working time."""
        return self.moment(at // MINUTE_S).is_worked

    def is_worked_day(self, at: int) -> bool:
        """Whether the day of a POSIX second is worked."""
        return self._calendar.is_worked(self.day(at))

    def day(self, at: int) -> dt.date:
        """The day of the site that a POSIX second is in."""
        return self._local(at).date()

    def day_of_night(self, at: int) -> dt.date:
        """The day on which the night began that a POSIX second is in."""
        local = self._local(at)
        is_from_yesterday = self._dawn < self._dusk and local.time() < self._dawn
        return local.date() - dt.timedelta(days=is_from_yesterday)

    def _moment(self, minute: int) -> Moment:
        local = self._local(minute * MINUTE_S)
        return Moment(self._calendar.is_working_time(local), self._is_night(local.time()))

    def _is_night(self, time: dt.time) -> bool:
        if self._dusk < self._dawn:
            return self._dusk <= time < self._dawn
        return time >= self._dusk or time < self._dawn

    def _local(self, at: int) -> dt.datetime:
        return dt.datetime.fromtimestamp(at - at % MINUTE_S, self._zone).replace(tzinfo=None)


@dataclass(frozen=True)
class Tables:
    """Everything that decides about calls besides the calls. ``now`` and ``recorded_since`` are POSIX seconds.

    ``marked`` are identities of calls that were marked as private afterwards; ``recorded_since`` is the start of the first
    call there is; ``phone`` tells what an extension is called among those of all sites.
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
    phone: Callable[[str], str] = str

    def outside(self, number: str, carrier: str | None, direction: Direction) -> str:
        """The number of the outside party of a call, comparable with that of other calls of either direction."""
        rest = number if direction == "incoming" else self.plan.rest(number, carrier)
        return comparable(rest, self.site.area_code)
