"""A walk through the console of the demonstration: where it leads, and what has to be true of every page on it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from contextlib import contextmanager
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

from console_serving import PASSWORD, employ
from servers import free_port

from collector.demo_office import SALES
from collector.office import users
from collector.office.users import ROLES
from collector.store import queries
from collector.store.office_db import writing
from dashboards.web.page import LANGUAGE_COOKIE, PAGES, THEME_COOKIE
from dashboards.web.permissions import PERMISSIONS
from dashboards.words import WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Visit
    from playwright.async_api import Page

    from dashboards.words import Language

READY = {
    "/": ".overview tbody tr",
    "/traffic": ".kpi",
    "/answering": ".kpi",
    "/trunks": ".trunks tbody tr",
    "/cost": ".breakdown tbody tr",
    "/calls": ".calls tbody tr",
    "/calls/{source}/{offset}": ".explained .facts",
    "/violations": ".kpi",
    "/budgets": "tbody tr",
    "/approvals": ".desk-message",
    "/deposits": ".deposits .note, .deposits .desk-message",
    "/missed": ".misses tbody tr",
    "/desk": ".desk-call",
    "/live": ".ag-row",
    "/wallboard": ".wall-last tr",
    "/lines": ".source .verdict",
    "/lines/{source}": ".scrolled .note, .rejected tbody tr",
    "/lines/{source}/{offset}": ".notice",
    "/attach": ".scrolled .note, .ports tbody tr",
    "/equipment": ".kpi",
    "/bills": ".bills tbody tr",
    "/bills/{number:int}": ".bill tbody tr",
    "/reports": ".report tbody tr",
    "/account": ".form",
    "/audit": ".trail tbody tr",
    "/users": ".users tbody tr",
}
"""What is on each page of `PERMISSIONS` once it shows what it is for."""

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
GRAVE = ("serious", "critical")
JUDGE = "() => axe.run({resultTypes: ['violations']})"

KEY = re.compile(
    rf"\b(?:{'|'.join(sorted({key.partition('.')[0] for key in WORDS if '.' in key}))})\.[a-z][a-z0-9_.-]*"
)
OF_THE_PRODUCT = re.compile(r"[a-z]+\.(?:db|toml|csv|log|md|py|com)\b")
"""Names of files look like keys of the catalogue."""
WIDER = "() => document.documentElement.scrollWidth - innerWidth"
CUT = """() => [...document.querySelectorAll('main *, .board *, .bar *')]
    .filter(one => one.children.length === 0 && one.innerText?.trim() && one.checkVisibility())
    .filter(one => { const box = one.getBoundingClientRect();
        return !one.closest('.scrolled, nav, .skip, .ag-root, pre, .nicegui-echart') && box.right > innerWidth + 1; })
    .map(one => one.innerText.slice(0, 60))"""


class Look(NamedTuple):
    """How one looks at the console."""

    language: Language
    theme: str
    size: dict[str, int]


@contextmanager
def demonstration(folder: Path, language: Language = "en") -> Iterator[tuple[str, Path]]:
    """The demonstration at work: its console's address, and its configuration; with a user of each role, named like it."""
    port = free_port()
    command = (sys.executable, "-c", "from collector.cli import main; main()", "demo", "--data", str(folder))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    command = (*command, "--port", str(port), "--language", language)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as demo:
        try:
            assert demo.stdout
            assert any(line == "Ctrl-C ends it.\n" for line in demo.stdout), "it ended by itself"
            for role in ROLES:
                employ(folder / "smdr.toml", role, SALES if role == "department-head" else None)
            with writing(folder / "data") as db:
                for name in users.users(db):  # some were there
                    users.set_password(db, name, PASSWORD, "test")
            yield f"http://127.0.0.1:{port}", folder / "smdr.toml"
        finally:
            demo.send_signal(2)
            demo.communicate(timeout=60)


def pages() -> list[str]:
    """Every page that is opened by its address; one that is not in `READY` is a mistake."""
    found = [path for path, one in PERMISSIONS.items() if one.kind == "page"]
    assert set(found) == set(READY), "READY has to say what is on each page when it is filled"
    return found


def example(path: str, data: Path) -> str:
    """An address of a path that has places to fill in: the newest call of the department that has a head."""
    path = path.replace("{number:int}", "1")
    if "{" not in path:
        return path
    connection = queries.connect(data / "calls.db")
    try:
        source, offset = connection.execute(
            "SELECT source, offset FROM calls WHERE department = ? ORDER BY start DESC LIMIT 1", (SALES,)
        ).fetchone()
    finally:
        connection.close()
    return path.replace("{source}", source).replace("{offset}", str(offset))


async def appear(seen: Visit, address: str, look: Look) -> None:
    """Let the browser look so from now on."""
    await seen.page.set_viewport_size(look.size)  # type: ignore[arg-type]
    cookies = {LANGUAGE_COOKIE: look.language, THEME_COOKIE: look.theme}
    await seen.page.context.add_cookies([{"name": key, "value": one, "url": address} for key, one in cookies.items()])


async def faults(page: Page, path: str, look: Look) -> list[str]:
    """What is wrong with an open page, axe-core's judgement apart."""
    found = []
    heading = WORDS[PAGES["/" + path.split("/")[1]].key][look.language]
    if not (title := await page.title()).startswith(f"{heading} · "):
        found.append(f"the title is {title!r}, not {heading!r}")
    if (main := await page.locator("h1").all_inner_texts()) != [heading]:
        found.append(f"the main heading is {main}, not {heading!r}")
    if (wider := await page.evaluate(WIDER)) > 0:
        found.append(f"it is {wider} px wider than the screen")
    found += [f"{text!r} ends outside the screen" for text in await page.evaluate(CUT)]
    text = await page.locator("body").inner_text()
    keys = [key for key in KEY.findall(text) if not OF_THE_PRODUCT.fullmatch(key)]
    found += [f"{key} is not translated" for key in keys]
    if (spoken := await page.evaluate("document.documentElement.lang")) != look.language:
        found.append(f"it says it is in {spoken!r}")
    return [f"{path} {look.language}, {look.size['width']} px: {one}" for one in found]


async def obstacles(page: Page, path: str) -> list[str]:
    """What axe-core finds serious on an open page."""
    await page.evaluate(AXE)
    judged = await page.evaluate(JUDGE)
    return [
        f"{path}: {one['id']} ({one['impact']}): {node['html'][:200]}"
        for one in judged["violations"]
        if one["impact"] in GRAVE
        for node in one["nodes"]
    ]
