"""Classes of service, approvals within three days, double cost and fines, clause by clause."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from court import at

from collector.office.approvals import Application, Decision, Filed
from collector.rules.sentences import sentence

if TYPE_CHECKING:
    from court import Court

MONDAY = "2026-03-02 10:00"
FAR, HONG_KONG, ABROAD = "02155501234", "0085255501234", "0044205550123"


def approved(when: str | None, *, granted: bool = True) -> Filed:
    """Chen's application for that Monday, decided at a time."""
    day = dt.date(2026, 3, 2)
    asked = Application("Sales", "Chen", "", "", "Shanghai", "Fair", "a stand", day, day)
    return Filed(1, 0.0, "Chen", asked, Decision(at(when), "Wang", granted, "") if when else None)


@pytest.mark.parametrize(
    ("number", "extension", "is_found"),
    [
        ("13900000001", "104", True),
        ("5550123", "104", False),
        ("13900000001", "102", False),
        ("13900000001", "101", False),  # no classes named: all are granted
        ("13900000001", "999", False),  # nobody's
        ("110", "104", False),
        ("8005550123", "104", False),
    ],
)
def test_a_phone_calls_what_is_granted_to_it(court: Court, number: str, extension: str, *, is_found: bool) -> None:
    found = court.judge("class-of-service", court.call(MONDAY, number, extension))
    assert [sentence(one, "en") for one in found] == (
        ["mobile numbers are not granted to this phone"] if is_found else []
    )


@pytest.mark.parametrize(
    ("when", "now", "what"),
    [
        ("2026-03-01 09:00", "2026-03-10 00:00", None),  # before the call
        ("2026-03-02 15:00", "2026-03-10 00:00", None),  # afterwards
        ("2026-03-05 23:59:59", "2026-03-10 00:00", None),  # at the end of the third day
        ("2026-03-06 00:00", "2026-03-10 00:00", "approved too late"),
        (None, "2026-03-05 23:59:59", None),  # it may still be
        (None, "2026-03-06 00:00", "not approved within 3 days"),
    ],
)
def test_long_distance_is_approved_within_three_days_or_at_double_cost(
    court: Court, when: str | None, now: str, what: str | None
) -> None:
    call = court.call(MONDAY, FAR, "102", talk_s=121)
    found = court.judge("approval", call, applications=[approved(when)], now=now)
    assert [sentence(one, "en") for one in found] == ([f"{what}: private, at 2 times its cost"] if what else [])
    assert [one.amount for one in found] == ([Decimal("4.20")] if what else [])


def test_days_and_factor_are_settings(court: Court) -> None:
    call, late = court.call(MONDAY, FAR, "102"), approved("2026-03-04 10:00")
    (one,) = court.judge("approval", call, applications=[late], approval_days=1, approval_factor="1.5")
    assert one.amount == Decimal("1.05")
    assert court.judge("approval", call, applications=[late], approval_days=2) == []


def test_a_refusal_is_no_approval(court: Court) -> None:
    call = court.call(MONDAY, FAR, "102")
    refused = [approved("2026-03-02 09:00", granted=False)]
    assert len(court.judge("approval", call, applications=refused)) == 1
    assert len(court.judge("fine", call, applications=refused)) == 1


@pytest.mark.parametrize("rule", ["approval", "fine"])
def test_a_phone_that_may_call_far_needs_no_approval(court: Court, rule: str) -> None:
    assert court.judge(rule, court.call(MONDAY, FAR, "101"), court.call(MONDAY, FAR, None)) == []
    assert court.judge(rule, court.call(MONDAY, "13900000001", "104")) == []
    assert court.judge(rule, court.call(MONDAY, FAR, "102", outcome="busy")) == []


@pytest.mark.parametrize(("number", "fine"), [(FAR, 50), (HONG_KONG, 100), (ABROAD, 500)])
def test_the_fine_is_by_how_far_it_went(court: Court, number: str, fine: int) -> None:
    (one,) = court.judge("fine", court.call(MONDAY, f"17909{number}", "102"))
    assert one.amount == fine


def test_a_fine_is_a_setting_and_none_may_be_wanted(court: Court) -> None:
    call = court.call(MONDAY, FAR, "102")
    assert [one.amount for one in court.judge("fine", call, fine_domestic="7.50")] == [Decimal("7.50")]
    assert court.judge("fine", call, fine_domestic="0") == []


def test_what_was_approved_late_is_not_fined_but_charged(court: Court) -> None:
    call, late = court.call(MONDAY, FAR, "102"), [approved("2026-03-09 10:00")]
    assert court.judge("fine", call, applications=late) == []
    assert len(court.judge("approval", call, applications=late)) == 1


def test_a_call_that_may_still_be_approved_is_not_fined(court: Court) -> None:
    assert court.judge("fine", court.call(MONDAY, FAR, "102"), now="2026-03-04 00:00") == []
