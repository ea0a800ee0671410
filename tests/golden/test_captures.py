"""Captures of real PBXs: every printed call is a leg, the rest is named, and what the legs say stays what it was."""

from __future__ import annotations

import json
import re

import pytest
from captures import CORPUS, FORMATS, GOLDEN, frames_of, path_of, summary_of

from parsers import detection

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason=f"the captures are not at {CORPUS}")

_CLOCK = re.compile(rb"\d:\d\d")
_NO_CALL = re.compile(rb"SMDR REPORT|GROUP IN|LOG (?:IN|OUT)")


@pytest.mark.parametrize("capture", FORMATS)
def test_a_capture_says_what_was_checked_by_eye(capture: str) -> None:
    assert summary_of(capture) == json.loads(GOLDEN.read_text())[capture]


@pytest.mark.parametrize("capture", FORMATS)
def test_every_line_with_a_clock_time_is_a_leg(capture: str) -> None:
    printed = [frame for frame in frames_of(capture) if _CLOCK.search(frame) and not _NO_CALL.search(frame)]
    assert sum(summary_of(capture)["legs"].values()) == len(printed)


@pytest.mark.parametrize("capture", FORMATS)
def test_a_capture_is_detected_as_its_format(capture: str) -> None:
    best, *others = detection.rank(frames_of(capture))
    assert best.name == FORMATS[capture]
    assert best.rejected == 0
    assert all(other.score <= best.score for other in others)


@pytest.mark.parametrize("capture", sorted(path.stem for path in CORPUS.glob("*.log")))
def test_a_capture_of_an_unknown_format_is_not_taken_for_a_known_one(capture: str) -> None:
    if capture not in FORMATS:
        assert detection.rank([line for line in path_of(capture).read_bytes().splitlines() if line]) == []


_DURATION = {
    "avaya": rb"^\0*[^,]*,(\d\d):(\d\d):(\d\d),",
    "lg": rb" (?:(\d\d):)?(\d\d):(\d\d) \d\d/\d\d/\d\d ",
    "mitel": rb" (\d{4}):(\d\d):(\d\d) (?!.{8}\*)",
    "panasonic": rb"(\d?\d):(\d\d)['.](\d\d)",
    "samsung": rb"\d\d:\d\d:\d\d (\d\d):(\d\d):(\d\d) (?!IA)",
    "siemens": rb"^(?:[^|]*\|){5}(\d\d):(\d\d):(\d\d)\|",
}
"""Where a family prints the talk time, written without looking at its declaration."""


@pytest.mark.parametrize("capture", FORMATS)
def test_talk_times_add_up_to_an_independent_count(capture: str) -> None:
    printed = re.compile(_DURATION[FORMATS[capture].partition("/")[0]])
    found = [match.groups(b"0") for frame in frames_of(capture) if (match := printed.search(frame.strip(b"\r\n")))]
    counted = sum(int(hours) * 3600 + int(minutes) * 60 + int(seconds) for hours, minutes, seconds in found)
    assert summary_of(capture)["talk_s"] == counted
