"""Lines and money on the console: figures of the trunks and cost pages, against counts made by other means."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime
from typing import TYPE_CHECKING

import pytest
from console_office import ZONE, Office
from hypothesis import given
from hypothesis import strategies as some

from collector.occupancy import blocked, held, lines_needed
from collector.store import queries
from collector.store.queries import Filter, Span
from dashboards.web import occupancy, spending

if TYPE_CHECKING:
    import sqlite3

FIRST = int(datetime(2026, 1, 1, tzinfo=ZONE).timestamp())
JANUARY = Span(FIRST, FIRST + 31 * 86_400)


@pytest.mark.parametrize(
    ("erlangs", "lines", "share"),
    # from printed tables of Erlang's formula B
    [(1, 4, 0.0154), (1, 5, 0.0031), (10, 17, 0.0129), (10, 18, 0.0071), (100, 117, 0.0098), (0, 5, 0), (3, 0, 1)],
)
def test_blocking_is_that_of_the_printed_tables(erlangs: float, lines: int, share: float) -> None:
    assert blocked(erlangs, lines) == pytest.approx(share, abs=0.00005)


@pytest.mark.parametrize(("erlangs", "lines"), [(0, 0), (0.01, 1), (0.0102, 2), (1, 5), (10, 18), (100, 117)])
def test_lines_needed_for_one_percent(erlangs: float, lines: int) -> None:
    assert lines_needed(erlangs) == lines


@given(some.floats(0.001, 500), some.floats(0.0001, 0.5))
def test_one_line_less_than_needed_blocks_more(erlangs: float, most: float) -> None:
    lines = lines_needed(erlangs, most)
    assert blocked(erlangs, lines) <= most
    assert lines == 0 or blocked(erlangs, lines - 1) > most


@given(some.lists(some.tuples(some.integers(-50, 150), some.integers(0, 60)), max_size=30), some.integers(0, 5))
def test_lines_held_at_once_are_those_of_a_count_second_by_second(calls: list[tuple[int, int]], lines: int) -> None:
    span = Span(0, 100)
    intervals = [(first, first + length) for first, length in calls]
    counts = [sum(first <= second < end for first, end in intervals) for second in range(100)]
    together = held(intervals, lines, span)
    assert together.most == max(counts, default=0)
    assert together.full_s == (sum(count >= lines for count in counts) if lines else 0)
    assert together.at == (counts.index(together.most) if together.most else None)


def test_trunks_of_a_month_are_those_of_the_calls(db: sqlite3.Connection, filled: Office) -> None:
    sums, hours = queries.trunks(db, JANUARY, Filter())
    days = [Span(first, first + 86_400) for first in range(*JANUARY, 86_400)]
    found = occupancy.occupancy(sums, hours, days, JANUARY.last - JANUARY.first)
    calls: Counter[str] = Counter()
    occupied: dict[str, Counter[int]] = defaultdict(Counter)
    for call in filled.calls:
        if not call.trunk:
            continue
        trunk = f"{call.source} {call.trunk}"
        if JANUARY.first <= call.start < JANUARY.last:
            calls[trunk] += 1
        second, end = call.start, call.start + (call.ring_s or 0) + (call.talk_s or 0) + (call.hold_s or 0)
        while second < end:
            until = min(end, second - second % 3600 + 3600)
            if JANUARY.first <= second < JANUARY.last:
                occupied[trunk][second - second % 3600] += until - second
            second = until
    assert {line.trunk: line.calls for line in found.lines} == calls
    for line in found.lines:
        assert line.erlangs == pytest.approx(occupied[line.trunk].total() / (31 * 86_400))
        assert line.busiest == max(occupied[line.trunk].values()) / 3600
    together: Counter[int] = Counter()
    for hours in occupied.values():
        together.update(hours)
    assert found.busiest == max(together.values()) / 3600
    peaks = [
        max((held_s for hour, held_s in together.items() if one.first <= hour < one.last), default=0) for one in days
    ]
    assert found.peaks == [peak / 3600 for peak in peaks]
    intervals = queries.held_trunks(db, JANUARY, Filter())
    assert sorted(intervals) == sorted(
        (call.start, call.start + (call.ring_s or 0) + (call.talk_s or 0) + (call.hold_s or 0))
        for call in filled.calls
        if call.trunk and JANUARY.first - 86_400 <= call.start < JANUARY.last
    )


def test_no_line_is_no_division_by_nothing() -> None:
    found = occupancy.occupancy([], [], [Span(0, 3600)], 0)
    assert (found.lines, found.busiest, found.needed, found.busiest_hour) == ([], 0, 0, None)


def test_spending_is_put_into_its_bucket_and_the_dearest_class_stands_first() -> None:
    buckets = [Span(36_000, 43_200), Span(43_200, 50_400)]
    costs = [(10, "local", 1), (11, "mobile", 2), (12, "mobile", 4), (13, "service", 0)]
    found = spending.spending([(hour * 3600, class_, micros) for hour, class_, micros in costs], buckets, 7)
    assert found == spending.Spending(7, 7, {"mobile": [2, 4], "local": [1, 0]})
