"""The bounded buffer between a link and its sink."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from recording import Recorder

from collector.inputs.chunks import HIGH_WATER, Chunks, pump

if TYPE_CHECKING:
    import pytest


class Line(asyncio.Transport):
    """A transport that notes whether it is being read."""

    is_read = True

    def pause_reading(self) -> None:
        self.is_read = False

    def resume_reading(self) -> None:
        self.is_read = True


def linked() -> tuple[Chunks, Line]:
    chunks, line = Chunks(), Line()
    chunks.connection_made(line)
    return chunks, line


async def test_what_arrived_before_a_broken_link_is_given_out_first() -> None:
    chunks, _ = linked()
    chunks.data_received(b"one ")
    chunks.data_received(b"two")
    chunks.connection_lost(ConnectionResetError("gone"))
    assert [await chunks.read() for _ in range(3)] == [b"one two", b"", b""]
    assert isinstance(chunks.error, ConnectionResetError)


async def test_reading_stops_at_the_mark_and_goes_on_once_taken() -> None:
    chunks, line = linked()
    chunks.data_received(b"x" * (HIGH_WATER - 1))
    assert line.is_read
    chunks.data_received(b"x")
    assert not line.is_read
    assert await chunks.read() == b"x" * HIGH_WATER
    assert line.is_read


async def test_what_has_arrived_when_reading_is_stopped_is_handed_over() -> None:
    chunks, _ = linked()
    sink = Recorder()
    sink.room.clear()
    task = asyncio.create_task(pump(chunks, sink, lane=0))
    chunks.data_received(b"first ")
    await sink.until_bytes(b"first ")
    chunks.data_received(b"second")
    task.cancel()
    sink.room.set()
    await asyncio.wait([task])
    assert task.cancelled()
    assert sink.bytes_of() == b"first second"


async def test_stopping_does_not_wait_for_more_nor_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("collector.inputs.chunks.FAREWELL", 0.01)
    chunks, _ = linked()
    sink = Recorder()
    sink.room.clear()
    for data in (b"", b"held up"):
        task = asyncio.create_task(pump(chunks, sink, lane=0))
        await asyncio.sleep(0)
        if data:
            chunks.data_received(data)
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()
    assert sink.bytes_of() == b"held up"


async def test_a_link_that_ends_empty_hands_nothing_over() -> None:
    chunks, _ = linked()
    sink = Recorder()
    chunks.connection_lost(None)
    await pump(chunks, sink, lane=0)
    assert sink.chunks == []
