"""Who approves calls of a department.

A CSV file, ``department,approver,from,until``; an empty ``department`` is every one. The approvers of a department
decide for those below it, too. ``until`` is the last day.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, NamedTuple

from collector.accounting.sheet import Sheet, day_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

_COLUMNS = ("department", "approver", "from", "until")


class Approver(NamedTuple):
    """A row; '' is every department."""

    department: str
    name: str
    first: dt.date
    last: dt.date


class Delegation(NamedTuple):
    """``approver`` has ``delegate`` decide from the first day to the last."""

    approver: str
    delegate: str
    first: dt.date
    last: dt.date


def load_approvers(path: Path) -> tuple[Approver, ...]:
    """Load the approvers. Raises ConfigError with all the faults of the file."""
    sheet = Sheet(path, _COLUMNS, needed=("approver",))
    approvers = []
    for row in sheet.rows():
        first, last = day_of(sheet, row["from"], dt.date.min), day_of(sheet, row["until"], dt.date.max)
        if last < first:
            sheet.fault(row["until"], '"until" is before "from"', "until is the last day")
        approvers.append(Approver(row["department"].text, row["approver"].text, first, last))
    sheet.close()
    return tuple(approvers)


def deciders(
    approvers: Iterable[Approver],
    delegations: Iterable[Delegation],
    departments: Sequence[str],
    day: dt.date,
) -> set[str]:
    """Who may decide on a day for a department: ``departments`` are it and those above it.

    Who was delegated by an approver may, too, but not delegate further.
    """
    named = {
        approver.name
        for approver in approvers
        if approver.department in ("", *departments) and approver.first <= day <= approver.last
    }
    return named | {
        delegation.delegate
        for delegation in delegations
        if delegation.approver in named and delegation.first <= day <= delegation.last
    }
