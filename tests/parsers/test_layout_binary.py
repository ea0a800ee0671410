from __future__ import annotations

import re

import pytest
from construct import ConstructError
from hypothesis import given
from hypothesis import strategies as st

from parsers.layout_binary import Packed, Span, packed_digits

RECORD = Packed(
    Span("kind", 0, 0, cell=r"[\x01-\x03]"),
    Span("number", 1, 4, "digits", packed_digits(4)),
    Span("seconds", 5, 8),
    Span("odd", 9, 11),
    Span("more", 12, 13, "bytes"),
    Span("other", 14, 15, "digits"),
)
CELLS = {"kind": "2", "number": "05550#", "seconds": "70000", "odd": "65536", "more": "0aff", "other": "12"}
BYTES = bytes.fromhex("02 5a55caff 70110100 000001 0aff 21ff")


def test_a_binary_record_is_built_and_parsed() -> None:
    assert RECORD.size == 16
    assert RECORD.build(CELLS) == BYTES
    assert dict(RECORD.parse(BYTES)) == CELLS
    assert RECORD.matcher()(BYTES.decode("latin-1")) == tuple(CELLS.values())
    assert RECORD.parse(RECORD.build({"kind": "1"})) == dict.fromkeys(CELLS, "") | {
        "kind": "1",
        "seconds": "0",
        "odd": "0",
        "more": "0000",
    }


@given(
    data=st.lists(st.sampled_from(b"\x00\x01\x02\x03\x12\x21\xa1\xf1\xff\x1f\x0f\xd1"), min_size=14, max_size=17).map(
        bytes
    )
)
def test_a_binary_record_is_matched_as_it_is_parsed(data: bytes) -> None:
    text = data.decode("latin-1")
    try:
        cells = tuple(RECORD.parse(data)[name] for name in RECORD.names)
    except ConstructError:
        cells = None
    assert RECORD.matcher()(text) == cells
    assert (
        (RECORD.misfit(text) is None) == (cells is not None) == bool(re.fullmatch(RECORD.expression, text, re.DOTALL))
    )
    if cells is not None:
        assert RECORD.parse(RECORD.build(RECORD.parse(data))) == RECORD.parse(data)


@pytest.mark.parametrize(
    ("record", "reason", "hint"),
    [
        (BYTES[:9], "cut-off", "9 bytes stand where a record has 16"),
        (BYTES + b"\0", "control-bytes", "17 bytes stand where a record has 16"),
        (b"\x09" + BYTES[1:], "bad-field", "byte 0 (kind) holds 09"),
        (BYTES[:1] + b"\xff\x11" + BYTES[3:], "bad-field", "byte 1-4 (number) holds ff 11 ca ff"),
    ],
)
def test_where_a_binary_record_fails_is_told(record: bytes, reason: str, hint: str) -> None:
    misfit = RECORD.misfit(record.decode("latin-1"))
    assert misfit is not None
    assert (misfit.reason, misfit.hint) == (reason, hint)


def test_packed_digits_are_as_many_bytes_as_they_say() -> None:
    assert re._parser.parse(packed_digits(20)).getwidth() == (20, 20)
