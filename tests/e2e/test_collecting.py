from __future__ import annotations

import random
import subprocess
from typing import TYPE_CHECKING

import pytest
from collecting import SMDR, Collector, connect, listening, send, until, write_config
from offices import kx_td_line
from servers import free_port

if TYPE_CHECKING:
    from pathlib import Path

    from servers import Influxd

pytestmark = pytest.mark.timeout(300)


def numbered(count: int) -> list[bytes]:
    """KX-TD lines that differ, spread over a month."""
    return [
        b"%02d/08/26 %02d:%02d     %3d %02d 0555%06d                     00:%02d'%02d               \r\n"
        % (n // 2880 % 28 + 1, n // 120 % 24, n // 2 % 60, 100 + n % 50, n % 20 + 1, n, n % 7, n % 60)
        for n in range(count)
    ]


def cut(data: bytes, chance: random.Random, longest: int) -> list[bytes]:
    pieces, at = [], 0
    while at < len(data):
        step = chance.randint(1, longest)
        pieces.append(data[at : at + step])
        at += step
    return pieces


def test_a_full_buffer_of_75000_records_arrives_as_exactly_as_many_legs(tmp_path: Path) -> None:
    port = free_port()
    lines = numbered(77_000)
    fast, slow = b"".join(lines[:75_000]), b"".join(lines[75_000:])
    with Collector(write_config(tmp_path, listening(port))) as collector:
        send(port, cut(fast, random.Random(1), 9_000))
        with connect(port) as line:
            line.setsockopt(6, 1, 1)  # TCP_NODELAY: every byte a segment of its own
            for byte in slow:
                line.send(bytes((byte,)))
        row = collector.settled(len(fast) + len(slow))
        assert (row["legs"], row["calls"], row["rejected"]) == (77_000, 77_000, 0)
        assert row["bytes"]["records"] == len(fast) + len(slow)
        assert collector.stop() == 0
    numbers = {call["number"] for call in collector.calls()}
    assert numbers == {f"0555{n:06}" for n in range(77_000)}


def test_ten_identical_lines_are_ten_calls_and_ten_points(tmp_path: Path, influxd: Influxd) -> None:
    port, database = free_port(), influxd.create_database()
    output = f'[[output]]\nname = "influx"\ntype = "influxdb"\nurl = "{influxd.url}"\ndatabase = "{database}"\n'
    with Collector(write_config(tmp_path, listening(port), output)) as collector:
        send(port, [kx_td_line(1) * 10])
        collector.settled(820)
        assert len(collector.calls()) == 10
        until(lambda: points(influxd, database) == 10, collector.status)


def points(influxd: Influxd, database: str) -> int:
    rows = influxd.rows('SELECT count(calls) FROM "call"', database)
    return int(rows[0]["count"]) if rows else 0


def test_influxd_stopped_in_the_middle_of_20000_records_gets_exactly_20000(
    tmp_path: Path, own_influxd: Influxd
) -> None:
    port, database = free_port(), own_influxd.create_database()
    output = f'[[output]]\nname = "influx"\ntype = "influxdb"\nurl = "{own_influxd.url}"\ndatabase = "{database}"\n'
    lines = numbered(20_000)
    with Collector(write_config(tmp_path, listening(port), output)) as collector:
        with connect(port) as line:
            line.sendall(b"".join(lines[:7_000]))
            until(lambda: points(own_influxd, database) > 0)
            own_influxd.kill()
            line.sendall(b"".join(lines[7_000:14_000]))
            until(lambda: collector.status()["outputs"][0]["state"] == "retrying", collector.status)
            own_influxd.start()
            line.sendall(b"".join(lines[14_000:]))
        collector.settled(sum(map(len, lines)))
        until(lambda: collector.status()["outputs"][0]["lag_calls"] == 0, collector.status)
        assert points(own_influxd, database) == 20_000


def test_a_collector_killed_five_times_loses_and_doubles_nothing(tmp_path: Path, influxd: Influxd) -> None:
    port, database = free_port(), influxd.create_database()
    output = f'[[output]]\nname = "influx"\ntype = "influxdb"\nurl = "{influxd.url}"\ndatabase = "{database}"\n'
    data = b"".join(numbered(20_000))
    chance = random.Random(7)
    with Collector(write_config(tmp_path, listening(port), output)) as collector:
        for stop in [*sorted(chance.sample(range(len(data)), 5)), len(data)]:
            send_from(collector, port, data, stop, chance)
            if stop < len(data):
                collector.kill()
                collector.start()
        row = collector.settled(len(data))
        assert (row["legs"], row["calls"], row["rejected"]) == (20_000, 20_000, 0)
        until(lambda: collector.status()["outputs"][0]["lag_calls"] == 0, collector.status)
        assert points(influxd, database) == 20_000
        assert len({call["number"] for call in collector.calls()}) == 20_000


def send_from(collector: Collector, port: int, data: bytes, stop: int, chance: random.Random) -> None:
    """Resume where the journal ends, send up to ``stop``, and return at some moment while it is being taken in."""
    resume = collector.source()["bytes"]["received"]
    with connect(port) as line:
        for piece in cut(data[resume:stop], chance, 20_000):
            line.sendall(piece)
        if stop == len(data):
            return
        wanted = chance.randint(resume, stop)
        until(lambda: collector.source()["bytes"]["received"] >= wanted)


def test_a_second_collector_on_the_same_data_says_so_and_exits(tmp_path: Path) -> None:
    with Collector(write_config(tmp_path, listening(free_port()))) as collector:
        second = subprocess.run([SMDR, "run", "-c", collector.config], capture_output=True, text=True, check=False)
        assert second.returncode == 1
        assert f"Another collector (process {collector.pid}) is running" in second.stderr
        assert "Traceback" not in second.stderr
        assert collector.running()


def test_a_restarted_collector_goes_on_where_it_stopped(tmp_path: Path) -> None:
    port = free_port()
    with Collector(write_config(tmp_path, listening(port))) as collector:
        send(port, [b"".join(numbered(50))])
        collector.settled(50 * 82)
        assert collector.stop() == 0
        assert collector.source()["state"] == "stopped"
        collector.start()
        send(port, [b"".join(numbered(30))])
        assert collector.settled(80 * 82)["legs"] == 80
        assert collector.stop() == 0


def test_the_format_is_found_from_the_first_records(tmp_path: Path) -> None:
    port = free_port()
    with Collector(write_config(tmp_path, listening(port, "auto"))) as collector:
        send(port, numbered(2))
        until(lambda: collector.source()["bytes"]["received"] == 2 * 82)
        assert collector.source()["legs"] == 0
        send(port, [kx_td_line(number) for number in range(20)])
        row = collector.settled(22 * 82)
        assert (row["format"], row["legs"]) == ("panasonic/kx-td", 22)


def test_data_is_private_to_the_collectors_user(tmp_path: Path) -> None:
    port = free_port()
    with Collector(write_config(tmp_path, listening(port))) as collector:
        send(port, numbered(1))
        collector.settled(82)
    files = [path for path in (tmp_path / "data").rglob("*") if path.is_file()]
    assert {oct(path.stat().st_mode & 0o777) for path in files} == {"0o600"}
