"""The page of statements and reports: its figures, its files, and who sees which of them."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING

import pytest
from conftest import DESKTOP, PHONE, Console, assert_untroubled, employ, log_in, visit
from console_office import CONFIG, ZONE, Office, note_published
from openpyxl import load_workbook

from collector.office import audit
from collector.store.office_db import reading, writing
from collector.store.publications import MadeOf

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.async_api import Browser, BrowserContext

    from collector.calls import Call

pytestmark = pytest.mark.asyncio(loop_scope="module")

MORE = """
[[report]]
name = "sales-all"
kind = "person"
unmasked = true
folder = "published"

[office]
budgets = "budgets.csv"
"""
HOSTILE = "=<img src=x onerror=\"window.hacked='person'\">"


MADE, ALL = MadeOf("department", "Sales", unmasked=False), MadeOf("person", None, unmasked=True)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Calls with persons and costs, two violations, two budgets, three published files."""
    folder: Path = tmp_path_factory.mktemp("reports")
    office = Office(folder)
    office.config.write_text(CONFIG + MORE, encoding="utf-8")
    (folder / "budgets.csv").write_text(
        "scope,name,amount,per,from\ndepartment,Sales,30,fixed,2026-01-01\ndepartment,Service,40,fixed,2026-01-01\n",
        encoding="utf-8",
    )
    office.open()
    moments = (datetime(2026, month, day, 10, tzinfo=ZONE) for month in (2, 3) for day in range(1, 29))
    office.add(
        [
            office.made_up(
                moment,
                person=HOSTILE if number % 5 == 0 else f"Li {number % 3}",
                cost=f"0.{number:02}" if number % 2 else None,
                rated_s=60,
            )
            for moment in moments
            for number in range(8)
        ]
    )
    at = int(datetime(2026, 3, 3, 10, tzinfo=ZONE).timestamp())
    with writing(office.data) as db:
        for offset, department in ((0, "Sales"), (1, "Service")):
            db.execute(
                "INSERT INTO violations (rule, source, offset, at, department, person, extension, number, class, cost, "
                "amount, saved, what, judged) VALUES ('fine', 'pbx1', ?, ?, ?, 'Li', '101', '02155501234', 'domestic', '1', '50', NULL, 'x', 0)",
                (offset, at, department),
            )
    published = folder / "published"
    published.mkdir()
    for name in ("sales-2026-03.csv", "sales-2026-02.csv", "sales-all-2026-03.pdf", "sales-notes.csv", "else.txt"):
        (published / name).write_text(name, encoding="utf-8")
    note_published(office.data, ("sales", "2026-02", MADE), ("sales", "2026-03", MADE), ("sales-all", "2026-03", ALL))
    for role in ("manager", "supervisor"):
        employ(office.config, role)  # type: ignore[arg-type]
    employ(office.config, "department-head", "Sales")
    yield office
    office.close()


def of_march(call: Call) -> bool:
    return datetime.fromtimestamp(call.start, ZONE).month == 3


def counted(calls: list[Call], *fields: str) -> dict[tuple[str, ...], tuple[int, int, str]]:
    """Calls, seconds of talk and cost by fields, as they stand on a report."""
    found: dict[tuple[str, ...], list[Call]] = {}
    for call in calls:
        found.setdefault(tuple(getattr(call, field) or "" for field in fields), []).append(call)
    return {
        keys: (
            len(ones),
            sum(one.talk_s or 0 for one in ones),
            f"{sum(int((one.cost or '0.00').replace('.', '')) for one in ones) / 100:.2f}",
        )
        for keys, ones in found.items()
    }


def seconds(text: str) -> int:
    hours, minutes, rest = map(int, text.split(":"))
    return hours * 3600 + minutes * 60 + rest


async def fetched(context: BrowserContext, question: str) -> list[list[str]]:
    answer = await context.request.get(f"/reports.csv?{question}")
    assert answer.status == 200, await answer.text()
    return list(csv.reader(io.StringIO((await answer.body()).decode("utf-8-sig"))))


async def test_the_page_and_the_files_have_the_figures_of_the_calls(
    browser: Browser, served: Console, place: Office
) -> None:
    context, seen = await visit(browser, served.address, DESKTOP, "supervisor")
    page = await seen.open("/reports?kind=department&unit=month&from=2026-03-17", ".statement tbody tr")
    march = [call for call in place.calls if of_march(call)]
    expected = counted(march, "department", "class_")
    rows = [row.split("\t") for row in await page.locator(".statement tbody tr").all_inner_texts()]
    names = {"": "no department"}
    for (department, class_), (calls, talk_s, cost) in expected.items():
        row = next(row for row in rows if row[:2] == [names.get(department, department), class_])
        assert (int(row[2]), seconds(row[5]), row[7]) == (calls, talk_s, cost)
    assert rows[-1][2] == str(len(march))
    assert sum(1 for row in rows if row[1] == "Subtotal") == len({department for department, _ in expected})
    await seen.keep("reports")
    question = "kind=department&unit=month&from=2026-03-01"
    assert (await fetched(context, question))[1:] == rows
    book = await context.request.get(f"/reports.xlsx?{question}")
    sheet = load_workbook(io.BytesIO(await book.body())).worksheets[0]
    assert list(sheet.iter_rows(values_only=True))[-1][2] == len(march)
    for path, days in (
        ("unit=quarter&from=2026-02-03", "2026-Q1"),
        ("unit=year&from=2026-02-03", "2026"),
        ("unit=span&from=2026-02-03&to=2026-02-04", "2026-02-03 – 2026-02-04"),  # noqa: RUF001
    ):
        await seen.open(f"/reports?kind=trunk&{path}", ".statement tbody tr")
        assert days in await page.locator(".report").inner_text()
    span = [
        call
        for call in place.calls
        if datetime.fromtimestamp(call.start, ZONE).date().isoformat()[5:] in ("02-03", "02-04")
    ]
    assert (await page.locator(".statement tbody tr").last.inner_text()).split("\t")[2] == str(len(span))
    await page.get_by_role("link", name="Later").click()
    await page.get_by_text("2026-02-05 – 2026-02-06").first.wait_for()  # noqa: RUF001
    assert_untroubled(seen, served.address)
    await context.close()


async def test_a_pdf_says_that_it_is_made_and_comes(browser: Browser, served: Console, place: Office) -> None:
    context, seen = await visit(browser, served.address, DESKTOP, "supervisor")
    page = await seen.open("/reports?kind=trunk&unit=month&from=2026-03-01", ".statement tbody tr")
    async with page.expect_download() as coming:
        await page.get_by_role("link", name="PDF", exact=True).click()
        await page.get_by_text("The PDF is being made").wait_for()
    download = await coming.value
    assert download.suggested_filename == "trunk-2026-03.pdf"
    assert (await download.path()).read_bytes().startswith(b"%PDF")
    await page.get_by_text("The PDF is being made").wait_for(state="hidden")
    assert_untroubled(seen, served.address)
    seen.troubles.clear()
    page = await seen.open("/reports?kind=trunk&unit=month&from=2026-03-01&of=99", ".notice")
    assert 'No call is of trunk "99"' in await page.locator(".notice").inner_text()
    answer = await context.request.get("/reports.pdf?kind=budgets&of=Sales")
    assert answer.status == 422
    assert "is of all of them" in await answer.text()
    with reading(place.data) as db:
        exported = [(one.user, one.page, one.detail) for one in audit.entries(db, action="export")]
    assert ("supervisor", "/reports.pdf", "kind=trunk&unit=month&from=2026-03-01") in exported
    await context.close()


async def test_digits_and_persons_of_a_statement_by_role(browser: Browser, served: Console, place: Office) -> None:
    numbers = {str(call.number) for call in place.calls if of_march(call) and call.number}
    question = "kind=person&unit=month&from=2026-03-01&calls=yes"
    for role, masks in (("supervisor", False), ("manager", True)):
        context = await browser.new_context(base_url=served.address)
        await log_in(context, served.address, role)
        rows = await fetched(context, question)
        shown = {cell for row in rows for cell in row}
        assert ({number[:-4] + "****" for number in numbers} if masks else numbers) <= shown
        assert not (numbers & shown) or not masks
        assert f"'{HOSTILE}" in shown
        await context.close()
    context, seen = await visit(browser, served.address, PHONE, "manager", smdr_language="zh")
    page = await seen.open(f"/reports?{question}", ".statement tbody tr")
    text = await page.content()
    assert not [number for number in numbers if number in text]
    assert await page.evaluate("window.hacked") is None
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await seen.keep("reports-phone")
    assert_untroubled(seen, served.address)
    await context.close()


async def test_a_department_head_gets_the_department_in_every_report_and_file(
    browser: Browser, served: Console, place: Office
) -> None:
    context, seen = await visit(browser, served.address, DESKTOP, "department-head")
    own = [call for call in place.calls if of_march(call) and call.department == "Sales"]
    month = "unit=month&from=2026-03-01"
    for kind, fields in (("department", ("department", "class_")), ("trunk", ("trunk", "direction"))):
        rows = await fetched(context, f"kind={kind}&{month}")
        assert int(rows[-1][2]) == len(own)
        assert Counter(row[1] == "Subtotal" for row in rows)[False] == len(counted(own, *fields)) + 2
    for kind in ("department", "person", "number"):
        text = str(await fetched(context, f"kind={kind}&{month}&calls=yes"))
        assert not [name for name in ("Service", "Workshop") if name in text]
    assert {row[1] for row in (await fetched(context, f"kind=budgets&{month}"))[1:]} == {"Sales"}
    violations = await fetched(context, f"kind=violations&{month}")
    assert {row[0] for row in violations[1:-1]} == {"Sales"}
    foreign = await fetched(context, f"kind=department&{month}&of=Service")
    assert [row[2] for row in foreign[1:]] == ["0"]
    page = await seen.open(f"/reports?kind=person&{month}&of=Li%207", ".statement, .report .notice")
    assert "mean" not in await page.locator(".report").inner_text()
    await context.close()


async def test_published_reports_are_for_those_who_may_see_all_that_is_in_them(
    browser: Browser, served: Console
) -> None:
    every = ["sales-2026-03.csv", "sales-2026-02.csv", "sales-all-2026-03.pdf"]
    for role, files in (("supervisor", every), ("manager", every[:2]), ("department-head", every[:2])):
        context, seen = await visit(browser, served.address, DESKTOP, role)
        page = await seen.open("/reports", ".published tbody tr")
        assert await page.locator(".published a").all_inner_texts() == files
        for file in (*every, "sales-notes.csv", "else.txt", "..%2fsmdr.toml"):
            answer = await context.request.get(f"/reports/{file.rpartition('-20')[0] or 'sales'}/{file}")
            assert (answer.status == 200) == (file in files), file
            assert answer.status == 404 or await answer.text() == file
        await context.close()


async def test_a_published_file_keeps_its_permission_when_its_report_is_given_another_setting(
    browser: Browser, served: Console, place: Office
) -> None:
    files = ("sales-2026-01.csv", "sales-2025-12.csv", "sales-2025-11.csv")
    for file in files:
        (place.config.with_name("published") / file).write_text(file, encoding="utf-8")
    service = MADE._replace(of="Service")
    note_published(place.data, ("sales", "2026-01", service), ("sales", "2025-12", MADE._replace(unmasked=True)))
    may = {"supervisor": (True, True, True), "manager": (True, False, False), "department-head": (False, True, False)}
    for role, opened in may.items():
        context, _ = await visit(browser, served.address, DESKTOP, role)
        answers = [await context.request.get(f"/reports/sales/{file}") for file in files]
        assert tuple(answer.status == 200 for answer in answers) == opened, role
        await context.close()
    for file in files:
        (place.config.with_name("published") / file).unlink()
