"""A line taken apart: for every format each field of every sample, and of a damaged line the place where it fails."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers import formats
from parsers.explaining import Range, explain, told_by
from parsers.layout_binary import Packed
from parsers.records import Leg, Rejected
from parsers.stamps import Stamps

EACH = pytest.mark.parametrize("name", formats.names())
TDA = b"02/03/26 09:02     109 04 <I>05550120               0'03 00:00'12               "

KM = b"0!KM021000011450  03130010018111450041000011412  063420260302092001900202603020920161000803000"


def told(name: str, line: bytes) -> dict[str, dict[str, object]]:
    declared = formats.get(name)
    return {part.name: part.said for part in explain(declared, line, Stamps(order=declared.order), 0.0).parts}


@EACH
def test_every_field_of_a_sample_is_shown_where_it_stands(name: str) -> None:
    declared = formats.get(name)
    for sample in declared.samples:
        found = explain(declared, sample, Stamps(order=declared.order, printed=declared.stamp), 0.0)
        if not isinstance(found.record, Leg) or found.layout is None:
            continue
        layout = declared.layouts[found.layout]
        held = {span.name: span.conversion.read for span in layout.spans} if isinstance(layout, Packed) else {}
        assert found.wrong is None
        assert [part.name for part in found.parts] == list(declared.layouts[found.layout].names)
        for part in found.parts:
            if part.place is not None:
                shown = found.text.ljust(part.place.end)[part.place.first : part.place.end]
                assert part.text == (held[part.name](shown.encode("latin-1")) if held else shown)
        said = {key for part in found.parts for key in part.said}
        assert "start" in said or found.record.start is None
        if found.record.extension:
            assert "extension" in said


@EACH
@given(data=st.data())
def test_whatever_the_bytes_they_are_taken_apart(name: str, data: st.DataObject) -> None:
    declared = formats.get(name)
    line = data.draw(st.one_of(st.binary(max_size=120), st.sampled_from(declared.samples).map(lambda one: one[:40])))
    found = explain(declared, line, Stamps(), 0.0)
    record = declared.decoder(Stamps())(line, 0, 0.0)
    assert (type(found.record), found.record.raw) == (type(record), record.raw)
    if found.wrong:
        assert isinstance(record, Rejected)
        assert 0 <= found.wrong.first < found.wrong.end


def test_fields_tell_what_the_leg_takes_from_them() -> None:
    said = told("panasonic/kx-tda", TDA)
    assert said["extension"] == {"extension": "109"}
    assert said["trunk"] == {"trunk": "04"}
    assert said["ring"] == {"ring_s": 3}
    assert said["dial"]["number"] == "05550120"
    assert said["dial"]["direction"] == "incoming"
    assert said["duration"]["talk_s"] == 12
    assert set(said["date"]) == set(said["time"]) == {"start"}
    assert said["account"] == {"account_code": None} or said["account"] == {}


def test_the_fields_that_tell_a_key_are_named() -> None:
    text = TDA.decode()
    assert told_by(formats.get("panasonic/kx-tda"), text, "number") == ["dial"]
    assert told_by(formats.get("panasonic/kx-tda"), text, "start") == ["date", "time"]
    assert told_by(formats.get("panasonic/kx-tda"), "no record", "start") == []


@pytest.mark.parametrize(
    ("name", "line", "wrong", "shown"),
    [
        ("panasonic/kx-tda", TDA.replace(b"09:02", b"09;02"), Range(9, 16), 1),
        ("panasonic/kx-tda", TDA.replace(b"  109", b"xx109"), Range(17, 22), 2),
        ("panasonic/kx-tda", TDA[:31], Range(31, 32), 9),
        ("panasonic/kx-tda", TDA + b"more", Range(80, 84), 9),
        ("panasonic/kx-tda", b"nonsense", Range(0, 8), 0),
        ("panasonic/kx-tda", b"02/\x01\x02\x03/26", Range(3, 4), 0),
        ("nec/neax-flexible", KM.replace(b"0803000", b"0804000"), Range(91, 94), 9),
        ("nec/neax-flexible", KM.replace(b"1412  ", b"14x2  "), Range(39, 49), 5),
        ("nec/neax-flexible", KM[:60], Range(60, 61), 7),
        ("siemens/hipath-pipe", b"22.12.06|16:13:13|2|x", Range(21, 22), 0),
        ("siemens/hipath-pipe", b"22.12.06||2|1997|00:04|00:00:09|5550199||1|||||", Range(9, 10), 1),
        ("siemens/hipath-pipe", b"22.12.06|16:1x:13|2|1997|00:04|00:00:09|5550199||1|||||", Range(9, 17), 1),
    ],
)
def test_a_rejected_line_shows_where_it_fails(name: str, line: bytes, wrong: Range, shown: int) -> None:
    declared = formats.get(name)
    found = explain(declared, line, Stamps(), 0.0)
    assert isinstance(found.record, Rejected)
    assert found.wrong == wrong
    assert len(found.parts) == shown


def test_what_is_glued_in_front_moves_the_columns() -> None:
    found = explain(formats.get("panasonic/kx-tda"), b"torn " + TDA, Stamps(), 0.0)
    assert found.parts[0].place == Range(5, 13)
    assert found.parts[0].text == "02/03/26"


def test_what_was_cut_off_in_front_moves_the_columns_the_other_way() -> None:
    line = b"9/ 9/26   3:01PM  24  01 5550164                               00:00'01\" ..13"
    parts = explain(formats.get("panasonic/kx-ta"), line, Stamps(), 0.0).parts
    assert [(part.place, part.text) for part in parts[:2]] == [(Range(0, 7), "9/ 9/26"), (Range(8, 9), " ")]
    blanks = explain(formats.get("panasonic/kx-ta"), b"   " + line, Stamps(), 0.0).parts
    assert blanks[0].place == Range(2, 10)
