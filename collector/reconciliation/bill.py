"""Reading a carrier's bill, CSV or XLSX, by its mapping; every fault with its row."""

from __future__ import annotations

import csv
import datetime as dt
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from collector.accounting.amounts import amount_of
from collector.errors import UserError
from collector.problems import ConfigError, Problem
from collector.workbooks import rows_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from collector.reconciliation.mapping import Mapping

_MOST_FAULTS = 20
_NO_NUMBER = re.compile(r"[^\d*#]")


class BilledCall(NamedTuple):
    """A line of a bill: its row, the number as printed, when it began (POSIX seconds), how long it took, what it cost."""

    row: int
    number: str
    start: int
    talk_s: int
    amount: Decimal | None


def read_bill(path: Path, mapping: Mapping, zone: ZoneInfo) -> list[BilledCall]:
    """The calls of a bill. Rows without a number (totals, empty ones) are passed over.

    Raises ConfigError with the faults of up to twenty rows, and UserError where it is no such file.
    """
    rows = enumerate(rows_of(path), 1) if path.suffix.lower() == ".xlsx" else _rows_of_csv(path, mapping)
    columns: dict[str, int] = {}
    calls: list[BilledCall] = []
    problems: list[Problem] = []
    for number, cells in rows:
        if number <= mapping.skip_rows:
            continue
        if not columns:
            columns = _columns(path, number, cells, mapping)
            continue
        try:
            call = _call(number, cells, columns, mapping, zone)
        except _FaultError as fault:
            problems.append(Problem(path, number, columns[fault.column] + 1, str(fault), fault.hint))
            if len(problems) == _MOST_FAULTS:
                break
        else:
            if call:
                calls.append(call)
    if problems:
        raise ConfigError(problems)
    return calls


class _FaultError(Exception):
    def __init__(self, column: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.column = column
        self.hint = hint


def _rows_of_csv(path: Path, mapping: Mapping) -> Iterator[tuple[int, list[Any]]]:
    try:
        with path.open(encoding=mapping.encoding, newline="") as file:
            reader = csv.reader(file, delimiter=mapping.delimiter)
            for cells in reader:
                yield reader.line_num, cells
    except LookupError:
        raise UserError(f'There is no encoding "{mapping.encoding}": write utf-8 or gb18030.') from None
    except UnicodeDecodeError:
        raise UserError(f"{path} is not in {mapping.encoding}: bills in Chinese are often in gb18030.") from None
    except (OSError, csv.Error) as error:
        raise UserError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}.") from None


def _columns(path: Path, row: int, cells: list[Any], mapping: Mapping) -> dict[str, int]:
    """Where the columns of the mapping are."""
    headings = [str(cell or "").strip() for cell in cells]
    wanted = {key: getattr(mapping, key) for key in ("number", "time", "date", "duration", "amount")}
    missing = {key: heading for key, heading in wanted.items() if heading is not None and heading not in headings}
    if missing:
        names = ", ".join(f'"{heading}" ({key})' for key, heading in missing.items())
        there = ", ".join(filter(None, headings)) or "none"
        hint = f"its headings are: {there}. Headings further down: skip_rows"
        raise ConfigError([Problem(path, row, 1, f"there is no column {names}", hint)])
    return {key: headings.index(heading) for key, heading in wanted.items() if heading is not None}


def _call(row: int, cells: list[Any], columns: dict[str, int], mapping: Mapping, zone: ZoneInfo) -> BilledCall | None:
    found = {key: cells[place] if place < len(cells) else None for key, place in columns.items()}
    number = _NO_NUMBER.sub("", _text(found["number"]))
    if not number or not _text(found["time"]):
        return None
    return BilledCall(
        row,
        number,
        _moment(found, mapping, zone),
        _seconds(found["duration"], mapping),
        _amount(found["amount"]) if "amount" in found else None,
    )


def _text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))  # a number that a spreadsheet took for a quantity
    return "" if cell is None else str(cell).strip()


def _moment(found: dict[str, Any], mapping: Mapping, zone: ZoneInfo) -> int:
    time, date = found["time"], found.get("date")
    if isinstance(date, dt.datetime) and isinstance(time, dt.time):
        time = dt.datetime.combine(date.date(), time)
    if isinstance(time, dt.datetime):
        return int(time.replace(tzinfo=zone).timestamp())
    text = f"{_text(date)} {_text(time)}".strip()
    try:
        return int(dt.datetime.strptime(text, mapping.time_format).replace(tzinfo=zone).timestamp())
    except ValueError:
        hint = f"the mapping says time_format = {mapping.time_format!r}"
        raise _FaultError("time", f'"{text}" is no such time', hint) from None


def _seconds(cell: object, mapping: Mapping) -> int:
    if isinstance(cell, dt.time):
        return cell.hour * 3600 + cell.minute * 60 + cell.second
    if isinstance(cell, dt.timedelta):
        return int(cell.total_seconds())
    text, unit = _text(cell), mapping.duration_unit
    if unit == "h:m:s" and re.fullmatch(r"\d{1,4}(:\d\d){1,2}", text):
        parts = [int(part) for part in text.split(":")]
        return sum(part * 60**place for place, part in enumerate(reversed(parts)))
    if unit != "h:m:s" and re.fullmatch(r"\d{1,7}(\.\d{1,6})?", text):
        return int(Decimal(text) * (60 if unit == "min" else 1))
    raise _FaultError("duration", f'"{text}" is no duration', f"the mapping says duration_unit = {unit!r}")


def _amount(cell: object) -> Decimal | None:
    text = _text(cell).replace(",", "").lstrip("¥$€ ")
    if not text:
        return None
    try:
        return amount_of(text)
    except ValueError as error:
        raise _FaultError("amount", str(error.args[0]), "an amount is written as 0.30") from None
