"""Damaged files under the real daemon: it says what is damaged and what to run, and collects as long as that is possible."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from servers import free_port
from smdr_command import run_smdr

sys.path.append(str(Path(__file__).parents[1] / "e2e"))
from collecting import SMDR, Collector, connect, listening, until, write_config

from collector.journal import stream_ends
from collector.segments import segments

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.timeout(240)

LINE = 82
PAGE = 4096


def lines(first: int, last: int) -> bytes:
    return b"".join(
        b"10/08/26 %02d:%02d     %3d %02d 0555%06d                     00:%02d'%02d               \r\n"
        % (n // 60 % 24, n % 60, 100 + n % 50, n % 20 + 1, n, n % 7, n % 60)
        for n in range(first, last)
    )


def header_of_zeros(path: Path) -> None:
    overwrite(path, 0, bytes(100))


def header_of_garbage(path: Path) -> None:
    overwrite(path, 0, random.Random(1).randbytes(PAGE))


def pages_of_zeros(path: Path) -> None:
    for page in range(1, path.stat().st_size // PAGE, 2):
        overwrite(path, page * PAGE, bytes(PAGE))


def pages_of_garbage(path: Path) -> None:
    overwrite(path, PAGE, random.Random(1).randbytes(path.stat().st_size - PAGE))


def cut_in_half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2 + 77])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def log_of_garbage(path: Path) -> None:
    path.with_name(f"{path.name}-wal").write_bytes(random.Random(2).randbytes(100_000))


def overwrite(path: Path, begin: int, data: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(begin)
        file.write(data)


DAMAGES = (header_of_zeros, header_of_garbage, pages_of_zeros, pages_of_garbage, cut_in_half, emptied, log_of_garbage)


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_calls_db_stops_no_collecting_and_is_made_anew_by_one_command(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    port = free_port()
    collector = filled(tmp_path, port)
    damage(tmp_path / "data" / "calls.db")
    with collector:
        with connect(port) as line:
            line.sendall(lines(300, 500))
            until(lambda: stream_ends(tmp_path / "data" / "journal")["pbx1"] == 500 * LINE)
        if damage not in (emptied, log_of_garbage):  # made anew, and not listened to: nobody has to do anything
            until(lambda: "calls.db is damaged" in log(collector), lambda: log(collector))
            assert log(collector).count("stop the collector when you can, run `smdr reparse`") == 1
        assert collector.is_alive
        assert collector.stop() == 0
    assert "Traceback" not in log(collector)
    assert smdr(collector, "reparse") == "500 calls.\n"
    assert numbers(collector) == 500


@pytest.mark.parametrize("damage", DAMAGES)
def test_calls_db_may_be_damaged_while_it_is_in_use(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    port = free_port()
    with filled(tmp_path, port) as collector:
        damage(tmp_path / "data" / "calls.db")
        with connect(port) as line:
            for first in range(300, 500, 20):
                line.sendall(lines(first, first + 20))
            until(lambda: stream_ends(tmp_path / "data" / "journal")["pbx1"] == 500 * LINE)
        assert collector.is_alive
        assert collector.stop() == 0
    assert "Traceback" not in log(collector)
    assert smdr(collector, "reparse") == "500 calls.\n"
    assert numbers(collector) == 500


@pytest.mark.parametrize("damage", [header_of_zeros, pages_of_garbage, cut_in_half])
def test_a_damaged_journal_is_told_at_the_start_and_repaired_by_one_command(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    port = free_port()
    collector = filled(tmp_path, port)
    (month,) = segments(tmp_path / "data" / "journal")
    damage(month)
    refused = subprocess.run([SMDR, "run", "-c", collector.config], capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert refused.stderr.startswith("Nothing can be collected: ")
    assert refused.stderr.endswith("un `smdr repair`.\n")
    assert "Traceback" not in refused.stderr
    told = smdr(collector, "repair")
    assert f"{month.name} was damaged: " in told
    with collector:
        with connect(port) as line:
            line.sendall(lines(300, 500))
            row = collector.settled(500 * LINE)
        assert collector.stop() == 0
    assert row["bytes"]["received"] == 500 * LINE
    assert row["legs"] >= 200
    assert smdr(collector, "repair") == "The journal is whole: 1 file.\n"


def test_a_damaged_month_of_the_past_stops_no_collecting(tmp_path: Path) -> None:
    port = free_port()
    collector = filled(tmp_path, port)
    (month,) = segments(tmp_path / "data" / "journal")
    month.rename(month.with_name("2026-01.db"))
    with collector:
        with connect(port) as line:
            line.sendall(lines(300, 400))
            collector.settled(400 * LINE)
        collector.stop()
    pages_of_zeros(tmp_path / "data" / "journal" / "2026-01.db")
    with collector, connect(port) as line:
        line.sendall(lines(400, 500))
        assert collector.settled(500 * LINE)["legs"] == 500


def filled(folder: Path, port: int) -> Collector:
    """A collector that has taken 300 calls and was stopped; its data are in the files, not in their logs."""
    collector = Collector(write_config(folder, listening(port)))
    with collector, connect(port) as line:
        line.sendall(lines(0, 300))
        collector.settled(300 * LINE)
        assert collector.stop() == 0
    for path in (*segments(folder / "data" / "journal"), folder / "data" / "calls.db"):
        with closing(sqlite3.connect(path)) as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return collector


def smdr(collector: Collector, name: str) -> str:
    done = run_smdr(name, "-c", collector.config)
    assert done.status == 0, done.stderr
    return done.stdout


def numbers(collector: Collector) -> int:
    return len({call["number"] for call in collector.calls()})


def log(collector: Collector) -> str:
    return collector.log.read_text(errors="replace")
