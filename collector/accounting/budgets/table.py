"""What departments, persons, posts and phones may spend on calls a month.

The budgets are a CSV file, ``scope,name,amount,per,currency,credit_day,carry_over,warn,over,from,until``. ``scope`` is
``department``, ``person``, ``post`` or ``phone`` and ``name`` whose budget it is; the budget of a post is one for each
person who holds it. ``per`` is ``head`` where ``amount`` is for each member of a department, sub-departments included,
who has no budget nearer to him; else ``fixed``. It is credited on ``credit_day`` (1) of each month. ``carry_over`` of
what is left then: ``yes``, ``no``, ``year`` (until its end), or the most that is kept. ``warn`` are shares in percent
(``80 100``). ``over`` says what becomes of what is spent beyond it: ``deduct`` from the communication allowance at the
end of the month, or ``approve``: it stays until somebody approves it, and is deducted at the end of the year.
``until`` is the last day.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

from collector.accounting.amounts import ZERO, amount_of
from collector.accounting.sheet import Sheet, day_of
from collector.problems import choices

if TYPE_CHECKING:
    from pathlib import Path

    from collector.accounting.sheet import Cell, Row

Scope = Literal["department", "person", "post", "phone"]
Over = Literal["deduct", "approve"]

_COLUMNS = ("scope", "name", "amount", "per", "currency", "credit_day", "carry_over", "warn", "over", "from", "until")
_LAST_CREDIT_DAY = 28
_KEPT: dict[str, Decimal | None] = {"no": ZERO, "yes": None, "year": None, "": ZERO}


class Budget(NamedTuple):
    """A row. ``keeps`` is the most that is carried over, None for all; ``until`` is the last day; ``date.max`` where it has no end."""

    scope: Scope
    name: str
    amount: Decimal
    per_head: bool
    currency: str
    credit_day: int
    keeps: Decimal | None
    ends_with_year: bool
    warn: tuple[Decimal, ...]
    over: Over
    first: dt.date
    until: dt.date

    def holds(self, day: dt.date) -> bool:
        """Whether it is in force on a day."""
        return self.first <= day <= self.until

    def credited(self, month: dt.date) -> dt.date | None:
        """The day in the month that begins with ``month`` on which it is credited, if it is."""
        day = month.replace(day=self.credit_day)
        if (self.first.year, self.first.month) == (month.year, month.month):
            day = max(day, self.first)
        return day if self.holds(day) else None


def load_budgets(path: Path) -> tuple[Budget, ...]:
    """Load the budgets. Raises ConfigError with all the faults of the file."""
    sheet = Sheet(path, _COLUMNS, needed=("scope", "name", "amount", "from"))
    budgets: list[Budget] = []
    for row in sheet.rows():
        budget = _budget(sheet, row)
        for other in budgets:
            if (other.scope, other.name) == (budget.scope, budget.name) and _overlap(other, budget):
                hint = "end the one before with until: its last day"
                sheet.fault(row["name"], f'"{budget.name}" has two budgets at a time', hint)
        budgets.append(budget)
    sheet.close()
    return tuple(budgets)


def _overlap(one: Budget, other: Budget) -> bool:
    return one.holds(other.first) or other.holds(one.first)


def _budget(sheet: Sheet, row: Row) -> Budget:
    scope = _one_of(sheet, row["scope"], get_args(Scope), "")
    per = _one_of(sheet, row["per"], ("fixed", "head"), "fixed")
    if per == "head" and scope != "department":
        sheet.fault(row["per"], f"a {scope} has no heads to count", "write fixed")
    first = day_of(sheet, row["from"], dt.date.min)
    until = day_of(sheet, row["until"], dt.date.max)
    if until < first:
        sheet.fault(row["until"], '"until" is before "from"', "until is the last day")
    amount = _amount(sheet, row["amount"])
    return Budget(
        scope=scope,  # type: ignore[arg-type]  # one of them, or the sheet has a fault and is not used
        name=row["name"].text,
        amount=amount,
        per_head=per == "head",
        currency=row["currency"].text or "CNY",
        credit_day=_credit_day(sheet, row["credit_day"]),
        keeps=_kept(sheet, row["carry_over"]),
        ends_with_year=row["carry_over"].text == "year",
        warn=_shares(sheet, row["warn"]),
        over=_one_of(sheet, row["over"], get_args(Over), "deduct"),  # type: ignore[arg-type]  # as above
        first=first,
        until=until,
    )


def _one_of(sheet: Sheet, cell: Cell, known: tuple[str, ...], default: str) -> str:
    if not cell.text:
        return default
    if cell.text not in known:
        sheet.fault(cell, f'"{cell.text}" is not known here', choices(cell.text, known))
    return cell.text


def _amount(sheet: Sheet, cell: Cell) -> Decimal:
    try:
        amount = amount_of(cell.text)
    except ValueError as error:
        sheet.fault(cell, *error.args)
        return ZERO
    if amount < ZERO:
        sheet.fault(cell, "a budget is not less than nothing", "write it without the minus")
    return amount


def _kept(sheet: Sheet, cell: Cell) -> Decimal | None:
    if cell.text in _KEPT:
        return _KEPT[cell.text]
    try:
        return amount_of(cell.text)
    except ValueError:
        sheet.fault(
            cell, f'"{cell.text}" says not what is carried over', "write yes, no, year, or the most that is kept"
        )
        return ZERO


def _credit_day(sheet: Sheet, cell: Cell) -> int:
    if not cell.text:
        return 1
    if not cell.text.isdecimal() or not 1 <= int(cell.text) <= _LAST_CREDIT_DAY:
        sheet.fault(cell, f'"{cell.text}" is not a day of every month', f"write a number from 1 to {_LAST_CREDIT_DAY}")
        return 1
    return int(cell.text)


def _shares(sheet: Sheet, cell: Cell) -> tuple[Decimal, ...]:
    shares = []
    for text in cell.text.split():
        if not text.isdecimal() or not 1 <= int(text) <= 1000:
            sheet.fault(cell, f'"{text}" is not a share', "write percentages with blanks between: 80 100")
        else:
            shares.append(Decimal(text))
    return tuple(sorted(shares))
