"""An office whose calls.db was written by a release before this one.

``databases/calls-N.sql`` is what the release with schema N made of the chunks in ``databases/journal.sql``: numbers are
made up by the simulator.
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from offices import Office

from collector.config import load

DATABASES = Path(__file__).with_name("databases")
OLD_SCHEMAS = sorted(int(path.stem.removeprefix("calls-")) for path in DATABASES.glob("calls-*.sql"))


def written_by(schema: int | None, folder: Path) -> Office:
    """The office in ``folder``, with the calls.db of that schema; without one for None."""
    folder.mkdir()
    for name in ("smdr.toml", "directory.csv"):
        shutil.copy(DATABASES / name, folder / name)
    office = Office(load(folder / "smdr.toml"))
    data = office.config.site.data
    (data / "journal").mkdir(parents=True)
    _made(data / "journal" / "2026-08.db", DATABASES / "journal.sql")
    if schema is not None:
        _made(data / "calls.db", DATABASES / f"calls-{schema}.sql")
    return office


def _made(path: Path, script: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.executescript(script.read_text(encoding="utf-8"))
