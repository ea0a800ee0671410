"""What has to be said to a PBX before, or while, it sends records. Without I/O, like framers and decoders.

A conversation is fed what arrives, in pieces of any size. It collects what to answer, and tells for each byte whether
it belongs to the records or to the dialogue around them. It changes no byte and drops none: the journal keeps both, in
the order in which they came, dialogue on a lane of its own, where it is counted as noise. It never raises, whatever it
is fed, and holds a bounded number of bytes back.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

RECORDS = 0
BANNER, CONTROL, LOST = -1, -2, -3
NOISE_LANES = {BANNER: "banner", CONTROL: "control", LOST: "lost"}
"""Lanes of the journal that carry dialogue, and the kind of noise their bytes are; `LOST` stands for what is gone."""


class Piece(NamedTuple):
    """Bytes that arrived, and the lane they belong to. ``ended``: a record ends with them, whatever its last byte."""

    lane: int
    data: bytes
    ended: bool = False


class Conversation(ABC):
    """One session with a PBX, from the opening of the link on.

    ``outgoing`` collects bytes to send; whoever sends them clears it. ``failure`` is a sentence for the technician
    once the session can come to nothing. `tick` wants to be called every ``every`` seconds. `recall` wants to be told,
    before anything else, of the last ``remembers`` bytes on disk.
    """

    every = 30.0
    remembers = 0

    def __init__(self) -> None:
        self.outgoing = bytearray()
        self.failure: str | None = None

    def recall(self, pieces: Iterable[Piece]) -> None:  # noqa: B027  (most need no memory)
        """Take note of what earlier sessions left on disk: the last of it, in order."""

    @abstractmethod
    def feed(self, data: bytes) -> list[Piece]:
        """Take what arrived; return what is certain by now, in order."""

    def finish(self) -> list[Piece]:
        """The link has ended: return what was held back."""
        return []

    def tick(self) -> None:  # noqa: B027  (most need no clock)
        """Take note that ``every`` seconds have passed."""
