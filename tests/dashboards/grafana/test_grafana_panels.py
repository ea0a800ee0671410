"""Every panel's queries against a real InfluxDB, compared with a count made from the printed lines."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from grafana_asking import Choice, Row, ask, interpolate, of_the_office
from grafana_collected import collect
from grafana_expected import EXPECTED, MORE_ROWS, Counted
from grafana_printed import SITE, WITHOUT_RING, ZONE, add_up, midnight, print_lines, read

from dashboards.grafana import build

if TYPE_CHECKING:
    from servers import Influxd

PERIODS = ("hour", "day", "month", "quarter", "year")
BOARDS = {
    name: json.loads(build(ZONE.key)[f"en/{name.lower()}.json"])
    for name in ("Traffic", "Answering", "People", "Trunks", "Cost")
}
PANELS = [
    (name, panel)
    for name, board in BOARDS.items()
    for panel in board["panels"]
    if panel["type"] != "row" and not of_the_office(panel)
]

NO_RINGS = {
    ("Answering", title)
    for title in (
        "Answered within the target",
        "Ring to answer, median",
        "Ring to answer, 95th percentile",
        "Ring to answer over time",
        "Answered within the target, per ${period:text}",
        "Mean ring to answer, per ${period:text}",
        "How long unanswered calls rang",
        "Given up within five rings",
        "Rang longer than five rings",
    )
}
"""Where no ring time is printed these show nothing but their sentence, never 0."""

# The interval is what Grafana makes of such a range on a panel of a thousand points.
RANGES = {
    "a day": Choice(midnight(2024, 6, 12), midnight(2024, 6, 13) - 1, "hour", "1h"),
    "a month with a change to summer time": Choice(midnight(2024, 3, 1), midnight(2024, 4, 1) - 1, "day", "1h"),
    "a quarter": Choice(midnight(2025, 1, 1), midnight(2025, 4, 1) - 1, "month", "2h"),
    "three years": Choice(midnight(2023, 1, 1), midnight(2026, 1, 1) - 1, "quarter", "1d"),
    "three years by year": Choice(midnight(2023, 1, 1), midnight(2026, 1, 1) - 1, "year", "1d"),
}
CHOSEN: dict[str, tuple[str, dict[str, tuple[str, ...]]]] = {
    "one department, two extensions": ("a quarter", {"department": ("Sales/East",), "extension": ("101", "201")}),
    "two departments": ("a quarter", {"site": (SITE,), "department": ("前台", "Works (North)")}),
    "a source without ring times": ("three years", {"source": (WITHOUT_RING,)}),
}
VIEWS = {name: replace(choice, tz=ZONE.key) for name, choice in RANGES.items()} | {
    f"{name}, {what}": replace(RANGES[name], tz=ZONE.key, tags=tags) for what, (name, tags) in CHOSEN.items()
}
CASES = [
    pytest.param(name, panel, view, id=f"{name}: {panel['title']}-{view}")
    for name, panel in PANELS
    for view in VIEWS
    if "by year" not in view or "${period" in json.dumps(panel["targets"])
]


@pytest.fixture(scope="module")
def views() -> dict[str, Counted]:
    calls = [call for source, text in print_lines().items() for call in read(source, text)]
    sums = {period: add_up(calls, period) for period in PERIODS}
    return {name: Counted(calls, sums, choice) for name, choice in VIEWS.items()}


@pytest.fixture(scope="module")
def database(influxd: Influxd, tmp_path_factory: pytest.TempPathFactory) -> str:
    return collect(tmp_path_factory.mktemp("site"), print_lines(), influxd)


def test_every_panel_has_an_expectation_and_a_query() -> None:
    assert {(name, panel["title"]) for name, panel in PANELS} == set(EXPECTED)
    assert all(panel["targets"] for _, panel in PANELS)


@pytest.mark.parametrize(("board", "panel", "view"), CASES)
def test_panel_shows_what_was_printed(
    influxd: Influxd, database: str, views: dict[str, Counted], board: str, panel: dict[str, Any], view: str
) -> None:
    variables = {variable["name"]: variable for variable in BOARDS[board]["templating"]["list"]}
    title = (board, panel["title"])
    expected = EXPECTED[title](views[view])
    if view.startswith("three years"):
        assert any(expected.values()) != ("without ring" in view and title in NO_RINGS)
    assert [target["refId"] for target in panel["targets"]] == list(expected)
    for target in panel["targets"]:
        rows = ask(influxd, database, interpolate(target["query"], VIEWS[view], variables))
        agree(rows, expected[target["refId"]], MORE_ROWS.get(title))


def agree(rows: list[Row], expected: list[Row], first: int | None) -> None:
    """Compare rows in any order; ``first`` says how many of the expected, by their value, are asked for."""
    if first is not None:
        values = sorted((row["erlangs"] for row in expected), reverse=True)[:first]
        assert sorted((row["erlangs"] for row in rows), reverse=True) == pytest.approx(values)
        shown = {(row["time"], row.get("source")) for row in rows}
        expected = [row for row in expected if (row["time"], row.get("source")) in shown]
    if expected and "time" not in expected[0]:
        rows = [{name: value for name, value in row.items() if name != "time"} for row in rows]
    assert [row.keys() for row in in_order(rows)] == [row.keys() for row in in_order(expected)]
    for row, other in zip(in_order(rows), in_order(expected), strict=True):
        assert row == pytest.approx(other)


def in_order(rows: list[Row]) -> list[Row]:
    def tags(row: Row) -> list[tuple[str, str]]:
        return sorted((name, value) for name, value in row.items() if isinstance(value, str))

    ordered = sorted(rows, key=lambda row: (row.get("time", 0), tags(row)))
    return [dict(sorted(row.items())) for row in ordered]


@pytest.mark.parametrize(("board", "share"), [("Traffic", "share"), ("Answering", "share"), ("People", "answered")])
def test_calls_whose_outcome_is_not_printed_are_in_no_share(influxd: Influxd, board: str, share: str) -> None:
    first = midnight(2026, 3, 2)
    panel = next(one for one in BOARDS[board]["panels"] if one["title"] == "Incoming calls answered")
    variables = {one["name"]: one for one in BOARDS[board]["templating"]["list"]}
    (target,) = panel["targets"]
    query = interpolate(target["query"], Choice(first, first + 86_399), variables)
    database = influxd.create_database()
    influxd.write(incoming(first, "silent", unknown=6), database)
    assert ask(influxd, database, query) == []
    influxd.write(incoming(first, "telling", answered=3, unanswered=1), database)
    assert [row[share] for row in ask(influxd, database, query)] == [0.75]


def incoming(hour: int, source: str, **outcomes: int) -> str:
    """Points of so many incoming calls by outcome: the sums of their hour, and the calls."""
    tags = f"direction=incoming,site={SITE},source={source}"
    counted = ",".join(f"{name}={outcomes.get(name, 0)}i" for name in ("answered", "unanswered", "busy", "failed"))
    lines = [f"traffic,period=hour,{tags} calls={sum(outcomes.values())}i,{counted} {hour}000000000"]
    each = [outcome for outcome, count in outcomes.items() for _ in range(count)]
    for place, outcome in enumerate(each):
        fields = f"calls=1i,answered={outcome == 'answered':d}i"
        lines.append(f"call,outcome={outcome},{tags} {fields} {hour}{place:09}")
    return "\n".join(lines)
