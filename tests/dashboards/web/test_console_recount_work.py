"""Three years in which rules were broken on purpose: the pages of violations and of missed calls show what was planted.

What is drawn is compared whole, so that a figure that nobody counted here is a difference as well.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from decimal import Decimal
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from breaches import Breaches
from recount import ZERO, ZONE, apply_for, collected, judge, months
from recount_office import FIRST, NOW, SPANS, TODAY, VIEWER, console_of, drawn, report

from collector.commands import violations
from collector.office import misses
from collector.rules.names import RULES
from collector.store.office_db import writing
from dashboards.web import missed, recent_misses
from dashboards.web.figures import count, duration
from dashboards.web.violations import STATES, Choice, ViolationsView

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from breaches import Breach
    from company import TrueCall

LAST = dt.date(2025, 12, 31)
MINUTES = 60
"""In which a missed call is to be returned."""
DONE = {1: "explained", 2: "waived", 3: "charged"}
"""What was done about the first violations of each thirty."""
say = VIEWER.say


class Found(NamedTuple):
    """A violation as it has to be shown; ``nth``: of a missed call, how many it is of the person's month and year."""

    breach: Breach
    call: TrueCall
    state: str
    nth: str
    amount: Decimal

    @property
    def rule(self) -> str:
        return self.breach.rule


class Office(NamedTuple):
    """The company after its breaches were judged and somebody had decided about some."""

    console: Any
    calls: list[TrueCall]
    """In the order in which they were printed."""
    found: list[Found]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    folder = tmp_path_factory.mktemp("work")
    breaches = Breaches(first=FIRST, last=LAST)
    breaches.write(folder)
    config = collected(folder, NOW)
    apply_for(breaches.wishes, config)
    judge(config, FIRST, LAST, NOW.timestamp())
    planted = {(one.rule, one.at, one.extension): place for place, one in enumerate(breaches.truth)}
    assert len(planted) == len(breaches.truth)
    states = [DONE.get(place % 30, "open") for place in range(len(planted))]
    keys = {}
    for entry in violations.listed(config, FIRST, LAST):
        one = entry.kept.violation
        at = dt.datetime.fromtimestamp(one.at, ZONE).replace(tzinfo=None)
        keys[planted[one.rule, at, one.extension]] = one.key
    for state in STATES[1:]:  # what is waived first, for it does not count for what is charged then
        for place in (place for place, one in enumerate(states) if one == state):
            if state == "charged":
                violations.charge(config, keys[place], "me", "", None)
            else:
                violations.answer(config, keys[place], state, "me", "because")
    calls = sorted((call for call, _ in breaches.calls), key=lambda call: call.at)
    return Office(console_of(config), calls, list(decided(breaches.truth, states, calls)))


def decided(truth: list[Breach], states: list[str], calls: list[TrueCall]) -> Iterator[Found]:
    """Each violation with its state; a missed call takes the allowance of a month, the third of a year that of ten."""
    known = {(call.at, call.extension, call.direction == "incoming"): call for call in calls}
    counts: Counter[tuple[str, str]] = Counter()
    for breach, state in sorted(zip(truth, states, strict=True), key=lambda one: one[0].at):
        call = known[breach.at, breach.extension, breach.rule == "missed"]
        nth, amount = "", breach.amount
        if state == "waived":
            amount = ZERO
        elif breach.rule == "missed":
            month, year = (call.person, f"{call.at:%Y-%m}"), (call.person, f"{call.at:%Y}")
            counts.update((month, year))
            nth = f" {counts[month]}/{counts[year]}"
            amount = Decimal(1000 if counts[year] == 3 else 100)
        yield Found(breach, call, state, nth, amount)


def row(one: Found) -> list[str]:
    call = one.call
    return [
        f"{call.at:%Y-%m-%d %H:%M}",
        say(f"rule.{one.rule}") + one.nth,
        " · ".join(filter(None, (call.department, call.person, call.extension))),
        call.number,
        say(f"console.violation.{one.state}"),
        f"{one.amount:,.2f}",
        "Handle",
    ]


def assert_shows(office: Office, choice: Choice) -> int:
    """The page of a choice has these violations, each tile those of its rule; how many there are."""
    taken = [
        one
        for one in office.found
        if one.call.month == f"{choice.month:%Y-%m}"
        and choice.state in ("", one.state)
        and choice.department in ("", one.call.department)
        and choice.person in one.call.person
    ]
    expected = [one for one in taken if choice.rule in ("", one.rule)]
    tiles = []
    for rule in RULES:
        if some := [one for one in taken if one.rule == rule]:
            opened = sum(one.state == "open" for one in some)
            charged = sum((one.amount for one in some), ZERO)
            tiles.append([say(f"rule.{rule}"), count(len(some)), f"{charged:,.2f}", f"{opened} open"])
    shown = drawn(lambda: ViolationsView(office.console, VIEWER, choice))
    assert shown.tiles == tiles
    assert len(shown.tables) == 1
    assert sorted(shown.tables[0]) == sorted(map(row, expected))
    moments = [one[0] for one in shown.tables[0]]
    assert moments == sorted(moments, reverse=True)
    assert shown.rest == ([f"1 to {len(expected)} of {len(expected)}"] if expected else [])
    return len(expected)


def test_violations_of_every_month(office: Office) -> None:
    assert sum(assert_shows(office, Choice(month)) for month in months(FIRST, LAST)) == len(office.found)
    assert {one.state for one in office.found} == set(STATES)


@pytest.mark.parametrize("name", ["rule", "state", "department", "person"])
def test_violations_that_are_chosen(office: Office, name: str) -> None:
    values = {
        "rule": sorted({one.rule for one in office.found}),
        "state": STATES,
        "department": ("销售部", "工程部", "办公室"),
        "person": ("钱一", "孙四", "nobody"),
    }[name]
    for month in (dt.date(2023, 1, 1), dt.date(2024, 6, 1), dt.date(2025, 3, 1), LAST.replace(day=1)):
        for value in values:
            assert_shows(office, Choice.of({"month": f"{month:%Y-%m}", name: value}, TODAY))


@pytest.mark.parametrize("unit", SPANS)
def test_reports_of_violations(office: Office, unit: str) -> None:
    first, last = SPANS[unit]
    found = [one for one in office.found if first <= one.call.at.date() <= last]
    (shown,) = report(office.console, "violations", unit, first, last)
    expected = [
        [
            one.call.department, one.call.person, f"{one.call.at:%Y-%m-%d %H:%M:%S}", say(f"rule.{one.rule}"),
            one.call.extension, one.call.number, say(f"class.{one.call.class_}"),
            say(f"console.violation.{one.state}"), f"{one.amount:.2f}",
        ]
        for one in found
    ]  # fmt: skip
    sums: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for one in found:
        sums[one.call.department] += one.amount
    nothing = [""] * 6
    expected += [[department, "Subtotal", *nothing, f"{amount:.2f}"] for department, amount in sums.items()]
    expected.append(["Total", "", *nothing, f"{sum(sums.values(), ZERO):.2f}"])
    assert sorted([*cells[:4], *cells[5:]] for cells in shown) == sorted(expected)  # but for why, in words


def standing(call: TrueCall, calls: Iterable[TrueCall], handled: dt.datetime | None, now: dt.datetime) -> list[str]:
    """How a missed call stands, as words: its standing, what time is left or when it was returned, and what can be done."""
    until = call.at + dt.timedelta(minutes=MINUTES)
    returned = min((one.at for one in calls if returns(one, call)), default=None)
    if returned and returned <= until:
        kind, at = "returned", f"{returned:%m-%d %H:%M}"
    elif handled:
        kind, at = "handled", f"{handled:%m-%d %H:%M} me"
    elif returned:
        kind, at = "late", f"{returned:%m-%d %H:%M}"
    elif now <= until:
        return ["open", duration((until - now).total_seconds()), "Handled"]
    else:
        return ["overdue", "–", "Handled"]  # noqa: RUF001
    return [kind, at, ""]


def returns(one: TrueCall, missed_call: TrueCall) -> bool:
    """Whether it is a later call with the same number that was made, or answered."""
    number = one.number if one.direction == "incoming" else one.number[1:].removeprefix(one.carrier or "")
    return one.answered and one.at >= missed_call.at and number == missed_call.number


def assert_waits(office: Office, now: dt.datetime, handled: dict[TrueCall, dt.datetime]) -> None:
    """The page of a moment has the missed calls of three days, and those that are said to be of the coming one."""
    begin, end = now - dt.timedelta(days=recent_misses.DAYS), now + dt.timedelta(days=1)
    calls = [call for call in office.calls if begin <= call.at < end]
    rows, counts = [], Counter[str]()
    for call in calls:
        if call.direction == "incoming" and not call.answered:
            kind, left, button = standing(call, calls, handled.get(call), now)
            counts[kind] += 1
            whose = f"{call.department} · {call.person} · {call.extension}"
            rows.append([f"{call.at:%m-%d %H:%M}", call.number, whose, say(f"console.missed.{kind}"), left, button])
    shown = drawn(lambda: missed.MissedView(office.console, VIEWER))
    assert shown.tiles == [
        [say(f"console.missed.{kind}"), count(counts[kind]), say(f"console.missed.{kind}_note")]
        for kind in missed.STANDINGS
    ]
    assert [sorted(table) for table in shown.tables] == ([sorted(rows)] if rows else [])
    assert shown.rest == [say("console.missed_note", days=recent_misses.DAYS, minutes=MINUTES)]


def test_missed_calls_at_many_moments(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SimpleNamespace(now=NOW.replace(tzinfo=None))
    told = SimpleNamespace(time=lambda: clock.now.replace(tzinfo=ZONE).timestamp())
    monkeypatch.setattr(missed, "time", told)
    monkeypatch.setattr(misses, "time", told)
    waiting = [call for call in office.calls if call.direction == "incoming" and not call.answered][::5]
    for call in waiting:
        clock.now = call.at + dt.timedelta(minutes=10)
        assert_waits(office, clock.now, {})
    handled = {}
    size = (office.console.config.path.parent / "calls.log").stat().st_size // len(office.calls)
    for call in waiting[::3]:
        clock.now = handled[call] = call.at + dt.timedelta(minutes=90)
        with writing(office.console.config.site.data) as db:
            misses.handle(db, "pbx1", size * office.calls.index(call), "me")
    for call in waiting:
        for hours in (1, 2, 47):
            clock.now = call.at + dt.timedelta(hours=hours)
            assert_waits(office, clock.now, handled)
    clock.now = NOW.replace(tzinfo=None) + dt.timedelta(days=30)
    assert_waits(office, clock.now, handled)
