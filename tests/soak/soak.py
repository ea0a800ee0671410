"""A soak: the real daemon with every kind of input for as long as wanted, while links, output and a clock fail.

``make soak MINUTES=30``. It prints a line a minute, then what was found;
exit status 1 unless conservation is exact, the alarms are those of the faults and no others, and memory does not grow.

Days are compressed where that changes nothing: seven of the PBXs print the records of one day after the other, from
300 days ago, as a PBX does that was not read for long. The daemon's clock is the real one.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections import Counter
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click
from collecting import Collector
from lines import FORMAT, ZONE, Clock, Line, all_kinds
from proxy import FaultyProxy
from servers import Influxd

from collector import status
from collector.config import Config, load
from collector.store.database import open_reader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

EVERY_S = 2.0
RECORDS = 20
"""Records that each PBX prints every `EVERY_S`: a pause of more than a second lies between them, as on a real line."""

GARBLE_S = 7.0
SETTLE_S = 90.0
CUT = ("serial", "tcp", "tcp-listen", "syslog-tcp")
BRIEF_S = 6.0
"""Too short to be an alarm."""
LONG_S = 110.0
"""More than the minute that a link or output may be down, and two looks at it."""
LONG_RUN_S = 420.0
"""Runs as long as this have faults that last."""
SLOPE_S = 3300.0
"""Runs as long as this are judged by how memory grows in their second half: before, caches are still being filled.

Half an hour leaves two or three cycles of faults to judge by: of two such runs one came to +9 and one to +21 MB/h, with the
same means as the run of an hour that ended at +5.
"""
MOST_MB_PER_HOUR = 12.0

Alarm = tuple[str, str]


class Sample(NamedTuple):
    """Resident memory at a moment: seconds since the start, megabytes."""

    at: float
    megabytes: float


class Soak:
    """One run in a folder. ``say`` gets the lines to print."""

    def __init__(self, folder: Path, seconds: float, say: Callable[[str], None]) -> None:
        self._folder = folder
        self._seconds = seconds
        self._say = say
        self._wrong = Clock(timedelta(hours=2))
        self.lines = all_kinds(folder, self._wrong)
        self.expected: list[Alarm] = [("clock", "clock")]
        self.samples: list[Sample] = []
        self._cycles: list[float] = []
        """When each cycle of faults began, seconds since the start: in one, every fault comes at least once."""
        self._began = 0.0

    async def run(self) -> list[str]:
        """Soak; return what was found wrong."""
        with Influxd(self._folder / "influxd") as influxd, FaultyProxy(influxd.url) as proxy:
            database = influxd.create_database()
            config = self._configure(proxy.url, database)
            with Collector(config.path) as collector:
                self._began = time.monotonic()
                await asyncio.gather(*(line.plug_in() for line in self.lines))
                await self._under_load(config, collector, proxy)
                settled = await self._settle(config)
                faults = [*settled, *self._conservation(config), *self._alarms(config), *self._memory()]
                for line in self.lines:
                    await line.close()
                if collector.stop() != 0:
                    faults.append("The collector did not end in order.")
            faults += self._output(config, influxd, database)
        return faults

    def _configure(self, url: str, database: str) -> Config:
        sources = [
            f'[[source]]\nname = "{line.kind}"\ninput = "{line.reads}"\nformat = "{FORMAT}"\n' for line in self.lines
        ]
        site = f'[site]\nname = "hq"\ntimezone = "{ZONE}"\ndata = "data"\n'
        alarms = "[alarms]\nlink_minutes = 1\noutput_minutes = 1\nclock_minutes = 5\nfree_megabytes = 1\n"
        rules = "[rules]\nalarm = []\n"  # what is wrong with calls is no fault of a link
        output = f'[[output]]\nname = "influx"\nurl = "{url}"\ndatabase = "{database}"\n'
        path = self._folder / "smdr.toml"
        path.write_text("\n".join([site, alarms, rules, output, *sources]))
        return load(path)

    async def _under_load(self, config: Config, collector: Collector, proxy: FaultyProxy) -> None:
        """Print, and let things fail, until the time is over."""
        working = [
            *(self._printing(line) for line in self.lines),
            *(self._garbling(line) for line in self.lines if line.kind != "clock"),
            self._reporting(config, collector),
            self._failing(config, proxy),
        ]
        righting = asyncio.create_task(self._putting_right())
        tasks = [asyncio.create_task(work) for work in working]
        failing = tasks[-1]
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done - {failing}:
            task.result()
        await failing
        await righting
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _printing(self, line: Line) -> None:
        while True:
            await line.print(RECORDS)
            await asyncio.sleep(EVERY_S)

    async def _garbling(self, line: Line) -> None:
        while True:
            await asyncio.sleep(GARBLE_S)
            await line.garble()

    async def _failing(self, config: Config, proxy: FaultyProxy) -> None:
        """One fault after the other. Those that last are alarms, the brief ones are not."""
        lasting = self._seconds >= LONG_RUN_S
        rounds = 0
        while self._left() > (LONG_S + 60 if lasting else 4 * BRIEF_S):
            long_one = CUT[rounds % len(CUT)] if lasting else ""
            if rounds % 2 == 0:
                self._cycles.append(time.monotonic() - self._began)
            async with asyncio.TaskGroup() as faults:
                for line in self.lines:
                    if line.kind in CUT:
                        faults.create_task(self._cut(config, line, LONG_S if line.kind == long_one else BRIEF_S))
                faults.create_task(self._away(proxy, LONG_S if lasting and rounds % 2 == 0 else BRIEF_S))
            rounds += 1
            await asyncio.sleep(60 if lasting else BRIEF_S)
        if rounds % 2 == 0:
            self._cycles.append(time.monotonic() - self._began)
        await asyncio.sleep(max(self._left(), 0))

    async def _putting_right(self) -> None:
        """Set the wrong clock right in the middle."""
        await asyncio.sleep(self._left() - self._seconds / 2)
        self._wrong.ahead = timedelta(0)

    def _left(self) -> float:
        return self._began + self._seconds - time.monotonic()

    async def _cut(self, config: Config, line: Line, seconds: float) -> None:
        await line.break_off()
        await _until(lambda: _source(config, line.kind)["bytes"]["received"] >= line.bytes)
        await line.cut()
        await asyncio.sleep(seconds)
        await line.mend()
        if seconds == LONG_S:
            self.expected.append(("link", line.kind))

    async def _away(self, proxy: FaultyProxy, seconds: float) -> None:
        proxy.close()
        await asyncio.sleep(seconds)
        proxy.reopen()
        if seconds == LONG_S:
            self.expected.append(("output", "influx"))

    async def _reporting(self, config: Config, collector: Collector) -> None:
        minute = 60.0 if self._seconds > 120 else 15.0
        told = 0.0
        while True:
            await asyncio.sleep(3)
            at = time.monotonic() - self._began
            self.samples.append(Sample(at, collector.resident_megabytes()))
            if at - told >= minute:
                told += minute
                self._say(self._sentence(at, await asyncio.to_thread(status.read, config)))

    def _sentence(self, at: float, now: dict[str, Any]) -> str:
        sent, legs = sum(line.records for line in self.lines), sum(row["legs"] for row in now["sources"])
        counts = [row["bytes"] for row in now["sources"]]
        alarms = ", ".join(f"{alarm['kind']} {alarm['subject']}" for alarm in now["alarms"]) or "none"
        return (
            f"{int(at) // 60:3}:{int(at) % 60:02}  {sent:,} records sent, {legs:,} legs, conservation "
            f"{'exact' if all(map(_conserved, counts)) else 'BROKEN'}, {sum(c['pending'] for c in counts):,} bytes pending, "
            f"{now['outputs'][0]['lag_calls']:,} calls to be sent, {self.samples[-1].megabytes:.1f} MB; alarms: {alarms}"
        )

    async def _settle(self, config: Config) -> list[str]:
        """Wait until everything printed is kept and sent on, and everything is well again."""

        def is_settled() -> bool:
            now = status.read(config)
            received = {row["name"]: row["bytes"]["received"] for row in now["sources"]}
            return (
                all(row["bytes"]["pending"] == 0 for row in now["sources"])
                and all(received[line.kind] >= line.bytes for line in self.lines)
                and (now["outputs"][0]["state"], now["outputs"][0]["lag_calls"]) == ("ok", 0)
                and not now["alarms"]
            )

        try:
            await _until(is_settled)
        except TimeoutError:
            return [f"Not settled after {SETTLE_S:.0f} s: {status.read(config)}"]
        return []

    def _conservation(self, config: Config) -> Iterator[str]:
        for line in self.lines:
            row = _source(config, line.kind)
            counts = row["bytes"]
            if not _conserved(counts) or counts["pending"]:
                yield f"{line.kind}: conservation does not hold: {counts}."
            if counts["received"] != line.bytes:
                yield f"{line.kind}: {line.bytes:,} bytes were sent, {counts['received']:,} received."
            if row["legs"] != line.records:
                yield f"{line.kind}: {line.records:,} records were sent, {row['legs']:,} legs kept."

    def _alarms(self, config: Config) -> Iterator[str]:
        db = open_reader(config.site.data / "events.db")
        raised: list[Alarm] = db.execute("SELECT kind, subject FROM alarms").fetchall()
        db.close()
        self._say(f"Alarms raised: {_listed(raised)}.")
        if sorted(raised) != sorted(self.expected):
            yield f"Alarms expected: {_listed(self.expected)}; raised: {_listed(raised)}."

    def _memory(self) -> Iterator[str]:
        self._say(f"Memory {self.samples[-1].megabytes:.1f} MB at the end.")
        if self._seconds < LONG_RUN_S:
            return
        cycles = by_cycle(self.samples, self._cycles)
        means = ", ".join(f"{cycle.megabytes:.1f}" for cycle in cycles)
        self._say(f"Mean of each cycle of faults: {means} MB.")
        if self._seconds < SLOPE_S:
            return
        slope = slope_per_hour([cycle for cycle in cycles if cycle.at >= self._seconds / 2])
        self._say(f"{slope:+.1f} MB/h over the second half.")
        if slope > MOST_MB_PER_HOUR:
            yield f"Memory grows by {slope:.1f} MB/h, more than {MOST_MB_PER_HOUR:.0f}."

    def _output(self, config: Config, influxd: Influxd, database: str) -> Iterator[str]:
        """Every call is in InfluxDB, once but for old points that it kept though it had confirmed their deletion."""
        db = open_reader(config.site.data / "calls.db")
        rows = db.execute("SELECT source, offset, former != '[]' FROM calls WHERE NOT open").fetchall()
        (quarantined,) = db.execute("SELECT count(*) FROM quarantine").fetchone()
        db.close()
        changed = {(source, offset): bool(was_other) for source, offset, was_other in rows}
        shown = _points(influxd, database).total()
        # InfluxDB 1.6 forgets in memory which series a shard has where a DELETE meets the writing of its cache: their points
        # are on its disk, and shown again when it has read that; a DELETE in between does not find them
        influxd.stop()
        influxd.start()
        points = _points(influxd, database)
        there = len(points.keys() & changed.keys())
        old = {call: count - 1 for call, count in points.items() if count > 1}
        self._say(
            f"{len(changed):,} calls, {there:,} of them in InfluxDB ({shown:,} points shown before it was started anew), "
            f"{sum(old.values())} old points that it kept though it had confirmed their deletion, "
            f"{quarantined} points quarantined."
        )
        if points.keys() != changed.keys() or quarantined:
            yield f"InfluxDB has {there:,} of {len(changed):,} calls, {quarantined} points are quarantined."
            yield from self._missing(config, influxd, database)
        if twice := [call for call in old if not changed.get(call)]:
            yield f"{len(twice)} calls that never changed are in InfluxDB twice."

    def _missing(self, config: Config, influxd: Influxd, database: str) -> Iterator[str]:
        """Of each source, where the calls are that InfluxDB lacks."""
        db = open_reader(config.site.data / "calls.db")
        calls = db.execute("SELECT source, offset, start, seq, former FROM calls WHERE NOT open").fetchall()
        db.close()
        rows = influxd.rows('SELECT "offset" FROM "call" GROUP BY "source"', database)
        there = {(row["source"], row["offset"]) for row in rows}
        lacking = sorted(call for call in calls if call[:2] not in there)
        for source in sorted({call[0] for call in lacking}):
            own = [call for call in lacking if call[0] == source]
            starts, seqs = [call[2] for call in own], [call[3] for call in own]
            yield (
                f"{source}: {len(own):,} are missing, {sum(call[4] != '[]' for call in own)} of them changed; they start "
                f"from {min(starts)} to {max(starts)}, stored as {min(seqs):,} to {max(seqs):,}."
            )


def _points(influxd: Influxd, database: str) -> Counter[tuple[str, int]]:
    """How many points there are of each call."""
    rows = influxd.rows('SELECT "offset" FROM "call" GROUP BY "source"', database)
    return Counter((row["source"], row["offset"]) for row in rows)


def by_cycle(samples: list[Sample], begins: list[float]) -> list[Sample]:
    """The mean of each whole cycle, in its middle: within one, memory rises in an outage and falls behind it."""
    cycles = []
    for begin, end in pairwise(begins):
        within = [sample.megabytes for sample in samples if begin <= sample.at < end]
        cycles.append(Sample((begin + end) / 2, sum(within) / len(within)))
    return cycles


def slope_per_hour(samples: list[Sample]) -> float:
    """Megabytes an hour by which memory grows, by least squares."""
    mean_at = sum(sample.at for sample in samples) / len(samples)
    mean = sum(sample.megabytes for sample in samples) / len(samples)
    spread = sum((sample.at - mean_at) ** 2 for sample in samples)
    return 3600 * sum((s.at - mean_at) * (s.megabytes - mean) for s in samples) / spread


def _conserved(counts: dict[str, int]) -> bool:
    parts = [counts[kind] for kind in ("records", "rejected", "noise", "pending")]
    return counts["received"] == sum(parts) and min(parts) >= 0


def _source(config: Config, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(row for row in status.read(config)["sources"] if row["name"] == name)
    return found


def _listed(alarms: list[Alarm]) -> str:
    return ", ".join(f"{kind} {subject}" for kind, subject in sorted(alarms)) or "none"


async def _until(condition: Callable[[], bool]) -> None:
    """Poll until ``condition`` holds. Raises TimeoutError after `SETTLE_S`."""
    async with asyncio.timeout(SETTLE_S):
        while not await asyncio.to_thread(condition):  # noqa: ASYNC110  (in another process)
            await asyncio.sleep(0.2)


def main() -> int:
    """Soak for some minutes; return the exit status."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--minutes", type=float, default=30.0)
    minutes = options.parse_args().minutes
    with tempfile.TemporaryDirectory(prefix="smdr-soak-") as folder:
        soak = Soak(Path(folder), minutes * 60, click.echo)
        faults = asyncio.run(soak.run())
    for fault in faults:
        click.echo(f"FAULT {fault}")
    click.echo("Everything holds." if not faults else f"{len(faults)} faults.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
