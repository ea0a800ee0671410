"""Frames of records that take several lines, for the formats that print such. Without I/O, as `collector.framing`.

The same invariants hold. A record is handed out with its last line, when a line comes that does not go on with it, or
when nothing comes for a while; until then it counts as not yet framed, and after a restart it is framed again from its
first line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.blocks import BlockFramer
from collector.framing import LIMIT, Frame, Framer, Seam
from parsers.continuing import AROUND, Continued, Continuing

if TYPE_CHECKING:
    from parsers.formats import Format

_PADDING = AROUND.encode("latin-1")


def framer_of(declared: Format, position: int = 0, state: str = "", limit: int = LIMIT) -> Framer | BlockFramer:
    """The framer of a format's streams."""
    if declared.blocks is not None:
        return BlockFramer(declared.blocks, position, state)
    if declared.continued is None:
        return Framer(position, state, limit, ends=declared.ends)
    return Gatherer(declared.continued, position, state, limit)


class Gatherer(Framer):
    """A framer whose frames are records of one line or several."""

    def __init__(self, rules: Continued, position: int, state: str = "", limit: int = LIMIT) -> None:
        super().__init__(position, state, limit)
        self._continuing = Continuing(rules)
        self._parts: list[bytes] = []
        self._size = 0
        self._first_offset = position
        self._break: Seam | None = None
        self._behind: Seam | None = None
        """a break behind the lines of the record that is held: one inside it, should it go on"""

    @property
    def position(self) -> int:
        """Offset of the first byte that is not in a frame yet."""
        return self._first_offset if self._parts else super().position

    @property
    def state(self) -> str:
        """What has to be remembered beside `position` to go on after a restart."""
        return "" if self._parts else super().state

    def feed(self, offset: int, data: bytes, *, opened: bool = False) -> list[Frame]:
        """Take ``data``, whose first byte is at ``offset``; ``opened`` tells that the link was opened anew before it."""
        if opened and self._parts and not self._held:
            self._behind = Seam(self._size, offset)
        frames: list[Frame] = []
        for frame in super().feed(offset, data, opened=opened):
            self._take(frame, frames)
        return frames

    @property
    def waits(self) -> bool:
        """Whether a record is held that is whole, unless its next line is still to come.

        A line that has begun behind it may be that line: it is waited for.
        """
        return bool(self._parts) and not self._held.strip(_PADDING)

    def pause(self) -> list[Frame]:
        """Nothing has come for a while: the record that `waits` is whole."""
        frames: list[Frame] = []
        if self.waits:
            self._hand_out(frames)
        return frames

    def finish(self) -> list[Frame]:
        """The stream has ended: what is held is a whole record."""
        frames: list[Frame] = []
        for frame in super().finish():
            self._take(frame, frames)
        self._hand_out(frames)
        return frames

    def _take(self, frame: Frame, frames: list[Frame]) -> None:
        """Add a line to the record that is held, or begin a new one with it."""
        if frame.tail and self._parts:
            self._add(frame)
        elif frame.tail or frame.too_long:
            self._hand_out(frames)
            frames.append(frame)
        else:
            goes_on = self._continuing.goes_on(frame.data)
            fits = self._size + len(frame.data.rstrip(b"\r\n\f")) <= self._limit
            if self._parts and not (goes_on and fits):
                waits = self._continuing.waits and not goes_on
                self._emit(frames)
                if not waits:
                    self._continuing.end()
            self._add(frame)
            if not self._continuing.waits:
                self._emit(frames)

    def _add(self, frame: Frame) -> None:
        if not self._parts:
            self._first_offset, self._behind = frame.offset, None
        if frame.seam is not None:
            self._break = Seam(self._size + frame.seam.place, frame.seam.offset)
        elif self._behind is not None:
            self._break = self._behind
        self._behind = None
        self._parts.append(frame.data)
        self._size += len(frame.data)

    def _hand_out(self, frames: list[Frame]) -> None:
        """The record that is held ends here."""
        self._continuing.end()
        if self._parts:
            self._emit(frames)

    def _emit(self, frames: list[Frame]) -> None:
        frames.append(Frame(self._first_offset, b"".join(self._parts), seam=self._break))
        self._parts, self._size, self._break = [], 0, None
