"""Frames read from the journal again, by their place in a source's stream."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from collector.journal import JournalReader

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from collector.segments import Chunk

_KEPT = 64
"""Chunks passed that are kept: legs of a call lie among those of others."""


class FrameReader:
    """Reads frames of a journal; cheaply those that are asked for about in the order of their stream."""

    def __init__(self, folder: Path) -> None:
        self._reader = JournalReader(folder)
        self._source = ""
        self._passed: deque[Chunk] = deque(maxlen=_KEPT)
        self._coming: Iterator[Chunk] = iter(())

    def frame(self, source: str, offset: int, size: int) -> bytes:
        """The ``size`` bytes of a lane from ``offset`` on; fewer, or none, where the journal does not have them."""
        if source != self._source or not self._passed or not self._passed[0].offset <= offset <= _end(self._passed[-1]):
            self._source = source
            self._passed.clear()
            self._coming = self._reader.chunks(source, offset)
        data, lane = b"", None
        for chunk in self._from(offset):
            if lane is None and chunk.offset <= offset:
                lane, data = chunk.lane, chunk.data[offset - chunk.offset :]
            elif chunk.lane == lane:
                data += chunk.data
            if lane is None or len(data) >= size:
                break
        return data[:size]

    def close(self) -> None:
        """Close the journal's files."""
        self._reader.close()

    def _from(self, offset: int) -> Iterator[Chunk]:
        """The chunks with bytes from the one that holds byte ``offset`` on."""
        yield from [chunk for chunk in self._passed if _end(chunk) > offset]
        for chunk in self._coming:
            self._passed.append(chunk)
            if _end(chunk) > offset:
                yield chunk


def _end(chunk: Chunk) -> int:
    return chunk.offset + len(chunk.data)
