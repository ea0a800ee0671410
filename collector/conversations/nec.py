"""NEC SV7000 to SV9500 and NEAX 2000 IPS on TCP port 60010: the PBX hands out records when it is asked.

A frame is 16 hex, a digit for its kind, five digits for the length of its data, the data, and a parity byte, the
exclusive or of all after the first byte. Data begin with ``0`` and the number of the device, here always 0::

    client   1  request      00                     "is there anything?", again and again
    PBX      2  billing      00 sequence records    each record STX ... ETX
    PBX      3  response     00 1 or 2              nothing there, or all is well
    client   4  confirmation 00 sequence 06         without it the PBX sends the same again
    client   5  monitoring   00 00 06               first, and as a sign of life

Billing data are confirmed once they are on disk. What comes with wrong parity is not confirmed; when the very same comes
again, it is not the line that is at fault but a PBX that counts parity in its own way, and it is taken. When the
connection breaks between data and confirmation, the PBX sends the data again: they are known by what the journal has,
confirmed, and not taken twice.

Not certain: frames 1 and 3 and the order of sending are from a collector in use, not from a manual.
"""

from __future__ import annotations

import re
from functools import reduce
from operator import xor
from typing import TYPE_CHECKING

from collector.conversations import CONTROL, RECORDS, Conversation, Piece

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST = 8192
"""The most data a frame is believed to have, in bytes."""
UNANSWERED = 6

_START = b"\x16"
_HEAD = re.compile(rb"\x16([0-9])([0-9]{5})")
_HEAD_SIZE = 7
_BILLING_BEGUN = re.compile(rb"\x162[0-9]{5}...", re.DOTALL)
_HEAD_BEGUN = re.compile(rb"\x16(?:[0-9]{1,5})?\Z")
_REQUEST, _BILLING, _CONFIRMATION, _MONITORING = b"1", b"2", b"4", b"5"
_BILLING_HEAD = 3


def frame(kind: bytes, data: bytes) -> bytes:
    """A frame of ``kind``, a digit, around ``data``."""
    body = kind + b"%05d" % len(data) + data
    return _START + body + bytes([reduce(xor, body)])


class Nec(Conversation):
    """One session with the PBX."""

    every = 5.0
    remembers = 2 * LONGEST

    def __init__(self) -> None:
        super().__init__()
        self._held = b""
        self._doubted = b""
        self._taken = b""
        self._silent = 0
        self._ask()

    def recall(self, pieces: Iterable[Piece]) -> None:
        """Take note of the billing data that were taken last: their begin, records and parity stand in this order."""
        taken = b""
        for lane, data, _ in pieces:
            begins = lane == CONTROL and _BILLING_BEGUN.fullmatch(data)
            taken = data if begins else taken and taken + data
            if taken and len(taken) == _HEAD_SIZE + int(taken[2:_HEAD_SIZE]) + 1:
                self._taken, taken = taken, b""

    def feed(self, data: bytes) -> list[Piece]:
        """Take what arrived; return what is certain by now, in order."""
        pieces: list[Piece] = []
        held = self._held + data
        while held:
            if not held.startswith(_START):
                size = held.find(_START)
                size = len(held) if size < 0 else size
            elif (head := _HEAD.match(held)) and int(head[2]) <= LONGEST:
                size = _HEAD_SIZE + int(head[2]) + 1
                if len(held) < size:
                    break
                self._silent = 0
                if head[1] == _BILLING and int(head[2]) > _BILLING_HEAD and self._is_new(held[:size]):
                    start = _HEAD_SIZE + _BILLING_HEAD
                    pieces += [
                        Piece(CONTROL, held[:start]),
                        Piece(RECORDS, held[start : size - 1]),
                        Piece(CONTROL, held[size - 1 : size]),
                    ]
                    held = held[size:]
                    continue
            elif _HEAD_BEGUN.match(held):
                break
            else:
                size = 1
            pieces.append(Piece(CONTROL, held[:size]))
            held = held[size:]
        self._held = held
        return pieces

    def finish(self) -> list[Piece]:
        """The connection has ended in the middle of a frame: it was not confirmed, so it comes again."""
        held, self._held = self._held, b""
        return [Piece(CONTROL, held)] if held else []

    def tick(self) -> None:
        """Ask again."""
        self._silent += 1
        if self._silent > UNANSWERED:
            self.failure = (
                f"The PBX has not answered {UNANSWERED} requests: check that this is its SMDR port (60010), and that no "
                f"other program is connected as device 0."
            )
        else:
            self._ask()

    def _ask(self) -> None:
        self.outgoing += frame(_MONITORING, b"0000\x06") + frame(_REQUEST, b"00")

    def _is_new(self, billing: bytes) -> bool:
        """Whether billing data are to be taken; what is taken, and what was taken before, is confirmed."""
        if reduce(xor, billing[1:]) and billing != self._doubted:
            self._doubted = billing
            return False
        sequence = billing[_HEAD_SIZE + 2 : _HEAD_SIZE + _BILLING_HEAD]
        new, self._taken = billing != self._taken, billing
        self.outgoing += frame(_CONFIRMATION, b"00" + sequence + b"\x06") + frame(_REQUEST, b"00")
        return new
