"""The console of a made-up office, served by the product's own command, and a browser to look at it."""

from __future__ import annotations

import os
import re
import shutil
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import pytest_asyncio
from console_office import Office
from console_serving import PASSWORD, Console, employ
from playwright.async_api import async_playwright

from collector.store import queries
from dashboards.web.gate import COOKIE

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import AsyncIterator, Iterator

    from playwright.async_api import APIResponse, Browser, BrowserContext, Page

CHROMIUM = "/usr/bin/chromium"
SHOTS = Path(__file__).parents[3] / "test-output" / "console"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
__all__ = ("PASSWORD", "Console", "employ")  # tests take these from here
DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


class Visit(NamedTuple):
    """A page being looked at, and everything that went wrong on it."""

    page: Page
    requests: list[str]
    troubles: list[str]

    async def open(self, path: str, ready: str) -> Page:
        """Go to ``path`` and wait until an element that matches ``ready`` is there."""
        await self.page.goto(path)
        await self.page.locator(ready).first.wait_for()
        return self.page

    async def keep(self, name: str) -> None:
        """Leave a screenshot."""
        SHOTS.mkdir(parents=True, exist_ok=True)
        await self.page.screenshot(path=SHOTS / f"{name}.png", full_page=True)

    async def chart(self, number: int) -> dict[str, Any]:
        """Return the options of a page's chart, as ECharts holds them."""
        script = (
            "number => getElement(document.querySelectorAll('.nicegui-echart')[number].id.slice(1)).chart.getOption()"
        )
        options: dict[str, Any] = await self.page.evaluate(script, number)
        return options

    async def key_figures(self) -> dict[str, str]:
        """Return the figures on top of a page by their names."""
        await self.page.locator(".kpi").first.wait_for()
        texts = await self.page.locator(".kpi").all()
        return {await one.locator(".label").inner_text(): await one.locator(".value b").inner_text() for one in texts}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A quarter of calls, two lines that were not understood, and one source whose bytes do not add up."""
    office = Office(tmp_path_factory.mktemp("office"))
    office.open()
    office.fill()
    hostile = b"<script>window.hacked='raw'</script>\x00\x1b[31m\r\n"
    office.reject(hostile, "bad-field", "column 9, duration: <img src=x onerror=\"window.hacked='hint'\">")
    yield office
    office.close()


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A quarter of calls, to be asked without a console."""
    office = Office(tmp_path_factory.mktemp("filled"))
    office.open()
    office.fill()
    yield office
    office.close()


@pytest.fixture
def db(filled: Office) -> Iterator[sqlite3.Connection]:
    """calls.db of that quarter, for reading."""
    with closing(queries.connect(filled.data / "calls.db")) as connection:
        yield connection


@pytest.fixture(scope="module")
def served(place: Office) -> Iterator[Console]:
    """The console of a module's own office, its fixture ``place``."""
    console = Console(place.config)
    yield console
    assert console.stop() == 130


@pytest.fixture(scope="module")
def console(office: Office) -> Iterator[Console]:
    """The office's console, already started."""
    console = Console(office.config)
    yield console
    assert console.stop() == 130


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """Chromium, the one Debian packages."""
    if not shutil.which(CHROMIUM):
        reason = "chromium is not installed: apt-get install chromium"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS])
        yield browser
        await browser.close()


async def log_in(
    context: BrowserContext, address: str, name: str, password: str = PASSWORD, **more: str
) -> APIResponse:
    """Send the form of the login as its page does."""
    form = {"name": name, "password": password} | more
    return await context.request.post(f"{address}/login", form=form, headers={"Origin": address}, max_redirects=0)


async def visit(
    browser: Browser, address: str, size: dict[str, int], user: str = "administrator", **cookies: str
) -> tuple[BrowserContext, Visit]:
    """Open an empty page of a user with ``cookies``; the caller closes the context."""
    context = await browser.new_context(viewport=size, base_url=address)  # type: ignore[arg-type]
    assert (await log_in(context, address, user)).status == 303
    assert COOKIE in {cookie["name"] for cookie in await context.cookies()}
    for name, value in cookies.items():
        await context.add_cookies([{"name": name, "value": value, "url": address}])
    page = await context.new_page()
    seen = Visit(page, [], [])
    page.on("request", lambda request: seen.requests.append(request.url))
    page.on("console", lambda line: seen.troubles.append(line.text) if line.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: seen.troubles.append(str(error)))
    return context, seen


@pytest_asyncio.fixture(loop_scope="module")
async def desktop(browser: Browser, console: Console) -> AsyncIterator[Visit]:
    """A visit on a large screen in the site's language, that must end without trouble."""
    context, seen = await visit(browser, console.address, DESKTOP)
    yield seen
    assert_untroubled(seen, console.address)
    assert await seen.page.evaluate("window.hacked") is None
    await context.close()


@pytest_asyncio.fixture(loop_scope="module")
async def phone(browser: Browser, console: Console) -> AsyncIterator[Visit]:
    """A visit on a phone, in Chinese and dark, that must end without trouble."""
    context, seen = await visit(browser, console.address, PHONE, smdr_language="zh", smdr_theme="dark")
    yield seen
    assert_untroubled(seen, console.address)
    assert await seen.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await context.close()


def assert_untroubled(seen: Visit, address: str) -> None:
    """No error on the page, and not one request to anywhere but the console."""
    own = re.compile(rf"({re.escape(address)}|{re.escape(address.replace('http', 'ws'))}|data:|blob:)")
    assert [url for url in seen.requests if not own.match(url)] == []
    assert seen.troubles == []
