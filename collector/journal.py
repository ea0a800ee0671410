"""The journal: every byte received, durable before anyone interprets it.

Invariants. A source's stream is the concatenation of its chunks in order of `offset`; offsets never repeat and leave
no gap. A chunk is on disk (WAL, ``synchronous=FULL``) before a reader can see it. Chunks are only ever added. One
file per month, ``journal/YYYY-MM.db``; a later file never holds an earlier byte of the same source, even when the
clock steps back. One thread of one process writes; readers open the files read-only.

Simultaneous connections of one source are *lanes*: their bytes lie between each other in the stream, each chunk says
whose it is; negative lanes carry the dialogue around records (`collector.conversations`). A chunk that is the first
after a (re)connection says so, and an empty chunk with `ended` says that a file or standard input was read to its end.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from collector.faultpoints import reach

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_log = logging.getLogger(__name__)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS chunks (
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    offset INTEGER NOT NULL,
    lane INTEGER NOT NULL,
    opened INTEGER NOT NULL,
    ended INTEGER NOT NULL,
    received REAL NOT NULL,
    data BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS chunks_stream ON chunks (source, offset);
CREATE TABLE IF NOT EXISTS imports (      -- capture files taken in: importing one again adds nothing
    source TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    bytes INTEGER NOT NULL,               -- taken so far: an interrupted import goes on from here
    complete INTEGER NOT NULL,
    at REAL NOT NULL,
    PRIMARY KEY (source, sha256)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS followed (     -- the file a source follows, as it was when its last chunk was written
    source TEXT PRIMARY KEY,
    position INTEGER NOT NULL,            -- bytes of that file taken
    tail BLOB NOT NULL                    -- the last of them: by these it is known again
) WITHOUT ROWID;
"""

_ENDS = """
WITH RECURSIVE names (source) AS (    -- one look into the index per source, however many chunks there are
    SELECT min(source) FROM chunks
    UNION ALL SELECT (SELECT min(source) FROM chunks WHERE source > names.source) FROM names WHERE source IS NOT NULL
)
SELECT source, (
    SELECT offset + length(data) FROM chunks WHERE chunks.source = names.source ORDER BY offset DESC, id DESC LIMIT 1
) FROM names WHERE source IS NOT NULL
"""
_END = "(SELECT offset + length(data) FROM chunks WHERE source = :source ORDER BY offset DESC, id DESC LIMIT 1)"

_RETRY_S = 1.0


class Chunk(NamedTuple):
    """Bytes as they came in at one moment, on one lane of a source."""

    source: str
    offset: int
    lane: int
    opened: bool
    ended: bool
    received: float
    data: bytes


class Import(NamedTuple):
    """How much of a capture file, named by its SHA-256, a source has taken."""

    source: str
    sha256: str
    taken: int
    complete: bool


class Followed(NamedTuple):
    """How far a source has followed its file: bytes taken of it, and the last of them."""

    source: str
    position: int
    tail: bytes


def segments(folder: Path) -> list[Path]:
    """The journal's files, oldest first."""
    return sorted(folder.glob("????-??.db"))


class Journal:
    """The writing side. Not thread-safe: one thread appends and commits."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder = folder
        self._clock = clock
        self._segment: Path | None = None
        self._db: sqlite3.Connection | None = None
        self.ends = stream_ends(folder)

    def append(self, chunks: list[tuple[str, int, bytes, bool, bool]], *taken: Import | Followed) -> None:
        """Write (source, lane, data, opened, ended) chunks in one durable transaction, with progress in files.

        Raises `sqlite3.Error` when the disk refuses; nothing of the batch is stored then and it may be tried again.
        """
        now = self._clock()
        db = self._database(now)
        ends = dict(self.ends)
        rows = []
        for source, lane, data, opened, ended in chunks:
            offset = ends.get(source, 0)
            rows.append((source, offset, lane, opened, ended, now, data))
            ends[source] = offset + len(data)
        with db:
            db.execute("BEGIN IMMEDIATE")
            db.executemany(
                "INSERT INTO chunks (source, offset, lane, opened, ended, received, data) VALUES (?,?,?,?,?,?,?)", rows
            )
            for progress in taken:
                if isinstance(progress, Import):
                    db.execute("INSERT OR REPLACE INTO imports VALUES (?,?,?,?,?)", (*progress, now))
                else:
                    db.execute("INSERT OR REPLACE INTO followed VALUES (?,?,?)", progress)
            reach("journal-writing")
        self.ends = ends
        reach("journal-written")

    def imported(self, source: str, sha256: str) -> Import | None:
        """What is known of an import of this file into ``source``, from any month."""
        for path in reversed(segments(self.folder)):
            db = open_segment(path)
            found = db.execute(
                "SELECT source, sha256, bytes, complete FROM imports WHERE source = ? AND sha256 = ?", (source, sha256)
            ).fetchone()
            db.close()
            if found:
                return Import(found[0], found[1], found[2], bool(found[3]))
        return None

    def imports(self, source: str) -> dict[str, int]:
        """Every file taken into ``source``, finished or not: its SHA-256 and the bytes taken of it."""
        known: dict[str, int] = {}
        for path in segments(self.folder):
            known |= dict(_rows(path, "SELECT sha256, bytes FROM imports WHERE source = ?", source))
        return known

    def followed(self, source: str) -> Followed | None:
        """How far ``source`` has followed its file; None before its first byte."""
        for path in reversed(segments(self.folder)):
            for row in _rows(path, "SELECT source, position, tail FROM followed WHERE source = ?", source):
                return Followed(*row)
        return None

    def recent(self, source: str, size: int) -> list[Chunk]:
        """The last chunks of ``source``: those that hold its last ``size`` bytes, in stream order."""
        reader = JournalReader(self.folder)
        try:
            return list(reader.chunks(source, max(0, self.ends.get(source, 0) - size)))
        finally:
            reader.close()

    def close(self) -> None:
        """Close the file; what was appended is on disk already."""
        if self._db:
            self._db.close()
            self._db = None

    def _database(self, now: float) -> sqlite3.Connection:
        month = self.folder / f"{datetime.fromtimestamp(now, UTC):%Y-%m}.db"
        newest = segments(self.folder)[-1:]
        segment = max([month, *newest])
        if self._db is None or segment != self._segment:
            self.close()
            self._db = sqlite3.connect(segment, isolation_level=None, check_same_thread=False)
            segment.chmod(0o600)
            reach("segment-created")
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.executescript(_SCHEMA)
            reach("segment-opened")
            self._segment = segment
        return self._db


def open_segment(path: Path) -> sqlite3.Connection:
    """A read-only connection to one file of the journal."""
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True, check_same_thread=False, timeout=10)


def _rows(path: Path, query: str, source: str) -> list[tuple[Any, ...]]:
    db = open_segment(path)
    try:
        return db.execute(query, (source,)).fetchall()
    except sqlite3.OperationalError:  # a month that has no such table
        return []
    finally:
        db.close()


def stream_ends(folder: Path) -> dict[str, int]:
    """Bytes journaled so far, per source."""
    ends: dict[str, int] = {}
    for path in segments(folder):
        db = open_segment(path)
        try:
            found = db.execute(_ENDS).fetchall()
        except sqlite3.OperationalError:  # a file without its tables yet: created this instant
            found = []
        db.close()
        ends.update({source: max(end, ends.get(source, 0)) for source, end in found})
    return ends


class JournalReader:
    """The reading side: chunks of a source from a position on, across months."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: dict[Path, sqlite3.Connection] = {}
        self._over: dict[tuple[Path, str], int] = {}
        """where sources ended in months that are over"""

    def chunks(self, source: str, position: int) -> Iterator[Chunk]:
        """Chunks from the one that holds byte ``position`` on, in stream order; an end of input at ``position`` too."""
        files = segments(self._folder)
        for path in files:
            try:
                if path != files[-1] and self._end(path, source) < position:
                    continue
                rows = self._segment(path).execute(
                    "SELECT source, offset, lane, opened, ended, received, data FROM chunks WHERE source = ?1 AND offset >= "
                    "coalesce((SELECT max(offset) FROM chunks WHERE source = ?1 AND offset <= ?2), 0) ORDER BY offset, id",
                    (source, position),
                )
            except sqlite3.OperationalError:  # a file without its tables yet: nothing was committed to it
                continue
            for row in rows:
                if row[1] < position and row[1] + len(row[6]) <= position:
                    continue
                yield Chunk(row[0], row[1], row[2], bool(row[3]), bool(row[4]), row[5], row[6])

    def close(self) -> None:
        """Close every file."""
        for db in self._open.values():
            db.close()
        self._open.clear()

    def _segment(self, path: Path) -> sqlite3.Connection:
        db = self._open.get(path)
        if db is None:
            db = self._open[path] = open_segment(path)
        return db

    def _end(self, path: Path, source: str) -> int:
        """Where ``source`` ended in a month that is over; -1 where it has nothing there."""
        end = self._over.get((path, source))
        if end is None:
            found = self._segment(path).execute(f"SELECT {_END}", {"source": source}).fetchone()[0]
            end = self._over[path, source] = -1 if found is None else found
        return end


CHUNK_COST = 160
"""Bytes of memory that a waiting chunk takes beside its data."""


class JournalThread(threading.Thread):
    """Takes chunks from the event loop and commits them in groups; never gives up on a full disk.

    ``limit``: bytes of memory that may wait, in many small chunks as in few large ones.
    """

    def __init__(self, journal: Journal, committed: Callable[[], None], limit: int = 8 << 20) -> None:
        super().__init__(name="journal", daemon=True)
        self.journal = journal
        self.error: str | None = None
        self.rounds = 0
        """grows with every attempt to commit"""
        self._committed = committed
        self._limit = limit
        self._waiting: list[tuple[str, int, bytes, bool, bool]] = []
        self._taken: list[Import | Followed] = []
        self._held = 0
        self._put = self._kept = 0
        self._when_kept: list[tuple[int, Callable[[], None]]] = []
        self._condition = threading.Condition()
        self._stopping = False
        self._room: list[Callable[[], None]] = []

    def put(
        self,
        source: str,
        lane: int,
        data: bytes,
        *,
        opened: bool,
        ended: bool,
        taken: Import | Followed | None = None,
    ) -> bool:
        """Queue one chunk, and the progress in a file that becomes true with it.

        False when the queue is full and the caller should wait for `when_room`.
        """
        with self._condition:
            self._waiting.append((source, lane, data, opened, ended))
            if taken:
                self._taken.append(taken)
            self._held += len(data) + CHUNK_COST
            self._put += 1
            self._condition.notify_all()
            return self._held < self._limit

    def when_room(self, call: Callable[[], None]) -> None:
        """Call ``call`` once, from this thread, as soon as the queue has room."""
        with self._condition:
            if self._held >= self._limit:
                self._room.append(call)
                return
        call()

    def when_kept(self, call: Callable[[], None]) -> None:
        """Call ``call`` once, from this thread, as soon as everything queued by now is on disk."""
        with self._condition:
            if self._kept < self._put:
                self._when_kept.append((self._put, call))
                return
        call()

    @property
    def is_busy(self) -> bool:
        """Whether chunks wait to be committed."""
        with self._condition:
            return bool(self._waiting)

    def position(self, source: str) -> int:
        """Bytes of ``source`` journaled or queued."""
        with self._condition:
            queued = sum(len(chunk[2]) for chunk in self._waiting if chunk[0] == source)
            return self.journal.ends.get(source, 0) + queued

    def stop(self) -> None:
        """Commit what is queued and end the thread."""
        with self._condition:
            self._stopping = True
            self._condition.notify_all()
        self.join()

    def run(self) -> None:
        """Commit whatever has gathered, as one transaction, again and again."""
        while True:
            with self._condition:
                while not self._waiting and not self._stopping:
                    self._condition.wait()
                batch, taken, held = list(self._waiting), list(self._taken), self._held
                if not batch:
                    self.journal.close()
                    return
            if not self._commit(batch, taken):
                if self._stopping:
                    lost = sum(len(chunk[2]) for chunk in batch)
                    _log.error("Stopped with %d received bytes that could not be written.", lost)
                    return
            else:
                with self._condition:
                    del self._waiting[: len(batch)]
                    del self._taken[: len(taken)]
                    self._held -= held
                    self._kept += len(batch)
                    due = [call for number, call in self._when_kept if number <= self._kept]
                    self._when_kept = [waiting for waiting in self._when_kept if waiting[0] > self._kept]
                    room, self._room = self._room, []
                for call in (*due, *room):
                    call()
                self._committed()

    def _commit(self, batch: list[tuple[str, int, bytes, bool, bool]], taken: list[Import | Followed]) -> bool:
        self.rounds += 1
        try:
            self.journal.append(batch, *taken)
        except (sqlite3.Error, OSError) as error:
            if self.error is None:
                _log.error("The journal cannot be written (%s); received bytes wait in memory until it can.", error)
            self.error = str(error)
            with self._condition:
                if not self._stopping:
                    self._condition.wait(_RETRY_S)
            return False
        if self.error is not None:
            _log.info("The journal is written again.")
            self.error = None
        return True
