"""Backups: the journal, what happened, the office's notes, and the configuration. Made while the collector runs.

A backup is a folder of its own, named after its moment, with a manifest: of each file size and SHA-256, of each source's
stream its end and the SHA-256 of its bytes. It is read back as a restored one would be and compared with the journal
before it counts. A month that is over does not change: its file is the same file as in the backup before (a hard link).

``calls.db`` is not in it: it is made from the journal. Without the manifest a folder is no backup: one that was
interrupted is removed by the next.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import time
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from collector.errors import UserError
from collector.files import put
from collector.journal import JournalReader, stream_ends
from collector.segments import segments
from collector.store.events_db import removals

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.config import Config

MANIFEST = "manifest.json"

_NAME = "%Y-%m-%dT%H%M%SZ"
_NOTES = ("events.db", "office.db")
_READ = 1 << 20


class BackupError(UserError):
    """A backup cannot be made, read, or restored; the sentence says which file and why."""


class Backup(NamedTuple):
    """A backup that was made and compared: its folder, its bytes, those of them copied now, and its streams' ends."""

    folder: Path
    size: int
    copied: int
    ends: dict[str, int]


def back_up(config: Config, into: Path, keep: int | None = None) -> Backup:
    """Make a backup in a new folder of ``into``, compare it, and remove all but the last ``keep``.

    Raises `BackupError`; what was there before stays.
    """
    try:
        into.mkdir(parents=True, exist_ok=True, mode=0o700)
        for left in _interrupted(into):
            shutil.rmtree(left)
        before = backups(into)[-1:]
        folder = into / datetime.fromtimestamp(time.time(), UTC).strftime(_NAME)
        folder.mkdir(mode=0o700)
        (folder / "journal").mkdir(mode=0o700)
        ends = stream_ends(config.site.data / "journal")
        copied = _copy_journal(config.site.data / "journal", folder, before[0] if before else None)
        copied += sum(
            _copy_database(config.site.data / name, folder / name) for name in _not_made_again(config.site.data)
        )
        copied += _copy_configuration(config, folder / "config")
        copied += _copy_versions(config.site.data / "tables", folder / "tables")
        streams = _compare(config.site.data / "journal", folder / "journal", ends)
        files = {str(file.relative_to(folder)): _entry(file) for file in _files(folder)}
        manifest = {"made": folder.name, "files": files, "streams": streams}
        put(folder / MANIFEST, json.dumps(manifest, indent=1).encode())
        for old in backups(into)[: -keep if keep else 0]:
            shutil.rmtree(old)
    except sqlite3.Error as error:
        raise BackupError(f"The backup in {into} failed: {error}.") from None
    except OSError as error:
        where = error.filename or into
        raise BackupError(f"The backup in {into} failed: {where}: {error.strerror or error}.") from None
    size = sum(entry["bytes"] for entry in files.values())
    return Backup(folder, size, copied, ends)


def _not_made_again(data: Path) -> tuple[str, ...]:
    """What is backed up beside the journal; calls.db too, where calls are in it whose raw bytes are gone."""
    has_older = any(removal.what == "raw" for removal in removals(data))
    return (*_NOTES, "calls.db") if has_older else _NOTES


def backups(into: Path) -> list[Path]:
    """The backups in a folder, oldest first."""
    return sorted(path.parent for path in into.glob(f"*/{MANIFEST}") if _is_name(path.parent.name))


def restore(backup: Path, config: Config) -> dict[str, int]:
    """Put journal and notes of ``backup`` into the data folder of ``config``, which has none; the streams' ends.

    Every file is compared with the manifest first, and every stream with it afterwards. Raises `BackupError`.
    """
    manifest = read_manifest(backup)
    data = config.site.data
    if segments(data / "journal"):
        raise BackupError(
            f"{data} has a journal already: nothing was restored. Move {data / 'journal'} away first, or name another "
            "data folder in the configuration."
        )
    for name, entry in manifest["files"].items():
        file = backup / name
        if not file.is_file() or _entry(file) != entry:
            raise BackupError(f"{file} is not what was backed up: the backup is damaged. Take an older one.")
    try:
        (data / "journal").mkdir(parents=True, exist_ok=True, mode=0o700)
        for name in manifest["files"]:
            if not name.startswith("config/"):
                (data / name).parent.mkdir(exist_ok=True, mode=0o700)
                shutil.copyfile(backup / name, data / name)
                (data / name).chmod(0o600)
    except OSError as error:
        raise BackupError(f"{data} cannot be written: {error.strerror or error}.") from None
    ends = {source: stream["end"] for source, stream in manifest["streams"].items()}
    if _digests(data / "journal", ends) != {s: stream["sha256"] for s, stream in manifest["streams"].items()}:
        raise BackupError(f"The journal in {data} is not what was backed up: take an older backup.")
    return ends


def read_manifest(backup: Path) -> dict[str, Any]:
    """What a backup says of itself. Raises `BackupError` where it is none."""
    try:
        manifest: dict[str, Any] = json.loads((backup / MANIFEST).read_text(encoding="utf-8"))
        _ = manifest["files"], manifest["streams"]
    except (OSError, ValueError, KeyError):
        raise BackupError(f"{backup} is no backup: it has no {MANIFEST} that can be read.") from None
    return manifest


def _copy_journal(journal: Path, folder: Path, before: Path | None) -> int:
    """Copy the segments, or link those that are as they were in the backup before; the bytes copied."""
    known = read_manifest(before)["files"] if before else {}
    copied = 0
    months = segments(journal)
    for segment in months:
        target = folder / "journal" / segment.name
        entry = known.get(f"journal/{segment.name}")
        if before and entry and segment != months[-1] and _unchanged(segment, before, entry):
            os.link(before / "journal" / segment.name, target)
        else:
            copied += _copy_database(segment, target)
    return copied


def _unchanged(segment: Path, before: Path, entry: dict[str, Any]) -> bool:
    """Whether a month that is over is as it was backed up: nothing wrote to it since, and the copy is whole."""
    copy = before / "journal" / segment.name
    written = [file for file in (segment, segment.with_name(f"{segment.name}-wal")) if file.exists()]
    return max(file.stat().st_mtime for file in written) <= copy.stat().st_mtime and _entry(copy) == entry


def _copy_database(source: Path, target: Path) -> int:
    """Copy a database that may be written just now; the bytes copied, none where there is no such file."""
    if not source.exists():
        return 0
    with sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=30) as db, sqlite3.connect(target) as copy:
        db.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
    db.close()
    copy.close()
    target.chmod(0o600)
    return target.stat().st_size


def _copy_configuration(config: Config, folder: Path) -> int:
    """Copy the configuration and the tables it names, not the secrets; the bytes copied."""
    folder.mkdir(mode=0o700)
    site = config.site
    named = [
        config.path,
        site.directory,
        site.departments,
        site.plan,
        config.calendar.exceptions,
        config.accounting.tariff,
    ]
    named += [table for _, table in config.office]
    named += [value for branch in config.branches for _, value in branch]
    files = [file for file in named if isinstance(file, Path) and file.is_file()]
    formats = config.site.formats or config.path.parent / "formats"
    files += sorted(formats.glob("*.toml"))
    copied, beside = 0, config.path.absolute().parent
    for file in files:
        place = file.absolute().relative_to(beside) if file.absolute().is_relative_to(beside) else Path(file.name)
        target = folder / (Path("formats") / file.name if file.parent == formats else place)
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.copyfile(file, target)
        target.chmod(0o600)
        copied += target.stat().st_size
    return copied


def _copy_versions(kept: Path, folder: Path) -> int:
    """Copy the versions of tables that were in force; the bytes copied."""
    if not kept.is_dir():
        return 0
    folder.mkdir(mode=0o700)
    copied = 0
    for file in (kept / "in-force.jsonl", *kept.glob("*.csv")):  # the list first: what it names is there already
        copied += shutil.copyfile(file, folder / file.name).stat().st_size
        (folder / file.name).chmod(0o600)
    return copied


def _compare(journal: Path, copy: Path, ends: dict[str, int]) -> dict[str, dict[str, Any]]:
    """The streams of a copy up to ``ends``, each compared with the journal's. Raises `BackupError`."""
    kept, copied = _digests(journal, ends), _digests(copy, ends)
    for source, digest in kept.items():
        if copied[source] != digest:
            raise BackupError(f"The copy of {source} in {copy} is not what the journal holds: nothing was backed up.")
    return {source: {"end": ends[source], "sha256": kept[source]} for source in ends}


def _digests(journal: Path, ends: dict[str, int]) -> dict[str, str]:
    """The SHA-256 of each stream's bytes, with where they stand and when they came, up to its end."""
    reader = JournalReader(journal)
    digests: dict[str, Any] = defaultdict(hashlib.sha256)
    for source, end in ends.items():
        digest = digests[source]
        for chunk in reader.chunks(source, 0):
            if chunk.offset + len(chunk.data) > end:
                break
            digest.update(f"{chunk.offset} {chunk.lane} {chunk.opened:d}{chunk.ended:d} {chunk.received!r}\n".encode())
            digest.update(chunk.data)
    reader.close()
    return {source: digest.hexdigest() for source, digest in digests.items()}


def _entry(file: Path) -> dict[str, Any]:
    digest = hashlib.sha256()
    with file.open("rb") as opened:
        while data := opened.read(_READ):
            digest.update(data)
    return {"bytes": file.stat().st_size, "sha256": digest.hexdigest()}


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != MANIFEST)


def _interrupted(into: Path) -> list[Path]:
    return [path for path in into.iterdir() if _is_name(path.name) and not (path / MANIFEST).exists()]


def _is_name(name: str) -> bool:
    try:
        datetime.strptime(name, _NAME).replace(tzinfo=UTC)
    except ValueError:
        return False
    return True
