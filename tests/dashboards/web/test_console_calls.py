"""The page of calls: what is found, paging, exports and a call of its own, against the list of calls itself."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

import openpyxl
import pytest
from conftest import DESKTOP, Console, assert_untroubled, visit
from console_office import HOSTILE_DEPARTMENT, HOSTILE_EXTENSION, HOSTILE_NUMBER, ZONE, Office

from collector.config import load
from collector.office.users import User
from collector.store import queries, search
from collector.store.calls_db import CALL_COLUMNS
from collector.store.queries import Span
from collector.store.search import Place, Search
from collector.store.sight import EVERYTHING as EVERYTHING_SEEN
from dashboards.web import exporting
from dashboards.web.exporting import csv_of, rows
from dashboards.web.look import LIGHT
from dashboards.web.page import Viewer
from dashboards.web.searching import Choice
from dashboards.web.store import Store
from dashboards.words import WORDS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from conftest import Visit
    from playwright.async_api import Browser

    from collector.calls import Call

EVERYTHING = Span(0, 2**40)
VIEWER = Viewer("en", LIGHT, ZONE, User(1, "administrator", "administrator"), "127.0.0.1")
ENDLESS_S = 60.0


def found(office: Office, wanted: Mapping[str, str | int], span: Span = EVERYTHING) -> list[Call]:
    """All pages of a search after one another."""
    connection = queries.connect(office.data / "calls.db")
    calls: list[Call] = []
    page = search.page(connection, Search(span, wanted, ZONE), None, 50, ENDLESS_S)
    calls += [one.call for one in page.calls]
    while page.further:
        page = search.page(connection, Search(span, wanted, ZONE), page.further, 50, ENDLESS_S)
        calls += [one.call for one in page.calls]
    connection.close()
    return calls


def identities(calls: list[Call]) -> list[tuple[int, str, int]]:
    return sorted((call.start, call.source, call.offset) for call in calls)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Office:
    office = Office(tmp_path_factory.mktemp("search"))
    office.open()
    office.fill()
    moment = datetime(2026, 2, 1, 3, 0, tzinfo=UTC)
    known = {
        "person": "Li Ming",
        "carrier": "unicom",
        "account_code": "77",
        "cost": "10.50",
        "ring_s": 61,
        "auth_code": "8",
    }
    office.add([office.made_up(moment, direction="outgoing", number="+8613900", answered_by="555", **known)])
    office.add([office.made_up(moment, direction="outgoing", number="=1+1", cost="9.5")])
    office.add([office.made_up(moment, transferred=True), office.made_up(moment, transferred=True, conference=True)])
    office.close()
    return office


def internal(call: Call) -> bool:
    return call.direction == "internal"


@pytest.mark.parametrize(
    ("wanted", "meets"),
    [
        ({}, lambda _: True),
        ({"source": "pbx2"}, lambda call: call.source == "pbx2"),
        ({"direction": "internal"}, internal),
        ({"outcome": "busy"}, lambda call: call.outcome == "busy"),
        ({"class": "mobile"}, lambda call: call.class_ == "mobile"),
        ({"sources": '["pbx2", "gone"]'}, lambda call: call.source == "pbx2"),
        ({"sources": "[]"}, lambda _: False),
        ({"department": "Sales"}, lambda call: call.department == "Sales"),
        ({"department": HOSTILE_DEPARTMENT}, lambda call: call.department == HOSTILE_DEPARTMENT),
        ({"extension": "103"}, lambda call: "103" in (call.extension, call.peer_extension)),
        ({"extension": "555"}, lambda call: call.answered_by == "555"),
        ({"trunk": "07"}, lambda call: call.trunk == "07"),
        ({"begins": "131"}, lambda call: (call.number or "").startswith("131")),
        ({"begins": "%"}, lambda _: False),
        ({"contains": "77"}, lambda call: "77" in (call.number or "")),
        ({"person": "li m"}, lambda call: call.person == "Li Ming"),
        ({"carrier": "unicom"}, lambda call: call.carrier == "unicom"),
        ({"account_code": "77"}, lambda call: call.account_code == "77"),
        ({"auth_code": "8"}, lambda call: call.auth_code == "8"),
        ({"transferred": "yes"}, lambda call: call.transferred),
        ({"transferred": "no", "outcome": "busy"}, lambda call: not call.transferred and call.outcome == "busy"),
        ({"conference": "yes"}, lambda call: call.conference),
        ({"talk_from": 300}, lambda call: call.talk_s >= 300),
        ({"talk_to": 9, "outcome": "answered"}, lambda call: call.talk_s <= 9 and call.outcome == "answered"),
        ({"ring_from": 30}, lambda call: (call.ring_s or 0) >= 30),
        ({"hour": 9}, lambda call: datetime.fromtimestamp(call.start, ZONE).hour == 9),
        ({"weekday": 2}, lambda call: datetime.fromtimestamp(call.start, ZONE).isoweekday() == 2),
        ({"cost_from": "9.50"}, lambda call: call.cost is not None),
        ({"cost_from": "9.51"}, lambda call: call.cost == "10.50"),
    ],
)
def test_every_field_finds_what_an_independent_filter_does(
    kept: Office, wanted: dict[str, str | int], meets: Callable[[Call], bool]
) -> None:
    calls = found(kept, wanted)
    assert identities(calls) == identities([call for call in kept.calls if meets(call)])
    assert [call.start for call in calls] == sorted((call.start for call in calls), reverse=True)


def test_all_conditions_are_tried_by_the_test_above() -> None:
    mark = test_every_field_finds_what_an_independent_filter_does.pytestmark[0]  # type: ignore[attr-defined]
    assert {key for wanted, _ in mark.args[1] for key in wanted} == set(search.CONDITIONS)


def test_dates_bound_what_is_found(kept: Office) -> None:
    config = load(kept.config)
    choice = Choice.of({"from": "2026-02-03", "to": "2026-02-04"})
    expected = [call for call in kept.calls if datetime.fromtimestamp(call.start, ZONE).date().isoformat()[5:] in
                ("02-03", "02-04")]  # fmt: skip
    assert identities(found(kept, {}, choice.search(ZONE, config).span)) == identities(expected)
    assert Choice.of({"to": "2026-02-04"}).search(ZONE, config).span.first == 0


def test_what_is_neither_yes_nor_no_is_left_out() -> None:
    assert Choice.of({"transferred": "1", "conference": "yes"}).wanted == {"conference": "yes"}


def test_an_hour_and_a_weekday_that_no_clock_shows_are_left_out() -> None:
    assert Choice.of({"hour": "24", "weekday": "0"}).wanted == {}
    assert Choice.of({"hour": "0", "weekday": "7"}).wanted == {"hour": "0", "weekday": "7"}


def test_a_search_that_finds_little_stops_in_time_and_goes_on_where_it_was(
    kept: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "PIECE", 700)
    connection = queries.connect(kept.data / "calls.db")
    question = Search(EVERYTHING, {"account_code": "77"})
    pages = [search.page(connection, question, None, 50, 0)]
    while pages[-1].further:
        pages.append(search.page(connection, question, pages[-1].further, 50, 0))
    connection.close()
    assert len(pages) == len(kept.calls) // 700 + 1
    reached = [page.further for page in pages if page.further]
    assert reached == sorted(set(reached), reverse=True)
    assert [one.call.account_code for page in pages for one in page.calls] == ["77"]


def test_a_page_that_ends_with_the_last_call_offers_no_other(kept: Office) -> None:
    connection = queries.connect(kept.data / "calls.db")
    some = sum(call.department == "Sales" and call.outcome == "busy" for call in kept.calls)
    question = Search(EVERYTHING, {"department": "Sales", "outcome": "busy"})
    assert search.page(connection, question, None, some, ENDLESS_S).further is None
    assert search.page(connection, question, None, some - 1, ENDLESS_S).further is not None
    connection.close()


def test_an_address_keeps_what_makes_sense() -> None:
    address = {
        "from": "2026-02-30", "to": "2026-02-28", "begins": " 139 ", "talk_from": "-1", "talk_to": "60", "cost_from": "x",
        "before": "5", "person": "", "other": "1",
    }  # fmt: skip
    choice = Choice.of(address)
    assert choice == Choice(
        None, date(2026, 2, 28), {"begins": "139", "talk_to": "60"}, None, ("from", "talk_from", "cost_from")
    )
    assert choice.written() == "to=2026-02-28&begins=139&talk_to=60"
    assert Choice.of({"before": "17.4", "cost_from": "NaN"}) == Choice(None, None, {}, Place(17, 4), ("cost_from",))


def test_an_export_that_is_cut_says_so(kept: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "MOST_ROWS", 1500)
    table = list(rows(Store(kept.data / "calls.db", EVERYTHING_SEEN), Search(EVERYTHING, {}), VIEWER))
    assert len(table) == 1 + 1500 + 1
    assert table[-1] == ["Cut off here: only the newest 1,500 calls are exported. Choose fewer dates."]
    sales = sum(call.outcome == "failed" for call in kept.calls)
    assert (
        len(
            list(
                rows(Store(kept.data / "calls.db", EVERYTHING_SEEN), Search(EVERYTHING, {"outcome": "failed"}), VIEWER)
            )
        )
        == 1 + sales
    )


def test_no_cell_becomes_a_formula(kept: Office) -> None:
    question = Search(EVERYTHING, {"cost_from": "9"})
    text = "".join(csv_of(rows(Store(kept.data / "calls.db", EVERYTHING_SEEN), question, VIEWER)))
    headings, *calls = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert [row[headings.index("Number")] for row in calls] == ["'=1+1", "'+8613900"]
    path = exporting.xlsx_of(rows(Store(kept.data / "calls.db", EVERYTHING_SEEN), question, VIEWER))
    sheet = openpyxl.load_workbook(path).active
    path.unlink()
    assert sheet is not None
    cells = [row[headings.index("Number")] for row in sheet.iter_rows(min_row=2)]
    assert [(cell.value, cell.data_type) for cell in cells] == [("=1+1", "s"), ("+8613900", "s")]


@pytest.mark.asyncio(loop_scope="module")
async def test_calls_are_searched_for_paged_and_opened(desktop: Visit, office: Office) -> None:
    page = await desktop.open("/calls", ".calls tbody tr")
    await page.get_by_role("combobox", name="Department").fill("Service")
    await page.get_by_label("Outcome").select_option("busy")
    await page.get_by_label("First day").fill("2026-01-01")
    await page.get_by_label("Talk at most, s").press("Enter")
    await page.wait_for_url(re.compile(r"/calls\?from=2026-01-01&outcome=busy&department=Service$"))
    wanted = [call for call in office.calls if call.department == "Service" and call.outcome == "busy"]
    assert len(wanted) > 50
    await page.locator(".calls tbody tr").first.wait_for()
    assert await page.get_by_role("combobox", name="Department").input_value() == "Service"
    await desktop.keep("calls-desktop")
    seen = await page.locator(".calls tbody tr").count()
    while await page.get_by_role("link", name="Earlier calls").count():
        await page.get_by_role("link", name="Earlier calls").click()
        await page.wait_for_load_state("load")
        await page.locator(".ways").wait_for()
        seen += await page.locator(".calls tbody tr").count()
    assert seen == len(wanted)
    oldest = min(wanted, key=lambda call: call.start)
    await page.locator(".calls tbody tr a").last.click()
    await page.locator(".facts").wait_for()
    assert page.url.endswith(f"/calls/{oldest.source}/{oldest.offset}")
    line = f"{oldest.start} {oldest.extension} {oldest.trunk or '--'} {oldest.number or ''} {oldest.talk_s}"
    assert await page.locator(".leg pre").inner_text() == line
    assert "panasonic/kx-tda: " in await page.locator(".leg + pre").inner_text()
    await desktop.keep("call-desktop")


@pytest.mark.asyncio(loop_scope="module")
async def test_what_was_not_searched_by_and_why_nothing_is_found_is_said(desktop: Visit) -> None:
    page = await desktop.open(f"/calls?person={'x' * 500}&talk_from=abc&outcome=busy", ".calls tbody tr")
    await page.get_by_text("makes no sense or is too long: Person, Talk at least, s.").wait_for()
    assert await page.get_by_label("Outcome").input_value() == "busy"
    await page.get_by_label("Person").fill("y" * 500)
    assert await page.get_by_label("Person").input_value() == "y" * 200
    await page.get_by_label("Person").fill("")
    await page.get_by_label("First day").fill("2026-02-02")
    await page.get_by_label("Last day").fill("2026-01-02")
    await page.get_by_role("button", name="Search", exact=True).click()
    await page.get_by_text("The last day is before the first.").wait_for()
    assert await page.get_by_label("First day").input_value() == "2026-02-02"


@pytest.mark.asyncio(loop_scope="module")
async def test_hostile_texts_of_calls_are_shown_as_texts(desktop: Visit, office: Office) -> None:
    page = await desktop.open(f"/calls?department={quote(HOSTILE_DEPARTMENT)}", ".calls tbody tr")
    first = page.locator(".calls tbody tr").first
    text = await first.inner_text()
    assert HOSTILE_NUMBER in text
    assert HOSTILE_EXTENSION in text
    assert await page.get_by_role("combobox", name="Department").input_value() == HOSTILE_DEPARTMENT
    await first.locator("a").click()
    await page.locator(".facts").wait_for()
    assert HOSTILE_DEPARTMENT in await page.locator(".facts").inner_text()
    await desktop.open("/calls/%3Cb%3E/7", ".notice")
    assert sum(call.department == HOSTILE_DEPARTMENT for call in office.calls) == 40


@pytest.mark.asyncio(loop_scope="module")
async def test_what_is_found_is_exported(desktop: Visit, office: Office) -> None:
    for kind in ("csv", "xlsx"):
        page = await desktop.open("/calls?outcome=failed", ".calls tbody tr")
        async with page.expect_download() as started:
            await page.get_by_role("link", name=kind.upper()).click()
        body = (await (await started.value).path()).read_bytes()
        if kind == "csv":
            lines = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))
        else:
            sheet = openpyxl.load_workbook(io.BytesIO(body)).active
            assert sheet is not None
            headings, *cells = list(sheet.values)
            lines = [dict(zip(headings, row, strict=True)) for row in cells]
        numbers = sorted((one["Source"], int(one["Byte"])) for one in lines)
        assert numbers == sorted((call.source, call.offset) for call in office.calls if call.outcome == "failed")


@pytest.mark.asyncio(loop_scope="module")
async def test_calls_fit_a_phone_in_chinese(phone: Visit, office: Office) -> None:
    page = await phone.open("/calls?direction=incoming", ".calls tbody tr")
    assert WORDS["console.wanted.begins"]["zh"] in await page.locator("form[method=get].search-form").inner_text()
    await phone.keep("calls-phone")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    call = office.calls[0]
    await phone.open(f"/calls/{call.source}/{call.offset}", ".facts")
    await phone.keep("call-phone")


@pytest.mark.asyncio(loop_scope="module")
async def test_a_price_is_explained_by_the_tariff(browser: Browser, tmp_path: Path) -> None:
    office = Office(tmp_path)
    with office.config.open("a", encoding="utf-8") as config:
        config.write('\n[accounting]\npulse_price = "0.25"\ncurrency = "CNY"\n')
    office.open()
    moment = datetime(2026, 3, 4, 3, 0, tzinfo=UTC)
    known = {
        "direction": "outgoing",
        "outcome": "answered",
        "meter_pulses": 6,
        "cost": "1.50",
        "source": "pbx1",
        "class": "local",
    }
    office.add([office.made_up(moment, number="5550001", **known)])
    office.add([office.made_up(moment, **{**known, "direction": "incoming"})])
    console = Console(office.config)
    try:
        context, seen = await visit(browser, console.address, DESKTOP)
        page = await seen.open("/calls/pbx1/0", ".price")
        price = await page.locator(".price").inner_text()
        assert re.search(r"1\.50  6 pulses of 0\.25", price)
        assert re.search(r"1\.50  CNY", price)
        await seen.open(f"/calls/pbx1/{office.calls[1].offset}", ".facts")
        assert await page.locator(".price").count() == 0
        assert_untroubled(seen, console.address)
        await context.close()
        context, seen = await visit(browser, console.address, DESKTOP, smdr_language="zh")
        page = await seen.open("/calls/pbx1/0", ".price")
        assert "6 个计费脉冲，每个 0.25" in await page.locator(".price").inner_text()  # noqa: RUF001
        await context.close()
    finally:
        office.close()
        console.stop()


def test_every_field_of_a_call_has_words() -> None:
    fields = set(CALL_COLUMNS)
    untold = {"flags", "legs", "format", "received", "resolution_s", "open", "former"}
    assert {key.removeprefix("field.") for key in WORDS if key.startswith("field.")} == fields - untold
