"""The thread that owns calls.db: it projects what the journal has, and does every other write in between.

It keeps no queue of bytes. It is told that something was committed and reads it back from the journal, so that
catching up after a restart and following live traffic are one path.
"""

from __future__ import annotations

import gc
import logging
import queue
import sqlite3
import threading
import time
from collections import deque
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

from collector.conversations import NOISE_LANES
from collector.faultpoints import reach
from collector.framing import Framer
from collector.gathering import framer_of
from collector.journal import JournalReader
from collector.projection import PAUSE_S, SourceProjection, stamps_of
from collector.rollups import Rollup
from collector.segments import JournalError
from collector.store.calls_db import Batch, CallsDb
from collector.store.database import is_whole, open_writer
from collector.trouble import is_damage, is_trouble
from parsers import detection, formats
from parsers.date_order import SURE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from collector.accounting.enriching import Accounting
    from collector.config import Config, Source
    from collector.store.calls_db import Counters
    from parsers.formats import Format
    from parsers.stamps import DateOrder

_log = logging.getLogger(__name__)
_Result = TypeVar("_Result")

_BATCH_BYTES = 1 << 18
_IDLE_S = 30.0
_GC_THRESHOLD = 100_000
_RETRY_S = 2.0
_DETECT_FRAMES = 60
_DETECT_LEGS = 3


class Projector(threading.Thread):
    """Projects all sources of a configuration into calls.db."""

    def __init__(
        self,
        config: Config,
        accounting: Accounting,
        committed: Callable[[], None] = lambda: None,
        path: Path | None = None,
    ) -> None:
        super().__init__(name="projector", daemon=True)
        formats.know(config.formats)
        self._config = config
        self._accounting = accounting
        self._committed = committed
        self._zone = ZoneInfo(config.site.timezone)
        self._target_s = config.site.ring_seconds * config.site.answer_within_rings
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        # A batch makes some hundred thousand objects that all go at its end: looking for cycles among them is in vain.
        gc.set_threshold(_GC_THRESHOLD)
        self._path = path or config.site.data / "calls.db"
        self._opened: CallsDb | None = None
        self._again: deque[Callable[[], None]] = deque()
        self._reader = JournalReader(config.site.data / "journal")
        self._sources: dict[str, SourceProjection] = {}
        self._undetected: set[str] = set()
        self.error: str | None = None

    def wake(self) -> None:
        """Something was committed to the journal."""
        self._jobs.put(_nothing)

    def submit(self, job: Callable[[sqlite3.Connection], _Result]) -> Future[_Result]:
        """Run ``job`` with the writing connection, on this thread, as a transaction of its own.

        What the disk refuses is tried again until it does not, so a job must be one that may come late.
        """
        future: Future[_Result] = Future()

        def run() -> None:
            if not future.running() and not future.set_running_or_notify_cancel():
                return
            try:
                with self._db.db as db:
                    db.execute("BEGIN IMMEDIATE")
                    result = job(db)
            except BaseException as error:  # noqa: BLE001  (handed to whoever waits for the result)
                if is_trouble(error):
                    self._say(error)
                    self._again.append(run)
                else:
                    future.set_exception(error)
            else:
                future.set_result(result)

        self._jobs.put(run)
        return future

    def rewrite(self, job: Callable[[sqlite3.Connection], _Result]) -> Future[_Result]:
        """`submit` a job that changes what is stored of sources: as after a restart, they are gone on with from there."""

        def changing(db: sqlite3.Connection) -> _Result:
            self._sources.clear()
            return job(db)

        return self.submit(changing)

    def account_by(self, accounting: Accounting) -> None:
        """Enrich calls by other tables from here on."""

        def change() -> None:
            self._accounting = accounting
            for projection in self._sources.values():
                projection.account_by(accounting.at(self._config.site_of(projection.source)))

        self._jobs.put(change)

    def rest(self, source: str, number: str, carrier: str | None) -> str:
        """A number dialled at a source without access code and carrier prefix, by the tables in force."""
        return self._accounting.at(self._config.site_of(source)).rest(number, carrier)

    def attend(self, config: Config) -> None:
        """Project the sources of another configuration from here on; those there were are in it."""

        def change() -> None:
            formats.know(config.formats)
            self._config = config

        self._jobs.put(change)

    def asked(self) -> Future[None]:
        """A future that is done when this thread comes to it."""
        future: Future[None] = Future()

        def answer() -> None:
            if future.set_running_or_notify_cancel():
                future.set_result(None)

        self._jobs.put(answer)
        return future

    def stop(self) -> None:
        """Project what the journal has, do the writes asked for, and end the thread."""
        self._jobs.put(None)
        self.join()

    def run(self) -> None:
        """Project, write and wait, until stopped."""
        stopping = False
        while not stopping:
            behind = self._project_safely()
            if self.error is None:
                self._do_again()
            stopping = self._do_jobs(wait=not behind)
        while self._project_safely() and self.error is None:
            pass
        self.close()

    def project_all(self) -> None:
        """Project everything the journal holds, here and now, without the thread; for imports and rebuilding."""
        while self.project_once():
            pass

    def projected(self) -> int:
        """Bytes projected so far, of all sources."""
        return sum(projection.position for projection in self._sources.values())

    def counters(self, source: str) -> Counters:
        """What ``source`` has given so far, as stored; for use without the thread."""
        return self._db.counters(source)

    def close(self) -> None:
        """Close the databases; for a projector whose thread was never started."""
        self._reader.close()
        self._let_go()

    @property
    def _db(self) -> CallsDb:
        """calls.db: opened, made or brought up to date when it is first needed, and after it failed."""
        if self._opened is None:
            self._opened = CallsDb(open_writer(self._path))
        return self._opened

    def _let_go(self) -> None:
        """Close calls.db, to open it anew: what it was opened as may be what fails."""
        if self._opened is not None:
            self._opened.db.close()
            self._opened = None
        self._sources.clear()

    def _do_again(self) -> None:
        """Do the jobs that the disk has refused."""
        for _ in range(len(self._again)):
            self._again.popleft()()

    def _do_jobs(self, *, wait: bool) -> bool:
        """Do the jobs that wait, or wait for one; True when the last was the order to stop."""
        try:
            job = self._jobs.get(timeout=self._patience()) if wait else self._jobs.get_nowait()
            while True:
                if job is None:
                    return True
                job()
                job = self._jobs.get_nowait()
        except queue.Empty:
            return False

    def _patience(self) -> float:
        """Seconds to wait for something to do before looking whether anything has waited too long."""
        if self._again:
            return _RETRY_S
        return PAUSE_S if any(projection.waits for projection in self._sources.values()) else _IDLE_S

    def _project_safely(self) -> bool:
        """Project one batch; True when more is waiting, or when it failed and is to be tried again."""
        try:
            more = self.project_once()
            if not more:
                self.close_stale()
        except Exception as error:  # noqa: BLE001  (whatever is wrong here, collection goes on and this is tried again)
            self._say(error)
            self._let_go()
            time.sleep(_RETRY_S)
            return True
        if self.error is not None:
            _log.info("calls.db is written again.")
            self.error = None
        return more

    def _say(self, error: BaseException) -> None:
        """Say once what is wrong, and what to do."""
        if self.error is None:
            if isinstance(error, JournalError):
                _log.error("%s; records wait in the journal until then.", error)
            elif is_damage(error) or (not isinstance(error, sqlite3.Error) and not is_whole(self._path)):
                _log.error(
                    "calls.db is damaged (%s). Collecting goes on, and records wait in the journal: stop the collector "
                    "when you can, run `smdr reparse`, which makes calls.db anew, and start it again.",
                    error,
                )
            elif isinstance(error, sqlite3.Error):
                _log.error("calls.db cannot be written (%s); records wait in the journal until it can.", error)
            else:
                _log.error(
                    "A fault of the collector keeps records waiting in the journal; please report it.", exc_info=error
                )
        self.error = str(error)

    def project_once(self) -> bool:
        """Project up to one batch of every source in one transaction; True when more is waiting."""
        batch, rollup = Batch(), Rollup(self._zone, self._target_s)
        more = False
        now = time.time()  # before the journal is read: what comes in meanwhile came in later
        for source in self._config.sources:
            projection = self._sources.get(source.name) or self._begin(source)
            if projection is None:
                continue
            if self._take(projection, batch, rollup):
                more = True
            else:
                projection.pause(now, batch, rollup)
        if batch.counters:
            batch.rollups = rollup.sums
            reach("parsed")
            self._db.write(batch)
            self._committed()
        return more

    def _take(self, projection: SourceProjection, batch: Batch, rollup: Rollup) -> bool:
        taken = 0
        for chunk in self._reader.chunks(projection.source, projection.position):
            if taken >= _BATCH_BYTES:
                return True
            if chunk.offset > projection.position > 0:
                raise JournalError(
                    f"The journal lacks bytes {projection.position:,} to {chunk.offset:,} of {projection.source}. "
                    "Stop the collector and run `smdr repair`"
                )
            taken += len(chunk.data)
            if projection.wants(chunk):
                projection.take(chunk, batch, rollup)
        return False

    def _begin(self, source: Source) -> SourceProjection | None:
        """The projection of a source; None while its format, or whether day or month comes first, cannot be told yet."""
        counters = self._db.counters(source.name)
        name = source.format
        if name == "auto":
            found = counters.format or self._detect(source.name)
            if found is None:
                return None
            name = found
        if not counters.legs and source.date_order is None and formats.get(name).order != "ymd":
            if not any(True for _ in self._reader.chunks(source.name, 0)):
                return None
            counters.date_order = self._dates(source, formats.get(name), counters)
        projection = SourceProjection(
            source,
            name,
            self._config.of(source.name).site.timezone,
            self._accounting.at(self._config.site_of(source.name)),
            self._db,
            counters,
        )
        self._sources[source.name] = projection
        return projection

    def _detect(self, source: str) -> str | None:
        """The format of the first lines of ``source``: as soon as only one fits, or the best of those that fit enough."""
        framer, frames = Framer(0), []
        for chunk in self._reader.chunks(source, 0):
            if chunk.lane not in NOISE_LANES:
                frames += framer.feed(chunk.offset, chunk.data)
                frames += framer.finish() if chunk.ended else []
            if len(frames) >= _DETECT_FRAMES:
                break
        lines = [frame.data for frame in frames]
        ranked = detection.rank(lines, rest=b"".join(frame.data for frame in framer.finish()))
        best = ranked[0] if ranked else None
        enough = len(detection.telling_of(lines)) == detection.MOST_LINES
        rivals = [other.name for other in ranked[1:] if other.score == ranked[0].score]
        if best and best.legs >= _DETECT_LEGS and (enough or not rivals):
            also = f" ({', '.join(rivals)} would fit as well; set `format` to choose)" if rivals else ""
            _log.info("Source %s prints %s%s: from here on it is read as that.", source, best.name, also)
            return best.name
        if enough and source not in self._undetected:
            self._undetected.add(source)
            _log.warning("Source %s: no known format fits its first lines; set `format`, see `smdr formats`.", source)
        return None

    def _dates(self, source: Source, declared: Format, counters: Counters) -> DateOrder | None:
        """Whether the first dates of ``source`` have the day or the month first, where they are sure of it."""
        stamps = stamps_of(source, self._config.of(source.name).site.timezone, declared, counters)
        decode, framer = declared.decoder(stamps), framer_of(declared)
        for chunk in self._reader.chunks(source.name, 0):
            if chunk.lane not in NOISE_LANES:
                for frame in framer.feed(chunk.offset, chunk.data):
                    decode(frame.data, frame.offset, chunk.received)
            if chunk.offset >= _BATCH_BYTES:
                break
        told = stamps.dates.told
        return told.order if told and told.certainty >= SURE else None

    def close_stale(self) -> None:
        """Let outputs have the calls whose further legs did not come in time."""
        now = time.time()
        calls = self._db.stale({name: now - projection.open_s for name, projection in self._sources.items()})
        if calls:
            self._db.close(calls)
            for name, projection in self._sources.items():
                projection.close({call.offset for call in calls if call.source == name})
            self._committed()


def _nothing() -> Any:
    """Wake the thread and do nothing else."""
