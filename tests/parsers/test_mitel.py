"""Mitel: records that were cut after 80 columns, and lines that are none."""

from __future__ import annotations

import time

import msgspec
import pytest

from collector.gathering import framer_of
from parsers import formats
from parsers.records import Leg

MITEL = formats.get("mitel/3300")
RECEIVED = 1_735_700_000.0


def legs(data: bytes) -> list[Leg]:
    framer = framer_of(MITEL)
    frames = [*framer.feed(0, data), *framer.finish()]
    records = [MITEL.decoder()(frame.data, 0, RECEIVED) for frame in frames]
    assert all(isinstance(record, Leg) for record in records), records
    return [record for record in records if isinstance(record, Leg)]


@pytest.mark.parametrize("sample", MITEL.samples)
@pytest.mark.parametrize("envelope", [b"", b"@20250101@ "])
def test_a_record_that_was_cut_says_what_it_says_in_one_line(sample: bytes, envelope: bytes) -> None:
    head, rest = sample[:80].ljust(80), sample[80:]
    cut = envelope + head + b"\r\n" + (rest + b"\r\n" if rest else b"")
    one, other = legs(envelope + sample + b"\r\n" + cut)
    assert msgspec.structs.replace(one, raw="") == msgspec.structs.replace(other, raw="")


def test_records_of_80_columns_one_after_the_other_stay_records_of_their_own() -> None:
    heads = [sample[:80].ljust(80) + b"\r\n" for sample in MITEL.samples]
    assert len(legs(b"".join(heads))) == len(heads)


def test_only_a_record_of_exactly_80_columns_may_go_on() -> None:
    for width in (79, 80, 81):
        framer = framer_of(MITEL)
        framer.feed(0, MITEL.samples[0][:79].ljust(width) + b"\r\n")
        assert framer.waits == (width == 80)


def test_a_long_line_of_digits_is_judged_in_a_time_that_grows_with_its_length() -> None:
    began = time.perf_counter()
    MITEL.decoder()(b"1" * 200_000 + b"?", 0, RECEIVED)
    assert time.perf_counter() - began < 5, "a noise expression tries every place of the line from every other"
