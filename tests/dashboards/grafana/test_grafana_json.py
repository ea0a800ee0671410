"""The committed JSON: current, sound for Grafana, and the same in both languages but for the words."""

from __future__ import annotations

import json
import re
from datetime import date
from itertools import combinations
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from grafana_asking import Choice as Chosen
from grafana_asking import ask, interpolate
from grafana_collected import collect
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard
from grafana_printed import DEPARTMENTS, EXTENSIONS, print_lines

from dashboards.grafana import GENERATED, PAGES, build, write
from dashboards.web.page import PAGES as PAGES_OF_CONSOLE
from dashboards.web.searching import Choice
from dashboards.words import WORDS

if TYPE_CHECKING:
    from pathlib import Path

    from servers import Influxd

BUILT = build()
BOARDS: dict[str, dict[str, Any]] = {path: json.loads(text) for path, text in BUILT.items()}


def panels(board: dict[str, Any]) -> list[dict[str, Any]]:
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def test_the_committed_files_are_current() -> None:
    committed = {str(file.relative_to(GENERATED)): file.read_text("utf-8") for file in GENERATED.rglob("*.json")}
    assert committed == BUILT, "run: smdr dashboards build"


def test_writing_says_what_changed(tmp_path: Path) -> None:
    assert sorted(file.name for file in write(tmp_path)) == sorted(path.split("/")[1] for path in BUILT)
    assert write(tmp_path) == []
    (tmp_path / "en/traffic.json").write_text("{}")
    assert write(tmp_path) == [tmp_path / "en/traffic.json"]


@pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)
class TestEveryDashboard:
    def test_is_read_back_by_the_types_of_grafana(self, board: dict[str, Any]) -> None:
        register_default_plugins()
        types = Dashboard.from_json(board)
        again = json.loads(json.dumps(types, cls=JSONEncoder))
        assert again["templating"] == board["templating"]
        assert [(panel["type"], panel["gridPos"]) for panel in again["panels"]] == [
            (panel["type"], panel["gridPos"]) for panel in board["panels"]
        ]

    def test_panels_have_numbers_of_their_own_and_do_not_overlap(self, board: dict[str, Any]) -> None:
        assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
        for one, other in combinations([panel["gridPos"] for panel in board["panels"]], 2):
            beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
            above = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
            assert beside or above
        assert all(panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24 for panel in board["panels"])

    def test_panels_have_a_title_a_unit_a_query_and_a_sentence_for_when_they_are_empty(
        self, board: dict[str, Any]
    ) -> None:
        for panel in panels(board):
            defaults = panel["fieldConfig"]["defaults"]
            assert panel["title"]
            assert defaults["unit"]
            assert len(defaults["noValue"]) > 5
            assert panel["datasource"] == {"type": "influxdb", "uid": "${datasource}"}
            assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"]) > 0

    def test_cells_that_may_be_empty_have_a_word_of_their_own(self, board: dict[str, Any]) -> None:
        for panel in panels(board):
            if panel["type"] == "table":
                for override in panel["fieldConfig"]["overrides"]:
                    settings = {one["id"]: one["value"] for one in override["properties"]}
                    if settings.get("unit") in {"s", "percentunit"} or "custom.cellOptions" in settings:
                        assert settings["noValue"] in {"0", *WORDS["not-reported"].values()}

    def test_titles_differ(self, board: dict[str, Any]) -> None:
        titles = [panel["title"] for panel in panels(board)]
        assert len(set(titles)) == len(titles)

    def test_every_variable_used_is_declared_and_the_other_way_round(self, board: dict[str, Any]) -> None:
        declared = {variable["name"] for variable in board["templating"]["list"]}
        used = set(re.findall(r"\$\{(\w+)", json.dumps(board))) - {"__from", "__to", "__data", "__value", "__field"}
        assert used == declared

    def test_tables_group_by_one_tag_at_most(self, board: dict[str, Any]) -> None:
        for panel in panels(board):
            for target in panel["targets"]:
                if target["resultFormat"] == "table":
                    _, grouped, by = target["query"].rpartition("GROUP BY")
                    assert not grouped or len(re.findall(r'"\w+"', by)) <= 1

    def test_the_same_thing_has_the_same_unit(self, board: dict[str, Any]) -> None:
        units = {
            "dthms": "talk_s|silent_s|busy_s",
            "s": "ring_s|drift_s",
            "suffix: Erl": "erlangs|held_s",
            "percentunit": r' / \(?(sum|count)\(|mean\("link"\)|last\("share"\)',
        }
        for panel in panels(board):
            unit = panel["fieldConfig"]["defaults"]["unit"]
            if unit in units:
                assert all(re.search(units[unit], target["query"]) for target in panel["targets"])

    def test_links_lead_to_pages_of_the_console_that_take_what_they_are_given(self, board: dict[str, Any]) -> None:
        filled = {"__from": "2026-03-01", "__to": "2026-03-31", "__value.time": "2026-02-01", "period": "month"}
        found = re.findall(r'"url": ("\$\{console.*?")', json.dumps(board))
        assert found
        for url in map(json.loads, found):
            text = re.sub(r"\$\{([\w.]+)(:[^}]+)?\}", lambda match: filled.get(match[1], "a%20%26%20b"), url)
            assert text.startswith("a%20%26%20b/")
            address = urlsplit(text.removeprefix("a%20%26%20b"))
            assert address.path.split("/")[1] in {path.split("/")[1] for path in PAGES_OF_CONSOLE}
            if address.path == "/calls":
                parameters = dict(parse_qsl(address.query, strict_parsing=True))
                choice = Choice.of(parameters)
                month = 3 if "to" in parameters else 2
                assert choice.first == date(2026, month, 1)
                assert choice.last in {date(2026, 3, 31), date(2026, 2, 28), date(2026, 2, 1)}
                assert choice.wanted.keys() == parameters.keys() - {"from", "to", "within"} != set()


def test_both_languages_ask_the_same_and_say_it_differently() -> None:
    for name in PAGES:
        english, chinese = BOARDS[f"en/{name}.json"], BOARDS[f"zh/{name}.json"]
        for one, other in zip(panels(english), panels(chinese), strict=True):
            assert one["type"] == other["type"]
            assert [target["query"] for target in one["targets"]] == [target["query"] for target in other["targets"]]
            assert one["title"] != other["title"]
        assert not re.search("[\u4e00-\u9fff]", json.dumps(english, ensure_ascii=False))


def test_every_word_is_in_both_languages() -> None:
    assert all(texts.keys() == {"en", "zh"} and all(texts.values()) for texts in WORDS.values())


def test_the_zone_of_the_site_is_that_of_buckets_and_clocks() -> None:
    board = json.loads(build("Europe/Berlin")["en/traffic.json"])
    zone = next(variable for variable in board["templating"]["list"] if variable["name"] == "tz")
    assert (board["timezone"], zone["query"]) == ("Europe/Berlin", "Europe/Berlin")


@pytest.fixture(scope="module")
def database(influxd: Influxd, tmp_path_factory: pytest.TempPathFactory) -> str:
    lines = {source: b"".join(text.splitlines(keepends=True)[:200]) for source, text in print_lines().items()}
    return collect(tmp_path_factory.mktemp("site"), lines, influxd)


def test_variables_offer_what_there_is_and_narrow_each_other(influxd: Influxd, database: str) -> None:
    variables = {variable["name"]: variable for variable in BOARDS["en/traffic.json"]["templating"]["list"]}

    def offered(name: str, **tags: tuple[str, ...]) -> set[str]:
        text = interpolate(variables[name]["query"]["query"], Chosen(0, 1, tags=tags), variables)
        return {row["value"] for row in influxd.rows(text, database)}

    assert offered("site") == {"hq"}
    assert offered("source") == set(EXTENSIONS)
    assert offered("department") == set(DEPARTMENTS.values())
    assert offered("department", source=("old",)) == {"Sales/East"}
    assert offered("extension") == {extension for extensions in EXTENSIONS.values() for extension in extensions}
    assert offered("extension", department=("Works (North)", "前台")) == {"103", "104"}


def test_all_matches_points_that_lack_the_tag(influxd: Influxd, database: str) -> None:
    everything = ask(influxd, database, 'SELECT sum("calls") AS "calls" FROM "call"')
    matched = ask(influxd, database, 'SELECT sum("calls") AS "calls" FROM "call" WHERE "department" =~ /^.*$/')
    named = ask(influxd, database, 'SELECT sum("calls") AS "calls" FROM "call" WHERE "department" =~ /^..*$/')
    assert everything[0]["calls"] == matched[0]["calls"] == 400
    assert named[0]["calls"] < 400


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("hour", "2026-03-05", "2026-03-05"),
        ("day", "2026-12-31", "2026-12-31"),
        ("month", "2024-02-01", "2024-02-29"),
        ("quarter", "2026-10-01", "2026-12-31"),
        ("year", "2026-01-01", "2026-12-31"),
        ("century", "2026-01-01", "2026-01-01"),
    ],
)
def test_a_bar_leads_to_the_days_of_its_period(period: str, first: str, last: str) -> None:
    choice = Choice.of({"from": first, "within": period, "trunk": "01"})
    assert (str(choice.first), str(choice.last), choice.wanted) == (first, last, {"trunk": "01"})
    assert choice.written() == f"from={first}&to={last}&trunk=01"
