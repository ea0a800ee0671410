"""The life of a collector: killed again and again while two PBXs send to it, and everything counted after every death.

The PBX on TCP goes on from where the journal ends, as a device server does that keeps what was not taken; the other one
prints to a file. What both will ever send, and what is to be read out of it, is known beforehand.
"""

from __future__ import annotations

import random
import shutil
import socket
import sqlite3
import time
from bisect import bisect_left
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING

import daemons
from offices import Office
from sending import FILE, TCP, configured, cut, journaled, legs_of, numbered, transferred
from servers import free_port

from collector import status
from collector.outputs.points import call_time
from collector.store import queries
from collector.store.calls_db import CALL_COLUMNS, call_of
from collector.store.database import migrations

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerProcess
    from pathlib import Path

    from confirming import Server

    from collector.calls import Call
    from collector.faultpoints import Point

MOST_SENT = 50 * 82
"""Bytes each PBX sends at most between two deaths."""
LONGEST_END_S = 60.0
MONTH_S = 31 * 86_400

AT_ANY_MOMENT = "any moment"
AGAIN_AND_AGAIN: tuple[Point, ...] = (
    "received",
    "journal-writing",
    "journal-written",
    "parsed",
    "calls-writing",
    "calls-written",
)
ONCE: tuple[Point, ...] = ("segment-created", "segment-opened")
WITH_A_SERVER: tuple[Point, ...] = ("points-deleted", "points-written")

SAME = {
    "calls": ", ".join(column for column in CALL_COLUMNS if column != "former"),
    "legs": "*",
    "rejected": "*",
    "noise": "*",
    "cursors": "*",
    "rollups": "source, direction, class, department, extension, trunk, hour, calls, answered, ring_s, talk_s, held_s",
    "hours": "*",
    "sources": "source, format, record_bytes, rejected_bytes, noise_bytes, legs, calls, rejected, noise, last_record",
}
"""What calls.db must hold, by table, however often its collector was killed."""


class Life:
    """One data folder and one seed: the same seed makes the same plans, as far as timing allows the same life."""

    def __init__(self, folder: Path, seed: int, server: Server | None = None) -> None:
        self._seed = seed
        self._deaths = 0
        self._chance = random.Random(seed)
        self._server = server
        self._port = free_port()
        self._months = 0
        self._file = folder / "pbx2.log"
        self._file.touch()
        self._config = configured(folder, self._port, server)
        self._streams = {TCP: numbered(self._chance), FILE: transferred(seed)}
        self._legs = {source: legs_of(source, stream) for source, stream in self._streams.items()}
        self._kept = dict.fromkeys(self._streams, 0)
        self._sent = 0
        self._start_s = 0.1
        """what a start takes here and now, about"""

    @property
    def over(self) -> bool:
        """Whether the PBXs have nothing more to send."""
        return all(self._kept[source] == len(stream) for source, stream in self._streams.items())

    @property
    def records(self) -> int:
        """Records that the PBXs have sent and the journal has."""
        return sum(bisect_left(legs, self._kept[source]) for source, legs in self._legs.items())

    def round(self) -> str:
        """Start it, send to it, have it die, count; return where it died."""
        point, order = self._end()
        if point in ONCE or self._chance.random() < 0.05:
            self._months += 1
        self._print(self._chance.randint(1, MOST_SENT))
        process = daemons.start(self._config.path, order, self._months * MONTH_S)
        patience = LONGEST_END_S if point else self._chance.uniform(0, 4) * self._start_s
        try:
            self._send(process, self._chance.randint(1, MOST_SENT), time.monotonic() + patience)
            died = process.exitcode is not None
        finally:
            process.kill()
            process.join()
        assert process.exitcode == -9, self._told(f"the collector ended by itself, with {process.exitcode}")
        self._deaths += 1
        self.check()
        return point if point and died else AT_ANY_MOMENT

    def _end(self) -> tuple[Point | None, str]:
        """Where this round's collector dies: at a fault point, the first time or a later one, or at any moment."""
        points = (*AGAIN_AND_AGAIN, *ONCE, *(WITH_A_SERVER if self._server else ()))
        point = self._chance.choice((*points, *[None] * (len(points) // 2)))
        times = self._chance.choice((1, 1, 1, 2, 3)) if point in AGAIN_AND_AGAIN else 1
        return point, f"{point}:{times}" if point else ""

    def finish(self) -> tuple[int, int]:
        """Let it take in what is left, stop it in order, and compare with a collector that was never disturbed.

        Returns how many of the records are lost, and how many are doubled.
        """
        self._print(len(self._streams[FILE]))
        process = daemons.start(self._config.path, "", self._months * MONTH_S)
        try:
            self._send(process, len(self._streams[TCP]), time.monotonic() + LONGEST_END_S)
            assert self._settled(), self._told(f"not finished: {status.read(self._config)}")
        finally:
            process.terminate()
            process.join()
        assert process.exitcode == 0, self._told(f"stopped in order, it ended with {process.exitcode}")
        self.check()
        assert self.over, self._told("the journal has not everything that was sent")
        self._compare()
        return self._lost_and_doubled()

    def check(self) -> None:
        """Count every byte, every leg, every call and every point."""
        for source, stream in self._streams.items():
            kept = journaled(self._config, source)
            assert kept == stream[: len(kept)], self._told(f"{source}: the journal holds other bytes than were sent")
            assert len(kept) >= self._kept[source], self._told(f"{source}: bytes are gone that the journal had")
            self._kept[source] = len(kept)
        path = self._config.site.data / "calls.db"
        if path.exists():
            with closing(queries.connect(path)) as db:
                if _is_made(db):
                    self._check_calls(db)

    def _check_calls(self, db: sqlite3.Connection) -> None:
        for source, legs in self._legs.items():
            balance = queries.balance(db, self._config.site.data / "journal", source)
            assert balance.holds, self._told(f"{source}: {balance}")
            stored = [row[0] for row in db.execute("SELECT offset FROM legs WHERE source = ? ORDER BY 1", (source,))]
            assert stored == legs[: len(stored)], self._told(f"{source}: legs are missing, or too many")
        rows = db.execute(f"SELECT seq, {', '.join(CALL_COLUMNS)} FROM calls")
        calls = {seq: call_of(columns) for seq, *columns in rows}
        told = Counter((call.source, leg) for call in calls.values() for leg in call.legs)
        assert set(told.values()) <= {1}, self._told("a leg belongs to several calls")
        assert told.keys() == set(db.execute("SELECT source, offset FROM legs")), self._told("a leg without its call")
        summed = db.execute("SELECT coalesce(sum(calls), 0) FROM rollups").fetchone()[0]
        assert summed == len(calls), self._told(f"{summed} calls are summed, {len(calls)} are stored")
        if self._server:
            cursor = db.execute("SELECT calls_seq FROM outputs").fetchone() or (0,)
            self._check_points(self._server, calls, cursor[0])

    def _check_points(self, server: Server, calls: dict[int, Call], cursor: int) -> None:
        """Hold the server's points against the calls: of each that was confirmed one, of the others at most one."""
        points: Counter[tuple[str, int]] = Counter()
        for source, moment, count in server.points():
            points[source, moment] += count
        confirmed = {(call.source, call_time(call)) for seq, call in calls.items() if seq <= cursor and not call.open}
        under_way = {(call.source, call.offset) for seq, call in calls.items() if seq > cursor}
        wrong = {point: points[point] for point in confirmed if points[point] != 1}
        assert not wrong, self._told(f"of confirmed calls there are so many points: {wrong}")
        others = Counter((source, moment % 10**9) for source, moment in points.keys() - confirmed)
        wrong = {call: count for call, count in others.items() if count != 1 or call not in under_way}
        assert not wrong, self._told(f"of other calls there are so many points: {wrong}")

    def _compare(self) -> None:
        """Hold calls.db against one that is made of the same journal in one go."""
        undisturbed = self._config.path.parent / "undisturbed"
        shutil.copytree(self._config.site.data / "journal", undisturbed / "data" / "journal")
        office = Office(configured(undisturbed, self._port, None))
        office.project()
        for table, columns in SAME.items():
            query = f"SELECT {columns} FROM {table}" + (
                " WHERE calls OR held_s" if table in {"rollups", "hours"} else ""
            )
            was, should = ([tuple(row) for row in one.rows(query)] for one in (Office(self._config), office))
            assert sorted(was, key=repr) == sorted(should, key=repr), self._told(f"{table} is not as one go makes it")

    def _lost_and_doubled(self) -> tuple[int, int]:
        """Hold what calls.db tells against the records that were sent, and what the server tells against calls.db."""
        calls = [call_of(row) for row in Office(self._config).rows(f"SELECT {', '.join(CALL_COLUMNS)} FROM calls")]
        sent = {(source, leg) for source, legs in self._legs.items() for leg in legs}
        pairs = [(sent, Counter((call.source, leg) for call in calls for leg in call.legs))]
        if self._server:
            points = Counter((source, moment % 10**9) for source, moment, _ in self._server.points())
            pairs.append(({(call.source, call.offset) for call in calls}, points))
        lost = sum(len(should - told.keys()) for should, told in pairs)
        return lost, sum(told.total() for _, told in pairs) - sum(len(should & told.keys()) for should, told in pairs)

    def _print(self, size: int) -> None:
        """The PBX that prints to a file prints so many bytes more."""
        printed = self._file.stat().st_size
        with self._file.open("ab") as file:
            file.write(self._streams[FILE][printed : printed + size])

    def _send(self, process: ForkServerProcess, size: int, deadline: float) -> None:
        """The PBX on TCP sends so many bytes more; return when nothing is left to be done, or time is up, or it is dead."""
        line = self._connected(process, deadline)
        if line is None:
            return
        with line:
            start = self._kept[TCP]
            try:
                for piece in cut(self._streams[TCP][start : start + size], self._chance):
                    line.sendall(piece)
            except ConnectionError:
                return
            self._sent = min(start + size, len(self._streams[TCP]))
            while process.exitcode is None and time.monotonic() < deadline and not self._settled():
                process.join(max(0.0, min(0.02, deadline - time.monotonic())))

    def _connected(self, process: ForkServerProcess, deadline: float) -> socket.socket | None:
        began = time.monotonic()
        while process.exitcode is None and time.monotonic() < deadline:
            try:
                line = socket.create_connection(("127.0.0.1", self._port), timeout=LONGEST_END_S)
            except ConnectionError:
                time.sleep(0.005)
            else:
                self._start_s += (time.monotonic() - began - self._start_s) / 4
                return line
        return None

    def _settled(self) -> bool:
        """Whether every whole line that was sent is projected, and everything projected was sent to the server."""
        now = status.read(self._config)
        whole = {
            source: stream.rfind(b"\n", 0, self._sent if source == TCP else self._file.stat().st_size) + 1
            for source, stream in self._streams.items()
        }
        counts = {source["name"]: source["bytes"] for source in now["sources"]}
        projected = all(counts[name]["received"] - counts[name]["pending"] >= size for name, size in whole.items())
        return projected and all(output["state"] == "ok" and not output["lag_calls"] for output in now["outputs"])

    def _told(self, what: str) -> str:
        log = self._config.path.with_name("smdr.log")
        end = log.read_text(errors="replace")[-2000:] if log.exists() else ""
        return f"{what}\nSeed {self._seed}, after {self._deaths} deaths.\n{end}"


def _is_made(db: sqlite3.Connection) -> bool:
    """Whether calls.db has its tables: the collector may have died while it made the file, and goes on with that."""
    try:
        return bool(db.execute("PRAGMA user_version").fetchone()[0] == migrations("calls")[-1][0])
    except sqlite3.OperationalError as error:
        if error.sqlite_errorname != "SQLITE_READONLY_ROLLBACK":
            raise
        return False
