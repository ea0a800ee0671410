"""The tree of departments is asked by day, and a table that makes no tree is refused."""

from __future__ import annotations

import datetime as dt
import sqlite3
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.accounting.departments import Departments
from collector.problems import ConfigError
from collector.store.sight import Sight, narrow

if TYPE_CHECKING:
    from pathlib import Path

DAY = dt.date(2026, 6, 15)
MOVING = "Company,,,\nSales,Company,,\nShop,Sales,,2026-06-15\nShop,Company,2026-06-16,\nTill,Shop,,\n"


def tree(folder: Path, rows: str) -> Departments:
    path = folder / "departments.csv"
    path.write_text(f"department,above,from,until\n{rows}", encoding="utf-8")
    return Departments.load(path)


def test_a_department_moves_with_all_that_is_under_it(tmp_path: Path) -> None:
    departments = tree(tmp_path, MOVING)
    assert departments.above("Till", DAY) == ("Shop", "Sales", "Company")
    assert departments.above("Till", DAY + dt.timedelta(days=1)) == ("Shop", "Company")
    assert departments.within("Sales", DAY) == {"Sales", "Shop", "Till"}
    assert departments.within("Sales", DAY + dt.timedelta(days=1)) == {"Sales"}
    assert departments.on(DAY) == [(0, "Company"), (1, "Sales"), (2, "Shop"), (3, "Till")]


def test_what_no_table_names_stands_alone(tmp_path: Path) -> None:
    for departments in (Departments.load(None), tree(tmp_path, MOVING)):
        assert departments.above("Laboratory", DAY) == ()
        assert departments.within("Laboratory", DAY) == {"Laboratory"}


def test_a_department_that_has_ended_is_not_shown(tmp_path: Path) -> None:
    departments = tree(tmp_path, "Company,,,\nSales,Company,2026-01-01,2026-06-14\n")
    assert departments.on(DAY) == [(0, "Company")]


@pytest.mark.parametrize(
    ("rows", "place", "message"),
    [
        ("Sales,Sales,,\n", (2, 7), '"Sales" stands under itself on 0001-01-01'),
        ("A,B,,\nB,C,,\nC,A,2026-03-01,\n", (2, 3), '"A" stands under itself on 2026-03-01'),
        ("Sales,Compony,,\nCompany,,,\n", (2, 7), 'there is no department "Compony"'),
        ("Sales,,,2026-02-01\nSales,,2026-02-01,\n", (3, 1), '"Sales" stands in two places on one day'),
        ("Sales,,2026-02-02,2026-02-01\n", (2, 19), '"until" is before "from"'),
        ("Sales,,2026-02-30,\n", (2, 8), '"2026-02-30" is not a day'),
        (",Company,,\n", (2, 1), '"department" is empty'),
    ],
)
def test_a_fault_is_placed(tmp_path: Path, rows: str, place: tuple[int, int], message: str) -> None:
    with pytest.raises(ConfigError) as raised:
        tree(tmp_path, rows)
    problem = raised.value.errors[0]
    assert ((problem.line, problem.column), problem.message) == (place, message)


@given(above=st.lists(st.integers(0, 7), min_size=8, max_size=8))
def test_a_round_is_refused_and_nothing_else(tmp_path_factory: pytest.TempPathFactory, above: list[int]) -> None:
    rows = "".join(f"d{n},{f'd{over}' if over else ''},,\n" for n, over in enumerate(above, start=1) if n < 8)
    followed = {n: above[n - 1] for n in range(1, 8)}

    def ends(n: int) -> bool:
        for _ in range(8):
            n = followed.get(n, 0)
        return n == 0

    folder = tmp_path_factory.mktemp("tree")
    if all(map(ends, followed)):
        departments = tree(folder, rows)
        assert all(departments.within(name, DAY) >= {"d1"} for name in ("d1", *departments.above("d1", DAY)))
    else:
        with pytest.raises(ConfigError):
            tree(folder, rows)


ZONE = ZoneInfo("Asia/Shanghai")
CHANGING = (
    "Company,,,\nSales,Company,,\nWorks,Company,,\nShop,Sales,,2026-06-15\nShop,Works,2026-06-16,2026-06-20\n"
    "Shop,Sales,2026-06-25,\nTill,Shop,2026-06-10,2026-06-27\nO'Hara,Works,,\n"
)
NAMES = ("Company", "Sales", "Works", "Shop", "Till", "O'Hara", "Laboratory", "")


def second(day: dt.date, of_day: dt.time) -> int:
    return int(dt.datetime.combine(day, of_day, ZONE).timestamp())


@pytest.mark.parametrize("head", [*NAMES[:-1], "x' OR '1'='1"])
def test_what_is_of_a_department_is_what_stands_in_it_that_day_to_the_second(tmp_path: Path, head: str) -> None:
    departments = tree(tmp_path, CHANGING)
    reach = departments.reach(head, "Asia/Shanghai")
    moments = [
        (name, day, second(day, of_day))
        for name in NAMES
        for day in (dt.date(2026, 6, 8) + dt.timedelta(days=n) for n in range(22))
        for of_day in (dt.time(), dt.time(23, 59, 59))
    ]
    wanted = {(name, at) for name, day, at in moments if head in (name, *departments.above(name, day))}
    assert {(name, at) for name, _, at in moments if reach.holds(name, at)} == wanted
    db = sqlite3.connect(":memory:")
    for table, at in (("calls", "start"), ("rollups", "hour"), ("combinations", "id")):
        db.execute(f"CREATE TABLE {table} (department TEXT, {at} INTEGER)")
        db.executemany(f"INSERT INTO {table} VALUES (?, ?)", [(name, at) for name, _, at in moments])
    db.execute("CREATE TABLE hours (department TEXT, hour INTEGER)")
    narrow(db, Sight(reach))
    for table in ("calls", "rollups", "hours"):
        assert set(db.execute(f"SELECT * FROM {table}")) == wanted
    assert {name for (name,) in db.execute("SELECT DISTINCT department FROM combinations")} == {
        name for name, _ in wanted
    }


def test_a_tree_is_divided_where_it_changes(tmp_path: Path) -> None:
    departments = tree(tmp_path, MOVING)
    june = dt.date(2026, 6, 1), dt.date(2026, 6, 30)
    assert departments.spells(*june) == [(june[0], DAY), (dt.date(2026, 6, 16), june[1])]
    assert departments.spells(june[0], DAY) == [(june[0], DAY)]
    assert departments.spells(june[1], june[1]) == [(june[1], june[1])]
    assert Departments.load(None).spells() == [(dt.date.min, dt.date.max)]
