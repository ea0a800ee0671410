"""Followed files and standard input."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING

import pytest
from recording import QuickClock, Recorder, reading, source

from collector.inputs import files

if TYPE_CHECKING:
    from pathlib import Path


def write(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def rename(path: Path, to: Path) -> Path:
    return path.rename(to)


def append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "smdr.log"


async def test_a_file_is_read_and_then_followed(log: Path) -> None:
    sink = Recorder()
    write(log, b"one\n")
    async with reading(source(f"file:{log}"), sink, QuickClock()):
        await sink.until_bytes(b"one\n")
        append(log, b"two\n")
        await sink.until_bytes(b"one\ntwo\n")
        append(log, b"thr")
        await sink.until_bytes(b"one\ntwo\nthr")
        append(log, b"ee\n")
        await sink.until_bytes(b"one\ntwo\nthree\n")
    assert sink.states == ["connecting", "open"]
    assert sink.lanes_ended == []


async def test_a_file_is_read_on_from_where_the_last_run_ended(log: Path) -> None:
    write(log, b"read before|new")
    sink = Recorder(position=len(b"read before|"))
    async with reading(source(f"file:{log}"), sink, QuickClock()):
        await sink.until_bytes(b"new")
    assert [opened for _, _, opened in sink.chunks] == [False], "no byte is missing before these"


async def test_a_large_file_comes_in_large_chunks(log: Path) -> None:
    content = os.urandom(5 * files.CHUNK + 123)
    write(log, content)
    sink = Recorder()
    async with reading(source(f"file:{log}"), sink, QuickClock()):
        await sink.until(lambda: sink.position() == len(content))
    assert sink.bytes_of() == content
    assert [len(data) for _, data, _ in sink.chunks] == [files.CHUNK] * 5 + [123]


async def test_a_sink_without_room_stops_the_reading(log: Path) -> None:
    write(log, b"x" * 10 * files.CHUNK)
    sink = Recorder()
    sink.room.clear()
    async with reading(source(f"file:{log}"), sink, QuickClock()):
        await sink.until(lambda: sink.chunks)
        held = len(sink.chunks)
        sink.room.set()
        await sink.until(lambda: sink.position() == 10 * files.CHUNK)
    assert held == 1


async def test_a_file_that_is_not_there_yet_is_read_once_it_appears(log: Path) -> None:
    sink = Recorder()
    async with reading(source(f"file:{log}"), sink, QuickClock()):
        assert await sink.until_link("failed") == f"{log} is not there yet: it is read as soon as it appears."
        write(log, b"here")
        await sink.until_bytes(b"here")


async def test_a_folder_is_no_file(tmp_path: Path) -> None:
    sink = Recorder()
    async with reading(source(f"file:{tmp_path}"), sink, QuickClock()):
        assert f"{tmp_path} is not a file" in await sink.until_link("failed")


async def test_a_file_cut_short_is_told_and_not_read_on_even_when_it_grows_again(log: Path) -> None:
    sink = Recorder()
    write(log, b"the old file\n")
    async with reading(source(f"file:{log}"), sink, QuickClock()):
        await sink.until_bytes(b"the old file\n")
        write(log, b"new\n")
        sentence = await sink.until_link("failed")
        assert sentence == (
            f"{log} was cut short or replaced: the 13 bytes read so far are no longer in it. "
            "To read the new file from its beginning, give the source another name."
        )
        append(log, b"which grows beyond the length of the old one\n")
        seen = len(sink.links)
        await sink.until_link("failed", since=seen)
    assert sink.bytes_of() == b"the old file\n"
    assert sink.states.count("open") == 1


async def test_a_file_shorter_than_what_was_read_in_an_earlier_run_is_told(log: Path) -> None:
    write(log, b"new\n")
    sink = Recorder(position=1000)
    async with reading(source(f"file:{log}"), sink, QuickClock()):
        assert "was cut short or replaced: the 1000 bytes" in await sink.until_link("failed")
    assert sink.chunks == []


async def test_a_copy_that_replaces_the_file_and_begins_with_the_same_bytes_is_read_on(log: Path) -> None:
    sink = Recorder()
    write(log, b"one\n")
    async with reading(source(f"file:{log}"), sink, QuickClock()):
        await sink.until_bytes(b"one\n")
        copy = log.with_suffix(".new")
        write(copy, b"one\ntwo\n")
        rename(copy, log)
        await sink.until_bytes(b"one\ntwo\n")


async def test_the_rest_of_a_rotated_file_is_read_before_the_new_one_is_told(log: Path) -> None:
    sink = Recorder()
    write(log, b"one\n")
    async with reading(source(f"file:{log}"), sink, QuickClock()):
        await sink.until_bytes(b"one\n")
        sink.room.clear()
        append(log, b"two\n")
        rotated = rename(log, log.with_suffix(".1"))
        append(rotated, b"three\n")
        write(log, b"another file\n")
        sink.room.set()
        await sink.until_link("failed", "was cut short or replaced")
    assert sink.bytes_of() == b"one\ntwo\nthree\n"


async def test_piped_input_is_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    sink = Recorder()
    with os.fdopen(reader) as stdin, os.fdopen(writer, "wb", buffering=0) as pipe:
        monkeypatch.setattr(sys, "stdin", stdin)
        async with reading(source("stdin:"), sink) as task:
            pipe.write(b"one\n")
            await sink.until_bytes(b"one\n")
            assert sink.lanes_ended == []
            pipe.write(b"unfinished")
            pipe.close()
            await asyncio.wait_for(task, 30)
        assert os.get_blocking(reader)
    assert sink.bytes_of() == b"one\nunfinished"
    assert sink.lanes_ended == [0]
    assert sink.states == ["open", "closed"]


async def test_waiting_for_piped_input_can_be_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    sink = Recorder()
    with os.fdopen(reader) as stdin, os.fdopen(writer, "wb", buffering=0):
        monkeypatch.setattr(sys, "stdin", stdin)
        async with reading(source("stdin:"), sink):
            await sink.until_link("open")
    assert sink.lanes_ended == []


@pytest.mark.parametrize("content", [b"", b"x" * 3 * files.CHUNK])
async def test_input_from_a_file_is_read_to_its_end(log: Path, content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    write(log, content)
    sink = Recorder()
    with log.open() as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        async with reading(source("stdin:"), sink) as task:
            await asyncio.wait_for(task, 30)
    assert sink.bytes_of() == content
    assert sink.lanes_ended == [0]
