"""What the ledger says of a month or a year, for each owner of a budget."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from collector.accounting.amounts import ZERO

if TYPE_CHECKING:
    from collections.abc import Sequence

    from collector.accounting.budgets.ledger import Kind, Ledger, Owner


class Statement(NamedTuple):
    """``closing = opening - lapsed + credit + top_ups + approved - spent - charged + deducted``; ``over`` is what closes below nothing."""

    owner: Owner
    currency: str
    opening: Decimal
    lapsed: Decimal
    credit: Decimal
    top_ups: Decimal
    approved: Decimal
    spent: Decimal
    charged: Decimal
    deducted: Decimal

    @property
    def available(self) -> Decimal:
        """What could be spent in the period."""
        return self.opening - self.lapsed + self.credit + self.top_ups + self.approved

    @property
    def closing(self) -> Decimal:
        """What is left at the end of the period."""
        return self.available - self.spent - self.charged + self.deducted

    @property
    def over(self) -> Decimal:
        """What was spent and charged more than could be, and is neither approved nor deducted yet."""
        return max(ZERO, -self.closing)


class Warned(NamedTuple):
    """An owner has spent a ``share`` of what is available in a month, in percent; ``over``: more than all of it."""

    owner: Owner
    month: str
    share: str
    spent: Decimal
    available: Decimal
    currency: str

    @property
    def sentence(self) -> str:
        """What is told."""
        spent = f"{self.spent} of {self.available} {self.currency} are spent in {self.month}"
        if self.share == "over":
            return f"The budget of {self.owner} is exceeded: {spent}."
        return f"The budget of {self.owner} is spent to {self.share} %: {spent}."


def month_of(day: dt.date) -> tuple[dt.date, dt.date]:
    """The first and the last day of a day's month."""
    first = day.replace(day=1)
    return first, (first + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1)


def statements(ledger: Ledger, first: dt.date, last: dt.date) -> list[Statement]:
    """The statement of every owner of whom anything is known up to ``last``; both days are included."""
    opening: dict[Owner, Decimal] = defaultdict(Decimal)
    moved: dict[Owner, dict[Kind, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for posting in ledger.postings:
        if posting.day > last:
            continue
        sums = moved[posting.owner]
        if posting.day < first:
            opening[posting.owner] += posting.amount if posting.taker == "allowance" else -posting.amount
        else:
            sums[posting.taker if posting.giver == "allowance" else posting.giver] += posting.amount
    known = moved.keys() | ledger.budgets.keys()
    return [_statement(ledger, owner, opening[owner], moved[owner]) for owner in sorted(known)]


def _statement(ledger: Ledger, owner: Owner, opening: Decimal, moved: dict[Kind, Decimal]) -> Statement:
    budget = ledger.budgets.get(owner)
    return Statement(
        owner=owner,
        currency=budget.currency if budget else "",
        opening=opening,
        lapsed=moved["lapsed"],
        credit=moved["granted"],
        top_ups=moved["top-up"],
        approved=moved["approved"],
        spent=moved["spent"],
        charged=moved["charged"],
        deducted=moved["deducted"],
    )


def warnings(ledger: Ledger, today: dt.date) -> list[Warned]:
    """The shares that owners have reached in the month of ``today``, once this month's credit is theirs."""
    month = f"{today:%Y-%m}"
    return [
        Warned(statement.owner, month, share, statement.spent, statement.available, statement.currency)
        for statement in statements(ledger, *month_of(today))
        if (budget := ledger.budgets.get(statement.owner)) and (budget.credited(today.replace(day=1)) or today) <= today
        for share in _reached(statement, budget.warn)
    ]


def _reached(statement: Statement, shares: Sequence[Decimal]) -> list[str]:
    if not statement.spent:
        return []
    reached = [f"{share}" for share in shares if statement.spent * 100 >= share * statement.available]
    return reached + (["over"] if statement.spent > statement.available else [])
