"""A bill of a hundred thousand lines, made of calls with a drifting clock, rounding, lines missing, added and changed."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from collector.reconciliation.bill import BilledCall
from collector.reconciliation.mapping import Tolerance
from collector.reconciliation.matching import OurCall, reconcile

LINES = 100_000
OCTOBER = 1_790_784_000
DAY_S = 86_400
MINUTE_PRICE = Decimal("0.11")


class Planted(NamedTuple):
    """What was put into a bill, and into our calls: places in either list."""

    ours: list[OurCall]
    theirs: list[BilledCall]
    only_ours: set[int]
    only_theirs: set[int]
    differing: set[int]


def plant(count: int, seed: int) -> Planted:
    """A month of calls to a few thousand numbers, some of them several times a minute."""
    chance = random.Random(seed)
    ours: list[OurCall] = []
    theirs: list[BilledCall] = []
    only_ours, only_theirs, differing = set[int](), set[int](), set[int]()
    used: dict[str, list[int]] = {}
    while len(theirs) < count:
        number = f"1{chance.randrange(3000):010}"
        start, talk_s = OCTOBER + chance.randrange(30 * DAY_S), chance.randrange(1, 900)
        if any(abs(start - other) < 300 for other in used.get(number, ())):
            continue
        used.setdefault(number, []).append(start)
        minutes = -(-talk_s // 60)
        cost, offset = minutes * MINUTE_PRICE, 100 * len(used) + len(ours)
        ahead = 40 + round(35 * (start - OCTOBER) / (30 * DAY_S)) + chance.randint(-3, 3)
        billed = BilledCall(len(theirs) + 2, number, start + ahead, minutes * 60, cost)
        kind = chance.random()
        if kind < 0.01:
            only_ours.add(offset)
        elif kind < 0.02:
            only_theirs.add(billed.row)
        elif kind < 0.03:
            differing.add(billed.row)
            billed = billed._replace(amount=cost + Decimal(chance.randint(2, 500)) / 100)
        if kind >= 0.01:
            theirs.append(billed)
        if not 0.01 <= kind < 0.02:
            ours.append(OurCall("pbx1", offset, number, start, talk_s, cost))
    chance.shuffle(theirs)
    return Planted(ours, theirs, only_ours, only_theirs, differing)


def test_what_was_planted_is_found_and_nothing_else() -> None:
    planted = plant(LINES, 1)
    found = reconcile(planted.ours, planted.theirs, Tolerance(time_s=30), lambda number: number)
    assert {call.offset for call in found.only_ours} == planted.only_ours
    assert {line.row for line in found.only_theirs} == planted.only_theirs
    assert {pair.theirs.row for pair in found.amounts_differ} == planted.differing
    assert len(found.same) == LINES - len(planted.only_theirs) - len(planted.differing)
    assert all(pair.ours.number == pair.theirs.number for pair in found.same)
    days = sorted(found.drift_s)
    assert abs(found.drift_s[days[0]] - 40) < 4
    assert abs(found.drift_s[days[-1]] - 75) < 4


def test_two_calls_a_moment_apart_are_paired_as_they_fit_best() -> None:
    ours = [OurCall("pbx1", n, "5550123", 1000 + 40 * n, talk_s, None) for n, talk_s in enumerate((30, 30, 30))]
    theirs = [BilledCall(row, "5550123", 1000 + 40 * n, 60, None) for row, n in ((2, 1), (3, 2), (4, 0))]
    found = reconcile(ours, theirs, Tolerance(), lambda number: number)
    assert [(pair.ours.offset, pair.theirs.row) for pair in found.same] == [(1, 2), (2, 3), (0, 4)]


def test_a_greedy_choice_would_leave_a_call_over() -> None:
    ours = [OurCall("pbx1", n, "5550123", start, 60, None) for n, start in enumerate((0, 80))]
    theirs = [BilledCall(row, "5550123", start, 60, None) for row, start in ((2, 70), (3, 150))]
    found = reconcile(ours, theirs, Tolerance(time_s=75), lambda number: number)
    assert len(found.same) == 2


@given(
    ours=st.lists(st.tuples(st.integers(0, 500), st.integers(1, 120)), max_size=6),
    theirs=st.lists(st.tuples(st.integers(0, 500), st.integers(1, 120)), max_size=6),
)
def test_as_many_as_possible_are_paired_and_each_once(
    ours: list[tuple[int, int]], theirs: list[tuple[int, int]]
) -> None:
    mine = [OurCall("pbx1", n, "1", start, talk_s, None) for n, (start, talk_s) in enumerate(ours)]
    billed = [BilledCall(n, "1", start, talk_s, None) for n, (start, talk_s) in enumerate(theirs)]
    found = reconcile(mine, billed, Tolerance(time_s=60, duration_s=3600), lambda number: number)
    pairs = found.same
    assert len({pair.ours.offset for pair in pairs}) == len({pair.theirs.row for pair in pairs}) == len(pairs)
    assert len(pairs) + len(found.only_ours) == len(ours)
    assert len(pairs) + len(found.only_theirs) == len(theirs)
    drift = next(iter(found.drift_s.values()), 0)
    assert len(pairs) == _most([start for start, _ in ours], [start - drift for start, _ in theirs])


def _most(ours: list[int], theirs: list[int]) -> int:
    """The largest number of pairs within a minute, by augmenting paths."""
    taken: dict[int, int] = {}

    def place(one: int, tried: set[int]) -> bool:
        for other, at in enumerate(theirs):
            if abs(ours[one] - at) <= 60 and other not in tried:
                tried.add(other)
                if other not in taken or place(taken[other], tried):
                    taken[other] = one
                    return True
        return False

    return sum(place(one, set()) for one in range(len(ours)))
