"""Who held an extension when a call was made.

The directory is a CSV file, ``extension,department,person,post,may_call,from,until,site``. Dates are days of the site's
calendar, both included; an empty one means always. Rows of one extension that overlap are people who share it. ``post``
is the person's. ``may_call`` are the classes of numbers granted to the extension (``local mobile``); empty grants all.
``site`` is where the extension is; empty is at every site.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from math import inf
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from collector.accounting.plan import CLASSES
from collector.accounting.sheet import Sheet, site_of
from collector.problems import choices

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from collector.accounting.sheet import Cell
    from collector.config import Config

COLUMNS = ("extension", "department", "person", "post", "may_call", "from", "until", "site")


class _Holder(NamedTuple):
    """``first`` and ``end`` are UTC seconds; ``end`` is the first second no longer held."""

    first: float
    end: float
    department: str
    person: str
    post: str
    may_call: frozenset[str]


class Held(NamedTuple):
    """What is told of an extension from one moment, at which its holders change, to the next.

    ``named`` are department and person, None where not known: people who share an extension are named together, the
    department is that of the first of them. ``granted`` are classes of numbers, None where all are.
    """

    named: tuple[str | None, str | None]
    granted: frozenset[str] | None
    posts: frozenset[str]

    def may_call(self, class_: str) -> bool:
        """Whether a class of numbers is granted to the extension: to anybody who holds it."""
        return self.granted is None or class_ in self.granted


_Times = tuple[list[float], list[Held]]
"""Moments, and what is told before the first of them, from it on, from the next on."""


class Directory:
    """The holders of every extension."""

    def __init__(self, holders: dict[str, list[_Holder]]) -> None:
        self._holders = holders
        self._times: dict[str | None, _Times] = {ext: _times(several) for ext, several in holders.items()}

    @classmethod
    def load(
        cls,
        path: Path | None,
        timezone: str = "UTC",
        text: str | None = None,
        *,
        sites: Collection[str] = (),
        at: str | None = None,
    ) -> Directory:
        """Load a directory; without a file nobody is known. Raises ConfigError with all the faults of the file.

        With ``text``, that is what is in the file. ``sites`` are those that there are, ``at`` the one whose extensions are
        asked for; without it they are of all sites.
        """
        if path is None:
            return cls({})
        zone = ZoneInfo(timezone)
        sheet = Sheet(path, COLUMNS, needed=("extension",), text=text)
        holders: dict[str, list[_Holder]] = {}
        for row in sheet.rows():
            first = _midnight(sheet, row["from"], zone, days=0, always=-inf)
            end = _midnight(sheet, row["until"], zone, days=1, always=inf)
            if end <= first:
                sheet.fault(row["until"], '"until" is before "from"', "until is the last day")
            granted = _classes(sheet, row["may_call"])
            if site_of(sheet, row["site"], sites) not in ("", at or row["site"].text):
                continue
            holder = _Holder(first, end, row["department"].text, row["person"].text, row["post"].text, granted)
            holders.setdefault(row["extension"].text, []).append(holder)
        sheet.close()
        return cls(holders)

    def held(self, extension: str | None, at: int) -> Held:
        """What is told of an extension at a moment in UTC seconds."""
        moments, told = self._times.get(extension, _NEVER)
        return told[bisect_right(moments, at)]

    def is_held(self, extension: str, at: int) -> bool:
        """Whether anybody, or a department, holds an extension at a moment in UTC seconds."""
        return any(holder.first <= at < holder.end for holder in self._holders.get(extension, ()))

    def extensions(self, at: int) -> set[str]:
        """The extensions that are held at a moment in UTC seconds."""
        return {extension for extension in self._holders if self.is_held(extension, at)}

    def restricted(self) -> frozenset[str]:
        """The extensions that were, at any time, granted some classes of numbers and not all."""
        return frozenset(
            extension for extension, holders in self._holders.items() if any(holder.may_call for holder in holders)
        )

    def days_of(self, person: str) -> list[tuple[float, float]]:
        """When a person holds any extension: the first UTC second of each time, and the first behind it."""
        return [
            (holder.first, holder.end)
            for holders in self._holders.values()
            for holder in holders
            if holder.person == person
        ]

    def holding(self, at: int) -> list[tuple[str, str, str]]:
        """Department, person and post of every extension at a moment in UTC seconds, in the order of the file."""
        return [
            (holder.department, holder.person, holder.post)
            for holders in self._holders.values()
            for holder in holders
            if holder.first <= at < holder.end
        ]


def _times(holders: list[_Holder]) -> _Times:
    """The moments at which holders of an extension change, and what is told before the first, and from each on."""
    moments = sorted({moment for holder in holders for moment in (holder.first, holder.end)})
    return moments, [_told([one for one in holders if one.first <= at < one.end]) for at in (-inf, *moments)]


def _told(then: list[_Holder]) -> Held:
    department = next((holder.department for holder in then if holder.department), None)
    persons = " / ".join(holder.person for holder in then if holder.person) or None
    grants_all = not all(holder.may_call for holder in then) or not then
    granted = None if grants_all else frozenset[str]().union(*(holder.may_call for holder in then))
    return Held((department, persons), granted, frozenset(holder.post for holder in then if holder.post))


_NEVER = _times([])
"""Of an extension that nobody ever held."""


def directory_of(config: Config) -> Directory:
    """Who holds the extensions of a site. Raises ConfigError with the faults of the file."""
    site = config.site
    return Directory.load(site.directory, site.timezone, sites=config.sites, at=site.name)


def _classes(sheet: Sheet, cell: Cell) -> frozenset[str]:
    classes = frozenset(cell.text.split())
    for name in sorted(classes - set(CLASSES)):
        sheet.fault(cell, f'unknown class "{name}"', choices(name, CLASSES))
    return classes


def _midnight(sheet: Sheet, cell: Cell, zone: ZoneInfo, *, days: int, always: float) -> float:
    """Return the UTC second at which a day begins, or the one ``days`` later."""
    if not cell.text:
        return always
    try:
        day = dt.datetime.strptime(cell.text, "%Y-%m-%d").replace(tzinfo=zone)
    except ValueError:
        sheet.fault(cell, f'"{cell.text}" is not a day', "write the date as 2026-01-31")
        return always
    return (day + dt.timedelta(days=days)).timestamp()
