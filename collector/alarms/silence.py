"""How long a line may be silent: learned from the same hours of the weeks before.

For each hour of the week the calls of the last weeks are compared, and a low one of them (the first quarter) is taken as
what that hour brings at least. While a line is silent these are added up: when `ENOUGH` calls would have come by then
and none did, the silence is no chance. A Sunday that never has calls adds nothing, so it may stay silent; an hour that
always has sixty is missed after minutes. Holidays are compared with days off, days made up with working days.

Where too few weeks are known of an hour, only working hours count, and an hour of silence in them is too much.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable
    from zoneinfo import ZoneInfo

    from collector.accounting.calendar import WorkingCalendar

LEARNED_WEEKS = 8
ENOUGH = 8.0
"""Calls missed at the low rate: by chance alone once in 3,000 times at the very edge, and the edge is low itself."""

_LEAST_WEEKS = 3
_QUARTER = 4
_HOUR = dt.timedelta(hours=1)
_UNLEARNED_S = 3600.0

Slot = tuple[int, int]
"""A weekday (0 is Monday) and an hour."""


class Silence(NamedTuple):
    """A silence so far: ``missed`` calls would have come at least; ``worked_s`` of it are working hours without habit."""

    missed: float
    worked_s: float

    @property
    def is_too_long(self) -> bool:
        """Whether it cannot be by chance any more."""
        return self.missed >= ENOUGH or self.worked_s >= _UNLEARNED_S


class Habit:
    """What the hours of a week bring at least."""

    def __init__(self, usual: dict[Slot, float], zone: ZoneInfo, calendar: WorkingCalendar) -> None:
        self._usual = usual
        self._zone = zone
        self._calendar = calendar

    @classmethod
    def learn(cls, hours: Iterable[tuple[int, int]], until: float, zone: ZoneInfo, calendar: WorkingCalendar) -> Habit:
        """Learn from (hour, calls): the UTC second a local hour begins at; hours left out had none.

        Whole days count, from the first one with a call to the last that is over at ``until``.
        """
        counted: dict[tuple[dt.date, int], int] = defaultdict(int)
        for second, calls in hours:
            local = dt.datetime.fromtimestamp(second, zone)
            counted[local.date(), local.hour] += calls
        weeks: dict[Slot, list[int]] = defaultdict(list)
        today = dt.datetime.fromtimestamp(until, zone).date()
        day = max(min((day for day, _ in counted), default=today), today - dt.timedelta(weeks=LEARNED_WEEKS))
        while day < today:
            for hour in range(24):
                weeks[calendar.is_like(day), hour].append(counted.get((day, hour), 0))
            day += dt.timedelta(days=1)
        usual = {slot: _low(calls) for slot, calls in weeks.items() if len(calls) >= _LEAST_WEEKS}
        return cls(usual, zone, calendar)

    def silence(self, since: float, now: float) -> Silence:
        """A silence from ``since`` to ``now``, POSIX seconds. Reaches back a week at most."""
        missed = worked_s = 0.0
        at = max(since, now - dt.timedelta(weeks=1).total_seconds())
        while at < now:
            local = dt.datetime.fromtimestamp(at, self._zone)
            left = (local.replace(minute=0, second=0, microsecond=0) + _HOUR - local).total_seconds()
            step = min(left, now - at)
            usual = self._usual.get((self._calendar.is_like(local.date()), local.hour))
            if usual is not None:
                missed += usual * step / _HOUR.total_seconds()
            elif self._calendar.is_working_time(local):
                worked_s += step
            at += step
        return Silence(missed, worked_s)


def _low(calls: list[int]) -> float:
    """A low one of these numbers: a quarter of them are lower, or as low."""
    return float(sorted(calls)[len(calls) // _QUARTER])
