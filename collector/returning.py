"""When a missed call is returned: by the first call that is made to its number, or that comes from it and is answered.

Anybody in the office may make or answer it. It is returned in time where that call begins within so many seconds.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parsers.records import Direction, Outcome


def is_missed(direction: Direction, outcome: Outcome) -> bool:
    """Whether a call came in and nobody answered."""
    return direction == "incoming" and outcome == "unanswered"


def is_contact(direction: Direction, outcome: Outcome) -> bool:
    """Whether a missed call is returned by such a one: made, or answered."""
    return outcome == "answered" if direction == "incoming" else direction != "internal"


def returned_at(missed: int, contacts: Sequence[int]) -> int | None:
    """When a call missed at a second was returned, if ever; ``contacts`` are the seconds of the calls with its number, in order."""
    place = bisect_left(contacts, missed)
    return contacts[place] if place < len(contacts) else None


def in_time(missed: int, contacts: Sequence[int], window_s: int) -> range:
    """The places of the contacts that return a call in time; none where nobody did."""
    return range(bisect_left(contacts, missed), bisect_right(contacts, missed + window_s))
