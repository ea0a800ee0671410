"""What missed calls take away: a month's allowance each, and at so many in a year what is left of the year's.

It depends on all that one person missed in a year and that was not waived, so it is not kept but told when it is asked for.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from collector.rules.violation import Key, Violation

_YEAR = 12


class Count(NamedTuple):
    """The how manieth call a person missed in the month and in the year, and the months of allowance it takes away."""

    in_month: int
    in_year: int
    months: int


def counted(missed: Iterable[tuple[dt.date, Violation]], year_at: int) -> dict[Key, Count]:
    """The count of each missed call that counts, given with its day at the site, in any order.

    Those who share a phone are counted together; a phone that is nobody's counts for itself.
    """
    months: Counter[tuple[str, int, int]] = Counter()
    years: Counter[tuple[str, int]] = Counter()
    counts: dict[Key, Count] = {}
    for day, one in sorted(missed, key=lambda entry: (entry[1].at, entry[1].source, entry[1].offset)):
        who = one.person or one.extension
        months[who, day.year, day.month] += 1
        years[who, day.year] += 1
        nth = years[who, day.year]
        taken = _YEAR - (year_at - 1) if nth == year_at else 1
        counts[one.key] = Count(months[who, day.year, day.month], nth, taken)
    return counts
