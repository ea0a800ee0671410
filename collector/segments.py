"""One file of the journal: its tables, how it is made and opened, and what is said of one that cannot be read."""

from __future__ import annotations

import os
import sqlite3
import zlib
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from itertools import chain, count
from typing import TYPE_CHECKING, NamedTuple

from collector.faultpoints import reach
from collector.trouble import is_damage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

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

_TRIAL_BYTES = 1 << 18

BEGINS_WITH_STANDS = 1
"""``user_version`` of files that begin with where every source stands."""


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
    def end(self) -> int:
        """Offset of the byte behind it."""
        return self.offset + len(self.data)

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
    return sorted([*folder.glob("????-??.db"), *folder.glob("????-??_*.db")], key=order_of)


def order_of(path: Path) -> tuple[str, int]:
    """Where a file stands among the others: its month, and the how manieth of that month it is."""
    month, _, number = path.stem.partition("_")
    return month, int(number or 1)


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
        db.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version = {BEGINS_WITH_STANDS};")
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


def finish_repairs(folder: Path) -> None:
    """Do what an interrupted `put_in_force` left to be done; by whoever opens the journal for writing."""
    for repaired in sorted(folder.glob("*.db.repaired")):
        put_in_force(repaired)


def put_in_force(repaired: Path) -> Path:
    """Let a file that was made anew, ``….db.repaired``, take the place of the damaged one; where that is kept."""
    path = repaired.with_suffix("")
    aside = unused(path.with_name(f"{path.name}.damaged-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"))
    for suffix in ("-wal", "-shm"):  # they belong to the damaged file: the new one must not be read with them
        companion = path.with_name(path.name + suffix)
        if companion.exists():
            companion.rename(f"{aside}{suffix}")
    if path.exists():
        os.link(path, aside)
    reach("repair-aside")
    repaired.replace(path)
    reach("repair-replaced")
    return aside


def unused(path: Path) -> Path:
    """A name that no file has: ``path``, or the same with a number behind it."""
    numbered = (path.with_name(f"{path.name}-{number}") for number in count(2))
    return next(name for name in chain((path,), numbered) if not name.exists())


def open_segment(path: Path) -> sqlite3.Connection:
    """A read-only connection to one file of the journal."""
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True, check_same_thread=False, timeout=10)


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection to one file; what cannot be read of it is told with its name."""
    with named(path), closing(open_segment(path)) as db:
        yield db


@contextmanager
def named(path: Path) -> Iterator[None]:
    """Have errors of a file told with its name."""
    try:
        yield
    except JournalError:
        raise
    except sqlite3.DatabaseError as error:
        raise JournalError(sentence(path, error)) from error


def sentence(path: Path, error: sqlite3.Error) -> str:
    """What is wrong with a file, and what to do; without the full stop."""
    if is_damage(error):
        return f"{path} is damaged ({error}). Stop the collector and run `smdr repair`"
    return f"{path} cannot be read ({error})"


def beside(path: Path) -> Path:
    """The file after ``path`` in the same month."""
    month, number = order_of(path)
    return path.with_name(f"{month}_{number + 1}.db")


def mark_doubtful(path: Path) -> None:
    """Note beside a file that writes to it were dropped, for whoever goes on with it after this process. Raises OSError.

    It need not be on the disk: where the machine itself ends, what it would go on to drop is forgotten, too.
    """
    _doubt(path).touch()


def is_doubtful(path: Path) -> bool:
    """Whether writes to a file were dropped, by this process or one before."""
    return _doubt(path).exists()


def forget_unsynced(path: Path) -> None:
    """Have a file read as its disk holds it: the system may still have in memory what it could not write there.

    Whoever goes on from such bytes would find them gone once the system needs the memory.
    """
    for file in (path, path.with_name(f"{path.name}-wal")):
        with suppress(FileNotFoundError), file.open("rb") as opened:
            os.posix_fadvise(opened.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def forget_doubt(path: Path) -> None:
    """A file is not written to any more."""
    _doubt(path).unlink(missing_ok=True)


def _doubt(path: Path) -> Path:
    return path.with_name(f"{path.name}.doubtful")


def try_out(folder: Path, size: int) -> None:
    """See whether the disk keeps what is written, in a file that nobody needs. Raises OSError."""
    file = folder / "trial"
    try:
        with file.open("wb") as trial:
            trial.write(b"\xff" * (size + _TRIAL_BYTES))
            trial.flush()
            os.fsync(trial.fileno())
    finally:
        file.unlink(missing_ok=True)


def has(db: sqlite3.Connection, table: str) -> bool:
    """Whether a file has this table: older ones lack some, and a new one has none in its first instant."""
    try:
        return bool(db.execute("SELECT count(*) FROM sqlite_master WHERE name = ?", (table,)).fetchone()[0])
    except sqlite3.OperationalError as error:
        if error.sqlite_errorname == "SQLITE_READONLY_ROLLBACK":  # its making was interrupted; its writer begins again
            return False
        raise


def has_checksums(db: sqlite3.Connection) -> bool:
    """Whether the chunks of a file have checksums."""
    return bool(db.execute("SELECT count(*) FROM pragma_table_info('chunks') WHERE name = 'checksum'").fetchone()[0])
