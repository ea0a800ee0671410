"""Records of one size: framed the same however the bytes come, and found again behind damage."""

from __future__ import annotations

import pytest
from framed import folded, frames_of
from hypothesis import given
from hypothesis import strategies as st

from collector.blocks import BlockFramer
from collector.framing import LIMIT, Frame
from collector.gathering import framer_of
from parsers import formats
from parsers.blocks import Blocks

RULES = Blocks(size=8, header=6, plausible=r"R\d{5}..", begins=("R", r"\d"))
HEADER = b"header"
ONE, TWO, DOUBTFUL = b"R00001\r\n", b"R00002\x00\xff", b"R00003-R"
"""Of the last it cannot be seen whether the next record begins in its last byte."""
BYTES = st.lists(
    st.sampled_from([HEADER, ONE, TWO, DOUBTFUL, b"R12", b"R", b"0", b"R0000x__", b"junk", b"\0" * 20, b"-" * 9]),
    max_size=30,
).map(b"".join)
LIMITS = st.sampled_from([8, 20, LIMIT])


def parts_of(data: bytes) -> list[tuple[int, bytes]]:
    """Offsets and bytes of every frame of a whole file behind its header."""
    frames, framer = frames_of(BlockFramer(RULES, 0), HEADER + data)
    first, *rest = [*frames, *framer.finish()]
    assert first == Frame(0, HEADER, heading=True)
    return [(frame.offset - len(HEADER), frame.data) for frame in rest]


@given(data=BYTES, cuts=st.lists(st.integers(0, 400)), limit=LIMITS)
def test_frames_do_not_depend_on_how_the_bytes_were_split(data: bytes, cuts: list[int], limit: int) -> None:
    split, framer = frames_of(BlockFramer(RULES, 0, limit=limit), data, cuts)
    at_once, _ = frames_of(BlockFramer(RULES, 0, limit=limit), data)
    assert folded(split) == folded(at_once)
    assert b"".join(frame.data for frame in split) == data[: framer.position]
    assert len(framer._held) < limit + RULES.header + RULES.size
    assert b"".join(frame.data for frame in [*split, *framer.finish()]) == data
    assert framer.position == len(data)


@given(data=BYTES)
def test_one_byte_at_a_time_is_the_same(data: bytes) -> None:
    split, framer = frames_of(BlockFramer(RULES, 0), data, range(len(data)))
    at_once, other = frames_of(BlockFramer(RULES, 0), data)
    assert folded([*split, *framer.finish()]) == folded([*at_once, *other.finish()])


@given(data=BYTES, cut=st.integers(0, 400), limit=LIMITS)
def test_a_framer_goes_on_from_its_position_and_state(data: bytes, cut: int, limit: int) -> None:
    cut = min(cut, len(data))
    first = BlockFramer(RULES, 0, limit=limit)
    frames = first.feed(0, data[:cut])
    again = BlockFramer(RULES, first.position, first.state, limit=limit)
    frames += again.feed(first.position, data[first.position :])
    at_once, other = frames_of(BlockFramer(RULES, 0, limit=limit), data)
    assert folded([*frames, *again.finish()]) == folded([*at_once, *other.finish()])


@given(records=st.lists(st.sampled_from([ONE, TWO, DOUBTFUL]), max_size=10))
def test_an_undamaged_file_is_its_header_and_its_records(records: list[bytes]) -> None:
    assert [data for _, data in parts_of(b"".join(records))] == records


@given(
    before=st.lists(st.sampled_from([ONE, TWO, DOUBTFUL]), max_size=4),
    behind=st.lists(st.sampled_from([ONE, TWO, DOUBTFUL]), max_size=4),
    keep=st.integers(1, 7),
)
def test_a_record_that_lost_bytes_is_one_piece_and_the_others_are_whole(
    before: list[bytes], behind: list[bytes], keep: int
) -> None:
    torn = b"R77777zz"[:keep]
    assert [data for _, data in parts_of(b"".join([*before, torn, *behind]))] == [*before, torn, *behind]


@pytest.mark.parametrize("more", [1, 3, 5, 7, 9, 100])
def test_a_record_with_bytes_too_many_in_it_is_one_piece_and_the_others_are_whole(more: int) -> None:
    spoilt = b"R77" + b"-" * more + b"777zz"
    assert parts_of(ONE + spoilt + TWO) == [(0, ONE), (8, spoilt), (8 + len(spoilt), TWO)]


def test_damaged_records_in_their_places_are_told_one_by_one() -> None:
    bad = b"R0000x__"
    assert parts_of(ONE + bad + bad + TWO) == [(0, ONE), (8, bad), (16, bad), (24, TWO)]
    assert parts_of(ONE + bad + bad) == [(0, ONE), (8, bad), (16, bad)]


def test_a_damaged_record_waits_until_the_next_one_is_found() -> None:
    frames, framer = frames_of(BlockFramer(RULES, 0), HEADER + ONE + b"R0000x__" + TWO[:7])
    assert [frame.data for frame in frames] == [HEADER, ONE]
    assert (framer.position, framer.state) == (14, "record")
    assert [frame.data for frame in framer.feed(29, TWO[7:])] == [b"R0000x__", TWO]


def test_a_record_in_which_the_next_one_may_begin_waits_for_it() -> None:
    frames, framer = frames_of(BlockFramer(RULES, 0), HEADER + DOUBTFUL + b"00001\r")
    assert [frame.data for frame in frames] == [HEADER]
    assert framer.feed(20, b"\n") == [Frame(6, DOUBTFUL[:7]), Frame(13, b"R00001\r\n")]
    frames, framer = frames_of(BlockFramer(RULES, 0), HEADER + DOUBTFUL + ONE[:-1])
    assert [frame.data for frame in frames] == [HEADER, DOUBTFUL]


def test_ten_megabytes_without_a_record_are_one_piece_in_bounded_memory() -> None:
    framer, pieces, tails = BlockFramer(RULES, 0, "record"), 0, 0
    for start in range(0, 10 << 20, 1 << 16):
        for frame in framer.feed(start, b"R1" * (1 << 15)):
            pieces += not frame.tail
            tails += len(frame.data) if frame.tail else 0
        assert len(framer._held) < LIMIT + RULES.size
    assert (pieces, framer.state) == (1, "rest")
    frames = framer.feed(10 << 20, ONE + TWO)
    assert [frame.data for frame in frames if not frame.tail] == [ONE, TWO]
    assert tails + sum(len(frame.data) for frame in frames if frame.tail) == (10 << 20) - LIMIT


def test_a_capture_that_begins_in_the_middle_loses_no_whole_record() -> None:
    for data in (ONE + TWO, b"--" + ONE + TWO):
        frames, _ = frames_of(BlockFramer(RULES, 0), data)
        assert [frame.data for frame in frames] == ([b"--"] if data[:1] == b"-" else []) + [ONE, TWO]
        assert not any(frame.heading for frame in frames)


def test_a_header_without_records_is_one_and_half_a_header_is_none() -> None:
    frames, framer = frames_of(BlockFramer(RULES, 0), HEADER)
    assert frames == []
    assert framer.finish() == [Frame(0, HEADER, heading=True)]
    assert frames_of(BlockFramer(RULES, 0), HEADER[:4])[1].finish() == [Frame(0, HEADER[:4])]
    assert framer.finish() == []


def test_a_link_that_is_opened_again_begins_with_a_header() -> None:
    _, framer = frames_of(BlockFramer(RULES, 0), HEADER + ONE + TWO[:5])
    frames = framer.feed(19, HEADER + ONE, opened=True)
    assert frames == [Frame(14, TWO[:5]), Frame(19, HEADER, heading=True), Frame(25, ONE)]


def test_a_link_that_goes_on_where_it_broke_loses_the_record_it_broke_in() -> None:
    _, framer = frames_of(BlockFramer(RULES, 0), HEADER + ONE + TWO[:5])
    assert framer.feed(19, TWO[5:] + ONE, opened=True) == [Frame(14, TWO[:5]), Frame(19, TWO[5:]), Frame(22, ONE)]


def test_another_file_begins_with_a_header() -> None:
    frames, framer = frames_of(BlockFramer(RULES, 0), HEADER + ONE)
    assert framer.finish() == []
    assert framer.state == ""
    assert framer.feed(14, HEADER + TWO) == [Frame(14, HEADER, heading=True), Frame(20, TWO)]
    assert len(frames) == 2


def test_bytes_of_other_lanes_may_lie_between() -> None:
    framer = BlockFramer(RULES, 0, "record")
    framer.feed(6, ONE[:2])
    framer.feed(100, ONE[2:4])
    framer.feed(150, b"")
    assert framer.position == 6
    frames = framer.feed(200, ONE[4:] + b"--" + TWO[:3])
    assert frames == [Frame(6, ONE)]
    assert framer.position == 204
    assert framer.feed(300, TWO[3:] + ONE) == [Frame(204, b"--"), Frame(206, TWO), Frame(305, ONE)]
    assert framer.position == framer.next_offset == 313


def test_a_format_of_blocks_is_framed_by_its_own_declaration() -> None:
    declared = formats.get("zte/zxj10")
    framer = framer_of(declared)
    frames = framer.feed(0, declared.heading + b"".join(declared.samples))
    assert [frame.data for frame in frames] == [declared.heading, *declared.samples]
    assert framer_of(declared, framer.position, framer.state).feed(framer.position, declared.samples[0])
