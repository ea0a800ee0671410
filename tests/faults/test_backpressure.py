"""Memory stays bounded whatever is slow, and a PBX is only made to wait where its bytes would be lost otherwise."""

from __future__ import annotations

import socket
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from proxy import FaultyProxy
from servers import free_port

sys.path.append(str(Path(__file__).parents[1] / "e2e"))
from collecting import Collector, connect, listening, send, until, write_config

if TYPE_CHECKING:
    from servers import Influxd

pytestmark = pytest.mark.timeout(300)

RECORDS = 75_000
LINE = b"%02d/08/26 %02d:%02d     %3d %02d 0555%06d                     00:%02d'%02d               \r\n"

MOST_MB = 60.0
"""What a burst may add, whatever is slow: the journal's queue (8 MB), a batch of the projector, what SQLite keeps of files."""
IN_FLIGHT = (8 << 20) + (16 << 20)
"""Bytes that may have left a sender and not be on disk: the journal's queue, and what the two kernels hold of a connection."""


def burst(count: int) -> bytes:
    return b"".join(
        LINE % (n // 9000 + 1, n // 400 % 24, n % 60, 100 + n % 50, n % 20 + 1, n, n % 7, n % 60) for n in range(count)
    )


def test_an_output_that_never_answers_costs_neither_memory_nor_the_sender(tmp_path: Path, influxd: Influxd) -> None:
    port, data, database = free_port(), burst(RECORDS), influxd.create_database()
    with FaultyProxy(influxd.url) as proxy:
        proxy.flowing.clear()
        output = f'[[output]]\nname = "influx"\nurl = "{proxy.url}"\ndatabase = "{database}"\n'
        with Collector(write_config(tmp_path, listening(port), output)) as collector:
            before = collector.resident_megabytes()
            send(port, [data])
            assert collector.settled(len(data))["legs"] == RECORDS
            assert collector.status()["outputs"][0]["lag_calls"] == RECORDS
            assert collector.peak_megabytes() < before + MOST_MB
            proxy.flowing.set()
            until(lambda: collector.status()["outputs"][0]["lag_calls"] == 0, collector.status)
            assert collector.peak_megabytes() < before + MOST_MB
    rows = influxd.rows('SELECT count("calls") AS n FROM "call"', database)
    assert sum(row["n"] for row in rows) == RECORDS


def test_a_disk_slower_than_the_line_makes_the_sender_wait_and_loses_nothing(tmp_path: Path) -> None:
    port, data = free_port(), burst(3 * RECORDS)
    sent = 0

    def send_all() -> None:
        nonlocal sent
        with connect(port) as line:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 16)
            for at in range(0, len(data), 1 << 16):
                line.sendall(data[at : at + (1 << 16)])
                sent = min(at + (1 << 16), len(data))

    program = (sys.executable, Path(__file__).with_name("slow_disk.py"))
    with Collector(write_config(tmp_path, listening(port)), program) as collector:
        before = collector.resident_megabytes()
        sending = threading.Thread(target=send_all, daemon=True)
        sending.start()
        waits = []
        while sending.is_alive():
            kept = collector.source()["bytes"]["received"]
            waits.append(sent - kept)
            sending.join(0.1)
        assert max(waits) < IN_FLIGHT
        until(lambda: collector.source()["bytes"]["received"] == len(data), collector.status)
        assert collector.source()["rejected"] == 0
        assert collector.peak_megabytes() < before + MOST_MB
