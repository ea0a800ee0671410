"""A collector or a console that is killed: what open pages say of it, and that they come back by themselves."""

from __future__ import annotations

import os
import re
import signal
import time
from typing import TYPE_CHECKING

import pytest
from conftest import DESKTOP, PHONE, Console, visit
from console_office import Office
from running_office import Running

from dashboards.web.heart import Heart
from dashboards.web.page import PAGES

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import Browser

pytestmark = pytest.mark.asyncio(loop_scope="module")

WITHIN_MS = 5000
STOPPED = "The collector does not run"


async def test_a_killed_collector_is_told_on_every_page_within_five_seconds_until_it_is_back(
    browser: Browser, tmp_path: Path
) -> None:
    running = Running(tmp_path)
    console = Console(running.config)
    context, seen = await visit(browser, console.address, DESKTOP)
    pages = []
    for path, ready in (("/", ".bar"), ("/wallboard", ".wall-tile"), ("/live", ".bar")):
        page = await context.new_page()
        await page.goto(path)
        await page.locator(ready).first.wait_for()
        assert await page.locator(".no-collector").is_hidden()
        pages.append(page)
    await pages[0].get_by_text("collecting", exact=True).wait_for()
    killed = time.monotonic()
    running.kill()
    for page in pages:
        left_ms = WITHIN_MS - 1000 * (time.monotonic() - killed)
        await page.locator(".no-collector", has_text=STOPPED).wait_for(timeout=left_ms)
    told = await pages[0].locator(".no-collector").inner_text()
    assert re.search(r"last alive at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.", told)
    assert "systemctl start smdr" in told
    await pages[0].get_by_text("collector not running", exact=True).wait_for()
    for path in PAGES:
        await seen.page.goto(path)
        await seen.page.locator(".no-collector", has_text=STOPPED).wait_for(timeout=WITHIN_MS)
        assert await seen.page.locator(".no-collector").get_attribute("role") == "alert"
    running.start()
    for page in pages:
        await page.locator(".no-collector").wait_for(state="hidden", timeout=WITHIN_MS)
    running.stop()
    await context.close()
    console.stop()


async def test_the_banner_fits_a_phone_in_chinese(browser: Browser, tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.open()
    office.close()
    console = Console(office.config)
    context, seen = await visit(browser, console.address, PHONE, smdr_language="zh", smdr_theme="dark")
    page = await seen.open("/lines", ".no-collector")
    assert "采集程序未运行" in await page.locator(".no-collector").inner_text()
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await seen.keep("stopped-phone")
    await context.close()
    console.stop()


async def test_a_page_of_a_killed_console_comes_back_by_itself_once_it_runs_again(
    browser: Browser, tmp_path: Path
) -> None:
    office = Office(tmp_path)
    office.open()
    office.close()
    first = Console(office.config)
    port = int(first.address.rpartition(":")[2])
    context, seen = await visit(browser, first.address, DESKTOP)
    page = await seen.open("/lines?kept=1", ".bar")
    await page.evaluate("window.isOfTheFirst = true")
    os.kill(first._process.pid, signal.SIGKILL)
    first._process.wait(20)
    second = Console(office.config, port=port)
    await page.wait_for_function("!window.isOfTheFirst", timeout=60_000)
    await page.locator(".source").first.wait_for()
    assert page.url == f"{second.address}/lines?kept=1"
    await context.close()
    second.stop()


async def test_a_collector_that_ended_before_the_console_began_was_last_alive_when_it_wrote(tmp_path: Path) -> None:
    assert Heart(tmp_path).last is None
    for name, written in (("calls.db", 1000), ("calls.db-wal", 3000), ("events.db", 2000), ("office.db", 9000)):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (written, written))
    heart = Heart(tmp_path)
    assert (heart.running, heart.last) == (False, 3000)
