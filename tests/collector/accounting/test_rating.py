"""Prices: read from a file, by prefix and hour, and exact; compared with a count second by second."""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.accounting.amounts import Rounding
from collector.accounting.calendar import WorkingCalendar
from collector.accounting.rating import Charge, Dialled, Rater, Terms
from collector.accounting.tariff import Tariff
from collector.calls import Call
from collector.commands.rating import told
from collector.config import Calendar
from collector.problems import ConfigError
from dashboards.words import Language

if TYPE_CHECKING:
    from pathlib import Path

ZONE = ZoneInfo("Europe/Berlin")
COLUMNS = "class,prefix,carrier,trunk,from,until,days,hours,connect,minimum,first_s,first_price,step_s,price,name"
TARIFF = f"""{COLUMNS}
local,,,,,,,,,,180,0.22,60,0.11,local
domestic,,,,,,mon-fri,07:00-21:00,,,,,6,0.07,day
domestic,,,,,,mon-fri,21:00-07:00,,,,,6,0.04,night
domestic,,,,,,sat sun,,,,,,6,0.03,week end
domestic,,,,,,mon,00:00-07:00,,,,,6,0.02,before the week
domestic,,17909,,,,,,,,,,60,0.30,over 17909
domestic,0755,,,,,,,,,,,60,0.10,Shenzhen
domestic,0755,,05,,,,,,,,,60,0.05,Shenzhen over trunk 05
international,,,,,2026-06-30,,,0.5,3,,,6,0.80,abroad
international,,,,2026-07-01,,,,0.5,3,,,6,0.60,abroad
premium,,,,,,off,,,,,,60,9,premium on days off
premium,,,,,,working,,,,,,60,5,premium
"""


def rater(folder: Path, text: str = TARIFF, terms: Terms | None = None) -> Rater:
    path = folder / "tariff.csv"
    path.write_text(text, encoding="utf-8")
    calendar = WorkingCalendar(Calendar(holidays="none"), {dt.date(2026, 6, 3): False})
    return Rater(Tariff.load(path), terms or Terms(), ZONE.key, calendar)


def at(text: str) -> int:
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp())


def cost(rates: Rater, class_: str, talk_s: int, when: str = "2026-06-01T12:00", **more: str) -> str | None:
    call = Dialled(class_, more.get("number", ""), more.get("carrier", ""), more.get("trunk", ""), at(when), talk_s)
    charge = rates.charge(call)
    return None if charge is None else f"{charge.amount} {charge.rated_s}"


@pytest.fixture
def rates(tmp_path: Path) -> Rater:
    return rater(tmp_path)


def test_a_first_period_and_steps_each_begun_one_paid(rates: Rater) -> None:
    assert [cost(rates, "local", talk_s) for talk_s in (1, 180, 181, 240, 241)] == [
        "0.22 180",
        "0.22 180",
        "0.33 240",
        "0.33 240",
        "0.44 300",
    ]


def test_the_longest_prefix_then_the_trunk_decides(rates: Rater) -> None:
    assert cost(rates, "domestic", 60, number="02155501234") == "0.70 60"
    assert cost(rates, "domestic", 60, number="075555501234") == "0.10 60"
    assert cost(rates, "domestic", 60, number="075555501234", trunk="05") == "0.05 60"
    assert cost(rates, "domestic", 61, number="075555501234", carrier="17909") == "0.60 120"
    assert cost(rates, "domestic", 61, carrier="17951") is None


def test_a_price_is_that_of_the_day_and_hour_also_over_midnight(rates: Rater) -> None:
    assert cost(rates, "domestic", 6, "2026-06-01T20:59:59") == "0.07 6"
    assert cost(rates, "domestic", 6, "2026-06-01T21:00") == "0.04 6"
    assert cost(rates, "domestic", 6, "2026-06-02T06:59:59") == "0.04 6"
    assert cost(rates, "domestic", 6, "2026-06-06T03:00") == "0.04 6"  # the night that began on Friday
    assert cost(rates, "domestic", 6, "2026-06-06T07:00") == "0.03 6"
    assert cost(rates, "domestic", 12, "2026-06-01T20:59:54") == "0.11 12"


def test_a_price_counts_from_its_day(rates: Rater) -> None:
    assert cost(rates, "international", 60, "2026-06-30T23:59") == "8.50 60"
    assert cost(rates, "international", 60, "2026-07-01T00:00") == "6.50 60"
    assert cost(rates, "international", 1, "2026-07-01T00:00") == "3.00 6"


def test_the_calendar_tells_worked_days(rates: Rater) -> None:
    assert cost(rates, "premium", 1, "2026-06-02T12:00") == "5.00 60"
    assert cost(rates, "premium", 1, "2026-06-03T12:00") == "9.00 60"
    assert cost(rates, "premium", 1, "2026-06-06T12:00") == "9.00 60"


def test_no_talk_and_no_price_is_no_cost(rates: Rater) -> None:
    assert cost(rates, "local", 0) is None
    assert cost(rates, "emergency", 60) is None


def test_pulses_and_amounts_of_the_pbx_go_first_where_they_are_to(tmp_path: Path) -> None:
    rates = rater(tmp_path, terms=Terms(pulse_price=Decimal("0.11"), trust_pbx=True, markup_percent=Decimal(10)))
    call = Dialled("local", "5551234", "", "", at("2026-06-01T12:00"), 60)
    assert str(rates.charge(call._replace(pulses=5)).amount) == "0.61"  # type: ignore[union-attr]
    assert str(rates.charge(call._replace(pulses=5, pbx_cost="1.00")).amount) == "1.10"  # type: ignore[union-attr]
    assert str(rates.charge(call._replace(pbx_cost="free")).amount) == "0.24"  # type: ignore[union-attr]
    for one in (call._replace(pulses=5), call._replace(pbx_cost="1.00")):
        assert_told(rates.charge(one), 60)


@pytest.mark.parametrize("rounding", get_args(Rounding))
def test_every_rounding_is_explained(tmp_path: Path, rounding: Rounding) -> None:
    terms = Terms(places=0, rounding=rounding, markup_percent=Decimal(7))
    assert_told(
        rater(tmp_path, terms=terms).charge(Dialled("local", "5551234", "", "", at("2026-06-01T12:00"), 61)), 61
    )


def assert_told(charge: Charge | None, talk_s: int) -> None:
    """Each step is told in both languages, with its amount."""
    assert charge is not None
    call = Call("", 0.0, 0, "", 0, 1, "outgoing", "answered", talk_s=talk_s, class_="local")
    for language in get_args(Language):
        lines = list(told(charge, call, "CNY", language))
        assert len(lines) == len(charge.steps) + 2
        assert [line.split()[0] for line in lines[1:-1]] == [f"{step.amount:f}" for step in charge.steps]


@settings(max_examples=300)
@given(
    talk_s=st.integers(1, 200_000),
    hour=st.integers(0, 24 * 200),
    second=st.integers(0, 3599),
    class_=st.sampled_from(["local", "domestic", "international", "premium"]),
)
def test_an_amount_is_that_of_a_count_second_by_second(
    tmp_path_factory: pytest.TempPathFactory, talk_s: int, hour: int, second: int, class_: str
) -> None:
    rates = rater(tmp_path_factory.mktemp("tariff"))
    answered = at("2026-03-20T00:00") + hour * 3600 + second
    charge = rates.charge(Dialled(class_, "0215550123", "", "", answered, talk_s))
    assert charge is not None
    assert charge.amount == counted(class_, answered, talk_s)
    assert sum(step.talk_s for step in charge.steps) == talk_s
    assert sum((step.amount for step in charge.steps), Decimal(0)) == charge.amount
    assert charge.rated_s is not None
    assert 0 <= charge.rated_s - talk_s < 180
    assert_told(charge, talk_s)
    assert charge == rates.charge(Dialled(class_, "0215550123", "", "", answered, talk_s))


def counted(class_: str, answered: int, talk_s: int) -> Decimal:
    """The amount, by going through the call step by step with what the tariff says in plain words."""
    amount, second = Decimal(0), 0
    while second < talk_s:
        local = dt.datetime.fromtimestamp(answered + second, ZONE)
        if class_ == "local":
            step, price = (180, "0.22") if second == 0 else (60, "0.11")
        elif class_ == "domestic":
            step, price = 6, by_day_and_night(local)
        elif class_ == "international":
            step, price = 6, "0.80" if local.date() <= dt.date(2026, 6, 30) else "0.60"
        else:
            is_off = local.weekday() > 4 or local.date() == dt.date(2026, 6, 3)
            step, price = 60, "9" if is_off else "5"
        amount += Decimal(price)
        second += step
    if class_ == "international":
        amount = max(amount + Decimal("0.5"), Decimal(3))
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def by_day_and_night(local: dt.datetime) -> str:
    if 7 <= local.hour < 21:
        return "0.03" if local.weekday() > 4 else "0.07"
    evening = local if local.hour >= 21 else local - dt.timedelta(days=1)
    if evening.weekday() <= 4:
        return "0.04"
    return "0.02" if local.weekday() == 0 else "0.03"


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ("locol,,,,,,,,,,,,60,1,", 'unknown class "locol"'),
        (",0x,,,,,,,,,,,60,1,", '"0x" cannot be dialled'),
        (",,,,2026-13-01,,,,,,,,60,1,", '"2026-13-01" is not a day'),
        (",,,,2026-02-01,2026-01-01,,,,,,,60,1,", '"until" is before "from"'),
        (",,,,,,weekend,,,,,,60,1,", '"weekend" is no day'),
        (",,,,,,,8-20,,,,,60,1,", '"8-20" are no hours'),
        (",,,,,,,08:00-08:00,,,,,60,1,", "are no hours"),
        (",,,,,,,,-1,,,,60,1,", "a price is not negative"),
        (",,,,,,,,,,,,60,0.0000001,", "is not an amount"),
        (",,,,,,,,,,,,0,1,", '"0" is no number of seconds'),
        (",,,,,,,,,,90,,60,1,", "the first period is no whole number of steps"),
    ],
)
def test_a_fault_is_told_with_its_place(tmp_path: Path, row: str, found: str) -> None:
    (tmp_path / "tariff.csv").write_text(f"{COLUMNS}\n{row}\n")
    with pytest.raises(ConfigError) as raised:
        Tariff.load(tmp_path / "tariff.csv")
    (problem,) = raised.value.errors
    assert found in str(problem)
    assert problem.line == 2
