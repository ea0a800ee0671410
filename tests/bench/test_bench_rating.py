from __future__ import annotations

import random
from functools import cached_property
from itertools import cycle, islice
from statistics import median
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from measuring import TABLES, in_turns, kx_td_lines
from test_bench_parsing import printed_by

from collector.accounting.calendar import WorkingCalendar
from collector.accounting.directory import Directory
from collector.accounting.enriching import Accounting
from collector.accounting.plan import Plan
from collector.accounting.rating import Rater, Terms
from collector.accounting.tariff import Tariff
from collector.calls import Call
from collector.config import Calendar, Site, Source
from collector.config.model import Rules
from collector.projection import SourceProjection
from collector.rollups import Rollup
from collector.rules.judging import judge
from collector.rules.tables import Hours, Tables
from collector.segments import Chunk
from collector.store.calls_db import Batch, CallsDb, Counters
from collector.store.database import open_writer
from parsers import formats
from parsers.stamps import Stamps

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytest_benchmark.fixture import BenchmarkFixture

CALLS = 20_000
MILLION = 1_000_000
ROUNDS = 20
_HEADING = "calls a second of rating and rules, and their time beside that of parsing as many"
DAY = 5000
START = 1_786_408_200
"""Half past eight on a Tuesday."""
TARIFF = """class,carrier,hours,days,first_s,first_price,step_s,price
local,,,,180,0.22,60,0.11
mobile,,,,180,0.22,60,0.11
domestic,,07:00-21:00,working,,,6,0.07
domestic,,,,,,6,0.04
domestic,17909,,,,,60,0.30
"""
NUMBERS = ("5550{:04}", "1390000{:04}", "0215550{:04}", "1790902155{:06}")


DIRECTORY = "extension,person,may_call\n" + "".join(
    f"{extension},Person {extension},{'local mobile' if extension % 5 == 1 else ''}\n" for extension in range(100, 150)
)
ZONE = "Asia/Shanghai"


@pytest.fixture
def tables(tmp_path: Path) -> Tables:
    """A site with a tariff, a directory in which every fifth phone may not call far, and no applications."""
    (tmp_path / "tariff.csv").write_text(TARIFF)
    (tmp_path / "directory.csv").write_text(DIRECTORY)
    calendar, plan = WorkingCalendar(Calendar(holidays="CN"), {}), Plan.load("cn")
    directory = Directory.load(tmp_path / "directory.csv", ZONE)
    rater = Rater(Tariff.load(tmp_path / "tariff.csv"), Terms(), ZONE, calendar)
    return Tables(
        settings=Rules(private_codes=("9",), private_numbers=("13900000001",)),
        site=Site(name="hq", timezone=ZONE, area_code="0755"),
        zone=ZoneInfo(ZONE),
        hours=Hours(calendar, ZoneInfo(ZONE), Rules().fraud_night_hours),
        plan=plan,
        directory=directory,
        accounting=Accounting(plan, directory, rater),
        rater=rater,
        codes={},
        applications=(),
        marked=frozenset(),
        recorded_since=0,
        now=2e9,
    )


def made() -> list[Call]:
    """A day's calls again and again, one in thirty off hours; every fifth comes in, a tenth of those is missed.

    One in sixteen goes far away without the prefix, one in four of them from a phone that may not.
    """
    return [
        Call(
            "pbx1",
            0.0,
            n,
            "panasonic/kx-td",
            START + 86_400 * (n // DAY) + (n % DAY * 30_000 // DAY if n % 30 != 1 else -7_200),
            60,
            "outgoing" if n % 5 else "incoming",
            "answered" if n % 50 else "unanswered",
            extension=str(100 + n % 50),
            number=NUMBERS[n % 4 if n % 16 in (2, 3) else n % 2].format(n * 7 % 3000),
            talk_s=n * 13 % 900,
            account_code="9" if n % 100 == 0 else None,
        )
        for n in range(CALLS)
    ]


class NoAccounting(Accounting):
    """Leaves calls as they were joined."""

    def enrich(self, call: Call) -> None:
        """Add nothing."""


class NoSums(Rollup):
    """Sums nothing up."""

    def add(self, call: Call, sign: int = 1) -> None:
        """Count nothing."""


class Parsing:
    """What rating and rules are compared with."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def by_speed(self) -> list[str]:
        """The formats, those first whose core is fastest."""
        seconds = {name: min(in_turns(core(name, CALLS // 20))[0]) for name in formats.names()}
        return sorted(seconds, key=seconds.__getitem__)

    @cached_property
    def works(self) -> dict[str, Callable[[], object]]:
        """By their names, works that parse as many calls as are rated."""
        return {
            "core of panasonic/kx-td": core("panasonic/kx-td"),
            "core of the fastest format": core(self.by_speed[0]),
            "core of the median format": core(self.by_speed[len(self.by_speed) // 2]),
            "panasonic/kx-td, bytes to calls": whole(self._folder),
        }


def core(name: str, count: int = CALLS) -> Callable[[], object]:
    """Making legs of framed lines, and nothing else."""
    declared = formats.get(name)
    decode = declared.decoder(Stamps(ZoneInfo(ZONE), declared.order, declared.stamp))
    printed = kx_td_lines(count) if name == "panasonic/kx-td" else printed_by(declared)
    lines = list(islice(cycle(printed), count))

    def work() -> None:
        for line in lines:
            decode(line, 0, float(START))

    return work


def whole(folder: Path) -> Callable[[], object]:
    """What the collector does of bytes in its journal until they are calls, without accounting, sums and storing."""
    data, size = b"".join(kx_td_lines(CALLS)), 65_536
    pieces = [data[first : first + size] for first in range(0, len(data), size)]
    db = CallsDb(open_writer(folder / "calls.db"))
    source = Source(name="pbx1", input="tcp-listen://127.0.0.1:2300", format="panasonic/kx-td")
    accounting, sums = NoAccounting(Plan.load("cn"), Directory({})), NoSums(ZoneInfo(ZONE), 15)

    def work() -> None:
        projection = SourceProjection(source, source.format, ZONE, accounting, db, Counters())
        offset = calls = 0
        for piece in pieces:
            batch = Batch()
            projection.take(_chunk(offset, piece), batch, sums)
            offset += len(piece)
            calls += len(batch.calls)
        assert calls == CALLS

    return work


def _chunk(offset: int, data: bytes) -> Chunk:
    return Chunk("pbx1", offset, 0, opened=offset == 0, ended=False, received=float(START), data=data)


@pytest.fixture(scope="module")
def parsing(tmp_path_factory: pytest.TempPathFactory) -> Parsing:
    return Parsing(tmp_path_factory.mktemp("parsing"))


def beside_parsing(benchmark: BenchmarkFixture, work: Callable[[], object], parsing: Parsing, what: str) -> None:
    """Keep how fast a work over the calls is, and how long it takes beside parsing as many in each way there is."""
    benchmark(work)
    if not benchmark.enabled:
        return
    ours, *others = in_turns(work, *parsing.works.values(), rounds=ROUNDS)
    rate = CALLS / min(ours)
    ratios = {
        name: median(one / other for one, other in zip(ours, taken, strict=True))
        for name, taken in zip(parsing.works, others, strict=True)
    }
    for name, ratio in ratios.items():
        TABLES[_HEADING].append((f"{what} / {name}", f"{rate:,.0f}", f"{ratio:.2f}"))
    benchmark.extra_info["formats_by_speed"] = parsing.by_speed
    benchmark.extra_info["calls_per_second"] = round(rate)
    benchmark.extra_info["time_of_parsing"] = {name: round(ratio, 2) for name, ratio in ratios.items()}


def test_class_holder_and_cost_beside_parsing(benchmark: BenchmarkFixture, tables: Tables, parsing: Parsing) -> None:
    calls = made()

    def enrich() -> None:
        for call in calls:
            tables.accounting.enrich(call)

    beside_parsing(benchmark, enrich, parsing, "rating")
    assert all(call.cost is not None for call in calls if call.talk_s and call.direction == "outgoing")


def test_rules_beside_parsing(benchmark: BenchmarkFixture, tables: Tables, parsing: Parsing) -> None:
    calls = made()
    for call in calls:
        tables.accounting.enrich(call)
    beside_parsing(benchmark, lambda: judge(calls, tables), parsing, "rules")
    assert {"off-hours", "ip-prefix", "approval", "fine", "private", "missed"} <= {
        one.rule for one in judge(calls, tables)
    }


def test_rating_and_rules_beside_parsing(benchmark: BenchmarkFixture, tables: Tables, parsing: Parsing) -> None:
    calls = made()

    def account() -> None:
        for call in calls:
            tables.accounting.enrich(call)
        judge(calls, tables)

    beside_parsing(benchmark, account, parsing, "both")


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
