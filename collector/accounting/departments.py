"""Which department stands under which, a tree of any depth.

A CSV file, ``department,above,from,until``. ``above`` is the department that one stands under; empty for one at the
top. Dates are days, both included; an empty one means always. What the file does not name stands at the top.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from collector.accounting.sheet import Sheet, day_of
from collector.problems import choices

if TYPE_CHECKING:
    from pathlib import Path

    from collector.accounting.sheet import Cell

_COLUMNS = ("department", "above", "from", "until")


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


def _place(sheet: Sheet, row: dict[str, Cell]) -> _Place:
    first, last = day_of(sheet, row["from"], dt.date.min), day_of(sheet, row["until"], dt.date.max)
    if last < first:
        sheet.fault(row["until"], '"until" is before "from"', "until is the last day")
    return _Place(row["above"].text, first, last)
