"""Fourteen months of a company judged: every violation, its amount and what was saved are those of the truth."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from company import CONFIG, FIRST, LAST, TABLES, Company, TrueCall, holder, line, price
from recount import collected, judge

from collector.commands.violations import listed
from collector.office import approvals
from collector.office.approvals import Application
from collector.store.office_db import writing

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from collector.commands.violations import Entry

ZONE = ZoneInfo("Asia/Shanghai")
HOUR = dt.timedelta(hours=1)
DUTY = ("100", "123")
RULES = """
[rules]
duty_extensions = ["100", "123"]
missed_allowance = "80"
fraud_night_calls = 4
fraud_short_calls = 3
"""
OFF = {  # days off by the State Council, in the week; and days of the weekend that are worked
    *(dt.date(2025, 1, day) for day in (1, 28, 29, 30, 31)),
    *(dt.date(2025, 2, day) for day in (3, 4)),
    dt.date(2025, 4, 4),
    *(dt.date(2025, 5, day) for day in (1, 2, 5)),
    dt.date(2025, 6, 2),
    *(dt.date(2025, 10, day) for day in (1, 2, 3, 6, 7, 8)),
    *(dt.date(2026, 1, day) for day in (1, 2)),
    *(dt.date(2026, 2, day) for day in (16, 17, 18, 19, 20, 23)),
}
MADE_UP = {
    dt.date(2025, 1, 26),
    dt.date(2025, 2, 8),
    dt.date(2025, 4, 27),
    dt.date(2025, 9, 28),
    dt.date(2025, 10, 11),
    dt.date(2026, 1, 4),
    dt.date(2026, 2, 14),
    dt.date(2026, 2, 28),
}
APPLIED = {  # days of 112's applications, and how many days after them they were approved; None: never
    dt.date(2025, 1, 1) + dt.timedelta(days=number): (None, 0, 3, 4)[number % 4] for number in range(0, 424, 3)
}

Found = dict[tuple[str, str, str, dt.datetime], Decimal | None]
"""By rule, phone, number and begin: an amount, or what was saved."""


def is_worked(at: dt.datetime) -> bool:
    day = at.date()
    worked = day in MADE_UP or (day.weekday() < 5 and day not in OFF)
    return worked and dt.time(8, 30) <= at.time() < dt.time(17, 30)


def made(start: str | dt.datetime, extension: str, number: str, class_: str, talk_s: int) -> TrueCall:
    at = dt.datetime.fromisoformat(str(start))
    owner, cost = holder(extension, at.date()), price(class_, None, talk_s, at.date())
    return TrueCall(
        at, extension, number, "outgoing", class_, None, talk_s, None, answered=True, owner=owner, cost=cost
    )


class Judged:
    """The company's calls with those that are planted, and what the rules say of them, in words made code."""

    def __init__(self) -> None:
        calls = Company().calls
        self.missed = [call for call in calls if call.direction == "incoming" and not call.answered]
        self.returned: set[TrueCall] = set()
        backs = []
        for number, call in enumerate(self.missed):
            if number % 3 == 0:
                after = (dt.timedelta(minutes=60), dt.timedelta(minutes=61))[number % 2]
                backs.append(made(call.at + after, "101", f"9{call.number}", "domestic", 30))
                if after <= HOUR:
                    self.returned.add(call)
        paris = [
            made(f"2025-{month:02}-03 11:00", "101", f"900331{month:08}", "international", 60)
            for month in (1, 6, 7, 12)
        ]
        self.paris = paris[1], paris[3]
        self.calls = sorted((*calls, *backs, *paris), key=lambda call: call.at)
        self.out = [call for call in self.calls if call.direction == "outgoing"]

    def ungranted(self) -> list[TrueCall]:
        return [call for call in self.out if call.extension == "112" and call.class_ in ("domestic", "international")]

    def many(self, calls: Iterable[TrueCall], least: int, earlier: dt.timedelta) -> list[TrueCall]:
        groups: dict[tuple[str, dt.date], list[TrueCall]] = defaultdict(list)
        for call in calls:
            groups[call.extension, (call.at - earlier).date()].append(call)
        return [min(group, key=lambda call: call.at) for group in groups.values() if len(group) >= least]

    def truth(self) -> dict[str, Counter[tuple[str, str, dt.datetime, Decimal | None]]]:
        zero = Decimal(0)
        night = [call for call in self.out if call.at.hour >= 22 or call.at.hour < 6]
        ungranted = self.ungranted()
        late = [call for call in ungranted if APPLIED.get(call.at.date(), 99) in (None, 4, 99)]
        never = [call for call in late if APPLIED.get(call.at.date()) is None]
        fines = {"domestic": Decimal(50), "international": Decimal(500)}
        return {
            "off-hours": told(
                (call, call.cost) for call in self.out if not is_worked(call.at) and call.extension not in DUTY
            ),
            "premium": told((call, call.cost) for call in self.out if call.class_ == "premium"),
            "ip-prefix": told(
                (call, saved(call))
                for call in self.out
                if call.class_ in ("domestic", "international") and not call.carrier
            ),
            "approval": told((call, 2 * (call.cost or zero)) for call in late),
            "fine": told((call, fines[call.class_]) for call in never),
            "missed": told(self.allowances()),
            "fraud-night": told((call, zero) for call in self.many(night, 4, 6 * HOUR)),
            "fraud-short": told(
                (call, zero) for call in self.many((c for c in self.out if c.talk_s <= 10), 3, 0 * HOUR)
            ),
            "fraud-country": told((call, zero) for call in self.paris),
        }

    def allowances(self) -> Iterable[tuple[TrueCall, Decimal]]:
        nth: Counter[tuple[str, int]] = Counter()
        for call in self.missed:
            if call not in self.returned and (is_worked(call.at) or call.extension in DUTY):
                nth[call.extension, call.at.year] += 1
                yield call, Decimal(800 if nth[call.extension, call.at.year] == 3 else 80)


def saved(call: TrueCall) -> Decimal | None:
    """What 17909 would have saved; abroad it has no price."""
    if call.class_ == "international" or call.cost is None:
        return None
    return call.cost - Decimal("0.30") * -(-call.talk_s // 60)


def told(calls: Iterable[tuple[TrueCall, Decimal | None]]) -> Counter[tuple[str, str, dt.datetime, Decimal | None]]:
    return Counter((call.extension, call.number, call.at, amount) for call, amount in calls)


@pytest.fixture(scope="module")
def truth() -> Judged:
    return Judged()


@pytest.fixture(scope="module")
def entries(truth: Judged, tmp_path_factory: pytest.TempPathFactory) -> list[Entry]:
    folder: Path = tmp_path_factory.mktemp("judged")
    for name, text in TABLES.items():
        (folder / name).write_text(text, encoding="utf-8")
    header, *rows = TABLES["directory.csv"].splitlines()
    granted = [row + (",local mobile premium" if row.startswith("112") else ",") for row in rows]
    (folder / "directory.csv").write_text("\n".join([f"{header},may_call", *granted]), encoding="utf-8")
    (folder / "smdr.toml").write_text(CONFIG + RULES, encoding="utf-8")
    (folder / "calls.log").write_bytes("".join(map(line, truth.calls)).encode())
    config = collected(folder)
    with writing(config.site.data) as db:
        for day, after in APPLIED.items():
            asked = Application("工程部", "郑七", "112", "", "上海", "交易会", "展位", day, day)
            number = approvals.file(db, asked, "郑七")
            if after is not None:
                at = dt.datetime.combine(day + dt.timedelta(days=after), dt.time(23, 59), ZONE).timestamp()
                db.execute("INSERT INTO decisions VALUES (?, ?, '赵总', 1, '')", (number, at))
    judge(config, FIRST, LAST, dt.datetime(2026, 3, 10, tzinfo=ZONE).timestamp())
    return listed(config, FIRST, LAST)


@pytest.mark.parametrize(
    "rule",
    ["off-hours", "premium", "ip-prefix", "approval", "fine", "missed", "fraud-night", "fraud-short", "fraud-country"],
)  # fmt: skip
def test_the_violations_are_the_true_ones(truth: Judged, entries: list[Entry], rule: str) -> None:
    found = Counter(
        (
            entry.kept.violation.extension,
            entry.kept.violation.number,
            dt.datetime.fromtimestamp(entry.kept.violation.at, ZONE).replace(tzinfo=None),
            entry.kept.violation.saved if rule == "ip-prefix" else entry.amount,
        )
        for entry in entries
        if entry.kept.violation.rule == rule
    )
    assert found == truth.truth()[rule]
    assert found


def test_each_is_that_of_who_held_the_phone_then(entries: list[Entry]) -> None:
    for entry in entries:
        one = entry.kept.violation
        day = dt.datetime.fromtimestamp(one.at, ZONE).date()
        assert (one.department, one.person) == holder(one.extension, day)


def test_no_other_rule_is_broken(truth: Judged, entries: list[Entry]) -> None:
    assert {entry.kept.violation.rule for entry in entries} == set(truth.truth())
