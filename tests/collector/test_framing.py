from __future__ import annotations

from framed import folded, frames_of
from hypothesis import given
from hypothesis import strategies as st

from collector.framing import LIMIT, Frame, Framer

BYTES = st.lists(
    st.sampled_from([b"\r", b"\n", b"\r\n", b"\f", b"\0", b"a", b"call 12", b"x" * 50, b"\x80\xff"]), max_size=40
).map(b"".join)


@given(data=BYTES, cuts=st.lists(st.integers(0, 400)), limit=st.sampled_from([8, 60, LIMIT]))
def test_frames_do_not_depend_on_how_the_bytes_were_split(data: bytes, cuts: list[int], limit: int) -> None:
    split, framer = frames_of(Framer(0, limit=limit), data, cuts)
    at_once, _ = frames_of(Framer(0, limit=limit), data)
    assert folded(split) == folded(at_once)
    assert b"".join(frame.data for frame in split) == data[: framer.position]
    assert len(data) - framer.position <= limit


@given(data=BYTES)
def test_one_byte_at_a_time_is_the_same(data: bytes) -> None:
    split, _ = frames_of(Framer(0), data, range(len(data)))
    assert folded(split) == folded(frames_of(Framer(0), data)[0])


@given(data=BYTES, cut=st.integers(0, 400), limit=st.sampled_from([8, LIMIT]))
def test_a_framer_goes_on_from_its_position_and_state(data: bytes, cut: int, limit: int) -> None:
    cut = min(cut, len(data))
    first = Framer(0, limit=limit)
    frames = first.feed(0, data[:cut])
    again = Framer(first.position, first.state, limit=limit)
    frames += again.feed(first.position, data[first.position :])
    assert folded(frames) == folded(frames_of(Framer(0, limit=limit), data)[0])


def test_ten_megabytes_without_a_line_end_are_one_long_line_in_bounded_memory() -> None:
    framer, rejected, tails = Framer(0), 0, 0
    for start in range(0, 10 << 20, 1 << 16):
        for frame in framer.feed(start, b"x" * (1 << 16)):
            rejected += frame.too_long
            tails += len(frame.data) if frame.tail else 0
        assert len(framer._held) <= LIMIT
    frames = framer.feed(10 << 20, b"\r\ngood line\r\n")
    assert rejected == 1
    assert tails == (10 << 20) - LIMIT
    assert [frame.data for frame in frames] == [b"\r\n", b"good line\r\n"]


def test_the_place_where_the_link_was_opened_again_is_marked() -> None:
    framer = Framer(0)
    framer.feed(0, b"half a li")
    (frame,) = framer.feed(9, b"whole line\r\n", opened=True)
    assert frame.data == b"half a liwhole line\r\n"
    assert frame.seam == (9, 9)


def test_bytes_of_other_lanes_may_lie_between() -> None:
    framer = Framer(0)
    framer.feed(0, b"one li")
    frames = framer.feed(100, b"ne\r\nnext\r\n")
    assert [(frame.offset, frame.data) for frame in frames] == [(0, b"one line\r\n"), (104, b"next\r\n")]
    assert framer.position == 110


def test_the_rest_of_a_line_that_is_too_long_is_told_where_it_is_behind_bytes_of_another_lane() -> None:
    for end in (b"\n", b""):
        framer = Framer(0, limit=8)
        framer.feed(0, b"12345")
        frames = framer.feed(100, b"67890" + end)
        assert [(frame.offset, frame.data) for frame in frames] == [(0, b"12345678"), (103, b"90" + end)]


def test_an_unfinished_line_is_a_line_at_the_end_of_a_file() -> None:
    framer = Framer(0)
    assert framer.feed(0, b"no line end") == []
    assert framer.finish() == [Frame(0, b"no line end")]
    assert framer.finish() == []
