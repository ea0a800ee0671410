"""The printed lines of three years in a store, and every figure that a console page shows of them."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from grafana_collected import configure
from grafana_printed import ZONE, Printed, Sums, add_up, print_lines, read
from nicegui import Client, ui

from collector.assembly import accounting_of
from collector.config import load
from collector.journal import Journal
from collector.office.users import User
from collector.projector import Projector
from collector.store.sight import EVERYTHING
from dashboards.web.board import Board
from dashboards.web.days import Days
from dashboards.web.look import LIGHT
from dashboards.web.months import Months
from dashboards.web.operators import Operators
from dashboards.web.page import Console, Viewer
from dashboards.web.store import Store, Watcher

if TYPE_CHECKING:
    from pathlib import Path

    from dashboards.web.choice import Choice
    from dashboards.web.view import View

VIEWER = Viewer("en", LIGHT, ZONE, User(1, "administrator", "administrator"), "127.0.0.1")
ROSTER = """operator,extension,shift,days,begin,end,from,until
Meyer,101,early,mon tue wed thu fri,06:00,14:00,,
Schmidt,101,late,mon tue wed thu fri,14:00,22:00,,2024-12-31
Wang,101,late,mon tue wed thu fri,14:00,22:00,2025-01-01,
Weber,103,night,,22:00,06:00,,
"""
LAST_ONES = 12
"""So many lines are stored one by one, as they are printed."""

Figures = dict[str, Any]


@dataclass(frozen=True)
class Site:
    """A store of what was printed up to ``now`` (UTC seconds), and the same lines understood without the product."""

    console: Console
    calls: list[Printed]
    """In the order in which they ended."""
    now: int

    @cached_property
    def hours(self) -> list[Sums]:
        return add_up(self.calls, "hour")


def store(folder: Path, now: int, since: int = 0) -> Site:
    """Store the lines that were printed after ``since`` and up to ``now``."""
    printed = {source: _cut(source, text, since, now) for source, text in print_lines().items()}
    ended = [
        (_end(call), call.source, text[call.offset :].partition(b"\n")[0] + b"\n", call)
        for source, text in printed.items()
        for call in read(source, text)
    ]
    ended.sort(key=lambda one: one[:2])
    (folder / "roster.csv").write_text(ROSTER, encoding="utf-8")
    config = load(configure(folder, printed, '\n[office]\nroster = "roster.csv"\n'))
    projector = Projector(config, accounting_of(config))
    journal = Journal(config.site.data / "journal")
    early, late = ended[:-LAST_ONES], ended[-LAST_ONES:]
    for some in (early, *([one] for one in late)):
        journal.append([(source, 0, line, False, False) for _, source, line, _ in some])
        projector.project_all()
    journal.close()
    projector.close()
    path = config.site.data / "calls.db"
    watcher = Watcher(path)
    console = Console(
        config=config,
        store=Store(path, EVERYTHING),
        watcher=watcher,
        language="en",
        doors=None,  # type: ignore[arg-type]  # nobody comes in
        current=None,  # type: ignore[arg-type]
        days=Days(path, ZONE),
        months=Months(path, ZONE),
        operators=Operators(path, ZONE),
        board=Board(config, path, watcher, ZONE),
        heart=None,  # type: ignore[arg-type]
    )
    return Site(console, [call for *_, call in ended], now)


def _cut(source: str, text: bytes, since: int, now: int) -> bytes:
    lines = text.splitlines(keepends=True)
    calls = read(source, text)
    return b"".join(line for line, call in zip(lines, calls, strict=True) if since < _end(call) <= now)


def _end(call: Printed) -> int:
    return call.start + (call.ring_s or 0) + (call.talk_s or 0)


def shown(kind: type[View[Any]], site: Site, chosen: Choice) -> Figures:
    """Every figure that a page shows of a choice, by its name; none where the page says that there is nothing."""
    client = Client(ui.page("/"))
    with client:
        view = kind(site.console, VIEWER, SimpleNamespace(carry=lambda _: None), chosen)  # type: ignore[arg-type]
    with closing(site.console.store.connect()) as connection:
        answer = view.read(connection, chosen, site.now)
    empty = view.is_empty(answer)
    if not empty:
        view.show(answer)
    found = {} if empty else figures_of(view.content)
    client.delete()
    return found


def figures_of(content: ui.element) -> Figures:
    """Read the texts and charts of a page: tiles by their label, charts and tables by the heading above them."""
    found: Figures = {}
    heading = ""
    for element in content.descendants():
        if isinstance(element, ui.html):
            part = parsed(element.content)
            if (title := part.find("h2")) is not None:
                heading = "".join(title.itertext())
                beside = part.findtext("span") or ""
                if any(letter.isdigit() for letter in heading + beside):
                    _put(found, heading, beside)
            tiles, tables = tiles_of(part), list(part.iter("table"))
            text = "".join(part.itertext())
            if (note := part.find("p")) is not None and note.get("class") == "note":
                _put(found, f"{heading}, note", text)
            else:
                assert tiles or tables or title is not None or not text, f"a figure of an unknown kind: {text}"
            assert not tiles.keys() & found.keys()
            found |= tiles
            for table in tables:
                _put(found, f"{heading}, rows", rows_of(table))
        elif isinstance(element, ui.echart) and "series" in element.options:
            axes = element.options["xAxis"]
            _put(found, f"{heading}, labels", (axes[0] if isinstance(axes, list) else axes)["data"])
            for series in element.options["series"]:
                values = [one["value"] if isinstance(one, dict) else one for one in series["data"]]
                _put(found, f"{heading}, {series['name']}", values)
    return found


def tiles_of(part: ET.Element) -> Figures:
    """Each key figure: what it is, its unit, its change, and what it is counted from."""
    found: Figures = {}
    for tile in part.iter("div"):
        if tile.get("class") == "kpi":
            label, value, note = tile
            parts = [value.findtext(name) or "" for name in ("b", "small", "span")]
            _put(found, label.text or "", (*parts, note.text or ""))
    return found


def parsed(markup: str) -> ET.Element:
    return ET.fromstring(f"<div>{markup}</div>")  # noqa: S314  (the page's own)


def rows_of(table: ET.Element) -> list[list[str]]:
    """Each row's cells; a bar in one stands behind its text in percent."""
    return [[_cell(cell) for cell in row] for row in table.iter("tr") if row.find("td") is not None]


def _cell(cell: ET.Element) -> str:
    bars = [one.get("style", "").partition(";")[0].removeprefix("width:") for one in cell.iter("i")]
    return " ".join(["".join(cell.itertext()), *bars]).strip()


def _put(found: Figures, name: str, value: Any) -> None:
    assert name not in found, f"two figures are called {name}"
    found[name] = value


def local(second: int) -> datetime:
    return datetime.fromtimestamp(second, ZONE)
