"""A bill of a hundred thousand lines, made of calls with a drifting clock, rounding, lines missing, added and changed."""

from __future__ import annotations

import random
import time
from decimal import Decimal
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from collector.reconciliation.assignment import assigned
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
    longer: set[int]


def plant(count: int, seed: int) -> Planted:
    """A month of calls to a few thousand numbers; some are billed in another order than they were made, moments apart."""
    chance = random.Random(seed)
    ours: list[OurCall] = []
    theirs: list[BilledCall] = []
    only_ours, only_theirs, differing, longer = set[int](), set[int](), set[int](), set[int]()
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
        elif kind < 0.04:
            longer.add(billed.row)
            billed = billed._replace(talk_s=billed.talk_s + 60 * chance.randint(2, 90))
        elif kind < 0.06:  # another one begins moments later, lasts longer, and is billed as if it came before
            theirs.append(billed)
            later, other_s = chance.randint(1, 4), talk_s + chance.randint(200, 900)
            other = -(-other_s // 60)
            ours.append(OurCall("pbx2", offset, number, start + later, other_s, other * MINUTE_PRICE))
            before = start + ahead - chance.randint(1, 9)
            billed = BilledCall(len(theirs) + 2, number, before, other * 60, other * MINUTE_PRICE)
        if kind >= 0.01:
            theirs.append(billed)
        if not 0.01 <= kind < 0.02:
            ours.append(OurCall("pbx1", offset, number, start, talk_s, cost))
    chance.shuffle(theirs)
    return Planted(ours, theirs, only_ours, only_theirs, differing, longer)


def test_what_was_planted_is_found_and_nothing_else() -> None:
    planted = plant(LINES, 1)
    found = reconcile(planted.ours, planted.theirs, Tolerance(time_s=30), lambda number: number)
    assert {call.offset for call in found.only_ours} == planted.only_ours
    assert {line.row for line in found.only_theirs} == planted.only_theirs
    assert {pair.theirs.row for pair in found.amounts_differ} == planted.differing
    assert {pair.theirs.row for pair in found.durations_differ} == planted.longer
    others = len(planted.only_theirs) + len(planted.differing) + len(planted.longer)
    assert len(found.same) == len(planted.theirs) - others
    assert all(pair.ours.number == pair.theirs.number for pair in found.same)
    assert all(pair.theirs.talk_s == 60 * -(-pair.ours.talk_s // 60) for pair in found.same)
    days = sorted(found.drift_s)
    assert abs(found.drift_s[days[0]] - 40) < 4
    assert abs(found.drift_s[days[-1]] - 75) < 4


def test_two_calls_a_moment_apart_are_paired_as_they_fit_best() -> None:
    ours = [OurCall("pbx1", n, "5550123", 1000 + 40 * n, talk_s, None) for n, talk_s in enumerate((30, 30, 30))]
    theirs = [BilledCall(row, "5550123", 1000 + 40 * n, 60, None) for row, n in ((2, 1), (3, 2), (4, 0))]
    found = reconcile(ours, theirs, Tolerance(), lambda number: number)
    assert [(pair.ours.offset, pair.theirs.row) for pair in found.same] == [(1, 2), (2, 3), (0, 4)]


def test_two_calls_billed_in_another_order_are_paired_by_what_they_are() -> None:
    ours = [OurCall("pbx1", n, "5550123", 1000 + 5 * n, talk_s, None) for n, talk_s in enumerate((30, 600))]
    theirs = [BilledCall(2, "5550123", 1002, 600, None), BilledCall(3, "5550123", 1004, 60, None)]
    found = reconcile(ours, theirs, Tolerance(), lambda number: number)
    assert [(pair.ours.offset, pair.theirs.row) for pair in found.same] == [(1, 2), (0, 3)]


def test_a_duration_that_differs_is_told_of_the_call_at_that_time() -> None:
    ours = [OurCall("pbx1", n, "5550123", 1000 + 40 * n, 30, None) for n in range(3)]
    theirs = [BilledCall(2 + n, "5550123", 1000 + 40 * n, 60 + 540 * (n == 1), None) for n in range(3)]
    found = reconcile(ours, theirs, Tolerance(), lambda number: number)
    assert [(pair.ours.offset, pair.theirs.row) for pair in found.durations_differ] == [(1, 3)]
    assert len(found.same) == 2


def test_calls_to_one_number_without_a_gap_for_a_month_are_paired_in_bounded_time() -> None:
    ours = [OurCall("pbx1", n, "5550123", OCTOBER + 60 * n, 30, None) for n in range(20_000)]
    missing = set(random.Random(4).sample(range(1, 20_000), 200))
    theirs = [BilledCall(n, "5550123", OCTOBER + 60 * n + n % 3, 60, None) for n in range(20_000) if n not in missing]
    began = time.monotonic()
    found = reconcile(ours, theirs, Tolerance(), lambda number: number)
    assert time.monotonic() - began < 60
    assert {call.offset for call in found.only_ours} == missing


@given(
    data=st.data(),
    rows=st.integers(0, 6),
    columns=st.integers(0, 6),
)
def test_no_assignment_has_more_pairs_or_costs_less(data: st.DataObject, rows: int, columns: int) -> None:
    cost = st.none() | st.integers(0, 30)
    costs = [[data.draw(cost) for _ in range(columns)] for _ in range(rows)]
    table = [[(place, price) for place, price in enumerate(row) if price is not None] for row in costs]
    found = assigned(table, columns)
    used = [place for place in found if place is not None]
    assert len(used) == len(set(used))
    prices = [costs[row][place] for row, place in enumerate(found) if place is not None]
    assert (-len(used), sum(price for price in prices if price is not None)) == _best(costs, 0, frozenset())


def _best(costs: list[list[int | None]], row: int, used: frozenset[int]) -> tuple[int, int]:
    """By trying everything: pairs, negative, and what they cost."""
    if row == len(costs):
        return 0, 0
    ways = [_best(costs, row + 1, used)]
    for place, price in enumerate(costs[row]):
        if price is not None and place not in used:
            pairs, total = _best(costs, row + 1, used | {place})
            ways.append((pairs - 1, total + price))
    return min(ways)


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
