from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest
from measuring import TABLES, in_turns

from parsers import formats
from parsers.layout import Delimited

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture

    from parsers.formats import Format

SHORT, LONG = 1024, 4096
ROUNDS = 20
_HEADING = (
    f"lines full of one thing: the slowest of {LONG} bytes in milliseconds, and how many times that of {SHORT} bytes\n"
    f"{'format':28}{'full of':>16}{'ms':>16}{'times':>16}"
)


@pytest.mark.parametrize("name", formats.names())
def test_a_hostile_line_costs_in_proportion_to_its_length(benchmark: BenchmarkFixture, name: str) -> None:
    declared = formats.get(name)
    decode, runs = declared.decoder(), hostile(declared)

    lines = [line(run, LONG) for run in runs]

    told = benchmark(lambda: [decode(whole, 0, 0.0).raw for whole in lines])
    assert [raw.strip() for raw in told] == [whole.decode("latin-1").strip() for whole in lines]
    if benchmark.enabled:
        seconds = in_turns(*(partial(decode, whole, 0, 0.0) for whole in lines), rounds=ROUNDS)
        slowest = max(zip(map(min, seconds), runs, strict=True))[1]
        sizes = (partial(decode, line(slowest, size), 0, 0.0) for size in (SHORT, LONG))
        short, long = map(min, in_turns(*sizes, rounds=ROUNDS))
        TABLES[_HEADING].append((name, repr(slowest[:8]), f"{long * 1000:.2f}", f"{long / short:.1f}"))
        benchmark.extra_info["slowest_ms"] = round(long * 1000, 2)
        benchmark.extra_info["growth"] = round(long / short, 1)


def hostile(declared: Format) -> list[bytes]:
    """Of what a line may be full: digits, blanks, letters, what separates, pads and rules, and the format's own lines."""
    separators = {layout.separator.encode() for layout in declared.layouts if isinstance(layout, Delimited)}
    samples = (sample[: len(sample) // 2] for sample in declared.samples)
    return [b"1", b"0", b" ", b"A", b"a", b"-", b"*", b".", b"=", b"\xe9", b" 1", b"A ", *separators, *samples]


def line(run: bytes, size: int) -> bytes:
    """So many bytes of it, and one that no PBX prints: what fits all the way does not fit in the end."""
    return (run * size)[: size - 1] + b"\x80"
