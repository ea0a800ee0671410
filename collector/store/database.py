"""Opening a database: migrations, and the two ways to connect (one writer, many readers)."""

from __future__ import annotations

import sqlite3
from importlib.resources import files
from typing import TYPE_CHECKING

from collector.faultpoints import reach

if TYPE_CHECKING:
    from pathlib import Path


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

    Commits of calls.db are not synced one by one: the cursor moves in the same transaction as the rows, so what a power cut takes
    back is projected again from the journal. Raises `NewerDatabaseError`.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    path.chmod(0o600)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = NORMAL")
    db.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
    version = db.execute("PRAGMA user_version").fetchone()[0]
    scripts = migrations(path.name.partition(".")[0])
    if version > scripts[-1][0]:
        db.close()
        raise NewerDatabaseError(
            f"{path} was written by a newer release (schema {version}, this one knows {scripts[-1][0]}). "
            "Install that release again, or move the file away; calls.db is then rebuilt with `smdr reparse`."
        )
    for number, script in scripts:
        if number > version:
            db.executescript(f"BEGIN;\n{script}\nPRAGMA user_version = {number};")
            reach("migration-writing")
            db.execute("COMMIT")
            reach("migration-written")
    return db


def open_reader(path: Path) -> sqlite3.Connection:
    """A connection that cannot write. Raises `sqlite3.OperationalError` where there is no such file."""
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True, check_same_thread=False, timeout=10)
    db.execute("PRAGMA query_only = ON")
    return db
