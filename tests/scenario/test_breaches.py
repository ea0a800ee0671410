"""Fourteen months in which rules are broken on purpose: what was planted is found, with its amount, and nothing else."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from breaches import Breach, Breaches
from click.testing import CliRunner
from company import FIRST, LAST
from recount import apply_for, collected, judge

from collector.cli.group import smdr
from collector.commands.violations import listed
from dashboards.words import WORDS

if TYPE_CHECKING:
    from collector.commands.violations import Entry
    from collector.config import Config

ZONE = ZoneInfo("Asia/Shanghai")
NOW = dt.datetime(2026, 4, 1, tzinfo=ZONE).timestamp()


@pytest.fixture(scope="module")
def breaches() -> Breaches:
    return Breaches()


@pytest.fixture(scope="module")
def judged(breaches: Breaches, tmp_path_factory: pytest.TempPathFactory) -> Config:
    folder = tmp_path_factory.mktemp("breaches")
    breaches.write(folder)
    config = collected(folder)
    apply_for(breaches.wishes, config)
    judge(config, FIRST, LAST, NOW)
    return config


def found(config: Config) -> list[Breach]:
    return sorted(map(breach, listed(config, FIRST, LAST)), key=lambda one: (one.at, one.rule))


def breach(entry: Entry) -> Breach:
    one = entry.kept.violation
    at = dt.datetime.fromtimestamp(one.at, ZONE).replace(tzinfo=None)
    months = entry.nth.months if entry.nth else None
    return Breach(one.rule, at, one.extension, entry.amount, one.saved, months)


def test_what_was_planted_is_found_and_nothing_else(breaches: Breaches, judged: Config) -> None:
    assert Counter(one.rule for one in breaches.truth) == Counter(one.rule for one in found(judged))
    assert found(judged) == breaches.truth
    assert {one.rule for one in breaches.truth} == {
        "off-hours", "premium", "ip-prefix", "class-of-service", "approval", "fine", "private", "code", "missed",
        "fraud-night", "fraud-short", "fraud-country",
    }  # fmt: skip


def test_fines_of_a_year_add_up(breaches: Breaches, judged: Config) -> None:
    fines = sum((one.amount for one in found(judged) if one.rule == "fine" and one.at.year == 2025), Decimal(0))
    assert fines == 12 * (50 + 100 + 500)
    taken = [
        one.months for one in breaches.truth if one.rule == "missed" and one.extension == "101" and one.at.year == 2025
    ]
    assert taken == [1, 1, 10, *[1] * 9]


def test_judged_again_they_are_the_same(judged: Config) -> None:
    before = listed(judged, FIRST, LAST)
    judge(judged, FIRST, LAST, NOW)
    assert listed(judged, FIRST, LAST) == before


def test_the_report_of_a_year_has_each_and_adds_up(breaches: Breaches, judged: Config) -> None:
    arguments = [
        "report",
        "violations",
        "--year",
        "2025",
        "--language",
        "en",
        "--format",
        "csv",
        "-c",
        str(judged.path),
    ]
    printed = list(csv.reader(io.StringIO(CliRunner().invoke(smdr, arguments, catch_exceptions=False).output)))
    rows = [row for row in printed[1:] if row[2]]
    truth = [one for one in breaches.truth if one.at.year == 2025]
    named = {f"{one.rule}": WORDS[f"rule.{one.rule}"]["en"] for one in truth}
    expected = Counter((f"{one.at:%Y-%m-%d %H:%M:%S}", named[one.rule], one.extension, one.amount) for one in truth)
    assert Counter((row[2], row[3], row[5], Decimal(row[9])) for row in rows) == expected
    assert all(row[4] for row in rows)
    assert all(row[6].endswith("****") for row in rows if row[6])
    subtotals = {row[0]: Decimal(row[9]) for row in printed if row[1] == "Subtotal"}
    for department, amount in subtotals.items():
        assert amount == sum(Decimal(row[9]) for row in rows if row[0] == department)
    assert printed[-1][0] == "Total"
    assert Decimal(printed[-1][9]) == sum(one.amount for one in truth) == sum(subtotals.values())
