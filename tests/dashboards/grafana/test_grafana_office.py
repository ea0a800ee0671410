"""What stands in the office's books, on the dashboards *Compliance* and *Cost*: asked of InfluxDB, against what was put there."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from grafana_asking import Choice, Row, ask, interpolate, of_the_office
from grafana_collected import configure
from grafana_printed import DEPARTMENTS, SITE, WITH_RING, WITHOUT_RING, ZONE, print_line, read
from offices import Office

from collector.config import load
from collector.outputs.office import Office as Asked
from collector.outputs.office_figures import MOST_RANGES, office_figures
from collector.rules.violation import Violation
from collector.store.office_db import writing
from collector.store.violations import keep, note
from dashboards.grafana import build

if TYPE_CHECKING:
    from pathlib import Path

    from servers import Influxd

HOUR = 3600
NOW = int(datetime(2026, 3, 20, 12, 30, tzinfo=ZONE).timestamp())
MONTH = (int(datetime(2026, 3, 1, tzinfo=ZONE).timestamp()), int(datetime(2026, 4, 1, tzinfo=ZONE).timestamp()))
AVAILABLE = 3
OFFICE_TABLE = """
[office]
budgets = "budgets.csv"
roster = "roster.csv"
"""
ROSTER = "operator,extension,begin,end\n张 三,101,08:00,12:00\nLi,101,12:00,18:00\n"
SWITCHBOARD = (
    (18, 9, 0, 60),  # the day before yesterday is not told
    (19, 9, 5, 60),
    (19, 13, 20, 60),
    (19, 13, 31, 0),
    (19, 20, 4, 60),
    (20, 9, 9, 400),
)
"""Day, hour, ring and talk seconds of calls to the operators."""
BUDGETS = f"scope,name,amount,warn,over,from\ndepartment,Sales/East,{AVAILABLE},80,approve,2026-03-01\n"
CALLS = (
    (2, "201", "13800000001", 400),
    (9, "201", "2988880002", 65),
    (12, "103", "00445550001", 1900),
    (19, "105", "0105550001", 130),
)
FOUND = (
    ("missed", "Sales/East", 40),
    ("missed", "Sales/East", 41),
    ("missed", "前台", 42),
    ("fraud-night", "Sales/East", 43),
    ("fraud-country", "", 44),
    ("premium", "前台", 45),
)
DONE = {40: "explained", 43: "waived", 45: "charged"}
FALLEN = 42
BOARDS = {name: json.loads(build(ZONE.key)[f"en/{name.lower()}.json"]) for name in ("Compliance", "Cost", "People")}
PANELS = {
    (name, panel["title"]): panel
    for name, board in BOARDS.items()
    for panel in board["panels"]
    if panel["type"] != "row" and of_the_office(panel)
}
VIEW = Choice(NOW - 30 * 86_400, NOW, tz=ZONE.key)


@pytest.fixture(scope="module")
def lines() -> bytes:
    printed = [
        print_line(WITHOUT_RING, datetime(2026, 3, day, 10, tzinfo=ZONE), extension, "01", number, None, talk_s)[1]
        for day, extension, number, talk_s in CALLS
    ]
    return b"".join(line.encode() + b"\r\n" for line in printed)


def written(folder: Path) -> Path:
    """Write the configuration and its tables."""
    (folder / "budgets.csv").write_text(BUDGETS, encoding="utf-8")
    (folder / "roster.csv").write_text(ROSTER, encoding="utf-8")
    return configure(folder, [WITHOUT_RING, WITH_RING], OFFICE_TABLE)


def to_the_switchboard() -> bytes:
    printed = [
        print_line(WITH_RING, datetime(2026, 3, day, hour, tzinfo=ZONE), "101", "02", "<I>2988880009", ring_s, talk_s)[
            1
        ]
        for day, hour, ring_s, talk_s in SWITCHBOARD
    ]
    return b"".join(line.encode() + b"\r\n" for line in printed)


@pytest.fixture(scope="module")
def database(influxd: Influxd, lines: bytes, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Two hours: in the first all violations are open, in the second it is as it is."""
    folder = tmp_path_factory.mktemp("office")
    office = Office(load(written(folder)))
    office.journal(lines, source="old")
    office.journal(to_the_switchboard(), source="front")
    office.project()
    database = influxd.create_database()
    found = [violation(rule, department, offset) for rule, department, offset in FOUND]
    with writing(office.config.site.data) as db:
        keep(db, found, [one.rule for one in found], NOW - 86_400, NOW)
    influxd.write("\n".join(office_figures(office.config, NOW - HOUR).points), database)
    with writing(office.config.site.data) as db:
        for one in found:
            if one.offset in DONE:
                state: Any = DONE[one.offset]
                note(db, one.key, state, "head", "talked about", Decimal(5) if state == "charged" else None)
        keep(db, [one for one in found if one.offset != FALLEN], [one.rule for one in found], NOW - 86_400, NOW)
    influxd.write(
        f"number_range,range=1999,site={SITE} calls=9i,talk_s=9i,cost=9.0 {NOW - 6 * HOUR}000000000\n"
        f'number_range,range=0044,site=branch calls=1i,talk_s=30i,cost=0.5,place="英国" {NOW - HOUR}000000000',
        database,
    )
    for second in (NOW - 600, NOW):  # told again within the hour
        influxd.write("\n".join(office_figures(office.config, second).points), database)
    return database


def violation(rule: Any, department: str, offset: int) -> Violation:
    return Violation(rule, "old", offset, NOW - HOUR, department, "", "201", "1", "local", "1", Decimal(0), None, ())


def states() -> Counter[tuple[str, str, str]]:
    """What stands at last, by rule, department and state."""
    standing = (one for one in FOUND if one[2] != FALLEN)
    return Counter((rule, department, DONE.get(offset, "open")) for rule, department, offset in standing)


def count(*, rule: str = "", department: str | None = None, state: str = "") -> int:
    return sum(
        number
        for (of_rule, of_department, of_state), number in states().items()
        if of_rule.startswith(rule) and department in (None, of_department) and state in ("", of_state)
    )


def shown(influxd: Influxd, database: str, place: tuple[str, str], ref: str = "A", view: Choice = VIEW) -> list[Row]:
    board = BOARDS[place[0]]
    variables = {variable["name"]: variable for variable in board["templating"]["list"]}
    (target,) = (target for target in PANELS[place]["targets"] if target["refId"] == ref)
    return ask(influxd, database, interpolate(target["query"], view, variables))


def of_tag(rows: list[Row], tag: str, field: str) -> dict[str, float]:
    return {row.get(tag, ""): row[field] for row in rows}


def test_what_stands_now_is_told_once_however_often_it_was_written(influxd: Influxd, database: str) -> None:
    for title, number, rule in (
        ("Open violations", count(state="open"), ""),
        ("All violations", count(), ""),
        ("Toll fraud suspected, open", count(rule="fraud", state="open"), "fraud"),
        ("Toll fraud suspected, all", count(rule="fraud"), "fraud"),
    ):
        (row,) = shown(influxd, database, ("Compliance", title))
        assert next(value for name, value in row.items() if name != "time") == number > 0, rule


def test_rules_departments_and_states_have_their_own_and_what_is_over_has_none(influxd: Influxd, database: str) -> None:
    rules = {rule for rule, _, _ in FOUND}
    by_rule = ("Compliance", "Violations by rule")
    assert of_tag(shown(influxd, database, by_rule), "rule", "open") == {
        rule: count(rule=rule, state="open") for rule in rules
    }
    assert of_tag(shown(influxd, database, by_rule, "B"), "rule", "standing") == {r: count(rule=r) for r in rules}
    by_department = ("Compliance", "Violations by department")
    departments = {department for _, department, _ in FOUND}
    assert of_tag(shown(influxd, database, by_department, "B"), "department", "standing") == {
        department: count(department=department) for department in departments
    }
    assert of_tag(shown(influxd, database, by_department), "department", "open")["前台"] == 0
    by_state = shown(influxd, database, ("Compliance", "Violations by state"))
    assert of_tag(by_state, "state", "standing") == {
        state: count(state=state) for state in ("open", "explained", "waived", "charged")
    }


def test_open_ones_are_told_hour_by_hour(influxd: Influxd, database: str) -> None:
    hours: dict[int, dict[str, float]] = defaultdict(dict)
    for row in shown(influxd, database, ("Compliance", "Open violations over time")):
        hours[row["time"]][row["rule"]] = row["standing"]
    begin = NOW // HOUR * HOUR
    assert hours == {
        begin - HOUR: dict(Counter(rule for rule, _, _ in FOUND)),
        begin: {rule: count(rule=rule, state="open") for rule, _, _ in FOUND},
    }
    fraud = shown(influxd, database, ("Compliance", "Open suspicions of toll fraud over time"))
    assert {row["rule"] for row in fraud} == {"fraud-night", "fraud-country"}


def test_a_department_has_its_own_violations(influxd: Influxd, database: str) -> None:
    view = Choice(VIEW.first, VIEW.last, tz=ZONE.key, tags={"department": ("Sales/East",)})
    (row,) = shown(influxd, database, ("Compliance", "All violations"), view=view)
    assert row["standing"] == count(department="Sales/East")


def test_the_month_and_its_budget_are_those_of_the_printed_calls(influxd: Influxd, database: str, lines: bytes) -> None:
    spent: dict[str, float] = defaultdict(float)
    for call in read("old", lines):
        spent[DEPARTMENTS.get(call.extension, "")] += call.cost or 0
    to_come = (MONTH[1] - MONTH[0]) / (NOW - MONTH[0])
    rows = shown(influxd, database, ("Cost", "This month by department"))
    assert of_tag(rows, "department", "spent") == pytest.approx(spent)
    forecast = {department: amount * to_come for department, amount in spent.items()}
    assert of_tag(rows, "department", "forecast") == pytest.approx(forecast)
    for title, field, factor in (
        ("Spent this month", "spent", 1),
        ("Forecast to the month's end", "forecast", to_come),
    ):
        (row,) = shown(influxd, database, ("Cost", title))
        assert row[field] == pytest.approx(sum(spent.values()) * factor)
    east = spent["Sales/East"]
    rows = shown(influxd, database, ("Cost", "Spent against budget"))
    owned, nobodys = ({name: value for name, value in row.items() if name not in ("time", "owner")} for row in rows)
    assert [row["owner"] for row in rows] == ["department:Sales/East", "none"]
    assert owned == pytest.approx(
        {"available": AVAILABLE, "spent": east, "share": east / AVAILABLE, "forecast": east * to_come}
    )
    others = sum(spent.values()) - east
    assert nobodys == pytest.approx({"available": 0, "spent": others, "forecast": others * to_come})
    over_time = shown(influxd, database, ("Cost", "Share of the budget spent"))
    assert [row["share"] for row in over_time] == pytest.approx([east / AVAILABLE] * 2)


def test_ranges_of_numbers_are_those_of_the_printed_calls_at_the_end_of_the_range(
    influxd: Influxd, database: str, lines: bytes
) -> None:
    """1999 is among the dearest no more, local numbers have no range, nobody has that one of 010; a branch tells its own."""
    printed = {call.number: call for call in read("old", lines)}
    expected = {
        prefix: {
            "calls": 1,
            "talk_s": printed[number].talk_s,
            "cost": pytest.approx(printed[number].cost),
            "place": place,
        }
        for prefix, number, place in (
            ("138", "13800000001", "中国移动"),
            ("0044", "00445550001", "英国"),
            ("010", "0105550001", None),
        )
    }
    place = ("Cost", "This month by number range")
    one_site = Choice(VIEW.first, VIEW.last, tz=ZONE.key, tags={"site": (SITE,)})
    told = {row["range"]: row for row in shown(influxd, database, place, view=one_site)}
    assert {name: {field: row.get(field) for field in expected["138"]} for name, row in told.items()} == expected
    (row,) = (row for row in shown(influxd, database, place) if row["range"] == "0044")
    assert (row["calls"], row["talk_s"]) == (2, 1930)
    assert row["cost"] == pytest.approx((printed["00445550001"].cost or 0) + 0.5)
    assert not shown(influxd, database, place, view=Choice(VIEW.first, NOW - 86_400, tz=ZONE.key))


def test_of_many_ranges_the_dearest_are_told(tmp_path: Path) -> None:
    office = Office(load(written(tmp_path)))
    prefixes = [f"{prefix}" for prefix in range(130, 200) if prefix // 10 in (13, 15, 18)]
    calls = [(prefix, 60 * (place + 1)) for place, prefix in enumerate(prefixes)]
    assert len(calls) > MOST_RANGES
    printed = [
        print_line(WITHOUT_RING, datetime(2026, 3, 2, 10, tzinfo=ZONE), "201", "01", f"{prefix}00000001", None, talk_s)[
            1
        ]
        for prefix, talk_s in calls
    ]
    office.journal(b"".join(line.encode() + b"\r\n" for line in printed), source="old")
    office.project()
    points = [point for point in office_figures(office.config, NOW).points if point.startswith("number_range,")]
    assert [point.partition("range=")[2].partition(",")[0] for point in points] == prefixes[: -MOST_RANGES - 1 : -1]


def test_operators_have_the_calls_of_their_shifts(influxd: Influxd, database: str) -> None:
    rows = shown(influxd, database, ("People", "Operators, busiest first"))
    told = {row.pop("operator"): row for row in rows}
    assert all(row.pop("time") for row in rows)
    assert told == {
        "张 三": {"calls": 2, "answered": 1, "in_time": 1, "transferred": 0, "messages": 0},
        "Li": {"calls": 2, "answered": 0.5, "in_time": 0, "transferred": 0, "messages": 0},
        "": {"calls": 1, "answered": 1, "in_time": 1, "transferred": 0, "messages": 0},
    }
    days = shown(influxd, database, ("People", "Calls answered by operators, per day"))
    assert {(datetime.fromtimestamp(row["time"], ZONE).day, row["operator"]): row["answered"] for row in days} == {
        (19, "张 三"): 1,
        (19, "Li"): 1,
        (19, ""): 1,
        (20, "张 三"): 1,
    }


async def test_a_process_of_its_own_tells_the_same_and_what_is_faulty_spoils_nothing_else(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    config = load(written(tmp_path))
    with writing(config.site.data) as db:
        keep(db, [violation("missed", "前台", 1)], ["missed"], NOW - 86_400, NOW)
    asked = Asked(config)
    await asked.ask()
    assert [point.rpartition(" ")[0] for point in asked.points] == [
        point.rpartition(" ")[0] for point in office_figures(config).points
    ]
    assert (len(asked.points) > 4, asked.turn, caplog.text) == (True, 1, "")
    (tmp_path / "budgets.csv").write_text("scope,name\nplanet,Earth\n")
    for _ in range(2):
        await asked.ask()
    assert {point.split(",")[0] for point in asked.points} == {"violations"}
    assert (asked.turn, caplog.text.count("Not all of the office's figures")) == (3, 1)
    assert "budgets.csv:1" in caplog.text


def test_a_site_without_books_has_no_points(tmp_path: Path) -> None:
    (tmp_path / "smdr.toml").write_text(
        '[site]\nname = "hq"\ntimezone = "Asia/Shanghai"\ndata = "data"\n'
        '[[source]]\nname = "pbx"\ninput = "stdin:"\nformat = "panasonic/kx-tda"\n'
    )
    assert office_figures(load(tmp_path / "smdr.toml")) == ([], [])
    assert not (tmp_path / "data").exists()
