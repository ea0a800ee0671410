"""A number is the same however it is written."""

from __future__ import annotations

import pytest

from collector.accounting.comparing import comparable


@pytest.mark.parametrize(
    ("number", "same"),
    [
        ("075555501234", "55501234"),
        ("55501234", "55501234"),
        ("+8675555501234", "55501234"),
        ("008675555501234", "55501234"),
        ("+8613900000001", "13900000001"),
        ("8613900000001", "13900000001"),
        ("013900000001", "13900000001"),
        ("+442055501234", "442055501234"),
        ("00442055501234", "442055501234"),
        ("02155501234", "2155501234"),
        ("75512345", "75512345"),  # a local number that begins as the area code does
        ("", ""),
    ],
)
def test_a_number_without_its_country_and_area(number: str, same: str) -> None:
    assert comparable(number, "0755") == same


def test_without_an_area_code_the_area_stays() -> None:
    assert comparable("075555501234", "") == "75555501234"
