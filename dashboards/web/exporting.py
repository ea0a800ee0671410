"""Calls that were searched for as CSV or XLSX, in memory that does not depend on how many they are."""

from __future__ import annotations

import csv
import io
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import xlsxwriter

from collector.spreadsheets import harmless
from collector.store import search
from dashboards.web import figures

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.calls import Call
    from collector.store.search import Search
    from dashboards.web.page import Viewer
    from dashboards.web.store import Store

MOST_ROWS = 100_000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
COLUMNS = (
    "start", "source", "offset", "direction", "outcome", "class", "number", "did", "extension", "peer_extension",
    "answered_by", "department", "person", "trunk", "carrier", "ring_s", "talk_s", "hold_s", "rated_s", "cost",
    "account_code", "auth_code", "meter_pulses", "pbx_cost", "currency", "pbx_call_id",
)  # fmt: skip
"""Fields of a call that are exported, in their order."""

_AT_ONCE = 1000
_LONGEST_S = 1.0

Cell = str | int


def rows(store: Store, question: Search, viewer: Viewer) -> Iterator[list[Cell]]:
    """Headings, then a row for each call, newest first; where there are more than `MOST_ROWS`, the last row says so.

    Raises `FileNotFoundError` and `sqlite3.Error` as `Store.connect` does.
    """
    with closing(store.connect()) as connection:
        yield [viewer.say(f"field.{key}") for key in COLUMNS]
        written, place = 0, None
        while True:
            page = search.page(connection, question, place, min(_AT_ONCE, MOST_ROWS - written), _LONGEST_S)
            yield from (_row(one.call, viewer) for one in page.calls)
            written += len(page.calls)
            place = page.further
            if place is None:
                return
            if written >= MOST_ROWS:
                yield [viewer.say("console.export_cut", count=figures.count(MOST_ROWS))]
                return


def csv_of(table: Iterator[list[Cell]]) -> Iterator[str]:
    """The table as CSV for spreadsheets: UTF-8 with a mark, and no cell that a spreadsheet would take for a formula."""
    yield "\ufeff"
    for row in table:
        line = io.StringIO()
        csv.writer(line).writerow([harmless(cell) if isinstance(cell, str) else cell for cell in row])
        yield line.getvalue()


def xlsx_of(table: Iterator[list[Cell]]) -> Path:
    """The table as a workbook, in a file of its own that the caller removes."""
    with tempfile.NamedTemporaryFile(suffix=".xlsx", delete=False) as file:
        path = Path(file.name)
    try:
        book = xlsxwriter.Workbook(path, {"constant_memory": True})
        sheet = book.add_worksheet()
        sheet.freeze_panes(1, 0)
        for number, row in enumerate(table):
            for column, cell in enumerate(row):
                if isinstance(cell, int):
                    sheet.write_number(number, column, cell)
                elif cell:
                    sheet.write_string(number, column, cell)
        book.close()
    except BaseException:
        path.unlink()
        raise
    return path


def _row(call: Call, viewer: Viewer) -> list[Cell]:
    shown = {
        "start": figures.moment(call.start, viewer.zone),
        "direction": viewer.name("direction", call.direction),
        "outcome": viewer.name("outcome", call.outcome),
        "class": viewer.name("class", call.class_),
    }
    values = (shown[key] if key in shown else getattr(call, key) for key in COLUMNS)
    return ["" if value is None else value for value in values]
