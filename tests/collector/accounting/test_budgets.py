"""The table of budgets, and the ledger that is made of it."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector.accounting.budgets.ledger import NOBODY, Adjustment, Charge, Cost, Ledger, Member, Owner, ledger_of
from collector.accounting.budgets.statements import month_of, statements, warnings
from collector.accounting.budgets.table import Budget, load_budgets
from collector.problems import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

HEADING = "scope,name,amount,per,currency,credit_day,carry_over,warn,over,from,until\n"
SALES, LI, DUTY = Owner("department", "Sales"), Owner("person", "Li"), Owner("phone", "138")


class Company:
    """Sales has two members and a shop with one more; Li is a manager from February on."""

    def members(self, day: dt.date) -> Sequence[Member]:
        post = "manager" if day >= dt.date(2026, 2, 1) else ""
        return [Member("Wang", "Sales"), Member("Li", "Sales", post), Member("Zhao", "Shop")]

    def above(self, department: str, day: dt.date) -> Sequence[str]:  # noqa: ARG002  (it never moves)
        return ("Sales",) if department == "Shop" else ()


def table(tmp_path: Path, *rows: str) -> tuple[Budget, ...]:
    file = tmp_path / "budgets.csv"
    file.write_text(HEADING + "\n".join(rows) + "\n", encoding="utf-8")
    return load_budgets(file)


def cost(day: str, amount: str, extension: str = "109", department: str = "Sales", person: str = "Wang") -> Cost:
    return Cost(dt.date.fromisoformat(day), extension, department, person, Decimal(amount))


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def figures(ledger: Ledger, owner: Owner, month: str) -> dict[str, Decimal]:
    found = next(s for s in statements(ledger, *month_of(day(f"{month}-01"))) if s.owner == owner)
    names = ("opening", "lapsed", "credit", "top_ups", "approved", "spent", "charged", "deducted", "closing")
    return {name: getattr(found, name) for name in names if getattr(found, name)}


def test_a_department_is_credited_by_heads_that_have_no_budget_of_their_own(tmp_path: Path) -> None:
    budgets = table(
        tmp_path,
        "department,Sales,30,head,,1,yes,,deduct,2026-01-01,",
        "post,manager,50,fixed,,1,yes,,deduct,2026-01-01,",
    )
    ledger = ledger_of(budgets, Company(), [], [], day("2026-02-28"))
    assert figures(ledger, SALES, "2026-01") == {"credit": 90, "closing": 90}
    assert figures(ledger, SALES, "2026-02") == {"opening": 90, "credit": 60, "closing": 150}
    assert figures(ledger, LI, "2026-02") == {"credit": 50, "closing": 50}


def test_a_call_is_paid_by_the_phone_then_the_person_then_the_nearest_department(tmp_path: Path) -> None:
    budgets = table(
        tmp_path,
        "phone,138,50,fixed,,1,yes,,deduct,2026-01-01,",
        "person,Li,50,fixed,,1,yes,,deduct,2026-01-01,",
        "department,Sales,30,fixed,,1,yes,,deduct,2026-01-01,",
    )
    costs = [
        cost("2026-01-02", "1.5", extension="138", person="Li"),
        cost("2026-01-02", "2", person="Li"),
        cost("2026-01-02", "4", department="Shop", person="Zhao"),
        cost("2026-01-02", "8", department="Lab", person="Qian"),
    ]
    ledger = ledger_of(budgets, Company(), costs, [], day("2026-01-31"))
    spent = {s.owner: s.spent for s in statements(ledger, day("2026-01-01"), day("2026-01-31"))}
    assert spent == {DUTY: Decimal("1.5"), LI: 2, SALES: 4, NOBODY: 8}


@pytest.mark.parametrize(("carry_over", "kept"), [("yes", 30), ("no", 0), ("", 0), ("12.5", Decimal("12.5"))])
def test_what_is_left_is_carried_over_as_the_table_says(tmp_path: Path, carry_over: str, kept: Decimal) -> None:
    budgets = table(tmp_path, f"phone,138,30,fixed,,5,{carry_over},,deduct,2026-01-01,")
    ledger = ledger_of(budgets, Company(), [], [], day("2026-02-28"))
    february = figures(ledger, DUTY, "2026-02")
    assert february["opening"] - february.get("lapsed", 0) == kept
    assert february["closing"] == kept + 30


def test_it_is_credited_on_its_day_and_what_was_left_serves_until_then(tmp_path: Path) -> None:
    budgets = table(tmp_path, "phone,138,30,fixed,,5,no,,deduct,2026-01-01,")
    costs = [cost("2026-02-04", "10", extension="138"), cost("2026-02-05", "1", extension="138")]
    ledger = ledger_of(budgets, Company(), costs, [], day("2026-02-28"))
    credited = [posting.day for posting in ledger.postings if posting.giver == "granted"]
    assert credited == [day("2026-01-05"), day("2026-02-05")]
    assert figures(ledger, DUTY, "2026-02") == {"opening": 30, "spent": 11, "lapsed": 20, "credit": 30, "closing": 29}


def test_a_budget_that_begins_after_its_credit_day_is_credited_on_its_first(tmp_path: Path) -> None:
    budgets = table(tmp_path, "phone,138,30,fixed,,5,no,,deduct,2026-01-20,")
    ledger = ledger_of(budgets, Company(), [], [], day("2026-01-31"))
    assert [(p.day, p.amount) for p in ledger.postings] == [(day("2026-01-20"), 30)]


def test_what_is_over_is_deducted_at_the_end_of_the_month(tmp_path: Path) -> None:
    budgets = table(tmp_path, "phone,138,30,fixed,,1,yes,,deduct,2026-01-01,")
    costs = [cost("2026-01-10", "37.25", extension="138")]
    early = ledger_of(budgets, Company(), costs, [], day("2026-01-30"))
    assert figures(early, DUTY, "2026-01")["closing"] == Decimal("-7.25")
    ledger = ledger_of(budgets, Company(), costs, [], day("2026-01-31"))
    assert figures(ledger, DUTY, "2026-01") == {"credit": 30, "spent": Decimal("37.25"), "deducted": Decimal("7.25")}


def test_what_is_over_waits_for_approval_and_is_deducted_with_the_year(tmp_path: Path) -> None:
    budgets = table(tmp_path, "phone,138,30,fixed,,1,yes,,approve,2026-11-01,")
    costs = [cost("2026-12-10", "75", extension="138")]
    approved = [Adjustment(day("2026-12-20"), "approved", "phone", "138", Decimal(5), "Chief", "fair")]
    before = ledger_of(budgets, Company(), costs, approved, day("2026-12-30"))
    assert figures(before, DUTY, "2026-12")["closing"] == -10
    ledger = ledger_of(budgets, Company(), costs, approved, day("2026-12-31"))
    assert figures(ledger, DUTY, "2026-12") == {
        "opening": 30, "credit": 30, "approved": 5, "spent": 75, "deducted": 10
    }  # fmt: skip


def test_what_is_kept_until_the_end_of_the_year_lapses_then(tmp_path: Path) -> None:
    budgets = table(tmp_path, "phone,138,30,fixed,,1,year,,deduct,2026-11-01,")
    ledger = ledger_of(budgets, Company(), [], [], day("2027-01-31"))
    assert figures(ledger, DUTY, "2026-12") == {"opening": 30, "credit": 30, "lapsed": 60}
    assert figures(ledger, DUTY, "2027-01") == {"credit": 30, "closing": 30}


def test_a_top_up_counts_from_its_day(tmp_path: Path) -> None:
    budgets = table(tmp_path, "phone,138,30,fixed,,1,yes,,deduct,2026-01-01,")
    added = [Adjustment(day("2026-01-15"), "top-up", "phone", "138", Decimal("20.5"), "Office", "fair")]
    assert "top_ups" not in figures(ledger_of(budgets, Company(), [], added, day("2026-01-14")), DUTY, "2026-01")
    ledger = ledger_of(budgets, Company(), [], added, day("2026-01-15"))
    assert figures(ledger, DUTY, "2026-01") == {"credit": 30, "top_ups": Decimal("20.5"), "closing": Decimal("50.5")}


def test_a_budget_that_ends_leaves_nothing(tmp_path: Path) -> None:
    budgets = table(tmp_path, "phone,138,30,fixed,,1,yes,,approve,2026-01-01,2026-01-31")
    ledger = ledger_of(budgets, Company(), [], [], day("2026-02-01"))
    assert figures(ledger, DUTY, "2026-02") == {"opening": 30, "lapsed": 30}
    over = ledger_of(budgets, Company(), [cost("2026-01-09", "31", extension="138")], [], day("2026-02-01"))
    assert figures(over, DUTY, "2026-02") == {"opening": -1, "deducted": 1}


def test_a_budget_changes_with_the_row_in_force(tmp_path: Path) -> None:
    budgets = table(
        tmp_path,
        "phone,138,30,fixed,,1,yes,,deduct,2026-01-01,2026-01-31",
        "phone,138,40,fixed,,1,yes,,deduct,2026-02-01,",
    )
    ledger = ledger_of(budgets, Company(), [], [], day("2026-02-28"))
    assert figures(ledger, DUTY, "2026-02") == {"opening": 30, "credit": 40, "closing": 70}


def test_shares_are_reached_once_the_credit_is_there(tmp_path: Path) -> None:
    budgets = table(tmp_path, "phone,138,30,fixed,,5,no,80 100,deduct,2026-01-01,")
    costs = [cost(f"2026-02-{on}", spent, extension="138") for on, spent in (("02", "29"), ("10", "19"), ("12", "12"))]

    def reached(today: str) -> list[str]:
        return [one.share for one in warnings(ledger_of(budgets, Company(), costs, [], day(today)), day(today))]

    assert reached("2026-02-04") == []
    assert reached("2026-02-05") == []  # 29 of 59: what was left until then counts
    assert reached("2026-02-10") == ["80"]
    assert reached("2026-02-12") == ["80", "100", "over"]


def test_money_is_neither_made_nor_lost_and_order_does_not_matter(tmp_path: Path) -> None:
    chance = random.Random(7)
    budgets = table(
        tmp_path,
        "department,Sales,30,head,,3,yes,,deduct,2025-06-01,",
        "post,manager,50,fixed,,1,20,,approve,2026-01-01,",
        "phone,138,50,fixed,,5,year,,deduct,2025-10-01,2026-03-31",
    )
    costs = [
        Cost(
            dt.date(2025, 6, 1) + dt.timedelta(chance.randrange(400)),
            chance.choice(["109", "138"]),
            chance.choice(["Sales", "Shop", "Lab"]),
            chance.choice(["Wang", "Li", ""]),
            Decimal(chance.randrange(1, 9_000)) / 1000,
        )
        for _ in range(2000)
    ]
    ledger = ledger_of(budgets, Company(), costs, [], day("2026-07-31"))
    assert ledger.proves()
    whole = statements(ledger, day("2025-06-01"), day("2026-07-31"))
    assert sum(statement.spent for statement in whole) == sum(one.amount for one in costs)
    assert all(statement.closing == ledger.allowance(statement.owner) for statement in whole)
    chance.shuffle(costs)
    assert ledger_of(budgets, Company(), costs, [], day("2026-07-31")).postings == ledger.postings


def charge(on: str, amount: str, *, of: str = "", person: str = "Wang", department: str = "Sales") -> Charge:
    return Charge(day(on), day(of or on), "109", department, person, Decimal(amount), "fine")


def test_a_charge_is_the_persons_else_the_departments_and_what_is_over_is_deducted(tmp_path: Path) -> None:
    budgets = table(
        tmp_path, "person,Wang,30,,,1,yes,,deduct,2026-01-01,", "department,Sales,90,,,1,yes,,deduct,2026-01-01,"
    )
    charges = [charge("2026-01-09", "50"), charge("2026-01-10", "20", person="Zhao", department="Shop")]
    ledger = ledger_of(budgets, Company(), [], [], day("2026-01-31"), charges)
    wang = figures(ledger, Owner("person", "Wang"), "2026-01")
    assert wang == {"credit": 30, "charged": 50, "deducted": 20}
    assert figures(ledger, SALES, "2026-01") == {"credit": 90, "charged": 20, "closing": 70}
    assert ledger.proves()


def test_a_waived_charge_goes_back_to_whom_it_came_from(tmp_path: Path) -> None:
    budgets = table(
        tmp_path,
        "department,Sales,90,,,1,yes,,deduct,2026-01-01,",
        "person,Wang,30,,,1,yes,,deduct,2026-02-01,",  # who had none of his own when he was charged
    )
    charges = [charge("2026-01-09", "50"), charge("2026-02-09", "-50", of="2026-01-09")]
    ledger = ledger_of(budgets, Company(), [], [], day("2026-02-28"), charges)
    assert figures(ledger, SALES, "2026-01") == {"credit": 90, "charged": 50, "closing": 40}
    assert figures(ledger, SALES, "2026-02") == {"opening": 40, "credit": 90, "charged": -50, "closing": 180}
    assert figures(ledger, Owner("person", "Wang"), "2026-02") == {"credit": 30, "closing": 30}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    made=st.lists(
        st.tuples(
            st.integers(0, 300),
            st.integers(0, 90) | st.none(),
            st.sampled_from(["Sales", "Shop", "Lab"]),
            st.sampled_from(["Wang", "Li", ""]),
            st.decimals("0.001", "500", places=3),
        ),
        max_size=30,
    ),
    spent=st.lists(st.tuples(st.integers(0, 300), st.decimals("0.001", "90", places=3)), max_size=30),
)
def test_whatever_is_charged_and_waived_the_ledger_proves(tmp_path: Path, made: list[Any], spent: list[Any]) -> None:
    budgets = table(
        tmp_path,
        "department,Sales,30,head,,3,yes,,deduct,2025-10-01,",
        "post,manager,50,fixed,,1,20,,approve,2026-01-01,",
        "person,Wang,50,fixed,,5,year,,deduct,2025-11-01,2026-03-31",
    )
    first = day("2025-09-15")
    charges = []
    for at, waived_after, department, person, amount in made:
        on = first + dt.timedelta(at)
        charges.append(Charge(on, on, "", department, person, amount, "fine"))
        if waived_after is not None:
            charges.append(charges[-1]._replace(day=on + dt.timedelta(waived_after), amount=-amount))
    costs = [cost(str(first + dt.timedelta(at)), str(amount)) for at, amount in spent]
    ledger = ledger_of(budgets, Company(), costs, [], day("2026-12-31"), charges)
    assert ledger.proves()
    whole = statements(ledger, first, day("2026-12-31"))
    assert sum(statement.charged for statement in whole) == sum(one.amount for one in charges)
    assert all(statement.closing == ledger.allowance(statement.owner) for statement in whole)
    fined = [one for one in ledger.postings if one.taker == "charged"]
    assert len(fined) == len(charges)  # each once


def test_a_ledger_that_was_tampered_with_does_not_prove() -> None:
    ledger = Ledger()
    ledger.post(day("2026-01-01"), DUTY, "granted", "allowance", Decimal(30), "")
    ledger.balances[DUTY, "allowance"] += 1
    assert not ledger.proves()


FAULTS = [
    ("office,Sales,30,,,,,,,2026-01-01,", '2:1: "office" is not known here'),
    ("phone,138,30,head,,,,,,2026-01-01,", "2:14: a phone has no heads to count"),
    ("phone,138,thirty,,,,,,,2026-01-01,", '2:11: "thirty" is not an amount'),
    ("phone,138,-30,,,,,,,2026-01-01,", "2:11: a budget is not less than nothing"),
    ("phone,138,30,,,31,,,,2026-01-01,", '2:16: "31" is not a day of every month'),
    ("phone,138,30,,,,perhaps,,,2026-01-01,", '2:17: "perhaps" says not what is carried over'),
    ("phone,138,30,,,,,80%,,2026-01-01,", '2:18: "80%" is not a share'),
    ("phone,138,30,,,,,,,2026-02-30,", '2:20: "2026-02-30" is not a day'),
    ("phone,138,30,,,,,,,2026-02-01,2026-01-01", '2:31: "until" is before "from"'),
    ("phone,138,30,,,,,,,2026-01-01,\nphone,138,30,,,,,,,2026-05-01,", '3:7: "138" has two budgets at a time'),
]


@pytest.mark.parametrize(("rows", "said"), FAULTS)
def test_a_fault_is_placed(tmp_path: Path, rows: str, said: str) -> None:
    with pytest.raises(ConfigError) as raised:
        table(tmp_path, rows)
    assert f"budgets.csv:{said}" in str(raised.value)
