"""The journal: every byte received, durable before anyone interprets it.

Invariants. A source's stream is the concatenation of its chunks in order of `offset`; offsets never repeat and leave
no gap. A chunk is on disk (WAL, ``synchronous=FULL``) before a reader can see it. Chunks are only ever added; each has
a checksum over all it says. One file per month, ``journal/YYYY-MM.db``; a later file never holds an earlier byte of the
same source, even when the clock steps back. One thread of one process writes; readers open the files read-only.

Each file begins with an empty chunk of every source, where its stream stood then: to go on, the newest file is enough.
A file to which writes were dropped is marked, ``YYYY-MM.db.doubtful``, and ``YYYY-MM_2.db`` begun, by the same process
or the next. It may go on to show what was written last and never confirmed; the same chunks then stand in the new file,
and readers pass over what they had. One that is found damaged while it is written to is left as it is, and a new one
begun, too; ``smdr repair`` recovers what it holds, and puts a chunk on lane `LOST` in the place of what is gone.

Simultaneous connections of one source are *lanes*: their bytes lie between each other in the stream, each chunk says
whose it is; negative lanes carry the dialogue around records (`collector.conversations`). A chunk that is the first
after a (re)connection says so, and an empty chunk with `ended` says that a file or standard input was read to its end.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from collector.faultpoints import reach
from collector.segments import (
    BEGINS_WITH_STANDS,
    Chunk,
    Followed,
    Import,
    JournalError,
    begin_segment,
    beside,
    create_segment,
    finish_repairs,
    forget_doubt,
    forget_unsynced,
    has,
    has_checksums,
    insert_chunks,
    is_doubtful,
    mark_doubtful,
    named,
    open_segment,
    order_of,
    reading,
    segments,
    sentence,
    try_out,
)
from collector.trouble import has_dropped_writes, is_damage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

_log = logging.getLogger(__name__)

_ENDS = """
WITH RECURSIVE names (source) AS (    -- one look into the index per source, however many chunks there are
    SELECT min(source) FROM chunks
    UNION ALL SELECT (SELECT min(source) FROM chunks WHERE source > names.source) FROM names WHERE source IS NOT NULL
)
SELECT source, (
    SELECT offset + length(data) FROM chunks WHERE chunks.source = names.source ORDER BY offset DESC, id DESC LIMIT 1
) FROM names WHERE source IS NOT NULL
"""

Arrived = tuple[str, int, bytes, bool, bool] | tuple[str, int, bytes, bool, bool, float]
"""Source, lane, data, opened, ended; and when it was received, POSIX seconds, where that is not now."""


class Journal:
    """The writing side. Not thread-safe: one thread appends and commits."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder = folder
        self._clock = clock
        self._segment: Path | None = None
        self._db: sqlite3.Connection | None = None
        self._spoiled: Path | None = None
        self._left: Path | None = None
        finish_repairs(folder)
        self._doubtful = next(filter(is_doubtful, segments(folder)[-1:]), None)
        if self._doubtful is not None:
            forget_unsynced(self._doubtful)
        self.ends = stream_ends(folder)

    def append(self, chunks: Sequence[Arrived], *taken: Import | Followed) -> None:
        """Write chunks in one durable transaction, with progress in files.

        Raises `sqlite3.Error` or OSError when the disk refuses; nothing of the batch is stored then and it may be tried
        again, after damage, or once writes were dropped, into a new file.
        """
        if self._doubtful is not None:
            try_out(self.folder, sum(len(chunk[2]) for chunk in chunks))
            self._spoiled = self._left = self._doubtful
            self._doubtful = None
        now = self._clock()
        ends = dict(self.ends)
        rows = []
        for source, lane, data, opened, ended, *before in chunks:
            offset = ends.get(source, 0)
            rows.append(Chunk(source, offset, lane, opened, ended, before[0] if before else now, data))
            ends[source] = offset + len(data)
        try:
            self._write(self._database(now), rows, taken, now)
        except sqlite3.Error as error:
            self.close()
            if self._segment and has_dropped_writes(error):
                self._doubt(self._segment)
            if self._segment and is_damage(error):
                self._spoiled = self._segment
                raise JournalError(sentence(self._segment, error)) from error
            raise
        self.ends = ends
        reach("journal-written")
        if self._left is not None:
            forget_doubt(self._left)
            self._left = None

    def _doubt(self, segment: Path) -> None:
        """Go on in a new file once the disk keeps what it is given: this process, or the next one."""
        self._doubtful = segment
        try:
            mark_doubtful(segment)
        except OSError as error:
            _log.error("%s cannot be marked as doubtful (%s): do not kill the collector now.", segment, error)

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
        segment = max([month, *newest], key=order_of)
        if segment == self._spoiled:
            segment = beside(segment)
        if self._db is None or segment != self._segment:
            self.close()
            self._segment = segment
            self._db = create_segment(segment)
            if not has(self._db, "chunks"):
                begin_segment(self._db, self.ends, now)
            elif not has_checksums(self._db):
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


def stream_ends(folder: Path) -> dict[str, int]:
    """Bytes journaled so far, per source. Raises `JournalError` where that cannot be told."""
    ends: dict[str, int] = {}
    for path in reversed(segments(folder)):
        with reading(path) as db:
            if not has(db, "chunks"):
                continue
            ends = dict(db.execute(_ENDS)) | ends
            if db.execute("PRAGMA user_version").fetchone()[0] >= BEGINS_WITH_STANDS:
                break
    return ends


def extents(folder: Path, source: str, position: int) -> Iterator[tuple[int, int, int]]:
    """(offset, lane, length) of the chunks of a source from the one that holds byte ``position`` on, in stream order."""
    reached = 0
    for path in segments(folder):
        with reading(path) as db:
            if has(db, "chunks"):
                found = db.execute(
                    "SELECT offset, lane, length(data) FROM chunks WHERE source = :source AND offset >= coalesce("
                    "(SELECT max(offset) FROM chunks WHERE source = :source AND offset <= :position), 0) ORDER BY offset, id",
                    {"source": source, "position": position},
                )
                for offset, lane, length in found:
                    if offset >= reached or offset + length > reached:
                        reached = offset + length
                        yield offset, lane, length


def _rows(path: Path, table: str, source: str) -> list[tuple[Any, ...]]:
    with reading(path) as db:
        return db.execute(f"SELECT * FROM {table} WHERE source = ?", (source,)).fetchall() if has(db, table) else []


class JournalReader:
    """The reading side: chunks of a source from a position on, across months."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: dict[Path, tuple[sqlite3.Connection, str]] = {}
        self._firsts: dict[tuple[Path, str], int] = {}
        """where sources begin in files"""

    def chunks(self, source: str, position: int) -> Iterator[Chunk]:
        """Chunks from the one that holds byte ``position`` on, in stream order; an end of input at ``position`` too.

        Raises `JournalError` where a file cannot be read, or a chunk is not what was written.
        """
        files = segments(self._folder)
        for path in files[self._place(files, source, position) :]:
            with named(path):
                for chunk in self._of_segment(path, source, position):
                    position = max(position, chunk.end)
                    yield chunk

    def _place(self, files: list[Path], source: str, position: int) -> int:
        """The place of the newest file that begins with byte ``position`` of a source, or before it.

        Files before that are not looked at: they may be many, or damaged.
        """
        for place in range(len(files) - 1, 0, -1):
            with named(files[place]):
                first = self._first(files[place], source)
            if first is not None and first <= position:
                return place
        return 0

    def _of_segment(self, path: Path, source: str, position: int) -> Iterator[Chunk]:
        opened = self._segment(path)
        if opened is None:
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
            if not has(db, "chunks"):
                db.close()
                return None
            known = self._open[path] = db, "checksum" if has_checksums(db) else "NULL"
        return known

    def _first(self, path: Path, source: str) -> int | None:
        """Where ``source`` begins in a file; None where it has nothing there."""
        first = self._firsts.get((path, source))
        if first is None and (opened := self._segment(path)):
            first = opened[0].execute("SELECT min(offset) FROM chunks WHERE source = ?", (source,)).fetchone()[0]
            if first is not None:
                self._firsts[path, source] = first
        return first
