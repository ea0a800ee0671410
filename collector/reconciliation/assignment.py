"""Who goes with whom: as many pairs as can be, and of those ways the one that costs least.

Each row in turn is given a column by the cheapest way of moving the rows before it to other columns (the Hungarian method on
a sparse table, with Dijkstra's search). The search for one row looks at so many columns at most: where thousands of calls
follow each other without a gap, what is far away is left as it is.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import NamedTuple

_UNPAIRED = 1 << 40
"""Costs more than all pairs together."""
_MOST = 2000


class _Way(NamedTuple):
    """Where a search ended: at a free column, or at a row that is left without one; what it cost, and what it passed."""

    column: int | None
    row: int
    cost: int
    passed: dict[int, int]
    before: dict[int, int]


def assigned(table: list[list[tuple[int, int]]], columns: int) -> list[int | None]:
    """The column of each row, None for one without. ``table`` has for each row the columns that fit, with their costs."""
    search = _Assignment(table, columns)
    for row in range(len(table)):
        search.place(row)
    return search.column_of


class _Assignment:
    """The best assignment of the rows placed so far. A fitting column costs no less than both prices; a chosen one as much."""

    def __init__(self, table: list[list[tuple[int, int]]], columns: int) -> None:
        self._table = table
        self._row_prices = [0] * len(table)
        self._column_prices = [0] * columns
        self._row_of: list[int | None] = [None] * columns
        self.column_of: list[int | None] = [None] * len(table)

    def place(self, row: int) -> None:
        """Give a row a column, or leave without one whichever costs least."""
        way = self._cheapest(row)
        self._row_prices[row] += way.cost
        for taken, cost in way.passed.items():
            holder = self._row_of[taken]
            if holder is not None:
                self._row_prices[holder] += way.cost - cost
            self._column_prices[taken] -= way.cost - cost
        column: int | None = way.column
        if column is None:
            column, self.column_of[way.row] = self.column_of[way.row], None
        while column is not None:
            mover = way.before[column]
            left = self.column_of[mover]
            self._row_of[column], self.column_of[mover] = mover, column
            column = left

    def _cheapest(self, start: int) -> _Way:
        """The cheapest way from a row to a free column; where there is none, to the row that is best left without."""
        costs: dict[int, int] = {}
        before: dict[int, int] = {}
        passed: dict[int, int] = {}
        reached: list[tuple[int, int]] = []
        row, cost = start, 0
        least, left_out = _UNPAIRED - self._row_prices[start], start
        while True:
            for fitting, price in self._table[row]:
                total = cost + price - self._row_prices[row] - self._column_prices[fitting]
                if fitting not in passed and total < costs.get(fitting, total + 1):
                    costs[fitting], before[fitting] = total, row
                    heappush(reached, (total, fitting))
            while reached and reached[0][1] in passed:
                heappop(reached)
            if not reached or reached[0][0] >= least or len(passed) == _MOST:
                end = min(least, reached[0][0]) if reached else least
                return _Way(None, left_out, end, passed, before)
            cost, column = heappop(reached)
            holder = self._row_of[column]
            if holder is None:
                return _Way(column, start, cost, passed, before)
            passed[column] = cost
            row = holder
            if (without := cost + _UNPAIRED - self._row_prices[row]) < least:
                least, left_out = without, row
