"""What holds for every format, whatever the line."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import TYPE_CHECKING

import msgspec
import pytest
from construct import ConstructError
from hypothesis import given
from hypothesis import strategies as st
from understanding import SHORT_NUMBERS_ARE_OURS, read_back

from parsers import formats
from parsers.formats import Planned
from parsers.layout import Columns, Csv
from parsers.layout_binary import Packed
from parsers.records import NOISE, REASONS, Noise, Rejected

if TYPE_CHECKING:
    from parsers.formats import Format

ALL = [pytest.param(formats.get(name), id=name) for name in formats.names()]
_RECEIVED = 1_735_700_000.0
_DIGITS = "0123456789"
_PADDING = re.compile(rb" +(?=[\r\n]|\Z)|[\r\n]+\Z")
_BREAK = re.compile(rb"[\r\n]+")


@st.composite
def damaged(draw: st.DrawFn, declared: Format) -> bytes:
    """A sample line with some bytes replaced, dropped, put in or cut off; sometimes untouched."""
    line = bytearray(draw(st.sampled_from(declared.samples)))
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.integers(0, max(0, len(line) - 1)))
        match draw(st.integers(0, 4)):
            case 0:
                line[place : place + 1] = draw(st.binary(min_size=1, max_size=1))
            case 1:
                line[place : place + 1] = draw(st.sampled_from((b"0", b"9", b" ", b"A", b",", b"|", b"-", b"'")))
            case 2:
                del line[place : place + draw(st.integers(1, 5))]
            case 3:
                line[place:place] = draw(st.sampled_from((b" ", b"  ", b"0", b"\0", b"\x13\x11")))
            case _:
                del line[place:]
    return bytes(line)


@pytest.mark.parametrize("declared", ALL)
@given(data=st.data())
def test_the_fast_matcher_says_what_the_interpreted_declaration_says(declared: Format, data: st.DataObject) -> None:
    line = data.draw(damaged(declared))
    for layout in declared.layouts:
        try:
            parsed = tuple(layout.parse(line)[name] for name in layout.names)
        except ConstructError:
            parsed = None
        assert layout.matcher()(line.decode("latin-1")) == parsed


@pytest.mark.parametrize("declared", ALL)
@given(data=st.data())
def test_what_a_line_parses_to_builds_the_line_again(declared: Format, data: st.DataObject) -> None:
    line = data.draw(st.one_of(st.sampled_from(declared.samples), damaged(declared)))
    fitting = (layout for layout in declared.layouts if layout.matcher()(line.decode("latin-1")))
    layout = next(fitting, None)
    if layout is None or (isinstance(layout, Csv) and line not in declared.samples):  # damaged quotes are not kept
        return
    cells = layout.parse(line)
    built = layout.build(cells)
    if isinstance(layout, Packed) and line not in declared.samples:  # what fills up digits may be 0 or F
        assert layout.parse(built) == cells
    else:
        assert _without_padding(built) == _without_padding(line)


def _without_padding(line: bytes) -> bytes:
    """A line less what is cut off or passed over: blanks at the ends of lines and behind commas of quoted fields, NULs,
    and which line end stands between the lines of a record.
    """
    bare = line.replace(b'", "', b'","').replace(b"\0", b"")
    return _BREAK.sub(b"\n", _PADDING.sub(b"", bare))


@pytest.mark.parametrize("declared", ALL)
@given(data=st.data())
def test_a_decoder_never_raises_and_names_what_it_refuses(declared: Format, data: st.DataObject) -> None:
    line = data.draw(st.one_of(damaged(declared), st.binary(max_size=200)))
    record = declared.decoder()(line, 7, _RECEIVED)
    assert record.offset == 7
    assert record.format == declared.name
    assert not isinstance(record, Rejected) or record.reason in REASONS
    assert not isinstance(record, Noise) or record.reason in NOISE


@pytest.mark.parametrize("declared", ALL)
def test_blanks_and_zeros_in_any_four_places_are_read_or_refused(declared: Format) -> None:
    decode = declared.decoder()
    for sample in declared.samples:
        for place in range(len(sample)):
            for put in product(b" 0", repeat=4):
                line = sample[:place] + bytes(put) + sample[place + 4 :]
                assert decode(line, 7, _RECEIVED).offset == 7


@pytest.mark.parametrize("declared", ALL)
def test_a_count_with_too_many_digits_is_none_that_a_database_cannot_hold(declared: Format) -> None:
    decode = declared.decoder()
    for sample in declared.samples:
        for digits in re.finditer(rb"\d+", sample):
            record = decode(sample[: digits.start()] + b"9" * 30 + sample[digits.end() :], 0, _RECEIVED)
            values = msgspec.structs.asdict(record)
            told = [*values.values(), *(values.get("extra") or {}).values()]
            assert all(value < 1 << 63 for value in told if isinstance(value, int)), values


_TIME = re.compile(r"(?<![:\d])\d\d:\d\d(?!\d)")
_ENDS_OF_TIME = (("01", "01", "0001"), ("31", "12", "9999"), ("00", "00", "0000"))


@pytest.mark.parametrize("declared", ALL)
@pytest.mark.parametrize("end", _ENDS_OF_TIME)
def test_the_first_day_and_the_last_and_none_are_told_somehow(declared: Format, end: tuple[str, str, str]) -> None:
    day, month, year = end
    decode = declared.decoder()
    for sample in declared.samples:
        dated = re.sub(r"\d{4}([-/.])\d\d\1\d\d", rf"{year}\g<1>{month}\g<1>{day}", sample.decode("latin-1"))
        dated = re.sub(r"\d\d([-/.])\d\d\1\d{4}", rf"{day}\g<1>{month}\g<1>{year}", dated)
        for first, others, half in (("23:59", "12:05", "AM"), ("00:00", "11:50", "PM"), ("99:99", "99:99", "PM")):
            line = _TIME.sub(first, _TIME.sub(others, re.sub("[AP]M", half, dated)), count=1)
            record = decode(line.encode("latin-1"), 0, _RECEIVED)
            assert record.raw.strip() == line.strip()


def _width(declared: Format, name: str) -> int:
    """How many characters a column takes; where there are no columns, or none of this name, any number."""
    layout = declared.layouts[0]
    columns = layout.columns if isinstance(layout, Columns) else ()
    return next((column.width for column in columns if column.name == name), 80)


@st.composite
def planned(draw: st.DrawFn, declared: Format) -> Planned:
    """A leg as the simulator plans it."""
    printed = {"incoming": declared.incoming, "outgoing": declared.outgoing, "internal": declared.internal}
    direction = draw(st.sampled_from([direction for direction in printed if printed[direction]]))
    outcome = draw(st.sampled_from(("answered", "answered", "unanswered", "busy")))
    start = draw(st.datetimes(datetime(2001, 1, 1), datetime(2037, 12, 31))).replace(microsecond=0)  # noqa: DTZ001
    ring_s = draw(st.integers(0, 59))
    talk_s = draw(st.integers(1, 5 * 3600)) if outcome == "answered" else 0
    shortest_number = 7 if declared.name in SHORT_NUMBERS_ARE_OURS else 3
    widest = min(4, _width(declared, "extension"))
    extension = st.text(_DIGITS, min_size=3, max_size=widest).filter(lambda digits: digits != "000")  # nobody, to some
    own = draw(extension)
    return Planned(
        start=start,
        end=start + timedelta(seconds=ring_s + talk_s),
        direction=direction,
        outcome=outcome,
        extension=own,
        ring_s=ring_s,
        talk_s=talk_s,
        trunk=None if direction == "internal" else str(draw(st.integers(1, 24))),
        number=None if direction == "internal" else draw(st.text("123456789", min_size=shortest_number, max_size=10)),
        peer_extension=draw(extension.filter(lambda digits: digits != own)) if direction == "internal" else None,
        account_code=draw(st.sampled_from((None, "4711"))),
        serial=draw(st.integers(1, 99_999)),
    )


@pytest.mark.parametrize("declared", ALL)
@given(data=st.data())
def test_a_planned_leg_is_read_back_from_its_line(declared: Format, data: st.DataObject) -> None:
    plan = data.draw(planned(declared))
    received = plan.end.replace(tzinfo=UTC).timestamp() + 2
    leg = read_back(declared, declared.decoder(), plan, received)
    assert leg.direction == plan.direction
    nobody_answered = plan.direction == "incoming" and plan.outcome != "answered"
    assert leg.extension == plan.extension or (leg.extension is None and nobody_answered)
    assert leg.number in {plan.number, None}
    assert leg.trunk is None or re.split("[.:]", leg.trunk)[0] == plan.trunk
    assert leg.peer_extension == plan.peer_extension
    assert leg.talk_s is None or abs(leg.talk_s - plan.talk_s) < declared.step_s
    assert leg.ring_s is None or abs(leg.ring_s - plan.ring_s) < declared.step_s
    assert leg.start is not None
    spoken_s = plan.talk_s if leg.talk_s is None else 0  # a line of an intercom call has its end and no duration
    began = plan.start.replace(tzinfo=UTC).timestamp()
    assert abs(leg.start - began) <= leg.resolution_s + plan.ring_s + spoken_s + declared.step_s - 1
    assert leg.outcome in {plan.outcome, "unknown"} or (plan.outcome == "busy" and leg.outcome == "unanswered")
    assert leg.account_code in {plan.account_code, None}
    if plan.direction == "incoming":
        told = {"answered", "busy"} if declared.answered else {"answered", "busy", "unknown"}
        assert leg.outcome in told if plan.outcome == "answered" else leg.outcome != "answered"
        assert leg.ring_s is not None or not declared.ring_time or plan.outcome != "answered"


@pytest.mark.parametrize("declared", ALL)
def test_a_cell_fills_its_column(declared: Format) -> None:
    columns = [column for layout in declared.layouts if isinstance(layout, Columns) for column in layout.columns]
    spans = [span for layout in declared.layouts if isinstance(layout, Packed) for span in layout.spans]
    for column in (*columns, *spans):
        assert re._parser.parse(column.expression).getwidth() == (column.width, column.width), column.name
