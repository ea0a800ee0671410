"""Lines of a PBX into the real InfluxDB through the real daemon, with either of the two ended in the middle."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from collector import status
from collector.config import Config, load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from servers import Influxd

RECORDS = 20_000
LINE = b"%02d/%02d/26 %02d:%02dAM   %3d 09 <INCOMING> 05550%03d            00:00'%02d               \r\n"
PATIENCE = 60.0


def lines(first: int, last: int) -> bytes:
    return b"".join(
        LINE % (1 + n % 9, 1 + n % 9, 1 + n % 11, n % 60, 100 + n % 50, n % 1000, 1 + n % 59)
        for n in range(first, last)
    )


@pytest.fixture
def config(tmp_path: Path, own_influxd: Influxd) -> Config:
    own_influxd.create_database("smdr")
    (tmp_path / "smdr.toml").write_text(
        f"""
[site]
name = "hq"
timezone = "Asia/Shanghai"
data = "data"

[[source]]
name = "pbx1"
input = "file:pbx1.log"
format = "panasonic/kx-td"

[[output]]
name = "influx"
url = "{own_influxd.url}"
database = "smdr"
"""
    )
    (tmp_path / "pbx1.log").touch()
    return load(tmp_path / "smdr.toml")


@contextmanager
def daemon(config: Config) -> Iterator[subprocess.Popen[bytes]]:
    log = config.path.with_name("daemon.log")
    with log.open("ab") as out:
        command = [sys.executable, "-c", "from collector.cli import main; main()", "run", "-c", str(config.path)]
        process = subprocess.Popen(command, stdout=out, stderr=out)
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def until(done: Callable[[], bool], config: Config) -> None:
    """Wait for another process: for what it has committed there is no event to wait for."""
    deadline = time.monotonic() + PATIENCE
    while not done():
        if time.monotonic() > deadline:
            log = config.path.with_name("daemon.log").read_text()[-2000:]
            pytest.fail(f"{json.dumps(status.read(config), indent=1)}\n{log}")
        time.sleep(0.05)


def legs(config: Config) -> int:
    return int(status.read(config)["sources"][0]["legs"])


def delivered(config: Config) -> bool:
    [output] = status.read(config)["outputs"]
    return legs(config) == RECORDS and output["state"] == "ok" and output["lag_calls"] == 0


def points(server: Influxd) -> int:
    return sum(row["n"] for row in server.rows('SELECT count("calls") AS n FROM "call"', "smdr"))


def year(server: Influxd) -> int:
    query = """SELECT sum("calls") AS n FROM "traffic" WHERE "period" = 'year'"""
    return sum(row["n"] for row in server.rows(query, "smdr"))


def append(config: Config, data: bytes) -> None:
    with config.path.with_name("pbx1.log").open("ab") as file:
        file.write(data)


def test_influxd_stopped_and_started_in_the_middle(config: Config, own_influxd: Influxd) -> None:
    with daemon(config):
        append(config, lines(0, 8_000))
        until(lambda: points(own_influxd) > 0, config)
        own_influxd.stop()
        append(config, lines(8_000, 14_000))
        until(lambda: legs(config) == 14_000, config)
        until(lambda: status.read(config)["outputs"][0]["state"] == "retrying", config)
        own_influxd.start()
        append(config, lines(14_000, RECORDS))
        until(lambda: delivered(config), config)
        until(lambda: year(own_influxd) == RECORDS, config)
    assert points(own_influxd) == RECORDS


def test_the_collector_killed_five_times(config: Config, own_influxd: Influxd) -> None:
    chance = random.Random(5)
    for part in range(5):
        with daemon(config):
            before = legs(config)
            append(config, lines(part * 4_000, (part + 1) * 4_000))
            enough = before + chance.randrange(1, 3_000)
            until(lambda enough=enough: legs(config) >= enough, config)
    with daemon(config):
        until(lambda: delivered(config), config)
    assert points(own_influxd) == RECORDS
    [source] = status.read(config)["sources"]
    counts = source["bytes"]
    assert counts["received"] == counts["records"] == len(lines(0, RECORDS))
