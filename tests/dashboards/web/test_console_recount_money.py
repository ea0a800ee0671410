"""Three years of a company: every figure of the pages of money and lines is that of a count of its calls.

What is drawn is compared whole, so that a figure that nobody counted here is a difference as well.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import random
from collections import defaultdict
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import recount_site
from company import Company
from recount import (
    HEADINGS,
    ZERO,
    ZONE,
    PlantedBill,
    assert_adds_up,
    budgeted,
    by_range,
    collected,
    figures,
    paying,
    truth,
    unbudgeted,
)
from recount_office import FIRST, LAST, NOW, SPANS, TODAY, VIEWER, amounts, console_of, drawn, report

from collector.office import bills
from collector.store.office_db import reading
from dashboards.web import choice, comparing
from dashboards.web.bills import ON_A_PAGE, BillsView, BillView
from dashboards.web.bills import Choice as OfBill
from dashboards.web.budgets import BudgetsView
from dashboards.web.cost import CostView
from dashboards.web.figures import count, duration
from dashboards.web.lines import LinesView

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from company import TrueCall

    from collector.config import Config

CURRENCY = "CNY"
HEADING = b"  Date     Time    Ext CO        Dial Number        Ring Duration  Acc code  CD\r\n"
say = VIEWER.say


class Office(NamedTuple):
    """A company that was collected, its console, and what the switchboard printed between the calls."""

    config: Config
    console: Any
    company: Any
    rejected: list[tuple[int, bytes]]
    headings: int
    blanks: int


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """Three years and half a month, with headings, empty lines and lines of nothing known among the calls."""
    folder = tmp_path_factory.mktemp("money")
    company = Company(first=FIRST, last=LAST)
    company.write(folder)
    stream, rejected, headings, blanks = bytearray(), [], 0, 0
    for number, line in enumerate((folder / "calls.log").read_bytes().splitlines(keepends=True)):
        if number % 200 == 0:
            stream += HEADING
            headings += 1
        if number % 250 == 9:
            stream += b"\r\n"
            blanks += 1
        if number % 997 == 0:
            rejected.append((len(stream), b"line %05d of nothing known" % number))
            stream += rejected[-1][1] + b"\r\n"
        stream += line
    (folder / "calls.log").write_bytes(stream)
    config = collected(folder, NOW)
    return Office(config, console_of(config), company, rejected, headings, blanks)


def between(calls: Iterable[TrueCall], first: dt.date, last: dt.date) -> list[TrueCall]:
    return [call for call in calls if first <= call.at.date() <= last]


def cost(calls: Iterable[TrueCall]) -> Decimal:
    return sum((call.cost for call in calls if call.cost), ZERO)


# Cost

LABELS: dict[str, Callable[[dt.datetime], str]] = {
    "hour": lambda at: f"{at:%H}:00",
    "day": lambda at: f"{at:%m-%d}",
    "month": lambda at: f"{at:%Y-%m}",
    "quarter": lambda at: f"{at.year} Q{(at.month + 2) // 3}",
    "year": lambda at: f"{at.year}",
}
COSTS = {
    "a month": ("day", "2025-05-01", "2025-05-31", "2025-04-01", "2025-04-30"),
    "a quarter": ("day", "2024-10-01", "2024-12-31", "2024-07-01", "2024-09-30"),
    "a year": ("month", "2025-01-01", "2025-12-31", "2024-01-01", "2024-12-31"),
    "a range, against the same weekdays": ("day", "2025-03-12", "2025-04-20", "2025-01-29", "2025-03-09"),
    "three years": ("quarter", "2023-01-01", "2025-12-31", "2020-01-01", "2022-12-31"),
    "years": ("year", "2023-01-01", "2025-12-31", "2020-01-01", "2022-12-31"),
    "quarters that begin before the range": ("quarter", "2024-02-10", "2025-09-20", "2022-06-25", "2024-02-03"),
    "a day": ("hour", "2025-06-19", "2025-06-19", "2025-06-12", "2025-06-12"),
    "a month that is half over": ("day", "2026-01-01", "2026-01-31", "2025-12-01", "2025-12-15"),
}
NARROWED: dict[str, tuple[dict[str, str], Callable[[TrueCall], bool]]] = {
    "all": ({}, lambda _: True),
    "a department": ({"department": "销售部"}, lambda call: call.department == "销售部"),
    "a class": ({"class": "mobile"}, lambda call: call.class_ == "mobile"),
    "an extension": ({"extension": "112"}, lambda call: call.extension == "112"),
    "a source": ({"source": "pbx1"}, lambda _: True),
}


@pytest.mark.parametrize("narrowed", NARROWED)
@pytest.mark.parametrize("period", COSTS)
def test_cost(office: Office, monkeypatch: pytest.MonkeyPatch, period: str, narrowed: str) -> None:
    monkeypatch.setattr(recount_site, "VIEWER", VIEWER)
    unit, *days = COSTS[period]
    parameters, takes = NARROWED[narrowed]
    chosen = choice.read({"period": unit, "from": days[0], "to": days[1], **parameters}, TODAY)
    site = recount_site.Site(office.console, [], int(NOW.timestamp()))
    found = recount_site.shown(CostView, site, chosen)
    first, last, first_before, last_before = map(dt.date.fromisoformat, days)
    calls = [call for call in office.company.calls if takes(call)]
    now, before = between(calls, first, last), between(calls, first_before, last_before)
    month = cost(between(calls, TODAY.replace(day=1), TODAY))
    expected: dict[str, Any] = {
        say("cost"): (
            money(cost(now)),
            CURRENCY,
            changed(cost(now), cost(before)),
            say("console.cost_before", amount=money(cost(before))),
        ),
        say("console.month_cost"): (money(month), CURRENCY, "", say("console.month_note")),
        say("console.forecast"): (money(month * 31 / 15), CURRENCY, "", say("console.forecast_note")),
    }
    over_time = say("console.cost_over_time")
    days_shown = [
        dt.datetime.combine(first + dt.timedelta(days=n), dt.time(hour))
        for n in range((last - first).days + 1)
        for hour in range(24)
    ]
    labels = list(dict.fromkeys(map(LABELS[unit], days_shown)))
    expected[f"{over_time}, labels"] = labels
    paid: dict[str, dict[str, Decimal]] = defaultdict(lambda: dict.fromkeys(labels, ZERO))
    for call in now:
        if call.cost:
            paid[call.class_][LABELS[unit](call.at)] += call.cost
    for class_, over in paid.items():
        expected[f"{over_time}, {say(f'class.{class_}')}"] = [float(round(amount, 2)) for amount in over.values()]
    for dimension, key in BY.items():
        if rows := broken_down(now, dimension, key):
            expected[f"{say(f'console.by.{dimension}')}, rows"] = rows
    assert found == expected


BY: dict[str, Callable[[TrueCall], str]] = {
    "department": lambda call: call.department,
    "extension": lambda call: call.extension,
    "class": lambda call: call.class_,
    "trunk": lambda call: "" if call.direction == "internal" else "01",
}


def broken_down(calls: list[TrueCall], dimension: str, key: Callable[[TrueCall], str]) -> list[list[str]]:
    """The rows of a table of what calls cost, the dearest first."""
    groups: dict[str, list[TrueCall]] = defaultdict(list)
    for call in calls:
        groups[key(call)].append(call)
    paid = {name: some for name, some in groups.items() if cost(some)}
    most = max(map(cost, paid.values()), default=ZERO)
    return [
        [
            f"{(say(f'class.{name}') if dimension == 'class' else name) or '(none)'} {100 * cost(some) / most:.1f}%",
            count(len(some)),
            short(sum(call.talk_s for call in some)),
            money(cost(some)),
        ]
        for name, some in sorted(paid.items(), key=lambda one: (-cost(one[1]), -len(one[1]), one[0]))
    ]


def short(seconds: int) -> str:
    """A time as a column has room for it: whole hours from a hundred on."""
    return f"{seconds / 3600:,.0f} h" if seconds >= 360_000 else duration(seconds)


def money(amount: Decimal) -> str:
    return f"{amount:,.2f}"


def changed(now: Decimal, before: Decimal) -> str:
    """By how much a figure differs from that of the time before; nothing where there was none."""
    if not before:
        return ""
    arrow = "▲" if now > before else "▼" if now < before else "="
    return f"{arrow} {abs(now / before - 1) * 100:.1f} %"


# Budgets


def test_budgets_of_the_last_months_of_quarters_and_of_every_month_of_a_year(office: Office) -> None:
    calls, unpaid, months = office.company.calls, ZERO, 0
    for first, _, expected in budgeted(calls, FIRST, dt.date(2025, 12, 31)):
        none = unbudgeted(calls, first)
        rows = [[f"{say('console.budget.scope.none')} ·", *spent_of(ZERO, none)]]
        rows[0] += map(money, (-unpaid, ZERO, ZERO, ZERO, none, ZERO, ZERO, ZERO, -unpaid - none))
        for owner, one in expected.items():
            scope, name = owner.split(":")
            rows.append(
                [f"{name} {say(f'console.budget.scope.{scope}')} · {CURRENCY}", *spent_of(one.available, one.spent)]
            )
            moved = (
                one.opening, one.credit, one.top_ups, one.approved, one.spent, one.charged, one.deducted, one.lapsed,
                one.closing,
            )  # fmt: skip
            rows[-1] += map(money, moved)
        if first.month % 3 == 0 or first.year == 2025:
            shown = drawn(partial(BudgetsView, office.console, VIEWER, first))
            assert (shown.tiles, len(shown.tables), shown.rest) == ([], 1, [])
            assert sorted(shown.tables[0]) == sorted(rows), first
            months += 1
        unpaid += none
    assert months == 20


def spent_of(available: Decimal, spent: Decimal) -> list[str]:
    """The share that is spent, and its bar; of nothing, all is spent with the first call."""
    share = 100 * spent / available if available > 0 else Decimal(100 if spent else 0)
    return [f"{float(share):.0f} % {min(Decimal(100), share):.1f}%"]


# Reports


@pytest.mark.parametrize("unit", SPANS)
def test_reports_of_calls(office: Office, unit: str) -> None:
    first, last = SPANS[unit]
    calls = between(office.company.calls, first, last)
    sums, below = report(office.console, "department", unit, first, last)
    none = "no department"
    assert_adds_up([HEADINGS, *sums], calls, lambda call: call.department or none, lambda call: call.class_)
    owned: dict[str, list[TrueCall]] = defaultdict(list)
    for call in calls:
        if call.department:
            owned[call.department].append(call)
            owned["公司"].append(call)
    assert {row[0]: figures(row) for row in below} == {name: truth(some) for name, some in owned.items()}
    (sums,) = report(office.console, "person", unit, first, last)
    nobody = "nobody named"
    assert_adds_up([HEADINGS, *sums], calls, lambda call: call.department or none, lambda call: call.person or nobody)
    (sums,) = report(office.console, "trunk", unit, first, last)
    trunk = {"internal": "no trunk"}
    assert_adds_up([HEADINGS, *sums], calls, lambda call: trunk.get(call.direction, "01"), lambda call: call.direction)
    ranges, carriers = report(office.console, "number", unit, first, last)
    assert {(row[0], row[1]): figures(row) for row in ranges if row[1] != "026"} == by_range(calls)
    through = [call for call in calls if call.carrier]
    assert_adds_up([HEADINGS, *carriers], through, lambda call: str(call.carrier), lambda call: call.class_)


@pytest.mark.parametrize("unit", SPANS)
def test_reports_of_budgets(office: Office, unit: str) -> None:
    first, last = SPANS[unit] if unit != "span" else (dt.date(2024, 2, 1), dt.date(2025, 9, 30))
    calls = office.company.calls
    within = [some for begin, _, some in budgeted(calls, FIRST, last) if begin >= first]
    expected = []
    for owner in within[0]:
        each = [some[owner] for some in within]
        lapsed, credit, top_ups, approved, spent, charged, deducted = (
            sum(column, ZERO) for column in zip(*(one[1:] for one in each), strict=True)
        )
        ends = each[-1].closing
        scope, name = owner.split(":")
        moved = (each[0].opening, lapsed, credit, top_ups, approved, spent, charged, deducted, ends, max(ZERO, -ends))
        expected.append([scope, name, *amounts(*moved), CURRENCY])
    unpaid = [call for call in calls if call.at.date() <= last and not paying(call)]
    now, all_of_them = cost(between(unpaid, first, last)), cost(unpaid)
    moved = (now - all_of_them, ZERO, ZERO, ZERO, ZERO, now, ZERO, ZERO, -all_of_them, all_of_them)
    expected.append([say("report.scope.none"), "", *amounts(*moved), ""])
    (found,) = report(office.console, "budgets", unit, first, last)
    assert sorted(found) == sorted(expected)


# Carrier's bills


@pytest.mark.parametrize("unit", SPANS)
def test_bills(office: Office, unit: str) -> None:
    calls = [call for call in between(office.company.calls, *SPANS[unit]) if call.direction == "outgoing"]
    bill = PlantedBill.of(calls, random.Random(unit))
    folder = office.config.path.parent
    bill.write(folder)
    sent, mapping = ((folder / name).read_bytes() for name in ("bill.csv", "mapping.toml"))
    number = asyncio.run(comparing.compare(office.console, office.console.doors, sent, f"{unit}.csv", mapping, "me"))
    expected = list(lines_of(bill))
    with reading(office.config.site.data) as db:
        at = next(one.at for one in bills.bills(db) if one.id == number)
    compared = f"{dt.datetime.fromtimestamp(at, ZONE):%Y-%m-%d %H:%M}"
    billed, ours = (sum((Decimal(row[place] or 0) for row in expected), ZERO) for place in (5, 8))
    differing = sum(row[0] != "the same" for row in expected)
    of_all = [f"{unit}.csv", compared, "me", count(len(expected)), count(differing), money(billed), money(ours)]
    found = drawn(lambda: BillsView(office.console, VIEWER), None)
    assert found.tiles == []
    assert found.tables[0][0] == of_all
    rows: list[list[str]] = []
    while len(rows) < len(expected):
        page = drawn(
            lambda: BillView(office.console, VIEWER, number, OfBill("", len(rows) // ON_A_PAGE)),  # noqa: B023
            None,
        )
        assert page.tiles == [tile(result, expected) for result in RESULTS]
        assert page.rest == [f"{compared} · me", say("console.bill.drift", least="+20", most="+20")]
        rows += page.tables[0]
    assert sorted(rows) == sorted(expected)


RESULTS = ("amount differs", "only on the bill", "only ours", "the same")


def tile(result: str, expected: list[list[str]]) -> list[str]:
    rows = [row for row in expected if row[0] == result]
    billed, ours = (sum((Decimal(row[place] or 0) for row in rows), ZERO) for place in (5, 8))
    return [result, count(len(rows)), f"billed {billed:,.2f} · our cost {ours:,.2f}"]


def lines_of(bill: PlantedBill) -> Iterable[list[str]]:
    """Result, row, number, begin, duration and amount on the bill; begin, duration and cost of ours; the difference."""
    row = 1
    for call in bill.billed:
        number = call.number[1:].removeprefix(call.carrier or "")
        ours = [f"{call.at:%Y-%m-%d %H:%M:%S}", duration(call.talk_s), money(call.cost or ZERO)]
        if call in bill.missing:
            yield ["only ours", "", number.lstrip("0"), "", "", "", *ours, ""]
            continue
        row += 1
        theirs = f"{call.at + dt.timedelta(seconds=20):%Y-%m-%d %H:%M:%S}", duration(call.talk_s)
        more = bill.amount(call) - (call.cost or ZERO)
        result = "amount differs" if more else "the same"
        yield [result, str(row), number, *theirs, f"{bill.amount(call)}", *ours, f"{more:.2f}"]
    for at in bill.extra:
        row += 1
        began = f"{at:%Y-%m-%d %H:%M:%S}"
        yield ["only on the bill", str(row), "13900000000", began, "1:00", "0.22", "", "", "", ""]


# Lines


def test_lines(office: Office) -> None:
    sent = (office.config.path.parent / "calls.log").stat().st_size
    found = drawn(lambda: LinesView(office.console, VIEWER), "_refresh")
    calls = len(office.company.calls)
    rejected = sum(len(line) + 2 for _, line in office.rejected)
    headings, blanks = len(HEADING) * office.headings, 2 * office.blanks
    records = sent - rejected - headings - blanks
    received = f"{NOW:%Y-%m-%d %H:%M:%S}"
    assert records == calls * 82
    kinds = ((office.headings, "heading", headings), (office.blanks, "blank", blanks))
    noise = "; ".join(f"{lines} × {say(f'noise.{kind}')} ({count(size)} bytes)" for lines, kind, size in kinds)  # noqa: RUF001
    assert found.rest == [
        say("console.alarms_note", count=20),
        "pbx1",
        f"file:{office.config.path.parent / 'calls.log'}",
        received,
        count(calls),
        count(calls),
        count(len(office.rejected)),
        f"{count(sent)} bytes received",
        f"{count(records)} in records",
        f"{count(rejected)} rejected",
        f"{count(headings + blanks)} noise",
        "0 pending",
        f"Noise: {noise}",
        say("console.rejected_note", count=50),
    ]
    assert found.tiles == []
    (table,) = found.tables
    assert [(row[0], row[2]) for row in table] == [
        (f"{received}pbx1 @ {count(offset)}Explain", line.decode()) for offset, line in reversed(office.rejected)
    ]
