"""What calls cost: a table of prices by prefix, carrier, trunk, day and hour, valid from a day to a day.

A tariff is a CSV file. Of the rows that fit a call those with the longest prefix count, then those that name the class,
then those that name the trunk; of these the first whose ``days`` and ``hours`` hold. A row without a ``carrier`` is for
numbers dialled without one. A row without a ``class`` is for all but internal calls. All prices are of one currency.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from collector.accounting.amounts import ZERO, amount_of
from collector.accounting.calendar import WEEKDAYS
from collector.accounting.plan import CLASSES
from collector.accounting.sheet import Sheet, day_of
from collector.problems import choices

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal
    from pathlib import Path

    from collector.accounting.sheet import Cell, Row

_COLUMNS = (
    "class",
    "prefix",
    "carrier",
    "trunk",
    "from",
    "until",
    "days",
    "hours",
    "connect",
    "minimum",
    "first_s",
    "first_price",
    "step_s",
    "price",
    "name",
)
_DAYS = ("working", "off", *WEEKDAYS)
_LONGEST_STEP_S = 86_400
_DAY_MINUTES = 1440


@dataclass(frozen=True, eq=False, slots=True)
class Price:
    """One row: a connect fee, a first period of ``first_s`` seconds, then steps of ``step_s`` seconds, each begun one paid.

    A row equals itself alone, which makes it a cheap key. ``days`` are weekdays (0 is Monday), ``working`` tells
    whether the calendar is asked instead; ``hours`` are minutes of the day, the end behind the last.
    """

    name: str
    class_: str
    prefix: str
    carrier: str
    trunk: str
    first: dt.date
    last: dt.date
    days: frozenset[int]
    working: bool | None
    hours: tuple[int, int]
    connect: Decimal
    minimum: Decimal
    first_s: int
    first_price: Decimal
    step_s: int
    price: Decimal
    line: int

    @property
    def is_always(self) -> bool:
        """Whether it holds at every hour of every day there is."""
        is_daily = self.working is None and len(self.days) == len(WEEKDAYS) and self.hours == (0, _DAY_MINUTES)
        return is_daily and (self.first, self.last) == (dt.date.min, dt.date.max)


class Tariff:
    """The prices of a site."""

    def __init__(self, prices: Iterable[Price]) -> None:
        self._by_prefix: dict[str, list[Price]] = {}
        for price in prices:
            self._by_prefix.setdefault(price.prefix, []).append(price)
        self.longest = max(map(len, self._by_prefix), default=0)
        """More digits of a number than these decide nothing."""
        self.trunks = frozenset(price.trunk for rows in self._by_prefix.values() for price in rows if price.trunk)
        """The trunks that decide anything."""

    @classmethod
    def load(cls, path: Path) -> Tariff:
        """Load a tariff. Raises ConfigError with all the faults of the file."""
        sheet = Sheet(path, _COLUMNS, needed=("step_s", "price"))
        prices = [_price(sheet, row) for row in sheet.rows()]
        sheet.close()
        return cls(prices)

    def fitting(self, class_: str, number: str, carrier: str, trunk: str) -> tuple[Price, ...]:
        """The prices for a number dialled over a carrier ('' for none), the first that holds at a moment is that of it."""
        found: list[Price] = []
        classes = (class_,) if class_ == "internal" else ("", class_)
        for length in range(min(len(number), self.longest), -1, -1):
            rows = [
                price
                for price in self._by_prefix.get(number[:length], ())
                if price.carrier == carrier and price.class_ in classes and price.trunk in ("", trunk)
            ]
            found += sorted(rows, key=lambda price: (not price.class_, not price.trunk))
        return tuple(found)


def _price(sheet: Sheet, row: Row) -> Price:
    class_, prefix = row["class"], row["prefix"]
    if class_.text and class_.text not in CLASSES:
        sheet.fault(class_, f'unknown class "{class_.text}"', choices(class_.text, CLASSES))
    for cell in (prefix, row["carrier"]):
        if not re.fullmatch(r"\+?[0-9*#]*", cell.text):
            sheet.fault(cell, f'"{cell.text}" cannot be dialled', "use the digits 0 to 9, +, * and #")
    first, last = day_of(sheet, row["from"], dt.date.min), day_of(sheet, row["until"], dt.date.max)
    if last < first:
        sheet.fault(row["until"], '"until" is before "from"', "until is the last day")
    days, working = _days(sheet, row["days"])
    step_s, price = _seconds(sheet, row["step_s"], 60), _amount(sheet, row["price"])
    first_s = _seconds(sheet, row["first_s"], step_s) if row["first_s"].text else step_s
    first_price = _amount(sheet, row["first_price"]) if row["first_price"].text else _of_steps(price, first_s, step_s)
    if not row["first_price"].text and first_s % step_s:
        sheet.fault(
            row["first_s"], "the first period is no whole number of steps", 'say what it costs in "first_price"'
        )
    return Price(
        row["name"].text,
        class_.text,
        prefix.text.replace("+", "00"),
        row["carrier"].text,
        row["trunk"].text,
        first,
        last,
        days,
        working,
        _hours(sheet, row["hours"]),
        _amount(sheet, row["connect"]),
        _amount(sheet, row["minimum"]),
        first_s,
        first_price,
        step_s,
        price,
        row["price"].line,
    )


def _of_steps(price: Decimal, seconds: int, step_s: int) -> Decimal:
    return price * (seconds // step_s)


def _amount(sheet: Sheet, cell: Cell) -> Decimal:
    if not cell.text:
        return ZERO
    try:
        amount = amount_of(cell.text)
    except ValueError as error:
        sheet.fault(cell, *error.args)
        return ZERO
    if amount < 0:
        sheet.fault(cell, "a price is not negative")
    return amount


def _seconds(sheet: Sheet, cell: Cell, otherwise: int) -> int:
    if re.fullmatch(r"\d{1,5}", cell.text) and 0 < int(cell.text) <= _LONGEST_STEP_S:
        return int(cell.text)
    sheet.fault(cell, f'"{cell.text}" is no number of seconds', f"write 1 to {_LONGEST_STEP_S}, such as 60 or 6")
    return otherwise


def _days(sheet: Sheet, cell: Cell) -> tuple[frozenset[int], bool | None]:
    """Weekdays, and whether it is for worked days (True), days off (False) or either (None)."""
    every = frozenset(range(len(WEEKDAYS)))
    if not cell.text:
        return every, None
    if cell.text in ("working", "off"):
        return every, cell.text == "working"
    days: set[int] = set()
    for part in cell.text.split():
        first, _, last = part.partition("-")
        if first not in WEEKDAYS or (last and last not in WEEKDAYS):
            sheet.fault(
                cell, f'"{part}" is no day', f"write working, off, or days such as mon-fri sun ({choices(part, _DAYS)})"
            )
            return every, None
        begin, end = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
        days |= {day % 7 for day in range(begin, end + 1 if end >= begin else end + 8)}
    return frozenset(days), None


def _hours(sheet: Sheet, cell: Cell) -> tuple[int, int]:
    """Minutes of the day; an end before the beginning is that of the next day."""
    if not cell.text:
        return 0, _DAY_MINUTES
    match = re.fullmatch(r"(\d\d):(\d\d)-(\d\d):(\d\d)", cell.text)
    if match:
        begin, end = int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])
        if begin != end and int(match[2]) < 60 and int(match[4]) < 60 and begin < _DAY_MINUTES and end <= _DAY_MINUTES:
            return begin, end
    sheet.fault(cell, f'"{cell.text}" are no hours', "write them as 08:00-20:00")
    return 0, _DAY_MINUTES
