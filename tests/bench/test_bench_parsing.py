from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice
from statistics import median
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import named_groups
import pytest
from measuring import TABLES, in_turns

from collector.gathering import framer_of
from collector.simulator.office import Profile
from collector.simulator.printing import reported
from collector.simulator.traffic import Traffic
from parsers import formats
from parsers.records import Leg
from parsers.stamps import Stamps

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture

    from parsers.formats import Decoder, Format

LEGS = 250
ROUNDS = 200
_FIRST = datetime(2026, 3, 2, 9)  # noqa: DTZ001  (a PBX's clock knows no zone)
_RECEIVED = datetime(2026, 3, 3, tzinfo=UTC).timestamp()
_HEADING = (
    "legs a second and core; the same lines by an expression of named groups and groupdict; the ratio of the two\n"
    f"{'format':28}{'legs/s':>16}{'groupdict/s':>16}{'ratio':>16}"
)


@pytest.mark.parametrize("name", formats.names())
def test_parsed_legs_per_second_beside_named_groups(benchmark: BenchmarkFixture, name: str) -> None:
    declared = formats.get(name)
    decode = declared.decoder(Stamps(ZoneInfo("Asia/Shanghai"), declared.order, declared.stamp))
    lines = printed_by(declared)
    texts = [named_groups.prepared(declared, decode(line, 0, _RECEIVED).raw) for line in lines]
    read = named_groups.reader(declared)

    assert benchmark(parsed, decode, lines) == read(texts) == len(lines)
    if benchmark.enabled:
        ours, theirs = in_turns(lambda: parsed(decode, lines), lambda: read(texts), rounds=ROUNDS)
        rate, other = len(lines) / min(ours), len(lines) / min(theirs)
        ratio = median(other_s / our_s for our_s, other_s in zip(ours, theirs, strict=True))
        TABLES[_HEADING].append((name, f"{rate:,.0f}", f"{other:,.0f}", f"{ratio:.2f}"))
        benchmark.extra_info["legs_per_second"] = round(rate)
        benchmark.extra_info["of_named_groups"] = round(ratio, 3)


def printed_by(declared: Format) -> list[bytes]:
    """The records that a busy office's PBX prints in a morning, framed."""
    legs = islice(reported(declared, Traffic(Profile.office(3000), 3).legs(_FIRST)), LEGS)
    framer = framer_of(declared)
    heading = declared.heading if declared.blocks else b""
    frames = [*framer.feed(0, heading + b"".join(map(declared.line, legs))), *framer.finish()]
    return [frame.data for frame in frames if frame.data.strip(b"\0\r\n ") and not frame.heading]


def parsed(decode: Decoder, lines: list[bytes]) -> int:
    """How many of the lines are legs."""
    return sum(type(decode(line, 0, _RECEIVED)) is Leg for line in lines)
