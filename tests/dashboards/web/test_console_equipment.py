"""The equipment page on planted links, faults, rounds and a roster, walked by those who may do something and those who look."""

from __future__ import annotations

import asyncio
import csv
import datetime as dt
import io
import os
import signal
import time
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from conftest import DESKTOP, PHONE, Console, assert_untroubled, employ, log_in, visit
from console_office import ZONE, Office

from collector.office import audit, rounds, tickets
from collector.office.rounds import Round
from collector.store.events_db import EventsDb
from collector.store.office_db import reading, writing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from conftest import Visit
    from playwright.async_api import Browser

pytestmark = pytest.mark.asyncio(loop_scope="module")
ROSTER = (
    "operator,extension,shift,days,begin,end,from,until\n"
    "Li Hong,101,day,,00:00,12:00,,\nLi Hong,101,day,,12:00,00:00,,\nZhao Min,102,gone,,00:00,12:00,,2020-01-01\n"
)


@pytest.fixture(scope="module")
def kept(office: Office) -> Office:
    """The office with a roster, a link that was lost twice, four faults of which one is late, and two rounds."""
    folder = office.config.parent
    (folder / "roster.csv").write_text(ROSTER)
    office.config.write_text(office.config.read_text() + '\n[office]\nroster = "roster.csv"\n')
    now = time.time()
    asyncio.run(_happened(office, now))
    today = dt.datetime.fromtimestamp(now, ZONE).date()
    with writing(office.data) as db:
        tickets.report(db, "UPS", "<b>beeps</b>", "Wang", now - 7200)
        tickets.report(db, "MDF", "door", "Wang", now - 60)
        tickets.repair(db, 2, "Zhao")
        tickets.report(db, "Console 2", "screen", "Wang", now - 90_000)
        tickets.solve(db, 3, "Zhao", "new cable")
        rounds.define(db, Round("Machine room", ("UPS", "MDF"), 7, today), "Wang")
        rounds.inspect(db, "Machine room", today - dt.timedelta(days=10), "Zhao", (), "cleaned", "Zhao")
        rounds.define(db, Round("Consoles", ("Console 1",), 30, today + dt.timedelta(days=4)), "Wang")
    return office


async def _happened(office: Office, now: float) -> None:
    with writing(office.data):
        pass
    events = EventsDb(office.data / "events.db")
    for before, state in ((40 * 86_400, "open"), (7200, "failed"), (3600, "open"), (1800, "waiting"), (900, "open")):
        events.link("pbx1", state, "", now - before)
    raised = await events.raise_alarm("link", "pbx1", time.time() + 1, "The link has been down for 5 min.", ())
    await events.clear_alarm(raised, time.time() + 2, "Connected.", ())
    events.close()


@pytest.fixture(scope="module")
def served(kept: Office) -> Iterator[Console]:
    for role in ("technician", "operator", "auditor"):
        employ(kept.config, role)  # type: ignore[arg-type]
    console = Console(kept.config)
    yield console
    console.stop()


@pytest_asyncio.fixture(loop_scope="module")
async def seen(browser: Browser, served: Console) -> AsyncIterator[Visit]:
    context, seen = await visit(browser, served.address, DESKTOP, "technician")
    yield seen
    assert_untroubled(seen, served.address)
    await context.close()


async def test_the_figures_are_those_of_what_was_noted(seen: Visit) -> None:
    page = await seen.open("/equipment", ".tickets tbody tr")
    assert await seen.key_figures() == {
        "Links open": "0",
        "Open faults": "3",
        "Rounds overdue": "1",
        "On duty now": "1",
    }
    notes = await page.locator(".kpi .note").all_inner_texts()
    today = dt.datetime.now(ZONE).date()
    assert notes == [
        "of 2",
        "1 of them late",
        f"next: {today + dt.timedelta(days=4)}",
        "Li Hong",
    ]
    (row,) = await page.locator(".link-figures tbody tr").filter(has_text="pbx1").all_inner_texts()
    assert row.split("\t")[-4:] == ["2", "2", "1:15:00", "1:00:00"]
    faults = await page.locator(".tickets tbody tr").all_inner_texts()
    assert [row.split("\t")[1].strip() for row in faults] == ["pbx1", "MDF", "UPS", "Console 2"]
    assert ["Late" in row for row in faults] == [False, False, True, False]
    assert "<b>beeps</b>" in faults[2]
    due = await page.locator("table.due tbody tr").all_inner_texts()
    assert due[0].startswith(f"{today - dt.timedelta(days=3)}\nLate")
    assert "Li Hong" in await page.locator(".duties").inner_text()
    await seen.keep("equipment")


async def test_an_alarm_opened_a_ticket_and_a_person_closes_it(seen: Visit, kept: Office) -> None:
    page = await seen.open("/equipment", ".tickets tbody tr")
    await page.locator(".tickets tr").filter(has_text="pbx1").get_by_role("button").click()
    await page.locator(".history tbody tr").first.wait_for()
    told = await page.locator(".history tbody tr").all_inner_texts()
    assert [row.split("\t")[1:3] for row in told] == [
        ["alarm", "reported"],
        ["alarm", "alarm"],
        ["alarm", "alarm over"],
    ]
    await page.get_by_role("button", name="Solved", exact=True).click()
    await page.get_by_text("Say what was done.").wait_for()
    await seen.keep("equipment-ticket")
    await page.get_by_label("What was done, or a note").fill("plug tightened")
    await page.get_by_role("button", name="Solved", exact=True).click()
    await page.get_by_text("It is kept.").wait_for()
    with reading(kept.data) as db:
        one = next(one for one in tickets.tickets(db) if one.equipment == "pbx1")
        trail = audit.entries(db, user="technician", action="change", limit=1)
    assert (one.state, one.hands, one.events[-1].text) == ("solved", "technician", "plug tightened")
    assert [(entry.role, entry.page, entry.detail) for entry in trail] == [
        ("technician", "/equipment", f"solved ticket {one.id}")
    ]


async def test_a_round_is_written_down_and_what_was_faulty_is_a_ticket(seen: Visit, kept: Office) -> None:
    page = await seen.open("/equipment", "table.due tbody tr")
    await page.locator("table.due tr").filter(has_text="Machine room").get_by_role("button").click()
    await page.get_by_role("checkbox", name="MDF").click()
    await page.get_by_label("Remark").fill("door again")
    await page.locator(".q-dialog").get_by_role("button", name="Keep").click()
    await page.get_by_text("It is kept.").wait_for()
    with reading(kept.data) as db:
        last = rounds.inspections(db)[-1]
        mdf = [one for one in tickets.tickets(db) if one.equipment == "MDF"]
    assert (last.inspector, last.faulty, last.remark) == ("technician", ("MDF",), "door again")
    assert [one.events[-1].what for one in mdf] == ["note"]
    await page.get_by_text("door again").first.wait_for()


async def test_a_round_is_planned_and_one_that_lacks_something_is_not(seen: Visit, kept: Office) -> None:
    page = await seen.open("/equipment", "table.due tbody tr")
    card = page.locator(".card").filter(has_text="Plan a round")
    await card.get_by_role("button", name="Keep").click()
    await page.get_by_text("A round has a name").wait_for()
    await card.get_by_label("Round").fill("Batteries")
    await card.get_by_label("Equipment to look at").fill("UPS 1\n\n UPS 2 ")
    await card.get_by_role("button", name="Keep").click()
    await page.locator("table.due tr").filter(has_text="Batteries").wait_for()
    with reading(kept.data) as db:
        assert rounds.found(db, "Batteries").equipment == ("UPS 1", "UPS 2")


async def test_an_operator_reports_and_does_not_repair(browser: Browser, served: Console, kept: Office) -> None:
    context, seen = await visit(browser, served.address, DESKTOP, "operator")
    page = await seen.open("/equipment", ".tickets tbody tr")
    await page.get_by_role("button", name="Report a fault").click()
    await page.get_by_text("Say which equipment").wait_for()
    card = page.locator(".card").filter(has_text="Report a fault")
    await card.get_by_label("Equipment").fill("Headset")
    await card.get_by_label("Fault").fill("crackles")
    await card.get_by_role("button", name="Report a fault").click()
    await page.locator(".tickets tr").filter(has_text="Headset").get_by_role("button").click()
    await page.locator(".q-dialog").get_by_role("button").first.wait_for()
    assert await page.locator(".q-dialog").get_by_role("button").all_inner_texts() == ["Note"]
    assert await page.locator("table.due").get_by_role("button").count() == 0
    assert_untroubled(seen, served.address)
    await context.close()
    with reading(kept.data) as db:
        assert [(one.by, one.fault) for one in tickets.tickets(db) if one.equipment == "Headset"] == [
            ("operator", "crackles")
        ]


async def test_an_auditor_looks_and_exports(browser: Browser, served: Console) -> None:
    context, seen = await visit(browser, served.address, DESKTOP, "auditor")
    page = await seen.open("/equipment", ".tickets tbody tr")
    await page.locator(".tickets").get_by_role("button").first.click()
    assert await page.locator(".q-dialog").get_by_role("button").count() == 0
    assert await page.get_by_role("button", name="Report a fault").count() == 0
    answer = await context.request.get("/equipment.csv")
    rows = list(csv.reader(io.StringIO((await answer.text()).removeprefix("\ufeff"))))
    assert [row[1] for row in rows[1:4]] == ["UPS", "MDF", "Console 2"]
    book = await context.request.get("/equipment.xlsx")
    assert (await book.body()).startswith(b"PK")
    await context.close()


async def test_of_two_who_close_a_ticket_one_is_told(browser: Browser, served: Console) -> None:
    visits = [await visit(browser, served.address, DESKTOP, user) for user in ("technician", "administrator")]
    for _, seen in visits:
        page = await seen.open("/equipment", ".tickets tbody tr")
        await page.locator(".tickets tr").filter(has_text="UPS").first.get_by_role("button").click()
        await page.get_by_label("What was done, or a note").fill("battery")
    (_, first), (_, second) = visits
    await first.page.get_by_role("button", name="Solved", exact=True).click()
    await first.page.get_by_text("It is kept.").wait_for()
    await second.page.get_by_role("button", name="Solved", exact=True).click()
    await second.page.get_by_text("was solved by technician already.").wait_for()
    for context, _ in visits:
        await context.close()


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_it_fits_a_phone(browser: Browser, served: Console, language: str, theme: str) -> None:
    context, seen = await visit(browser, served.address, PHONE, "technician", smdr_language=language, smdr_theme=theme)
    page = await seen.open("/equipment", ".tickets tbody tr")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await seen.keep(f"equipment-phone-{language}-{theme}")
    await page.set_viewport_size({"width": 1280, "height": 900})
    await seen.keep(f"equipment-desktop-{language}-{theme}")
    assert_untroubled(seen, served.address)
    await context.close()


async def test_what_was_kept_outlives_a_killed_console(browser: Browser, tmp_path: Path) -> None:
    place = Office(tmp_path)
    place.open()
    employ(place.config, "technician")
    console = Console(place.config)
    context, seen = await visit(browser, console.address, DESKTOP, "technician")
    page = await seen.open("/equipment", "text=No fault was ever reported.")
    card = page.locator(".card").filter(has_text="Report a fault")
    await card.get_by_label("Equipment").fill("UPS")
    await card.get_by_label("Fault").fill("beeps")
    await card.get_by_role("button", name="Report a fault").click()
    await page.get_by_text("It is kept.").wait_for()
    os.kill(console._process.pid, signal.SIGKILL)
    console._process.wait()
    await context.close()
    again = Console(place.config)
    context = await browser.new_context(base_url=again.address)
    await log_in(context, again.address, "technician")
    page = await context.new_page()
    await page.goto("/equipment")
    await page.locator(".tickets tr").filter(has_text="beeps").wait_for()
    await context.close()
    again.stop()
    place.close()
