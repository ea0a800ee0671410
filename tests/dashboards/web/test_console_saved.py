"""Searches that are saved, and the page of violations: filters, pages, exports."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from conftest import DESKTOP, PHONE, Console, assert_untroubled, employ, visit
from console_office import ZONE, Office
from openpyxl import load_workbook

from collector.errors import UserError
from collector.office import searches
from collector.office.searches import Saved
from collector.store import violations
from collector.store.office_db import reading, writing
from dashboards.web.violations import ON_A_PAGE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.async_api import Browser

pytestmark = pytest.mark.asyncio(loop_scope="module")

PEOPLE = ("Li Hong", "Wang Wei", "<img src=x onerror=\"window.hacked='person'\">")
RULES = ("fine", "off-hours")
FIRST = datetime(2026, 2, 1, 10, tzinfo=ZONE)
BROKEN = 250


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Calls and 250 violations of February, every tenth explained."""
    office = Office(tmp_path_factory.mktemp("saved"))
    office.open()
    office.add([office.made_up(FIRST + timedelta(hours=hour), number=f"021555{hour:05}") for hour in range(60)])
    rows = [
        (
            RULES[n % 2],
            n,
            int((FIRST + timedelta(hours=2 * n)).timestamp()),
            ("Sales", "Service")[n % 5 == 0],
            PEOPLE[n % 3],
            f"021555{n:05}",
        )
        for n in range(BROKEN)
    ]
    with writing(office.data) as db:
        db.executemany(
            "INSERT INTO violations (rule, source, offset, at, department, person, extension, number, class, cost, amount, "
            "saved, what, judged) VALUES (?, 'pbx1', ?, ?, ?, ?, '101', ?, 'domestic', '1', '20', NULL, '=x', 0)",
            rows,
        )
        for rule, offset, *_ in rows[::10]:
            violations.note(db, (rule, "pbx1", offset), "explained", "test", "because")  # type: ignore[arg-type]
    for role in ("manager", "supervisor", "operator"):
        employ(office.config, role)  # type: ignore[arg-type]
    employ(office.config, "department-head", "Service")
    yield office
    office.close()


async def test_a_search_is_saved_shared_and_deleted_and_outlives_the_console(browser: Browser, place: Office) -> None:
    console = Console(place.config)
    context, seen = await visit(browser, console.address, DESKTOP, "supervisor")
    page = await seen.open("/calls?direction=outgoing&begins=021", ".search-form")
    form = page.locator("section", has_text="Saved searches")
    await form.get_by_label("Name for the search of now").fill("<b>Shanghai</b>")
    await form.get_by_label("Also for").select_option("operator")
    await form.get_by_role("button", name="Save").click()
    await page.get_by_role("link", name="<b>Shanghai</b>").wait_for()
    assert page.url.endswith("/calls?direction=outgoing&begins=021")
    await seen.keep("saved-searches")
    await context.close()
    assert console.stop() == 130
    console = Console(place.config)
    try:
        operator, theirs = await visit(browser, console.address, PHONE, "operator", smdr_language="zh")
        page = await theirs.open("/calls", ".saved a")
        await page.get_by_role("link", name="<b>Shanghai</b>").click()
        await page.wait_for_url("**/calls?direction=outgoing&begins=021")
        assert await page.locator(".saved form").count() == 0
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        sent = {"do": "forget", "name": "<b>Shanghai</b>", "query": ""}
        await operator.request.post("/calls/saved", form=sent, headers={"Origin": console.address})
        manager, others = await visit(browser, console.address, DESKTOP, "manager")
        await others.open("/calls", ".search-form")
        assert await others.page.locator(".saved a").count() == 0
        context, seen = await visit(browser, console.address, DESKTOP, "supervisor")
        page = await seen.open("/calls", ".saved a")
        await page.get_by_role("button", name="Delete <b>Shanghai</b>").click()
        await page.get_by_text("Done.").wait_for()
        assert await page.locator(".saved a").count() == 0
        with reading(place.data) as db:
            assert searches.offered(db, "supervisor", "supervisor") == []
        assert_untroubled(seen, console.address)
        for one in (operator, manager, context):
            await one.close()
    finally:
        console.stop()


async def test_what_is_no_search_is_not_saved(place: Office) -> None:
    with writing(place.data) as db:
        searches.save(db, Saved("wang", "one", "a=1"))
        searches.save(db, Saved("wang", "one", "a=2"))
        assert [one.query for one in searches.offered(db, "wang", "operator")] == ["a=2"]
        for number in range(searches.MOST - 1):
            searches.save(db, Saved("wang", f"{number}", ""))
    for name in ("", " x", "a\nb", "x" * 61, "one more"):
        with pytest.raises(UserError), writing(place.data) as db:
            searches.save(db, Saved("wang", name, ""))


async def test_violations_are_filtered_paged_and_exported(browser: Browser, served: Console, place: Office) -> None:
    with reading(place.data) as db:
        kept = [
            one
            for one in violations.kept(db, 0, 2e9)
            if one.violation.at < datetime(2026, 3, 1, tzinfo=ZONE).timestamp()
        ][::-1]
    context, seen = await visit(browser, served.address, DESKTOP, "supervisor")
    page = await seen.open("/violations?month=2026-02", ".violations tbody tr")
    numbers: list[str] = []
    while True:
        numbers += await page.locator(".violations tbody tr td:nth-child(4)").all_inner_texts()
        further = page.get_by_role("link", name="Earlier violations")
        if not await further.count():
            break
        at = page.url
        await further.click()
        await page.wait_for_function("at => location.href !== at", arg=at)
        await page.locator(".violations tbody tr").first.wait_for()
    assert numbers == [one.violation.number for one in kept]
    assert len(numbers) > 2 * ON_A_PAGE
    await seen.keep("violations-last-page")
    wanted = [
        one
        for one in kept
        if (one.violation.rule, one.state, one.violation.department) == ("fine", "explained", "Sales") or False
    ]
    assert not wanted, "every tenth is of Service"
    wanted = [
        one
        for one in kept
        if one.violation.rule == "fine" and one.state == "explained" and "Li" in one.violation.person
    ]
    assert wanted
    await page.get_by_label("Rule").select_option("fine")
    await page.get_by_label("State").select_option("explained")
    await page.get_by_label("Person").fill("li h")
    await page.get_by_role("button", name="Search").click()
    await page.wait_for_url("**person=li*")
    await page.locator(".violations tbody tr").first.wait_for()
    assert await page.locator(".violations tbody tr td:nth-child(4)").all_inner_texts() == [
        one.violation.number for one in wanted
    ]
    assert (await seen.key_figures())["Fine"] == f"{len(wanted)}"
    question = page.url.partition("?")[2]
    answer = await context.request.get(f"/violations.csv?{question}")
    rows = list(csv.DictReader(io.StringIO((await answer.text()).lstrip("\ufeff"))))
    assert [row["Number"] for row in rows] == [one.violation.number for one in wanted]
    assert {row["What is broken"] for row in rows} == {"Fine: =x"}
    assert {row["State"] for row in rows} == {"explained"}
    book = await context.request.get("/violations.xlsx?month=2026-02&department=Service")
    sheet = list(load_workbook(io.BytesIO(await book.body())).worksheets[0].iter_rows(values_only=True))
    assert len(sheet) - 1 == sum(one.violation.department == "Service" for one in kept)
    assert_untroubled(seen, served.address)
    await context.close()


async def test_exported_violations_are_those_one_may_see(browser: Browser, served: Console) -> None:
    head, _ = await visit(browser, served.address, DESKTOP, "department-head")
    answer = await head.request.get("/violations.csv?month=2026-02")
    rows = list(csv.DictReader(io.StringIO((await answer.text()).lstrip("\ufeff"))))
    assert {row["Department"] for row in rows} == {"Service"}
    answer = await head.request.get("/violations.csv?month=2026-02&department=Sales")
    assert len((await answer.text()).splitlines()) == 1
    manager, _ = await visit(browser, served.address, DESKTOP, "manager")
    answer = await manager.request.get("/violations.csv?month=2026-02")
    rows = list(csv.DictReader(io.StringIO((await answer.text()).lstrip("\ufeff"))))
    assert {row["Number"][-4:] for row in rows} == {"****"}
    for one in (head, manager):
        await one.close()
