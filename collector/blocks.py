"""Cutting a lane's bytes into records of one size, for the formats that have such. Without I/O, as `collector.framing`.

Invariants: every byte fed is in exactly one frame or pending; frames do not depend on how the bytes were split into
chunks, except that bytes in which no record is found come as any number of frames, all but the first marked `tail`; at
most ``limit`` bytes and the sizes of a header and two records are held, whatever is fed.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple, cast

from collector.framing import LIMIT, Frame
from parsers.blocks import Cutting

if TYPE_CHECKING:
    from parsers.blocks import Blocks, Due


class Run(NamedTuple):
    """Bytes that follow one another in the stream: the place of the first among those held, and its offset."""

    place: int
    offset: int


class BlockFramer:
    """Frames one lane of a source. ``state`` is '' or what `state` gave when the last frame was taken.

    A header is due first, and again when the link was opened anew or the stream has ended.
    """

    def __init__(self, rules: Blocks, position: int, state: str = "", limit: int = LIMIT) -> None:
        self._cutting = Cutting(rules, cast("Due", state or "header"), limit)
        self._held = b""
        self._runs: list[Run] = []
        """of the bytes held: those of other lanes may lie between"""
        self._next = position

    @property
    def position(self) -> int:
        """Offset of the first byte that is not in a frame yet."""
        return self._runs[0].offset if self._held else self._next

    @property
    def next_offset(self) -> int:
        """Offset after the last byte fed."""
        return self._next

    @property
    def state(self) -> str:
        """What has to be remembered beside `position` to go on after a restart."""
        return "" if self._cutting.due == "header" else self._cutting.due

    @property
    def waits(self) -> bool:
        """Whether only a pause would tell that what is held is whole: never, a record's size tells it."""
        return False

    def pause(self) -> list[Frame]:
        """Nothing has come for a while, which tells nothing here."""
        return []

    def feed(self, offset: int, data: bytes, *, opened: bool = False) -> list[Frame]:
        """Take ``data``, whose first byte is at ``offset``; ``opened`` tells that the link was opened anew before it."""
        frames = self.finish() if opened else []
        if data:
            if not self._held or self._offset(len(self._held)) != offset:
                self._runs.append(Run(len(self._held), offset))
            self._held += data
        self._next = offset + len(data)
        return frames + self._frames(ended=False)

    def finish(self) -> list[Frame]:
        """The stream has ended: what is held is a record, or what was left of one."""
        frames = self._frames(ended=True)
        self._cutting.due = "header"
        return frames

    def _frames(self, *, ended: bool) -> list[Frame]:
        frames, start = [], 0
        for end, kind in self._cutting.pieces(self._held, ended=ended):
            data = self._held[start:end]
            frames.append(Frame(self._offset(start), data, tail=kind == "rest", heading=kind == "header"))
            start = end
        self._let_go(start)
        return frames

    def _offset(self, place: int) -> int:
        run = self._runs[bisect_right(self._runs, place, key=lambda run: run.place) - 1]
        return run.offset + place - run.place

    def _let_go(self, count: int) -> None:
        """Hold the first ``count`` bytes no longer."""
        if not count:
            return
        self._held = self._held[count:]
        if not self._held:
            self._runs = []
            return
        first = Run(0, self._offset(count))
        self._runs = [first, *(Run(place - count, offset) for place, offset in self._runs if place > count)]
