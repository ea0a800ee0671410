"""Fourteen months of a company: every amount and count is the true one."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter, defaultdict
from contextlib import closing
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from company import FIRST, LAST, Company
from recount import PlantedBill, budgeted, collected, months, unbudgeted

from collector.accounting.budgets.statements import statements
from collector.commands import budgets, desk, office, reconciling
from collector.commands.rating import rerate
from collector.office import approvals, deposits
from collector.office.approvals import Application
from collector.store.database import open_reader
from collector.store.office_db import reading, writing

if TYPE_CHECKING:
    from collections.abc import Callable

    from company import TrueCall

    from collector.config import Config

ZONE = ZoneInfo("Asia/Shanghai")
ZERO = Decimal(0)


@pytest.fixture(scope="module")
def company() -> Company:
    return Company()


@pytest.fixture(scope="module")
def site(company: Company, tmp_path_factory: pytest.TempPathFactory) -> Config:
    folder = tmp_path_factory.mktemp("company")
    company.write(folder)
    return collected(folder)


def asked(site: Config, query: str) -> list[tuple]:  # type: ignore[type-arg]
    with closing(open_reader(site.site.data / "calls.db")) as db:
        return db.execute(query).fetchall()


def counted(calls: list[TrueCall], key: Callable[[TrueCall], object]) -> dict[object, tuple[int, int, Decimal]]:
    """Calls, seconds of talk and cost by something."""
    sums: dict[object, tuple[int, int, Decimal]] = defaultdict(lambda: (0, 0, ZERO))
    for call in calls:
        count, talk_s, cost = sums[key(call)]
        sums[key(call)] = (count + 1, talk_s + call.talk_s, cost + (call.cost or 0))
    return dict(sums)


def stored(site: Config, *columns: str) -> dict[object, tuple[int, int, Decimal]]:
    """The same of what is stored; a ``month`` is that of the site's calendar."""
    sums: dict[object, tuple[int, int, Decimal]] = defaultdict(lambda: (0, 0, ZERO))
    for start, talk, cost, *names in asked(site, f"SELECT start, talk_s, cost, {', '.join(columns)} FROM calls"):
        key = (f"{dt.datetime.fromtimestamp(start, ZONE):%Y-%m}", *names)
        count, talk_s, amount = sums[key]
        sums[key] = (count + 1, talk_s + (talk or 0), amount + Decimal(cost or 0))
    return dict(sums)


def test_each_department_and_person_is_charged_for_what_was_theirs_then(company: Company, site: Config) -> None:
    truth = counted(company.calls, lambda call: (call.month, call.department or None, call.person or None))
    assert stored(site, "department", "person") == truth
    moved = [call for call in company.calls if call.extension == "104"]
    assert {call.department for call in moved} == {"销售部", "工程部"}


def test_classes_and_carrier_prefixes_add_up_each_month(company: Company, site: Config) -> None:
    truth = counted(company.calls, lambda call: (call.month, call.direction, call.class_, call.carrier))
    assert stored(site, "direction", "class", "carrier") == truth
    assert {call.class_ for call in company.calls} == {
        "local", "mobile", "domestic", "international", "premium", "internal"
    }  # fmt: skip


def test_missed_and_internal_calls_are_told_apart(company: Company, site: Config) -> None:
    truth = Counter((call.month, call.direction, call.answered) for call in company.calls)
    found = {
        (month, direction, outcome != "unanswered"): count
        for (month, direction, outcome), (count, _, _) in stored(site, "direction", "outcome").items()  # type: ignore[misc]
    }
    assert found == truth


def test_budgets_are_those_of_a_count_month_by_month(company: Company, site: Config) -> None:
    ledger = budgets.ledger(site, LAST)
    for first, last, expected in budgeted(company.calls, FIRST, LAST):
        found = {f"{one.owner.scope}:{one.owner.name}": one for one in statements(ledger, first, last)}
        for owner, truth in expected.items():
            assert found[owner][2:] == truth, (first, owner)
        none = [one.spent for name, one in found.items() if name not in expected]
        assert sum(none, ZERO) == unbudgeted(company.calls, first)


def test_operators_rates_are_those_of_their_shifts(company: Company, site: Config) -> None:
    for first in months(FIRST, LAST):
        last = (first + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1)
        found = desk.performance(site, first, last)
        for operator, is_day in (("Guan", True), ("Hua", False)):
            own = [
                call
                for call in company.calls
                if call.month == f"{first:%Y-%m}"
                and (call.direction, call.extension) == ("incoming", "100")
                and (8 <= call.at.hour < 20) == is_day
            ]
            work = found[operator, "day" if is_day else "night"]
            assert work.calls == len(own)
            assert work.answered == sum(call.answered for call in own)
            assert work.in_time == sum(call.answered and call.ring_s is not None and call.ring_s <= 15 for call in own)


def test_a_bill_with_planted_differences_gives_just_those(company: Company, site: Config) -> None:
    billed = [call for call in company.calls if call.direction == "outgoing" and call.month == "2025-09"]
    bill = PlantedBill.of(billed, random.Random(9))
    bill.write(site.path.parent)
    span = (dt.date(2025, 9, 1), dt.date(2025, 9, 30))
    found = reconciling.compare(site, site.path.parent / "bill.csv", site.path.parent / "mapping.toml", span)
    assert len(found.only_ours) == len(bill.missing)
    assert {call.number for call in found.only_theirs} == {"13900000000"}
    assert len(found.only_theirs) == len(bill.extra)
    assert [pair.difference() for pair in found.amounts_differ] == [Decimal("0.50")] * len(bill.dearer)
    assert len(found.same) == len(billed) - len(bill.missing) - len(bill.dearer)


def test_applications_stand_as_the_three_day_rule_says(company: Company, site: Config) -> None:
    abroad = [call for call in company.calls if call.class_ == "international" and call.person == "李二"][:4]
    for call in abroad:
        asked_for = Application("销售部", "李二", "", "", "伦敦", "客户", "订货", call.at.date(), call.at.date())
        office.apply(site, asked_for, "李二")
    with writing(site.site.data) as db:
        numbers = [one.id for one in approvals.filed(db)]
        delays = (dt.timedelta(days=-1), dt.timedelta(days=3), dt.timedelta(days=4), None)
        for number, call, delay in zip(numbers, abroad, delays, strict=True):
            if delay is not None:
                decided = dt.datetime.combine(call.at.date() + delay, dt.time(12), ZONE).timestamp()
                db.execute("INSERT INTO decisions VALUES (?, ?, '赵总', 1, '')", (number, decided))
    keys = asked(
        site, "SELECT source, offset FROM calls WHERE class = 'international' AND person = '李二' ORDER BY start"
    )[:4]
    now = dt.datetime(2026, 3, 1, tzinfo=ZONE).timestamp()
    with reading(site.site.data) as db:
        filed = approvals.filed(db)
    standings = [approvals.standing(office.call_at(site, *key), filed, 3, ZONE, now) for key in keys]
    assert standings == ["approved", "in time", "late", "none"]


def test_a_visitors_deposit_pays_for_his_calls_and_the_rest_is_given_back(company: Company, site: Config) -> None:
    chosen = asked(
        site, "SELECT source, offset FROM calls WHERE class = 'mobile' AND extension = '123' ORDER BY start"
    )[:5]
    truth = [call for call in company.calls if (call.class_, call.extension) == ("mobile", "123")][:5]
    with writing(site.site.data) as db:
        deposit = deposits.take(db, "访客", "港务局", "", Decimal(50), "CNY", "前台")
    for source, offset in chosen:
        call = office.call_at(site, source, offset)
        office.write_receipt(site, call, amount=None, currency="CNY", payer="", deposit=deposit, by="前台")
    with writing(site.site.data) as db:
        settled = deposits.settle(db, deposit, "前台")
    assert settled.spent == sum((call.cost or ZERO) for call in truth)
    assert settled.refunded == 50 - settled.spent


def test_rating_anew_with_the_same_tables_changes_nothing(site: Config) -> None:
    begin, end = (dt.datetime.combine(day, dt.time(), ZONE).timestamp() for day in (FIRST, LAST + dt.timedelta(days=1)))
    changed = rerate(site, begin, end)
    assert sum(month.calls for month in changed.values()) == len(asked(site, "SELECT 1 FROM calls"))
    assert sum(month.changed for month in changed.values()) == 0
