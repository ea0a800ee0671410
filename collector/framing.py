"""Cutting a lane's bytes into lines, without I/O.

Invariants: every byte fed is in exactly one frame or pending; frames do not depend on how the bytes were split into
chunks, except that a line end which arrives after its line comes as a frame of its own, marked `tail`, to be counted
with the line before; at most ``limit`` bytes are held, whatever is fed.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

LIMIT = 4096
"""The longest line held, in bytes. The longest record known has some 700."""

_ENDS = b"\r\n\f"


@cache
def _expressions(ends: bytes) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    """A line with its end, and an end alone, where any of ``ends`` ends a line."""
    one = b"[" + re.escape(ends) + b"]"
    return re.compile(b"[^" + one[1:] + b"*(?:\r\n|" + one + b")"), re.compile(b"\r\n|" + one)


class Seam(NamedTuple):
    """Where the link was interrupted inside a frame: the place in its bytes, and the offset in the stream."""

    place: int
    offset: int


class Frame(NamedTuple):
    """One line with its line end. ``offset`` is that of its first byte in the source's stream."""

    offset: int
    data: bytes
    tail: bool = False
    """belongs to the frame before: a late line end, or the rest of a line that is too long"""
    too_long: bool = False
    """the first `LIMIT` bytes of a longer line"""
    seam: Seam | None = None
    heading: bool = False
    """what a binary file has in front of its records"""


class Framer:
    """Frames one lane of a source. ``state`` is '' or what `state` gave when the last frame was taken.

    ``ends``: what else ends a line, beside CR, LF and form feed.
    """

    def __init__(self, position: int, state: str = "", limit: int = LIMIT, *, ends: bytes = b"") -> None:
        self._held = b""
        self._held_offset = position
        self._next = position
        self._seam: Seam | None = None
        self._after_cr = state == "cr"
        self._skipping = state == "skip"
        self._limit = limit
        self._ends = _ENDS + ends
        self._line, self._end = _expressions(self._ends)

    @property
    def position(self) -> int:
        """Offset of the first byte that is not in a frame yet."""
        return self._held_offset if self._held else self._next

    @property
    def next_offset(self) -> int:
        """Offset after the last byte fed."""
        return self._next

    @property
    def state(self) -> str:
        """What has to be remembered beside `position` to go on after a restart."""
        return "skip" if self._skipping else "cr" if self._after_cr else ""

    def feed(self, offset: int, data: bytes, *, opened: bool = False) -> list[Frame]:
        """Take ``data``, whose first byte is at ``offset``; ``opened`` tells that the link was opened anew before it."""
        frames: list[Frame] = []
        if opened and self._held:
            self._seam = Seam(len(self._held), offset)
        start = self._late_end(offset, data, frames) if self._after_cr else 0
        if self._skipping and start < len(data):
            start = self._skip(offset, data, start, frames)
        self._lines(offset, data, start, frames)
        self._next = offset + len(data)
        return frames

    @property
    def waits(self) -> bool:
        """Whether a record is held that is whole, unless its next line is still to come."""
        return False

    def pause(self) -> list[Frame]:
        """Nothing has come for a while: the record that `waits` is whole."""
        return []

    def finish(self) -> list[Frame]:
        """The stream has ended: what is held is a whole line."""
        self._skipping = self._after_cr = False
        if not self._held:
            return []
        frame = Frame(self._held_offset, self._held, seam=self._seam)
        self._held, self._seam = b"", None
        return [frame]

    def _late_end(self, offset: int, data: bytes, frames: list[Frame]) -> int:
        if not data:
            return 0
        self._after_cr = False
        if data[:1] != b"\n":
            return 0
        frames.append(Frame(offset, b"\n", tail=True))
        return 1

    def _skip(self, offset: int, data: bytes, start: int, frames: list[Frame]) -> int:
        """Pass over the rest of a line that is too long."""
        end = self._end.search(data, start)
        stop = end.end() if end else len(data)
        frames.append(Frame(offset + start, data[start:stop], tail=True))
        self._skipping = end is None
        self._after_cr = end is not None and stop == len(data) and data.endswith(b"\r")
        return stop

    def _lines(self, offset: int, data: bytes, start: int, frames: list[Frame]) -> None:
        last_end = max(map(data.rfind, self._ends)) + 1
        if last_end > start:
            self._whole_lines(offset, data, start, last_end, frames)
            self._held, self._held_offset = data[last_end:], offset + last_end
            self._after_cr = last_end == len(data) and data.endswith(b"\r")
        elif start < len(data):
            if not self._held:
                self._held_offset = offset + start
            self._held += data[start:]
        if len(self._held) > self._limit:
            rest = self._held[self._limit :]
            frames.append(Frame(self._held_offset, self._held[: self._limit], too_long=True, seam=self._seam))
            frames.append(Frame(offset + len(data) - len(rest), rest, tail=True))
            self._held, self._seam, self._skipping = b"", None, True

    def _whole_lines(self, offset: int, data: bytes, start: int, end: int, frames: list[Frame]) -> None:
        """Frame what is held and ``data`` from ``start`` to ``end``, where a line ends."""
        held, limit = self._held, self._limit
        lines = self._line.finditer(held + data[start:end]) if held else self._line.finditer(data, start, end)
        moved = offset + start - len(held) if held else offset
        for line in lines:
            whole, begun = line.group(), moved + line.start()
            # other lanes' bytes may lie between those held and those fed now
            at = self._held_offset if held and not line.start() else begun
            seam, self._seam = self._seam, None
            if len(whole) > limit and len(whole.rstrip(self._ends)) > limit:
                frames += (
                    Frame(at, whole[:limit], too_long=True, seam=seam),
                    Frame(begun + limit, whole[limit:], tail=True),
                )
            else:
                frames.append(Frame(at, whole, seam=seam))
