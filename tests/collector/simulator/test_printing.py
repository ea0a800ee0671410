"""What is simulated in any format is understood again, leg by leg."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

import pytest
from understanding import SHORT_NUMBERS_ARE_OURS, read_back

from collector.gathering import framer_of
from collector.interpreting import interpret
from collector.simulator.office import Profile
from collector.simulator.printing import PAGE_LINES, print_lines, reported
from collector.simulator.traffic import Traffic
from parsers import formats
from parsers.records import Noise

if TYPE_CHECKING:
    from collector.calls import Call
    from parsers.formats import Format, Planned

MORNING = datetime(2026, 3, 2, 9)  # noqa: DTZ001  (a PBX's clock knows no zone)
SHORTEST_CUT_NUMBER = 10
LONGEST_NUMBER = 15
"""Digits that every format has room for; some cut longer numbers."""


@pytest.mark.parametrize("name", formats.names())
@pytest.mark.parametrize("seed", [3, 9])
def test_what_is_printed_is_read_back(name: str, seed: int) -> None:
    declared = formats.get(name)
    decode = declared.decoder()
    for planned in islice(reported(declared, Traffic(Profile.office(3000), seed).legs(MORNING)), 1500):
        if not _looks_internal(planned, declared):
            _assert_same(planned, read_back(declared, decode, planned, _received(planned)), declared)


def _looks_internal(planned: Planned, declared: Format) -> bool:
    """Whether the outside number is a service's, as short as an extension, where nothing else tells them apart."""
    return declared.name in SHORT_NUMBERS_ARE_OURS and len(planned.number or "1234567") < 7


def _assert_same(planned: Planned, leg: Call, declared: Format) -> None:
    nobody_answered = planned.direction == "incoming" and planned.outcome != "answered"
    assert leg.extension == planned.extension or (leg.extension is None and nobody_answered), planned
    # a transferred leg may leave its direction to the leg before it
    assert leg.direction in (planned.direction, "unknown" if planned.transferred else None), planned
    assert leg.talk_s is None or abs(leg.talk_s - planned.talk_s) < declared.step_s, planned
    assert leg.ring_s is None or abs(leg.ring_s - planned.ring_s) < declared.step_s, planned
    assert leg.peer_extension == planned.peer_extension, planned
    if planned.outcome == "answered":
        assert leg.outcome in ("answered", "unknown"), planned
    else:
        assert leg.outcome != "answered", planned
    if leg.trunk:
        assert int(re.split("[.:]", leg.trunk)[0]) == int(planned.trunk or ""), planned
    if leg.number and leg.number != planned.number:  # some PBXs print only the first digits of a long number
        assert (planned.number or "").startswith(leg.number), planned
        assert len(leg.number) >= SHORTEST_CUT_NUMBER, planned
    assert leg.start is not None
    # where the end is printed, what the format leaves out (ring time, talk between extensions) moves the start
    unknown = (planned.ring_s if leg.ring_s is None else 0) + (planned.talk_s if leg.talk_s is None else 0)
    earliest, latest = (
        start.replace(tzinfo=UTC).timestamp() for start in (planned.call_start or planned.start, planned.start)
    )
    if declared.stamp == "end":
        latest += unknown
        earliest -= max(0, (leg.talk_s or 0) - planned.talk_s)  # a talk that is printed rounded up begins earlier
    assert earliest - leg.resolution_s < leg.start < latest + leg.resolution_s, planned


@pytest.mark.parametrize("name", formats.names())
def test_the_line_tells_its_numbers(name: str) -> None:
    declared = formats.get(name)
    decode = declared.decoder()
    direction, longest = ("outgoing", LONGEST_NUMBER) if declared.outgoing else ("incoming", SHORTEST_CUT_NUMBER)
    legs = [leg for leg in islice(Traffic(Profile.office(3000), 4).legs(MORNING), 1000) if leg.direction == direction]
    legs = [leg for leg in legs if leg.number and not _looks_internal(leg, declared)]
    read = [read_back(declared, decode, leg, _received(leg)) for leg in legs]
    whole = [(leg.number or "")[: max(longest, len(told.number or ""))] for leg, told in zip(legs, read, strict=True)]
    assert [told.number for told in read] == whole


@pytest.mark.parametrize("name", formats.names())
def test_every_page_begins_with_its_heading(name: str) -> None:
    declared = formats.get(name)
    legs = list(islice(reported(declared, Traffic(Profile.office(), 1).legs(MORNING)), PAGE_LINES * 2 + 1))
    printed = [line.text for line in print_lines(declared, legs)]
    with_heading = [number for number, text in enumerate(printed) if text != declared.line(legs[number])]
    days = [leg.end.date() for leg in legs]
    at_midnight = [number for number in range(1, len(days)) if days[number] != days[number - 1]]
    begun = {0, PAGE_LINES, PAGE_LINES * 2} if declared.blocks is None else {0}
    begun |= set(at_midnight) if declared.dated else set()
    assert with_heading == (sorted(begun) if declared.heading else [])
    framer, decode = framer_of(declared), declared.decoder()
    frames = [*framer.feed(0, declared.page_heading(legs[0].end)), *framer.finish()]
    read = [record for frame in frames for record, _ in interpret(frame, decode, name, _received(legs[0]))]
    assert all(isinstance(record, Noise) for record in read)


def test_a_year_is_printed_in_a_moment() -> None:
    declared = formats.get("panasonic/kx-tda")
    year = Traffic(Profile.office(100), 1).between(MORNING, MORNING + timedelta(days=365))
    lines = list(print_lines(declared, year))
    assert 25_000 < len(lines) < 45_000
    assert all(line.text.endswith(b"\r\n") for line in lines)


def _received(leg: Planned) -> float:
    return (leg.end + timedelta(seconds=1)).replace(tzinfo=UTC).timestamp()
