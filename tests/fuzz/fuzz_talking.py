"""Conversations with a PBX that says anything: one target for each, and one for syslog messages in datagrams."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from fixture_cases import CASES
from fuzz_input import Target, distinct, seed
from talks import bytewise, told

from collector.conversations import BANNER, CONTROL, RECORDS
from collector.conversations.login import Login, Step
from collector.conversations.nec import LONGEST as LONGEST_FRAME
from collector.conversations.nec import Nec, frame
from collector.conversations.oxe import LONGEST as LONGEST_MESSAGE
from collector.conversations.oxe import TICKET, Oxe, message
from collector.conversations.panasonic import panasonic
from collector.conversations.sopho import LONGEST as LONGEST_RECORD
from collector.conversations.sopho import Sopho, acknowledgement
from collector.conversations.syslog import LONGEST_HEADER, SyslogStream, datagram
from parsers import formats

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fuzz_input import Given

    from collector.conversations import Conversation

_TICKS = 1
_BYTEWISE = 200
"""Up to this many bytes are also fed one by one."""


_LINES = 3


class Talker(NamedTuple):
    """A conversation to be fuzzed: how it begins, what a PBX may say, and what holds for it.

    ``lane``: that of its dialogue. ``most``: bytes it may remember. ``answers(data, sent, failed)`` raises where
    ``sent`` is not what is to be answered to ``data``, or only the beginning of that when the session has ``failed``.
    """

    begin: Callable[[], Conversation]
    lane: int
    most: int
    answers: Callable[[bytes, bytes, bool], None]
    said: Sequence[bytes]


def targets() -> dict[str, Target]:
    """One target for each conversation, and one for datagrams."""
    found = {f"talking {name}": Target(partial(check, talker), _seeds(talker)) for name, talker in TALKERS.items()}
    return found | {"talking syslog datagrams": Target(check_datagram, distinct(map(seed, _messages())))}


def _seeds(talker: Talker) -> tuple[bytes, ...]:
    return distinct(seed(said, choice) for said in talker.said for choice in (0, _TICKS))


def check(talker: Talker, given: Given) -> None:
    """Dialogue and records are what was received; answers are for that; no difference by cuts; little is remembered."""
    data, pieces = given.data, given.pieces
    at_once = told(talker.begin(), [data] if data else [])
    assert told(talker.begin(), pieces) == at_once
    if len(data) <= _BYTEWISE:
        assert told(talker.begin(), bytewise(data)) == at_once
    assert {lane for lane, _ in at_once.pieces} <= {RECORDS, talker.lane}
    _check_each_piece(talker, pieces)
    if given.choice & _TICKS:
        _check_ticks(talker, pieces)


def check_datagram(given: Given) -> None:
    """A datagram is one message: a header that is dialogue or none, and a record that ends with it."""
    *header, record = datagram(given.data)
    assert b"".join(piece.data for piece in [*header, record]) == given.data
    assert (record.lane, record.ended) == (RECORDS, True)
    assert [(piece.lane, piece.ended) for piece in header] in ([], [(CONTROL, False)])
    assert all(piece.data for piece in header)


def _check_each_piece(talker: Talker, pieces: Sequence[bytes]) -> None:
    conversation, received, sent, handed_on = talker.begin(), b"", b"", 0
    for piece in (b"", *pieces):
        received += piece
        handed_on += sum(len(told.data) for told in conversation.feed(piece)) if piece else 0
        assert len(received) - handed_on <= _remembered(conversation) <= talker.most
        sent += conversation.outgoing
        conversation.outgoing.clear()
        talker.answers(received, sent, conversation.failure is not None)


def _remembered(conversation: Conversation) -> int:
    return sum(len(value) for value in vars(conversation).values() if isinstance(value, bytes))


def _check_ticks(talker: Talker, pieces: Sequence[bytes]) -> None:
    """Time that passes loses nothing."""
    conversation = talker.begin()
    handed_on = []
    for piece in pieces:
        handed_on += conversation.feed(piece)
        conversation.tick()
    handed_on += conversation.finish()
    assert b"".join(piece.data for piece in handed_on) == b"".join(pieces)


def _logs_in(*steps: Step) -> Callable[[bytes, bytes, bool], None]:
    """What a login sends: its answers, each behind the text it waits for."""

    def check(data: bytes, sent: bytes, failed: bool) -> None:  # noqa: FBT001
        said, at, due = data.lower(), 0, b""
        for expect, send in steps:
            found = said.find(expect.lower(), at)
            if found < 0:
                break
            at, due = found + len(expect), due + send
        assert sent == due or (failed and due.startswith(sent))

    return check


def _confirms(data: bytes, sent: bytes, _failed: bool) -> None:  # noqa: FBT001
    """What is sent to NEC: the first question, then a confirmation for billing data in the order in which they came."""
    at, asked = 0, frame(b"1", b"00")
    assert sent.startswith(frame(b"5", b"0000\x06") + asked)
    rest = sent[len(frame(b"5", b"0000\x06") + asked) :]
    while rest:
        sequence = rest[9:10]
        confirmed = frame(b"4", b"00" + sequence + b"\x06") + asked
        assert rest.startswith(confirmed)
        billing = re.compile(rb"\x162\d{5}.." + re.escape(sequence), re.DOTALL).search(data, at)
        assert billing is not None
        at, rest = billing.end(), rest[len(confirmed) :]


def _shows_life(data: bytes, sent: bytes, _failed: bool) -> None:  # noqa: FBT001
    """What is sent to an OmniPCX: who we are, that we heard who it is, and a sign of life for each it asked for."""
    begun = message(b"S") + (message(b"\0\0") if data.startswith(message(b"P")) else b"")
    assert sent.startswith(begun)
    alive = message(b"TEST_RSP")
    times, rest = divmod(len(sent) - len(begun), len(alive))
    assert (rest, sent) == (0, begun + alive * times)
    assert times <= data.count(message(b"TEST_REQ"))


def _acknowledges(data: bytes, sent: bytes, failed: bool) -> None:  # noqa: FBT001
    """What is sent to a SOPHO: the number of each record, in the order in which they came."""
    numbers = re.findall(rb"(?:^|[\r\n])([0-9]{2})[^\r\n]*(?=[\r\n])", data)
    due = b"".join(acknowledgement(number) for number in numbers)
    assert due.startswith(sent)
    assert sent == due or failed


def _says_nothing(_data: bytes, sent: bytes, _failed: bool) -> None:  # noqa: FBT001
    assert sent == b""


def _records(name: str) -> bytes:
    """Some lines as a PBX of format ``name`` prints them."""
    captures = [case.folder / "raw.bin" for case in CASES.values() if case.format == name]
    return b"".join(captures[0].read_bytes().splitlines(keepends=True)[:_LINES])


def _messages() -> list[bytes]:
    return [header + record for header in _HEADERS for record in _records("cisco/cme").splitlines()]


def _tickets() -> list[bytes]:
    texts = [b"\1\0\2\0" + sample for sample in formats.get("alcatel/oxe").samples]
    return [message(text.ljust(TICKET, b"\0")) for text in (*texts, b"\1\0\1\0", b"\1\0\6\0name=value;")]


def _billing() -> list[bytes]:
    records = [b"\2" + sample + b"\3" for sample in formats.get("nec/neax").samples]
    return [frame(b"2", b"00%d" % (number % 10) + record) for number, record in enumerate(records)]


_HEADERS = (
    b"<134>",
    b"<134>Nov  3 07:00:00 pbx smdr: ",
    b"<134>1 2026-11-23T07:00:00+08:00 pbx smdr 8710 ID47 - \xef\xbb\xbf",
    b'<134>1 - - - - - [a@1 k="\\]" l="x y"][b@2] ',
    b"",
)
_SCRIPT = (Step(b"", b"\r"), Step(b"login:", b"smdr\r"), Step(b"Password:", b"made-up\r"), Step(b"ready>", b""))
_PANASONIC = (Step(b"-", b"SMDR\r"), Step(b"Enter Password:", b"made-up\r"))
_LONGEST_LOGIN = 128

TALKERS = {
    "login": Talker(
        lambda: Login(_SCRIPT, {b"Login incorrect": "Refused."}),
        BANNER,
        _LONGEST_LOGIN,
        _logs_in(*_SCRIPT),
        (
            b"Welcome\r\nLOGIN: smdr\r\npassword: *******\r\nready>" + _records("panasonic/kx-td"),
            b"login: smdr\r\nPassword:\r\nLogin incorrect\r\nlogin:",
        ),
    ),
    "panasonic": Talker(
        lambda: panasonic(b"made-up"),
        BANNER,
        _LONGEST_LOGIN,
        _logs_in(*_PANASONIC),
        (
            b"\r\n-SMDR\r\nEnter Password:*******\r\n" + _records("panasonic/kx-tda"),
            b"-SMDR\r\nEnter Password:made-up\r\n\r\nEnter Password:",
            b"-SMDR\r\nNo such command.\r\n-",
            b"Rejected\r\n",
        ),
    ),
    "nec": Talker(
        Nec,
        CONTROL,
        3 * len(frame(b"2", bytes(LONGEST_FRAME))),  # what is held, what was taken last, and what is in doubt
        _confirms,
        (
            frame(b"3", b"001") + b"".join(_billing()) + frame(b"3", b"001"),
            b"".join(billing[:-1] + b"\xee" for billing in (*_billing()[:2], *_billing()[:2])),
            b"noise\x16\x162x\x1620000\x16299999" + _billing()[0] * 3,
        ),
    ),
    "oxe": Talker(
        Oxe,
        CONTROL,
        len(message(bytes(LONGEST_MESSAGE))),
        _shows_life,
        (
            message(b"P") + message(b"TEST_REQ").join(_tickets()),
            message(b"P") + message(b"TEST_REQ") * 2 + _tickets()[0][:300],
            message(b"S") + _tickets()[0],
            b"SSH-2.0-x\r\n",
        ),
    ),
    "sopho": Talker(
        Sopho,
        CONTROL,
        LONGEST_RECORD + 2,
        _acknowledges,
        (
            b"".join(
                b"%02d%s" % (number, line)
                for number, line in enumerate(_records("shenou/jsy").splitlines(keepends=True))
            ),
            b"07 a record\r\n07 a record\r\n08 another\r07 a third\n",
            b"no number\r\n99 one\r\n00 two\r\n" + b"01" + b"x" * LONGEST_RECORD,
        ),
    ),
    "syslog": Talker(
        SyslogStream,
        CONTROL,
        LONGEST_HEADER,
        _says_nothing,
        (
            b"\n".join(_messages()),
            b"".join(b"%d %s" % (len(message), message) for message in _messages()),
            b"<134>Nov  3 07:00:00 pbx smdr: " + b"x" * LONGEST_HEADER + b"\n" + _messages()[0],
        ),
    ),
}
"""By the name of the module the conversation is in."""
