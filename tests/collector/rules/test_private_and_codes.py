"""Private calls over three minutes; codes used in two places or after leaving, clause by clause."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from collector.office.codes import load_codes
from collector.problems import ConfigError
from collector.rules.sentences import sentence

if TYPE_CHECKING:
    from pathlib import Path

    from court import Court

MONDAY = "2026-03-02 10:00"
MOBILE = "13900000001"


@pytest.mark.parametrize(("talk_s", "is_found"), [(180, False), (181, True)])
@pytest.mark.parametrize("code", ["account_code", "auth_code"])
def test_a_private_call_lasts_three_minutes(court: Court, code: str, talk_s: int, *, is_found: bool) -> None:
    call = court.call(MONDAY, talk_s=talk_s, **{code: "9"})
    found = court.judge("private", call, court.call(MONDAY, talk_s=900), private_codes=("9",))
    assert [one.amount for one in found] == ([Decimal("0.40")] if is_found else [])


@pytest.mark.parametrize("number", [MOBILE, f"9{MOBILE}", f"0{MOBILE}", f"17909{MOBILE}"])
def test_a_private_number_is_known_however_it_is_dialled(court: Court, number: str) -> None:
    (one,) = court.judge("private", court.call(MONDAY, number, talk_s=200), private_numbers=(MOBILE,))
    assert sentence(one, "en") == "with a private number, for 200 s, more than 3 minutes"


def test_a_private_call_may_come_from_outside(court: Court) -> None:
    call = court.call(MONDAY, MOBILE, direction="incoming", talk_s=200)
    (one,) = court.judge("private", call, private_numbers=(MOBILE,))
    assert one.amount == 0


def test_a_call_is_marked_as_private_afterwards(court: Court) -> None:
    call = court.call(MONDAY, talk_s=200)
    (one,) = court.judge("private", call, marked=[(call.source, call.offset)])
    assert sentence(one, "en") == "marked as private, for 200 s, more than 3 minutes"
    assert court.judge("private", call) == []
    assert court.judge("private", call, marked=[(call.source, call.offset)], private_minutes=4) == []


def test_a_code_is_used_in_one_place_at_once(court: Court) -> None:
    first = court.call("2026-03-02 10:00", extension="101", talk_s=600, auth_code="1001")
    second = court.call("2026-03-02 10:05", extension="102", auth_code="1001")
    (one,) = court.judge("code", second, first)
    assert (one.offset, one.extension) == (second.offset, "102")
    assert sentence(one, "en") == f"code 1001 was in use on 101 (pbx1:{first.offset})"


@pytest.mark.parametrize(
    ("start", "extension", "code", "resolution_s"),
    [
        ("2026-03-02 10:10", "102", "1001", 1),  # the other call is over
        ("2026-03-02 10:05", "101", "1001", 1),  # the same phone: a second line
        ("2026-03-02 10:05", "102", "1009", 1),  # another code, and no personal one
        ("2026-03-02 10:09:30", "102", "1001", 60),  # by a clock of minutes that is not sure
    ],
)
def test_a_code_used_otherwise_is_allowed(
    court: Court, start: str, extension: str, code: str, resolution_s: int
) -> None:
    first = court.call("2026-03-02 10:00", extension="101", talk_s=600, account_code="1001")
    second = court.call(start, extension=extension, account_code=code, resolution_s=resolution_s)
    assert court.judge("code", first, second) == []


def test_without_a_table_every_code_is_personal(court: Court) -> None:
    calls = [court.call(MONDAY, extension=one, talk_s=600, account_code="77") for one in ("101", "102")]
    assert court.judge("code", *calls) == []
    assert len(court.judge("code", *calls, codes=False)) == 1
    assert court.judge("code", *calls, codes=False, private_codes=("77",)) == []


def test_a_code_is_not_used_after_leaving(court: Court) -> None:
    (one,) = court.judge(
        "code",
        court.call("2026-02-28 10:00", auth_code="1003"),
        court.call("2026-03-02 10:00", auth_code="1003"),
    )
    assert sentence(one, "en") == "code 1003 of Gone, who had left"


def test_a_code_is_nobodys_between_two_holders(court: Court) -> None:
    days = ("2025-12-31", "2026-01-01", "2026-01-31", "2026-02-02", "2026-03-01")
    found = court.judge("code", *(court.call(f"{day} 10:00", auth_code="1002") for day in days))
    assert [sentence(one, "en") for one in found] == [
        "code 1002 was nobody's on 2025-12-31",
        "code 1002 was nobody's on 2026-02-02",
    ]


def test_all_that_is_wrong_with_a_call_is_one_violation(court: Court) -> None:
    calls = [court.call(MONDAY, extension=one, talk_s=600, auth_code="1003") for one in ("101", "102")]
    found = court.judge("code", *calls)
    assert [sentence(one, "en").count(";") for one in found] == [0, 1]


def test_faults_of_the_table_of_codes_are_placed(tmp_path: Path) -> None:
    path = tmp_path / "codes.csv"
    path.write_text("code,person,from,until\n1,Li,2026-13-01,\n2,Li,2026-02-02,2026-02-01\n,Li,,\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_codes(path)
    placed = [(one.line, one.column, one.message) for one in caught.value.errors]
    assert placed[:2] == [(2, 6, '"2026-13-01" is not a day'), (3, 17, '"until" is before "from"')]
    assert placed[2][0] == 4
