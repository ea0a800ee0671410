"""Syslog messages: which bytes are records, however they come."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from offices import kx_td_line
from talks import bytewise, told, told_however_cut, told_however_split

from collector.conversations import CONTROL, RECORDS
from collector.conversations.syslog import LONGEST_HEADER, SyslogStream, datagram

RECORD = kx_td_line(1).rstrip()
HEADERS = [
    b"<134>",
    b"<134>Nov  3 07:00:00 pbx smdr: ",
    b"<134>Nov 23 07:00:00 192.0.2.30 smdr[4711]: ",
    b"<134>Nov 23 07:00:00 pbx ",
    b"<134>1 2026-11-23T07:00:00.003Z pbx smdr - - - ",
    b"<134>1 2026-11-23T07:00:00+08:00 pbx smdr 8710 ID47 - \xef\xbb\xbf",
    b'<134>1 - - - - - [a@1 k="\\]" l="x y"][b@2] ',
]


@pytest.mark.parametrize("header", HEADERS)
def test_the_body_of_a_message_is_the_record(header: bytes) -> None:
    assert datagram(header + RECORD) == [(CONTROL, header, False), (RECORDS, RECORD, True)]
    heard = told_however_split(SyslogStream, (header + RECORD + b"\n") * 3)
    assert heard.on(RECORDS) == (RECORD + b"\n") * 3
    assert heard.on(CONTROL) == header * 3
    assert heard.ends == []


@pytest.mark.parametrize("header", HEADERS)
def test_messages_with_their_length_before_them_need_no_line_end(header: bytes) -> None:
    message = b"%d %s%s" % (len(header + RECORD), header, RECORD)
    heard = told_however_split(SyslogStream, message * 3)
    assert heard.on(RECORDS) == RECORD * 3
    assert heard.ends == [len(RECORD), 2 * len(RECORD), 3 * len(RECORD)]


@pytest.mark.parametrize("body", [b"T: 12", b"12:30 ", b"1 2 3", b"<x>", b"<1234>", b"12 34", b"2026-11-23"])
def test_what_looks_like_a_header_without_being_one_is_a_record(body: bytes) -> None:
    assert datagram(b"<134>" + body)[-1] == (RECORDS, body, True)
    assert datagram(body) == [(RECORDS, body, True)]
    assert told_however_split(SyslogStream, body + b"\n").on(RECORDS) == body + b"\n"


def test_a_message_without_a_body_is_no_record() -> None:
    assert datagram(b"<134>1 - - - - - -") == [(CONTROL, b"<134>1 - - - - - -", False), (RECORDS, b"", True)]
    assert told_however_split(SyslogStream, b"<134>1 - - - - - -\n").on(RECORDS) == b"\n"
    assert told_however_split(SyslogStream, b"5 <134>5 <134>").on(RECORDS) == b""


def test_the_last_message_of_a_connection_needs_no_end() -> None:
    heard = told_however_split(SyslogStream, HEADERS[1] + RECORD)
    assert heard.on(RECORDS) == RECORD
    assert heard.ends == [len(RECORD)]


def test_a_message_longer_than_any_header_passes_through() -> None:
    long = b"x" * (3 * LONGEST_HEADER)
    stream = HEADERS[1] + long + b"\n" + HEADERS[1] + RECORD + b"\n"
    for chunks in ([stream], bytewise(stream)):
        assert told(SyslogStream(), chunks).on(RECORDS) == long + b"\n" + RECORD + b"\n"


MESSAGES = st.lists(
    st.one_of(
        st.sampled_from([*HEADERS, RECORD, b"\n", b"5 ", b"12 <1>", b"0 <1>", b"9999999 <1>", b"x" * LONGEST_HEADER]),
        st.binary(max_size=20),
    ),
    max_size=20,
).map(b"".join)


@given(data=MESSAGES, cuts=st.lists(st.integers(0, 5000), max_size=10))
def test_whatever_arrives_nothing_is_lost_and_cuts_make_no_difference(data: bytes, cuts: list[int]) -> None:
    told_however_cut(SyslogStream, data, cuts)


@given(st.lists(st.binary(min_size=1, max_size=400), max_size=40))
def test_little_is_held_back(chunks: list[bytes]) -> None:
    stream = SyslogStream()
    for chunk in [b"<134>", *chunks]:
        stream.feed(chunk)
        assert len(stream._held) < LONGEST_HEADER


@given(st.binary())
def test_any_datagram_is_taken_apart_without_loss(data: bytes) -> None:
    assert b"".join(piece.data for piece in datagram(data)) == data
