"""The page of the carrier's bills: what is uploaded, compared, kept, shown and refused."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest
from conftest import DESKTOP, PHONE, Console, assert_untroubled, employ, visit
from console_office import FIRST, Office
from openpyxl import Workbook, load_workbook

from collector.office import audit, bills
from collector.store.office_db import reading
from dashboards.web.bills import ON_A_PAGE
from dashboards.web.permissions import LONGEST_UPLOAD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.async_api import Browser, BrowserContext, FilePayload

pytestmark = pytest.mark.asyncio(loop_scope="module")

CALLS = 150
AHEAD_S = 20
"""How far the carrier's clock is ahead."""
HEADINGS = ("Number", "Begin", "Seconds", "Paid")
FORM = {"number": "Number", "time": "Begin", "duration": "Seconds", "amount": "Paid", "duration_unit": "s"}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A call an hour, each to a number of its own and for 0.22."""
    office = Office(tmp_path_factory.mktemp("bills"))
    office.open()
    known = {
        "source": "pbx1",
        "direction": "outgoing",
        "outcome": "answered",
        "talk_s": 60,
        "cost": "0.22",
        "class": "mobile",
    }
    office.add(
        [
            office.made_up(FIRST + timedelta(hours=hour), number=f"139000{hour:05}", ring_s=None, **known)  # type: ignore[arg-type]
            for hour in range(CALLS)
        ]
    )
    for role in ("manager", "auditor", "department-head"):
        employ(office.config, role, "Sales" if role == "department-head" else None)  # type: ignore[arg-type]
    yield office
    office.close()


def billed(place: Office) -> list[tuple[str, str, int, str]]:
    """The bill of all but the first three calls, two of them dearer, and with two calls that nobody made."""
    rows = []
    for number, call in enumerate(place.calls[3:]):
        start = FIRST + timedelta(hours=number + 3, seconds=AHEAD_S)
        paid = "0.33" if number in (5, 6) else "0.22"
        rows.append((str(call.number), f"{start:%Y-%m-%d %H:%M:%S}", 60, paid))
    rows += [(f"1380000{n:04}", f"{FIRST + timedelta(hours=30 + n):%Y-%m-%d %H:%M:%S}", 30, "1.10") for n in range(2)]
    return rows


def as_csv(place: Office) -> bytes:
    file = io.StringIO()
    csv.writer(file).writerows([HEADINGS, *billed(place)])
    return file.getvalue().encode()


def as_xlsx(place: Office) -> bytes:
    book, file = Workbook(), io.BytesIO()
    assert book.active
    for row in (HEADINGS, *billed(place)):
        book.active.append(row)
    book.save(file)
    return file.getvalue()


def of(name: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


async def sent(context: BrowserContext, address: str, **more: object) -> tuple[int, str]:
    answer = await context.request.post(
        "/bills/upload",
        multipart={**FORM, **more},
        headers={"Origin": address},
        max_redirects=0,
        timeout=120_000,  # type: ignore[arg-type]
    )
    return answer.status, answer.headers.get("location") or await answer.text()


async def test_a_bill_is_compared_kept_and_there_after_a_restart(browser: Browser, place: Office) -> None:
    console = Console(place.config)
    context, seen = await visit(browser, console.address, DESKTOP, "manager")
    page = await seen.open("/bills", "text=None was compared yet.")
    await page.get_by_label("Bill", exact=True).set_input_files(of("march <b>.csv", as_csv(place)))
    for label, text in (("number", "Number"), ("time", "Begin"), ("duration", "Seconds"), ("amount", "Paid")):
        await page.get_by_label(f"Column of the {label}").fill(text)
    await page.get_by_role("button", name="Compare").click()
    await page.locator(".bill tbody tr").first.wait_for(timeout=120_000)
    assert await seen.key_figures() == {
        "amount differs": "2",
        "only on the bill": "2",
        "only ours": "3",
        "the same": f"{CALLS - 5}",
    }
    assert "+20 to +20 s" in await page.locator(".board").inner_text()
    sums = await page.locator(".kpi .note").all_inner_texts()
    assert sums == [
        "billed 0.66 · our cost 0.44",
        "billed 2.20 · our cost 0.00",
        "billed 0.00 · our cost 0.66",
        f"billed {(CALLS - 5) * 22 / 100:.2f} · our cost {(CALLS - 5) * 22 / 100:.2f}",
    ]
    assert "139000" in await page.locator(".bill").inner_text()
    assert not [call for call in place.calls if str(call.number) in await page.locator(".bill").inner_text()]
    await seen.keep("bill")
    address = page.url
    await context.close()
    assert console.stop() == 130
    console = Console(place.config)
    try:
        context, seen = await visit(browser, console.address, DESKTOP)
        path = address.partition("127.0.0.1")[2].partition("/")[2]
        page = await seen.open(f"/{path}", ".bill tbody tr")
        assert await page.locator(".bill tbody tr").count() == ON_A_PAGE
        await page.get_by_role("link", name="Lines after").click()
        await page.wait_for_url("**page=1")
        assert await page.locator(".bill tbody tr").count() == CALLS + 2 - ON_A_PAGE
        await page.locator(".kpi", has_text="amount differs").click()
        await page.wait_for_url("**result=amount*")
        rows = await page.locator(".bill tbody tr").all_inner_texts()
        assert [row.split("\t")[-1] for row in rows] == ["0.11", "0.11"]
        wanted = place.calls[3 + 5]
        assert str(wanted.number) in rows[0]
        answer = await context.request.get(f"/{path}.csv?result=amount+differs")
        exported = list(csv.DictReader(io.StringIO((await answer.text()).lstrip("\ufeff"))))
        assert [row["Number"] for row in exported] == [str(call.number) for call in place.calls[8:10]]
        book = await context.request.get(f"/{path}.xlsx")
        sheet = list(load_workbook(io.BytesIO(await book.body())).worksheets[0].iter_rows(values_only=True))
        assert len(sheet) - 1 == CALLS + 2
        await page.locator(".bill tbody tr a").first.click()
        await page.locator(".explained .facts").first.wait_for()
        assert str(wanted.number) in await page.locator(".explained").first.inner_text()
        assert_untroubled(seen, console.address)
        with reading(place.data) as db:
            assert [one.detail for one in audit.entries(db, action="change")] == ["bill 1 march <b>.csv"]
        page = await seen.open("/bills", ".bills tbody tr")
        assert await page.get_by_label("Column of the number").input_value() == "Number"
        await context.close()
    finally:
        console.stop()


def hostile_workbook() -> bytes:
    """One whose sheet begins with entities that stand for other entities."""
    book, changed = io.BytesIO(), io.BytesIO()
    Workbook().save(book)
    with ZipFile(book) as packed, ZipFile(changed, "w") as out:
        for part in packed.infolist():
            content = packed.read(part)
            out.writestr(part.filename, content.replace(b"<worksheet", b'<!DOCTYPE x [<!ENTITY a "a">]><worksheet', 1))
    return changed.getvalue()


async def test_what_cannot_be_compared_is_said_and_kept_is_nothing(browser: Browser, place: Office) -> None:
    console = Console(place.config)
    try:
        with reading(place.data) as db:
            before = len(bills.bills(db))
        context, seen = await visit(browser, console.address, PHONE, "manager", smdr_language="zh")
        for more, status, told in (
            ({"bill": of("a.pdf", b"x")}, 422, "neither CSV nor XLSX"),
            (
                {"bill": of("a.csv", as_csv(place)), "number": "Numero"},
                422,
                "its headings are: Number, Begin, Seconds, Paid",
            ),
            ({"bill": of("a.csv", as_csv(place)), "skip_rows": "x"}, 422, "mapping.toml:"),
            ({"bill": of("a.csv", as_csv(place).replace(b",60,", b",sixty,"))}, 422, "bill.csv:2:3:"),
            ({"bill": of("a.xlsx", b"PK no")}, 422, "cannot be read as XLSX"),
            ({"bill": of("a.xlsx", hostile_workbook())}, 422, "cannot be read as XLSX"),
            ({"bill": of("a.csv", as_csv(place)), "mapping": of("m.toml", b"number = ")}, 422, "this is not TOML"),
            ({}, 400, "No form"),
            ({"bill": of("a.csv", b"x" * (LONGEST_UPLOAD + 1))}, 413, "too long"),
        ):
            answer = await sent(context, console.address, **more)
            assert (answer[0], told in answer[1]) == (status, True), answer
            assert "smdr-bill-" not in answer[1]
        with reading(place.data) as db:
            assert len(bills.bills(db)) == before
        status, location = await sent(context, console.address, bill=of("b.xlsx", as_xlsx(place)))
        assert status == 303
        page = await seen.open(location, ".bill tbody tr")
        assert (await seen.key_figures())["一致"] == f"{CALLS - 5}"
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        await seen.keep("bill-phone")
        await seen.open("/bills", ".bills tbody tr")
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        await seen.keep("bills-phone")
        auditor, _ = await visit(browser, console.address, DESKTOP, "auditor")
        assert (await sent(auditor, console.address, bill=of("b.csv", as_csv(place))))[0] == 403
        text = await (await auditor.request.get(f"{location}.csv")).text()
        assert not [call for call in place.calls if str(call.number) in text]
        head, _ = await visit(browser, console.address, DESKTOP, "department-head")
        assert (await head.request.get(location, max_redirects=0)).status == 403
        assert_untroubled(seen, console.address)
        for one in (context, auditor, head):
            await one.close()
    finally:
        console.stop()
