"""The pages of the office: trunks, cost, the operator's desk, violations, budgets, applications, walked by a browser."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import time
from collections import Counter
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from conftest import DESKTOP, PHONE, Console, assert_untroubled, employ, visit
from console_office import ZONE, Office

from collector.office import approvals, deposits, desk, drafts
from collector.office.approvals import Application
from collector.store import adjustments, violations
from collector.store.office_db import reading, writing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from conftest import Visit
    from playwright.async_api import Browser, Page

pytestmark = pytest.mark.asyncio(loop_scope="module")
QUARTER = "period=month&from=2026-01-01&to=2026-03-31"
TABLES = """
[office]
budgets = "budgets.csv"
approvers = "approvers.csv"
"""


@pytest.fixture(scope="module")
def kept(office: Office) -> Office:
    """The office with budgets, approvers and a violation of each of two rules."""
    folder = office.config.parent
    (folder / "budgets.csv").write_text(
        "scope,name,amount,per,carry_over,over,from\ndepartment,Sales,30,fixed,yes,deduct,2026-01-01\n"
    )
    (folder / "approvers.csv").write_text("department,approver\n,manager\n")
    text = office.config.read_text()
    if "[office]" not in text:
        office.config.write_text(text + TABLES)
    return office


@pytest.fixture(scope="module")
def served(kept: Office) -> Iterator[Console]:
    for role in ("operator", "manager"):
        employ(kept.config, role)  # type: ignore[arg-type]
    employ(kept.config, "department-head", "Sales")
    console = Console(kept.config)
    yield console
    console.stop()


@pytest_asyncio.fixture(loop_scope="module")
async def seen(browser: Browser, served: Console) -> AsyncIterator[Visit]:
    context, seen = await visit(browser, served.address, DESKTOP, "manager")
    yield seen
    assert_untroubled(seen, served.address)
    await context.close()


async def test_trunks_show_the_figures_of_the_calls(seen: Visit, kept: Office) -> None:
    page = await seen.open(f"/trunks?{QUARTER}", ".trunks tbody tr")
    used = Counter(f"{call.source} {call.trunk}" for call in kept.calls if call.trunk)
    figures = await seen.key_figures()
    assert figures["Trunks used"] == str(len(used))
    rows = await page.locator(".trunks tbody tr").all_inner_texts()
    counts = {row.split("\t")[0].strip(): row.split("\t")[1] for row in rows}
    assert counts == {trunk: f"{count:,}" for trunk, count in used.items()}
    await seen.keep("trunks")


async def test_cost_says_where_nothing_has_one(seen: Visit) -> None:
    page = await seen.open(f"/cost?{QUARTER}", ".kpi")
    await page.get_by_text("No call here has a cost").first.wait_for()
    assert (await seen.key_figures())["Cost"] == "0.00"
    await seen.keep("cost")


async def test_budgets_show_the_statement_of_a_month(seen: Visit) -> None:
    page = await seen.open("/budgets?month=2026-03", ".budgets tbody tr")
    cells = re.split(r"\s+", await page.locator(".budgets tbody tr").first.inner_text())
    assert cells[0] == "Sales"
    assert {"60.00", "30.00", "90.00"} <= set(cells)
    await seen.keep("budgets")


async def test_a_budget_is_topped_up_and_who_did_is_registered(
    browser: Browser, served: Console, seen: Visit, kept: Office
) -> None:
    page = await seen.open("/budgets", ".budgets tbody tr")
    await page.get_by_role("button", name="Add", exact=True).click()
    await page.get_by_text("Choose whose").wait_for()
    await page.get_by_label("Whose").click()
    await page.get_by_role("option", name="Sales · department").click()
    await page.get_by_label("Amount").fill("20.50")
    await page.get_by_label("Why").fill("<b>fair</b>")
    await page.get_by_role("button", name="Add", exact=True).click()
    row = page.locator(".added tbody tr")
    await row.wait_for()
    today = f"{datetime.now(ZONE):%Y-%m-%d}"
    assert (await row.inner_text()).split("\t") == [
        today,
        "Sales department",
        "top-up",
        "20.50",
        "<b>fair</b>",
        "manager",
    ]
    assert "20.50" in await page.locator(".budgets").inner_text()
    year = datetime.now(ZONE).year - 1
    await page.get_by_role("button", name=f"Settle {year}").click()
    await page.get_by_text(f"{year} was settled by manager").wait_for()
    await page.get_by_role("button", name=f"Settle {year}").click()
    await page.get_by_text("is settled as it is now").wait_for()
    await seen.keep("topped-up")
    context, head = await visit(browser, served.address, PHONE, "department-head", smdr_language="zh")
    page = await head.open("/budgets", ".added tbody tr")
    assert await page.get_by_role("button", name="登记").count() == 0
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert_untroubled(head, served.address)
    await context.close()
    with reading(kept.data) as db:
        (added,) = adjustments.adjustments(db)
    assert (added.name, added.kind, added.amount, added.by) == ("Sales", "top-up", Decimal("20.50"), "manager")


async def test_an_application_is_filed_and_decided_by_who_may(browser: Browser, served: Console, kept: Office) -> None:
    head, filing = await visit(browser, served.address, DESKTOP, "department-head")
    page = await filing.open("/approvals", "text=Apply for a call")
    for label, text in (("Caller", "Li"), ("Place", "广州"), ("Organisation", "交易会"), ("Purpose", "展位")):
        await page.get_by_label(label).first.fill(text)
    await page.get_by_role("button", name="Apply", exact=True).click()
    await page.get_by_text("Sales, Li").wait_for()
    await page.get_by_role("button", name="Approve").first.click()
    await page.get_by_text("may not decide").wait_for()
    await head.close()
    context, deciding = await visit(browser, served.address, DESKTOP, "manager")
    page = await deciding.open("/approvals", "text=Sales, Li")
    await page.get_by_role("button", name="Refuse").click()
    await page.get_by_text("Say why.").wait_for()
    await page.get_by_role("button", name="Approve").click()
    await page.get_by_text("approved · manager").wait_for()
    assert_untroubled(deciding, served.address)
    await deciding.keep("approvals")
    await context.close()
    with reading(kept.data) as db:
        (filed,) = approvals.filed(db)
    assert filed.decision is not None
    assert (filed.by, filed.application.place, filed.decision.by) == ("department-head", "广州", "manager")


async def test_an_approver_who_is_away_has_another_one_decide(browser: Browser, served: Console, kept: Office) -> None:
    day = datetime.now(ZONE).date()
    context, seen = await visit(browser, served.address, DESKTOP, "manager")
    page = await seen.open("/approvals", "text=Everybody decides for themselves")
    await page.get_by_role("button", name="Delegate").click()
    await page.get_by_text("Name somebody else").wait_for()
    await page.get_by_label("Who decides for you").fill("department-head")
    await page.get_by_role("button", name="Delegate").click()
    await page.locator(".delegations").get_by_text(f"department-head decides for manager, {day} to {day}").wait_for()
    await seen.keep("delegated")
    assert_untroubled(seen, served.address)
    await context.close()
    with writing(kept.data) as db:
        number = approvals.file(db, Application("Sales", "Sun", "", "", "上海", "客户", "报价", day, day), "test")
    context, seen = await visit(browser, served.address, PHONE, "department-head")
    page = await seen.open("/approvals", "text=Sales, Sun")
    assert await page.get_by_role("button", name="Delegate").count() == 0
    await page.locator(".desk-message", has_text="Sales, Sun").get_by_role("button", name="Approve").click()
    await page.locator(".desk-message", has_text="Sales, Sun").get_by_text("approved · department-head").wait_for()
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert_untroubled(seen, served.address)
    await context.close()
    with reading(kept.data) as db:
        assert approvals.found(db, number).decision is not None


async def test_the_switchboard_sees_what_is_approved_before_it_puts_a_call_through(
    browser: Browser, served: Console, kept: Office
) -> None:
    day = datetime.now(ZONE).date()
    with writing(kept.data) as db:
        asked = Application("Sales", "Wu", "", "02155507777", "上海", "客户", "报价", day, day)
        approvals.decide(db, approvals.file(db, asked, "test"), "manager", "", approved=True)
    context, seen = await visit(browser, served.address, DESKTOP, "operator")
    page = await seen.open("/approvals", "text=Sales, Wu")
    waiting = page.locator(".desk-message", has_text="Sales, Wu")
    assert "approved · manager" in await waiting.inner_text()
    assert await waiting.get_by_role("button").count() == 0
    assert_untroubled(seen, served.address)
    await context.close()


def broken(kept: Office) -> None:
    """Two violations, of Sales and of Service."""
    at = int(datetime(2026, 2, 3, 10, tzinfo=ZONE).timestamp())
    with writing(kept.data) as db:
        for offset, department, number in ((0, "Sales", "02155501234"), (1, "Service", "02155505678")):
            db.execute(
                "INSERT OR IGNORE INTO violations (rule, source, offset, at, department, person, extension, number, class, cost, "
                "amount, saved, what, judged) VALUES ('fine', 'pbx1', ?, ?, ?, 'Li', '101', ?, 'domestic', '1', '50', NULL, 'x', 0)",
                (offset, at, department, number),
            )


async def test_a_violation_is_charged_by_a_manager_who_sees_no_last_digits(
    browser: Browser, served: Console, kept: Office
) -> None:
    broken(kept)
    context, seen = await visit(browser, served.address, DESKTOP, "manager")
    page = await seen.open("/violations?month=2026-02", ".violations tbody tr")
    assert await page.locator(".violations tbody tr").count() == 2
    assert "1234" not in await page.locator(".violations").inner_text()
    assert (await seen.key_figures())["Fine"] == "2"
    await page.get_by_role("button", name="Handle").first.click()
    await page.get_by_role("button", name="Waive").click()
    await page.get_by_text("Say why.").wait_for()
    await page.get_by_role("button", name="Charge").click()
    await page.locator(".violations").get_by_text("charged").wait_for()
    await seen.keep("violations")
    assert_untroubled(seen, served.address)
    await context.close()
    head, theirs = await visit(browser, served.address, PHONE, "department-head", smdr_language="zh")
    page = await theirs.open("/violations?month=2026-02", ".violations tbody tr")
    assert await page.locator(".violations tbody tr").count() == 1
    assert "Service" not in await page.locator("main, .board").first.inner_text()
    await page.get_by_role("button", name="处理").click()
    await page.get_by_role("button", name="说明").wait_for()
    assert await page.get_by_role("button", name="扣款").count() == 0
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await head.close()


async def test_an_outsider_pays_a_deposit_gets_a_receipt_and_the_rest_back(
    browser: Browser, served: Console, kept: Office
) -> None:
    call = next(one for one in kept.calls if one.direction == "outgoing" and one.number)
    context, seen = await visit(browser, served.address, DESKTOP, "operator")
    page = await seen.open("/deposits", "text=No deposit was taken.")
    await page.get_by_label("Paid by").fill("<b>Chen</b>")
    await page.get_by_label("Amount").fill("fifty")
    await page.get_by_role("button", name="Taken").click()
    await page.get_by_text("Say who pays").wait_for()
    await page.get_by_label("Amount").fill("50")
    await page.get_by_role("button", name="Taken").click()
    await page.get_by_text("50.00 left").wait_for()
    assert await page.get_by_label("Paid by").input_value() == ""
    page = await seen.open(f"/calls/{call.source}/{call.offset}", ".receipt")
    await page.get_by_role("button", name="Write the receipt").click()
    await page.get_by_text("or choose a deposit").wait_for()
    await page.get_by_label("Paid from").click()
    await page.get_by_role("option", name="<b>Chen</b>").click()
    await page.get_by_label("Amount").fill("12.40")
    await page.get_by_role("button", name="Write the receipt").click()
    paper = page.locator(".receipt").get_by_role("link", name="No. 000001")
    await paper.wait_for()
    text = await (await context.request.get(str(await paper.get_attribute("href")))).text()
    assert call.number
    assert all(part in text for part in (call.number, "12.40 CNY", "&lt;b&gt;Chen&lt;/b&gt;", "operator"))
    page = await seen.open("/deposits", "text=37.60 left")
    await seen.keep("deposits")
    assert (await context.request.get("/deposits/1")).status == 404
    await page.get_by_role("button", name="Settle").click()
    await page.get_by_role("link", name="37.60 given back").wait_for()
    assert "37.60 CNY" in await (await context.request.get("/deposits/1")).text()
    assert await page.get_by_role("button", name="Settle").count() == 0
    assert_untroubled(seen, served.address)
    await context.close()
    with reading(kept.data) as db:
        (paid,) = deposits.receipts(db)
        settled = deposits.settlement(db, 1)
    assert (paid.source, paid.offset, paid.by, paid.deposit) == (call.source, call.offset, "operator", 1)
    assert settled is not None
    assert (settled.by, settled.refunded) == ("operator", Decimal("37.60"))


async def test_a_call_is_marked_as_private_on_its_page_and_back(
    browser: Browser, served: Console, kept: Office
) -> None:
    own, other = (
        next(one for one in kept.calls if (one.direction, one.department) == ("outgoing", department))
        for department in ("Sales", "Service")
    )
    context, seen = await visit(browser, served.address, DESKTOP, "department-head")
    with writing(kept.data) as db:
        desk.note(db, desk.About("", "Mr Hidden", "", "", ""), "test", (own.source, own.offset))
    page = await seen.open(f"/calls/{own.source}/{own.offset}", "text=not marked as private")
    assert "Mr Hidden" not in await page.locator("body").inner_text()
    assert await page.get_by_role("button", name="Write the receipt").count() == 0
    await page.get_by_role("button", name="Mark as private").click()
    await page.get_by_text("This call is marked as private").wait_for()
    with reading(kept.data) as db:
        assert violations.marked(db) == {(own.source, own.offset)}
    await page.get_by_role("button", name="Not private after all").click()
    await page.get_by_text("not marked as private").wait_for()
    await seen.keep("private")
    await seen.open(f"/calls/{other.source}/{other.offset}", ".notice")
    assert await page.get_by_role("button", name="Mark as private").count() == 0
    assert_untroubled(seen, served.address)
    await context.close()
    with reading(kept.data) as db:
        assert violations.marked(db) == frozenset()


async def test_what_an_operator_types_outlives_a_killed_console(browser: Browser, kept: Office) -> None:
    employ(kept.config, "operator")
    console = Console(kept.config)
    context, seen = await visit(browser, console.address, DESKTOP, "operator")
    page = await seen.open("/desk", ".desk-call")
    await page.locator(".desk-call").first.click()
    await page.get_by_text("Page of this call").or_(page.locator(".card p.note a")).first.wait_for()
    number = await page.get_by_label("Number").input_value()
    await page.get_by_label("Caller", exact=True).fill("Mr Chen")
    await page.get_by_label("Message for").fill("Zhang San")
    await page.get_by_label("Message", exact=True).fill("Please call back")
    await page.get_by_label("What the successor should know").fill("the key is with the porter")
    await until_drafted(kept.data, "Please call back")
    await until_drafted(kept.data, "the key is with the porter", "shift_note")
    os.kill(console._process.pid, signal.SIGKILL)
    console._process.wait(20)
    await context.close()
    console = Console(kept.config)
    context, seen = await visit(browser, console.address, DESKTOP, "operator")
    page = await seen.open("/desk", ".desk-call")
    assert await page.get_by_label("Caller", exact=True).input_value() == "Mr Chen"
    assert await page.get_by_label("Number").input_value() == number
    await seen.keep("desk")
    await page.get_by_role("button", name="Keep").click()
    await page.locator(".desk-message").get_by_text("Zhang San: Please call back").wait_for()
    assert await page.get_by_label("What the successor should know").input_value() == "the key is with the porter"
    assert await page.get_by_label("Caller", exact=True).input_value() == ""
    with reading(kept.data) as db:
        notes, messages, _ = desk.search(db, "Mr Chen")
        assert drafts.draft(db, "operator") == {"shift_note": "the key is with the porter"}
    assert (notes[0].about.caller, notes[0].source is not None, messages[0].note) == ("Mr Chen", True, notes[0].id)
    note = notes[0]
    await seen.open(f"/calls/{note.source}/{note.offset}", ".found tbody tr")
    said = await page.locator(".found").inner_text()
    assert all(part in said for part in ("Mr Chen", number, "Zhang San: Please call back"))
    await seen.open("/desk", ".desk-call")
    await page.get_by_role("button", name="Delivered").click()
    await page.get_by_text("Every message is delivered.").wait_for()
    await page.get_by_label("Search the log").fill("call back")
    await page.locator(".found tbody tr").first.wait_for()
    assert "delivered to Zhang San" in await page.locator(".found").inner_text()
    await hand_over(page)
    await seen.keep("handover")
    assert_untroubled(seen, console.address)
    await context.close()
    console.stop()
    with reading(kept.data) as db:
        assert [one.successor for one in desk.handovers(db, 9)] == ["Wang"]


async def test_who_is_to_have_a_message_is_typed_while_other_messages_come_and_go(
    browser: Browser, served: Console, kept: Office
) -> None:
    with writing(kept.data) as db:
        first, second = (
            desk.take(db, (name, "Mr Chen", "", "Please call back"), "test") for name in ("Li Si", "Zhao Liu")
        )
    context, seen = await visit(browser, served.address, DESKTOP, "operator")
    page = await seen.open("/desk", ".desk-message >> text=Zhao Liu")
    box = page.locator(".desk-message", has_text="Zhao Liu").get_by_label("Delivered to")
    await box.fill("Zhao's ")
    with writing(kept.data) as db:
        desk.deliver(db, first, "", "test")
        third = desk.take(db, ("Sun Qi", "Ms Lin", "", "The statement comes"), "test")
    await page.locator(".desk-message", has_text="Sun Qi").wait_for()
    await page.locator(".desk-message", has_text="Li Si").wait_for(state="detached")
    assert await box.evaluate("box => box === document.activeElement")
    await page.keyboard.type("secretary")
    await until_drafted(kept.data, "Zhao's secretary", f"receiver:{second}")
    await page.reload()
    assert await box.input_value() == "Zhao's secretary"
    await page.locator(".desk-message", has_text="Zhao Liu").get_by_role("button", name="Delivered").click()
    await page.locator(".desk-message", has_text="Zhao Liu").wait_for(state="detached")
    assert_untroubled(seen, served.address)
    await context.close()
    with writing(kept.data) as db:
        delivered = {message.id: message.receiver for message in desk.search(db, "").messages}
        assert drafts.draft(db, "operator") == {}
        desk.deliver(db, third, "", "test")
    assert (delivered[second], delivered[third]) == ("Zhao's secretary", None)


async def hand_over(page: Page) -> None:
    """Hand the shift over, and read what was left."""
    await page.get_by_label("Who takes over").fill("operator")
    await page.get_by_role("button", name="Hand over").click()
    await page.get_by_text("Name somebody else").wait_for()
    await page.get_by_label("Who takes over").fill("Wang")
    await page.get_by_label("What the successor should know").fill("lift is being repaired\n<b>until noon</b>")
    await page.get_by_role("button", name="Hand over").click()
    await page.get_by_text("Handed over to Wang").wait_for()
    await page.locator(".desk-shift").get_by_text("<b>until noon</b>").wait_for()
    assert await page.get_by_label("What the successor should know").input_value() == ""
    assert "operator → Wang" in await page.locator(".desk-shift").inner_text()
    await page.get_by_label("Search the log").fill("LIFT")
    await page.locator(".found").get_by_text("lift is being repaired").wait_for()


async def until_drafted(data: Path, text: str, field: str = "text") -> None:
    deadline = time.monotonic() + 20
    while True:
        with reading(data) as db:
            if drafts.draft(db, "operator").get(field) == text:
                return
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


async def test_a_missed_call_is_open_until_somebody_handles_it(browser: Browser, tmp_path: Path) -> None:
    place = Office(tmp_path)
    place.open()
    now = int(time.time())
    known = {"source": "pbx1", "direction": "incoming", "outcome": "unanswered", "extension": "101", "talk_s": 0}
    moments = ((now - 600, "02155501111"), (now - 7200, "02155502222"))
    place.add(
        [
            place.made_up(datetime.fromtimestamp(second, ZONE), number=number, **known)  # type: ignore[arg-type]
            for second, number in moments
        ]
    )
    place.close()
    employ(place.config, "operator")
    console = Console(place.config)
    context, seen = await visit(browser, console.address, PHONE, "operator")
    page = await seen.open("/missed", ".misses tbody tr")
    rows = await page.locator(".misses tbody tr").all_inner_texts()
    assert ["open" in rows[0], "02155501111" in rows[0], "overdue" in rows[1]] == [True] * 3
    await page.get_by_role("button", name="Handled").first.click()
    await page.locator(".misses").get_by_text("operator").wait_for()
    assert (await seen.key_figures())["handled"] == "1"
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await seen.keep("missed")
    assert_untroubled(seen, console.address)
    await context.close()
    console.stop()
