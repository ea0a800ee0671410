"""Syslog: records as messages. The body of a message is the record; what stands before it is dialogue.

Messages come one to a datagram, or in a stream, each ended by LF or preceded by its length (RFC 6587). Before the body
there may be a header of RFC 5424, or one of RFC 3164: priority, time, host and the tag of a program. A message with a
priority and nothing else before its body is read too, and so is one without.
"""

from __future__ import annotations

import re

from collector.conversations import CONTROL, RECORDS, Conversation, Piece

LONGEST_HEADER = 2048
"""Bytes held back at most, until it is known where a body begins."""

_HEADER = re.compile(
    rb"<\d{1,3}>(?:"
    rb"[1-9]\d? (?:-|\d{4}-\S+) \S+ \S+ \S+ \S+ (?:-|(?:\[(?:[^\]\\]|\\.)*\])+)(?: |\Z|(?=\n))(?:\xef\xbb\xbf)?"
    rb"|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \S+ (?:[A-Za-z][\w./-]{0,47}(?:\[[^\]\s]*\])?: )?"
    rb"|)",
    re.DOTALL,
)
_COUNTED = re.compile(rb"([1-9]\d{0,6}) (?=<)")
_MAY_BE_COUNTED = re.compile(rb"[1-9]\d{0,6} ?\Z")


def datagram(data: bytes) -> list[Piece]:
    """Take one datagram apart."""
    header = _HEADER.match(data)
    body = header.end() if header else 0
    pieces = [Piece(CONTROL, data[:body])] if body else []
    return [*pieces, Piece(RECORDS, data[body:], ended=True)]


class SyslogStream(Conversation):
    """The messages of one connection. Nothing is answered."""

    def __init__(self) -> None:
        super().__init__()
        self._held = b""
        self._left: int | None = None
        """bytes of the message that are still to come, where its length was told"""
        self._in_body = False

    def feed(self, data: bytes) -> list[Piece]:
        """Take what arrived; return what is certain by now, in order."""
        pieces: list[Piece] = []
        held = self._held + data
        while held and (taken := self._body(held, pieces) if self._in_body else self._header(held, pieces)) is not None:
            held = held[taken:]
        self._held = held
        return pieces

    def finish(self) -> list[Piece]:
        """The connection has ended, and with it the message that was held back."""
        held, self._held = self._held, b""
        return datagram(held) if held else []

    def _header(self, held: bytes, pieces: list[Piece]) -> int | None:
        """Take a length, or a header once it is certain; return the bytes taken, None while more have to come."""
        if self._left is None:
            if counted := _COUNTED.match(held):
                self._left = int(counted[1])
                pieces.append(Piece(CONTROL, counted[0]))
                return counted.end()
            if _MAY_BE_COUNTED.match(held):
                return None
        whole = self._left if self._left is not None else held.find(b"\n") + 1
        if len(held) < LONGEST_HEADER and (not whole or len(held) < whole):
            return None
        header = _HEADER.match(held[: min(whole or LONGEST_HEADER, LONGEST_HEADER)])
        self._in_body = True
        if header is None or not header.end():
            return 0
        pieces.append(Piece(CONTROL, header[0]))
        if self._left is not None:
            self._left -= header.end()
        return header.end()

    def _body(self, held: bytes, pieces: list[Piece]) -> int:
        """Hand on what is there of a body; return the bytes taken."""
        if self._left is None:
            end = held.find(b"\n") + 1
            taken, complete = end or len(held), bool(end)
        else:
            taken = min(self._left, len(held))
            self._left -= taken
            complete = self._left == 0
        pieces.append(Piece(RECORDS, held[:taken], ended=complete and self._left is not None))
        if complete:
            self._in_body, self._left = False, None
        return taken
