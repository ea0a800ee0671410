"""The company's console on one day, and everything that one of its pages shows."""

from __future__ import annotations

import asyncio
import datetime as dt
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple
from xml.etree import ElementTree as ET

from nicegui import Client, ui
from recount import ZONE
from recount_site import rows_of

from collector.office.users import User
from collector.store.office_db import writing
from collector.store.sight import EVERYTHING
from dashboards.web import reports
from dashboards.web.days import Days
from dashboards.web.look import LIGHT
from dashboards.web.months import Months
from dashboards.web.page import Viewer
from dashboards.web.store import Store

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from decimal import Decimal
    from pathlib import Path

    from collector.config import Config

FIRST, LAST, TODAY = dt.date(2023, 1, 1), dt.date(2026, 1, 15), dt.date(2026, 1, 16)
NOW = dt.datetime(2026, 1, 16, tzinfo=ZONE)
"""The midnight at which the first half of a month is over."""
SPANS: dict[str, tuple[dt.date, dt.date]] = {
    "month": (dt.date(2025, 5, 1), dt.date(2025, 5, 31)),
    "quarter": (dt.date(2024, 10, 1), dt.date(2024, 12, 31)),
    "year": (dt.date(2025, 1, 1), dt.date(2025, 12, 31)),
    "span": (dt.date(2024, 2, 10), dt.date(2025, 9, 20)),
}


class Looking(Viewer):
    """One who may see everything, on the day on which the calls end."""

    def today(self) -> dt.date:
        return TODAY


VIEWER = Looking("en", LIGHT, ZONE, User(1, "administrator", "administrator"), "127.0.0.1")
say = VIEWER.say


class Drawn(NamedTuple):
    """What a page shows: texts of each tile, cells of each row of each table, and other texts that have digits."""

    tiles: list[list[str]]
    tables: list[list[list[str]]]
    rest: list[str]


class Doors:
    """Writes what a page keeps."""

    def __init__(self, data: Path) -> None:
        self._data = data

    async def write(self, change: Callable[[sqlite3.Connection], None]) -> None:
        with writing(self._data) as db:
            change(db)


def console_of(config: Config) -> Any:
    store = Store(config.site.data / "calls.db", EVERYTHING)
    return SimpleNamespace(
        config=config,
        store=store,
        watcher=SimpleNamespace(generation=1),
        doors=Doors(config.site.data),
        days=Days(store.path, ZONE),
        months=Months(store.path, ZONE),
    )


def drawn(make: Callable[[], Any], fill: str | None = "_fill") -> Drawn:
    """Open a page, fill it, and read it."""

    async def opened() -> Drawn:
        client = Client(ui.page("/"))
        with client, ui.element("div") as root:
            view = make()
        if fill:
            await getattr(view, fill)()
        found = Drawn([], [], [])
        for element in root.descendants():
            assert not isinstance(element, (ui.echart, ui.label)), "a figure of an unknown kind"
            if isinstance(element, ui.html):
                read(ET.fromstring(f"<div>{element.content}</div>"), found)  # noqa: S314  (the page's own)
        client.delete()
        return found

    return asyncio.run(opened())


def read(element: ET.Element, found: Drawn) -> None:
    if (element.get("class") or "").startswith("kpi"):
        found.tiles.append([text for text in element.itertext() if text])
    elif element.tag == "table":
        found.tables.append(rows_of(element))
    elif element.tag != "form":
        for text in (element.text, *(part for child in element for part in (child, child.tail))):
            if isinstance(text, ET.Element):
                read(text, found)
            elif text and any(letter.isdigit() for letter in text):
                found.rest.append(text)


def report(console: Any, kind: str, unit: str, first: dt.date, last: dt.date) -> list[list[list[str]]]:
    """The rows of each table of the page."""
    asked = {"kind": kind, "unit": unit, "from": f"{first}", "to": f"{last}"}
    found = drawn(lambda: reports.ReportsView(console, VIEWER, reports.Choice.read(asked, TODAY)))
    assert found.tiles == []
    return found.tables


def amounts(*some: Decimal) -> list[str]:
    return [f"{one:.2f}" for one in some]
