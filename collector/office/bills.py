"""What came out when bills of carriers were compared with the calls: kept, so that it can be looked at again."""

from __future__ import annotations

import csv
import time
from collections import Counter, defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
    from pathlib import Path


class Bill(NamedTuple):
    """A bill that was compared: by whom and when (POSIX seconds), and how far the carrier's clock was ahead, in seconds."""

    id: int
    at: float
    by: str
    file: str
    mapping: str
    drift_least: int
    drift_most: int


class Line(NamedTuple):
    """A call that one or both have, as `smdr bill reconcile` exports it; nothing stands where a side has none."""

    result: str
    row: int | None
    number: str
    billed_start: str
    billed_s: int | None
    amount: str
    source: str
    offset: int | None
    start: str
    talk_s: int | None
    cost: str
    difference: str


class Result(NamedTuple):
    """How many calls came out in one way, and what they are billed and cost."""

    result: str
    calls: int
    billed: Decimal
    cost: Decimal


_NUMBERS = ("row", "billed_s", "offset", "talk_s")


def lines_of(export: Path) -> list[Line]:
    """The lines of an export in CSV."""
    with export.open(encoding="utf-8-sig", newline="") as file:
        return [
            Line(*((int(row[key]) if row[key] else None) if key in _NUMBERS else row[key] for key in Line._fields))  # type: ignore[arg-type]
            for row in csv.DictReader(file)
        ]


def keep(
    db: sqlite3.Connection, file: str, mapping: str, drift_s: tuple[int, int], lines: Sequence[Line], by: str
) -> int:
    """Keep what came out; its number."""
    made = (time.time(), by, file, mapping, *drift_s)
    number = db.execute(
        "INSERT INTO bills (at, by, file, mapping, drift_least, drift_most) VALUES (?, ?, ?, ?, ?, ?)", made
    ).lastrowid
    assert number is not None  # noqa: S101  (a row was added)
    columns = ", ".join(Line._fields)
    db.executemany(
        f"INSERT INTO bill_lines (bill, place, {columns}) VALUES ({', '.join('?' * (len(Line._fields) + 2))})",
        ((number, place, *line) for place, line in enumerate(lines)),
    )
    calls = Counter(line.result for line in lines)
    billed: dict[str, Decimal] = defaultdict(Decimal)
    cost: dict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        billed[line.result] += Decimal(line.amount or 0)
        cost[line.result] += Decimal(line.cost or 0)
    db.executemany(
        "INSERT INTO bill_results (bill, result, calls, billed, cost) VALUES (?, ?, ?, ?, ?)",
        [(number, result, count, f"{billed[result]:f}", f"{cost[result]:f}") for result, count in calls.items()],
    )
    return number


def bills(db: sqlite3.Connection) -> list[Bill]:
    """Those that were compared, the last first."""
    rows = db.execute("SELECT id, at, by, file, mapping, drift_least, drift_most FROM bills ORDER BY id DESC")
    return [Bill(*row) for row in rows]


def results(db: sqlite3.Connection, bill: int) -> list[Result]:
    """What came out of a bill in all, what differs first."""
    rows = db.execute(
        "SELECT result, calls, billed, cost FROM bill_results WHERE bill = :bill "
        "ORDER BY (SELECT min(place) FROM bill_lines WHERE bill = :bill AND bill_lines.result = bill_results.result)",
        {"bill": bill},
    )
    return [Result(result, calls, Decimal(billed), Decimal(cost)) for result, calls, billed, cost in rows]


def lines(db: sqlite3.Connection, bill: int, result: str = "", first: int = 0, limit: int = -1) -> list[Line]:
    """Lines of a bill in their order, from one on; of one result where it is named."""
    rows = db.execute(
        f"SELECT {', '.join(Line._fields)} FROM bill_lines WHERE bill = :bill AND (:result = '' OR result = :result) "
        "ORDER BY place LIMIT :limit OFFSET :first",
        {"bill": bill, "result": result, "first": first, "limit": limit},
    )
    return [Line(*row) for row in rows]
