"""Philips and NEC SOPHO iS3000: full detailed call records ("FDCR over IP"), each of which has to be acknowledged.

The PBX is the server; its TCP port is set in it (2599 is the example of the one source there is, a vendor's page). What
that page says: the PBX sends each record as it comes up, behind its number from 00 to 99. The number is returned with
the acknowledgement, whereupon the PBX forgets the record. The number is plain, the record "packed" as on V.24, whatever
that means. The layout of records is not public, so a site describes it in a format of its own::

    PBX      07 record line-end
    client   07 CR LF             once the record is on disk

The number is dialogue, what follows it is the record. A record whose number and text are those of the last one under
that number is one that was sent again: it is acknowledged again and not counted, also after a restart, as what was taken
before is read back from the journal.

Assumed, for want of a manual or a captured session: that the number is two ASCII digits; that a record is text and ends
with CR, LF or both; that its number and CR LF acknowledge it; that it keeps its number when it is sent again, and is
equal to the character. Where that is wrong, it shows: a record without a line end, and one that comes again and again
although it was acknowledged, are told as the fault of the link; a line that begins with no number is handed on as a
record, and not acknowledged; one that comes again under another number is a second record.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from collector.conversations import CONTROL, RECORDS, Conversation, Piece

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST = 4096
"""The most bytes a record is believed to have."""
IN_VAIN = 3
"""Rounds of the clock in which nothing comes but what was acknowledged already, until the link is given up."""

_LINE_END = re.compile(rb"\r\n|[\r\n]")
_LINE_ENDS = re.compile(rb"[\r\n]+")
_NUMBER = re.compile(rb"[0-9]{2}")
_SENT_AGAIN = re.compile(rb"([0-9]{2})([^\r\n]*)[\r\n]+")


def acknowledgement(number: bytes) -> bytes:
    """What tells the PBX that the record of this number is kept."""
    return number + b"\r\n"


class Sopho(Conversation):
    """One session with the PBX."""

    remembers = 1 << 16

    def __init__(self) -> None:
        super().__init__()
        self._held = b""
        self._unfinished = b""
        self._taken: dict[bytes, bytes] = {}
        """by its number, the record last taken, without its line end"""
        self._lane = CONTROL
        """of the last line: what is left of its end belongs there, too"""
        self._again: bytes | None = None
        """the number of what came again since the clock went round, unless something new came after it"""
        self._in_vain = 0

    def recall(self, pieces: Iterable[Piece]) -> None:
        """Take note of the records that earlier sessions took."""
        number = b""
        for lane, data, _ in pieces:
            if lane == RECORDS and number:
                self._taken[number] = data.rstrip(b"\r\n")
            elif lane == CONTROL and (again := _SENT_AGAIN.fullmatch(data)):
                self._taken[again[1]] = again[2]
            number = data if lane == CONTROL and _NUMBER.fullmatch(data) else b""

    def feed(self, data: bytes) -> list[Piece]:
        """Take what arrived; return what is certain by now, in order."""
        pieces: list[Piece] = []
        held = self._held + data
        while held and self.failure is None:
            if blank := _LINE_ENDS.match(held):
                pieces.append(Piece(self._lane, blank[0]))
                held = held[blank.end() :]
                continue
            end = _LINE_END.search(held)
            if (end.start() if end else len(held)) > LONGEST:
                self.failure = _endless(held)
            elif end is None:
                break
            else:
                pieces += self._line(held[: end.end()])
                held = held[end.end() :]
        if self.failure and held:
            pieces.append(Piece(CONTROL, held))
            held = b""
        self._held = held
        return pieces

    def finish(self) -> list[Piece]:
        """The connection has ended in the middle of a record: it was not acknowledged, so it comes again."""
        held, self._held = self._held, b""
        if not held:
            return []
        return [Piece(CONTROL if held[:2].isdigit() else RECORDS, held)]

    def tick(self) -> None:
        """Give up on a PBX that takes another end of records, or another acknowledgement, than is assumed here."""
        if self._held and self._held == self._unfinished:
            self.failure = _endless(self._held)
        self._unfinished = self._held
        if self._again is not None:
            self._in_vain += 1
            if self._in_vain == IN_VAIN:
                self.failure = (
                    f"The PBX keeps sending record {self._again.decode()}, which was acknowledged: its acknowledgement must "
                    f"be another than the number and a line end; please report what its manual says."
                )
        self._again = None

    def _line(self, line: bytes) -> list[Piece]:
        """Tell number and record apart, and acknowledge the record."""
        found = _NUMBER.match(line)
        if found is None:
            self._lane = RECORDS
            return [Piece(RECORDS, line)]
        number, record = found[0], line[found.end() :].rstrip(b"\r\n")
        self.outgoing += acknowledgement(number)
        if self._taken.get(number) == record:
            self._again, self._lane = number, CONTROL
            return [Piece(CONTROL, line)]
        self._taken[number] = record
        self._again, self._in_vain, self._lane = None, 0, RECORDS
        return [Piece(CONTROL, number), Piece(RECORDS, line[found.end() :])]


def _endless(record: bytes) -> str:
    return (
        f'What the PBX sent, beginning with "{record[:2].decode("latin-1")}", has no line end: check that this is its FDCR '
        f"port; if it is, please report what its manual says of the end of records."
    )
