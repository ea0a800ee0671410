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

if TYPE_CHECKING:
    from collector.calls import Call

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
        for _ in range(3000)
    ]
    found = judge(made(court, rows), court.tables(**SETTINGS))
    assert {one.rule for one in found} == set(RULES)
    assert len({one.key for one in found}) == len(found)
