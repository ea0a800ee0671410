"""The days that the overview keeps in memory: each is what the rollups hold, and is read again once it changed."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from math import inf
from typing import TYPE_CHECKING

import pytest
from console_office import ZONE, Office

from collector.accounting.departments import Reach, Stay
from collector.store import queries
from collector.store.queries import NO_FILTER, Filter
from collector.store.sight import Sight, narrow
from dashboards.web.days import Days
from dashboards.web.periods import Dates

if TYPE_CHECKING:
    from pathlib import Path

SALES, SERVICE = (Reach(name, (Stay(name, -inf, inf),)) for name in ("Sales", "Service"))


def test_days_are_read_again_once_they_change_and_not_before(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.open()
    moment = datetime(2026, 2, 3, 10, tzinfo=ZONE).astimezone(UTC)
    office.add([office.made_up(moment, department="Sales") for _ in range(3)])
    days = Days(office.data / "calls.db", ZONE)
    dates = Dates(date(2026, 2, 1), date(2026, 2, 28))

    def counted(reach: Reach | None = None) -> dict[int, int]:
        with closing(queries.connect(office.data / "calls.db")) as connection:
            narrow(connection, Sight(reach))
            asked: list[str] = []
            connection.set_trace_callback(asked.append)
            found = days.between(connection, dates, reach)
            reads.append(sum("FROM hours" in one for one in asked))
        return {day.day: one.calls[10] for day, one in found.items() if one.calls[10]}

    reads: list[int] = []
    assert counted() == {3: 3}
    assert counted() == {3: 3}
    office.add([office.made_up(moment + timedelta(days=5), department="Service") for _ in range(2)])
    earlier = queries.connect(office.data / "calls.db")
    earlier.execute("BEGIN")
    queries.last_seq(earlier)
    assert counted() == {3: 3, 8: 2}
    assert counted(SALES) == {3: 3}
    office.add([office.made_up(moment, department="Sales")])
    assert counted(SALES) == {3: 4}
    assert reads == [1, 0, 1, 1, 1]
    assert days.between(earlier, dates, SERVICE)
    earlier.close()
    assert counted() == {3: 4, 8: 2}
    assert counted(SERVICE) == {8: 2}
    office.close()


def test_ten_years_of_some_filters_are_looked_at_in_turns_and_read_once(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.open()
    office.add([office.made_up(datetime(2026, 2, 3, 10, tzinfo=ZONE), department="Sales")])
    office.close()
    days, dates = Days(office.data / "calls.db", ZONE), Dates(date(2017, 1, 1), date(2026, 12, 31))
    filters = [NO_FILTER, *(Filter(department=name) for name in ("Sales", "Service")), *map(Filter, ("pbx1", "pbx2"))]
    with closing(queries.connect(office.data / "calls.db")) as connection:
        for narrowed in filters:
            days.between(connection, dates, None, narrowed)
        asked: list[str] = []
        connection.set_trace_callback(asked.append)
        for narrowed in filters:
            days.between(connection, dates, None, narrowed)
    assert not [sql for sql in asked if "GROUP BY" in sql]


def test_reading_ahead_waits_for_no_store(tmp_path: Path) -> None:
    days = Days(tmp_path / "calls.db", ZONE)
    days.read_ahead(date(2026, 2, 3))
    (tmp_path / "calls.db").write_bytes(b"no database" * 999)
    days.read_ahead(date(2026, 2, 3))
    with pytest.raises(sqlite3.DatabaseError), closing(queries.connect(tmp_path / "calls.db")) as connection:
        days.between(connection, Dates(date(2026, 2, 1), date(2026, 2, 2)), None)
