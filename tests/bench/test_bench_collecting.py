from __future__ import annotations

import socket
import sqlite3
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from measuring import kx_td_lines, report
from servers import free_port

sys.path.append(str(Path(__file__).parents[1] / "e2e"))
from collecting import SMDR, Collector, connect, listening, until, write_config

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture

pytestmark = pytest.mark.timeout(600)

LINE = 82


def committed(config: Path) -> int:
    """Legs in calls.db at this moment."""
    try:
        db = sqlite3.connect(f"file:{config.with_name('data') / 'calls.db'}?mode=ro", uri=True)
        row = db.execute("SELECT coalesce(sum(legs), 0) FROM sources").fetchone()
        db.close()
    except sqlite3.OperationalError:
        return 0
    return int(row[0])


def test_from_a_tcp_socket_into_committed_calls(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    count = 75_000 if benchmark.enabled else 2_000
    data, port = b"".join(kx_td_lines(count)), free_port()
    with Collector(write_config(tmp_path, listening(port))) as collector:

        def send() -> None:
            before = committed(collector.config)
            with connect(port) as line:
                line.sendall(data)
                while committed(collector.config) < before + count:
                    time.sleep(0.005)

        benchmark.pedantic(send, rounds=3 if benchmark.enabled else 1)
        benchmark.extra_info["resident_megabytes_after"] = collector.resident_megabytes()
        assert collector.source()["rejected"] == 0
    if benchmark.enabled:
        report(benchmark, count / benchmark.stats.stats.min, "legs_per_second")


def test_memory_of_a_burst_while_an_output_does_not_answer(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    count = 75_000 if benchmark.enabled else 2_000
    data, port = b"".join(kx_td_lines(count)), free_port()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        output = f'[[output]]\nname = "influx"\nurl = "{url}"\ndatabase = "smdr"\n'
        with Collector(write_config(tmp_path, listening(port), output)) as collector:
            benchmark.extra_info["resident_megabytes_before"] = collector.resident_megabytes()

            def send() -> None:
                with connect(port) as line:
                    line.sendall(data)
                    while committed(collector.config) < count:
                        time.sleep(0.05)

            benchmark.pedantic(send, rounds=1)
            benchmark.extra_info["resident_megabytes_after"] = collector.resident_megabytes()
            benchmark.extra_info["resident_megabytes_at_most"] = collector.peak_megabytes()
            assert (
                collector.status()["outputs"][0]["lag_calls"] >= 0.99 * count
            )  # but those that wait for a further leg


def test_import_of_a_file(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    count = 75_000 if benchmark.enabled else 2_000
    config = write_config(tmp_path, listening(free_port()))

    def capture(seed: int) -> Path:
        path = tmp_path / f"{seed}.log"
        path.write_bytes(b"".join(kx_td_lines(count, seed)))
        return path

    captures = [capture(seed) for seed in range(3 if benchmark.enabled else 1)]

    def take(path: Path) -> None:
        subprocess.run([SMDR, "import", path, "--source", "pbx1", "-c", config], check=True, capture_output=True)

    benchmark.pedantic(take, setup=lambda: ((captures.pop(),), {}), rounds=len(captures))
    assert committed(config) % count == 0
    if benchmark.enabled:
        report(benchmark, count / benchmark.stats.stats.min, "legs_per_second")


def test_latency_from_the_last_byte_to_committed_at_140_lines_a_second(
    benchmark: BenchmarkFixture, tmp_path: Path
) -> None:
    count = 1_400 if benchmark.enabled else 70
    lines, port, latencies = kx_td_lines(count), free_port(), []
    with Collector(write_config(tmp_path, listening(port))) as collector, connect(port) as line:
        line.sendall(lines[0])
        until(lambda: committed(collector.config) == 1)
        db = sqlite3.connect(f"file:{tmp_path / 'data' / 'calls.db'}?mode=ro", uri=True)

        def trickle() -> None:
            sent, seen = [time.perf_counter()], 1
            while seen < count:
                now = time.perf_counter()
                if len(sent) < count and now - sent[0] >= len(sent) / 140:
                    line.sendall(lines[len(sent)])
                    sent.append(now)
                legs = db.execute("SELECT legs FROM sources").fetchone()[0]
                latencies.extend(now - sent[number] for number in range(seen, legs))
                seen = legs
                time.sleep(0.001)

        benchmark.pedantic(trickle, rounds=1)
        db.close()
    latencies.sort()
    benchmark.extra_info["median_ms"] = round(statistics.median(latencies) * 1000, 1)
    benchmark.extra_info["p99_ms"] = round(latencies[int(len(latencies) * 0.99)] * 1000, 1)


def test_an_idle_collector_of_twenty_lines(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    ports = [free_port() for _ in range(20)]
    sources = [listening(port).replace("pbx1", f"pbx{number}") for number, port in enumerate(ports)]
    with Collector(write_config(tmp_path, *sources)) as collector:
        until(lambda: all(row["state"] == "waiting" for row in collector.status()["sources"]))
        before = processor_seconds(collector.pid)
        idle = 20.0 if benchmark.enabled else 0.1
        benchmark.pedantic(lambda: time.sleep(idle), rounds=1)
        benchmark.extra_info["percent_of_a_core"] = round((processor_seconds(collector.pid) - before) / idle * 100, 2)
        benchmark.extra_info["resident_megabytes"] = collector.resident_megabytes()


def processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100
