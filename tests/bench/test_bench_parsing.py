from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from measuring import kx_td_lines, report

from parsers import formats
from parsers.records import Leg
from parsers.stamps import Stamps

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture

RECEIVED = 1_786_000_000.0


@pytest.mark.parametrize("name", formats.names())
def test_parsed_legs_per_second(benchmark: BenchmarkFixture, name: str) -> None:
    declared = formats.get(name)
    decode = declared.decoder(Stamps(ZoneInfo("Asia/Shanghai"), declared.order, declared.stamp))
    lines = (
        kx_td_lines(20_000) if name == "panasonic/kx-td" else [*declared.samples] * (20_000 // len(declared.samples))
    )

    def parse() -> int:
        return sum(type(decode(line, 0, RECEIVED)) is Leg for line in lines)

    assert benchmark(parse) == len(lines)
    if benchmark.enabled:
        report(benchmark, len(lines) / benchmark.stats.stats.min, "legs_per_second")
