"""Day first or month first: what the dates that a PBX prints tell about it.

Every new date is asked once. It tells most when it was printed just now and only one order makes it the day of
receiving. It tells something when it is a date in one order only (the 25th is no month; but it may be a damaged one), or
when it is next to the date before it in one order and far from it in the other.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Literal, NamedTuple

DayOrder = Literal["dmy", "mdy"]

SURE = 0.75
"""From this certainty on, the order that is told holds against the one a format has by default."""

_ORDERS: tuple[DayOrder, DayOrder] = ("dmy", "mdy")
_NEAR_DAYS = 2
_NEXT_DAYS = 7
_FAR_DAYS = 20
_VOTES_OF_NOW = 2
_MOST_DATES = 4096
_LEAP_YEAR = 2000


class Told(NamedTuple):
    """The order that the dates tell, and how sure that is: 0.5 tells nothing, 1 is never reached.

    ``agree`` of ``telling`` votes are for it.
    """

    order: DayOrder
    certainty: float
    agree: int
    telling: int

    def __str__(self) -> str:
        first = "day" if self.order == "dmy" else "month"
        return f"the {first} first, {self.certainty:.0%} sure"


class DateEvidence:
    """Collects what the dates of one source tell. Memory is bounded; the votes stay."""

    def __init__(self) -> None:
        self._votes: dict[DayOrder, int] = dict.fromkeys(_ORDERS, 0)
        self.seen: set[tuple[int, int, int | None]] = set()
        self._before: dict[DayOrder, int] = {}

    @property
    def told(self) -> Told | None:
        """What the dates tell so far; None while none told anything, or as many the one as the other."""
        one, other = sorted(_ORDERS, key=lambda order: -self._votes[order])
        agree, telling = self._votes[one], self._votes[one] + self._votes[other]
        if agree == self._votes[other]:
            return None
        return Told(one, round((agree + 1) / (telling + 2), 2), agree, telling)

    def saw(self, first: int, second: int, year: int | None, received: float) -> None:
        """Take a date not `seen` yet: its figures as printed (no year: None), and when it came in POSIX seconds."""
        if len(self.seen) >= _MOST_DATES:
            self.seen.clear()
        self.seen.add((first, second, year))
        days = {"dmy": _day(year, second, first), "mdy": _day(year, first, second)}
        possible: dict[DayOrder, int] = {order: day for order in _ORDERS if (day := days[order]) is not None}
        if len(possible) == 1:
            self._votes[next(iter(possible))] += 1
        elif len(set(possible.values())) == len(_ORDERS):
            self._compare(possible, year, received)
        self._before |= possible

    def _compare(self, days: dict[DayOrder, int], year: int | None, received: float) -> None:
        """Vote for the order that puts the date near to the day of receiving, or else next to the date before it."""
        today = datetime.fromtimestamp(received, UTC).date()
        now = (today.replace(year=_LEAP_YEAR) if year is None else today).toordinal()
        from_now = {order: _apart(day, now, year) for order, day in days.items()}
        winner = _clearly_least(from_now, _NEAR_DAYS)
        if winner:
            self._votes[winner] += _VOTES_OF_NOW
        elif self._before.keys() == days.keys():
            steps = {order: _apart(day, self._before[order], year) for order, day in days.items()}
            winner = _clearly_least(steps, _NEXT_DAYS)
            if winner:
                self._votes[winner] += 1


def _clearly_least(distances: dict[DayOrder, int], at_most: int) -> DayOrder | None:
    near, far = sorted(_ORDERS, key=lambda order: distances[order])
    return near if distances[near] <= at_most and distances[far] >= _FAR_DAYS else None


def _day(year: int | None, month: int, day: int) -> int | None:
    try:
        return date(_LEAP_YEAR if year is None else year, month, day).toordinal()
    except ValueError:
        return None


def _apart(one: int, other: int, year: int | None) -> int:
    """Days between two dates; without a year, over the turn of the year where that is shorter."""
    days = abs(one - other)
    return min(days, 366 - days) if year is None else days
