"""A department head, by every way into the console: papers, published files, sockets and addresses of other departments."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import subprocess
import time
from datetime import date, datetime
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

import pytest
import pytest_asyncio
from conftest import DESKTOP, Console, Visit, employ, visit
from console_office import CONFIG, ZONE, Office, note_published

from collector.office import approvals, misses, searches
from collector.office.approvals import Application
from collector.office.searches import Saved
from collector.reports.making import FIELDS
from collector.store import violations
from collector.store.office_db import reading, writing
from collector.store.publications import MadeOf
from dashboards.web.page import PAGES
from dashboards.web.permissions import PERMISSIONS
from dashboards.web.reports import KINDS, NOT_OF_A_DEPARTMENT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from playwright.async_api import Browser, BrowserContext, Page, WebSocket

    from collector.calls import Call

pytestmark = pytest.mark.asyncio(loop_scope="module")

OWN, OTHER = "1380000", "1390000"
"""How the numbers begin that Sales, and all other departments, have to do with."""
PEOPLE = {"Sales": "Li Own", "Service": "Wang Other", "Workshop": "Zhao Other"}
FOREIGN = re.compile(rf"{OTHER}\d*|\w+ Other\b")
NAMED = re.compile(rf"{FOREIGN.pattern}|Service|Workshop")
"""What else tells that there is another department, where nobody asked for it by name."""
MONTH = "unit=month&from=2026-03-01"
PUBLISHED = (
    ("sales", "department", "Sales"),
    ("service", "department", "Service"),
    ("all", "department", None),
    ("person-sales", "person", "Sales"),
    ("person-other", "person", "Wang Other"),
    ("trunks", "trunk", None),
    ("numbers", "number", None),
    ("budgets", "budgets", None),
    ("violations", "violations", None),
)
"""Names of published reports with what they are of; the first is the head's."""
BUDGETS = """scope,name,amount,per,from
department,Sales,30,fixed,2026-01-01
department,Service,40,fixed,2026-01-01
person,Wang Other,5,fixed,2026-01-01
"""
EVERYTHING = """all => {
  const elements = document.querySelector("#app")._vnode.component.proxy.elements;
  let sent = 0;
  for (const [id, element] of Object.entries(elements))
    for (const event of element?.events ?? [])
      for (const args of all) {
        window.socket.emit("event", {id: Number(id), client_id: window.clientId, listener_id: event.listener_id, args});
        sent += 1;
      }
  return sent;
}"""
"""Each listener of a page is told each of these, whatever the page itself would ever tell it."""
CLICKED = """() => {
  const elements = document.querySelector("#app")._vnode.component.proxy.elements;
  for (const [id, element] of Object.entries(elements))
    for (const event of element?.events ?? [])
      if (event.type === "rowClicked") return {id: Number(id), client_id: window.clientId, listener_id: event.listener_id};
}"""


class Watched(NamedTuple):
    """A visit with all that its sockets were told."""

    context: BrowserContext
    seen: Visit
    told: list[str]

    async def rest(self) -> str:
        """Wait until nothing more comes, and return the page with all that was told to it."""
        count = -1
        while count != len(self.told):
            count = len(self.told)
            await asyncio.sleep(1.2)
        return "\n".join((*self.told, await self.seen.page.content()))


async def watched(browser: Browser, console: Console, role: str) -> Watched:
    context, seen = await visit(browser, console.address, DESKTOP, role)
    one = Watched(context, seen, [])

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: one.told.append(frame if isinstance(frame, str) else frame.decode()))

    seen.page.on("websocket", listen)
    return one


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Calls of March and of the last hours, violations, budgets, applications, a search and published files of three departments."""
    folder: Path = tmp_path_factory.mktemp("departments")
    office = Office(folder)
    shelves = "".join(
        f'[[report]]\nname = "{name}"\nkind = "{kind}"\nformat = "csv"\nfolder = "published"\nunmasked = true\n'
        + (f'of = "{of}"\n' if of else "")
        for name, kind, of in PUBLISHED
    )
    config = CONFIG.partition("[[report]]")[0] + shelves + '[office]\nbudgets = "budgets.csv"\n'
    office.config.write_text(config, encoding="utf-8")
    (folder / "budgets.csv").write_text(BUDGETS, encoding="utf-8")
    office.open()
    office.add(list(_calls(office)))
    at = int(datetime(2026, 3, 3, 10, tzinfo=ZONE).timestamp())
    with writing(office.data) as db:
        for offset, (department, person) in enumerate(PEOPLE.items()):
            number = f"{OWN if department == 'Sales' else OTHER}0001"
            db.execute(
                "INSERT INTO violations (rule, source, offset, at, department, person, extension, number, class, cost, "
                "amount, saved, what, judged) VALUES ('fine', 'pbx1', ?, ?, ?, ?, '101', ?, 'mobile', '1', '50', NULL, '', 0)",
                (offset, at, department, person, number),
            )
            day = date(2026, 3, 1)
            approvals.file(db, Application(department, person, "", number, "Canton", "Fair", "Stand", day, day), "wang")
        searches.save(db, Saved("supervisor", "Wang Other at night", f"contains={OTHER}0001"))
    (folder / "published").mkdir()
    for name, _, _ in PUBLISHED:
        (folder / f"published/{name}-2026-03.csv").write_text(name, encoding="utf-8")
    made = ((name, "2026-03", MadeOf(kind, of, unmasked=False)) for name, kind, of in PUBLISHED)
    note_published(office.data, *made)
    employ(office.config, "manager")
    employ(office.config, "department-head", "Sales")
    yield office
    office.close()


def _calls(office: Office) -> Iterator[Call]:
    """Of each department an outgoing, an answered and a missed call of now and of March, and one within the house."""
    moments = [datetime(2026, 3, 3, 10, tzinfo=ZONE), datetime.fromtimestamp(time.time() - 7200, ZONE)]
    for place, (department, person) in enumerate(PEOPLE.items()):
        for number, moment in enumerate(moments):
            outside = f"{OWN if department == 'Sales' else OTHER}{place}{number:03}"
            ways: tuple[dict[str, str | int | None], ...] = (
                {"direction": "outgoing", "outcome": "answered", "talk_s": 60, "number": outside},
                {"direction": "incoming", "outcome": "answered", "talk_s": 60, "number": outside},
                {"direction": "incoming", "outcome": "unanswered", "talk_s": 0, "number": f"{outside[:-1]}9"},
                {"direction": "internal", "outcome": "answered", "talk_s": 60, "number": None, "trunk": None},
            )
            for way in ways:
                more = {"department": department, "person": person, "extension": f"{place + 1}01", "source": "pbx1"}
                class_ = "internal" if way["direction"] == "internal" else "mobile"
                yield office.made_up(moment, **more, **{"trunk": "01"} | way, **{"class": class_, "cost": "0.50"})


@pytest_asyncio.fixture(loop_scope="module")
async def head(browser: Browser, served: Console) -> AsyncIterator[Watched]:
    one = await watched(browser, served, "department-head")
    yield one
    await one.context.close()


def others(office: Office) -> list[Call]:
    return [call for call in office.calls if call.department != "Sales"]


def paper(content: bytes, folder: Path) -> str:
    """The text of a PDF."""
    (folder / "report.pdf").write_bytes(content)
    command = ["pdftotext", "-layout", str(folder / "report.pdf"), "-"]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="needs poppler-utils; run scripts/test-servers")
async def test_a_head_finds_no_other_department_on_paper(head: Watched, tmp_path: Path) -> None:
    theirs = [kind for kind in KINDS if kind not in NOT_OF_A_DEPARTMENT]
    asked = [(kind, more) for kind in theirs for more in ("", "&calls=yes") if kind in (*FIELDS, "number") or not more]
    asked += [(kind, f"&calls=yes&of={of}") for kind in ("department", "person") for of in ("Service", "Wang Other")]
    listed = 0
    for kind, more in asked:
        answer = await head.context.request.get(f"/reports.pdf?kind={kind}&{MONTH}{more}")
        assert answer.status == 200, await answer.text()
        text = paper(await answer.body(), tmp_path)
        listed += OWN in text
        meant = "Service" if "of=Service" in more else "Wang Other" if "of=Wang" in more else ""
        found = set(NAMED.findall(text)) - {meant}
        assert not found, (kind, more, found)
        assert "Sales" in text or meant or kind in ("trunk", "number"), (kind, text)
    assert listed >= 4, "the numbers of the department itself can be read"
    for kind in NOT_OF_A_DEPARTMENT:
        assert (await head.context.request.get(f"/reports.pdf?kind={kind}&{MONTH}")).status == 422
    refused = await head.context.request.get(f"/reports.pdf?kind=trunk&{MONTH}&of=99")
    assert not NAMED.search(await refused.text() if refused.status == 422 else paper(await refused.body(), tmp_path))


async def test_a_head_gets_no_published_file_of_another_department(head: Watched) -> None:
    given = set()
    names = [name for name, _, _ in PUBLISHED]
    for report in (*names, "SALES", "..", ".", "published"):
        files = [f"{name}-2026-03.csv" for name in names]
        for file in (*files, *(f"../published/{file}" for file in files), "../smdr.toml", "../data/calls.db"):
            answer = await head.context.request.get(f"/reports/{quote(report, safe='')}/{quote(file, safe='')}")
            assert answer.status in (200, 403, 404), file
            if answer.status == 200:
                given.add((report, file, await answer.text()))
    assert given == {("sales", "sales-2026-03.csv", "sales")}
    page = await head.seen.open("/reports", ".published tbody tr")
    assert await page.locator(".published a").all_inner_texts() == ["sales-2026-03.csv"]


def missed(office: Office) -> list[Call]:
    return [call for call in office.calls if call.outcome == "unanswered" and call.start > time.time() - 86_400]


@pytest.mark.parametrize("path", [path for path in PAGES if "department-head" in PERMISSIONS[path].roles])
async def test_no_page_tells_a_head_of_another_department_whatever_its_socket_asks(
    head: Watched, place: Office, path: str
) -> None:
    calls = [*others(place)[:2], *(call for call in missed(place) if call.department != "Sales")]
    places = [f"{call.source}:{call.offset}" for call in calls]
    crafted: list[list[object]] = [[{"data": {"id": one}}] for one in places] + [[one] for one in places]
    crafted += [["Service"], [f"{10**6}"], ["-1"], [{}], [None], []]
    crafted += [[{"value": place, "label": "Service"}] for place in (-1, 0, 10**6)]
    args = [[json.dumps(one) for one in some] for some in crafted]
    await head.seen.open(f"{path}?month=2026-03&period=month&from=2026-01-01&to=2026-12-31", "main, .board")
    assert not NAMED.findall(await head.rest())
    sent = await head.seen.page.evaluate(EVERYTHING, args)
    assert sent >= len(args), "there is something to tell: the menu at least"
    assert not FOREIGN.findall(await head.rest())
    with reading(place.data) as db:
        assert not {(call.source, call.offset) for call in others(place)} & set(misses.handled(db))
        assert {one.application.department for one in approvals.filed(db) if one.decision} <= {"Sales"}
        assert {one.violation.department for one in violations.kept(db, 0, 2e9) if one.last} <= {"Sales"}


async def test_by_the_same_way_a_head_takes_what_is_the_departments_own(head: Watched, place: Office) -> None:
    await head.seen.open("/missed", ".misses")
    own = next(call for call in missed(place) if call.department == "Sales")
    await head.seen.page.evaluate(EVERYTHING, [[json.dumps(f"{own.source}:{own.offset}")]])
    await head.rest()
    with reading(place.data) as db:
        assert (own.source, own.offset) in misses.handled(db)


async def test_a_heads_socket_neither_works_nor_hears_the_page_of_another(
    browser: Browser, served: Console, head: Watched, place: Office
) -> None:
    assert (await head.context.request.get("/live")).status == 403
    feed = await watched(browser, served, "administrator")
    page = await feed.seen.open("/live", ".ag-row")
    listener = await page.evaluate(CLICKED)
    call = others(place)[0]
    message = listener | {"args": [json.dumps({"data": {"id": f"{call.source}:{call.offset}"}})]}
    await head.seen.open("/calls", ".calls tbody tr")
    await head.seen.page.evaluate("message => window.socket.emit('event', message)", message)
    joined = await _joined(head.seen.page, message["client_id"])
    assert not FOREIGN.findall(await head.rest())
    assert not joined
    assert not await page.locator(".details").count(), "the page of another did what was asked through this socket"
    await page.evaluate("message => window.socket.emit('event', message)", message)
    await page.locator(".details").wait_for()
    await feed.context.close()


async def _joined(page: Page, client: str) -> bool:
    """Whether a page's socket is let in to what another page is told."""
    answered = """client => new Promise(answer => {
      const query = {client_id: client, tab_id: "x", document_id: "x", next_message_id: 0};
      window.socket.emit("handshake", query, answer);
    })"""
    return bool(await page.evaluate(answered, client))


async def test_a_head_neither_sees_nor_deletes_the_searches_of_others(
    served: Console, head: Watched, place: Office
) -> None:
    form = {"do": "forget", "name": "Wang Other at night", "query": ""}
    await head.context.request.post("/calls/saved", form=form, headers={"Origin": served.address})
    await head.seen.open("/calls", ".calls tbody tr")
    text = await head.rest()
    assert not FOREIGN.findall(text)
    assert OWN in text
    with reading(place.data) as db:
        assert [one.name for one in searches.offered(db, "supervisor", "supervisor")] == ["Wang Other at night"]


async def test_the_address_of_a_call_shows_a_head_what_is_the_departments_and_a_manager_no_digits(
    browser: Browser, served: Console, head: Watched, place: Office
) -> None:
    for call in others(place)[:8]:
        head.told.clear()
        address = f"/calls/{call.source}/{call.offset}"
        await head.seen.open(f"{address}?department=Service", ".explained .notice")
        assert not NAMED.findall((await head.seen.page.content()) + "".join(head.told)), address
    for crafted in (f"/calls/pbx1/+{call.offset}", f"/calls/pbx1/0{call.offset}", f"/calls/pbx%31/{call.offset}"):
        answer = await head.context.request.get(crafted)
        assert answer.status in (200, 404, 422), crafted
        assert not FOREIGN.search(await answer.text())
        await head.seen.page.goto(crafted)
        assert not FOREIGN.findall(await head.rest()), crafted
    own = next(call for call in place.calls if call.department == "Sales" and call.number)
    await head.seen.open(f"/calls/{own.source}/{own.offset}", ".explained .facts")
    assert str(own.number) in await head.rest()

    masked = await watched(browser, served, "manager")
    for call in (own, next(call for call in others(place) if call.number)):
        masked.told.clear()
        page = await masked.seen.open(f"/calls/{call.source}/{call.offset}", ".explained .facts")
        text = await masked.rest()
        assert f"{str(call.number)[:-4]}****" in text
        assert str(call.number) not in text
        assert await page.locator(".leg, pre").count() == 0
    await masked.context.close()
