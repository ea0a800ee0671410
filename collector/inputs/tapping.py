"""An input read for its bytes alone: by ``smdr capture``, and to find out what a PBX prints."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from collector.conversations import Piece
    from collector.inputs.base import LinkState, Taken, TakenOf
    from collector.inputs.uart import LineErrors


class Arrival(NamedTuple):
    """Bytes as they came: ``received`` is POSIX seconds, ``opened`` tells that bytes may be missing before them."""

    received: float
    lane: int
    opened: bool
    data: bytes


class Tap:
    """A sink that hands on bytes and, when it is news, the state of the link with the sentence about it."""

    def __init__(self, hear: Callable[[Arrival], object], say: Callable[[LinkState, str], None]) -> None:
        self._hear = hear
        self._say = say
        self._said = ""
        self.heard = 0

    async def received(self, lane: int, data: bytes, *, opened: bool, taken: Taken | None = None) -> None:  # noqa: ARG002  (a sink's signature)
        """Hand on what came."""
        self._hear(Arrival(time.time(), lane, opened, data))
        self.heard += len(data)

    async def ended(self, lane: int, taken: Taken | None = None) -> None:
        """There are no lanes to end."""

    async def kept(self) -> None:
        """What comes is handed on at once."""

    async def recent(self, size: int) -> list[Piece]:  # noqa: ARG002  (a sink's signature)
        """Nothing is remembered."""
        return []

    async def taken(self) -> dict[str, int]:
        """Nothing is remembered."""
        return {}

    async def followed(self) -> TakenOf | None:
        """Nothing is remembered."""
        return None

    def link(self, state: LinkState, detail: str) -> None:
        """Tell how the link is."""
        if detail != self._said:
            self._said = detail
            self._say(state, detail)

    def line_errors(self, found: LineErrors) -> None:
        """Only the bytes are of interest."""

    def position(self) -> int:
        """Nothing is remembered."""
        return 0
