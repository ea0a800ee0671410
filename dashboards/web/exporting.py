"""What the console gives as files: tables as CSV or XLSX in memory that does not depend on their length, and reports."""

from __future__ import annotations

import csv
import io
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import xlsxwriter
from starlette.background import BackgroundTask
from starlette.responses import FileResponse, Response, StreamingResponse

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
MEDIA = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
}
"""Media types by the suffix of a file."""
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


def as_csv(table: Iterator[list[Cell]], name: str) -> Response:
    """The table as a download called ``name``.csv."""
    return StreamingResponse(csv_of(table), media_type=MEDIA["csv"], headers=_saved_as(f"{name}.csv"))


def as_xlsx(table: Iterator[list[Cell]], name: str) -> Response:
    """The table as a download called ``name``.xlsx."""
    path = xlsx_of(table)
    return FileResponse(path, media_type=MEDIA["xlsx"], filename=f"{name}.xlsx", background=BackgroundTask(path.unlink))


def as_file(content: bytes, name: str, suffix: str) -> Response:
    """A report that is made already, as a download; ``suffix`` is one of `MEDIA`."""
    return Response(content, media_type=MEDIA[suffix], headers=_saved_as(f"{name}.{suffix}"))


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


def _saved_as(file: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{file}"'}


def _row(call: Call, viewer: Viewer) -> list[Cell]:
    shown = {
        "start": figures.moment(call.start, viewer.zone),
        "direction": viewer.name("direction", call.direction),
        "outcome": viewer.name("outcome", call.outcome),
        "class": viewer.name("class", call.class_),
    }
    values = (shown[key] if key in shown else getattr(call, key) for key in COLUMNS)
    return ["" if value is None else value for value in values]
