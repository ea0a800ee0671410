"""The dashboard *Collector*: every panel's queries against a real InfluxDB, compared with what was put into the files."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from grafana_asking import Choice, Row, ask, interpolate
from grafana_collected import OUTPUT_TABLE, SITE_TABLE, SOURCE_TABLE, collector, everything_sent
from grafana_printed import DIRECTORY, SITE, TARIFF

from collector.config import load
from collector.outputs.figures import figures
from dashboards.grafana import build

if TYPE_CHECKING:
    from pathlib import Path

    from servers import Influxd

GOOD = b"12/06/24 09:%02d     101 01 <I>02255500001            0'05 00:00'10               \r\n"
HEADING = b"  Date     Time    Ext CO        Dial Number        Ring Duration  Acc code  CD \r\n"
TORN, WRONG = b"hello there\r\n", GOOD.replace(b"00:00'10", b"00:00'XX") % 1
PRINTED = {
    "desk": HEADING + b"".join(GOOD % minute for minute in range(20)) + TORN,
    "works": b"".join(GOOD % minute for minute in range(7)) + WRONG + TORN + b"12/06/24",
}
REJECTED = {"desk": (TORN,), "works": (WRONG, TORN)}
CALLS = {"desk": 20, "works": 7}
BOARD = json.loads(build()["en/collector.json"])
PANELS = {panel["title"]: panel for panel in BOARD["panels"] if panel["type"] != "row"}


def _noise(source: str) -> int:
    return len(HEADING) if source == "desk" else 0


def _bytes(source: str) -> Row:
    rejected = sum(map(len, REJECTED[source]))
    pending = len(b"12/06/24") if source == "works" else 0
    received = len(PRINTED[source])
    return {
        "source": source,
        "received": received,
        "records": received - rejected - pending - _noise(source),
        "rejected": rejected,
        "noise": _noise(source),
        "pending": pending,
        "unaccounted": 0,
        "rejected_lines": len(REJECTED[source]),
    }


@pytest.fixture(scope="module")
def site(influxd: Influxd, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Choice]:
    """Read the files, and start again: the first figures of a start are of everything before it."""
    folder, database = tmp_path_factory.mktemp("site"), influxd.create_database()
    (folder / "directory.csv").write_text(DIRECTORY, encoding="utf-8")
    (folder / "tariff.csv").write_text(TARIFF, encoding="utf-8")
    for source, text in PRINTED.items():
        (folder / f"{source}.log").write_bytes(text)
    config = folder / "smdr.toml"
    sources = "".join(SOURCE_TABLE.format(source=source) for source in PRINTED)
    config.write_text(SITE_TABLE + sources + OUTPUT_TABLE.format(url=influxd.url, database=database))
    records = sum(int(_bytes(source)["records"]) for source in PRINTED)
    with collector(config, folder / "first.log"):
        until(lambda: everything_sent(folder / "data" / "calls.db", records))
    began = int(time.time()) // 60 * 60  # of the first start, a minute before may tell that calls were still to be sent
    with collector(config, folder / "second.log"):
        asked = 'SELECT last("calls") AS "calls", last("link") AS "link" FROM "collector" GROUP BY "source"'
        lag = 'SELECT last("lag_calls") AS "lag" FROM "collector_output"'
        # a start shows links that are still being opened for a minute, and the first one calls that are still to be sent
        until(
            lambda: (
                {row["source"]: row["calls"] * row["link"] for row in ask(influxd, database, asked)} == CALLS
                and [row["lag"] for row in ask(influxd, database, lag)] == [0]
            ),
            150,
        )
    return database, Choice(began, int(time.time()) + 60, interval="1h")


def until(condition: Any, patience_s: float = 100) -> None:
    deadline = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def shown(influxd: Influxd, site: tuple[str, Choice], title: str) -> list[Row]:
    database, choice = site
    variables = {variable["name"]: variable for variable in BOARD["templating"]["list"]}
    (target,) = PANELS[title]["targets"]
    rows = ask(influxd, database, interpolate(target["query"], choice, variables))
    return sorted(
        ({name: value for name, value in row.items() if name != "time"} for row in rows),
        key=lambda row: (str(row.get("source", "")), str(row.get("reason", ""))),
    )


def test_bytes_lines_and_reasons_are_those_of_the_files(influxd: Influxd, site: tuple[str, Choice]) -> None:
    assert shown(influxd, site, "Where the bytes of each source went") == [_bytes("desk"), _bytes("works")]
    assert shown(influxd, site, "Bytes not accounted for") == [{"unaccounted": 0}]
    assert shown(influxd, site, "Rejected lines, by reason") == [
        {"reason": "bad-field", "lines": 1},
        {"reason": "not-this-format", "lines": 2},
    ]


def test_links_outputs_and_alarms_are_as_they_were(influxd: Influxd, site: tuple[str, Choice]) -> None:
    assert shown(influxd, site, "Links down") == [{"down": 0}]
    assert shown(influxd, site, "Calls an output lacks, at most") == [{"lag": 0}]
    assert [row["standing"] for row in shown(influxd, site, "Alarms that stand")] == [0]
    assert {row["output"] for row in shown(influxd, site, "Calls each output lacks")} == {"influx"}
    silent = shown(influxd, site, "Longest time without a record")
    assert [row["source"] for row in silent] == ["desk", "works"]
    assert all(0 <= row["silent_s"] < 200 for row in silent)


def test_every_query_is_one_that_influxdb_takes(influxd: Influxd, site: tuple[str, Choice]) -> None:
    for title in PANELS:
        shown(influxd, site, title)


def test_a_click_on_rejected_lines_leads_to_the_console() -> None:
    overrides = PANELS["Where the bytes of each source went"]["fieldConfig"]["overrides"]
    settings = {
        one["matcher"]["options"]: {setting["id"]: setting["value"] for setting in one["properties"]}
        for one in overrides
    }
    (link,) = settings["rejected_lines"]["links"]
    assert link["url"] == "${console:raw}/lines/${__data.fields.source}"
    console = next(variable for variable in BOARD["templating"]["list"] if variable["name"] == "console")
    assert console["query"] == "http://127.0.0.1:8080"


def test_figures_of_one_minute_are_one_point_and_of_a_site_without_a_store_are_few(tmp_path: Path) -> None:
    config = tmp_path / "smdr.toml"
    config.write_text(
        f'[site]\nname = "{SITE}"\ntimezone = "UTC"\ndata = "data"\n[[source]]\nname = "desk"\ninput = "file:x.log"\n'
    )
    early, late = figures(load(config), 1_760_000_041.0), figures(load(config), 1_760_000_099.9)
    assert early == late
    assert early == [
        f"collector,site={SITE},source=desk legs=0i,calls=0i,rejected_lines=0i,link=0i 1760000040000000000",
        f"collector_alarms,site={SITE} standing=0i 1760000040000000000",
    ]
