"""Captures of real PBXs: every printed call is a leg, the rest is named, and what the legs say stays what it was."""

from __future__ import annotations

import json
import re

import pytest
from captures import CORPUS, FORMATS, GOLDEN, frames_of, lines_of, path_of, summary_of

from parsers import detection, formats
from parsers.records import Noise

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason=f"the captures are not at {CORPUS}")

_CLOCK = re.compile(rb"\d:\d\d")
_OTHER_CLOCKS = {
    "asterisk/cel": re.compile(rb'^"(?:CHAN_START|ANSWER|LINKEDID_END|HANGUP",.*"TinCan)'),
    "avaya/definity": re.compile(rb" \d{4} "),
    "ericsson/bp250": re.compile(rb"^00 \d{3} \d{6} \d{4} "),
    "multicom/maxicom": re.compile(rb"\d\d:\d\d:\d\d   \d\d:"),
    "nec/neax": re.compile(rb" \d{20} "),
    "samsung/nx": re.compile(rb"\d\d:\d\d:\d\d  \d\d:"),
    "telrad/smdr": re.compile(rb"^\d\d\.\d\d\.\d{4} \d\d:\d\d  "),
}
_TORN = {"samsung-nx-1232": 1}
"""Lines among the first of a capture that are torn."""
_NO_CALL = re.compile(rb"SMDR REPORT|GROUP IN|LOG (?:IN|OUT)|FEAT_HISTORY")


@pytest.mark.parametrize("capture", FORMATS)
def test_a_capture_says_what_was_checked_by_eye(capture: str) -> None:
    assert summary_of(capture) == json.loads(GOLDEN.read_text())[capture]


@pytest.mark.parametrize("capture", FORMATS)
def test_every_line_with_a_clock_time_is_a_leg(capture: str) -> None:
    clock = _OTHER_CLOCKS.get(FORMATS[capture], _CLOCK)
    printed = [frame for frame in frames_of(capture) if clock.search(frame) and not _NO_CALL.search(frame)]
    assert sum(summary_of(capture)["legs"].values()) == len(printed)


@pytest.mark.parametrize("capture", FORMATS)
def test_a_capture_is_detected_as_its_format(capture: str) -> None:
    best, *others = detection.rank(lines_of(capture))
    assert best.name == FORMATS[capture]
    assert best.rejected == _TORN.get(capture, 0)
    assert all(other.score <= best.score for other in others)


@pytest.mark.parametrize("capture", sorted(path.stem for path in CORPUS.glob("*.log")))
def test_a_capture_of_an_unknown_format_is_not_taken_for_a_known_one(capture: str) -> None:
    if capture not in FORMATS:
        assert detection.rank([line for line in path_of(capture).read_bytes().splitlines() if line]) == []


@pytest.mark.parametrize("capture", sorted(path.stem for path in CORPUS.glob("*.log")))
def test_a_capture_of_lines_is_no_binary_file(capture: str) -> None:
    data = path_of(capture).read_bytes()
    for name in formats.names():
        blocks = formats.get(name).blocks
        assert blocks is None or not re.search(blocks.plausible.encode("latin-1"), data, re.DOTALL)


@pytest.mark.parametrize(
    ("capture", "name", "kinds"),
    [
        ("cisco-cucm-cdr-header", "cisco/cucm", ["heading", "heading"]),
        ("cisco-cucm-cmr", "cisco/cucm", ["event"]),
    ],
)
def test_a_capture_without_calls_is_noise(capture: str, name: str, kinds: list[str]) -> None:
    decode = formats.get(name).decoder()
    records = [decode(line, 0, 0.0) for line in path_of(capture).read_bytes().splitlines()]
    assert [record.reason for record in records if isinstance(record, Noise)] == kinds
    assert len(records) == len(kinds)


_DURATION = {
    "3cx": rb"^Call \d+,[^,]*,(\d\d):(\d\d):(\d\d),",
    "alcatel": rb" \d\d/\d\d/\d\d \d\d:\d\d (\d\d):(\d\d):(\d\d) ",
    "asterisk/cdr": rb',(\d+),"[A-Z ]+","DOC',
    "asterisk/cel": rb"(?!)",
    "avaya": rb"^\0*[^,]*,(\d\d):(\d\d):(\d\d),",
    "avaya/definity": rb"^\d \d{6} \d{4} (\d)(\d\d)(\d) ",
    "beronet": rb":\d\d,[\d/]{8}-(\d\d):(\d\d):(\d\d),[\d/]{8}-(\d\d):(\d\d):(\d\d),",
    "cisco/cme": rb" ConnectTime (\d\d):(\d\d):(\d\d)\..* DisconnectTime (\d\d):(\d\d):(\d\d)\.",
    "ericsson/bp250": rb"^.{24}(\d)(\d\d)(\d\d) ",
    "freeswitch": rb'","(\d+)","[A-Z_]+","',
    "fritzbox": rb";DISCONNECT;\d+;(\d+);",
    "hybrex": rb"'\d\d\" (\d\d):(\d\d)'(\d\d)\"",
    "lg": rb" (?:(\d\d):)?(\d\d):(\d\d) \d\d/\d\d/\d\d ",
    "lg/ghx": rb" (\d):(\d\d):(\d\d) \d\d:\d\d ",
    "mitel": rb" (\d{4}):(\d\d):(\d\d) (?!.{8}\*)",
    "multicom": rb"\d\d:\d\d:\d\d   (\d\d):(\d\d):(\d\d)   ",
    "nec": rb"^.{23}(\d\d)(\d\d)(\d\d)\d{4}(\d\d)(\d\d)(\d\d) ",
    "nortel": rb" \d\d/\d\d [\d:]+ (\d\d):(\d\d):(\d\d)",
    "panasonic": rb"(\d?\d):(\d\d)['.](\d\d)",
    "samsung": rb"\d\d:\d\d:\d\d (\d\d):(\d\d):(\d\d) (?!IA)",
    "samsung/nx": rb"\d\d:\d\d:\d\d  (\d\d):(\d\d):(\d\d)",
    "samsung/skp-36hx": rb"\d\d:\d\d:\d\d   (\d\d):(\d\d):(\d\d)",
    "samsung/skp-816": rb"\d\d:\d\d:\d\d\t(\d\d):(\d\d):(\d\d)",
    "siemens": rb"^(?:[^|]*\|){5}(\d\d):(\d\d):(\d\d)\|",
    "siemens/hicom-118": rb"^.{33}(\d\d):(\d\d):(\d\d) ",
    "siemens/hicom-250": rb"^.{18}  (\d\d):(\d\d):(\d\d) ",
    "siemens/hicom-350h": rb"^.{17}(\d\d):(\d\d):(\d\d)",
    "siemens/hipath-compressed": rb"^.{30}(\d\d):(\d\d):(\d\d)",
    "telrad": rb"^.{25}\d{3}.{13}(?:(\d\d):| {3})(\d\d):(\d\d)",
}
"""Where a family or a format prints the talk time, written without looking at its declaration."""
_SECONDS = {
    "asterisk/cdr": (1,),
    "avaya/definity": (3600, 60, 6),
    "beronet/csv": (3600, 60, 1, -3600, -60, -1),
    "cisco/cme": (-3600, -60, -1, 3600, 60, 1),
    "freeswitch/cdr": (1,),
    "fritzbox/callmonitor": (1,),
    "nec/neax": (-3600, -60, -1, 3600, 60, 1),
}
"""What the figures found are worth, where they are not hours, minutes and seconds."""


@pytest.mark.parametrize("capture", FORMATS)
def test_talk_times_add_up_to_an_independent_count(capture: str) -> None:
    name = FORMATS[capture]
    printed = re.compile(_DURATION.get(name) or _DURATION[name.partition("/")[0]])
    worth = _SECONDS.get(name, (3600, 60, 1))
    found = [match.groups(b"0") for frame in frames_of(capture) if (match := printed.search(frame.strip(b"\r\n")))]
    counted = sum(int(figure) * seconds for figures in found for figure, seconds in zip(figures, worth, strict=True))
    assert summary_of(capture)["talk_s"] == counted
