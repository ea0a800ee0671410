"""`smdr reparse` and `smdr reexport`: projections made anew from what they are projections of."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from collector.assembly import accounting_of
from collector.errors import UserError
from collector.journal import stream_ends
from collector.projector import Projector
from collector.running import only_writer
from collector.store.database import open_writer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from collector.config import Config

_NEW = "calls.new.db"


def reparse(config: Config, progress: Callable[[int, int], None] = lambda _done, _total: None) -> int:
    """Rebuild calls.db from the journal beside the old one, then put it in its place; the number of calls it has.

    Interrupted, it leaves the old calls.db as it was. Outputs are sent everything again: the same record makes the
    same point. ``progress(done, total)`` is called with bytes. Raises `UserError` while a collector runs.
    """
    data = config.site.data
    with only_writer(data):
        _remove(data / _NEW)
        projector = Projector(config, accounting_of(config), path=data / _NEW)
        try:
            total = sum(stream_ends(data / "journal").values())
            while projector.project_once():
                progress(projector.projected(), total)
            progress(total, total)
            calls = sum(projector.counters(source.name).calls for source in config.sources)
        finally:
            projector.close()
        _remove_companions(data / "calls.db")
        (data / _NEW).replace(data / "calls.db")
    return calls


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


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _remove_companions(path: Path) -> None:
    """Fold the write-ahead log of the old file into it: it must not be found beside the new one."""
    if not path.exists():
        return
    db = sqlite3.connect(path)
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.execute("PRAGMA journal_mode = DELETE")
    db.close()
