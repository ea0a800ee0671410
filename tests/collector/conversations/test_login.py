"""Logins: what is sent when, and which bytes are records."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from offices import kx_td_line
from talks import told_however_cut, told_however_split

from collector.conversations import BANNER, RECORDS
from collector.conversations.login import Login, Step
from collector.conversations.panasonic import panasonic

if TYPE_CHECKING:
    from collections.abc import Callable

    from collector.conversations import Conversation

RECORD = kx_td_line(1)
GREETING = b"\r\n-SMDR\r\nEnter Password:"


def secret() -> Login:
    return panasonic(b"made-up")


def script() -> Login:
    steps = [Step(b"", b"\r"), Step(b"login:", b"smdr\r"), Step(b"Password:", b"made-up\r"), Step(b"ready>", b"")]
    return Login(steps, {b"Login incorrect": "Refused."})


def bare() -> Login:
    return Login([], {})


@pytest.mark.parametrize("echo", [b"", b"\r\n", b"made-up\r\n", b"MADE-UP\r", b"*******\r\n", b"*\n"])
def test_panasonic_is_logged_in_to_and_everything_before_the_first_record_is_dialogue(echo: bytes) -> None:
    heard = told_however_split(secret, GREETING + echo + RECORD * 2)
    assert heard.sent == b"SMDR\rmade-up\r"
    assert heard.on(RECORDS) == RECORD * 2
    assert heard.on(BANNER) == GREETING + echo
    assert heard.failure is None


@pytest.mark.parametrize(
    "first", [b"m", b"made", b"made-up and more\r\n", b"*", b"**/**/** **:****  103", b"Rejec", b"*" * 99]
)
def test_what_only_begins_like_an_echo_or_a_refusal_is_a_record(first: bytes) -> None:
    heard = told_however_split(secret, GREETING + first)
    assert heard.on(RECORDS) == first
    assert heard.failure is None


def test_a_session_too_many_is_told() -> None:
    heard = told_however_split(secret, b"\rRejected\r\n" + RECORD)
    assert heard.sent == b""
    assert heard.on(RECORDS) == b""
    assert "another program is logged in" in str(heard.failure)


@pytest.mark.parametrize("echo", [b"\r\n", b"*******\r\n", b"made-up\r\n\r\n"])
def test_a_wrong_password_is_told_and_not_sent_again(echo: bytes) -> None:
    heard = told_however_split(secret, GREETING + echo + b"enter password:")
    assert heard.sent == b"SMDR\rmade-up\r"
    assert heard.on(RECORDS) == b""
    assert "asks for the password again" in str(heard.failure)
    assert "made-up" not in str(heard.failure)


def test_refusal_in_the_middle_is_told() -> None:
    heard = told_however_split(secret, b"\r-smdr\r\nNo such command.\r\n-")
    assert "does not know the command" in str(heard.failure)


def test_a_script_sends_each_answer_after_what_it_waits_for() -> None:
    login = script()
    assert login.outgoing == b"\r", "before anything arrives"
    heard = told_however_split(script, b"Welcome\r\nLOGIN: smdr\r\npassword: \r\nready>" + RECORD)
    assert heard.sent == b"\rsmdr\rmade-up\r"
    assert heard.on(RECORDS) == RECORD


def test_a_script_is_refused() -> None:
    heard = told_however_split(script, b"login:smdr\r\nPassword:\r\nlogin incorrect\r\nlogin:")
    assert heard.failure == "Refused."
    assert heard.sent == b"\rsmdr\rmade-up\r"


def test_without_steps_everything_is_a_record() -> None:
    assert told_however_split(bare, b"\x00*" + RECORD).on(RECORDS) == b"*" + RECORD


def test_a_pbx_that_does_not_ask_is_given_up_on_and_one_that_did_is_not() -> None:
    login = secret()
    login.feed(b"Welcome.")
    login.tick()
    assert 'did not show "-" within 30 s' in str(login.failure)
    login = secret()
    login.feed(GREETING)
    login.tick()
    assert login.failure is None


CONVERSATIONS = st.sampled_from([secret, script, bare])
TALK = st.lists(
    st.one_of(
        st.sampled_from(
            [
                b"-",
                b"SMDR",
                b"\r\n",
                b"\r",
                b"Enter Password:",
                b"made-up",
                b"*",
                b"Rejected",
                b"login:",
                b"ready>",
                RECORD,
            ]
        ),
        st.binary(max_size=30),
    ),
    max_size=20,
).map(b"".join)


@given(begin=CONVERSATIONS, data=TALK, cuts=st.lists(st.integers(0, 600), max_size=10))
def test_whatever_arrives_nothing_is_lost_and_cuts_make_no_difference(
    begin: Callable[[], Conversation], data: bytes, cuts: list[int]
) -> None:
    told_however_cut(begin, data, cuts)


@given(chunks=st.lists(st.binary(min_size=1, max_size=300), max_size=30), start=st.sampled_from([b"", GREETING, b"-"]))
def test_little_is_held_back(chunks: list[bytes], start: bytes) -> None:
    login = secret()
    for chunk in [start, *chunks]:
        login.feed(chunk)
        assert len(login._seen) + len(login._held) < 100
