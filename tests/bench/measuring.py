"""What the benchmarks share: references that run at the machine's speed of the moment, lines to read, tables to print."""

from __future__ import annotations

import random
import time
from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pytest_benchmark.fixture import BenchmarkFixture

REFERENCE_LINES = 20_000
TABLES: dict[str, list[Sequence[object]]] = defaultdict(list)
"""Rows to print when all is measured, by the heading above them."""


def plainest_reader(lines: list[bytes]) -> int:
    """The least any reader of printed lines does: decode a line and cut eight columns out of it."""
    total = 0
    for line in lines:
        text = line.decode("latin-1")
        cells = (text[0:8], text[9:16], text[17:22], text[23:25], text[26:56], text[57:65], text[66:76], text[77:80])
        total += len(cells)
    return total


def in_turns(*works: Callable[[], object], rounds: int = 5) -> list[list[float]]:
    """Seconds of processor time that each work took in each round: other programs' time is not counted.

    The works take turns, so that a slow moment of the machine is one for all of them.
    """
    seconds: list[list[float]] = [[] for _ in works]
    for _ in range(rounds):
        for work, taken in zip(works, seconds, strict=True):
            started = time.process_time()
            work()
            taken.append(time.process_time() - started)
    return seconds


def kx_td_lines(count: int, seed: int = 1, *, month: str = "08/26", per_minute: int = 30) -> list[bytes]:
    """Different KX-TD lines of a month in the order of their times, half incoming, 50 extensions, 20 trunks."""
    chance = random.Random(seed)
    lines = []
    for number in range(count):
        minute = number // per_minute
        dial = (
            f"<INCOMING> 0555{chance.randrange(3000):04}"
            if chance.random() < 0.5
            else f"0555{chance.randrange(3000):06}"
        )
        lines.append(
            f"{minute // 1440 % 28 + 1:02}/{month} {minute // 60 % 24:02}:{minute % 60:02}     "
            f"{chance.randrange(100, 150):3} {chance.randrange(1, 21):02} {dial:30} "
            f"00:{chance.randrange(10):02}'{chance.randrange(60):02}               \r\n".encode()
        )
    return lines


def report(benchmark: BenchmarkFixture, rate: float, unit: str) -> None:
    """Keep a rate and its ratio to the plainest reader, both of this run."""
    lines = kx_td_lines(REFERENCE_LINES)
    (seconds,) = in_turns(lambda: plainest_reader(lines))
    benchmark.extra_info[unit] = round(rate)
    benchmark.extra_info["of_plainest_reader"] = round(rate * min(seconds) / len(lines), 4)
