"""Followed files and standard input."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING

import pytest
from recording import QuickClock, Recorder, reading, source

from collector.inputs import files
from collector.inputs.base import TakenOf

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


async def test_a_copy_that_replaces_the_file_and_begins_with_the_same_bytes_is_read_on(log: Path) -> None:
    sink = Recorder()
    write(log, b"one\n")
    async with reading(source(f"file:{log}"), sink, QuickClock()):
        await sink.until_bytes(b"one\n")
        copy = log.with_suffix(".new")
        write(copy, b"one\ntwo\n")
        rename(copy, log)
        await sink.until_bytes(b"one\ntwo\n")


async def test_a_file_that_is_renamed_is_read_to_its_end_then_the_new_one_from_its_start(log: Path) -> None:
    sink = Recorder()
    write(log, b"one\n")
    async with reading(source(f"file:{log}"), sink, QuickClock()):
        await sink.until_bytes(b"one\n")
        sink.room.clear()
        append(log, b"two\n")
        rotated = rename(log, log.with_suffix(".1"))
        append(rotated, b"three\n")
        write(log, b"new file\n")
        sink.room.set()
        await sink.until_bytes(b"one\ntwo\nthree\nnew file\n")
        rename(log, log.with_suffix(".2"))
        write(log, b"newer file\n")
        await sink.until(lambda: sink.bytes_of().endswith(b"newer file\n"))
    assert [data for _, data, opened in sink.chunks if opened] == [b"one\n", b"new file\n", b"newer file\n"]
    assert set(sink.states) == {"connecting", "open"}, "a rotation is no fault"


async def test_the_old_file_is_followed_until_something_is_in_the_new_one(log: Path) -> None:
    sink = Recorder()
    write(log, b"one\n")
    async with reading(source(f"file:{log}"), sink, QuickClock()):
        await sink.until_bytes(b"one\n")
        rotated = rename(log, log.with_suffix(".1"))
        write(log, b"")
        append(rotated, b"two\n")
        await sink.until_bytes(b"one\ntwo\n")
        append(log, b"three\n")
        await sink.until_bytes(b"one\ntwo\nthree\n")


@pytest.mark.parametrize("new", [b"x\n", b"a new file, longer than the old one was\n" * 100])
async def test_a_file_that_is_copied_and_cut_short_is_read_to_its_end_in_the_copy(log: Path, new: bytes) -> None:
    sink = Recorder()
    sink.file = TakenOf(4, b"one\n")
    write(log.with_name("smdr.log-20261123"), b"one\ntwo\nunfinished")
    write(log.with_name("other.log"), b"one\nof another\n")
    write(log, new)
    async with reading(source(f"file:{log}"), sink, QuickClock()):
        await sink.until(lambda: len(sink.bytes_of()) == len(new) + 14)
    assert sink.bytes_of() == b"two\nunfinished" + new
    assert sink.lanes_ended == [0], "what was unfinished has ended"
    assert sink.links[1][1] == (
        f"Following {log}. It was rotated; the last 14 bytes of the old one were read from smdr.log-20261123."
    )


async def test_a_file_cut_short_while_it_is_followed_is_read_from_its_start_and_told(log: Path) -> None:
    sink = Recorder()
    write(log, b"the old file\n")
    async with reading(source(f"file:{log}"), sink, QuickClock()):
        await sink.until_bytes(b"the old file\n")
        write(log, b"new\n")
        await sink.until_bytes(b"the old file\nnew\n")
        assert await sink.until_link("open", "cut short") == (
            f"Following {log}. It was cut short or replaced, and what it was is not beside it under another name: "
            "what was added behind its first 13 bytes is missing."
        )
        append(log, b"which grows\n")
        await sink.until_bytes(b"the old file\nnew\nwhich grows\n")


async def test_after_a_restart_a_rotated_file_is_read_on_where_it_was_left(log: Path) -> None:
    sink = Recorder()
    write(log, b"one\n")
    async with reading(source(f"file:{log}"), sink, QuickClock()):
        await sink.until_bytes(b"one\n")
    append(log, b"two\n")
    rename(log, log.with_suffix(".1"))
    write(log, b"three\n")
    async with reading(source(f"file:{log}"), sink, QuickClock()):
        await sink.until_bytes(b"one\ntwo\nthree\n")
    async with reading(source(f"file:{log}"), sink, QuickClock()):
        append(log, b"four\n")
        await sink.until_bytes(b"one\ntwo\nthree\nfour\n")
    assert sink.file == TakenOf(11, b"three\nfour\n")


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
