"""A store of many calls, fast: ``PYTHONPATH=.:tests/bench python -m large_store FOLDER CALLS``.

A hundred thousand calls are journaled line by line, as a live PBX sends them, and projected as always. The rest are
copies of their rows, each a month later than the one before and further on in the stream; the last is of this month.
"""

from __future__ import annotations

import shutil
import sqlite3
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from click import echo
from measuring import kx_td_lines

from collector.assembly import accounting_of
from collector.config import Config, load
from collector.journal import Journal
from collector.projector import Projector
from collector.segments import Chunk, segments

BASE = 100_000
COMMIT = 100
"""Lines journaled in one transaction; in the file that makes no difference."""
PER_MINUTE = 3
"""Calls by day and by night: they fill the first 23 days of a month."""
LASTS_S = BASE // PER_MINUTE * 60
"""Every month's calls are received within so many seconds of its first day."""
DIRECTORY = "extension,department,person,from,until\n" + "".join(
    f"{extension},Department {extension // 10 - 9},,,\n" for extension in range(100, 150)
)

CONFIG = """
[site]
name = "hq"
timezone = "Asia/Shanghai"
data = "data"
directory = "directory.csv"

[[source]]
name = "pbx1"
input = "tcp-listen://127.0.0.1:{port}"
format = "panasonic/kx-td"
date_order = "dmy"
"""

COPY_CALLS = """
INSERT INTO stored_calls
SELECT seq + :seq, source, offset + :offset, combination, format, start + :time, received + :time, resolution_s, outcome,
    number, peer_extension, answered_by, did, ring_s, talk_s, hold_s, transferred, conference, account_code, auth_code,
    pbx_call_id, meter_pulses, pbx_cost, currency, carrier, person, cost, flags, legs, open, former, rated_s
FROM stored_calls WHERE seq <= :last ORDER BY seq
"""
COPY_LEGS = """
INSERT INTO stored_legs SELECT source, offset + :offset, size, call + :offset, received + :time, extra, leg
FROM stored_legs WHERE offset < :size ORDER BY source, offset
"""
COPY_SUMS = """
INSERT INTO stored_sums
SELECT seq + :seq, combination, hour + :time, calls, answered, unanswered, busy, failed, ring_known, ring_s, within_target,
    talk_s, cost_micros, held_s
FROM stored_sums WHERE seq <= :last ORDER BY seq
"""
SUM_HOURS = """
INSERT INTO stored_hours SELECT hour, source, direction, class, sum(calls), sum(answered), sum(unanswered), sum(busy),
    sum(failed), sum(ring_known), sum(ring_s), sum(within_target), sum(talk_s), sum(cost_micros), sum(held_s)
FROM stored_sums JOIN combinations ON combinations.id = combination GROUP BY 1, 2, 3, 4
"""
COUNT = (
    "DELETE FROM stored_hours",
    SUM_HOURS,
    "UPDATE sequence SET last = last * :times",
    "UPDATE cursors SET position = position * :times",
    "UPDATE sources SET record_bytes = record_bytes * :times, legs = legs * :times, calls = calls * :times",
)


def build(folder: Path, calls: int, port: int = 2300) -> Config:
    """Return a configuration in ``folder`` whose source has so many calls, in whole hundred thousands."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "smdr.toml").write_text(CONFIG.format(port=port), encoding="utf-8")
    (folder / "directory.csv").write_text(DIRECTORY, encoding="utf-8")
    config = load(folder / "smdr.toml")
    months = _months(calls // BASE)
    size = _base(config, months[0])
    shifts = [(number * size, int((month - months[0]).total_seconds())) for number, month in enumerate(months)][1:]
    _copy_journal(config.site.data / "journal", months, shifts)
    _copy_calls(config.site.data / "calls.db", size, shifts)
    return config


def _months(count: int) -> list[datetime]:
    """The first days of so many months, the last of them this one's."""
    now = datetime.now(UTC)
    last = now.year * 12 + now.month - 1
    return [datetime(number // 12, number % 12 + 1, 1, tzinfo=UTC) for number in range(last - count + 1, last + 1)]


def _base(config: Config, month: datetime) -> int:
    """Journal and project a month of calls; return their bytes."""
    lines = kx_td_lines(BASE, month=f"{month:%m/%y}", per_minute=PER_MINUTE)
    clock = (month.timestamp() + LASTS_S * begin / BASE for begin in range(0, BASE, COMMIT))
    journal = Journal(config.site.data / "journal", lambda: next(clock))
    for begin in range(0, BASE, COMMIT):
        journal.append([(config.sources[0].name, 0, line, False, False) for line in lines[begin : begin + COMMIT]])
    journal.close()
    projector = Projector(config, accounting_of(config))
    projector.project_all()
    projector.close()
    return sum(map(len, lines))


def _copy_journal(folder: Path, months: list[datetime], shifts: list[tuple[int, int]]) -> None:
    for month, shift in zip(months[1:], shifts, strict=True):
        path = folder / f"{month:%Y-%m}.db"
        shutil.copy(segments(folder)[0], path)
        with closing(sqlite3.connect(path)) as db, db:
            db.execute("PRAGMA synchronous = OFF")
            db.execute("UPDATE chunks SET offset = offset + ?, received = received + ?", shift)
            db.create_function("checksum", 7, lambda *said: Chunk(*said).checksum, deterministic=True)
            db.execute("UPDATE chunks SET checksum = checksum(source, offset, lane, opened, ended, received, data)")


def _copy_calls(path: Path, size: int, shifts: list[tuple[int, int]]) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("PRAGMA synchronous = OFF")
        (last,) = db.execute("SELECT last FROM sequence").fetchone()
        for number, (offset, seconds) in enumerate(shifts, 1):
            shift = {"seq": number * last, "offset": offset, "time": seconds, "last": last, "size": size}
            for copy in (COPY_CALLS, COPY_LEGS, COPY_SUMS):
                db.execute(copy, shift)
        for count in COUNT:
            db.execute(count, {"times": len(shifts) + 1})


if __name__ == "__main__":
    echo(build(Path(sys.argv[1]), int(sys.argv[2])).path)
