"""What a simulated office is: departments with extensions, trunks, and when and how much it telephones."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple, Self

if TYPE_CHECKING:
    from collections.abc import Iterator

_WORKDAY = (
    *(0.10, 0.06, 0.05, 0.05, 0.08, 0.15, 0.35, 1.1, 6.2, 11.0, 12.0, 9.2),
    *(2.9, 5.0, 10.4, 11.2, 9.8, 5.9, 2.1, 1.1, 0.7, 0.4, 0.25, 0.15),
)
"""Weights of the hours of a day: two humps, lunch between them, a quiet night."""
_EVEN_DAY = (1.0,) * 24
_WEEK = (1.12, 1.05, 1.0, 0.98, 0.9, 0.16, 0.08)
_EVEN_WEEK = (1.0,) * 7

_CALLS_A_DAY = 120.0
_HELD_S = 150
"""A call occupies a line about this long: what the office is sized by."""
_TRUNKS = (4, 99)
_OPERATORS = (2, 30)
_DESKS = (45, 190)
"""Fewest and most of each that an office gets; two digits name a trunk, three an extension."""


class Department(NamedTuple):
    """A department: its share of outgoing and of incoming calls, and the mean time in seconds it takes to answer."""

    name: str
    extensions: tuple[str, ...]
    outgoing: float
    incoming: float
    answers_in_s: float


_DEPARTMENTS = (
    # name, share of the desks, of outgoing and of incoming calls, seconds to answer
    ("销售部 Sales", 0.28, 0.36, 0.34, 10.0),
    ("客服部 Service", 0.20, 0.16, 0.34, 8.0),
    ("采购部 Purchasing", 0.12, 0.18, 0.10, 13.0),
    ("财务部 Finance", 0.12, 0.10, 0.09, 14.0),
    ("技术部 Engineering", 0.18, 0.12, 0.08, 18.0),
    ("行政部 Administration", 0.10, 0.08, 0.05, 12.0),
)
_SWITCHBOARD = ("总机 Switchboard", 7.0)


@dataclass(frozen=True)
class Profile:
    """An office.

    ``calls_per_day`` is the mean of a day of weight 1; ``hours`` and ``weekdays`` (Monday first) are the weights.
    No trunk is named like an extension.
    """

    calls_per_day: float
    switchboard: Department
    departments: tuple[Department, ...]
    trunks: tuple[str, ...]
    hours: tuple[float, ...] = _WORKDAY
    weekdays: tuple[float, ...] = _WEEK

    @classmethod
    def office(cls, calls_per_day: float = _CALLS_A_DAY, first_extension: int = 100) -> Self:
        """Return an ordinary office with working hours, with as many lines and desks as its busiest hour needs."""
        busiest_hour = calls_per_day * max(_WEEK) * max(_WORKDAY) / sum(_WORKDAY)
        return cls(calls_per_day, *_sized(busiest_hour, first_extension))

    @classmethod
    def steady(cls, calls_per_minute: float, first_extension: int = 100) -> Self:
        """Return an office that telephones as much at any hour of any day: for trials, which do not wait for Monday."""
        sized = _sized(60 * calls_per_minute, first_extension)
        return cls(1440 * calls_per_minute, *sized, hours=_EVEN_DAY, weekdays=_EVEN_WEEK)

    def at_office_hours(self, calls_per_day: float) -> Self:
        """Return the same lines and desks, telephoning in working hours."""
        return replace(self, calls_per_day=calls_per_day, hours=_WORKDAY, weekdays=_WEEK)

    def directory(self) -> dict[str, str]:
        """Return the department of every extension."""
        return {
            extension: department.name
            for department in (self.switchboard, *self.departments)
            for extension in department.extensions
        }


def _sized(busiest_hour: float, first_extension: int) -> tuple[Department, tuple[Department, ...], tuple[str, ...]]:
    """Return switchboard, departments and trunks for so many calls in the busiest hour."""
    erlangs = busiest_hour * _HELD_S / 3600
    trunks = _within(_TRUNKS, 1.3 * erlangs + 4)
    operators = _within(_OPERATORS, erlangs / 6)
    desks = _within(_DESKS, 4 * erlangs)
    name, answers_in_s = _SWITCHBOARD
    extensions = iter(range(first_extension, first_extension + operators + desks + len(_DEPARTMENTS)))
    switchboard = Department(name, _take(extensions, operators), 0.0, 0.0, answers_in_s)
    departments = tuple(
        Department(name, _take(extensions, round(share * desks)), outgoing, incoming, answers)
        for name, share, outgoing, incoming, answers in _DEPARTMENTS
    )
    return switchboard, departments, tuple(f"{number:02}" for number in range(1, trunks + 1))


def _within(limits: tuple[int, int], wanted: float) -> int:
    return max(limits[0], min(limits[1], math.ceil(wanted)))


def _take(numbers: Iterator[int], count: int) -> tuple[str, ...]:
    return tuple(str(next(numbers)) for _ in range(count))
