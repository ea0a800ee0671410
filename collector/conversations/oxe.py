"""Alcatel-Lucent OmniPCX Enterprise on TCP port 2533: tickets in real time ("CDR-IP").

Either side sends its bytes behind their number, two bytes, the high one first. The collector says ``S``; the main CPU
answers ``P``, the stand-by something else; the collector answers with two zeros, and tickets of 772 bytes (03 04)
follow. ``TEST_REQ`` from the PBX, every half minute, is answered ``TEST_RSP``. A ticket begins with its kind, 01 00 and
two bytes: 01 00 nothing, 02 00 a call, 06 00 a change of the configuration, 07 00 voice quality. Only calls are records.

Not certain: this is from programs in use, not from a manual or a captured session. Tickets are not confirmed, so what is
under way when the connection breaks may be lost.
"""

from __future__ import annotations

from collector.conversations import CONTROL, RECORDS, Conversation, Piece

LONGEST = 4096
"""The most bytes one message is believed to have."""
TICKET = 772

_HEAD_SIZE = 2
_MAIN = b"P"
_OTHER_TICKETS = (b"\x01\x00\x01\x00", b"\x01\x00\x06\x00", b"\x01\x00\x07\x00")


def message(data: bytes) -> bytes:
    """Return ``data`` behind their number."""
    return len(data).to_bytes(_HEAD_SIZE, "big") + data


class Oxe(Conversation):
    """One session with the PBX."""

    def __init__(self) -> None:
        super().__init__()
        self._held = b""
        self._admitted = False
        self.outgoing += message(b"S")

    def feed(self, data: bytes) -> list[Piece]:
        """Take what arrived; return what is certain by now, in order."""
        pieces: list[Piece] = []
        held = self._held + data
        while len(held) >= _HEAD_SIZE and self.failure is None:
            size = _HEAD_SIZE + int.from_bytes(held[:_HEAD_SIZE], "big")
            if size > _HEAD_SIZE + (LONGEST if self._admitted else 1):
                self.failure = (
                    "What the PBX sends is not CDR-IP: check the port number (2533), and that Real Time Tickets Output is "
                    "set to Ethernet."
                )
                break
            if len(held) < size:
                break
            pieces += self._message(held[:_HEAD_SIZE], held[_HEAD_SIZE:size])
            held = held[size:]
        if self.failure and held:
            pieces.append(Piece(CONTROL, held))
            held = b""
        self._held = held
        return pieces

    def finish(self) -> list[Piece]:
        """The connection has ended: a ticket that is not whole is told as the record that was cut off."""
        held, self._held = self._held, b""
        if not held:
            return []
        kind = held[_HEAD_SIZE : _HEAD_SIZE + 4]
        is_record = held.startswith(message(bytes(TICKET))[:_HEAD_SIZE]) and kind and kind not in _OTHER_TICKETS
        if not is_record:
            return [Piece(CONTROL, held)]
        return [Piece(CONTROL, held[:_HEAD_SIZE]), Piece(RECORDS, held[_HEAD_SIZE:], ended=True)]

    def tick(self) -> None:
        """Give up on a PBX that does not say who it is."""
        if not self._admitted and self.failure is None:
            self.failure = (
                f"The PBX did not answer within {self.every:g} s: check that no other program is connected to its ticket "
                f"port, and that it has the licences for it (51 and 83)."
            )

    def _message(self, head: bytes, data: bytes) -> list[Piece]:
        if not self._admitted:
            if data == _MAIN:
                self._admitted = True
                self.outgoing += message(b"\x00\x00")
            else:
                self.failure = (
                    "This is the stand-by CPU of the PBX: give the address of the main one, or the common one."
                )
        elif data == b"TEST_REQ":
            self.outgoing += message(b"TEST_RSP")
        elif len(data) == TICKET and data[:4] not in _OTHER_TICKETS:
            return [Piece(CONTROL, head), Piece(RECORDS, data, ended=True)]
        return [Piece(CONTROL, head + data)]
