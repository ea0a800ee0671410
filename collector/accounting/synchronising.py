"""A directory brought up to what a directory server lists today. What was before stays: rows end, others begin."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, NamedTuple

from collector.accounting.ldap import Listed
from collector.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_FEW = 5
"""So many people may always go at once."""


class Entry(NamedTuple):
    """A row of the directory as it is written."""

    extension: str
    department: str
    person: str
    post: str
    may_call: str
    first: str
    until: str
    site: str = ""

    def holds(self, day: dt.date) -> bool:
        """Whether it is in force on a day."""
        return (self.first or "0001-01-01") <= day.isoformat() <= (self.until or "9999-12-31")


def synchronised(
    rows: Iterable[Sequence[str]], listed: Sequence[Listed], today: dt.date, *, force: bool = False
) -> list[Entry]:
    """The rows that are in force from today on, and all before.

    Rows without a person, a lobby or a fax, are nobody's but ours and stay. Raises `UserError` where more than half of
    the people would go, unless ``force``: a server that answers with less than it has must not empty the directory.
    """
    yesterday = (today - dt.timedelta(days=1)).isoformat()
    missing, granted = set(listed), dict[tuple[str, str], str]()
    kept: list[Entry] = []
    ended = held = 0
    for row in map(Entry._make, rows):
        if not row.person or not row.holds(today):
            kept.append(row)
            continue
        held += 1
        listing = Listed(row.extension, row.department, row.person, row.post, row.site)
        granted.setdefault((row.site, row.extension), row.may_call)
        if listing in missing:
            missing.discard(listing)
            kept.append(row)
            continue
        ended += 1
        if row.first != today.isoformat():  # what began today has not been in force on any day before
            kept.append(row._replace(until=yesterday))
    gone = ended - sum((listing.site, listing.extension) in granted for listing in missing)
    if not force and gone > max(_FEW, held // 2):
        raise UserError(f"{gone} of {held} people would go. Where that is meant, say --force.")
    return kept + [
        Entry(
            new.extension,
            new.department,
            new.person,
            new.post,
            granted.get((new.site, new.extension), ""),
            today.isoformat(),
            "",
            new.site,
        )
        for new in sorted(missing)
    ]
