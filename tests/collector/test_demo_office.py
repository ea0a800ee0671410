"""The tables of the demonstration's office, in both languages."""

from __future__ import annotations

import csv
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from collector import demo_upkeep, demo_work
from collector.accounting.budgets.table import load_budgets
from collector.accounting.departments import Departments
from collector.accounting.directory import Directory
from collector.accounting.tariff import Tariff
from collector.commands.importing import import_file
from collector.config import load
from collector.demo import language_of
from collector.demo_office import (
    FINANCE,
    HEADQUARTERS,
    HEADS,
    LOGIN,
    PBXS,
    SALES,
    TECHNICIAN,
    restricted,
    settings,
    tables,
)
from collector.office import deposits, rounds, tickets
from collector.office.approvers import load_approvers
from collector.office.codes import load_codes
from collector.office.roster import Roster
from collector.simulator.printing import print_lines, reported
from collector.simulator.traffic import Traffic
from collector.store.office_db import reading, writing
from parsers import formats

if TYPE_CHECKING:
    from pathlib import Path

    from collector.config import Config
    from dashboards.words import Language

DAY = date(2026, 3, 2)
ZONE = ZoneInfo("Asia/Shanghai")
WRITTEN = (
    "SELECT caller, place, organisation, purpose FROM applications",
    "SELECT payer, organisation FROM deposits",
    "SELECT payer FROM receipts",
    "SELECT caller, organisation, purpose, handled FROM notes",
    "SELECT caller, text FROM messages",
    "SELECT note FROM handovers",
    "SELECT equipment, fault FROM tickets",
    "SELECT text FROM ticket_events WHERE text <> ''",
    "SELECT name FROM rounds",
    "SELECT value FROM rounds, json_each(rounds.equipment)",
    "SELECT round, remark FROM inspections",
    "SELECT reason FROM violation_states",
    "SELECT mapping FROM bills",
)
"""What people have written; each of it has to be there."""
NAMES = {*HEADS.values(), TECHNICIAN, HEADQUARTERS.name}
"""They are the same in either language."""


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


@pytest.mark.parametrize("language", ["zh", "en"])
def test_all_that_is_written_in_the_office_is_in_the_language_of_the_site(tmp_path: Path, language: Language) -> None:
    config = worked_in(tmp_path, language)
    with reading(config.site.data) as db:
        written = {query: [text for row in db.execute(query) for text in row] for query in WRITTEN}
    for file, column in (("roster.csv", "shift"), ("tariff.csv", "name")):
        rows = csv.DictReader((tmp_path / file).read_text().splitlines())
        written[file] = [row[column] for row in rows]
    assert [query for query, texts in written.items() if not texts] == []
    said = {text for texts in written.values() for text in texts} - NAMES
    assert [text for text in said if is_chinese(text) != (language == "zh")] == []


def test_one_deposit_is_paid_in_one_used_in_part_and_one_given_back(tmp_path: Path) -> None:
    config = worked_in(tmp_path, "en")
    with reading(config.site.data) as db:
        taken = [
            (len(deposits.receipts(db, one.id)), deposits.settlement(db, one.id) is not None)
            for one in deposits.deposits(db)
        ]
        for one in deposits.receipts(db):
            assert one.amount
            assert deposits.found(db, one.deposit or 0).at < one.at
    assert taken == [(1, True), (2, False), (0, False)]


def test_a_later_start_speaks_as_the_first_did(tmp_path: Path) -> None:
    assert language_of(tmp_path) is None
    configured(tmp_path, "zh")
    assert language_of(tmp_path) == "zh"
    (tmp_path / "smdr.toml").write_text("[site")
    assert language_of(tmp_path) is None


def is_chinese(text: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in text)


def configured(folder: Path, language: Language) -> Config:
    """The office of the demonstration with its headquarters alone."""
    for file, text in tables(DAY, DAY, language).items():
        (folder / file).write_text(text)
    site = f"""[site]
name = "demo"
timezone = "{ZONE}"
language = "{language}"
directory = "directory.csv"
departments = "departments.csv"
data = "data"

[[source]]
name = "{HEADQUARTERS.name}"
input = "tcp-listen://127.0.0.1:2300"
format = "{HEADQUARTERS.format}"
"""
    (folder / "smdr.toml").write_text("\n".join([site, *settings()]))
    return load(folder / "smdr.toml")


def worked_in(folder: Path, language: Language) -> Config:
    """That office with the calls of some weeks, once its people have done what they do."""
    config = configured(folder, language)
    now = datetime.now(ZONE).replace(tzinfo=None)
    legs = Traffic(HEADQUARTERS.history, HEADQUARTERS.seed).between(now - timedelta(days=62), now)
    declared = formats.get(HEADQUARTERS.format)
    with (folder / "calls.log").open("wb") as capture:
        capture.writelines(line.text for line in print_lines(declared, reported(declared, legs)))
    import_file(folder / "calls.log", HEADQUARTERS.name, config)
    assert demo_work.fill(config)
    return config
