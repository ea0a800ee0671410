"""A disk in trouble: collecting goes on as far as it can, nothing that was kept is lost, and nobody has to help."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from disks import Full, Hanging, Immutable, Thin, mount, mounted, unmount
from servers import free_port

sys.path.append(str(Path(__file__).parents[1] / "e2e"))
from collecting import SMDR, Collector, connect, listening, until, write_config

from collector.journal import stream_ends
from collector.segments import segments

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

    from disks import Disk

pytestmark = pytest.mark.timeout(240)

LINE = 82
MANY = 8000
"""Lines of more bytes than a device without room has still in blocks that it once had."""
WATCHED_S = 3.0
MOST_CPU_S = 1.0
"""A collector that only waits uses next to nothing; one that tries without a pause uses all of `WATCHED_S`."""


def lines(first: int, last: int) -> bytes:
    return b"".join(
        b"10/08/26 %02d:%02d     %3d %02d 0555%06d                     00:%02d'%02d               \r\n"
        % (n // 60 % 24, n % 60, 100 + n % 50, n % 20 + 1, n, n % 7, n % 60)
        for n in range(first, last)
    )


@pytest.fixture(params=(Full, Thin, Immutable, Hanging))
def under_the_journal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Disk]:
    yield from mounted(request.param(tmp_path / "data" / "journal", tmp_path / "workshop"))


@pytest.fixture(params=(Full, Immutable, Hanging))  # what calls.db commits is not synced: a `Thin` disk goes unnoticed
def under_the_calls(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Disk]:
    """The journal has a disk of its own."""
    for disk in mounted(request.param(tmp_path / "data", tmp_path / "workshop")):
        mount("tmpfs", "tmpfs", disk.path / "journal", "size=64m")
        yield disk
        unmount(disk.path / "journal")


def test_a_journal_that_cannot_be_written_waits_for_its_disk(tmp_path: Path, under_the_journal: Disk) -> None:
    disk, port = under_the_journal, free_port()
    sentence = "ERROR The journal cannot be written" if disk.is_noticed else ""
    with Collector(write_config(tmp_path, listening(port))) as collector, connect(port) as line:
        send(line, collector, 0, 200)
        disk.fail()
        line.sendall(lines(200, MANY))
        watch(collector, sentence)
        disk.recover()
        assert collector.settled(MANY * LINE)["legs"] == MANY
        finish(collector, line, sentence, MANY)
        calls = collector.calls()
        subprocess.run([SMDR, "reparse", "-c", collector.config], capture_output=True, check=True)
        assert collector.calls() == calls


def test_calls_that_cannot_be_written_wait_in_the_journal(tmp_path: Path, under_the_calls: Disk) -> None:
    disk, port = under_the_calls, free_port()
    sentence = "ERROR calls.db cannot be written" if disk.is_noticed else ""
    with Collector(write_config(tmp_path, listening(port))) as collector, connect(port) as line:
        send(line, collector, 0, 200)
        disk.fail()
        line.sendall(lines(200, 3000))
        until(lambda: stream_ends(tmp_path / "data" / "journal")["pbx1"] == 3000 * LINE)
        watch(collector, sentence)
        disk.recover()
        assert collector.settled(3000 * LINE)["legs"] == 3000
        finish(collector, line, sentence)


@pytest.fixture(params=(Full, Thin))
def full_disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Disk]:
    yield from mounted(request.param(tmp_path / "data", tmp_path / "workshop"))


def test_a_collector_killed_on_a_full_disk_has_what_was_kept_and_can_be_started_on_it(
    tmp_path: Path, full_disk: Disk
) -> None:
    port, is_doubtful = free_port(), isinstance(full_disk, Thin)  # a thin one drops what was written
    sent = MANY if is_doubtful else 3000
    with Collector(write_config(tmp_path, listening(port))) as collector:
        with connect(port) as line:
            send(line, collector, 0, 200)
            full_disk.fail()
            line.sendall(lines(200, sent))
            until(lambda: "The journal cannot be written" in log(collector))
            collector.kill()
        journal = tmp_path / "data" / "journal"
        assert len(list(journal.glob("*.doubtful"))) == is_doubtful
        collector.start()
        until(lambda: collector.source()["bytes"]["received"] >= 200 * LINE, collector.status)
        kept = collector.source()["bytes"]["received"]
        if is_doubtful:
            want_the_memory(journal)
        with connect(port) as line:
            line.sendall(lines(0, sent + 500)[kept:])
            full_disk.recover()
            assert collector.settled((sent + 500) * LINE)["legs"] == sent + 500
            finish(collector, line, "", sent + 500)
        assert (len(segments(journal)), list(journal.glob("*.doubtful"))) == (1 + is_doubtful, [])


def test_files_that_may_not_grow_are_written_when_they_may_again(tmp_path: Path) -> None:
    """Without mounts: a limit on the size of files, which comes to the collector as an I/O error of both databases."""
    port = free_port()
    with Collector(write_config(tmp_path, listening(port))) as collector, connect(port) as line:
        send(line, collector, 0, 200)
        _, hard = resource.prlimit(collector.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(collector.pid, resource.RLIMIT_FSIZE, (8192, hard))
        line.sendall(lines(200, 3000))
        watch(collector, "The journal cannot be written (disk I/O error)")
        resource.prlimit(collector.pid, resource.RLIMIT_FSIZE, (hard, hard))
        assert collector.settled(3000 * LINE)["legs"] == 3000
        finish(collector, line, "ERROR The journal cannot be written")


def want_the_memory(journal: Path) -> None:
    """The system lets go of what it remembers of the journal's files: they read as the disk has them."""
    for file in journal.iterdir():
        with file.open("rb") as opened:
            os.posix_fadvise(opened.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def send(line: socket.socket, collector: Collector, first: int, last: int) -> None:
    line.sendall(lines(first, last))
    collector.settled(last * LINE)


def watch(collector: Collector, sentence: str) -> None:
    """It says what is wrong, stays, and does not tire itself out."""
    until(lambda: sentence in log(collector), lambda: log(collector))
    before = processor_seconds(collector.pid)
    time.sleep(WATCHED_S)
    assert processor_seconds(collector.pid) - before < MOST_CPU_S
    assert collector.is_alive, log(collector)


def finish(collector: Collector, line: socket.socket, sentence: str, sent: int = 3000) -> None:
    """It goes on as if nothing had been, and over a restart; it has said one sentence, and no traceback."""
    send(line, collector, sent, sent + 50)
    line.close()
    assert collector.stop() == 0
    collector.start()
    assert collector.source()["bytes"]["pending"] == 0
    assert collector.stop() == 0
    subprocess.run([SMDR, "verify", "-c", collector.config], capture_output=True, check=True)
    numbers = [call["number"] for call in collector.calls()]
    assert sorted(numbers) == [f"0555{number:06}" for number in range(sent + 50)]
    if sentence:
        assert log(collector).count(sentence) == 1
    assert "Traceback" not in log(collector)


def log(collector: Collector) -> str:
    return collector.log.read_text(errors="replace")


def processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100
