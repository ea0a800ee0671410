"""The way from page to page: what is listed for whom, and that it can be used on a phone and by keyboard alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from conftest import DESKTOP, assert_untroubled, employ, visit

from collector.office.users import ROLES
from dashboards.web.page import PAGES
from dashboards.words import WORDS

if TYPE_CHECKING:
    from conftest import Console, Visit
    from console_office import Office
    from playwright.async_api import Browser

pytestmark = pytest.mark.asyncio(loop_scope="module")

SMALLEST_WITH_DRAWER = {"width": 1280, "height": 720}
FOCUSED = "document.activeElement.getAttribute('href')"


@pytest.mark.parametrize("role", ROLES)
async def test_a_menu_lists_what_its_user_may_open_and_nothing_else(
    browser: Browser, console: Console, office: Office, role: str
) -> None:
    employ(office.config, role, "Sales" if role == "department-head" else None)  # type: ignore[arg-type]
    context, seen = await visit(browser, console.address, DESKTOP, role)
    await seen.open("/account", ".menu a")
    links = await seen.page.locator(".menu a").all()
    listed = {await link.get_attribute("href"): await link.inner_text() for link in links}
    for path, page in PAGES.items():
        answer = await context.request.get(path)
        assert (answer.ok and page.group is not None and answer.url.endswith(path)) == (path in listed), path
    assert all(listed[path] == WORDS[PAGES[str(path)].key]["en"] for path in listed)
    await seen.open(next(iter(listed)) or "", ".menu a.active")
    assert await seen.page.locator(".menu [aria-current=page]").count() == 1
    await context.close()


async def test_the_bar_of_who_may_see_everything_is_one_line_beside_the_drawer(
    browser: Browser, console: Console
) -> None:
    context, seen = await visit(browser, console.address, SMALLEST_WITH_DRAWER)
    page = await seen.open("/lines", ".menu a")
    bar, menu, board = [await page.locator(which).bounding_box() for which in (".bar", ".menu", ".board")]
    assert bar
    assert menu
    assert board
    assert bar["height"] < 60
    assert menu["y"] >= bar["height"] - 1
    assert board["x"] >= menu["x"] + menu["width"]
    assert await page.locator(".menu-button").is_hidden()
    groups = [WORDS[f"console.menu.{name}"]["en"] for name in ("traffic", "work", "money", "equipment")]
    assert (await page.locator(".menu h2").all_inner_texts())[:4] == groups
    await page.keyboard.press("Tab")
    assert await page.evaluate(FOCUSED) == "#content"
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    assert await page.evaluate("!document.activeElement.closest('.menu, .bar')")
    await context.close()


async def test_on_a_phone_the_menu_opens_and_closes_by_keyboard_and_leads_on(phone: Visit) -> None:
    page = await phone.open("/lines", ".bar")
    answering = page.get_by_role("link", name=WORDS["console.answering"]["zh"])
    button = page.get_by_role("button", name=WORDS["console.menu"]["zh"])
    assert await answering.count() == 0
    await button.press("Enter")
    await answering.wait_for()
    await page.keyboard.press("Tab")
    assert await page.evaluate(FOCUSED) == "/"
    await phone.keep("menu-phone")
    await page.keyboard.press("Escape")
    await answering.wait_for(state="hidden")
    assert await button.evaluate("button => button === document.activeElement")
    await button.click()
    await answering.click()
    await page.wait_for_url("**/answering*")
    assert_untroubled(phone, page.url.rpartition("/")[0])
