"""Missed calls that are not returned within one hour, and what they take away, clause by clause."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from court import ZONE

from collector.rules.escalation import counted
from collector.rules.sentences import sentence
from collector.rules.violation import violation

if TYPE_CHECKING:
    from court import Court

    from collector.calls import Call
    from collector.rules.violation import Violation

MONDAY = "2026-03-02 10:00"
MOBILE = "13900000001"


def missed(
    court: Court, start: str = MONDAY, number: str | None = MOBILE, extension: str = "101", **given: Any
) -> Call:
    return court.call(
        start, number, extension, **({"direction": "incoming", "outcome": "unanswered", "talk_s": 0} | given)
    )


def test_a_missed_call_is_returned_within_the_hour(court: Court) -> None:
    (one,) = court.judge("missed", missed(court))
    assert (one.person, one.number, sentence(one, "en")) == ("Li", MOBILE, "missed, and not returned within 60 minutes")


@pytest.mark.parametrize(
    ("start", "is_returned"),
    [("2026-03-02 09:59", False), (MONDAY, True), ("2026-03-02 11:00", True), ("2026-03-02 11:00:01", False)],
)
@pytest.mark.parametrize("direction", ["outgoing", "incoming"])
def test_a_call_back_or_the_next_one_answered_returns_it(
    court: Court, start: str, direction: str, *, is_returned: bool
) -> None:
    other = court.call(start, MOBILE, "102", direction=direction)
    assert (
        court.judge("missed", missed(court), other) == []
        if is_returned
        else court.judge("missed", missed(court), other)
    )


@pytest.mark.parametrize("dialled", [f"9{MOBILE}", f"90{MOBILE}", f"17909{MOBILE}", f"0086{MOBILE}"])
def test_a_call_back_is_known_however_it_is_dialled(court: Court, dialled: str) -> None:
    assert court.judge("missed", missed(court, number=f"+86{MOBILE}"), court.call(MONDAY, dialled)) == []


def test_a_local_number_is_called_back_without_its_area(court: Court) -> None:
    assert court.judge("missed", missed(court, number="075555501234"), court.call(MONDAY, "955501234")) == []


def test_an_attempt_to_call_back_counts_and_a_second_miss_does_not(court: Court) -> None:
    assert court.judge("missed", missed(court), court.call(MONDAY, MOBILE, outcome="busy")) == []
    assert len(court.judge("missed", missed(court), missed(court, "2026-03-02 10:30"))) == 2


def test_a_call_is_not_missed_before_the_hour_is_over(court: Court) -> None:
    assert court.judge("missed", missed(court), now="2026-03-02 11:00") == []
    assert len(court.judge("missed", missed(court), now="2026-03-02 11:00:01")) == 1
    assert len(court.judge("missed", missed(court), now="2026-03-02 10:30:01", missed_minutes=30)) == 1


def test_who_has_to_answer_at_any_hour(court: Court) -> None:
    night = "2026-03-02 22:00"
    calls = [missed(court, night, extension=extension) for extension in ("101", "103", "104")]
    assert court.judge("missed", *calls) == []
    found = court.judge("missed", *calls, missed_posts=("deputy",), duty_extensions=("104",))
    assert [one.extension for one in found] == ["103", "104"]


def test_what_cannot_be_returned_or_was_not_missed_does_not_count(court: Court) -> None:
    calls = [
        missed(court, number=None),
        missed(court, outcome="answered"),
        missed(court, outcome="busy"),
        missed(court, direction="internal"),
    ]
    assert court.judge("missed", *calls) == []


def miss(court: Court, day: str, extension: str = "101") -> tuple[dt.date, Violation]:
    call = missed(court, f"{day} 10:00", extension=extension)
    return dt.datetime.fromtimestamp(call.start, ZONE).date(), violation("missed", call, "", amount=Decimal(0))


def test_three_missed_calls_take_the_allowance_of_the_year(court: Court) -> None:
    days = ("2026-03-02", "2026-03-02", "2026-04-01", "2026-04-02", "2026-04-03", "2027-01-04")
    misses = [miss(court, day) for day in days]
    counts = counted(misses, 3)
    found = [counts[one.key] for _, one in misses]
    assert [(one.in_month, one.in_year) for one in found] == [(1, 1), (2, 2), (1, 3), (2, 4), (3, 5), (1, 1)]
    assert [one.months for one in found] == [1, 1, 10, 1, 1, 1]
    assert sum(one.months for one in found[:3]) == 12


def test_everybody_is_counted_alone(court: Court) -> None:
    misses = [miss(court, "2026-03-02", extension) for extension in ("101", "102", "104", "999", "999")]
    assert [one.in_year for one in counted(misses, 3).values()] == [1, 1, 1, 1, 2]


def test_the_count_does_not_depend_on_the_order(court: Court) -> None:
    misses = [miss(court, f"2026-03-{day:02}", extension) for day in range(2, 20) for extension in ("101", "102")]
    straight = counted(misses, 3)
    random.Random(1).shuffle(misses)
    assert counted(misses, 3) == straight
