"""How missed calls stand: against a look at every pair of calls."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as some

from collector.office import misses
from collector.office.misses import OutsideCall
from collector.store.office_db import reading, writing

if TYPE_CHECKING:
    from pathlib import Path

    from parsers.records import Direction, Outcome

HOUR = 3600


def call(
    offset: int, start: int, number: str, direction: Direction = "incoming", outcome: Outcome = "unanswered"
) -> OutsideCall:
    return OutsideCall("pbx1", offset, start, number, None, direction, outcome, "101", None, None)


@given(
    some.lists(
        some.tuples(
            some.integers(0, 5 * HOUR),
            some.sampled_from("abc"),
            some.sampled_from(("incoming", "outgoing", "tandem")),
            some.sampled_from(("answered", "unanswered")),
        ),
        max_size=25,
    ),
    some.integers(0, 7 * HOUR),
    some.sets(some.integers(0, 24)),
)
def test_each_stands_as_a_look_at_every_pair_says(
    made: list[tuple[int, str, Direction, Outcome]], now: int, taken: set[int]
) -> None:
    calls = [call(offset, *one) for offset, one in enumerate(made)]
    handled = {("pbx1", offset): (9.0, "Li") for offset in taken}
    found = misses.misses(calls, handled, lambda one: one.number, HOUR, now)
    assert sorted(one.call.offset for one in found) == [
        one.offset for one in calls if (one.direction, one.outcome) == ("incoming", "unanswered")
    ]
    for one in found:
        later = [
            other.start
            for other in calls
            if other.number == one.call.number
            and other.start >= one.call.start
            and (other.direction != "incoming" or other.outcome == "answered")
        ]
        if later and min(later) <= one.call.start + HOUR:
            assert (one.standing, one.at) == ("returned", min(later))
        elif one.call.offset in taken:
            assert (one.standing, one.by) == ("handled", "Li")
        elif later:
            assert (one.standing, one.at) == ("late", min(later))
        else:
            assert one.standing == ("open" if now <= one.call.start + HOUR else "overdue")
    order = [("open", "overdue").index(one.standing) if one.standing in ("open", "overdue") else 2 for one in found]
    assert order == sorted(order)


def test_who_handled_it_first_counts_and_nothing_is_taken_back(tmp_path: Path) -> None:
    with writing(tmp_path) as db:
        misses.handle(db, "pbx1", 7, "Li")
        misses.handle(db, "pbx1", 7, "Wang")
    with reading(tmp_path) as db:
        assert misses.handled(db)["pbx1", 7][1] == "Li"
    with pytest.raises(sqlite3.IntegrityError, match="nothing is deleted"), writing(tmp_path) as db:
        db.execute("DELETE FROM handled_misses")
