"""Files dropped into a folder."""

from __future__ import annotations

import asyncio
import os
import shutil
from typing import TYPE_CHECKING

import pytest
from recording import QuickClock, Recorder, StillClock, reading, talking

from collector.inputs import folder

if TYPE_CHECKING:
    from pathlib import Path

    from collector.config import Source

LOOKS = folder.STILL + 2


@pytest.fixture
def drop(tmp_path: Path) -> Path:
    drop = tmp_path / "drop"
    drop.mkdir()
    return drop


def of(drop: Path, move_to: Path | None = None) -> Source:
    return talking(f"folder:{drop}", move_to=move_to)


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def write(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def remove(path: Path) -> None:
    path.rmdir() if path.is_dir() else path.unlink()


def make(folder: Path) -> None:
    folder.mkdir()


async def looked(source: Source, sink: Recorder, looks: int = LOOKS) -> None:
    """Let the input look into its folder so many times, from a fresh start."""
    clock = StillClock(looks)
    async with reading(source, sink, clock):
        await asyncio.wait_for(clock.stopped.wait(), 30)


async def test_files_are_taken_once_oldest_first_each_with_an_end(drop: Path) -> None:
    for number, name in enumerate(("b.csv", "a.csv", "c.csv")):
        (drop / name).write_bytes(b"%d\n" % number)
        os.utime(drop / name, (number, number))
    sink = Recorder()
    await looked(of(drop), sink, LOOKS * 2)
    assert [(data, opened) for _, data, opened in sink.chunks] == [(b"0\n", True), (b"1\n", True), (b"2\n", True)]
    assert sink.lanes_ended == [0, 0, 0]
    assert sink.links[-1] == ("open", f"Waiting for files in {drop}; 3 taken, the last was c.csv.")
    assert names(drop) == ["a.csv", "b.csv", "c.csv"], "left where they are"


async def test_after_a_restart_nothing_is_taken_again_not_even_under_another_name(drop: Path) -> None:
    (drop / "one").write_bytes(b"one\n")
    sink = Recorder()
    await looked(of(drop), sink)
    shutil.copy(drop / "one", drop / "copy of one")
    os.utime(drop / "one")
    await looked(of(drop), sink)
    assert sink.bytes_of() == b"one\n"


async def test_a_file_that_is_still_written_is_left_alone(drop: Path) -> None:
    sink, file = Recorder(), drop / "growing"
    file.write_bytes(b"part")
    clock = StillClock(10)
    source = of(drop)

    class Writing(StillClock):
        async def sleep(self, seconds: float) -> None:
            if len(self.slept) < 6:
                assert sink.chunks == []
                with file.open("ab") as writer:
                    writer.write(b".")
            await super().sleep(seconds)

    clock = Writing(12)
    async with reading(source, sink, clock):
        await clock.stopped.wait()
    assert sink.bytes_of() == b"part......"


@pytest.mark.parametrize("name", [".hidden", "cdr.tmp", "cdr.PART", "cdr.csv~", "cdr.csv.filepart"])
async def test_names_of_unfinished_files_folders_and_empty_files_are_passed_over(drop: Path, name: str) -> None:
    (drop / name).write_bytes(b"not yet\n")
    (drop / "folder").mkdir()
    (drop / "folder" / "file").write_bytes(b"below\n")
    (drop / "empty").touch()
    sink = Recorder()
    await looked(of(drop), sink)
    assert sink.chunks == []
    (drop / name).rename(drop / "cdr.csv")
    await looked(of(drop), sink)
    assert sink.bytes_of() == b"not yet\n"


async def test_a_file_that_grew_after_it_was_taken_is_read_on(drop: Path) -> None:
    sink = Recorder()
    (drop / "one").write_bytes(b"one\n")
    await looked(of(drop), sink)
    with (drop / "one").open("ab") as file:
        file.write(b"two\n")
    await looked(of(drop), sink)
    await looked(of(drop), sink)
    assert [data for _, data, _ in sink.chunks] == [b"one\n", b"two\n"]


async def test_a_file_that_was_taken_in_part_when_the_collector_was_killed_is_taken_to_its_end(drop: Path) -> None:
    content = os.urandom(3 * folder.CHUNK)
    (drop / "large").write_bytes(content)
    sink = Recorder()
    sink.room.clear()
    async with reading(of(drop), sink, QuickClock()):
        await sink.until(lambda: sink.chunks)
    assert len(sink.bytes_of()) == folder.CHUNK
    sink.room.set()
    await looked(of(drop), sink)
    assert sink.bytes_of() == content
    assert sink.lanes_ended == [0]


async def test_taken_files_are_moved_once_they_are_on_disk(drop: Path, tmp_path: Path) -> None:
    away = tmp_path / "taken"
    away.mkdir()
    (away / "one").write_bytes(b"an older one\n")
    (drop / "one").write_bytes(b"one\n")
    sink = Recorder()
    sink.disk.clear()
    async with reading(of(drop, away), sink, QuickClock()):
        await sink.until(lambda: sink.lanes_ended)
        assert (drop / "one").exists()
        sink.disk.set()
        await sink.until_link("open", "1 taken, the last was one.")
    assert names(drop) == []
    assert (away / "one.1").read_bytes() == b"one\n"
    assert (away / "one").read_bytes() == b"an older one\n"


async def test_a_file_that_cannot_be_moved_is_told_and_not_taken_again(drop: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").write_bytes(b"a file in the way")
    (drop / "one").write_bytes(b"one\n")
    sink = Recorder()
    await looked(of(drop, tmp_path / "taken"), sink, LOOKS * 2)
    assert sink.bytes_of() == b"one\n"
    assert f"Trouble with {tmp_path}/taken: File exists." in sink.links[-1][1]


async def test_links_and_pipes_are_not_read_are_told_and_keep_no_file_from_being_taken(
    drop: Path, tmp_path: Path
) -> None:
    write(tmp_path / "token", b"a secret\n")
    (drop / "to a secret.csv").symlink_to(tmp_path / "token")
    (drop / "to nothing.csv").symlink_to(tmp_path / "nothing")
    (drop / "to itself.csv").symlink_to("to itself.csv")
    os.mkfifo(drop / "pipe.csv")
    write(drop / "one.csv", b"one\n")
    sink = Recorder()
    await looked(of(drop), sink)
    assert sink.bytes_of() == b"one\n"
    assert f"{drop}/to a secret.csv: a link, and links are not followed" in sink.links[-1][1]
    remove(drop / "to a secret.csv")
    await looked(of(drop), sink)
    assert "to a secret.csv" not in sink.links[-1][1]


@pytest.mark.parametrize("becomes", ["link", "pipe"])
async def test_a_file_that_became_something_else_since_it_was_looked_at_is_not_read(
    drop: Path, tmp_path: Path, becomes: str
) -> None:
    write(drop / "one.csv", b"one\n")
    write(tmp_path / "token", b"a secret\n")

    class Swapped(folder.DroppedFiles):
        def _complete(self) -> list[tuple[str, folder.Look]]:
            ready = super()._complete()
            if ready and not (drop / "one.csv").is_symlink() and (drop / "one.csv").is_file():
                remove(drop / "one.csv")
                if becomes == "link":
                    (drop / "one.csv").symlink_to(tmp_path / "token")
                else:
                    os.mkfifo(drop / "one.csv")
            return ready

    sink, clock = Recorder(), StillClock(folder.STILL + 1)
    running = asyncio.create_task(Swapped(of(drop), sink, clock).run())
    await asyncio.wait_for(clock.stopped.wait(), 30)
    running.cancel()
    assert sink.bytes_of() == b""
    assert any(f"Trouble with {drop}/one.csv" in sentence for _, sentence in sink.links)


async def test_the_state_of_the_link_names_some_of_many_files_that_cannot_be_taken(drop: Path) -> None:
    for number in range(50):
        (drop / f"{number}.csv").symlink_to("elsewhere")
    sink = Recorder()
    await looked(of(drop), sink)
    assert sink.links[-1][1].count("a link") == folder.TROUBLE_TOLD
    assert sink.links[-1][1].endswith(" and 45 more.")


async def test_a_name_that_is_no_text_or_has_line_ends_is_told_on_one_readable_line(
    drop: Path, caplog: pytest.LogCaptureFixture
) -> None:
    chinese = os.fsdecode(os.fsencode(drop) + b"/\xd6\xd0\xce\xc4.csv")
    write(drop / chinese, b"one\n")
    write(drop / "two\n2026-11-26 ERROR forged.csv", b"two\n")
    os.utime(chinese, (1, 1))
    sink = Recorder()
    with caplog.at_level("INFO"):
        await looked(of(drop), sink)
    assert sink.bytes_of() == b"one\ntwo\n"
    said = [*caplog.messages, *(sentence for _, sentence in sink.links)]
    assert any(r"Took " in one and r"\xd6\xd0\xce\xc4.csv" in one for one in said)
    assert any(r"the last was two\n2026-11-26 ERROR forged.csv" in one for one in said)
    for one in said:
        assert one.isprintable()
        one.encode()


async def test_a_folder_that_is_not_there_yet_or_is_a_file_is_told(drop: Path) -> None:
    remove(drop)
    sink = Recorder()
    async with reading(of(drop), sink, QuickClock()):
        assert "make the folder" in await sink.until_link("failed")
        write(drop, b"")
        assert "is not a folder" in await sink.until_link("failed", "folder:")
        remove(drop)
        make(drop)
        write(drop / "one", b"one\n")
        await sink.until_bytes(b"one\n")
