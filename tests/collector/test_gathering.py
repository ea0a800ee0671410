"""Records of several lines, and lines that end in other bytes: framed the same however the bytes come."""

from __future__ import annotations

from framed import folded, frames_of
from hypothesis import given
from hypothesis import strategies as st

from collector.framing import LIMIT, Frame, Framer
from collector.gathering import Gatherer
from parsers import formats
from parsers.continuing import Continued, records_of

RULES = Continued(first=((r"N \d\d", 3), (r"O \d\d", 2)), further=r" &", last=r" &!")
BYTES = st.lists(
    st.sampled_from(
        [
            b"N 12",
            b"O 34",
            b" &56",
            b" &!",
            b" ",
            b"&",
            b"\r\n",
            b"\r\n",
            b"\r",
            b"\n",
            b"\f",
            b"\0",
            b"\x13",
            b"alarm",
            b"x" * 50,
        ]
    ),
    max_size=60,
).map(b"".join)


@given(data=BYTES, cuts=st.lists(st.integers(0, 400)), limit=st.sampled_from([8, 20, 60, LIMIT]))
def test_records_do_not_depend_on_how_the_bytes_were_split(data: bytes, cuts: list[int], limit: int) -> None:
    split, framer = frames_of(Gatherer(RULES, 0, limit=limit), data, cuts)
    at_once, _ = frames_of(Gatherer(RULES, 0, limit=limit), data)
    assert folded(split) == folded(at_once)
    assert b"".join(frame.data for frame in split) == data[: framer.position]
    assert len(data) - framer.position <= 2 * limit + 2
    assert b"".join(frame.data for frame in [*split, *framer.finish()]) == data
    assert framer.position == len(data)


@given(data=BYTES, cut=st.integers(0, 400), limit=st.sampled_from([8, 20, LIMIT]))
def test_a_record_is_framed_again_from_its_first_line_after_a_restart(data: bytes, cut: int, limit: int) -> None:
    cut = min(cut, len(data))
    first = Gatherer(RULES, 0, limit=limit)
    frames = first.feed(0, data[:cut])
    again = Gatherer(RULES, first.position, first.state, limit=limit)
    frames += again.feed(first.position, data[first.position :])
    assert folded(frames) == folded(frames_of(Gatherer(RULES, 0, limit=limit), data)[0])


@given(data=BYTES)
def test_lines_put_together_are_the_frames(data: bytes) -> None:
    lines = Framer(0)
    put_together = records_of((f.data for f in [*lines.feed(0, data), *lines.finish()]), RULES)
    frames, framer = frames_of(Gatherer(RULES, 0), data)
    assert put_together == [frame.data for frame in [*frames, *framer.finish()]]


def test_a_record_is_handed_out_with_its_last_line() -> None:
    frames, framer = frames_of(Gatherer(RULES, 0), b"N 01\r\n &\r\n &\r\nO 02\r\n &\r\nN 03\r\n")
    assert [(frame.offset, len(frame.data)) for frame in frames] == [(0, 14), (14, 10)]
    assert framer.position == 24
    assert [frame.data for frame in framer.finish()] == [b"N 03\r\n"]


def test_a_line_that_is_the_last_hands_its_record_out() -> None:
    frames, framer = frames_of(Gatherer(RULES, 0), b"N 01\r\n &!\r\n &\r\n")
    assert [frame.data for frame in frames] == [b"N 01\r\n &!\r\n", b" &\r\n"]
    assert not framer.waits


def test_other_lines_are_handed_out_at_once() -> None:
    frames, framer = frames_of(Gatherer(RULES, 0), b" & middle of one\r\nalarm\r\n &\r\n")
    assert [frame.data for frame in frames] == [b" & middle of one\r\n", b"alarm\r\n", b" &\r\n"]
    assert framer.position == 29


def test_empty_lines_inside_a_record_belong_to_it_and_behind_it_stand_alone() -> None:
    frames, _ = frames_of(Gatherer(RULES, 0), b"O 01\r\r\n &\r\r\nO 02\r\n")
    assert [frame.data for frame in frames] == [b"O 01\r\r\n &\r", b"\r\n"]


def test_a_break_of_the_link_between_two_lines_is_marked() -> None:
    framer = Gatherer(RULES, 0)
    framer.feed(0, b"N 01\r\n &1\r\n")
    (frame,) = framer.feed(11, b" &2\r\n", opened=True)
    assert (frame.data, frame.seam) == (b"N 01\r\n &1\r\n &2\r\n", (11, 11))


def test_a_break_of_the_link_inside_a_line_is_marked_at_its_place_in_the_record() -> None:
    framer = Gatherer(RULES, 0)
    framer.feed(0, b"O 01\r\n &h")
    (frame,) = framer.feed(9, b"ere\r\n", opened=True)
    assert (frame.data, frame.seam) == (b"O 01\r\n &here\r\n", (9, 9))


def test_a_break_behind_the_last_line_that_came_is_none_of_the_record() -> None:
    framer = Gatherer(RULES, 0)
    framer.feed(0, b"N 01\r\n &\r\n")
    (frame,) = framer.feed(10, b"N 02\r\n", opened=True)
    assert (frame.data, frame.seam) == (b"N 01\r\n &\r\n", None)


def test_a_break_behind_a_record_does_not_hide_the_one_inside_it() -> None:
    framer = Gatherer(RULES, 0)
    framer.feed(0, b"N 0")
    framer.feed(3, b"1\r\n", opened=True)
    (frame,) = framer.feed(6, b"N 02\r\n", opened=True)
    assert (frame.data, frame.seam) == (b"N 01\r\n", (3, 3))


def test_a_line_may_end_in_another_byte() -> None:
    declared = formats.get("nec/neax")
    framer = Framer(0, ends=declared.ends)
    record = b"\x02" + declared.samples[0] + b"\x03"
    frames = framer.feed(0, record * 2 + record[:50])
    assert [frame.data for frame in frames] == [record, record]
    assert framer.position == 2 * len(record)


@given(data=BYTES, cuts=st.lists(st.integers(0, 400)), pauses=st.lists(st.integers(0, 400), max_size=5))
def test_records_depend_on_where_the_pauses_are_and_on_no_other_cut(
    data: bytes, cuts: list[int], pauses: list[int]
) -> None:
    paused = {min(pause, len(data)) for pause in pauses}
    split, whole = Gatherer(RULES, 0), Gatherer(RULES, 0)
    frames = fed(split, data, paused | {min(cut, len(data)) for cut in cuts}, paused)
    assert folded(frames) == folded(fed(whole, data, paused, paused))
    assert b"".join(frame.data for frame in frames) == data[: split.position]


@given(data=BYTES, pause=st.integers(0, 400))
def test_a_restart_after_a_pause_goes_on_as_if_there_was_none(data: bytes, pause: int) -> None:
    at = min(pause, len(data))
    first, through = Gatherer(RULES, 0), Gatherer(RULES, 0)
    frames = fed(first, data[:at], set(), {at})
    again = Gatherer(RULES, first.position, first.state)
    frames += again.feed(first.position, data[first.position :])
    assert folded(frames) == folded(fed(through, data, {at}, {at}))


def fed(framer: Gatherer, data: bytes, cuts: set[int], pauses: set[int]) -> list[Frame]:
    frames: list[Frame] = []
    start = 0
    for cut in sorted({*cuts, len(data)}):
        frames += framer.feed(start, data[start:cut])
        if cut in pauses:
            frames += framer.pause()
        start = cut
    return frames


def test_a_record_whose_further_lines_do_not_come_is_whole_after_a_pause() -> None:
    frames, framer = frames_of(Gatherer(RULES, 0), b"N 01\r\n &\r\n")
    assert (frames, framer.waits) == ([], True)
    assert [frame.data for frame in framer.pause()] == [b"N 01\r\n &\r\n"]
    assert (framer.position, framer.waits, framer.pause()) == (10, False, [])
    assert [frame.data for frame in framer.feed(10, b" &\r\n")] == [b" &\r\n"]


def test_a_line_that_has_begun_behind_a_record_is_waited_for() -> None:
    frames, framer = frames_of(Gatherer(RULES, 0), b"O 01\r\n &2")
    assert (frames, framer.waits, framer.pause()) == ([], False, [])
    assert [frame.data for frame in framer.feed(9, b"\r\n")] == [b"O 01\r\n &2\r\n"]


def test_padding_behind_a_record_is_not_waited_for() -> None:
    frames, framer = frames_of(Gatherer(RULES, 0), b"O 01\r\n\0\0\x11")
    assert frames == []
    assert [frame.data for frame in framer.pause()] == [b"O 01\r\n"]
    assert framer.position == 6
