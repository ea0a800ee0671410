"""NEC's frames: what is asked, what is confirmed, and which bytes are records."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from talks import told, told_however_cut, told_however_split

from collector.conversations import CONTROL, RECORDS
from collector.conversations.nec import LONGEST, UNANSWERED, Nec, frame

ASKED = frame(b"5", b"0000\x06") + frame(b"1", b"00")
RECORD = b"\x020!KA001002003\x03"
NOTHING = frame(b"3", b"001")


def billing(sequence: int, records: bytes = RECORD) -> bytes:
    return frame(b"2", b"00%d" % sequence + records)


def confirmed(sequence: int) -> bytes:
    return frame(b"4", b"00%d\x06" % sequence) + frame(b"1", b"00")


def test_frames_are_those_a_collector_in_use_sends() -> None:
    assert frame(b"5", b"0000\x06") == bytes.fromhex("16 35 3030303035 30303030 06 06")
    assert frame(b"4", b"000\x06") == bytes.fromhex("16 34 3030303034 303030 06 36")
    assert frame(b"4", b"009\x06") == bytes.fromhex("16 34 3030303034 303039 06 3f")


def test_records_are_taken_out_of_their_frames_and_confirmed() -> None:
    heard = told_however_split(Nec, NOTHING + billing(0, RECORD * 2) + billing(1) + NOTHING)
    assert heard.on(RECORDS) == RECORD * 3
    assert heard.sent == ASKED + confirmed(0) + confirmed(1)
    assert heard.failure is None


def test_what_is_sent_again_is_confirmed_again_and_taken_once() -> None:
    heard = told_however_split(Nec, billing(0) * 3 + billing(1))
    assert heard.on(RECORDS) == RECORD * 2
    assert heard.sent == ASKED + confirmed(0) * 3 + confirmed(1)


def test_what_was_taken_before_the_connection_broke_is_confirmed_and_not_taken_again() -> None:
    earlier = Nec()
    journal = [*earlier.feed(billing(0) + billing(1, RECORD * 2) + NOTHING + billing(1, RECORD * 2)), *earlier.finish()]

    def again() -> Nec:
        nec = Nec()
        nec.recall(journal)
        return nec

    heard = told_however_split(again, billing(1, RECORD * 2) + billing(2))
    assert heard.on(RECORDS) == RECORD
    assert heard.sent == ASKED + confirmed(1) + confirmed(2)


def test_what_came_to_disk_in_part_is_taken() -> None:
    nec = Nec()
    nec.recall(Nec().feed(billing(0))[:2])
    assert told(nec, [billing(0)]).on(RECORDS) == RECORD


def test_a_damaged_frame_is_not_confirmed_and_the_next_one_taken() -> None:
    damaged = billing(0).replace(b"KA", b"KQ")
    heard = told_however_split(Nec, damaged + billing(0))
    assert heard.on(RECORDS) == RECORD
    assert heard.sent == ASKED + confirmed(0)


def test_a_pbx_that_counts_parity_in_its_own_way_is_believed_when_it_repeats() -> None:
    other = billing(0)[:-1] + b"\xee"
    heard = told_however_split(Nec, other * 2 + billing(1))
    assert heard.on(RECORDS) == RECORD * 2
    assert heard.sent == ASKED + confirmed(0) + confirmed(1)


def test_it_finds_the_next_frame_behind_anything_else() -> None:
    rubbish = b"noise\x16\x162x\x1620000\x16299999" + b"\x16"
    heard = told_however_split(Nec, rubbish + billing(0))
    assert heard.on(RECORDS) == RECORD
    assert heard.on(CONTROL).startswith(rubbish)


def test_half_a_frame_at_the_end_is_no_record() -> None:
    half = billing(0)[:-4]
    assert told_however_split(Nec, half).on(CONTROL) == half


def test_it_asks_at_every_tick_and_gives_up_when_nothing_is_answered() -> None:
    nec = Nec()
    nec.outgoing.clear()
    for _ in range(3 * UNANSWERED):
        nec.tick()
        assert nec.outgoing == ASKED
        nec.outgoing.clear()
        nec.feed(NOTHING)
    for _ in range(UNANSWERED):
        nec.tick()
    assert nec.failure is None
    nec.tick()
    assert "has not answered 6 requests" in str(nec.failure)


TALK = st.lists(
    st.one_of(
        st.sampled_from([b"\x16", b"2", b"00004", b"99999", NOTHING, billing(0), billing(1), billing(1)[:-1]]),
        st.binary(max_size=20),
    ),
    max_size=20,
).map(b"".join)


@given(data=TALK, cuts=st.lists(st.integers(0, 500), max_size=10))
def test_whatever_arrives_nothing_is_lost_and_cuts_make_no_difference(data: bytes, cuts: list[int]) -> None:
    told_however_cut(Nec, data, cuts)


@given(st.lists(st.binary(min_size=1, max_size=3000), max_size=10))
def test_little_is_held_back(chunks: list[bytes]) -> None:
    nec = Nec()
    for chunk in [b"\x16208192", *chunks]:
        nec.feed(chunk)
        assert len(nec._held) <= LONGEST + 8
