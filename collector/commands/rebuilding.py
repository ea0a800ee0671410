"""`smdr reparse` and `smdr reexport`: projections made anew from what they are projections of."""

from __future__ import annotations

import logging
import sqlite3
from typing import TYPE_CHECKING

from collector.assembly import accounting_of
from collector.errors import UserError
from collector.faultpoints import reach
from collector.journal import stream_ends
from collector.keeping.older import take_over
from collector.keeping.retention import stream_begins
from collector.projector import Projector
from collector.rollups import SUMS
from collector.running import only_writer
from collector.store.database import open_writer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from collector.config import Config

_log = logging.getLogger(__name__)

_NEW = "calls.new.db"
_TAGS = ("start", "direction", "outcome", "class", "department", "extension", "trunk", "carrier")
_COMBINED = "direction, class, department, extension, trunk"
_SUMMED = f"source, {_COMBINED}, hour"
_MARK_CALLS = f"""
UPDATE stored_calls SET former = changed.former FROM (
    SELECT now.seq, json_insert(was.former, '$[#]', was.start) AS former
    FROM calls AS now JOIN old.calls AS was ON was.source = now.source AND was.offset = now.offset
    WHERE was.former != '[]' OR {" OR ".join(f"was.{tag} IS NOT now.{tag}" for tag in _TAGS)}
) AS changed WHERE changed.seq = stored_calls.seq
"""
_EMPTY_SUMS = (
    f"CREATE TEMP TABLE gone AS SELECT {_SUMMED} FROM old.rollups EXCEPT SELECT {_SUMMED} FROM rollups",
    "INSERT OR IGNORE INTO words (word) SELECT source FROM gone",
    f"""
INSERT OR IGNORE INTO combinations (source, {_COMBINED})
SELECT words.id, {_COMBINED} FROM gone JOIN words ON words.word = gone.source
""",
    f"""
INSERT INTO stored_sums (seq, combination, hour, {", ".join(SUMS)})
SELECT (SELECT last FROM sequence) + row_number() OVER (), combinations.id, hour, {", ".join("0" for _ in SUMS)}
FROM gone JOIN words ON words.word = gone.source
JOIN combinations ON combinations.source = words.id AND {" AND ".join(f"combinations.{c} = gone.{c}" for c in _COMBINED.split(", "))}
""",
)
_CALLS_ANEW = """
UPDATE stored_calls SET seq = anew.seq FROM (
    SELECT seq AS was, (SELECT last FROM sequence) + row_number() OVER (ORDER BY seq) AS seq FROM stored_calls
    WHERE start >= coalesce(?1, start) AND (?2 IS NULL OR start < ?2) AND NOT open
) AS anew WHERE stored_calls.seq = anew.was
"""
_SUMS_ANEW = """
UPDATE stored_sums SET seq = anew.seq FROM (
    SELECT seq AS was, (SELECT last FROM sequence) + row_number() OVER (ORDER BY seq) AS seq FROM stored_sums
    WHERE (?1 IS NULL OR hour > ?1 - 3600) AND (?2 IS NULL OR hour < ?2)
) AS anew WHERE stored_sums.seq = anew.was
"""
_COUNT_ON = "UPDATE sequence SET last = last + ?"
_MOVE_ON = "UPDATE sequence SET last = max(last, (SELECT coalesce(max(seq), 0) FROM stored_sums))"


def reparse(
    config: Config, progress: Callable[[int, int], None] = lambda _done, _total: None, before: Path | None = None
) -> int:
    """Rebuild calls.db from the journal beside the old one, then put it in its place; the number of calls it has.

    Interrupted, it leaves the old calls.db as it was. Outputs are sent everything again: the same record makes the
    same point, and what the old calls.db had otherwise is marked for them; it is ``before`` where that is given.
    ``progress(done, total)`` is called with bytes. Raises `UserError` while a collector runs.
    """
    data = config.site.data
    with only_writer(data):
        _remove(data / _NEW)
        _take_over(before or data / "calls.db", data / _NEW, config)
        projector = Projector(config, accounting_of(config), path=data / _NEW)
        try:
            total = sum(stream_ends(data / "journal").values())
            while projector.project_once():
                progress(projector.projected(), total)
            progress(total, total)
            calls = sum(projector.counters(source.name).calls for source in config.sources)
        finally:
            projector.close()
        _mark_changes(before or data / "calls.db", data / _NEW)
        reach("reparse-built")
        fold(data / "calls.db")
        reach("reparse-folded")
        (data / _NEW).replace(data / "calls.db")
        reach("reparse-replaced")
    return calls


def _take_over(old: Path, new: Path, config: Config) -> None:
    """Take over calls whose raw bytes a retention policy has removed: they cannot be made again."""
    journal = config.site.data / "journal"
    begins = stream_begins(journal, list(stream_ends(journal)))
    if not begins or not old.exists():
        return
    try:
        take_over(old, new, begins, config.site)
    except sqlite3.DatabaseError as error:
        _remove(new)
        _log.warning("Calls whose raw bytes were removed cannot be taken over from the old calls.db: %s.", error)


def reexport(config: Config, output: str) -> None:
    """Have ``output`` sent everything again. Raises `UserError` for an unknown output and while a collector runs."""
    if output not in {known.name for known in config.outputs}:
        names = ", ".join(known.name for known in config.outputs) or "none"
        raise UserError(f'There is no output "{output}" in {config.path}; it has: {names}.')
    with only_writer(config.site.data):
        db = open_writer(config.site.data / "calls.db")
        with db:
            db.execute("DELETE FROM outputs WHERE output = ?", (output,))
        db.close()


def reexport_span(config: Config, first: float | None, end: float | None) -> int:
    """Have all outputs sent the calls that start in [first, end) again, and the sums of their hours; how many calls.

    POSIX seconds; None: no bound. Interrupted, it has changed nothing. Raises `UserError` while a collector runs.
    """
    with only_writer(config.site.data):
        db = open_writer(config.site.data / "calls.db")
        try:
            with db:
                db.execute("BEGIN IMMEDIATE")
                calls = db.execute(_CALLS_ANEW, (first, end)).rowcount
                db.execute(_COUNT_ON, (calls,))
                sums = db.execute(_SUMS_ANEW, (first, end)).rowcount
                db.execute(_COUNT_ON, (sums,))
        finally:
            db.close()
    return calls


def _mark_changes(old: Path, new: Path) -> None:
    """Let outputs find what they were given from ``old`` and is otherwise in ``new``.

    Calls whose tags differ are marked with the starts they had; sums over a combination that is no more become rows of zeros.
    Nothing is marked where ``old`` is damaged or of an earlier schema: outputs have to start afresh then.
    """
    if not old.exists():
        return
    db = open_writer(new)
    try:
        db.execute("ATTACH ? AS old", (str(old),))
        if db.execute("PRAGMA old.user_version").fetchone() == db.execute("PRAGMA main.user_version").fetchone():
            with db:
                db.execute("BEGIN")
                for statement in (_MARK_CALLS, *_EMPTY_SUMS, _MOVE_ON):
                    db.execute(statement)
    except sqlite3.DatabaseError as error:
        _log.warning("The old calls.db cannot be read (%s): start outputs afresh, or they keep its points, too.", error)
    finally:
        db.close()


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def fold(path: Path) -> None:
    """Fold the write-ahead log of a file into it, for another to take its name; one that is damaged is removed."""
    if not path.exists():
        return
    db = sqlite3.connect(path)
    try:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.DatabaseError:  # damaged: there is nothing to fold
        _remove(path)
    finally:
        db.close()
