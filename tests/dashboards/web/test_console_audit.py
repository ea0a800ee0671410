"""Who looked at what is noted, can be read and exported, and stays."""

from __future__ import annotations

import csv
import io
import sqlite3
from typing import TYPE_CHECKING

import pytest
from conftest import DESKTOP, PHONE, Console, assert_untroubled, employ, log_in, visit
from console_office import Office

from collector.office import audit
from collector.store.office_db import reading, writing
from dashboards.web.audit import ON_A_PAGE
from dashboards.words import WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.async_api import Browser

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Office]:
    office = Office(tmp_path)
    office.open()
    office.fill()
    yield office
    office.close()


def trail(office: Office) -> list[tuple[str, str, str, str]]:
    """(who, what, page, chosen there), first first."""
    with reading(office.data) as db:
        return [(one.user, one.action, one.page, one.detail) for one in reversed(audit.entries(db))]


async def test_everything_one_looks_at_is_noted(browser: Browser, place: Office) -> None:
    employ(place.config, "supervisor")
    console = Console(place.config)
    try:
        context, seen = await visit(browser, console.address, DESKTOP, "supervisor")
        page = await seen.open("/traffic?period=day&from=2026-02-01&to=2026-02-28", ".kpi")
        await page.get_by_role("combobox", name="Direction").click()
        await page.get_by_role("option", name="incoming").click()
        await page.wait_for_url("**direction=incoming**")
        await seen.open("/live", ".ag-row")
        await page.locator('.ag-row[row-index="0"] .ag-cell').first.click()
        await page.locator(".details pre").first.wait_for()
        newest = (await page.locator('.ag-row[row-index="0"]').get_attribute("row-id") or "").split(":")
        assert (await context.request.get("/calls.csv?contains=1311&person=李")).status == 200
        assert (await context.request.get("/users")).status == 403
        await log_in(context, console.address, "someone", "wrong password")
        await page.goto("/account")
        await page.get_by_role("button", name="Log out").click()
        await page.get_by_label("Name").wait_for()
        assert trail(place) == [
            ("supervisor", "login", "/login", ""),
            ("supervisor", "view", "/traffic", "period=day&from=2026-02-01&to=2026-02-28"),
            ("supervisor", "view", "/traffic", "period=day&from=2026-02-01&to=2026-02-28&direction=incoming"),
            ("supervisor", "view", "/live", ""),
            ("supervisor", "view", f"/calls/{newest[0]}/{newest[1]}", ""),
            ("supervisor", "export", "/calls.csv", "contains=1311&person=李"),
            ("supervisor", "refused", "/users", ""),
            ("someone", "failed", "/login", ""),
            ("supervisor", "view", "/account", ""),
            ("supervisor", "logout", "/logout", ""),
        ]
        await context.close()
    finally:
        console.stop()


async def test_an_auditor_reads_narrows_and_exports_the_trail(browser: Browser, place: Office) -> None:
    employ(place.config, "auditor")
    with writing(place.data) as db:
        for number in range(ON_A_PAGE + 50):
            audit.note(db, "<i>wang</i>", "manager", "192.0.2.7", "view", "/calls", f"contains={number}")
        audit.note(db, "li", "", "192.0.2.8", "failed", "/login", "=1+1")
    console = Console(place.config)
    try:
        context, seen = await visit(browser, console.address, DESKTOP, "auditor")
        page = await seen.open("/audit?user=%3Ci%3Ewang%3C/i%3E", ".trail tbody tr")
        assert await page.locator(".trail tbody tr").count() == ON_A_PAGE
        assert "contains=149" in await page.locator(".trail tbody tr").first.inner_text()
        await seen.keep("audit-desktop")
        await page.get_by_role("link", name="Earlier entries").click()
        await page.locator(".trail tbody tr", has_text="contains=0").wait_for()
        assert await page.locator(".trail tbody tr").count() == 50
        await page.get_by_label("What").select_option("failed")
        await page.get_by_label("Who").fill("")
        await page.get_by_role("button", name="Search").click()
        await page.locator(".trail tbody tr", has_text="192.0.2.8").wait_for()
        answer = await context.request.get("/audit.csv")
        rows = list(csv.DictReader(io.StringIO((await answer.text()).lstrip("\ufeff"))))
        assert [row["Chosen there"] for row in rows if row["Who"] == "<i>wang</i>"] == [
            f"contains={number}" for number in reversed(range(ON_A_PAGE + 50))
        ]
        assert next(row for row in rows if row["Who"] == "li")["Chosen there"] == "'=1+1"
        assert rows[0]["What"] == WORDS["console.audit.export"]["en"]  # this export itself
        assert_untroubled(seen, console.address)
        await context.close()
        context, seen = await visit(browser, console.address, PHONE, "auditor", smdr_language="zh")
        page = await seen.open("/audit", ".trail tbody tr")
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert WORDS["console.audit.failed"]["zh"] in await page.locator(".trail").inner_text()
        await seen.keep("audit-phone")
        await context.close()
    finally:
        console.stop()


async def test_what_cannot_be_noted_is_not_shown(browser: Browser, place: Office) -> None:
    console = Console(place.config)
    try:
        context, _ = await visit(browser, console.address, DESKTOP)
        with writing(place.data) as db:
            db.execute("CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT raise(ABORT, 'disk full'); END")
        answer = await context.request.get("/calls")
        assert answer.status == 503
        assert "disk full" in await answer.text()
        await context.close()
    finally:
        console.stop()


async def test_nothing_in_it_is_changed_or_deleted(place: Office) -> None:
    with writing(place.data) as db:
        audit.note(db, "wang", "manager", "192.0.2.7", "view", "/calls", "")
    for statement in ("DELETE FROM audit", "UPDATE audit SET user = 'li'", "DELETE FROM users"):
        employ(place.config)
        with pytest.raises(sqlite3.IntegrityError, match="nothing is"), writing(place.data) as db:
            db.execute(statement)
    assert [entry[0] for entry in trail(place)] == ["wang"]
