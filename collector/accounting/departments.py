"""Which department stands under which, a tree of any depth.

A CSV file, ``department,above,from,until``. ``above`` is the department that one stands under; empty for one at the
top. Dates are days, both included; an empty one means always. What the file does not name stands at the top.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from math import inf
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from collector.accounting.sheet import Sheet, day_of
from collector.problems import choices

if TYPE_CHECKING:
    from pathlib import Path

    from collector.accounting.sheet import Cell
    from collector.config.model import Site

_COLUMNS = ("department", "above", "from", "until")
_DAY = dt.timedelta(days=1)


class Stay(NamedTuple):
    """A department from one UTC second up to another, which is not in it any more."""

    department: str
    first: float
    end: float


class Reach(NamedTuple):
    """What is of a department: it and those below it, each while it stands there."""

    department: str
    stays: tuple[Stay, ...]

    def holds(self, department: str | None, at: float) -> bool:
        """Whether what was a department's at a UTC second is of this one."""
        return any(stay.department == department and stay.first <= at < stay.end for stay in self.stays)


class _Place(NamedTuple):
    """Where a department stands from the first day to the last."""

    above: str
    first: dt.date
    last: dt.date


class Departments:
    """The tree, asked by day."""

    def __init__(self, places: dict[str, list[_Place]]) -> None:
        self._places = places

    @classmethod
    def load(cls, path: Path | None) -> Departments:
        """Load the tree; without a file every department stands alone. Raises ConfigError with all the faults of the file."""
        if path is None:
            return cls({})
        sheet = Sheet(path, _COLUMNS, needed=("department",))
        places: dict[str, list[_Place]] = defaultdict(list)
        cells: list[tuple[str, _Place, Cell]] = []
        for row in sheet.rows():
            name, place = row["department"].text, _place(sheet, row)
            if any(place.first <= other.last and other.first <= place.last for other in places[name]):
                sheet.fault(row["department"], f'"{name}" stands in two places on one day', "end one before the other")
            places[name].append(place)
            cells.append((name, place, row["above"]))
        tree = cls(dict(places))
        for name, place, cell in cells:
            if place.above and place.above not in places:
                sheet.fault(cell, f'there is no department "{place.above}"', choices(place.above, list(places)))
            elif day := tree._round(name, place):
                sheet.fault(
                    cell, f'"{name}" stands under itself on {day}', "a department is not above those it is under"
                )
        sheet.close()
        return tree

    def above(self, department: str, day: dt.date) -> tuple[str, ...]:
        """The departments above one on a day, the nearest first."""
        chain: list[str] = []
        name = self._directly_above(department, day)
        while name and name not in chain:
            chain.append(name)
            name = self._directly_above(name, day)
        return tuple(chain)

    def within(self, department: str, day: dt.date) -> set[str]:
        """A department and all under it on a day."""
        return {department} | {name for name in self._places if department in self.above(name, day)}

    def reach(self, department: str, timezone: str) -> Reach:
        """A department and all below it, in the days of a zone."""
        zone = ZoneInfo(timezone)
        stays = [Stay(department, -inf, inf)]
        for first, last in self.spells():
            begin = -inf if first == dt.date.min else _midnight(first, zone)
            end = inf if last == dt.date.max else _midnight(last + _DAY, zone)
            for name in sorted(self.within(department, first) - {department}):
                before = next((stay for stay in stays if (stay.department, stay.end) == (name, begin)), None)
                if before:
                    stays.remove(before)
                stays.append(Stay(name, before.first if before else begin, end))
        return Reach(department, tuple(stays))

    def spells(self, first: dt.date = dt.date.min, last: dt.date = dt.date.max) -> list[tuple[dt.date, dt.date]]:
        """The days from the first to the last, divided where the tree changes: first and last day of each part."""
        places = [place for places in self._places.values() for place in places]
        begins = {place.first for place in places} | {place.last + _DAY for place in places if place.last < dt.date.max}
        days = [first, *sorted(day for day in begins if first < day <= last)]
        return list(zip(days, [*(day - _DAY for day in days[1:]), last], strict=True))

    def names(self) -> set[str]:
        """Every department the file names, on any day."""
        return set(self._places)

    def on(self, day: dt.date) -> list[tuple[int, str]]:
        """Every department the file names on a day, each below the one it stands under: its depth, from 0, and its name."""
        standing = [name for name in self._places if self._standing(name, day)]
        chains = {name: (*reversed(self.above(name, day)), name) for name in standing}
        return [(len(chain) - 1, name) for name, chain in sorted(chains.items(), key=lambda item: item[1])]

    def _standing(self, department: str, day: dt.date) -> _Place | None:
        places = self._places.get(department, ())
        return next((place for place in places if place.first <= day <= place.last), None)

    def _directly_above(self, department: str, day: dt.date) -> str:
        place = self._standing(department, day)
        return place.above if place else ""

    def _round(self, name: str, place: _Place) -> dt.date | None:
        """A day on which a department is above itself. A round is there from the first day of one of its places on."""
        begins = {place.first} | {other.first for others in self._places.values() for other in others}
        days = sorted(day for day in begins if place.first <= day <= place.last)
        return next((day for day in days if name in self.above(name, day)), None)


def reach_of(site: Site, department: str) -> Reach:
    """A department of a site and all below it. Raises ConfigError with the faults of the file."""
    return Departments.load(site.departments).reach(department, site.timezone)


def _midnight(day: dt.date, zone: ZoneInfo) -> float:
    return dt.datetime.combine(day, dt.time(), zone).timestamp()


def _place(sheet: Sheet, row: dict[str, Cell]) -> _Place:
    first, last = day_of(sheet, row["from"], dt.date.min), day_of(sheet, row["until"], dt.date.max)
    if last < first:
        sheet.fault(row["until"], '"until" is before "from"', "until is the last day")
    return _Place(row["above"].text, first, last)
