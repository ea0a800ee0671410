"""The provisioned alert rules: each query asked of InfluxDB with what the product sends, in trouble and without."""

from __future__ import annotations

import operator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest
import yaml
from grafana_asking import ask
from grafana_collected import OUTPUT_TABLE, configure
from grafana_printed import SITE, WITHOUT_RING, ZONE, print_line
from offices import Office

from collector.buckets import bucket_of
from collector.config import load
from collector.outputs.base import Sums
from collector.outputs.figures import figures
from collector.outputs.office_figures import office_figures
from collector.outputs.points import traffic_point
from collector.rules.violation import Violation
from collector.store.database import open_writer
from collector.store.office_db import writing
from collector.store.violations import keep, note

if TYPE_CHECKING:
    from servers import Influxd

ROOT = Path(__file__).parents[3]
ALERTING = ROOT / "dashboards/grafana/provisioning/alerting"
RULES: dict[str, dict[str, Any]] = {
    rule["uid"]: rule for rule in yaml.safe_load((ALERTING / "rules.yaml").read_text("utf-8"))["groups"][0]["rules"]
}
COMPARISONS = {"gt": operator.gt, "lt": operator.lt}
State = Literal["firing", "quiet", "no data"]

OFFICE_TABLE = """
[office]
budgets = "budgets.csv"
"""
BUDGETS = "scope,name,amount,warn,over,from\ndepartment,Sales/East,10,80,approve,2026-03-01\n"
WAITING = 1001


def at(day: int) -> int:
    return int(datetime(2026, 3, day, 12, 20, tzinfo=ZONE).timestamp())


EMPTY, WELL, TROUBLE, AGAIN = at(2), at(10), at(11), at(12)


@pytest.fixture(scope="module")
def database(influxd: Influxd, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A site that is well, a day later has every trouble, and again a day later nearly none."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "budgets.csv").write_text(BUDGETS, encoding="utf-8")
    outputs = OUTPUT_TABLE.format(url="http://127.0.0.1:8086", database="smdr")
    config = load(configure(folder, [WITHOUT_RING], OFFICE_TABLE + outputs))
    office = Office(config)
    cheap = print_line(WITHOUT_RING, datetime(2026, 3, 9, 9, tzinfo=ZONE), "105", "01", "2988880001", None, 30)
    dear = print_line(WITHOUT_RING, datetime(2026, 3, 11, 9, tzinfo=ZONE), "201", "01", "00445550001", None, 63)
    office.journal(b"".join(line.encode() + b"\r\n" for _, line in [cheap] * WAITING + [dear]), source="old", at=WELL)
    office.project()
    database = influxd.create_database()

    def tell(now: int, *, sent: bool, within: int) -> None:
        db = open_writer(config.site.data / "calls.db")
        last = db.execute("SELECT max(seq) FROM calls").fetchone()[0] if sent else 0
        db.execute("INSERT OR REPLACE INTO outputs VALUES ('influx', 'ok', ?, 0, NULL, 0)", (last,))
        db.commit()
        db.close()
        sums = Sums(*[0] * len(Sums.__struct_fields__))
        sums.calls = sums.ring_known = 10
        sums.within_target = within
        dims = ("old", "incoming", "local", "", "105", "01")
        hour = traffic_point(SITE, "hour", dims, bucket_of("hour", now - 3600, ZONE), sums)
        influxd.write("\n".join([*figures(config, now), *office_figures(config, now).points, hour]), database)

    found = Violation(
        "fraud-night", "old", 7, TROUBLE, "Sales/East", "", "201", "1", "local", "1", Decimal(0), None, ()
    )
    tell(WELL, sent=True, within=8)
    with writing(config.site.data) as db:
        keep(db, [found], ["fraud-night"], TROUBLE - 60, TROUBLE + 60)
    tell(TROUBLE, sent=False, within=7)
    with writing(config.site.data) as db:
        note(db, found.key, "explained", "head", "a fax")
    tell(AGAIN, sent=True, within=10)
    return database


def state(influxd: Influxd, database: str, rule: dict[str, Any], now: int) -> State:
    """Evaluate a rule as Grafana does: a query of several series, the last value of each, the comparison of any."""
    steps = {step["refId"]: step for step in rule["data"]}
    span = steps["A"]["relativeTimeRange"]
    query = steps["A"]["model"]["query"].replace(
        "$$timeFilter", f"time >= {now - span['from']}s and time <= {now - span['to']}s"
    )
    assert "$" not in query.replace("$/", "")
    last: dict[tuple[str, ...], float] = {}
    for row in ask(influxd, database, query):
        (value,) = (one for name, one in row.items() if name != "time" and not isinstance(one, str))
        last[tuple(one for one in row.values() if isinstance(one, str))] = value
    if not last:
        return "no data"
    assert (steps["B"]["model"]["reducer"], steps["B"]["model"]["expression"]) == ("last", "A")
    assert (steps["C"]["model"]["expression"], rule["condition"]) == ("B", "C")
    (condition,) = steps["C"]["model"]["conditions"]
    compare, (limit,) = COMPARISONS[condition["evaluator"]["type"]], condition["evaluator"]["params"]
    return "firing" if any(compare(value, limit) for value in last.values()) else "quiet"


@pytest.mark.parametrize(
    ("rule", "well", "again"),
    [
        ("silence", "quiet", "firing"),
        ("answering", "quiet", "quiet"),
        ("toll-fraud", "no data", "quiet"),
        ("budget", "quiet", "firing"),
        ("output-lag", "quiet", "quiet"),
    ],
)
def test_rule_fires_in_trouble_and_not_without(
    influxd: Influxd, database: str, rule: str, well: State, again: State
) -> None:
    one = RULES[f"smdr-{rule}"]
    states = [state(influxd, database, one, now) for now in (WELL, TROUBLE, AGAIN)]
    assert states == [well, "firing", again]


def test_a_collector_that_tells_nothing_is_an_alert(influxd: Influxd, database: str) -> None:
    told = {name: state(influxd, database, rule, EMPTY) for name, rule in RULES.items()}
    assert set(told.values()) == {"no data"}
    on_nothing = {name for name, rule in RULES.items() if rule["noDataState"] == "Alerting"}
    assert on_nothing == {"smdr-silence", "smdr-output-lag"}
    assert {rule["noDataState"] for rule in RULES.values()} == {"Alerting", "OK"}


def test_rules_ask_the_provisioned_data_source_and_say_what_is_wrong_in_both_languages() -> None:
    (source,) = yaml.safe_load((ALERTING / "../datasources/smdr.yaml").read_text("utf-8"))["datasources"]
    for rule in RULES.values():
        assert [step["datasourceUid"] for step in rule["data"]] == [source["uid"], "__expr__", "__expr__"]
        for text in (rule["title"], rule["annotations"]["summary"]):
            assert any("a" <= letter <= "z" for letter in text)
            assert any("\u4e00" <= letter <= "\u9fff" for letter in text)


def test_the_contact_point_is_an_address_of_the_environment_and_the_policy_leads_to_it() -> None:
    contact = yaml.safe_load((ALERTING / "contact.yaml").read_text("utf-8"))
    ((point,), (policy,)) = contact["contactPoints"], contact["policies"]
    assert policy["receiver"] == point["name"]
    (receiver,) = point["receivers"]
    assert receiver["settings"] == {"addresses": "$SMDR_ALERT_MAIL"}
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
    assert "@" in compose["services"]["grafana"]["environment"]["SMDR_ALERT_MAIL"]
