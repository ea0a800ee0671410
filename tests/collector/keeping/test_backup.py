"""Backups: made beside a running writer, compared before they count, restored to the same calls."""

from __future__ import annotations

import os
import sqlite3
import threading
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from offices import Office, kx_td_line

from collector.commands.rebuilding import reparse
from collector.config import Backups, load
from collector.journal import Journal
from collector.keeping import backup as module
from collector.keeping.backup import BackupError, back_up, backups, restore
from collector.keeping.schedule import is_due
from collector.segments import segments
from collector.store.database import open_writer

if TYPE_CHECKING:
    from pathlib import Path

CALLS = "SELECT offset, start, direction, outcome, extension, number, talk_s, legs FROM calls ORDER BY offset"
OCTOBER, NOVEMBER = (datetime(2026, month, 20, tzinfo=ZoneInfo("UTC")).timestamp() for month in (10, 11))


@pytest.fixture
def full(office: Office) -> Office:
    """An office with calls of two months, and what happened."""
    for month in (OCTOBER, NOVEMBER):
        office.journal(b"".join(map(kx_td_line, range(50))), at=month)
    office.project()
    open_writer(office.config.site.data / "events.db").close()
    return office


def elsewhere(office: Office, folder: Path) -> Office:
    """The same office with another, empty data folder."""
    path = folder / "smdr.toml"
    folder.mkdir()
    path.write_text(office.config.path.read_text())
    return Office(load(path))


def named(monkeypatch: pytest.MonkeyPatch, second: int) -> None:
    monkeypatch.setattr(module.time, "time", lambda: NOVEMBER + second)


def test_what_is_restored_has_the_same_calls(full: Office, tmp_path: Path) -> None:
    made = back_up(full.config, tmp_path / "backups")
    restored = elsewhere(full, tmp_path / "restored")
    assert restore(made.folder, restored.config) == made.ends
    reparse(restored.config)
    assert restored.rows(CALLS) == full.rows(CALLS)
    assert len(restored.rows(CALLS)) == 100
    restored.assert_conserved()
    assert (restored.config.site.data / "events.db").exists()
    assert (made.folder / "config/smdr.toml").read_text() == full.config.path.read_text()


def test_a_month_that_is_over_is_stored_once_for_all_backups(
    full: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named(monkeypatch, 0)
    first = back_up(full.config, tmp_path / "backups")
    full.journal(kx_td_line(7), at=NOVEMBER)
    named(monkeypatch, 60)
    second = back_up(full.config, tmp_path / "backups")
    october, november = (path.name for path in segments(full.config.site.data / "journal"))
    same = [
        (first.folder / "journal" / name).samefile(second.folder / "journal" / name) for name in (october, november)
    ]
    assert same == [True, False]
    assert second.copied < second.size


def test_a_backup_is_made_while_the_journal_is_written(full: Office, tmp_path: Path) -> None:
    stop = threading.Event()

    def write() -> None:
        journal = Journal(full.config.site.data / "journal")
        while not stop.is_set():
            journal.append([("pbx1", 0, kx_td_line(1), False, False)])
        journal.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        made = back_up(full.config, tmp_path / "backups")
    finally:
        stop.set()
        writer.join()
    restored = elsewhere(full, tmp_path / "restored")
    restore(made.folder, restored.config)
    assert reparse(restored.config) >= 100


def test_only_the_last_backups_are_kept_and_nothing_else_is_touched(
    full: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "backups/photographs").mkdir(parents=True)
    for number in range(4):
        named(monkeypatch, number)
        back_up(full.config, tmp_path / "backups", keep=2)
    names = [path.name for path in backups(tmp_path / "backups")]
    assert names == ["2026-11-20T000002Z", "2026-11-20T000003Z"]
    assert (tmp_path / "backups/photographs").is_dir()


def test_a_backup_that_was_interrupted_is_none_and_is_removed_by_the_next(
    full: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named(monkeypatch, 0)
    with monkeypatch.context() as patch:
        patch.setattr(module, "put", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        with pytest.raises(BackupError, match="No space left"):
            back_up(full.config, tmp_path / "backups")
    assert backups(tmp_path / "backups") == []
    named(monkeypatch, 1)
    back_up(full.config, tmp_path / "backups")
    assert [path.name for path in (tmp_path / "backups").iterdir()] == ["2026-11-20T000001Z"]


def test_a_copy_that_is_not_what_the_journal_holds_does_not_count(
    full: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = module._copy_database

    def copy_badly(source: Path, target: Path) -> int:
        size = copy(source, target)
        if source.parent.name == "journal":
            with sqlite3.connect(target) as db:
                db.execute("UPDATE chunks SET data = zeroblob(length(data)) WHERE rowid = 1")
            db.close()
        return size

    monkeypatch.setattr(module, "_copy_database", copy_badly)
    with pytest.raises(BackupError, match="is not what"):
        back_up(full.config, tmp_path / "backups")
    assert backups(tmp_path / "backups") == []


def test_a_damaged_backup_is_refused_before_anything_is_written(full: Office, tmp_path: Path) -> None:
    made = back_up(full.config, tmp_path / "backups")
    segment = next((made.folder / "journal").iterdir())
    data = bytearray(segment.read_bytes())
    data[len(data) // 2] ^= 1
    segment.write_bytes(data)
    restored = elsewhere(full, tmp_path / "restored")
    with pytest.raises(BackupError, match="damaged"):
        restore(made.folder, restored.config)
    assert not segments(restored.config.site.data / "journal")


def test_nothing_is_restored_over_a_journal_nor_from_a_folder_that_is_no_backup(full: Office, tmp_path: Path) -> None:
    made = back_up(full.config, tmp_path / "backups")
    with pytest.raises(BackupError, match="has a journal already"):
        restore(made.folder, full.config)
    with pytest.raises(BackupError, match="is no backup"):
        restore(tmp_path, full.config)


@pytest.mark.parametrize(
    ("made", "now", "due"),
    [
        (None, "2026-11-25T10:00", True),
        ("2026-11-25T03:00", "2026-11-25T10:00", False),
        ("2026-11-25T03:00", "2026-11-26T02:59", False),
        ("2026-11-25T03:00", "2026-11-26T03:00", True),
        ("2026-11-25T10:00", "2026-11-26T03:00", True),
        ("2026-11-22T03:00", "2026-11-26T02:00", True),
    ],
)
def test_a_backup_is_due_once_a_day_and_at_once_where_one_was_missed(
    tmp_path: Path,
    made: str | None,
    now: str,
    due: bool,  # noqa: FBT001
) -> None:
    zone = ZoneInfo("Asia/Shanghai")

    def at(text: str) -> float:
        return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()

    if made:
        folder = tmp_path / "2026-11-24T190000Z"
        folder.mkdir()
        (folder / "manifest.json").write_text("{}")
        os.utime(folder / "manifest.json", (at(made), at(made)))
    assert is_due(Backups(folder=tmp_path), at(now), zone) == due
