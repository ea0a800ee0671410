"""Opening a database: migrations, and the two ways to connect (one writer, many readers)."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing
from importlib.resources import files
from typing import TYPE_CHECKING

from collector.faultpoints import reach
from collector.trouble import is_damage

if TYPE_CHECKING:
    from pathlib import Path

_log = logging.getLogger(__name__)

_CHECKPOINT_PAGES = 4000
"""16 MB: a burst rewrites the same pages again and again, and they are copied once."""


class NewerDatabaseError(Exception):
    """The database was written by a newer release than this one."""


def migrations(kind: str) -> list[tuple[int, str]]:
    """(version, SQL) of every migration of a kind of database, in order."""
    folder = files("collector.store") / "migrations" / kind
    scripts = sorted(entry for entry in folder.iterdir() if entry.name.endswith(".sql"))  # type: ignore[type-var]
    return [(int(script.name[:4]), script.read_text(encoding="utf-8")) for script in scripts]


def open_writer(path: Path) -> sqlite3.Connection:
    """The one connection that writes; creates and migrates the file, whose stem tells its kind (``calls``, ``events``).

    Commits of calls.db are not synced one by one: the cursor moves in the same transaction as the rows, so what a power
    cut takes back is projected again from the journal. Raises `NewerDatabaseError`, and `sqlite3.Error` where the file
    or its disk is in trouble.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        path.chmod(0o600)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
        _migrate(path, db, _schema(path, db))
    except BaseException:
        db.close()
        raise
    return db


def _migrate(path: Path, db: sqlite3.Connection, version: int) -> None:
    newer = [(number, script) for number, script in migrations(_kind(path)) if number > version]
    if version and newer:
        _log.info("%s is of an older release and is brought up to date; with many calls that takes a while.", path.name)
    for number, script in newer:
        db.executescript(f"BEGIN;\n{script}\nPRAGMA user_version = {number};")
        reach("migration-writing")
        db.execute("COMMIT")
        reach("migration-written")


def _kind(path: Path) -> str:
    """The kind of database a file is: ``calls.new.db`` is one of calls."""
    return path.name.partition(".")[0]


def refuse_newer(path: Path) -> None:
    """Raise `NewerDatabaseError` for a file of a newer release; whatever else may be wrong with it is found out later."""
    try:
        with closing(open_reader(path)) as db:
            _schema(path, db)
    except sqlite3.Error:
        return


def _schema(path: Path, db: sqlite3.Connection) -> int:
    """The schema of an open database, if this release knows it; otherwise raises `NewerDatabaseError`."""
    version: int = db.execute("PRAGMA user_version").fetchone()[0]
    known = migrations(_kind(path))[-1][0]
    if version > known:
        raise NewerDatabaseError(
            f"{path} was written by a newer release (schema {version}, this one knows {known}). "
            "Install that release again, or move the file away; calls.db is then rebuilt with `smdr reparse`."
        )
    return version


def is_made(path: Path) -> bool:
    """Whether there is a database with its tables; before the first start has made them there is none."""
    if not path.exists():
        return False
    with closing(open_reader(path)) as db:
        return bool(db.execute("PRAGMA user_version").fetchone()[0])


def is_whole(path: Path) -> bool:
    """Whether SQLite finds a file in order; takes as long as reading it does."""
    try:
        with closing(open_reader(path)) as db:
            return bool(db.execute("PRAGMA quick_check(1)").fetchone() == ("ok",))
    except sqlite3.DatabaseError as error:
        return not is_damage(error)


def open_reader(path: Path) -> sqlite3.Connection:
    """A connection that cannot write.

    Raises `sqlite3.OperationalError` where there is no such file, `PermissionError` where that is not for us to know.
    """
    if (
        not path.exists()
    ):  # SQLite says the same of a file that is not there and of a folder that may not be looked into
        raise sqlite3.OperationalError(f"there is no {path}")
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True, check_same_thread=False, timeout=10)
    db.execute("PRAGMA query_only = ON")
    return db
