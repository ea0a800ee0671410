"""`smdr repair`: damaged files of the journal made anew from what can be read of them, and the calls from the journal.

What is gone leaves a gap of its exact size, chunks of zeros on lane `LOST`: every later byte keeps its place, so every
call its name, and the bytes received are still accounted for. Nothing is deleted: the damaged file, and the calls.db that
still has calls whose bytes are gone, are kept beside under names that say so.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from collector.commands.rebuilding import fold
from collector.faultpoints import reach
from collector.recovery import Gap, Known, ends_if_sound, recover
from collector.running import only_writer
from collector.segments import Followed, finish_repairs, put_in_force, segments, unused
from collector.store.database import is_whole, open_reader
from collector.store.queries import read_up_to

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from collector.config import Config


_KEPT = ".before-repair-"


class Repaired(NamedTuple):
    """What became of a damaged file of the journal."""

    file: Path
    kept_as: Path
    chunks: int
    gaps: list[Gap]


class Repair(NamedTuple):
    """What a repair did: files looked at, and those made anew.

    ``calls_are_stale``: `reparse` has to follow, from the calls.db that is kept as ``calls_kept_as``, if it is.
    """

    files: int
    repaired: list[Repaired]
    calls_are_stale: bool
    calls_kept_as: Path | None


def repair(config: Config, progress: Callable[[int, int], None] = lambda _done, _total: None) -> Repair:
    """Look at every file of the journal, and make anew those that are damaged; look at calls.db.

    ``progress(done, total)`` counts files. Raises `UserError` while a collector runs.
    """
    data = config.site.data
    with only_writer(data):
        finish_repairs(data / "journal")
        files = segments(data / "journal")
        reaches = _read_up_to(data)
        ends: dict[str, int] = {}
        repaired: list[Repaired] = []
        kept: Path | None = None
        for number, path in enumerate(files):
            progress(number, len(files))
            behind = files[number + 1 :]
            sound = ends_if_sound(path, ends, is_newest=not behind)
            if sound is None or (not behind and any(sound.get(source, 0) < at for source, at in reaches.items())):
                new = path.with_name(f"{path.name}.repairing")
                new.unlink(missing_ok=True)
                recovered = recover(
                    path, new, Known(ends, _begins_of(behind), reaches, _followed(config, files[:number]))
                )
                if recovered.gaps and kept is None:
                    kept = _set_aside(data / "calls.db")
                repaired.append(Repaired(path, _put_in_force(new), recovered.chunks, recovered.gaps))
                sound = recovered.ends
            ends = sound
        progress(len(files), len(files))
        calls = data / "calls.db"
        return Repair(len(files), repaired, not (calls.exists() and is_whole(calls)), kept)


def _put_in_force(new: Path) -> Path:
    """Let a new file take the place of the damaged one; return where that is kept."""
    complete = new.with_suffix(".repaired")
    new.replace(complete)
    reach("repair-built")
    return put_in_force(complete)


def _set_aside(calls: Path) -> Path | None:
    """Keep calls.db under another name: some of its calls cannot be made again. Without it the next start makes all anew."""
    if calls.exists():
        fold(calls)
    if not calls.exists():
        return None
    kept = unused(calls.with_name(f"{calls.name}{_KEPT}{datetime.now(UTC):%Y%m%dT%H%M%SZ}"))
    calls.replace(kept)
    return kept


def _read_up_to(data: Path) -> dict[str, int]:
    """How far the sources were read, as calls.db tells, or one that was set aside: so many bytes the journal had."""
    reaches: dict[str, int] = {}
    for path in (data / "calls.db", *data.glob(f"calls.db{_KEPT}*")):
        try:
            with closing(open_reader(path)) as db:
                for source, position in read_up_to(db).items():
                    reaches[source] = max(reaches.get(source, 0), position)
        except sqlite3.Error:
            continue
    return reaches


def _begins_of(files: list[Path]) -> dict[str, int]:
    """Where each source stands at the beginning of the first of ``files`` that tells it."""
    begins: dict[str, int] = {}
    for path in reversed(files):
        try:
            with closing(open_reader(path)) as db:
                begins |= dict(db.execute("SELECT source, min(offset) FROM chunks GROUP BY source"))
        except sqlite3.Error:
            continue
    return begins


def _followed(config: Config, files: list[Path]) -> dict[str, Followed]:
    """How far the sources that follow a file had come at the end of ``files``."""
    followed = {source.name: Followed(source.name, 0, b"") for source in config.sources if source.link.scheme == "file"}
    for path in files:
        try:
            with closing(open_reader(path)) as db:
                followed |= {
                    row[0]: Followed(*row) for row in db.execute("SELECT source, position, tail FROM followed")
                }
        except sqlite3.Error:
            continue
    return followed
