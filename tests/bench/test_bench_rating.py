from __future__ import annotations

import random
from statistics import median
from typing import TYPE_CHECKING

from measuring import in_turns, kx_td_lines

from collector.accounting.calendar import WorkingCalendar
from collector.accounting.directory import Directory
from collector.accounting.plan import Plan
from collector.accounting.rating import Rater, Terms
from collector.accounting.tariff import Tariff
from collector.calls import Call
from collector.config import Calendar
from collector.projection import Accounting
from parsers import formats

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_benchmark.fixture import BenchmarkFixture

CALLS = 20_000
MILLION = 1_000_000
ROUNDS = 20
TARIFF = """class,carrier,hours,days,first_s,first_price,step_s,price
local,,,,180,0.22,60,0.11
mobile,,,,180,0.22,60,0.11
domestic,,07:00-21:00,working,,,6,0.07
domestic,,,,,,6,0.04
domestic,17909,,,,,60,0.30
"""
NUMBERS = ("5550{:04}", "1390000{:04}", "0215550{:04}", "1790902155{:06}")


def test_class_holder_and_cost_beside_parsing(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    (tmp_path / "tariff.csv").write_text(TARIFF)
    calendar = WorkingCalendar(Calendar(holidays="CN"), {})
    rater = Rater(Tariff.load(tmp_path / "tariff.csv"), Terms(), "Asia/Shanghai", calendar)
    accounting = Accounting(Plan.load("cn"), Directory.load(None), rater)
    calls = [
        Call(
            "pbx1",
            0.0,
            n,
            "panasonic/kx-td",
            1_786_400_000 + 7 * n,
            60,
            "outgoing",
            "answered",
            extension=str(100 + n % 50),
            number=NUMBERS[n % 4].format(n * 7 % 3000),
            talk_s=n * 13 % 900,
        )
        for n in range(CALLS)
    ]
    lines, decode = kx_td_lines(CALLS), formats.get("panasonic/kx-td").decoder()

    def enrich() -> None:
        for call in calls:
            accounting.enrich(call)

    def parse() -> None:
        for line in lines:
            decode(line, 0, 1_786_400_000.0)

    benchmark(enrich)
    if benchmark.enabled:
        ours, parsing = in_turns(enrich, parse, rounds=ROUNDS)
        benchmark.extra_info["calls_per_second"] = round(CALLS / min(ours))
        benchmark.extra_info["time_of_parsing"] = round(
            median(one / other for one, other in zip(ours, parsing, strict=True)), 2
        )
    assert all(call.cost is not None for call in calls if call.talk_s)


def test_classifying_a_million_numbers_with_a_hot_cache(benchmark: BenchmarkFixture) -> None:
    """An office calls the same numbers again and again: 5,000 of them, in any order."""
    plan = Plan.load("cn", access=("9",))
    chance = random.Random(7)
    known = [f"9{chance.choice(NUMBERS).format(n)}" for n in range(5_000)]
    numbers = [chance.choice(known) for _ in range(MILLION if benchmark.enabled else CALLS)]

    def classify() -> None:
        for number in numbers:
            plan.classify("outgoing", number)

    def look_up() -> None:
        for number in numbers:
            table[number]

    table = dict.fromkeys(known)
    classify()
    benchmark.pedantic(classify, rounds=3)
    if benchmark.enabled:
        ours, plainest = in_turns(classify, look_up, rounds=5)
        benchmark.extra_info["numbers_per_second"] = round(len(numbers) / min(ours))
        benchmark.extra_info["times_a_look_up"] = round(
            median(one / other for one, other in zip(ours, plainest, strict=True)), 2
        )
    assert {plan.classify("outgoing", number)[0] for number in known} == {"local", "mobile", "domestic"}
