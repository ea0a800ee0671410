"""Tickets of an OmniPCX Enterprise: the handshake, the signs of life, and which bytes are records."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from talks import told_however_cut, told_however_split

from collector.conversations import CONTROL, RECORDS
from collector.conversations.oxe import LONGEST, TICKET, Oxe
from parsers import formats
from parsers.records import Leg

MAIN = b"\x00\x01P"
TEST = b"\x00\x08TEST_REQ"
ANSWER = b"\x00\x08TEST_RSP"
BEGUN = b"\x00\x01S\x00\x02\x00\x00"


def ticket(kind: int, text: bytes) -> bytes:
    return b"\x03\x04" + (bytes([1, 0, kind, 0]) + text).ljust(TICKET, b"\0")


CALL = ticket(2, formats.get("alcatel/oxe").samples[0].strip())


def test_calls_are_records_each_with_its_end_and_everything_else_is_dialogue() -> None:
    heard = told_however_split(Oxe, MAIN + CALL + ticket(1, b"") + TEST + ticket(6, b"name=value;\n") + CALL)
    assert heard.sent == BEGUN + ANSWER
    assert heard.on(RECORDS) == CALL[2:] * 2
    assert heard.ends == [TICKET, 2 * TICKET]
    assert heard.failure is None


def test_a_ticket_is_read_by_the_format() -> None:
    declared = formats.get("alcatel/oxe")
    (record,) = [piece.data for piece in admitted().feed(CALL) if piece.lane == RECORDS]
    assert isinstance(declared.decoder()(record, 0, 0.0), Leg)


def admitted() -> Oxe:
    oxe = Oxe()
    oxe.feed(MAIN)
    return oxe


def test_the_stand_by_cpu_is_told() -> None:
    heard = told_however_split(Oxe, b"\x00\x01S" + CALL)
    assert "stand-by CPU" in str(heard.failure)
    assert heard.on(RECORDS) == b""


@pytest.mark.parametrize("greeting", [b"SSH-2.0-x\r\n", b"\r\nlogin:", MAIN + b"\xff\xff"])
def test_another_service_is_told(greeting: bytes) -> None:
    heard = told_however_split(Oxe, greeting + b"more")
    assert "is not CDR-IP" in str(heard.failure)
    assert heard.on(CONTROL) == greeting + b"more"


def test_a_ticket_that_is_cut_off_is_a_record_that_was_cut_off() -> None:
    assert told_however_split(Oxe, MAIN + CALL[:300]).on(RECORDS) == CALL[2:300]
    assert told_however_split(Oxe, MAIN + ticket(6, b"x")[:300]).on(RECORDS) == b""
    assert told_however_split(Oxe, MAIN + b"\x03").on(CONTROL) == MAIN + b"\x03"


def test_a_pbx_that_does_not_answer_is_given_up_on_and_one_that_did_is_not() -> None:
    oxe = Oxe()
    oxe.tick()
    assert "did not answer within 30 s" in str(oxe.failure)
    oxe = admitted()
    oxe.tick()
    assert oxe.failure is None


TALK = st.lists(
    st.one_of(st.sampled_from([MAIN, TEST, CALL, CALL[:90], ticket(7, b"q"), b"\x03\x04"]), st.binary(max_size=20)),
    max_size=8,
).map(b"".join)


@given(data=TALK, cuts=st.lists(st.integers(0, 3000), max_size=10))
def test_whatever_arrives_nothing_is_lost_and_cuts_make_no_difference(data: bytes, cuts: list[int]) -> None:
    told_however_cut(Oxe, data, cuts)


@given(st.lists(st.binary(min_size=1, max_size=3000), max_size=10))
def test_little_is_held_back(chunks: list[bytes]) -> None:
    oxe = Oxe()
    for chunk in [MAIN, *chunks]:
        oxe.feed(chunk)
        assert len(oxe._held) <= LONGEST + 2
