"""Every page, export and form as every role: what the server answers is what docs/permissions.md says.

`SMDR_WRITE_EXPECTED=1` writes that page anew from the answers.
"""

from __future__ import annotations

import csv
import datetime as dt
import http.client
import io
import os
import re
import zipfile
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from conftest import DESKTOP, Console, assert_untroubled, employ, log_in, visit
from console_office import ZONE, Office, note_published
from starlette.datastructures import URL
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse

from collector.office import approvals, audit, bills, deposits
from collector.office.approvals import Application
from collector.office.users import ROLES, User
from collector.store.office_db import reading, writing
from collector.store.publications import MadeOf
from dashboards.web.gate import Gate
from dashboards.web.permissions import PERMISSIONS, first_page
from dashboards.web.sessions import Session
from dashboards.words import WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.async_api import Browser, BrowserContext
    from starlette.types import Message, Receive, Scope, Send

    from collector.calls import Call

pytestmark = pytest.mark.asyncio(loop_scope="module")

DAYS = dt.date(2026, 3, 1), dt.date(2026, 3, 5)
PUBLISHED = "sales-2026-03.csv"
PAGE = Path(__file__).parents[3] / "docs/permissions.md"
TOP = """# Who may see what

What the console answers to each role, written from the test that asks for every page, export and form as each of them
(`tests/dashboards/web/test_console_permissions.py`). What is not named here is for nobody. The table that the console
itself asks is `dashboards/web/permissions.py`.
"""


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Office]:
    office = Office(tmp_path)
    office.open()
    yield office
    office.close()


def example(path: str) -> str:
    """An address of a path that has places to fill in."""
    places = {"source": "pbx1", "offset": "0", "report": "sales", "file": PUBLISHED, "number": "1"}
    return re.sub(r"\{(\w+)[^}]*\}", lambda place: places[place[1]], path)


async def answers(browser: Browser, console: Console, office: Office) -> dict[str, dict[str, bool]]:
    """Path -> role -> whether the server gave it."""
    given: dict[str, dict[str, bool]] = {path: {} for path in PERMISSIONS}
    with writing(office.data) as db:
        assert bills.keep(db, "bill.csv", "", (0, 0), [], "test") == 1
        taken = deposits.take(db, "Chen", "", "", Decimal(50), "CNY", "test")
        call = ("pbx1", 0, taken, "Chen", "101", "02155501234", "2026-03-02T09:02:00+08:00", 60)
        assert deposits.write_receipt(db, deposits.Receipt(0, 0.0, "test", *call, Decimal(1), "CNY")).id == 1
        deposits.settle(db, taken, "test")
    folder = office.config.parent / "published"
    folder.mkdir(exist_ok=True)
    (folder / PUBLISHED).write_text("Department\n", encoding="utf-8")
    note_published(office.data, ("sales", "2026-03", MadeOf("department", "Sales", unmasked=False)))
    for role in ROLES:
        employ(office.config, role, "Sales" if role == "department-head" else None)
        context = await browser.new_context(base_url=console.address)
        answer = await log_in(context, console.address, role)
        assert answer.headers["location"] == first_page(role)
        for path, permission in PERMISSIONS.items():
            origin = {"Origin": console.address}
            if permission.kind == "form":
                answer = await context.request.post(path, headers=origin, form={"do": "none"}, max_redirects=0)
                assert answer.status in (303, 400, 403)
                given[path][role] = answer.status != 403
                continue
            answer = await context.request.get(example(path), max_redirects=0)
            assert answer.status in (200, 303 if path == "/" else 403)
            given[path][role] = answer.status == 200
        await context.close()
    return given


def written(given: dict[str, dict[str, bool]]) -> str:
    """The page of these answers."""
    names = [WORDS[f"role.{role}"]["en"] for role in ROLES]
    lines = [TOP, "| | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    for path, roles in given.items():
        kind = PERMISSIONS[path].kind
        told = f"`{path}`" + ("" if kind == "page" else f" ({kind})")
        lines.append(f"| {told} | " + " | ".join("yes" if roles[role] else "" for role in ROLES) + " |")
    return "\n".join(lines) + "\n"


async def test_the_server_answers_each_role_as_the_document_says(
    browser: Browser, console: Console, office: Office
) -> None:
    given = await answers(browser, console, office)
    assert given == {path: {role: role in one.roles for role in ROLES} for path, one in PERMISSIONS.items()}
    if os.environ.get("SMDR_WRITE_EXPECTED"):
        PAGE.write_text(written(given), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8").startswith(written(given))
    with reading(office.data) as db:
        refused = {(one.user, one.page) for one in audit.entries(db, action="refused")}
    assert ("operator", "/users") in refused


async def test_without_a_login_there_is_nothing(browser: Browser, console: Console) -> None:
    context = await browser.new_context(base_url=console.address)
    for path in [*map(example, PERMISSIONS), "/nowhere", "/docs", "/openapi.json"]:
        answer = await context.request.get(path, max_redirects=0)
        assert (answer.status, answer.headers["location"].partition("?")[0]) == (303, "/login"), path
    script = await context.request.get("/_nicegui/3.18.0/static/nicegui.js", max_redirects=0)
    assert script.status == 303
    await context.close()


async def test_what_is_not_in_the_table_is_for_nobody(browser: Browser, console: Console) -> None:
    context = await browser.new_context(base_url=console.address)
    await log_in(context, console.address, "administrator")
    for path in ("/nowhere", "/docs", "/openapi.json", "/calls/pbx1", "/users/", "/calls//"):
        assert (await context.request.get(path, max_redirects=0)).status == 404, path
    await context.close()


async def test_the_menu_shows_what_one_may_open(browser: Browser, console: Console, office: Office) -> None:
    employ(office.config, "technician")
    context = await browser.new_context(base_url=console.address)
    await log_in(context, console.address, "technician")
    page = await context.new_page()
    await page.goto("/")
    await page.locator(".source").first.wait_for()
    assert await page.locator("nav a").all_inner_texts() == ["Lines", "Attach a PBX", "Equipment"]
    await page.goto("/calls")
    assert "This page is not for the role technician." in await page.locator("main").inner_text()
    await context.close()


def in_department(call: Call) -> bool:
    return call.department == "Sales"


def address_of(call: Call) -> str:
    return f"/calls/{call.source}/{call.offset}"


async def exported(context: BrowserContext, question: str = "") -> list[dict[str, str]]:
    answer = await context.request.get(f"/calls.csv?{question}")
    assert answer.status == 200
    return list(csv.DictReader(io.StringIO((await answer.text()).lstrip("\ufeff"))))


async def test_a_department_head_sees_the_calls_of_the_department_and_no_other(
    browser: Browser, console: Console, office: Office
) -> None:
    employ(office.config, "department-head", "Sales")
    context, seen = await visit(browser, console.address, DESKTOP, "department-head")
    own = [call for call in office.calls if in_department(call)]
    other = next(call for call in office.calls if call.department == "Service" and call.number)
    assert other.number
    quarter = "period=month&from=2026-01-01&to=2026-03-31"

    await seen.open(f"/traffic?{quarter}", ".kpi")
    assert (await seen.key_figures())["Calls"] == f"{len(own):,}"
    page = seen.page
    for dimension in ("Department", "Extension"):
        await page.get_by_role("combobox", name=dimension).click()
        await page.get_by_role("option").first.wait_for()
        shown = {one.strip() for one in await page.get_by_role("option").all_inner_texts()}
        assert shown == {str(getattr(call, dimension.lower())) for call in own}
        await page.keyboard.press("Escape")
        await page.get_by_role("option").first.wait_for(state="hidden")
    await seen.open(f"/traffic?{quarter}&department=Service", ".notice strong")
    await seen.open(f"/answering?{quarter}", ".kpi")
    answered = [call for call in own if call.direction == "incoming"]
    unanswered = sum(call.outcome == "unanswered" for call in answered)
    assert (await seen.key_figures())["Unanswered"] == f"{unanswered:,}"
    await seen.open(f"/answering?{quarter}&extension={other.extension}", ".notice strong")

    for question in ("", "department=Service", f"contains={other.number}", f"extension={other.extension}", "person=x"):
        rows = await exported(context, question)
        assert {row["Department"] for row in rows} <= {"Sales"}
        assert other.number not in {row["Number"] for row in rows}
    assert len(await exported(context)) == len(own)
    await seen.open(f"/calls?contains={other.number}", ".card p strong")
    assert "No call" in await page.locator(".board").inner_text()
    options = await page.locator("datalist option").evaluate_all("all => all.map(one => one.value)")
    assert "Service" not in options
    assert other.extension not in options
    await seen.open(address_of(other), ".explained .notice")
    assert other.number not in await page.content()
    await seen.open(address_of(own[0]), ".explained .facts")
    await context.close()


TREE = "department,above,from,until\nCompany,,,\nSales,Company,,\nWorkshop,Company,,\nService,Company,,2026-02-14\nService,Sales,2026-02-15,\n"


async def test_a_department_head_sees_what_is_below_it_while_it_is_and_no_sibling(
    browser: Browser, place: Office
) -> None:
    text = place.config.read_text(encoding="utf-8")
    place.config.write_text(text.replace('data = "data"', 'data = "data"\ndepartments = "departments.csv"'))
    tree = place.config.parent / "departments.csv"
    tree.write_text(TREE)
    place.fill()
    moved = dt.datetime(2026, 2, 15, tzinfo=ZONE).timestamp()
    sales = [call for call in place.calls if in_department(call)]
    below = [call for call in place.calls if call.department == "Service" and call.start >= moved]
    early = next(call for call in place.calls if call.department == "Service" and call.start < moved and call.number)
    asked = [Application(name, "Li", "", "", "Canton", "Fair", "Stand", *DAYS) for name in ("Service", "Workshop")]
    with writing(place.data) as db:
        for application in asked:
            approvals.file(db, application, "wang")
    employ(place.config, "department-head", "Sales")
    console = Console(place.config)
    try:
        context, seen = await visit(browser, console.address, DESKTOP, "department-head")
        quarter = "period=month&from=2026-01-01&to=2026-03-31"
        page = await seen.open(f"/traffic?{quarter}", ".kpi")
        assert (await seen.key_figures())["Calls"] == f"{len(sales) + len(below):,}"
        await page.get_by_role("combobox", name="Department").click()
        await page.get_by_role("option").first.wait_for()
        assert set(await page.get_by_role("option").all_inner_texts()) == {"Sales", "Service"}
        table = page.locator(".breakdown", has=page.get_by_text("Department", exact=True))
        cells = [await row.locator("td").all_inner_texts() for row in await table.locator("tbody tr").all()]
        assert {name.strip(): calls for name, calls, *_ in cells} == {
            "Sales": f"{len(sales):,}",
            "Service": f"{len(below):,}",
        }
        rows = await exported(context)
        assert Counter(row["Department"] for row in rows) == {"Sales": len(sales), "Service": len(below)}
        assert early.number not in {row["Number"] for row in rows}
        await seen.open(address_of(below[0]), ".explained .facts")
        await seen.open(address_of(early), ".explained .notice")
        await seen.open("/approvals", "text=Service, Li")
        assert await page.locator("text=Workshop, Li").count() == 0

        tree.write_text("department,above\nSales,Nowhere\n")  # faulty: the department alone is what is sure
        assert {row["Department"] for row in await exported(context)} == {"Sales"}
        await context.close()
    finally:
        console.stop()


async def test_digits_are_hidden_from_a_manager_on_every_page_and_from_the_search(
    browser: Browser, console: Console, office: Office
) -> None:
    employ(office.config, "manager")
    context, seen = await visit(browser, console.address, DESKTOP, "manager")
    call = next(call for call in office.calls if call.number and call.number.startswith("13") and call.talk_s)
    number = str(call.number)
    rows = await exported(context, f"begins={number[:-4]}")
    assert f"{number[:-4]}****" in {row["Number"] for row in rows}
    for question in (f"begins={number[:-3]}", f"contains={number[-4:]}", f"contains={number}"):
        assert not [row for row in await exported(context, question) if row["Number"].startswith(number[:-4])]
    assert len(await exported(context)) == len(office.calls)
    page = await seen.open(address_of(call), ".explained .facts")
    text = await page.content()
    assert f"{number[:-4]}****" in text
    assert number not in text
    assert await page.locator(".leg, pre").count() == 0
    await seen.open("/calls", ".calls tbody tr")
    assert not re.search(r"\b13\d{9}\b", await page.locator(".calls").inner_text())
    assert_untroubled(seen, console.address)
    await context.close()


@pytest.mark.parametrize("host", [b"x/account?", b"x/account#", b"x/console/console.css?"])
async def test_a_host_that_is_believed_opens_no_other_page(host: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the framework makes of a Host: releases before Starlette 1.1 wrote it into the address as it came."""
    session = Session(User(1, "technician", "technician"), 0.0, 0.0)
    noted: list[tuple[str, str]] = []
    served: list[str] = []
    sent: list[int] = []

    class Doors:
        class sessions:  # noqa: N801  (stands for an attribute)
            @staticmethod
            def of(_key: str | None) -> Session:
                return session

        @staticmethod
        async def note(_user: User, _name: str, _address: str, action: str, page: str, _detail: str) -> None:
            noted.append((action, page))

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        served.append(scope["path"])

    async def send(message: Message) -> None:
        sent.extend([message["status"]] if message["type"] == "http.response.start" else [])

    async def receive() -> Message:
        return {"type": "http.request"}

    believing = lambda scope: URL(f"http://{host.decode()}{scope['path']}")  # noqa: E731
    monkeypatch.setattr("starlette.requests.URL", believing)
    scope = {
        "type": "http",
        "method": "GET",
        "scheme": "http",
        "path": "/users",
        "query_string": b"",
        "headers": [(b"host", host)],
    }
    assert HTTPConnection(scope).url.path in ("/account", "/console/console.css")
    gate = Gate(app, Doors(), lambda _request, _session: PlainTextResponse("", 403))  # type: ignore[arg-type]
    await gate(scope, receive, send)
    assert (served, sent, noted) == ([], [403], [("refused", "/users")])


async def test_a_crafted_host_or_path_opens_no_other_page(browser: Browser, place: Office) -> None:
    employ(place.config, "technician")
    console = Console(place.config, "--host", "0.0.0.0")  # noqa: S104  (where any Host is answered)
    try:
        context = await browser.new_context(base_url=console.address)
        await log_in(context, console.address, "technician")
        cookie = "; ".join(f"{one['name']}={one['value']}" for one in await context.cookies())

        def status(path: str, host: str, cookie: str) -> int:
            connection = http.client.HTTPConnection(console.address.removeprefix("http://"), timeout=20)
            connection.putrequest("GET", path, skip_host=True)
            for name, value in (("Host", host), ("Cookie", cookie)):
                connection.putheader(name, value)
            connection.endheaders()
            return connection.getresponse().status

        assert status("/account", "x", cookie) == 200
        for host in ("x/account?", "x/lines#", "x/login?", "x"):
            assert status("/users", host, cookie) == 403
            assert status("/users", host, "") == 303
        for path in ("/account%3F/../users", "/account/..%2Fusers", "/login%3F", "/lines%23/users"):
            assert status(path, "x", cookie) == 404
            assert status(path, "x", "") == 303
        await context.close()
    finally:
        console.stop()


def written_in(body: bytes) -> str:
    """The text of an export: CSV as it is, of a workbook the text of all its parts."""
    if not body.startswith(b"PK"):
        return body.decode("utf-8", "replace")
    with zipfile.ZipFile(io.BytesIO(body)) as book:
        return "\n".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())


async def test_no_export_gives_a_department_head_what_is_another_departments(
    browser: Browser, console: Console, office: Office
) -> None:
    employ(office.config, "department-head", "Sales")
    context, _ = await visit(browser, console.address, DESKTOP, "department-head")
    other = next(call for call in office.calls if call.department == "Service" and call.number)
    others = {str(call.number) for call in office.calls if call.department != "Sales"}
    others -= {str(call.number) for call in office.calls if in_department(call)}
    exports = [
        path
        for path, one in PERMISSIONS.items()
        if one.kind == "export" and "department-head" in one.roles and "{" not in path and not path.endswith(".pdf")
    ]
    asked = ("", "department=Service&of=Service", f"contains={other.number}&extension={other.extension}")
    quarter = "period=quarter&from=2026-01-01&to=2026-03-31"
    for path in exports:
        for question in asked:
            answer = await context.request.get(f"{path}?{quarter}&{question}")
            text = written_in(await answer.body())
            assert not others & set(re.findall(r"\d{7,}", text)), (path, question)
            assert "Service" in question or "Service" not in text, (path, question)
    await context.close()
