"""What is true of a company, counted from its calls without the product; and the company as the product collects it."""

from __future__ import annotations

import calendar
import csv
import datetime as dt
from collections import Counter, defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from company import holder

from collector.assembly import accounting_of
from collector.commands.judging import judge_span
from collector.config import Config, load
from collector.journal import Journal
from collector.office import approvals
from collector.office.approvals import Application
from collector.projector import Projector
from collector.store.office_db import writing

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from breaches import Wish
    from company import TrueCall

ZONE = ZoneInfo("Asia/Shanghai")
ZERO = Decimal(0)
HEADINGS = ["Calls", "Answered", "Missed", "Talk time", "Rated time", "Cost"]


def collected(folder: Path, received: dt.datetime = dt.datetime(2026, 3, 1, tzinfo=ZONE)) -> Config:
    """What was printed in a folder, collected there."""
    config = load(folder / "smdr.toml")
    journal = Journal(config.site.data / "journal", received.timestamp)
    journal.append([("pbx1", 0, (folder / "calls.log").read_bytes(), False, False)])
    journal.close()
    projector = Projector(config, accounting_of(config))
    projector.project_all()
    projector.close()
    return config


def apply_for(wishes: Iterable[Wish], config: Config) -> None:
    """File the applications, and approve those that were."""
    with writing(config.site.data) as db:
        for wish in wishes:
            asked = Application("销售部", wish.caller, "", wish.number, "外地", "客户", "订货", wish.day, wish.day)
            number = approvals.file(db, asked, wish.caller)
            if wish.after is not None:
                noon = dt.datetime.combine(wish.day + dt.timedelta(days=wish.after), dt.time(12), ZONE)
                db.execute("INSERT INTO decisions VALUES (?, ?, '赵总', 1, '')", (number, noon.timestamp()))


def judge(config: Config, first: dt.date, last: dt.date, now: float) -> None:
    """Month by month, as it is done."""
    for month in months(first, last):
        judge_span(config, month, last_of(month), now=now)


def months(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    """The first day of each month up to a day."""
    while first <= last:
        yield first
        first = last_of(first) + dt.timedelta(days=1)


def last_of(first: dt.date) -> dt.date:
    """The last day of a month."""
    return first.replace(day=calendar.monthrange(first.year, first.month)[1])


class Truth(NamedTuple):
    calls: int
    answered: int
    missed: int
    talk_s: int
    rated_s: int
    cost: Decimal


def paid_for(call: TrueCall) -> int:
    """Seconds by the contract: minutes, the first three at once, or sixes."""
    if call.cost is None:
        return 0
    minutes = -(-call.talk_s // 60)
    if call.class_ in ("local", "mobile"):
        return 60 * max(3, minutes)
    return 60 * minutes if call.class_ == "premium" or call.carrier else 6 * -(-call.talk_s // 6)


def truth(calls: Sequence[TrueCall]) -> Truth:
    incoming = [call for call in calls if call.direction == "incoming"]
    return Truth(
        len(calls),
        sum(call.answered for call in incoming),
        sum(not call.answered for call in incoming),
        sum(call.talk_s for call in calls),
        sum(map(paid_for, calls)),
        sum((call.cost or Decimal(0) for call in calls), Decimal(0)),
    )


def seconds(text: str) -> int:
    hours, minutes, rest = map(int, text.split(":"))
    return 3600 * hours + 60 * minutes + rest


def figures(row: Sequence[str]) -> Truth:
    calls, answered, missed, talk, rated, cost = row[-6:]
    return Truth(int(calls), int(answered), int(missed), seconds(talk), seconds(rated), Decimal(cost))


def assert_adds_up(table: list[list[str]], calls: list[TrueCall], *keys: Callable[[TrueCall], str]) -> None:
    """Lines, the subtotals of the first key, and the total are those of the calls; and nothing else is there."""
    groups: dict[tuple[str, ...], list[TrueCall]] = defaultdict(list)
    for call in calls:
        names = tuple(key(call) for key in keys)
        groups[names].append(call)
        groups[(names[0], "Subtotal", *[""] * (len(keys) - 2))].append(call)
        groups[("Total", *[""] * (len(keys) - 1))].append(call)
    heading, *rows = table
    assert heading[-6:] == HEADINGS
    found = {tuple(row[:-6]): figures(row) for row in rows}
    assert len(found) == len(rows)
    assert found == {names: truth(some) for names, some in groups.items()}


def by_range(calls: Iterable[TrueCall]) -> dict[tuple[str, str], Truth]:
    """What stands on a report of numbers, by class and range; 026 is no area, and is left out."""
    groups: dict[tuple[str, str], list[TrueCall]] = defaultdict(list)
    for call in calls:
        groups[call.class_, _range(call)].append(call)
        groups[call.class_, "Subtotal"].append(call)
        groups["Total", ""].append(call)
    return {key: truth(some) for key, some in groups.items() if key[1] != "026"}


def _range(call: TrueCall) -> str:
    if call.direction == "incoming":
        return call.number[:3]
    return {"mobile": "138", "international": "0044", "premium": "168"}.get(call.class_) or (
        ("021" if call.carrier else "010") if call.class_ == "domestic" else ""
    )


class Budgeted(NamedTuple):
    """What a budget of a month had and spent; the fields are those of a statement."""

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
        """What could be spent."""
        return self.opening - self.lapsed + self.credit

    @property
    def closing(self) -> Decimal:
        """What is left."""
        return self.available - self.spent + self.deducted


def paying(call: TrueCall) -> str | None:
    """The budget a call is paid from; None: there is none for it."""
    if call.extension == "123":
        return "phone:123"
    if call.person == "钱一":
        return "person:钱一"
    return f"department:{call.department}" if call.department in ("销售部", "工程部") else None


def unbudgeted(calls: Iterable[TrueCall], first: dt.date) -> Decimal:
    """What was spent in a month and no budget pays."""
    month = f"{first:%Y-%m}"
    return sum((call.cost for call in calls if call.cost and call.month == month and not paying(call)), ZERO)


def budgeted(
    calls: Iterable[TrueCall], begin: dt.date, until: dt.date
) -> Iterator[tuple[dt.date, dt.date, dict[str, Budgeted]]]:
    """The first and last day of each month, and what each budget had and spent in it."""
    spent: dict[tuple[str, str | None], Decimal] = defaultdict(lambda: ZERO)
    for call in calls:
        spent[call.month, paying(call)] += call.cost or ZERO
    left = dict.fromkeys(("department:销售部", "department:工程部", "person:钱一", "phone:123"), ZERO)
    for first in months(begin, until):
        found = {}
        heads = Counter(holder(extension, first)[0] for extension in ("102", "103", "104", "111", "112"))
        for owner, before in left.items():
            cost = spent[f"{first:%Y-%m}", owner]
            match owner:
                case "department:销售部":
                    credit, kept = Decimal(30) * heads["销售部"], before
                case "department:工程部":
                    credit, kept = Decimal(25) * heads["工程部"], ZERO
                case "person:钱一":
                    credit, kept = Decimal(50), min(before, ZERO)
                case _:
                    credit, kept = Decimal(50), before
            closing = kept + credit - cost
            over = max(ZERO, -closing)
            deducted = over if owner != "person:钱一" or first.month == 12 else ZERO
            lapsed = max(ZERO, closing) if owner == "phone:123" and first.month == 12 else ZERO
            found[owner] = Budgeted(before, before - kept + lapsed, credit, ZERO, ZERO, cost, ZERO, deducted)
            left[owner] = found[owner].closing
        yield first, last_of(first), found


class PlantedBill(NamedTuple):
    """A carrier's bill of some calls: some are missing, some dearer by 0.50, and three are of nobody."""

    billed: list[TrueCall]
    missing: list[TrueCall]
    dearer: list[TrueCall]
    extra: list[dt.datetime]

    @classmethod
    def of(cls, calls: list[TrueCall], chance: random.Random) -> PlantedBill:
        """Plant the differences."""
        missing, dearer = chance.sample(calls, 7), chance.sample(calls, 9)
        first = calls[0].at.replace(hour=3, minute=33, second=33)
        return cls(
            calls,
            missing,
            [call for call in dearer if call not in missing],
            [first + dt.timedelta(days=days) for days in (2, 12, 22)],
        )

    def amount(self, call: TrueCall) -> Decimal:
        """What is billed for a call."""
        return (call.cost or ZERO) + (Decimal("0.50") if call in self.dearer else ZERO)

    def write(self, folder: Path) -> None:
        """Write the bill, and what its columns mean."""
        rows = [
            [
                call.number[1:].removeprefix(call.carrier or ""),
                f"{call.at + dt.timedelta(seconds=20):%Y-%m-%d %H:%M:%S}",
                call.talk_s,
                str(self.amount(call)),
            ]
            for call in self.billed
            if call not in self.missing
        ]
        extra = [["13900000000", f"{at:%Y-%m-%d %H:%M:%S}", 60, "0.22"] for at in self.extra]
        with (folder / "bill.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([["number", "time", "seconds", "amount"], *rows, *extra])
        (folder / "mapping.toml").write_text(
            'number = "number"\ntime = "time"\nduration = "seconds"\namount = "amount"\n'
            'time_format = "%Y-%m-%d %H:%M:%S"\nduration_unit = "s"\n'
            '[tolerance]\ntime_s = 90\nduration_s = 0\namount = "0.01"\n'
        )
