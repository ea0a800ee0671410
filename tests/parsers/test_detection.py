"""Detection finds the format of a few lines, says why, and says nothing where there is nothing to say."""

from __future__ import annotations

from datetime import datetime

import pytest

from parsers import detection, formats


@pytest.mark.parametrize("name", formats.names())
def test_samples_are_detected_as_their_format(name: str) -> None:
    best, *others = detection.rank(formats.get(name).samples)
    assert (best.name, best.rejected, best.score) == (name, 0, 1.0)
    assert all(other.legs < best.legs or other.name.partition("/")[0] == name.partition("/")[0] for other in others)


@pytest.mark.parametrize("name", formats.names())
def test_one_record_under_its_heading_is_enough(name: str) -> None:
    declared = formats.get(name)
    heading = declared.page_heading(datetime(2026, 3, 2))  # noqa: DTZ001  (a PBX's clock knows no zone)
    lines = [*heading.splitlines(keepends=True), declared.samples[0] + b"\r\n"]
    assert detection.rank(lines)[0].name == name


@pytest.mark.parametrize("name", formats.names())
def test_damaged_lines_among_the_records_do_not_mislead(name: str) -> None:
    samples = formats.get(name).samples
    torn = [sample[: len(sample) // 4] for sample in samples]
    best = detection.rank([*torn, *samples, *samples])[0]
    assert best.name == name
    assert any("does not fit" in reason for reason in best.reasons) == bool(best.rejected)


@pytest.mark.parametrize("lines", [[], [b"", b"\r\n", b"\f"], [b"login:", b"Password:"], [bytes(range(256))] * 20])
def test_no_format_is_named_for_what_is_no_record(lines: list[bytes]) -> None:
    assert detection.rank(lines) == []


def test_reports_with_one_line_records_between_them_are_the_reports() -> None:
    reports, events = formats.get("nortel/norstar").samples, formats.get("nortel/norstar-realtime").samples
    lines = [*events[0:3], *reports[0].splitlines(), *reports[1].splitlines(), *events[5:7], *reports[2].splitlines()]
    best = detection.rank([line + b"\r\n" for line in lines])[0]
    assert (best.name, best.rejected) == ("nortel/norstar", 0)


@pytest.mark.parametrize(
    ("name", "other"), [("nortel/bcm-sl1", "nortel/meridian-1"), ("nortel/meridian-1", "nortel/bcm-sl1")]
)
def test_sl1_records_of_a_bcm_and_of_a_meridian_are_told_apart_by_their_parties(name: str, other: str) -> None:
    for sample in formats.get(name).samples:
        ranked = [found.name for found in detection.rank([line + b"\r\n" for line in sample.splitlines()])]
        assert ranked[0] == name
        assert other not in ranked or name == "nortel/bcm-sl1"


def test_the_answer_comes_with_reasons_in_plain_words() -> None:
    lines = [b"11/26/02 is not it", *formats.get("lg/gdk").samples]
    best = detection.rank(lines)[0]
    assert best.reasons[0] == "5 of 6 lines are its records"
    assert best.reasons[1].startswith("a line does not fit: column 1-4 (no) holds '11/2'")


def test_blank_lines_are_passed_over_and_no_more_than_twenty_others_are_read() -> None:
    sample = formats.get("lg/gdk").samples[0]
    best = detection.rank([b"\r\n"] * 50 + [sample] * 25 + [b"rubbish"] * 30)[0]
    assert (best.legs, best.rejected, best.noise) == (20, 0, 0)
