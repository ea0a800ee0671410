"""Who works where on a day, as the directory has it: what budgets and rules ask of it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from collector.accounting.budgets.ledger import Member

if TYPE_CHECKING:
    from collections.abc import Sequence

    from collector.accounting.directory import Directory


class DirectoryStaff:
    """The directory, asked by day of the site."""

    def __init__(self, directory: Directory, timezone: str) -> None:
        self._directory = directory
        self._zone = ZoneInfo(timezone)

    def members(self, day: dt.date) -> Sequence[Member]:
        """Everybody who holds an extension on a day, once, in the department of the first one."""
        at = int(dt.datetime.combine(day, dt.time(12), self._zone).timestamp())
        members: dict[str, Member] = {}
        for department, person in self._directory.holding(at):
            if person:
                members.setdefault(person, Member(person, department))
        return list(members.values())

    def above(self, department: str) -> Sequence[str]:  # noqa: ARG002  (the directory knows no tree yet)
        """The departments above one, the nearest first."""
        return ()
