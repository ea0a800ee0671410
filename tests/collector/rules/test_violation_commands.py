"""``smdr violations``: judged from calls.db, kept with what was done, and recomputed when calls or tables change."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import random
import sqlite3
from contextlib import closing
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from offices import Office

from collector.accounting.budgets.statements import month_of, statements
from collector.cli.group import smdr
from collector.commands import budgets
from collector.commands.judging import judge_span
from collector.commands.rating import rerate
from collector.config import load

if TYPE_CHECKING:
    from pathlib import Path

FAR = 4e10
LINE = "{} {}   {} 09 {:31}00:{:02}'{:02}               \r\n"
BOTH = "premium", "pbx1:0"
CONFIG = """
[site]
name = "hq"
timezone = "Asia/Shanghai"
language = "en"
data = "data"
directory = "directory.csv"
departments = "departments.csv"

[accounting]
tariff = "tariff.csv"

[rules]
missed_allowance = "100"
off = ["fraud-country"]

[[source]]
name = "pbx1"
input = "tcp-listen://127.0.0.1:2300"
format = "panasonic/kx-td"
date_order = "dmy"
"""


@pytest.fixture
def judged(tmp_path: Path) -> Office:
    """A premium call, one far away at night by a phone that may not, one that breaks nothing; judged."""
    (tmp_path / "tariff.csv").write_text("class,step_s,price\nlocal,60,0.1\npremium,60,3\ndomestic,60,0.7\n")
    (tmp_path / "directory.csv").write_text(
        "extension,department,person,may_call\n117,Sales,Li,\n118,Shop,Chen,local premium\n", encoding="utf-8"
    )
    (tmp_path / "departments.csv").write_text("department,above\nCompany,\nSales,Company\nShop,Sales\n")
    path = tmp_path / "smdr.toml"
    path.write_text(CONFIG, encoding="utf-8")
    office = Office(load(path))
    lines = (
        LINE.format("02/03/26", "10:00AM", 117, "16812345", 1, 0),
        LINE.format("03/03/26", "10:00PM", 118, "02155501234", 2, 0),
        LINE.format("04/03/26", "10:00AM", 117, "5550123", 1, 0),
    )
    office.journal("".join(lines).encode(), at=1_786_400_000.0)
    office.project()
    assert office.rows("SELECT class FROM calls ORDER BY offset") == [("premium",), ("domestic",), ("local",)]
    typed(office, "judge", "--month", "2026-03")
    return office


def typed(office: Office, name: str, *arguments: str, status: int = 0) -> str:
    done = CliRunner().invoke(smdr, ["violations", name, *arguments, "-c", str(office.config.path)])
    assert done.exit_code == status, done.exception
    return f"{done.output}{done.exception or ''}"


def listed(office: Office, *arguments: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in typed(office, "list", "--format", "json", *arguments).splitlines()]


def test_a_month_is_judged_and_judged_again_the_same(judged: Office) -> None:
    rules = [row["rule"] for row in listed(judged)]
    assert rules == ["premium", "approval", "fine", "ip-prefix", "off-hours"]
    assert typed(judged, "judge", "--month", "2026-03").splitlines()[-1] == (
        "2026-03-01 to 2026-03-31: 5 violations, 0 of them new; 0 fell away."
    )
    assert [row["amount"] for row in listed(judged)] == ["3.00", "2.80", "50.00", "0.00", "1.40"]
    assert json.loads(typed(judged, "judge", "--month", "2026-04", "--json"))["rules"] == {}


def test_the_list_is_narrowed(judged: Office) -> None:
    assert listed(judged, "--month", "2026-02") == []
    assert len(listed(judged, "--month", "2026-03")) == 5
    assert {row["rule"] for row in listed(judged, "--rule", "fine", "--rule", "premium")} == {"fine", "premium"}
    assert len(listed(judged, "--department", "Shop")) == 4
    assert len(listed(judged, "--department", "Sales")) == 5  # with those below
    assert len(listed(judged, "--state", "open")) == 5
    assert listed(judged, "--state", "charged") == []


def test_the_list_is_text_csv_or_json(judged: Office) -> None:
    first = typed(judged, "list").splitlines()[0]
    assert first == (
        "2026-03-02 09:59  premium           pbx1:0        open            3.00  Sales, Li, 117 to 16812345: "
        "a premium or information number"
    )
    table = list(csv.DictReader(io.StringIO(typed(judged, "list", "--format", "csv"))))
    rows = listed(judged)
    assert [row["what"] for row in table] == [row["what"] for row in rows]
    assert list(table[0]) == list(rows[0])


def test_what_is_done_about_a_violation_is_kept_step_by_step(judged: Office) -> None:
    assert typed(judged, "explain", *BOTH, "--reason", "a mistake", "--by", "Li") == "premium pbx1:0 is explained.\n"
    assert typed(judged, "charge", *BOTH, "--by", "Wang") == "premium pbx1:0 is charged: 3.00 CNY.\n"
    assert "was charged by Wang already" in typed(judged, "charge", *BOTH, status=1)
    assert "was charged by Wang already" in typed(judged, "explain", *BOTH, "--reason", "x", status=1)
    typed(judged, "waive", *BOTH, "--reason", "the number was printed wrongly", "--by", "Wang")
    assert "was waived by Wang already" in typed(judged, "waive", *BOTH, "--reason", "x", status=1)
    assert "say with --amount" in typed(judged, "charge", *BOTH, status=1)
    assert "less than nothing" in typed(judged, "charge", *BOTH, "--amount", "-1", status=1)
    assert (
        typed(judged, "charge", *BOTH, "--amount", "1.50", "--by", "Zhao") == "premium pbx1:0 is charged: 1.50 CNY.\n"
    )
    told = json.loads(typed(judged, "show", *BOTH, "--json"))
    assert (told["state"], told["amount"]) == ("charged", "1.50")
    assert [(one["state"], one["by"], one["amount"]) for one in told["history"]] == [
        ("explained", "Li", None),
        ("charged", "Wang", "3.00"),
        ("waived", "Wang", None),
        ("charged", "Zhao", "1.50"),
    ]
    lines = typed(judged, "show", *BOTH).splitlines()
    assert [line.split("  ")[-1] for line in lines[-2:]] == [
        "waived by Wang: the number was printed wrongly",
        "charged 1.50 CNY by Zhao",
    ]


def test_a_charge_is_posted_once_and_taken_back_where_it_is_waived(judged: Office) -> None:
    path = judged.config.path
    path.with_name("budgets.csv").write_text(
        "scope,name,amount,carry_over,from\nperson,Li,30,yes,2026-01-01\ndepartment,Shop,40,yes,2026-01-01\n"
    )
    path.write_text(path.read_text() + '\n[office]\nbudgets = "budgets.csv"\n')

    def charged() -> dict[str, tuple[Decimal, Decimal]]:
        ledger = budgets.ledger(load(path))
        assert ledger.proves()
        found = statements(ledger, *month_of(budgets.today(judged.config)))
        return {str(one.owner): (one.charged, one.closing) for one in found}

    before = charged()
    typed(judged, "charge", *BOTH, "--by", "Wang")
    assert "already" in typed(judged, "charge", *BOTH, status=1)
    typed(judged, "charge", "fine", "pbx1:82", "--by", "Wang")
    for owner, amount in (("person:Li", 3), ("department:Shop", 50)):
        assert charged()[owner] == (amount, before[owner][1] - amount)
    assert [one.text for one in budgets.ledger(load(path)).postings if one.taker == "charged"] == [
        "premium pbx1:0 charged (Wang)",
        "fine pbx1:82 charged (Wang)",
    ]
    typed(judged, "waive", *BOTH, "--reason", "x", "--by", "Wang")
    typed(judged, "waive", "fine", "pbx1:82", "--reason", "x", "--by", "Wang")
    assert charged() == before
    typed(judged, "charge", *BOTH, "--amount", "1.50", "--by", "Zhao")
    assert charged()["person:Li"] == (Decimal("1.50"), before["person:Li"][1] - Decimal("1.50"))


def test_a_waived_violation_costs_nothing(judged: Office) -> None:
    typed(judged, "waive", *BOTH, "--reason", "x")
    assert [(row["state"], row["amount"]) for row in listed(judged, "--rule", "premium")] == [("waived", "0.00")]


def test_changed_tables_change_amounts_but_no_state_and_no_charge(judged: Office) -> None:
    typed(judged, "explain", *BOTH, "--reason", "a mistake")
    typed(judged, "charge", "off-hours", "pbx1:82")
    judged.config.path.with_name("tariff.csv").write_text(
        "class,step_s,price\nlocal,60,1\npremium,60,6\ndomestic,60,7\n"
    )
    rerate(judged.config, 0, FAR)
    typed(judged, "judge", "--month", "2026-03")
    after = {row["rule"]: (row["state"], row["amount"]) for row in listed(judged)}
    assert after["premium"] == ("explained", "6.00")
    assert after["off-hours"] == ("charged", "1.40")
    assert after["approval"] == ("open", "28.00")


def test_what_breaks_no_rule_any_more_falls_away_and_may_come_back(judged: Office) -> None:
    typed(judged, "explain", "fine", "pbx1:82", "--reason", "was granted", "--by", "Chen")
    directory = judged.config.path.with_name("directory.csv")
    before = directory.read_text(encoding="utf-8")
    directory.write_text(before.replace("local premium", "local premium domestic"), encoding="utf-8")
    assert "3 violations, 0 of them new; 2 fell away." in typed(judged, "judge", "--month", "2026-03")
    fallen = listed(judged, "--state", "fallen")
    assert [(row["rule"], row["state"], row["by"]) for row in fallen] == [
        ("approval", "open", None),
        ("fine", "explained", "Chen"),
    ]
    assert fallen[0]["fallen"]
    assert "has fallen away" in typed(judged, "charge", "fine", "pbx1:82", status=1)
    assert typed(judged, "judge", "--month", "2026-03").endswith("3 violations, 0 of them new; 0 fell away.\n")
    directory.write_text(before, encoding="utf-8")
    assert "5 violations, 0 of them new; 0 fell away." in typed(judged, "judge", "--month", "2026-03")
    assert [row["state"] for row in listed(judged, "--rule", "fine")] == ["explained"]
    assert listed(judged, "--state", "fallen") == []


def test_an_approval_in_time_takes_the_violation_away(judged: Office) -> None:
    path = judged.config.path
    path.with_name("approvers.csv").write_text("department,approver\n,Wang\n")
    path.write_text(path.read_text() + '\n[office]\napprovers = "approvers.csv"\n')
    asked = ["--department", "Shop", "--caller", "Chen", "--place", "x", "--organisation", "x", "--purpose", "x"]
    days = ["--first-day", "2026-03-03", "--by", "Chen", "-c", str(path)]
    runner = CliRunner()
    assert runner.invoke(smdr, ["approval", "apply", *asked, *days]).exit_code == 0
    assert runner.invoke(smdr, ["approval", "grant", "1", "--by", "Wang", "-c", str(path)]).exit_code == 0
    typed(judged, "judge", "--month", "2026-03")
    (late,) = listed(judged, "--rule", "approval")
    assert late["what"].startswith("approved too late")
    assert [row["rule"] for row in listed(judged, "--state", "fallen")] == ["fine"]
    with closing(sqlite3.connect(judged.config.site.data / "office.db")) as db, db:
        db.execute("DROP TRIGGER decisions_hold")
        db.execute("UPDATE decisions SET at = 1772700000")  # the fifth of March
    typed(judged, "judge", "--month", "2026-03")
    assert listed(judged, "--rule", "approval") == []


def test_a_rule_that_is_switched_off_leaves_its_violations_as_they_are(judged: Office) -> None:
    path = judged.config.path
    path.write_text(path.read_text().replace('["fraud-country"]', '["fine"]'))
    assert "4 violations, 0 of them new; 0 fell away." in typed(judged, "judge", "--month", "2026-03")
    assert len(listed(judged, "--rule", "fine")) == 1


def test_another_month_is_left_alone(judged: Office) -> None:
    judged.config.path.with_name("directory.csv").write_text("extension,department,person\n")
    typed(judged, "judge", "--month", "2026-04")
    typed(judged, "judge", "--month", "2026-02")
    assert len(listed(judged)) == 5


def test_a_call_marked_as_private_is_judged_as_one(judged: Office) -> None:
    path = judged.config.path
    path.write_text(path.read_text().replace("[rules]", "[rules]\nprivate_minutes = 0"))
    assert typed(judged, "private", "pbx1:164", "--by", "Li") == "pbx1:164 is marked as private.\n"
    typed(judged, "judge", "--month", "2026-03")
    assert [row["offset"] for row in listed(judged, "--rule", "private")] == [164]
    assert typed(judged, "private", "pbx1:164", "--not") == "pbx1:164 is not marked as private.\n"
    typed(judged, "judge", "--month", "2026-03")
    assert listed(judged, "--rule", "private") == []
    assert "There is no call pbx1:7" in typed(judged, "private", "pbx1:7", status=1)


def test_missed_calls_are_counted_without_those_that_are_waived(judged: Office) -> None:
    days = ("02", "03", "04", "05")
    lines = [LINE.format(f"{day}/03/26", "11:00AM", 117, "<INCOMING> 13900000001", 0, 0) for day in days]
    judged.journal("".join(lines).encode(), at=1_786_400_001.0)
    judged.project()
    with closing(sqlite3.connect(judged.config.site.data / "calls.db")) as db, db:
        db.execute("UPDATE stored_calls SET outcome = 1 WHERE number = '13900000001'")
    typed(judged, "judge", "--month", "2026-03")
    missed = listed(judged, "--rule", "missed")
    assert [(row["missed_in_year"], row["amount"]) for row in missed] == [
        (1, "100.00"),
        (2, "100.00"),
        (3, "1000.00"),
        (4, "100.00"),
    ]
    typed(judged, "waive", "missed", f"pbx1:{missed[0]['offset']}", "--reason", "was in hospital")
    assert [(row["missed_in_year"], row["amount"]) for row in listed(judged, "--rule", "missed")] == [
        (None, "0.00"),
        (1, "100.00"),
        (2, "100.00"),
        (3, "1000.00"),
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("show", "fine", "pbx1:0"), "There is no violation fine pbx1:0"),
        (("waive", "fine", "pbx9:0", "--reason", "x"), "There is no violation fine pbx9:0"),
    ],
)
def test_a_violation_that_is_not_there_is_said_so(judged: Office, arguments: tuple[str, ...], said: str) -> None:
    assert said in typed(judged, *arguments, status=1)


@pytest.mark.parametrize(
    "arguments",
    [("show", "finé", "pbx1:0"), ("show", "fine", "pbx1"), ("waive", *BOTH), ("judge", "--month", "03/2026")],
)
def test_what_is_typed_wrongly_is_said_so(judged: Office, arguments: tuple[str, ...]) -> None:
    assert "Invalid value" in (said := typed(judged, *arguments, status=2)) or "Missing option '--reason'" in said


def test_nothing_is_judged_before_anything_is_collected(office: Office) -> None:
    assert "start the collector" in typed(office, "judge", status=1)
    assert typed(office, "list") == ""


def test_a_month_of_which_calls_are_removed_is_not_judged(judged: Office) -> None:
    path = judged.config.path
    path.write_text(path.read_text() + "\n[retention]\nraw_months = 1\ncalls_months = 1\n")
    assert "Calls before" in typed(judged, "judge", "--month", "2020-03", status=1)


def test_what_was_done_cannot_be_taken_back(judged: Office) -> None:
    typed(judged, "explain", *BOTH, "--reason", "x")
    with closing(sqlite3.connect(judged.config.site.data / "office.db")) as db:
        for attempt in (
            "DELETE FROM violations",
            "DELETE FROM violation_states",
            "UPDATE violation_states SET state = 'waived'",
            "DELETE FROM private_calls",
        ):
            if "private" in attempt:
                db.execute("INSERT INTO private_calls VALUES (1, 0, 'x', 'pbx1', 0, 1)")
            with pytest.raises(sqlite3.IntegrityError, match="nothing is"):
                db.execute(attempt)


def test_judging_in_pieces_finds_the_same_as_at_once(judged: Office) -> None:
    chance = random.Random(3)
    numbers = ("16812345", "02155501234", "0044205550123", "<INCOMING> 13900000001")
    lines = [
        LINE.format(
            f"{chance.choice((30, 31)):02}/03/26" if chance.random() < 0.5 else f"{chance.choice((1, 2)):02}/04/26",
            f"{chance.randint(1, 12):02}:{chance.randrange(60):02}{chance.choice(('AM', 'PM'))}",
            chance.choice((117, 118)),
            chance.choice(numbers),
            chance.randrange(5),
            chance.randrange(60),
        )
        for _ in range(300)
    ]
    judged.journal("".join(lines).encode(), at=1_786_400_001.0)
    judged.project()
    path = judged.config.path
    path.write_text(
        path.read_text().replace(
            'off = ["fraud-country"]', "fraud_night_calls = 3\nfraud_short_calls = 2\nfraud_country_days = 7"
        )
    )
    config = load(path)
    judge_span(config, dt.date(2026, 3, 1), dt.date(2026, 4, 30))
    at_once = listed(judged)
    assert {"fraud-night", "fraud-short", "fraud-country"} <= {row["rule"] for row in at_once}
    for day in range(30, 35):
        one = dt.date(2026, 3, 1) + dt.timedelta(days=day - 1)
        assert judge_span(config, one, one)[0][1:] == (0, 0)
    assert listed(judged) == at_once
