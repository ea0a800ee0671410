"""All rules together: the order of the calls does not matter."""

from __future__ import annotations

import datetime as dt
import random
from typing import TYPE_CHECKING

from court import ZONE, Court, at
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector.rules.judging import ALL, judge
from collector.rules.names import RULES
from collector.rules.rule import Kind
from collector.rules.tables import Moment

if TYPE_CHECKING:
    from collector.calls import Call
    from collector.rules.violation import Violation

NUMBERS = ("5550123", "02155501234", "1790902155501234", "0085255501234", "0044205550123", "16812345", "13900000001")
SETTINGS = {"private_numbers": ("13900000001",), "fraud_night_calls": 2, "fraud_short_calls": 2}

_CALLS = st.lists(
    st.tuples(
        st.integers(0, 3 * 24 * 60),
        st.sampled_from(NUMBERS),
        st.sampled_from(("101", "102", "103", "104", "105")),
        st.sampled_from(("outgoing", "incoming")),
        st.sampled_from(("answered", "unanswered")),
        st.sampled_from((0, 5, 60, 200, 4000)),
        st.sampled_from((None, "1001", "1003")),
    ),
    max_size=40,
)


def test_the_rules_are_those_with_a_name() -> None:
    assert tuple(rule.name for rule in ALL) == RULES


def made(court: Court, rows: list[tuple[int, str, str, str, str, int, str | None]]) -> list[Call]:
    begin = at("2026-03-02 00:00")
    return [
        court.call(
            f"{dt.datetime.fromtimestamp(begin + 60 * minute, ZONE):%Y-%m-%d %H:%M}",
            number,
            extension,
            direction=direction,
            outcome=outcome,
            talk_s=talk_s,
            auth_code=code,
        )
        for minute, number, extension, direction, outcome, talk_s, code in rows
    ]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=_CALLS, seed=st.integers(0, 1000))
def test_the_order_of_the_calls_does_not_matter(court: Court, rows: list, seed: int) -> None:  # type: ignore[type-arg]
    calls = made(court, rows)
    straight = judge(calls, court.tables(**SETTINGS))
    random.Random(seed).shuffle(calls)
    assert judge(calls, court.tables(**SETTINGS)) == straight


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=_CALLS)
def test_looking_at_calls_of_a_kind_together_finds_what_looking_at_each_alone_does(
    court: Court,
    rows: list,  # type: ignore[type-arg]
) -> None:
    calls = made(court, rows)
    assert judge(calls, court.tables(**SETTINGS)) == one_by_one(court, calls)


def one_by_one(court: Court, calls: list[Call]) -> list[Violation]:
    """The violations among calls, each looked at by itself, its kind told in plain words."""
    rules, found = [rule(court.tables(**SETTINGS)) for rule in ALL], []
    for call in calls:
        local = dt.datetime.fromtimestamp(call.start, ZONE).replace(tzinfo=None)
        moment = Moment(court.calendar.is_working_time(local), local.hour >= 22 or local.hour < 6)
        coded = (call.account_code, call.auth_code) != (None, None)
        kind = Kind(call.direction, call.outcome, call.class_, call.carrier, coded, moment)
        found += [broken for rule in rules if rule.concerns(kind) for broken in rule.look(kind, [call])]
    found += [broken for rule in rules for broken in rule.found()]
    return sorted(found, key=lambda one: (one.at, one.source, one.offset, one.rule))


def test_every_rule_finds_something_in_much_traffic(court: Court) -> None:
    chance = random.Random(1)
    rows = [
        (
            chance.randrange(30 * 24 * 60),
            chance.choice(NUMBERS),
            chance.choice(("101", "102", "103", "104", "105")),
            chance.choice(("outgoing", "incoming")),
            chance.choice(("answered", "unanswered")),
            chance.choice((0, 5, 60, 200, 4000)),
            chance.choice((None, "1001", "1003")),
        )
        for _ in range(6000)
    ]
    calls = made(court, rows)
    found = judge(calls, court.tables(**SETTINGS))
    assert found == one_by_one(court, calls)
    assert {one.rule for one in found} == set(RULES)
    assert len({one.key for one in found}) == len(found)
