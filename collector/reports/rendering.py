"""Rendering a report as text for a terminal, as CSV, and as a workbook."""

from __future__ import annotations

import csv
import datetime as dt
import io
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from collector.problems import width
from collector.reports.table import NUMBERS, shown
from collector.spreadsheets import harmless

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.reports.table import Cell, Kind, Report, Section

_SECONDS_A_DAY = 86_400
_FORMATS: dict[Kind, dict[str, str]] = {
    "text": {},
    "count": {"num_format": "#,##0"},
    "duration": {"num_format": "[h]:mm:ss"},
    "amount": {"num_format": "#,##0.00####"},
    "share": {"num_format": "0.0%"},
    "moment": {"num_format": "yyyy-mm-dd hh:mm:ss", "align": "left"},
}
_WIDEST = 40


def as_text(report: Report) -> str:
    """Columns that stand under each other."""
    parts = [report.title, *report.about]
    for section in report.sections:
        parts += ["", *([section.title] if len(report.sections) > 1 else []), *_aligned(section)]
    return "\n".join(parts) + "\n"


def as_csv(report: Report) -> str:
    """The tables alone, an empty line between two; no cell is one that a spreadsheet would take for a formula."""
    file = io.StringIO()
    writer = csv.writer(file)
    for place, section in enumerate(report.sections):
        if place:
            writer.writerow([])
        writer.writerow([column.label for column in section.columns])
        kinds = [column.kind for column in section.columns]
        for row in section.rows:
            writer.writerow(
                [
                    harmless(cell) if isinstance(cell, str) else shown(cell, kind)
                    for cell, kind in zip(row.cells, kinds, strict=True)
                ]
            )
    return file.getvalue()


def as_xlsx(report: Report) -> bytes:
    """A workbook with a sheet for each section. Durations, moments and amounts are numbers in it."""
    import xlsxwriter  # noqa: PLC0415  (only where a workbook is wanted)

    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        book.set_properties({"title": report.title, "created": report.made.replace(tzinfo=None)})
        formats = {
            (kind, bold): book.add_format({**looks, "bold": bold})
            for kind, looks in _FORMATS.items()
            for bold in (False, True)
        }
        for section in report.sections:
            _fill(book.add_worksheet(section.title), report, section, formats)
    return file.getvalue()


def _fill(sheet: Any, report: Report, section: Section, formats: dict[tuple[Kind, bool], Any]) -> None:
    bold = formats["text", True]
    for number, text in enumerate((report.title, *report.about)):
        sheet.write_string(number, 0, text, bold if number == 0 else None)
    heading = len(report.about) + 2
    for place, column in enumerate(section.columns):
        sheet.write_string(heading, place, column.label, bold)
        longest = max((len(shown(row.cells[place], column.kind)) for row in section.rows), default=0)
        sheet.set_column(place, place, min(_WIDEST, max(10, 2 * len(column.label), longest + 2)))
    for number, row in enumerate(section.rows, heading + 1):
        for place, (cell, column) in enumerate(zip(row.cells, section.columns, strict=True)):
            _write(sheet, number, place, cell, column.kind, formats[column.kind, row.level != "line"])
    sheet.freeze_panes(heading + 1, 0)
    sheet.set_landscape()
    sheet.repeat_rows(heading)
    sheet.fit_to_pages(1, 0)


def _write(sheet: Any, row: int, column: int, cell: Cell, kind: Kind, looks: Any) -> None:
    match cell:
        case None:
            return
        case dt.datetime():
            sheet.write_datetime(row, column, cell, looks)
        case int() if kind == "duration":
            sheet.write_number(row, column, cell / _SECONDS_A_DAY, looks)
        case int() | Decimal():
            sheet.write_number(row, column, cell, looks)
        case _:
            sheet.write_string(row, column, cell, looks)


def _aligned(section: Section) -> Iterator[str]:
    kinds = [column.kind for column in section.columns]
    table = [[column.label for column in section.columns]]
    table += [[shown(cell, kind) for cell, kind in zip(row.cells, kinds, strict=True)] for row in section.rows]
    taken = [[_cells(text) for text in line] for line in table]
    rooms = [max(column) for column in zip(*taken, strict=True)]
    for line, used in zip(table, taken, strict=True):
        padded = (
            " " * (room - cells) + text if kind in NUMBERS else text + " " * (room - cells)
            for text, kind, room, cells in zip(line, kinds, rooms, used, strict=True)
        )
        yield "  ".join(padded).rstrip()


def _cells(text: str) -> int:
    return len(text) if text.isascii() else sum(map(width, text))
