"""The printed lines, sent through the collector into InfluxDB: the path of a site, nothing written by hand."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from grafana_printed import DIRECTORY, RING_SECONDS, SITE, TARGET_S, TARIFF, ZONE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from servers import Influxd

PATIENCE_S = 100

SITE_TABLE = f"""
[site]
name = "{SITE}"
timezone = "{ZONE.key}"
data = "data"
ring_seconds = {RING_SECONDS}
answer_within_rings = {TARGET_S // RING_SECONDS}
directory = "directory.csv"

[accounting]
tariff = "tariff.csv"
"""
SOURCE_TABLE = """
[[source]]
name = "{source}"
input = "file:{source}.log"
format = "panasonic/kx-tda"
date_order = "dmy"
"""
OUTPUT_TABLE = """
[[output]]
name = "influx"
type = "influxdb"
url = "{url}"
database = "{database}"
"""


def collect(folder: Path, printed: Mapping[str, bytes], influxd: Influxd) -> str:
    """Run a collector over the files of all sources until InfluxDB has everything; returns the database's name."""
    database = influxd.create_database()
    for source, text in printed.items():
        (folder / f"{source}.log").write_bytes(text)
    config = configure(folder, printed, OUTPUT_TABLE.format(url=influxd.url, database=database))
    size = sum(len(text) for text in printed.values())
    with collector(config, folder / "collector.log") as process:
        deadline = time.monotonic() + PATIENCE_S
        while not everything_sent(folder / "data" / "calls.db", size):
            assert process.poll() is None, (folder / "collector.log").read_text()
            assert time.monotonic() < deadline, (folder / "collector.log").read_text()
            time.sleep(0.1)
    return database


def configure(folder: Path, sources: Iterable[str], more: str = "") -> Path:
    """Write the configuration of the site with its directory and tariff; returns its path."""
    (folder / "directory.csv").write_text(DIRECTORY, encoding="utf-8")
    (folder / "tariff.csv").write_text(TARIFF, encoding="utf-8")
    config = folder / "smdr.toml"
    tables = "".join(SOURCE_TABLE.format(source=source) for source in sources)
    config.write_text(SITE_TABLE + tables + more, encoding="utf-8")
    return config


@contextmanager
def collector(config: Path, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [str(Path(sys.executable).with_name("smdr")), "run", "-c", str(config)]
    with log.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out) as process:
        try:
            yield process
        finally:
            process.terminate()


def everything_sent(calls_db: Path, size: int) -> bool:
    """Whether every byte has been understood and every call and sum of it confirmed by InfluxDB."""
    if not calls_db.exists():
        return False
    with closing(sqlite3.connect(f"file:{calls_db}?mode=ro", uri=True)) as db:
        try:
            (understood,) = db.execute("SELECT sum(record_bytes) FROM sources").fetchone()
            sent = db.execute("SELECT calls_seq, rollups_seq FROM outputs").fetchone()
            last = db.execute("SELECT (SELECT max(seq) FROM calls), (SELECT max(seq) FROM rollups)").fetchone()
        except sqlite3.OperationalError:  # the schema is still being made
            return False
    return bool(understood == size and sent == last)
