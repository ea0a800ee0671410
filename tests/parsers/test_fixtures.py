"""Every case folder of ``fixtures/`` says what its expected.jsonl says, byte for byte."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from fixture_cases import CASES

from collector.framing import Framer
from parsers import detection, formats

if TYPE_CHECKING:
    from fixture_cases import Case

ALL = [pytest.param(case, id=name) for name, case in CASES.items()]


@pytest.mark.parametrize("case", ALL)
def test_the_capture_says_what_is_expected(case: Case) -> None:
    printed, _ = case.read()
    assert printed.splitlines() == case.expected.read_text().splitlines()


@pytest.mark.parametrize("case", ALL)
def test_every_byte_is_in_a_record_a_rejected_line_or_noise(case: Case) -> None:
    printed, summary = case.read()
    kinds = Counter(json.loads(line)["kind"] for line in printed.splitlines())
    assert summary.bytes == (case.folder / "raw.bin").stat().st_size
    assert summary.bytes == summary.record_bytes + summary.rejected_bytes + summary.noise_bytes
    assert (kinds["leg"], kinds["rejected"], kinds["noise"]) == (summary.legs, summary.rejected, summary.noise)


@pytest.mark.parametrize("case", ALL)
def test_the_capture_is_detected_as_what_it_is(case: Case) -> None:
    framer = Framer(0)
    frames = [*framer.feed(0, (case.folder / "raw.bin").read_bytes()), *framer.finish()]
    assert detection.rank([frame.data for frame in frames])[0].name == case.format


def test_every_format_has_a_case_and_a_torn_line_is_among_each_family() -> None:
    covered = {case.format for case in CASES.values()}
    torn = {
        case.format.partition("/")[0] for case in CASES.values() if '"kind":"rejected"' in case.expected.read_text()
    }
    assert covered == set(formats.names())
    assert torn == {name.partition("/")[0] for name in formats.names()}
