"""The class of a number is told from how it is dialled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from collector.accounting.countries import CountryPlan
from collector.accounting.plan import Plan
from collector.problems import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from parsers.records import Direction

CHINA = Plan.load("cn")


@pytest.mark.parametrize(
    ("number", "class_", "carrier"),
    [
        ("110", "emergency", None),
        ("119", "emergency", None),
        ("120", "emergency", None),
        ("122", "emergency", None),
        ("11012345", "service", None),
        ("114", "service", None),
        ("10086", "service", None),
        ("95588", "service", None),
        ("96123", "service", None),
        ("4000000000", "service", None),
        ("8000000000", "tollfree", None),
        ("40000000", "local", None),
        ("16800000", "premium", None),
        ("16000", "premium", None),
        ("16800000000", "mobile", None),
        ("13000000000", "mobile", None),
        ("19900000000", "mobile", None),
        ("013000000000", "domestic", None),
        ("01000000000", "domestic", None),
        ("075500000000", "domestic", None),
        ("20000000", "local", None),
        ("0085200000000", "hk-macau-taiwan", None),
        ("0085300000000", "hk-macau-taiwan", None),
        ("0088600000000", "hk-macau-taiwan", None),
        ("00440000000000", "international", None),
        ("+440000000000", "international", None),
        ("+85200000000", "hk-macau-taiwan", None),
        ("+8613000000000", "mobile", None),
        ("+862100000000", "domestic", None),
        ("17909075500000000", "domestic", "17909"),
        ("1795100440000000000", "international", "17951"),
        ("1791113000000000", "mobile", "17911"),
        ("1259320000000", "local", "12593"),
        ("17909", "service", "17909"),
        ("*72", "unknown", None),
        ("", "unknown", None),
        (None, "unknown", None),
    ],
)
def test_a_number_dialled_in_china(number: str | None, class_: str, carrier: str | None) -> None:
    assert CHINA.classify("outgoing", number) == (class_, carrier)


@pytest.mark.parametrize(
    ("direction", "number", "expected"),
    [
        ("internal", "201", ("internal", None)),
        ("internal", None, ("internal", None)),
        ("incoming", "13000000000", ("mobile", None)),
        ("incoming", None, ("unknown", None)),
        ("tandem", "17909075500000000", ("domestic", "17909")),
    ],
)
def test_the_direction_matters(direction: Direction, number: str | None, expected: tuple[str, str | None]) -> None:
    assert CHINA.classify(direction, number) == expected


def test_the_digits_for_an_outside_line_are_taken_off_dialled_numbers_only() -> None:
    plan = Plan.load("cn", access=("0", "99", "9"))
    assert plan.classify("outgoing", "0075500000000") == ("domestic", None)
    assert plan.classify("outgoing", "917909075500000000") == ("domestic", "17909")
    assert plan.classify("outgoing", "99110") == ("emergency", None)
    assert plan.classify("incoming", "075500000000") == ("domestic", None)


@pytest.mark.parametrize(
    ("number", "class_"),
    [
        ("112", "emergency"),
        ("0800000000", "tollfree"),
        ("0200000000", "domestic"),
        ("0044000", "international"),
        ("5550000", "local"),
    ],
)
def test_a_number_dialled_in_a_country_without_a_plan_of_its_own(number: str, class_: str) -> None:
    assert Plan.load("generic").classify("outgoing", number) == (class_, None)


def test_a_site_may_bring_its_own_plan(tmp_path: Path) -> None:
    path = tmp_path / "plan.csv"
    path.write_text(
        'class,prefix,digits,name\n# ours\ninternational,011,,\n"domestic",1,11,"long, distance"\n', "utf-8"
    )
    plan = Plan.load(path)
    assert plan.classify("outgoing", "0110000") == ("international", None)
    assert plan.classify("outgoing", "12120000000") == ("domestic", None)
    assert plan.classify("outgoing", "1212") == ("local", None)


def test_all_the_faults_of_a_plan_are_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "plan.csv"
    path.write_text("prefix,digits,class\n12a,,local\n1,x,local\n2,,lokal\n3,,\n")
    with pytest.raises(ConfigError) as caught:
        Plan.load(path)
    assert [(problem.line, problem.column) for problem in caught.value.errors] == [(2, 1), (3, 3), (4, 4), (5, 4)]


def test_a_number_of_the_form_of_another_site_is_internal_as_it_is_dialled() -> None:
    for plan in (Plan.load("cn", ("9",), ("8xxx", "70")), CountryPlan("CN", ("9",), "755", ("8xxx", "70"))):
        assert plan.classify("outgoing", "8201") == ("internal", None)
        assert plan.classify("incoming", "8201") == ("internal", None)
        assert plan.classify("outgoing", "70") == ("internal", None)
        for number in ("98201", "82011", "820", "700", "986123456"):
            assert plan.classify("outgoing", number)[0] != "internal"
