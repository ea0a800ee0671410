"""``smdr approval``, ``smdr deposit`` and ``smdr receipt``."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from offices import kx_td_line
from smdr_command import run_smdr

from collector.config import load
from collector.store.office_db import writing

if TYPE_CHECKING:
    from offices import Office

APPLICATION = (
    "approval", "apply", "--department", "Sales", "--caller", "Li", "--place", "广州", "--organisation", "交易会",
    "--purpose", "展位", "--first-day", "2026-03-01", "--by", "Li",
)  # fmt: skip


@pytest.fixture
def desk(office: Office) -> Office:
    """An office with approvers and one call that cost 40.25."""
    path = office.config.path
    path.with_name("approvers.csv").write_text("department,approver\nSales,Wang\n", encoding="utf-8")
    path.write_text(path.read_text(encoding="utf-8") + '\n[office]\napprovers = "approvers.csv"\n', encoding="utf-8")
    office.journal(kx_td_line(1))
    office.project()
    with closing(sqlite3.connect(office.config.site.data / "calls.db")) as db, db:
        db.execute("UPDATE stored_calls SET cost = '40.25', talk_s = 3725, start = 1754800000")
    return office._replace(config=load(path))


def smdr(office: Office, *arguments: str, status: int = 0) -> str:
    done = run_smdr(*arguments, "-c", office.config.path)
    assert done.status == status, done.stderr
    return done.stdout if not status else done.stderr


def test_an_application_goes_its_way(desk: Office) -> None:
    assert smdr(desk, *APPLICATION) == "Application 1 is filed.\n"
    assert "Li may not decide for Sales today; who may: Wang." in smdr(
        desk, "approval", "grant", "1", "--by", "Li", status=1
    )
    assert json.loads(smdr(desk, "approval", "list", "--json", "--open"))["state"] == "waits"
    smdr(desk, "approval", "grant", "1", "--by", "Wang")
    row = json.loads(smdr(desk, "approval", "list", "--json"))
    assert (row["state"], row["decided_by"], row["place"]) == ("approved", "Wang", "广州")
    assert smdr(desk, "approval", "list", "--open") == ""
    assert "was approved by Wang already" in smdr(
        desk, "approval", "refuse", "1", "--reason", "no", "--by", "Wang", status=1
    )


def test_a_delegate_decides_on_his_days_only(desk: Office) -> None:
    smdr(desk, *APPLICATION)
    days = ("--first-day", "2020-01-01", "--last-day", "2020-01-31")
    assert "Li is no approver; there are: Wang." in smdr(
        desk, "approval", "delegate", "Zhao", *days, "--by", "Li", status=1
    )
    smdr(desk, "approval", "delegate", "Zhao", *days, "--by", "Wang")
    smdr(desk, "approval", "grant", "1", "--by", "Zhao", status=1)
    smdr(desk, "approval", "delegate", "Zhao", "--first-day", "2020-01-01", "--last-day", "9000-01-01", "--by", "Wang")
    smdr(desk, "approval", "grant", "1", "--by", "Zhao")


def test_what_is_not_there_is_a_sentence(desk: Office) -> None:
    assert smdr(desk, "approval", "grant", "7", status=1) == "There is no application 7.\n"
    assert "There is no call pbx1:99" in smdr(desk, "receipt", "pbx1:99", status=1)
    assert '"pbx1" is not a call' in smdr(desk, "receipt", "pbx1", status=2)
    assert smdr(desk, "deposit", "settle", "7", status=1) == "There is no deposit 7.\n"
    assert smdr(desk, "deposit", "take", "Chen", "0", status=1) == "A deposit is more than nothing.\n"


def test_a_deposit_pays_for_calls_and_the_rest_is_given_back(desk: Office) -> None:
    smdr(desk, "deposit", "take", "Chen", "50", "--by", "Desk")
    receipt = smdr(desk, "receipt", "pbx1:0", "--deposit", "1", "--by", "Desk")
    assert receipt.startswith("电话费回单\n\n编号      000001\n付款人    Chen\n分机      117\n")
    assert "通话时间  2025-08-10 12:26:40\n通话时长  1:02:05\n金额      40.25 CNY\n" in receipt
    assert smdr(desk, "deposit", "list") == "   1  50.00 CNY  9.75 left  Chen\n"
    assert "退还         9.75 CNY\n" in smdr(desk, "deposit", "settle", "1", "--by", "Desk")
    assert smdr(desk, "deposit", "list") == "   1  50.00 CNY  settled  Chen\n"


def test_what_a_deposit_does_not_cover_is_paid_in_addition(desk: Office) -> None:
    smdr(desk, "deposit", "take", "Chen", "40")
    smdr(desk, "receipt", "pbx1:0", "--deposit", "1")
    assert "补收         0.25 CNY\n" in smdr(desk, "deposit", "settle", "1")


def test_a_call_is_paid_for_once(desk: Office) -> None:
    first = smdr(desk, "receipt", "pbx1:0", "--payer", "Chen", "--by", "Desk")
    assert smdr(desk, "receipt", "pbx1:0", "--payer", "Sun", "--amount", "1", "--by", "Night") == first


def test_money_is_in_the_currency_of_the_tariff(desk: Office) -> None:
    path = desk.config.path
    text = path.read_text(encoding="utf-8")
    at = "[accounting]\n"
    path.write_text(text.replace(at, at + 'currency = "EUR"\n') if at in text else f'{text}\n{at}currency = "EUR"\n')
    assert smdr(desk, "deposit", "take", "Chen", "50") == "Deposit 1: 50.00 EUR from Chen.\n"
    assert " EUR" in smdr(desk, "receipt", "pbx1:0", "--deposit", "1", "--amount", "1")
    assert "50.00 USD" in smdr(desk, "deposit", "take", "Chen", "50", "--currency", "USD")


def test_a_settled_deposit_pays_no_more(desk: Office) -> None:
    smdr(desk, "deposit", "take", "Chen", "50")
    smdr(desk, "deposit", "settle", "1")
    assert "Deposit 1 is settled already" in smdr(desk, "receipt", "pbx1:0", "--deposit", "1", status=1)


def test_a_call_without_a_price_needs_an_amount(desk: Office) -> None:
    with closing(sqlite3.connect(desk.config.site.data / "calls.db")) as db, db:
        db.execute("UPDATE stored_calls SET cost = NULL")
    assert "is not known; say it with --amount" in smdr(desk, "receipt", "pbx1:0", status=1)
    assert "3.20 CNY" in smdr(desk, "receipt", "pbx1:0", "--amount", "3.2")


def test_a_page_to_print_is_html_that_nobody_can_break(desk: Office) -> None:
    page = smdr(desk, "receipt", "pbx1:0", "--payer", "<b>Chen</b>", "--html")
    assert page.startswith('<!doctype html>\n<html lang="zh-CN">')
    assert "&lt;b&gt;Chen&lt;/b&gt;" in page


@pytest.mark.parametrize("table", ["applications", "decisions", "deposits", "receipts", "deposit_settlements"])
def test_nothing_noted_is_deleted(desk: Office, table: str) -> None:
    smdr(desk, *APPLICATION)
    smdr(desk, "approval", "grant", "1", "--by", "Wang")
    smdr(desk, "deposit", "take", "Chen", "50")
    smdr(desk, "receipt", "pbx1:0", "--deposit", "1")
    smdr(desk, "deposit", "settle", "1")
    with pytest.raises(sqlite3.IntegrityError), writing(desk.config.site.data) as db:
        db.execute(f"DELETE FROM {table}")
