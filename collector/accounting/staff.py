"""Who works where on a day, as the directory and the tree of departments have it: what budgets and rules ask of them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from collector.accounting.budgets.ledger import Member
from collector.accounting.departments import Departments
from collector.accounting.directory import Directory

if TYPE_CHECKING:
    from collections.abc import Sequence

    from collector.config.model import Site


class DirectoryStaff:
    """The directory and the departments, asked by day of the site."""

    def __init__(self, directory: Directory, departments: Departments, timezone: str) -> None:
        self._directory = directory
        self._departments = departments
        self._zone = ZoneInfo(timezone)

    def members(self, day: dt.date) -> Sequence[Member]:
        """Everybody who holds an extension on a day, once, in the department of the first one."""
        at = int(dt.datetime.combine(day, dt.time(12), self._zone).timestamp())
        members: dict[str, Member] = {}
        for department, person, post in self._directory.holding(at):
            if person:
                members.setdefault(person, Member(person, department, post))
        return list(members.values())

    def above(self, department: str, day: dt.date) -> Sequence[str]:
        """The departments above one on a day, the nearest first."""
        return self._departments.above(department, day)


def staff_of(site: Site) -> DirectoryStaff:
    """Who works where at a site. Raises ConfigError with the faults of the files."""
    return DirectoryStaff(
        Directory.load(site.directory, site.timezone), Departments.load(site.departments), site.timezone
    )
