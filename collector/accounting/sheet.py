"""Reading a CSV file a person keeps, with every fault placed at its line and column.

The first line names the columns, in any order. Empty lines and lines that begin with ``#`` are skipped. A cell may
stand in double quotes; it does not go on over lines.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, NamedTuple

from collector.problems import ConfigError, Problem, choices
from collector.textfile import decode

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

_CELL = re.compile(r'[ \t]*("(?:[^"]|"")*"|[^,]*?)[ \t]*(?:,|$)')


class Cell(NamedTuple):
    """The text of a cell and where it stands, both counted from 1."""

    text: str
    line: int
    column: int
    quoted: str
    length: int


Row = dict[str, Cell]
"""A line's cells by the names of their columns; a column the file does not have is an empty cell."""


class Sheet:
    """One CSV file, or the ``text`` it is read as. Faults are collected and raised all at once by `close`."""

    def __init__(self, path: Path, columns: Sequence[str], needed: Sequence[str], text: str | None = None) -> None:
        self.path = path
        self.columns = columns
        self.needed = needed
        self.problems: list[Problem] = []
        self._lines = (decode(path) if text is None else text).split("\n")

    def rows(self) -> Iterator[Row]:
        """Yield the rows that have the right number of cells."""
        header: list[str] | None = None
        for number, line in enumerate(self._lines, start=1):
            if not line.strip() or line.startswith("#"):
                continue
            cells = _cells(line, number)
            if header is None:
                header = self._header(cells)
                if self.problems:
                    return
            elif len(cells) > len(header):
                self.fault(
                    cells[len(header)], f"there are only {len(header)} columns", "put a text with commas in quotes"
                )
            else:
                absent = Cell("", number, len(line) + 1, line, 1)
                row = dict.fromkeys(self.columns, absent) | dict(zip(header, cells, strict=False))
                if all(self._given(name, row[name]) for name in self.needed):
                    yield row
        if header is None:
            start = Cell("", 1, 1, self._lines[0], 1)
            self.fault(start, "there is no heading", f"begin with the line: {','.join(self.columns)}")

    def fault(self, cell: Cell, message: str, hint: str = "") -> None:
        """Note a fault of one cell."""
        self.problems.append(Problem(self.path, cell.line, cell.column, message, hint, cell.quoted, cell.length))

    def close(self) -> None:
        """Raise ConfigError if any fault was noted."""
        if self.problems:
            raise ConfigError(self.problems)

    def _header(self, cells: list[Cell]) -> list[str]:
        names = [cell.text for cell in cells]
        for index, cell in enumerate(cells):
            if cell.text not in self.columns:
                self.fault(cell, f'unknown column "{cell.text}"', choices(cell.text, self.columns))
            elif cell.text in names[:index]:
                self.fault(cell, f'there are two columns "{cell.text}"', "remove one")
        for name in self.needed:
            if name not in names:
                self.fault(cells[0], f'there is no column "{name}"', f"the columns are {','.join(self.columns)}")
        return names

    def _given(self, name: str, cell: Cell) -> bool:
        if not cell.text:
            self.fault(cell, f'"{name}" is empty')
        return bool(cell.text)


def day_of(sheet: Sheet, cell: Cell, always: dt.date) -> dt.date:
    """The day in a cell; ``always`` where it is empty."""
    if not cell.text:
        return always
    try:
        return dt.date.fromisoformat(cell.text)
    except ValueError:
        sheet.fault(cell, f'"{cell.text}" is not a day', "write the date as 2026-01-31")
        return always


def site_of(sheet: Sheet, cell: Cell, sites: Collection[str]) -> str:
    """The site in a cell, one of ``sites`` unless these are not known; '' where it is empty, which is every site."""
    if cell.text and sites and cell.text not in sites:
        sheet.fault(cell, f'there is no site "{cell.text}"', choices(cell.text, sites))
    return cell.text


def _cells(line: str, number: int) -> list[Cell]:
    cells, start = [], 0
    while start <= len(line):
        match = _CELL.match(line, start)
        if match is None:  # a quote that does not close, or text after one: the cell is everything up to the end
            cells.append(Cell(line[start:].strip(), number, start + 1, line, len(line) - start))
            break
        written = match[1]
        text = written[1:-1].replace('""', '"') if written.startswith('"') and len(written) > 1 else written
        cells.append(Cell(text, number, match.start(1) + 1, line, max(1, len(written))))
        start = match.end() if match.end() > start else start + 1
        if not match[0].endswith(","):
            break
    return cells
