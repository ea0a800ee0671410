"""Records that do not begin where their lines do: blanks in front of them, blanks that were trimmed, control characters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from parsers import formats
from parsers.records import Leg, Record

if TYPE_CHECKING:
    from parsers.formats import Format

_RECEIVED = 1_735_700_000.0
_MAY_BE_CUT = [name for name in formats.names() if formats.get(name).cuts]
_PANASONIC = [name for name in formats.names() if name.startswith("panasonic/")]


def read(declared: Format, line: bytes) -> Record:
    return declared.decoder()(line, 0, _RECEIVED)


def said(record: Record) -> dict[str, object]:
    """What a leg says, apart from its line."""
    assert isinstance(record, Leg), record
    return {name: getattr(record, name) for name in Leg.__struct_fields__ if name != "raw"}


@pytest.mark.parametrize("name", _MAY_BE_CUT)
def test_a_line_without_the_blanks_it_begins_with_says_the_same(name: str) -> None:
    declared = formats.get(name)
    trimmed = [(sample, sample[cut:]) for sample in declared.samples for cut in declared.cuts if sample[:cut].isspace()]
    for sample, line in trimmed:
        assert said(read(declared, line)) == said(read(declared, sample))
        assert read(declared, line).raw == line.decode("latin-1")
    assert trimmed or not any(sample.startswith(b" ") for sample in declared.samples)


@pytest.mark.parametrize("name", _PANASONIC)
def test_blanks_in_front_of_a_record_say_nothing(name: str) -> None:
    declared = formats.get(name)
    for sample in declared.samples:
        line = b"   " + sample
        assert said(read(declared, line)) == said(read(declared, sample))
        assert read(declared, line).raw == line.decode("latin-1")


@pytest.mark.parametrize("name", _PANASONIC)
def test_control_characters_between_two_others_or_in_place_of_a_blank_say_nothing(name: str) -> None:
    declared = formats.get(name)
    sample = declared.samples[0]
    blank = sample.index(b" ", 4)
    for line in (sample[:20] + b"\x13\x11" + sample[20:], sample[:blank] + b"\0" + sample[blank + 1 :]):
        assert said(read(declared, line)) == said(read(declared, sample))
        assert read(declared, line).raw == line.decode("latin-1")


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("samsung/nx", b"10   701  03:24 14:50:36  00:01:01  TRANSFER"),
        ("samsung/skp-36hx", b"1    61    05/14   15:39:07   00:00:14  60669               OUTGOING"),
        ("lg/gdk", b"33  141 28    02:47 11/26/02 09:26 O5550161            **"),
        ("lg/ldk", b"59 101   003 00:00:11 23/05/05 09:00 I RING 00:03"),
        ("samsung/officeserv", b"05       707  02/21 11:16:25 00:01:00 O  5550138"),
    ],
)
def test_a_line_that_lost_some_of_its_digits_is_not_taken_for_a_trimmed_one(name: str, line: bytes) -> None:
    assert not isinstance(read(formats.get(name), line), Leg)
