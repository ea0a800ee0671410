"""Every page as every role, in both languages, on a desktop and a phone: it opens or is refused, and nothing is wrong on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from conftest import DESKTOP, PHONE, assert_untroubled, visit
from console_walk import READY, Look, appear, demonstration, example, faults, obstacles, pages
from playwright.async_api import TimeoutError as PlaywrightTimeout

from collector.config import load
from collector.office.users import ROLES, Role
from dashboards.web.permissions import PERMISSIONS
from dashboards.words import WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.async_api import Browser

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]

LOOKS = (Look("en", "light", DESKTOP), Look("zh", "dark", PHONE))
MORE_LOOKS = (Look("zh", "light", DESKTOP), Look("en", "dark", PHONE))
"""The other language on each size, as the administrator alone, who has every page; axe-core judges the first looks."""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    with demonstration(tmp_path_factory.mktemp("walk") / "demo") as running:
        yield running


@pytest.mark.parametrize("role", ROLES)
async def test_every_page_opens_or_is_refused_and_nothing_is_wrong_on_it(
    browser: Browser, demo: tuple[str, Path], role: Role
) -> None:
    address, config = demo
    data = load(config).site.data
    context, seen = await visit(browser, address, DESKTOP, role)
    seen.page.set_default_timeout(10_000)
    found: list[str] = []
    for look in LOOKS + MORE_LOOKS if role == "administrator" else LOOKS:
        await appear(seen, address, look)
        for path in pages():
            where = example(path, data)
            if role not in PERMISSIONS[path].roles:
                answer = await context.request.get(where, max_redirects=0)
                refused = WORDS["console.not_for_you"][look.language] in await answer.text()
                found += [] if (answer.status == 403 and refused) or path == "/" else [f"{role} is given {path}"]
                continue
            try:
                await seen.open(where, READY[path])
            except PlaywrightTimeout:
                found.append(f"{role}: {where} never shows {READY[path]}")
                continue
            found += [f"{role}: {one}" for one in await faults(seen.page, path, look)]
            if role == "administrator" and look in LOOKS:
                found += await obstacles(seen.page, path)
    assert not found, "\n".join(found)
    assert_untroubled(seen, address)
    await context.close()


async def test_the_login_is_no_obstacle(browser: Browser, demo: tuple[str, Path]) -> None:
    address, _ = demo
    found: list[str] = []
    for look in LOOKS:
        context = await browser.new_context(viewport=look.size, base_url=address)  # type: ignore[arg-type]
        page = await context.new_page()
        await page.goto(f"/login?language={look.language}")
        await page.locator("h1", has_text=WORDS["console.login"][look.language]).wait_for()
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        found += await obstacles(page, "/login")
        await context.close()
    assert not found, "\n".join(found)
