"""Off hours, premium numbers, and long distance without the IP prefix, clause by clause."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from collector.rules.sentences import sentence

if TYPE_CHECKING:
    from court import Court

MONDAY = "2026-03-02"
FAR = "02155501234"


@pytest.mark.parametrize(
    ("start", "what"),
    [
        ("2026-03-02 08:29", "after hours"),
        ("2026-03-02 08:30", None),
        ("2026-03-02 17:29:59", None),
        ("2026-03-02 17:30", "after hours"),
        ("2026-03-07 10:00", "on a day off"),  # a Saturday
        ("2026-02-17 10:00", "on a day off"),  # Spring Festival, a Tuesday
        ("2026-02-28 10:00", None),  # a Saturday that is made up for it
    ],
)
def test_a_call_that_costs_is_made_in_working_time(court: Court, start: str, what: str | None) -> None:
    found = court.judge("off-hours", court.call(start, talk_s=61))
    assert [sentence(one, "en") for one in found] == ([f"a call that costs something, {what}"] if what else [])
    assert [one.amount for one in found] == ([Decimal("0.20")] if what else [])


def test_off_hours_what_costs_nothing_is_allowed(court: Court) -> None:
    night = f"{MONDAY} 22:00"
    calls = [
        court.call(night, outcome="unanswered"),
        court.call(night, direction="incoming"),
        court.call(night, "8005550123"),  # no price is known for it
    ]
    free = court.call(night)
    free.cost = "0.00"
    assert court.judge("off-hours", *calls, free) == []


def test_off_hours_phones_on_duty_may_call(court: Court) -> None:
    calls = [court.call(f"{MONDAY} 22:00", extension="104"), court.call(f"{MONDAY} 22:00", extension="101")]
    assert [one.extension for one in court.judge("off-hours", *calls, duty_extensions=("104",))] == ["101"]


def test_a_premium_number_is_the_persons(court: Court) -> None:
    (one,) = court.judge("premium", court.call(f"{MONDAY} 10:00", "916812345", talk_s=61))
    assert (one.person, one.department, one.class_, one.amount) == ("Li", "Sales", "premium", Decimal(6))


def test_a_premium_number_that_did_not_answer_is_none(court: Court) -> None:
    calls = [court.call(f"{MONDAY} 10:00", "16812345", outcome=outcome) for outcome in ("unanswered", "busy", "failed")]
    assert court.judge("premium", *calls, court.call(f"{MONDAY} 10:00")) == []
    assert len(court.judge("premium", court.call(f"{MONDAY} 10:00", "16812345", outcome="unknown"))) == 1


def test_long_distance_without_the_prefix_tells_what_it_would_have_saved(court: Court) -> None:
    (one,) = court.judge("ip-prefix", court.call(f"{MONDAY} 10:00", f"9{FAR}", talk_s=121))
    assert (one.saved, one.amount) == (Decimal("1.20"), 0)  # three minutes at 0.70 and at 0.30
    assert sentence(one, "en") == "dialled without 17909: it would have saved 1.20"


def test_long_distance_with_a_prefix_or_near_is_allowed(court: Court) -> None:
    calls = [court.call(f"{MONDAY} 10:00", number) for number in (f"17909{FAR}", "5550123", "13900000001")]
    assert court.judge("ip-prefix", *calls) == []
    other = court.call(f"{MONDAY} 10:00", f"17951{FAR}")
    assert len(court.judge("ip-prefix", other)) == 1
    assert court.judge("ip-prefix", other, ip_prefixes=("17909", "17951")) == []
    assert court.judge("ip-prefix", court.call(f"{MONDAY} 10:00", FAR), ip_prefixes=()) == []


def test_a_prefix_that_is_dearer_or_has_no_price_is_said_so(court: Court) -> None:
    (dearer,) = court.judge("ip-prefix", court.call(f"{MONDAY} 10:00", "0085255501234"))
    assert (dearer.saved, sentence(dearer, "en")) == (
        Decimal("-1.00"),
        "dialled without 17909: it would have cost 1.00 more",
    )
    (unknown,) = court.judge("ip-prefix", court.call(f"{MONDAY} 10:00", "0044205550123"))
    assert (unknown.saved, sentence(unknown, "en")) == (None, "dialled without 17909")


def test_the_saving_is_told_where_the_pbx_printed_the_cost(court: Court) -> None:
    call = court.call(f"{MONDAY} 10:00", FAR, pbx_cost="5.00", meter_pulses=7)
    call.cost = "5.00"
    (one,) = court.judge("ip-prefix", call)
    assert one.saved == Decimal("4.70")


@pytest.mark.parametrize("rule", ["off-hours", "premium", "ip-prefix"])
def test_a_rule_that_is_switched_off_finds_nothing(court: Court, rule: str) -> None:
    calls = [court.call("2026-03-07 10:00", "16812345"), court.call("2026-03-07 10:00", FAR)]
    assert court.judge(rule, *calls)
    assert court.judge("none", *calls) == []
