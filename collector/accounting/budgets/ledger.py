"""The ledger of the budgets: double entry, made anew from its sources whenever it is asked for.

Every posting takes an amount from one account and adds it to another, so all accounts together are always nothing. Each
budget's owner has accounts of what was ``granted``, what is at his disposal (``allowance``), what came by ``top-up`` or
was ``approved`` later, what was ``spent``, what violations ``charged``, what ``lapsed``, and what is ``deducted`` from him.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

from collector.accounting.amounts import ZERO

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from collector.accounting.budgets.table import Budget

Kind = Literal["granted", "allowance", "top-up", "approved", "spent", "charged", "lapsed", "deducted"]
KindByHand = Literal["top-up", "approved"]
"""Added by hand: as more that may be spent, or as approved of what was spent beyond a budget."""


class Member(NamedTuple):
    """A person on a day: the department, and the post, empty where none is known."""

    person: str
    department: str
    post: str = ""


class Staff(Protocol):
    """Who works where: what budgets ask of the directory."""

    def members(self, day: dt.date) -> Sequence[Member]:
        """Everybody on a day, each once."""

    def above(self, department: str, day: dt.date) -> Sequence[str]:
        """The departments above one on a day, the nearest first."""


class Cost(NamedTuple):
    """What the calls of a phone cost on a day, and whose they were."""

    day: dt.date
    extension: str
    department: str
    person: str
    amount: Decimal


class Adjustment(NamedTuple):
    """An amount that somebody added by hand."""

    day: dt.date
    kind: KindByHand
    scope: str
    name: str
    amount: Decimal
    by: str
    reason: str


class Charge(NamedTuple):
    """What somebody is charged for a violation on ``day``, as whose it was on ``of``; a negative one takes back."""

    day: dt.date
    of: dt.date
    extension: str
    department: str
    person: str
    amount: Decimal
    text: str


class Owner(NamedTuple):
    """Whose account it is: a ``department``, a ``person`` or a ``phone``; ``none`` of costs that no budget covers."""

    scope: str
    name: str

    def __str__(self) -> str:
        return f"{self.scope}:{self.name}" if self.name else self.scope


NOBODY = Owner("none", "")


class Posting(NamedTuple):
    """``amount`` goes from one account of ``owner`` to another."""

    day: dt.date
    owner: Owner
    giver: Kind
    taker: Kind
    amount: Decimal
    text: str


class Ledger:
    """All postings up to a day, and the budget that is last in force for each owner."""

    def __init__(self) -> None:
        self.postings: list[Posting] = []
        self.balances: dict[tuple[Owner, Kind], Decimal] = defaultdict(Decimal)
        self.budgets: dict[Owner, Budget] = {}

    def post(self, day: dt.date, owner: Owner, giver: Kind, taker: Kind, amount: Decimal, text: str) -> None:
        """Take an amount from one account and add it to another; nothing is not posted."""
        if amount:
            self.postings.append(Posting(day, owner, giver, taker, amount, text))
            self.balances[owner, giver] -= amount
            self.balances[owner, taker] += amount

    def allowance(self, owner: Owner) -> Decimal:
        """What is at an owner's disposal; less than nothing where more was spent."""
        return self.balances.get((owner, "allowance"), ZERO)

    def proves(self) -> bool:
        """Whether the accounts of every owner together are nothing, and are what the postings make of them."""
        made: dict[tuple[Owner, Kind], Decimal] = defaultdict(Decimal)
        for posting in self.postings:
            made[posting.owner, posting.giver] -= posting.amount
            made[posting.owner, posting.taker] += posting.amount
        sums: dict[Owner, Decimal] = defaultdict(Decimal)
        for (owner, _), balance in self.balances.items():
            sums[owner] += balance
        return made == self.balances and not any(sums.values())


def ledger_of(
    budgets: Sequence[Budget],
    staff: Staff,
    costs: Iterable[Cost],
    adjustments: Iterable[Adjustment],
    last: dt.date,
    charges: Iterable[Charge] = (),
) -> Ledger:
    """Make the ledger of everything from the first budget up to the end of the day ``last``.

    On each day what lapses and what is credited comes first, then what was added by hand, then what was spent and charged;
    what is deducted comes at the end of a month's or a year's last day. Costs of before the first budget are nobody's.
    """
    ledger = Ledger()
    if not budgets:
        return ledger
    begin = min(budget.first for budget in budgets)
    owners = _Owners(budgets, staff)
    spent, added, charged = defaultdict(list), defaultdict(list), defaultdict(list)
    for cost in costs:
        spent[cost.day].append(cost)
    for adjustment in adjustments:
        added[max(adjustment.day, begin)].append(adjustment)
    for charge in charges:
        charged[max(charge.day, begin)].append(charge)
    for day in _days(begin, last):
        _credit(ledger, owners, day)
        for made in added[day]:
            text = f"{made.reason} ({made.by})"
            ledger.post(day, Owner(made.scope, made.name), made.kind, "allowance", made.amount, text)
        for cost in sorted(spent[day]):
            ledger.post(day, owners.of(cost), "allowance", "spent", cost.amount, f"calls of {cost.extension}")
        for one in charged[day]:
            ledger.post(day, owners.of_charge(one, begin), "allowance", "charged", one.amount, one.text)
        _deduct(ledger, day)
    return ledger


def _days(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    return (first + dt.timedelta(days=n) for n in range((last - first).days + 1))


class _Owners:
    """Who owns which budget on a day, and to whom a cost goes."""

    def __init__(self, budgets: Sequence[Budget], staff: Staff) -> None:
        self._budgets = budgets
        self._staff = staff
        self._known: dict[dt.date, dict[Owner, tuple[Budget, Decimal]]] = {}

    def of(self, cost: Cost) -> Owner:
        """The phone, else the person, else the nearest department that has a budget on the day."""
        return self._nearest(cost.day, cost.department, Owner("phone", cost.extension), Owner("person", cost.person))

    def of_charge(self, charge: Charge, begin: dt.date) -> Owner:
        """The person, else the phone, else the nearest department that had a budget when it was first charged."""
        owners = Owner("person", charge.person), Owner("phone", charge.extension)
        return self._nearest(max(charge.of, begin), charge.department, *owners)

    def _nearest(self, day: dt.date, department: str, *first: Owner) -> Owner:
        owned = self.on(day)
        names = (department, *self._staff.above(department, day))
        owners = (*first, *(Owner("department", name) for name in names))
        return next((owner for owner in owners if owner in owned), NOBODY)

    def on(self, day: dt.date) -> dict[Owner, tuple[Budget, Decimal]]:
        """Every owner on a day, with the budget and what it is worth a month."""
        if day not in self._known:
            self._known.clear()  # days come in order, nearly always
            self._known[day] = self._worth(day)
        return self._known[day]

    def _worth(self, day: dt.date) -> dict[Owner, tuple[Budget, Decimal]]:
        in_force = [budget for budget in self._budgets if budget.holds(day)]
        members = self._staff.members(day) if any(b.per_head or b.scope == "post" for b in in_force) else ()
        owned: dict[Owner, tuple[Budget, Decimal]] = {}
        for budget in in_force:
            if budget.scope == "post":
                owned |= {Owner("person", m.person): (budget, budget.amount) for m in members if m.post == budget.name}
        owned |= {
            Owner(budget.scope, budget.name): (budget, budget.amount) for budget in in_force if budget.scope != "post"
        }
        heads: dict[str, int] = defaultdict(int)
        for member in members:
            if Owner("person", member.person) not in owned:
                chain = (member.department, *self._staff.above(member.department, day))
                heads[next((name for name in chain if Owner("department", name) in owned), "")] += 1
        return {
            owner: (budget, budget.amount * heads[owner.name] if budget.per_head else amount)
            for owner, (budget, amount) in owned.items()
        }


def _credit(ledger: Ledger, owners: _Owners, day: dt.date) -> None:
    """What is left lapses as far as it is not carried over; then comes what the budget is worth."""
    month = day.replace(day=1)
    owned = owners.on(day)
    for owner in sorted(ledger.budgets.keys() - owned.keys()):  # its budget has ended
        _lapse(ledger, owner, day, ZERO)
        ledger.post(day, owner, "deducted", "allowance", max(ZERO, -ledger.allowance(owner)), "over, budget ended")
        del ledger.budgets[owner]
    for owner, (budget, amount) in sorted(owned.items()):
        if budget.credited(month) == day:
            if budget.keeps is not None:
                _lapse(ledger, owner, day, budget.keeps)
            ledger.post(day, owner, "granted", "allowance", amount, f"for {day:%Y-%m}")
        ledger.budgets[owner] = budget


def _lapse(ledger: Ledger, owner: Owner, day: dt.date, keeps: Decimal) -> None:
    excess = max(ZERO, ledger.allowance(owner) - keeps)
    ledger.post(day, owner, "allowance", "lapsed", excess, "not carried over")


def _deduct(ledger: Ledger, day: dt.date) -> None:
    """What is over is deducted at the end of a month, or where it could be approved, of a year."""
    next_day = day + dt.timedelta(days=1)
    if next_day.day != 1:
        return
    ends_year = next_day.month == 1
    for owner, budget in sorted(ledger.budgets.items()):
        if ends_year and budget.ends_with_year:
            _lapse(ledger, owner, day, ZERO)
        if ends_year or budget.over == "deduct":
            over = max(ZERO, -ledger.allowance(owner))
            ledger.post(day, owner, "deducted", "allowance", over, f"over in {day:%Y-%m}")
