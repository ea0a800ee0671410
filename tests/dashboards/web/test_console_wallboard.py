"""The wallboard and the live feed of a real collector: what a PBX prints is seen within a second, and is right."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING

import pytest
from conftest import DESKTOP, PHONE, Console, assert_untroubled, employ, visit
from running_office import Running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.async_api import Browser, Page

pytestmark = pytest.mark.asyncio(loop_scope="module")

WITHIN_S = 1.0
PRINTED = 9


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    running = Running(tmp_path)
    yield running
    running.stop()


@pytest.fixture
def served(running: Running) -> Iterator[Console]:
    employ(running.config, "operator")
    console = Console(running.config)
    yield console
    console.stop()


async def tile(page: Page, name: str, text: str, note: str = "") -> None:
    """Wait until the figure of that name is this, with such a note."""
    found = page.locator(".wall-tile").filter(has_text=name)
    await found.locator("b").get_by_text(text, exact=True).wait_for(timeout=15_000)
    if note:
        await found.get_by_text(note).wait_for(timeout=15_000)


async def test_the_wall_shows_who_waits_how_fast_was_answered_and_what_is_missed(
    browser: Browser, running: Running, served: Console
) -> None:
    context, seen = await visit(browser, served.address, DESKTOP, "operator")
    page = await seen.open("/wallboard", ".wall-tile")
    for number, ring_s in ((1, 4), (2, 15), (3, 16), (4, 40)):
        running.call(f"0215550{number:04}", ring_s=ring_s)
    running.call("02155559999", ring_s=75, talk_s=0)
    await tile(page, "Answered in time today", "50%", "2 of 4 within 3 rings")
    await tile(page, "Missed, still open", "1", "0 of them overdue")
    await tile(page, "Longest wait today", "1:15")
    await tile(page, "Waiting now", "–", "The PBX tells a call when it is over")  # noqa: RUF001
    running.event("RING;0;02155501234;5550100;SIP0;")
    running.event("RING;1;02155501235;5550100;SIP0;")
    await tile(page, "Waiting now", "2", "for 0:0")
    running.event("CONNECT;0;12;02155501234;")
    await tile(page, "Waiting now", "1")
    running.event("DISCONNECT;1;0;")
    await tile(page, "Waiting now", "0", "nobody")
    await tile(page, "Missed, still open", "2")
    assert "1234" not in await page.locator(".wall-last").inner_text()
    assert await page.locator("button, a, input, select").count() == 0
    assert await page.evaluate("document.documentElement.scrollHeight <= innerHeight + 1")
    await seen.keep("wallboard-desktop")
    await page.set_viewport_size({"width": 1920, "height": 1080})
    assert await page.locator(".wall").evaluate("wall => wall.clientWidth") == 1920
    assert await page.evaluate("document.documentElement.scrollHeight <= innerHeight + 1")
    assert_untroubled(seen, served.address)
    await context.close()
    context, seen = await visit(browser, served.address, PHONE, "operator", smdr_language="zh", smdr_theme="dark")
    page = await seen.open("/wallboard", ".wall-tile.warn, .wall-tile.bad")
    await tile(page, "未接待回电", "2")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert await page.evaluate("document.body.classList.contains('body--dark')")
    await seen.keep("wallboard-phone")
    await context.close()


@pytest.mark.parametrize(("path", "where"), [("/wallboard", ".wall-last td"), ("/live", ".ag-cell")])
async def test_a_printed_line_is_seen_within_a_second(
    browser: Browser, running: Running, served: Console, path: str, where: str
) -> None:
    context, seen = await visit(browser, served.address, DESKTOP)
    running.call("02155550000")
    page = await seen.open(path, where)
    await page.locator(where, has_text="0215555").first.wait_for()
    took = []
    for number in range(1, PRINTED + 1):
        shown = f"0215{number}" if path == "/wallboard" else f"0215{number}55{number:04}"
        printed = time.monotonic()
        running.call(f"0215{number}55{number:04}")
        await page.locator(where, has_text=shown).first.wait_for()
        took.append(time.monotonic() - printed)
    print("seconds:", [round(one, 2) for one in took])  # noqa: T201
    assert statistics.median(took) < WITHIN_S
    assert_untroubled(seen, served.address)
    await context.close()


async def test_the_keyboard_stays_on_a_call_of_the_desk_while_others_come(
    browser: Browser, running: Running, served: Console
) -> None:
    context, seen = await visit(browser, served.address, DESKTOP, "operator")
    running.call("02155550000")
    page = await seen.open("/desk", ".desk-call")
    await page.locator(".desk-call", has_text="02155550000").focus()
    running.call("02155550001")
    await page.locator(".desk-call", has_text="02155550001").wait_for()
    assert "02155550001" in await page.locator(".desk-call").first.inner_text()
    await page.keyboard.press("Enter")
    await page.wait_for_function("document.activeElement.getAttribute('aria-label') === 'Caller'")
    assert await page.get_by_label("Number").input_value() == "02155550000"
    await page.keyboard.type("Mr Chen")
    for number in range(2, 11):
        running.call(f"021555500{number:02}")
    await page.locator(".desk-call", has_text="02155550010").wait_for()
    assert await page.locator(".desk-call").count() == 8
    assert await page.get_by_label("Caller", exact=True).input_value() == "Mr Chen"
    assert_untroubled(seen, served.address)
    await context.close()
