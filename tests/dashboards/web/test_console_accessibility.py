"""Every page, as axe-core judges it: nothing that keeps anybody from using it."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

import pytest
from conftest import DESKTOP, PHONE, visit

from dashboards.web.page import PAGES

if TYPE_CHECKING:
    from conftest import Console
    from playwright.async_api import Browser

pytestmark = pytest.mark.asyncio(loop_scope="module")

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
GRAVE = ("serious", "critical")
RUN = "() => axe.run({resultTypes: ['violations']})"
SETTLED_MS = 1000


@pytest.mark.parametrize(("size", "cookies"), [(DESKTOP, {}), (PHONE, {"smdr_language": "zh", "smdr_theme": "dark"})])
async def test_nothing_on_any_page_is_a_serious_obstacle(
    browser: Browser, console: Console, size: dict[str, int], cookies: dict[str, str]
) -> None:
    context, seen = await visit(browser, console.address, size, **cookies)
    found: list[str] = []
    for path in (*PAGES, "/login"):
        query = "?period=month&from=2026-01-01&to=2026-03-31" if path in ("/", "/answering", "/trunks", "/cost") else ""
        await seen.page.goto(f"{path}{query}")
        await seen.page.locator("header, h1").first.wait_for()
        await seen.page.wait_for_timeout(SETTLED_MS)
        await seen.page.evaluate(AXE)
        judged = await seen.page.evaluate(RUN)
        found += [
            f"{path}: {one['id']} ({one['impact']}): {node['html'][:200]}"
            for one in judged["violations"]
            if one["impact"] in GRAVE
            for node in one["nodes"]
        ]
    await context.close()
    assert not found, "\n".join(found)
