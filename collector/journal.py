"""The journal: every byte received, durable before anyone interprets it.

Invariants. A source's stream is the concatenation of its chunks in order of `offset`; offsets never repeat and leave
no gap. A chunk is on disk (WAL, ``synchronous=FULL``) before a reader can see it. Chunks are only ever added; each has
a checksum over all it says. One file per month, ``journal/YYYY-MM.db``; a later file never holds an earlier byte of the
same source, even when the clock steps back. One thread of one process writes; readers open the files read-only.

Each file begins with an empty chunk of every source, where its stream stood then: to go on, the newest file is enough.
A file that is found damaged while it is written to is left as it is, and ``YYYY-MM_2.db`` begun; ``smdr repair`` recovers
what it holds, and puts a chunk on lane `LOST` in the place of what is gone.

Simultaneous connections of one source are *lanes*: their bytes lie between each other in the stream, each chunk says
whose it is; negative lanes carry the dialogue around records (`collector.conversations`). A chunk that is the first
after a (re)connection says so, and an empty chunk with `ended` says that a file or standard input was read to its end.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
import zlib
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from collector.faultpoints import reach
from collector.trouble import is_damage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

_log = logging.getLogger(__name__)

_SCHEMA = """
CREATE TABLE chunks (
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    offset INTEGER NOT NULL,
    lane INTEGER NOT NULL,
    opened INTEGER NOT NULL,
    ended INTEGER NOT NULL,
    received REAL NOT NULL,
    data BLOB NOT NULL,
    checksum INTEGER                      -- `checksum` of the other columns; null in files begun before there was one
);
CREATE INDEX chunks_stream ON chunks (source, offset);
CREATE TABLE imports (      -- capture files taken in: importing one again adds nothing
    source TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    bytes INTEGER NOT NULL,               -- taken so far: an interrupted import goes on from here
    complete INTEGER NOT NULL,
    at REAL NOT NULL,
    PRIMARY KEY (source, sha256)
) WITHOUT ROWID;
CREATE TABLE followed (     -- the file a source follows, as it was when its last chunk was written
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

_BEGINS_WITH_STANDS = 1
"""``user_version`` of files that begin with where every source stands."""
_RETRY_S = 1.0


class JournalError(sqlite3.DatabaseError):
    """A file of the journal cannot be read or written; the text is a sentence that names it."""


class Chunk(NamedTuple):
    """Bytes as they came in at one moment, on one lane of a source."""

    source: str
    offset: int
    lane: int
    opened: bool
    ended: bool
    received: float
    data: bytes

    @property
    def checksum(self) -> int:
        """CRC-32 of everything the chunk says."""
        said = f"{self.source} {self.offset} {self.lane} {self.opened:d}{self.ended:d} {float(self.received)!r}"
        return zlib.crc32(self.data, zlib.crc32(said.encode()))


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
    return sorted([*folder.glob("????-??.db"), *folder.glob("????-??_?.db")])


class Journal:
    """The writing side. Not thread-safe: one thread appends and commits."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder = folder
        self._clock = clock
        self._segment: Path | None = None
        self._db: sqlite3.Connection | None = None
        self._spoiled: Path | None = None
        self.ends = stream_ends(folder)

    def append(self, chunks: list[tuple[str, int, bytes, bool, bool]], *taken: Import | Followed) -> None:
        """Write (source, lane, data, opened, ended) chunks in one durable transaction, with progress in files.

        Raises `sqlite3.Error` when the disk refuses; nothing of the batch is stored then and it may be tried again, after
        damage into a new file.
        """
        now = self._clock()
        ends = dict(self.ends)
        rows = []
        for source, lane, data, opened, ended in chunks:
            offset = ends.get(source, 0)
            rows.append(Chunk(source, offset, lane, opened, ended, now, data))
            ends[source] = offset + len(data)
        try:
            self._write(self._database(now), rows, taken, now)
        except sqlite3.Error as error:
            self.close()
            if self._segment and is_damage(error):
                self._spoiled = self._segment
                raise JournalError(_sentence(self._segment, error)) from error
            raise
        self.ends = ends
        reach("journal-written")

    def imported(self, source: str, sha256: str) -> Import | None:
        """What is known of an import of this file into ``source``, from any month."""
        for path in reversed(segments(self.folder)):
            for _, known, taken, complete, _ in _rows(path, "imports", source):
                if known == sha256:
                    return Import(source, sha256, taken, bool(complete))
        return None

    def imports(self, source: str) -> dict[str, int]:
        """Every file taken into ``source``, finished or not: its SHA-256 and the bytes taken of it."""
        known: dict[str, int] = {}
        for path in segments(self.folder):
            known |= {sha256: taken for _, sha256, taken, *_ in _rows(path, "imports", source)}
        return known

    def followed(self, source: str) -> Followed | None:
        """How far ``source`` has followed its file; None before its first byte."""
        for path in reversed(segments(self.folder)):
            for row in _rows(path, "followed", source):
                return Followed(*row)
        return None

    def recent(self, source: str, size: int) -> list[Chunk]:
        """The last chunks of ``source``: those that hold its last ``size`` bytes, in stream order."""
        reader = JournalReader(self.folder)
        try:
            found = reader.chunks(source, max(0, self.ends.get(source, 0) - size))
            return [chunk for chunk in found if chunk.data]
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
        if segment == self._spoiled:
            segment = _beside(segment)
        if self._db is None or segment != self._segment:
            self.close()
            self._segment = segment
            self._db = create_segment(segment)
            if not _has(self._db, "chunks"):
                begin_segment(self._db, self.ends, now)
            elif not _has_checksums(self._db):
                self._db.execute("ALTER TABLE chunks ADD COLUMN checksum INTEGER")
            reach("segment-opened")
        return self._db

    @staticmethod
    def _write(db: sqlite3.Connection, chunks: list[Chunk], taken: tuple[Import | Followed, ...], now: float) -> None:
        with db:
            db.execute("BEGIN IMMEDIATE")
            insert_chunks(db, chunks)
            for progress in taken:
                if isinstance(progress, Import):
                    db.execute("INSERT OR REPLACE INTO imports VALUES (?,?,?,?,?)", (*progress, now))
                else:
                    db.execute("INSERT OR REPLACE INTO followed VALUES (?,?,?)", progress)
            reach("journal-writing")


def create_segment(path: Path) -> sqlite3.Connection:
    """The connection that writes a file of the journal; the file is made where there is none, still without tables."""
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    path.chmod(0o600)
    reach("segment-created")
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    return db


def begin_segment(db: sqlite3.Connection, ends: dict[str, int], now: float) -> None:
    """Make the tables of a new file, which begins with where each source stands."""
    with db:
        db.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version = {_BEGINS_WITH_STANDS};")
        insert_chunks(
            db,
            (Chunk(source, end, 0, opened=False, ended=False, received=now, data=b"") for source, end in ends.items()),
        )


def insert_chunks(db: sqlite3.Connection, chunks: Iterable[Chunk]) -> None:
    """Add chunks to an open file, in the transaction that it is in."""
    db.executemany(
        "INSERT INTO chunks (source, offset, lane, opened, ended, received, data, checksum) VALUES (?,?,?,?,?,?,?,?)",
        ((*chunk, chunk.checksum) for chunk in chunks),
    )


def open_segment(path: Path) -> sqlite3.Connection:
    """A read-only connection to one file of the journal."""
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True, check_same_thread=False, timeout=10)


def stream_ends(folder: Path) -> dict[str, int]:
    """Bytes journaled so far, per source. Raises `JournalError` where that cannot be told."""
    ends: dict[str, int] = {}
    for path in reversed(segments(folder)):
        with _reading(path) as db:
            if not _has(db, "chunks"):
                continue
            ends = dict(db.execute(_ENDS)) | ends
            if db.execute("PRAGMA user_version").fetchone()[0] >= _BEGINS_WITH_STANDS:
                break
    return ends


def extents(folder: Path, source: str, position: int) -> Iterator[tuple[int, int, int]]:
    """(offset, lane, length) of the chunks of a source from the one that holds byte ``position`` on, in stream order."""
    for path in segments(folder):
        with _reading(path) as db:
            if _has(db, "chunks"):
                yield from db.execute(
                    "SELECT offset, lane, length(data) FROM chunks WHERE source = :source AND offset >= coalesce("
                    "(SELECT max(offset) FROM chunks WHERE source = :source AND offset <= :position), 0) ORDER BY offset, id",
                    {"source": source, "position": position},
                )


def _rows(path: Path, table: str, source: str) -> list[tuple[Any, ...]]:
    with _reading(path) as db:
        return db.execute(f"SELECT * FROM {table} WHERE source = ?", (source,)).fetchall() if _has(db, table) else []


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection to one file; what cannot be read of it is told with its name."""
    try:
        with closing(open_segment(path)) as db:
            yield db
    except sqlite3.DatabaseError as error:
        raise JournalError(_sentence(path, error)) from error


def _sentence(path: Path, error: sqlite3.Error) -> str:
    if is_damage(error):
        return f"{path} is damaged ({error}). Stop the collector and run `smdr repair`"
    return f"{path} cannot be read ({error})"


def _beside(path: Path) -> Path:
    """The file after ``path`` in the same month."""
    month, _, number = path.stem.partition("_")
    return path.with_name(f"{month}_{int(number or 1) + 1}.db")


def _has(db: sqlite3.Connection, table: str) -> bool:
    """Whether a file has this table: older ones lack some, and a new one has none in its first instant."""
    try:
        return bool(db.execute("SELECT count(*) FROM sqlite_master WHERE name = ?", (table,)).fetchone()[0])
    except sqlite3.OperationalError as error:
        if error.sqlite_errorname == "SQLITE_READONLY_ROLLBACK":  # its making was interrupted; its writer begins again
            return False
        raise


def _has_checksums(db: sqlite3.Connection) -> bool:
    return bool(db.execute("SELECT count(*) FROM pragma_table_info('chunks') WHERE name = 'checksum'").fetchone()[0])


class JournalReader:
    """The reading side: chunks of a source from a position on, across months."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: dict[Path, tuple[sqlite3.Connection, str]] = {}
        self._over: dict[tuple[Path, str], int] = {}
        """where sources ended in months that are over"""

    def chunks(self, source: str, position: int) -> Iterator[Chunk]:
        """Chunks from the one that holds byte ``position`` on, in stream order; an end of input at ``position`` too.

        Raises `JournalError` where a file cannot be read, or a chunk is not what was written.
        """
        files = segments(self._folder)
        for path in files:
            try:
                yield from self._of_segment(path, source, position, is_over=path != files[-1])
            except JournalError:
                raise
            except sqlite3.DatabaseError as error:
                raise JournalError(_sentence(path, error)) from error

    def _of_segment(self, path: Path, source: str, position: int, *, is_over: bool) -> Iterator[Chunk]:
        opened = self._segment(path)
        if opened is None or (is_over and self._end(path, opened[0], source) < position):
            return
        db, checksum = opened
        rows = db.execute(
            f"SELECT source, offset, lane, opened, ended, received, data, {checksum} FROM chunks WHERE source = ?1 AND "
            "offset >= coalesce((SELECT max(offset) FROM chunks WHERE source = ?1 AND offset <= ?2), 0) "
            "ORDER BY offset, id",
            (source, position),
        )
        for name, offset, lane, opened_, ended, received, data, written in rows:
            if offset < position and offset + len(data) <= position:
                continue
            chunk = Chunk(name, offset, lane, bool(opened_), bool(ended), received, data)
            if written is not None and written != chunk.checksum:
                raise JournalError(
                    f"{path} is damaged (a chunk of {source} at byte {offset:,} is not what was written). "
                    "Stop the collector and run `smdr repair`"
                )
            yield chunk

    def close(self) -> None:
        """Close every file."""
        for db, _ in self._open.values():
            db.close()
        self._open.clear()

    def _segment(self, path: Path) -> tuple[sqlite3.Connection, str] | None:
        """A file, and where its checksums are; None while it has no tables: nothing was committed to it."""
        known = self._open.get(path)
        if known is None:
            db = open_segment(path)
            if not _has(db, "chunks"):
                db.close()
                return None
            known = self._open[path] = db, "checksum" if _has_checksums(db) else "NULL"
        return known

    def _end(self, path: Path, db: sqlite3.Connection, source: str) -> int:
        """Where ``source`` ended in a month that is over; -1 where it has nothing there."""
        end = self._over.get((path, source))
        if end is None:
            found = db.execute(f"SELECT {_END}", {"source": source}).fetchone()[0]
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
            self._failed(error)
            return False
        if self.error is not None:
            _log.info("The journal is written again.")
            self.error = None
        return True

    def _failed(self, error: Exception) -> None:
        """Say it once, and wait before the next attempt, whatever comes in meanwhile."""
        if isinstance(error, JournalError) and str(error) != self.error:
            _log.error("%s; received bytes are kept in a file beside it.", error)
        elif self.error is None:
            _log.error("The journal cannot be written (%s); received bytes wait in memory until it can.", error)
        self.error = str(error)
        next_attempt = time.monotonic() + _RETRY_S
        with self._condition:
            while not self._stopping and (left := next_attempt - time.monotonic()) > 0:
                self._condition.wait(left)
