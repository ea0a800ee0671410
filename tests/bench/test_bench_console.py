"""The timings of the console's pages, rehearsed on a small office; `console_pages` says how they are taken of a large one."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.append(str(Path(__file__).parents[1] / "dashboards" / "web"))
from console_office import Office
from console_pages import MARKS, measure, of_store, serving

from dashboards.web.page import PAGES

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.timeout(300)

MOST_MEGABYTES = 200
LARGE_TABLES = ("phonenumbers.geodata", "phonenumbers.carrierdata", "chinese_calendar.constants", "typst")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = Office(tmp_path)
    office.open()
    office.fill()
    office.add([office.made_up(datetime.now(UTC) - timedelta(minutes=minutes)) for minutes in range(200)])
    yield office
    office.close()


def test_every_page_is_timed() -> None:
    assert set(MARKS) == set(PAGES), "MARKS has to say what is among each page's data"


def test_every_page_shows_its_data_and_all_of_them_take_little_memory(office: Office) -> None:
    department, found = of_store(office.config)
    with serving(office.config, department) as console:
        taken = asyncio.run(measure(console, found, 1))
        assert console.resident_megabytes() < MOST_MEGABYTES
    assert {case.page for case in taken} == set(PAGES)
    assert all(one.processor > 0 for times in taken.values() for one in times)


def test_the_console_starts_without_tables_that_few_pages_need() -> None:
    code = "import sys, dashboards.web.app; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not set(LARGE_TABLES) & set(loaded)
