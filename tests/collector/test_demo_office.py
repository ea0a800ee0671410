"""The tables of the demonstration's office, in both languages."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from collector import demo_upkeep
from collector.accounting.budgets.table import load_budgets
from collector.accounting.departments import Departments
from collector.accounting.directory import Directory
from collector.accounting.tariff import Tariff
from collector.demo_office import FINANCE, LOGIN, PBXS, SALES, restricted, settings, tables
from collector.office import rounds, tickets
from collector.office.approvers import load_approvers
from collector.office.codes import load_codes
from collector.office.roster import Roster
from collector.store.office_db import writing

if TYPE_CHECKING:
    from pathlib import Path

    from collector.demo_office import Language

DAY = date(2026, 3, 2)


@pytest.mark.parametrize(("language", "name"), [("zh", "市话"), ("en", "local")])
def test_every_table_is_read_without_a_fault(tmp_path: Path, language: Language, name: str) -> None:
    written = tables(DAY, DAY, language)
    for file, text in written.items():
        (tmp_path / file).write_text(text)
    tree = Departments.load(tmp_path / "departments.csv")
    assert len(tree.above(SALES, DAY)) == 2
    directory = Directory.load(tmp_path / "directory.csv", "Asia/Shanghai")
    assert directory.restricted() > set(restricted())
    assert all(file in "\n".join(settings()) for file in written if file not in ("directory.csv", "departments.csv"))
    assert {budget.name for budget in load_budgets(tmp_path / "budgets.csv")} > {SALES, FINANCE}
    assert [one.name for one in load_approvers(tmp_path / "approvers.csv")] == [LOGIN.manager]
    assert load_codes(tmp_path / "codes.csv")
    Tariff.load(tmp_path / "tariff.csv")
    assert f",{name}\n" in written["tariff.csv"]


def test_somebody_is_at_the_switchboard_at_every_hour_of_the_week(tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_text(tables(DAY, DAY, "zh")["roster.csv"])
    roster = Roster.load(tmp_path / "roster.csv", "Asia/Shanghai")
    monday = datetime(2026, 3, 2, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp()
    hours = [monday + hour * 3600 for hour in range(7 * 24)]
    assert [at for at in hours if not any(roster.at(phone, at) for phone in roster.extensions)] == []


def test_each_pbx_calls_somebody_in_private() -> None:
    numbers = {pbx.private_number for pbx in PBXS}
    assert len(numbers) == len(PBXS)
    assert all(f'"{number}"' in "\n".join(settings()) for number in numbers)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_equipment_has_faults_in_every_state_and_one_round_is_overdue(tmp_path: Path, language: Language) -> None:
    with writing(tmp_path) as db:
        demo_upkeep.fill(db, DAY, language)
        assert {one.state for one in tickets.tickets(db)} == {"reported", "repairing", "solved"}
        assert [one.is_overdue(DAY) for one in rounds.due(db)] == [True, False, False]
        names = "".join(one.equipment for one in tickets.tickets(db))
        assert names.isascii() == (language == "en")
