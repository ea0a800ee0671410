"""What is asked again and again must be found, not searched for, however many calls are stored."""

from __future__ import annotations

import asyncio
import re
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from collector.store import queries
from collector.store.calls_db import CallsDb
from collector.store.database import open_writer
from collector.store.feed import StoreFeed
from collector.store.queries import Filter, Span

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from pathlib import Path

DAY = Span(0, 86_400)
PBX = Filter(source="pbx1")

A_SEARCH = re.compile(
    r"SCAN (stored|calls|legs|rollups)|_identity \(source=\?\)|stored_sums_combination \(combination=\?\)"
)
"""Reading whole tables, or all there is of one source or combination."""


def outputs(db: sqlite3.Connection, path: Path) -> None:
    async def ask() -> None:
        feed = StoreFeed(path, None)  # type: ignore[arg-type]
        feed._db = db
        await feed.calls_after(5, 10)
        await feed.settled("pbx1", 1, 2, 5)
        await feed.rollups_after(5, 10)
        await feed.rollup_sums([(("pbx1", "incoming", "local", "", "101", "01"), 0, 3600)])
        await feed.profile_sums([(("pbx1", "incoming", ""), 3600)])
        await feed.outside(1, 2)
        await feed.trunks("pbx1", (0, 2_678_400), 5)
        await feed.trunk_hours("pbx1", (0, 2_678_400))
        await feed.trunk_use("pbx1", [(0, 3600)])
        await feed.cursor("influx")

    asyncio.run(ask())


def console(db: sqlite3.Connection, path: Path) -> None:
    queries.last_seq(db)
    queries.last_hour(db)
    queries.hours(db, DAY, PBX)
    queries.hours(db, DAY, Filter(extension="101"))
    list(queries.each_hour(db, DAY, PBX))
    queries.trunks(db, DAY, PBX)
    queries.groups(db, ["extension", "trunk"], DAY, PBX)
    queries.ring_counts(db, [DAY], PBX)
    queries.incoming(db, DAY, PBX)
    queries.newest_calls(db, 10)
    queries.call(db, "pbx1", 82)
    queries.balance(db, path.with_name("journal"), "pbx1")


def projector(db: sqlite3.Connection, _path: Path) -> None:
    store = CallsDb(db)
    store.counters("pbx1")
    store.lanes("pbx1")
    store.pending("pbx1")
    store.stale({"pbx1": 5.0})


@pytest.mark.parametrize("asking", [outputs, console, projector])
def test_nothing_is_searched_for(asking: Callable[[sqlite3.Connection, Path], None], tmp_path: Path) -> None:
    path = tmp_path / "calls.db"
    with closing(open_writer(path)) as db:
        asked: list[str] = []
        db.set_trace_callback(asked.append)
        asking(db, path)
        db.set_trace_callback(None)
        plans = {sql: " / ".join(row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {sql}")) for sql in asked}
    assert len(plans) > 3
    assert {sql: plan for sql, plan in plans.items() if A_SEARCH.search(plan)} == {}
