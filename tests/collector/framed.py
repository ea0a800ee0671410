"""What a framer makes of bytes that come in pieces."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable

    from collector.blocks import BlockFramer
    from collector.framing import Frame, Framer

AnyFramer = TypeVar("AnyFramer", "Framer", "BlockFramer")


def frames_of(framer: AnyFramer, data: bytes, cuts: Iterable[int] = ()) -> tuple[list[Frame], AnyFramer]:
    """The frames of ``data``, fed in pieces that end at the cuts, and the framer: it may hold back an end of it."""
    frames: list[Frame] = []
    start = 0
    for cut in [*sorted(min(cut, len(data)) for cut in cuts), len(data)]:
        frames += framer.feed(start, data[start:cut])
        start = cut
    return frames, framer


def folded(frames: Iterable[Frame]) -> list[Frame]:
    """Frames with their tails: what does not depend on the cuts."""
    whole: list[Frame] = []
    for frame in frames:
        if frame.tail:
            whole[-1] = whole[-1]._replace(data=whole[-1].data + frame.data)
        else:
            whole.append(frame)
    return whole
