"""Pictures of every page of the demonstration for docs/images, in the language and on the screen named below.

``make screenshots``. They are WebP, made by the browser itself, and no longer than a few screens.
"""

from __future__ import annotations

import asyncio
import base64
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from click import echo
from conftest import CHROMIUM, FLAGS, visit
from console_walk import READY, Look, appear, demonstration
from playwright.async_api import async_playwright

from dashboards.web.page import PAGES

if TYPE_CHECKING:
    from conftest import Visit

IMAGES = Path(__file__).parents[3] / "docs/images"
WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
LOOKS = {"": Look("en", "light", WIDE), "-zh": Look("zh", "dark", NARROW)}
LONGEST = {"": 1000, "-zh": 1300}
"""Pixels of the page that are shown, from its top."""
QUALITIES = (72, 55, 40)
SETTLED_MS = 1200
MOST_BYTES = 90_000
"""The quality is lowered for what has more."""


async def take(seen: Visit, path: Path, longest: int) -> None:
    """Keep a picture of an open page."""
    height = await seen.page.evaluate("document.documentElement.scrollHeight")
    width = await seen.page.evaluate("innerWidth")
    clip = {"x": 0, "y": 0, "width": width, "height": min(height, longest), "scale": 1}
    session = await seen.page.context.new_cdp_session(seen.page)
    for quality in QUALITIES:
        wanted = {"format": "webp", "quality": quality, "captureBeyondViewport": True, "clip": clip}
        picture = base64.b64decode((await session.send("Page.captureScreenshot", wanted))["data"])
        if len(picture) < MOST_BYTES:
            break
    await session.detach()
    await asyncio.to_thread(path.write_bytes, picture)
    echo(f"{path.name}: {len(picture):,} bytes")


async def take_all(address: str, suffix: str) -> None:
    """Keep a picture of every page in one look."""
    look = LOOKS[suffix]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS])
        context, seen = await visit(browser, address, look.size)
        await appear(seen, address, look)
        for page in PAGES:
            await seen.open(page, READY[page])
            await seen.page.wait_for_timeout(SETTLED_MS)
            name = page.strip("/") or "overview"
            await take(seen, IMAGES / f"console-{name}{suffix}.webp", LONGEST[suffix])
        await context.close()
        await browser.close()


if __name__ == "__main__":
    for kind, seen_as in LOOKS.items():
        with (
            tempfile.TemporaryDirectory() as folder,
            demonstration(Path(folder) / "demo", seen_as.language) as (address, _),
        ):
            asyncio.run(take_all(address, kind))
