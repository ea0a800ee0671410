"""Applications for calls: who decides, which calls they cover, and the days within which they count."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from collector.calls import Call
from collector.office.approvals import Application, Decision, Filed, covers, standing
from collector.office.approvers import Approver, Delegation, deciders, load_approvers
from collector.problems import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

ZONE = ZoneInfo("Asia/Shanghai")
DAY = dt.date(2026, 3, 2)
ALWAYS = (dt.date.min, dt.date.max)


def at(text: str) -> float:
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp()


def call(start: str = "2026-03-02T10:00", **fields: str) -> Call:
    given = {"extension": "109", "person": "Li / Wang", "number": "0205550120"} | fields
    return Call("pbx1", 0.0, 0, "panasonic/kx-tda", int(at(start)), 60, "outgoing", "answered", **given)  # type: ignore[arg-type]


def asked(caller: str = "Li", extension: str = "", number: str = "", first: dt.date = DAY) -> Application:
    return Application("Sales", caller, extension, number, "Canton", "fair", "stand", first, DAY)


def filed(decided: str | None, *, approved: bool = True, application: Application | None = None) -> Filed:
    decision = Decision(at(decided), "Chief", approved, "") if decided else None
    return Filed(1, 0.0, "Office", application or asked(), decision)


@pytest.mark.parametrize(
    ("application", "expected"),
    [
        (asked(), True),
        (asked("Wang"), True),
        (asked("Zhao"), False),
        (asked("Zhao", extension="109"), True),
        (asked("Li", extension="110"), False),
        (asked(number="5550120"), True),
        (asked(number="5550121"), False),
        (asked(first=DAY - dt.timedelta(9)), True),
    ],
)
def test_an_application_covers_calls(application: Application, *, expected: bool) -> None:
    assert covers(application, call(), ZONE) is expected


def test_an_application_covers_its_days_as_the_site_counts_them() -> None:
    assert covers(asked(), call("2026-03-02T23:59"), ZONE)
    assert not covers(asked(), call("2026-03-03T00:00"), ZONE)


@pytest.mark.parametrize(
    ("decided", "now", "expected"),
    [
        ("2026-03-02T09:59", "2026-03-02T11:00", "approved"),
        ("2026-03-02T10:01", "2026-03-09T11:00", "in time"),
        ("2026-03-05T23:59", "2026-03-09T11:00", "in time"),
        ("2026-03-06T00:00", "2026-03-09T11:00", "late"),
        (None, "2026-03-05T23:59", "waiting"),
        (None, "2026-03-06T00:00", "none"),
    ],
)
def test_three_days_are_given(decided: str | None, now: str, expected: str) -> None:
    assert standing(call(), [filed(decided)], 3, ZONE, at(now)) == expected


def test_a_refused_application_is_none_and_the_best_of_several_counts() -> None:
    refused = filed("2026-03-02T09:00", approved=False)
    late, early = filed("2026-03-08T09:00"), filed("2026-03-03T09:00")
    now = at("2026-04-01T00:00")
    assert standing(call(), [refused], 3, ZONE, now) == "none"
    assert standing(call(), [refused, early, late], 3, ZONE, now) == "in time"


def test_deciders_are_those_of_the_department_and_above_and_whom_they_delegate() -> None:
    approvers = [
        Approver("Sales", "Wang", *ALWAYS),
        Approver("Head office", "Zhou", dt.date.min, DAY - dt.timedelta(1)),
        Approver("Lab", "Qian", *ALWAYS),
        Approver("", "Chief", *ALWAYS),
    ]
    delegations = [
        Delegation("Wang", "Zhao", DAY, DAY),
        Delegation("Zhao", "Sun", DAY, DAY),
        Delegation("Qian", "Feng", DAY, DAY),
    ]
    chain = ("Sales", "Head office")
    assert deciders(approvers, delegations, chain, DAY) == {"Wang", "Chief", "Zhao"}
    assert deciders(approvers, delegations, chain, DAY - dt.timedelta(1)) == {"Wang", "Chief", "Zhou"}


def test_a_fault_of_the_approvers_is_placed(tmp_path: Path) -> None:
    file = tmp_path / "approvers.csv"
    file.write_text("department,approver,from,until\nSales,Wang,2026-13-01,\nLab,,,\n", encoding="utf-8")
    with pytest.raises(ConfigError) as raised:
        load_approvers(file)
    assert 'approvers.csv:2:12: "2026-13-01" is not a day' in str(raised.value)
    assert 'approvers.csv:3:5: "approver" is empty' in str(raised.value)
