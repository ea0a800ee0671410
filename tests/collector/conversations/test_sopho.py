"""Acknowledged records of a SOPHO: which bytes are records, what is acknowledged, and what was sent again."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from talks import told, told_however_cut, told_however_split

from collector.conversations import CONTROL, RECORDS, Piece
from collector.conversations.sopho import IN_VAIN, LONGEST, Sopho, acknowledgement

RECORD = b"1412 05550142 0302 0905 0012"
OTHER = b"1450 05550174 0302 0907 0140"


def sent(number: int, record: bytes = RECORD, end: bytes = b"\r\n") -> bytes:
    return b"%02d%b%b" % (number, record, end)


def acknowledged(*numbers: int) -> bytes:
    return b"".join(acknowledgement(b"%02d" % number) for number in numbers)


def recalling(*heard: Piece) -> Sopho:
    sopho = Sopho()
    sopho.recall(heard)
    return sopho


@pytest.mark.parametrize("end", [b"\r\n", b"\r", b"\n", b"\r\n\r\n"])
def test_the_number_is_dialogue_and_the_rest_is_the_record(end: bytes) -> None:
    heard = told_however_split(Sopho, sent(98, RECORD, end) + sent(99, OTHER, end) + sent(0, RECORD, end))
    assert heard.on(RECORDS) == RECORD + end + OTHER + end + RECORD + end
    assert heard.on(CONTROL) == b"989900"
    assert heard.sent == acknowledged(98, 99, 0)
    assert heard.failure is None


def test_what_is_sent_again_is_acknowledged_again_and_taken_once() -> None:
    heard = told_however_split(Sopho, sent(7) * 3 + sent(8, OTHER) + sent(7) + sent(9))
    assert heard.on(RECORDS) == RECORD + b"\r\n" + OTHER + b"\r\n" + RECORD + b"\r\n"
    assert heard.sent == acknowledged(7, 7, 7, 8, 7, 9)


def test_another_record_under_a_number_is_a_record_and_so_is_an_equal_one_under_another() -> None:
    heard = told_however_split(Sopho, sent(7) + sent(7, OTHER) + sent(8, OTHER) + sent(7))
    assert heard.on(RECORDS) == RECORD + b"\r\n" + (OTHER + b"\r\n") * 2 + RECORD + b"\r\n"
    assert heard.sent == acknowledged(7, 7, 8, 7)


def test_a_hundred_records_may_wait_for_their_acknowledgement_and_all_come_again() -> None:
    burst = b"".join(sent(number, b"%b %d" % (RECORD, number)) for number in range(100))
    heard = told(Sopho(), [burst, burst])
    assert heard.on(RECORDS).count(b"\r\n") == 100
    assert heard.sent == acknowledged(*range(100)) * 2


def test_a_line_without_a_number_is_handed_on_and_not_acknowledged() -> None:
    heard = told_however_split(Sopho, b"FDCR ready\r\n" + sent(7) + b"\r\n7 what\r\n")
    assert heard.on(RECORDS) == b"FDCR ready\r\n" + RECORD + b"\r\n\r\n7 what\r\n"
    assert heard.sent == acknowledged(7)


def test_an_empty_record_is_acknowledged_too() -> None:
    heard = told_however_split(Sopho, b"07\r\n08\r\n")
    assert heard.on(CONTROL) == b"0708"
    assert heard.sent == acknowledged(7, 8)


def test_a_record_that_is_cut_off_is_not_acknowledged_and_no_record() -> None:
    heard = told_however_split(Sopho, sent(7) + sent(8)[:-2])
    assert heard.on(RECORDS) == RECORD + b"\r\n"
    assert heard.sent == acknowledged(7)
    assert told_however_split(Sopho, b"no number").on(RECORDS) == b"no number"


def test_what_was_taken_before_a_new_connection_is_known_again() -> None:
    taken = [Piece(CONTROL, b"07"), Piece(RECORDS, RECORD + b"\r"), Piece(RECORDS, b"\n"), Piece(CONTROL, b"08140")]
    heard = told_however_split(lambda: recalling(*taken), sent(7) + sent(8, OTHER))
    assert heard.on(RECORDS) == OTHER + b"\r\n"
    assert heard.sent == acknowledged(7, 8)


def test_a_record_of_which_only_the_number_came_to_disk_is_taken() -> None:
    heard = told(recalling(Piece(CONTROL, b"07"), Piece(CONTROL, b"07")), [sent(7)])
    assert heard.on(RECORDS) == RECORD + b"\r\n"


def test_a_record_is_known_by_what_came_again_where_it_was_taken_long_ago() -> None:
    heard = told(recalling(Piece(CONTROL, sent(7)), Piece(CONTROL, sent(8, OTHER, b"\r"))), [sent(7), sent(8, OTHER)])
    assert heard.on(RECORDS) == b""
    assert heard.sent == acknowledged(7, 8)


@settings(deadline=None)
@given(data=st.data(), count=st.integers(1, 130), window=st.integers(1, 100))
def test_each_record_is_taken_once_wherever_connections_break(data: st.DataObject, count: int, window: int) -> None:
    """A PBX that sends ``window`` records ahead, over connections that break at any byte of either direction."""
    records = [(number % 100, b"%b %04d" % (RECORD, number)) for number in range(count)]
    waiting, journal = list(records), list[Piece]()
    for broken in (*[True] * data.draw(st.integers(0, 4)), False):
        sopho = recalling(*journal)
        while waiting:
            burst = b"".join(sent(*record) for record in waiting[:window])
            arrives = data.draw(st.integers(0, len(burst))) if broken else len(burst)
            journal += sopho.feed(burst[:arrives])
            heard = bytes(sopho.outgoing)[: data.draw(st.integers(0, len(sopho.outgoing))) if broken else None]
            sopho.outgoing.clear()
            numbers = {int(line) for line in heard.splitlines(keepends=True) if line.endswith(b"\n")}
            waiting[:window] = [record for record in waiting[:window] if record[0] not in numbers]
            if broken:
                break
        journal += sopho.finish()
        assert sopho.failure is None
    kept = b"".join(piece.data for piece in journal if piece.lane == RECORDS)
    assert kept.splitlines() == [record for _, record in records]


def test_a_record_that_never_ends_is_told() -> None:
    heard = told_however_split(Sopho, sent(7) + b"08" + b"x" * LONGEST + b"\r\n" + sent(9))
    assert 'beginning with "08", has no line end' in str(heard.failure)
    assert heard.on(RECORDS) == RECORD + b"\r\n"
    longest = told(Sopho(), [b"08" + b"x" * (LONGEST - 2) + b"\r\n"])
    assert (longest.failure, longest.sent) == (None, acknowledged(8))


def test_a_record_whose_end_does_not_come_is_told() -> None:
    sopho = Sopho()
    sopho.feed(sent(7)[:-2])
    sopho.tick()
    assert sopho.failure is None
    sopho.feed(b"\r\n" + sent(8)[:9])
    sopho.tick()
    assert sopho.failure is None
    sopho.tick()
    assert 'beginning with "08", has no line end' in str(sopho.failure)


def test_a_record_that_keeps_coming_although_it_was_acknowledged_is_told() -> None:
    sopho = Sopho()
    sopho.feed(sent(6, OTHER) + sent(7))
    for _ in range(IN_VAIN - 1):
        sopho.feed(sent(7) * 5)
        sopho.tick()
        sopho.tick()
    assert sopho.failure is None
    sopho.feed(sent(7))
    sopho.tick()
    assert "keeps sending record 07, which was acknowledged" in str(sopho.failure)


def test_a_pbx_that_sends_something_new_or_nothing_is_not_given_up_on() -> None:
    sopho = Sopho()
    for number in range(3 * IN_VAIN):
        sopho.feed(sent(number) + sent(number))
        sopho.tick()
    for _ in range(3 * IN_VAIN):
        sopho.tick()
    assert sopho.failure is None


TALK = st.lists(
    st.one_of(
        st.sampled_from([b"\r", b"\n", b"0", b"07", sent(7), sent(7, OTHER), sent(8), sent(8)[:-1], b"x" * LONGEST]),
        st.binary(max_size=20),
    ),
    max_size=20,
).map(b"".join)


@given(data=TALK, cuts=st.lists(st.integers(0, 500), max_size=10))
def test_whatever_arrives_nothing_is_lost_and_cuts_make_no_difference(data: bytes, cuts: list[int]) -> None:
    told_however_cut(Sopho, data, cuts)


@given(st.lists(st.binary(min_size=1, max_size=3000), max_size=10))
def test_little_is_held_back(chunks: list[bytes]) -> None:
    sopho = Sopho()
    for chunk in chunks:
        sopho.feed(chunk)
        assert len(sopho._held) <= LONGEST
