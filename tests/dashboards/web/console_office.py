"""A made-up office's calls, written to calls.db and the journal the way the collector writes them."""

from __future__ import annotations

import random
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from collector.calls import Call
from collector.joining import ReceivedLeg
from collector.journal import Journal
from collector.rollups import Rollup
from collector.store import publications
from collector.store.calls_db import Batch, CallsDb, Counters, Lane
from collector.store.database import open_writer
from collector.store.publications import MadeOf, Publication
from parsers.records import Leg, Rejected

if TYPE_CHECKING:
    from pathlib import Path

ZONE = ZoneInfo("Asia/Shanghai")
TARGET_S = 15
FIRST, DAYS = datetime(2026, 1, 1, tzinfo=ZONE), 90
"""Calls start on these local days: the first quarter of 2026."""

HOSTILE_NUMBER = "</script><img src=x onerror=\"window.hacked='number'\">"
HOSTILE_DEPARTMENT = "{{constructor.constructor('window.hacked=1')()}}<svg onload=window.hacked=2>`${window.hacked=3}`"
HOSTILE_EXTENSION = "<img src=x onerror=window.hacked='extension'>"

BY_HOUR = [1, 0, 0, 0, 0, 0, 1, 4, 16, 30, 34, 28, 12, 14, 27, 30, 26, 18, 8, 4, 3, 2, 2, 1]
BY_WEEKDAY = [1.0, 1.1, 1.0, 0.95, 0.9, 0.25, 0.1]
DEPARTMENTS = {"1": "Sales", "2": "Service", "3": "Workshop", "4": None}
CONFIG = """
[site]
name = "hq"
timezone = "Asia/Shanghai"
language = "en"
data = "data"

[[source]]
name = "pbx1"
input = "serial:/dev/ttyUSB0"
format = "panasonic/kx-tda"

[[source]]
name = "pbx2"
input = "tcp://192.0.2.20:2112"
format = "panasonic/kx-td"

[[output]]
name = "influx"
type = "influxdb"
url = "http://127.0.0.1:9"
database = "smdr"

[[report]]
name = "sales"
kind = "department"
of = "Sales"
format = "csv"
folder = "published"
"""


def note_published(data: Path, *made: tuple[str, str, MadeOf]) -> None:
    """Note of what reports were made, as the collector does."""
    with closing(open_writer(data / "events.db")) as db:
        for report, period, of in made:
            publication = Publication(report, period, "folder")
            publications.enter(db, [publication])
            publications.done(db, publication, of, 0)


class Office:
    """A data folder with calls in it, and the list of the calls themselves to count by other means."""

    def __init__(self, folder: Path, *, seed: int = 7) -> None:
        self.config = folder / "smdr.toml"
        self.config.write_text(CONFIG, encoding="utf-8")
        self.data = folder / "data"
        self.calls: list[Call] = []
        self._random = random.Random(seed)
        self._db: CallsDb | None = None
        self._ends = {"pbx1": 0, "pbx2": 0}
        self._journal: Journal | None = None

    def open(self) -> None:
        """Create calls.db and the journal, still without calls."""
        self._db = CallsDb(open_writer(self.data / "calls.db"))
        self._journal = Journal(self.data / "journal")

    def fill(self) -> None:
        """Write a quarter of calls, two of them hostile."""
        calls = [self.made_up(moment) for moment in self._moments()]
        middle = (FIRST + timedelta(days=40, hours=10)).astimezone(UTC)
        calls += [
            self.made_up(middle, number=HOSTILE_NUMBER, department=HOSTILE_DEPARTMENT, extension=HOSTILE_EXTENSION)
            for _ in range(40)
        ]
        self.add(calls)

    def made_up(self, moment: datetime, **known: str | int | None) -> Call:
        """Return one made-up call that starts at ``moment``; ``known`` overrides what is made up."""
        rnd = self._random
        source = "pbx2" if rnd.random() < 0.2 else "pbx1"
        direction = rnd.choices(["incoming", "outgoing", "internal"], [45, 40, 15])[0]
        extension = f"{rnd.choice('1112223344')}{rnd.randrange(12):02}"
        outcome = rnd.choices(["answered", "unanswered", "busy", "failed"], [82, 13, 4, 1])[0]
        incoming = direction == "incoming"
        fields: dict[str, object] = {
            "source": source,
            "offset": 0,
            "format": "panasonic/kx-tda",
            "start": int(moment.timestamp()),
            "resolution_s": 60,
            "direction": direction,
            "outcome": outcome,
            "received": moment.timestamp() + 90,
            "extension": extension,
            "trunk": None if direction == "internal" else f"{rnd.randrange(1, 13):02}",
            "number": None if direction == "internal" else f"13{rnd.randrange(10**9):09}",
            "peer_extension": f"1{rnd.randrange(12):02}" if direction == "internal" else None,
            "ring_s": int(rnd.gammavariate(2, 5.5)) if incoming and source == "pbx1" else None,
            "talk_s": int(rnd.expovariate(1 / 170)) if outcome == "answered" else 0,
            "class": "internal"
            if direction == "internal"
            else rnd.choices(["local", "mobile", "domestic", "international"], [35, 50, 13, 2])[0],
            "department": DEPARTMENTS[extension[0]],
        }
        fields |= known
        fields["class_"] = fields.pop("class")
        return Call(**fields)  # type: ignore[arg-type]

    def add(self, calls: list[Call]) -> None:
        """Write ``calls``: their bytes to the journal, then legs, calls, rollups and counters in one commit."""
        assert self._db
        assert self._journal
        batch, rollup = Batch(), Rollup(ZONE, TARGET_S)
        chunks: list[tuple[str, int, bytes, bool, bool]] = []
        for call in calls:
            line = self._line(call)
            call.offset = self._ends[call.source]
            call.legs = [call.offset]
            self._ends[call.source] += len(line)
            chunks.append((call.source, 0, line, False, False))
            batch.put(call, (ReceivedLeg(call.received, _leg(call)),))
            batch.sizes[call.source, call.offset] = len(line)
            rollup.add(call)
            counters = batch.counters.setdefault(call.source, self._db.counters(call.source))
            counters.record_bytes += len(line)
            counters.legs += 1
            counters.calls += 1
            counters.last_record = call.received
        batch.rollups = rollup.sums
        batch.lanes = {(source, 0): Lane(end) for source, end in self._ends.items()}
        self._journal.append(chunks)
        self._db.write(batch)
        self.calls += calls

    def reject(self, raw: bytes, reason: str, hint: str) -> None:
        """Write a line that was not understood, a page heading, and half a line that is still to come."""
        assert self._db
        assert self._journal
        heading, half = b"Date     Time\r\n", b"01/02/26 "
        batch = Batch()
        batch.reject(
            "pbx1", Rejected(self._ends["pbx1"], "panasonic/kx-tda", reason, hint, raw.decode("latin-1")), 1.7e9
        )
        batch.quiet("pbx1", "heading", 1, len(heading))
        counters = batch.counters["pbx1"] = self._db.counters("pbx1")
        counters.rejected += 1
        counters.rejected_bytes += len(raw)
        counters.noise += 1
        counters.noise_bytes += len(heading)
        self._ends["pbx1"] += len(raw) + len(heading)
        batch.lanes["pbx1", 0] = Lane(self._ends["pbx1"])
        self._journal.append([("pbx1", 0, raw + heading + half, False, False)])
        self._ends["pbx1"] += len(half)
        self._db.write(batch)

    def spoil(self, source: str) -> None:
        """Make the counters of ``source`` wrong by one byte."""
        assert self._db
        batch = Batch()
        counters: Counters = self._db.counters(source)
        counters.noise_bytes += 1
        batch.counters[source] = counters
        self._db.write(batch)

    def close(self) -> None:
        """Close what `open` opened."""
        if self._db:
            self._db.db.close()
        if self._journal:
            self._journal.close()

    def _moments(self) -> list[datetime]:
        moments = []
        for day in range(DAYS):
            local = FIRST + timedelta(days=day)
            for hour, weight in enumerate(BY_HOUR):
                calls = round(weight * BY_WEEKDAY[local.weekday()] * self._random.uniform(0.5, 1.1))
                seconds = sorted(self._random.randrange(3600) for _ in range(calls))
                moments += [local + timedelta(hours=hour, seconds=second) for second in seconds]
        return moments

    def _line(self, call: Call) -> bytes:
        return f"{call.start} {call.extension} {call.trunk or '--'} {call.number or ''} {call.talk_s}\r\n".encode()


def _leg(call: Call) -> Leg:
    return Leg(
        offset=call.offset,
        format=call.format,
        start=call.start,
        resolution_s=call.resolution_s,
        direction=call.direction,
        outcome=call.outcome,
        extension=call.extension,
        trunk=call.trunk,
        number=call.number,
        ring_s=call.ring_s,
        talk_s=call.talk_s,
    )
