"""Attaching a PBX in a browser: a real collector, a real terminal on which a PBX prints, and ports that are no good."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import threading
import time
from contextlib import closing
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from conftest import DESKTOP, PHONE, Console, assert_untroubled, employ, visit
from smdr_command import SMDR, run_smdr

from collector.config import load
from collector.journal import JournalReader
from collector.office import audit
from collector.store.office_db import reading
from parsers import formats

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from conftest import Visit
    from playwright.async_api import Browser, Page

    from collector.config import Config
    from collector.journal import Chunk

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]
FORMAT = "panasonic/kx-td"
SAMPLES = [sample + b"\r\n" for sample in formats.get(FORMAT).samples]
FILE = """# the office; every word here stays
[site]
name = "hq"
timezone = "Asia/Shanghai"
language = "en"
data = "data"

[[source]]
name = "pbx1"
input = "tcp-listen://127.0.0.1:0"   # not connected yet
format = "panasonic/kx-td"
"""


class Pbx:
    """A terminal on which a PBX prints again and again, and where the other end of it is."""

    def __init__(self, text: list[bytes], every_s: float = 0.3) -> None:
        self._pbx, self._port = os.openpty()
        os.set_blocking(self._pbx, False)
        self.device = os.ttyname(self._port)
        self._over = threading.Event()
        self._text, self._every_s = text, every_s
        self._thread = threading.Thread(target=self._print)
        self._thread.start()

    def _print(self) -> None:
        place = 0
        while self._text and not self._over.wait(self._every_s):
            try:
                os.write(self._pbx, self._text[place % len(self._text)])
            except BlockingIOError:  # nobody reads: a PBX keeps its records, too
                continue
            place += 1

    def unplug(self) -> None:
        self._over.set()
        self._thread.join()
        os.close(self._pbx)
        os.close(self._port)


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from servers import free_port  # noqa: PLC0415

    path = tmp_path_factory.mktemp("attach") / "smdr.toml"
    path.write_text(FILE.replace(":0", f":{free_port()}"))
    return path


@pytest.fixture(scope="module")
def collector(config: Path) -> Iterator[subprocess.Popen[bytes]]:
    with config.with_name("run.log").open("wb") as log:
        process = subprocess.Popen([SMDR, "run", "-c", config], stdout=log, stderr=log)
        yield process
        process.terminate()
        assert process.wait(60) == 0


@pytest.fixture(scope="module")
def served(config: Path, collector: subprocess.Popen[bytes]) -> Iterator[Console]:
    assert collector.poll() is None
    employ(config, "technician")
    console = Console(config)
    yield console
    console.stop()


@pytest_asyncio.fixture(loop_scope="module")
async def seen(browser: Browser, served: Console) -> AsyncIterator[Visit]:
    context, seen = await visit(browser, served.address, DESKTOP, "technician")
    yield seen
    assert_untroubled(seen, served.address)
    await context.close()


@pytest.fixture
def pbx() -> Iterator[Pbx]:
    made = Pbx(SAMPLES)
    yield made
    made.unplug()


async def listen(seen: Visit, where: str) -> Page:
    page = await seen.open("/attach", "text=1. Where the PBX is connected")
    await page.get_by_label("Port or address").fill(where)
    await page.get_by_role("button", name="Listen", exact=True).click()
    return page


def with_added(config: Path, text: str) -> Config:
    other = config.with_name("other.toml")
    other.write_bytes(config.read_bytes() + text.encode())
    return load(other)


def content(file: Path) -> bytes:
    return file.read_bytes()


def status_of(config: Path, name: str) -> dict[str, object]:
    done = run_smdr("status", "--json", "-c", config)
    found: dict[str, object] = next(one for one in json.loads(done.stdout)["sources"] if one["name"] == name)
    return found


def journaled(config: Path, source: str) -> list[Chunk]:
    with closing(JournalReader(config.parent / "data" / "journal")) as journal:
        return [chunk for chunk in journal.chunks(source, 0) if chunk.data]


def assert_printed_in_order(stream: bytes) -> None:
    """Every whole line is one that the PBX prints, and none came twice: each is the one after the line before, or later."""
    lines = [line + b"\r\n" for line in stream.split(b"\r\n")[:-1]]
    places = [SAMPLES.index(line) for line in lines if line in SAMPLES]
    assert len(places) > 6
    assert len(lines) - len(places) <= 3  # pieces, where the port was opened anew
    assert all(after != before for before, after in pairwise(places))


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("", "does not name a path"),
        ("/dev/ttyNONE", "/dev/ttyNONE is not there"),
        ("/dev/null", "/dev/null is not a serial port"),
        ("file:/etc/passwd", "is nothing to listen to"),
        ("tcp://nowhere", "is not host and port"),
    ],
)
async def test_what_is_no_port_is_said(seen: Visit, where: str, said: str) -> None:
    page = await listen(seen, where)
    await page.get_by_text(said).first.wait_for()


async def test_a_port_that_the_collector_reads_is_not_stolen(seen: Visit, config: Path) -> None:
    page = await listen(seen, load(config).sources[0].input)
    await page.get_by_text("is read as pbx1 already").wait_for()


async def test_a_port_that_another_program_has_is_not_stolen(seen: Visit) -> None:
    other = Pbx([])
    handle = os.open(other.device, os.O_RDWR | os.O_NOCTTY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    page = await listen(seen, other.device)
    await page.get_by_text("is in use by another program").wait_for()
    os.close(handle)
    other.unplug()


async def test_a_silent_port_says_so_and_can_be_left(seen: Visit) -> None:
    silent = Pbx([])
    page = await listen(seen, silent.device)
    await page.get_by_text("Silent for 10 seconds").wait_for(timeout=60_000)
    await page.get_by_role("button", name="Stop").click()
    await page.get_by_role("button", name="Stop").wait_for(state="hidden")
    again = await listen(seen, silent.device)
    await again.get_by_text(f"Listening to {silent.device} at 9600.").wait_for()
    await again.get_by_role("button", name="Stop").click()
    silent.unplug()


async def test_garbage_is_shown_and_no_format_proposed(seen: Visit) -> None:
    noisy = Pbx([bytes(range(128, 256)) * 4], 0.5)
    page = await listen(seen, noisy.device)
    await page.get_by_text("but no text at").first.wait_for(timeout=60_000)
    await page.locator("pre").first.wait_for()
    assert await page.get_by_text("3. What it is").is_hidden()
    await page.get_by_role("button", name="Stop").click()
    noisy.unplug()


async def test_who_may_not_write_the_file_gets_the_lines(seen: Visit, config: Path, served: Console, pbx: Pbx) -> None:
    before = content(config)
    in_the_way = config.with_name(f".{config.name}.{served._process.pid}")
    in_the_way.mkdir()
    page = await listen(seen, pbx.device)
    await page.get_by_role("button", name="Write it").click(timeout=60_000)
    await page.get_by_text("cannot be written").wait_for()
    shown = await page.locator("pre").last.inner_text()
    assert with_added(config, shown).sources[1].input == f"serial:{pbx.device}"
    assert content(config) == before
    in_the_way.rmdir()
    assert len(list((config.parent / "data" / "heard").iterdir())) == 1  # for whoever adds the lines by hand
    await page.get_by_role("button", name="Stop").click()
    await page.get_by_role("button", name="Stop").wait_for(state="hidden")


async def test_a_pbx_is_attached_and_its_first_call_recorded(seen: Visit, config: Path, pbx: Pbx) -> None:
    before = content(config)
    page = await listen(seen, pbx.device)
    await page.locator("pre").first.wait_for(timeout=60_000)
    await page.get_by_text("9600 8N1: found, from").wait_for(timeout=60_000)
    assert await page.locator(".candidates tbody tr").first.locator("td").first.inner_text() == FORMAT
    assert await page.locator(".candidates tbody tr").first.locator("td").nth(1).inner_text() in ("95 %", "100 %")
    assert await page.locator(".sample tbody tr").count() >= 3
    await seen.keep("attach-found")
    name = page.get_by_label("Name of the source, for good")
    assert await name.input_value() == "pbx2"
    await name.fill("pbx1")
    await page.get_by_role("button", name="Write it").click()
    await page.get_by_text("error; nothing was started").wait_for()
    assert content(config) == before
    await name.fill("reception")
    await page.get_by_text('name = "reception"').wait_for()
    written = time.time()
    await page.get_by_role("button", name="Write it").click()
    await page.get_by_text("It is recorded.").wait_for(timeout=90_000)
    assert await page.locator(".recorded tbody tr").count() >= 1
    await seen.keep("attach-recorded")
    assert content(config).startswith(before)
    (kept,) = config.parent.glob("smdr.toml.before-*")
    assert kept.read_bytes() == before
    source = next(one for one in load(config).sources if one.name == "reception")
    assert (source.input, source.format) == (f"serial:{pbx.device}", FORMAT)
    await page.get_by_text("bytes that were heard until then are the first of the source").wait_for()
    deadline = time.monotonic() + 120  # what was kept for the other name goes, too, once its page is left for good
    while list((config.parent / "data" / "heard").iterdir()) and time.monotonic() < deadline:
        await page.wait_for_timeout(200)
    assert list((config.parent / "data" / "heard").iterdir()) == []
    chunks = journaled(config, "reception")
    assert chunks[0].received < written < chunks[-1].received  # it begins with what was heard before
    assert_printed_in_order(b"".join(chunk.data for chunk in chunks))
    deadline = time.monotonic() + 60
    while (counts := status_of(config, "reception")["bytes"])["pending"] and time.monotonic() < deadline:  # type: ignore[index]
        pass
    assert counts["received"] == counts["records"] + counts["rejected"] + counts["noise"] > 0  # type: ignore[index]
    with reading(config.parent / "data") as db:
        trail = [one.detail for one in audit.entries(db, user="technician", action="change")]
    assert trail[0] == f"adds source reception: serial:{pbx.device}"
    page = await listen(seen, pbx.device)
    await page.get_by_text("is read as reception already").wait_for()
    await seen.open("/lines", "text=reception")


@pytest.fixture
def another(config: Path) -> Iterator[Pbx]:
    """One at a terminal that no source of before was at."""
    made = [Pbx(SAMPLES)]
    while f'{made[-1].device}"' in config.read_text():
        made.append(Pbx(SAMPLES))
    yield made[-1]
    for one in made:
        one.unplug()


async def test_what_was_heard_is_the_first_of_a_source_that_is_added_by_hand(
    seen: Visit, config: Path, served: Console, another: Pbx
) -> None:
    in_the_way = config.with_name(f".{config.name}.{served._process.pid}")
    in_the_way.mkdir()
    page = await listen(seen, another.device)
    await page.get_by_role("button", name="Write it").click(timeout=60_000)
    await page.get_by_text("cannot be written").wait_for()
    in_the_way.rmdir()
    added = time.time()
    with config.open("a", encoding="utf-8") as file:
        file.write("\n" + await page.locator("pre").last.inner_text())
    deadline = added + 60
    while len(chunks := journaled(config, "pbx2")) < 5 and time.time() < deadline:
        await page.wait_for_timeout(200)
    assert chunks[0].received < added < chunks[-1].received
    assert_printed_in_order(b"".join(chunk.data for chunk in chunks))


@pytest.mark.parametrize(("language", "theme"), [("zh", "dark"), ("en", "light")])
async def test_it_fits_a_phone(browser: Browser, served: Console, language: str, theme: str) -> None:
    context, seen = await visit(browser, served.address, PHONE, "technician", smdr_language=language, smdr_theme=theme)
    page = await seen.open("/attach", ".card")
    await page.wait_for_timeout(1500)
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await seen.keep(f"attach-phone-{language}-{theme}")
    assert_untroubled(seen, served.address)
    await context.close()
