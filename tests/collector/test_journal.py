from __future__ import annotations

import sqlite3
import threading
import time
import tracemalloc
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.journal import _ENDS, Journal, JournalReader, extents, stream_ends
from collector.journal_thread import CHUNK_COST, JournalThread
from collector.segments import Followed, Import, JournalError, beside, reading, segments

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NOVEMBER, DECEMBER = 1_793_000_000.0, 1_797_000_000.0


def stream(folder: Path, source: str, position: int = 0) -> bytes:
    reader = JournalReader(folder)
    data, at = b"", None
    for chunk in reader.chunks(source, position):
        assert at is None or chunk.offset == at
        at = chunk.offset + len(chunk.data)
        data += chunk.data
    reader.close()
    return data


def dropped_writes() -> sqlite3.OperationalError:
    """What SQLite says when a sync failed."""
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC
    return error


@settings(max_examples=20, deadline=None)  # every append waits for the disk
@given(chunks=st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 2), st.binary(max_size=20)), max_size=20))
def test_a_sources_chunks_put_together_are_its_byte_stream(
    tmp_path_factory: pytest.TempPathFactory, chunks: list[tuple[str, int, bytes]]
) -> None:
    folder = tmp_path_factory.mktemp("journal")
    journal = Journal(folder)
    for source, lane, data in chunks:
        journal.append([(source, lane, data, False, False)])
    journal.close()
    for source in "ab":
        assert stream(folder, source) == b"".join(data for name, _, data in chunks if name == source)
    assert {name: end for name, end in stream_ends(folder).items() if end} == {
        name: total for name in "ab" if (total := sum(len(data) for other, _, data in chunks if other == name))
    }


def test_a_stream_goes_on_across_months_and_a_clock_that_steps_back(tmp_path: Path) -> None:
    times = iter([NOVEMBER, DECEMBER, NOVEMBER])
    journal = Journal(tmp_path, lambda: next(times))
    for data in (b"one ", b"two ", b"three"):
        journal.append([("pbx", 0, data, False, False)])
    journal.close()
    assert len(segments(tmp_path)) == 2
    assert stream(tmp_path, "pbx") == b"one two three"
    assert stream(tmp_path, "pbx", 4) == b"two three"


def test_a_reader_sees_only_what_is_committed_and_a_restart_goes_on_there(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.append([("pbx", 0, b"kept", True, False)])
    assert stream(tmp_path, "pbx") == b"kept"
    journal.close()
    again = Journal(tmp_path)
    assert again.ends == {"pbx": 4}
    again.append([("pbx", 0, b" on", True, False)])
    assert stream(tmp_path, "pbx") == b"kept on"
    again.close()


def test_an_import_is_remembered_with_its_progress(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    assert journal.imported("pbx", "abc") is None
    journal.append([("pbx", 0, b"half", True, False)], Import("pbx", "abc", 4, complete=False))
    assert journal.imported("pbx", "abc") == Import("pbx", "abc", 4, complete=False)
    assert journal.imported("other", "abc") is None
    journal.close()


def test_a_journal_that_cannot_be_written_loses_nothing_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(tmp_path)
    committed, tried = threading.Event(), threading.Event()
    write = journal.append
    broken = True

    def append(chunks: list[tuple[str, int, bytes, bool, bool]], *taken: Import | Followed) -> None:
        tried.set()
        if broken:
            raise sqlite3.OperationalError("database or disk is full")
        write(chunks, *taken)

    monkeypatch.setattr(journal, "append", append)
    monkeypatch.setattr("collector.journal_thread._RETRY_S", 0.01)
    thread = JournalThread(journal, committed.set)
    thread.start()
    thread.put("pbx", 0, b"call\r\n", opened=True, ended=False)
    assert tried.wait(5)
    assert not committed.is_set()
    broken = False
    assert committed.wait(5)
    thread.stop()
    assert stream(tmp_path, "pbx") == b"call\r\n"


def test_a_full_queue_says_so_and_tells_when_there_is_room(tmp_path: Path) -> None:
    thread = JournalThread(Journal(tmp_path), lambda: None, limit=2 * (5 + CHUNK_COST))
    assert thread.put("pbx", 0, b"12345", opened=True, ended=False)
    assert not thread.put("pbx", 0, b"67890", opened=False, ended=False)
    assert thread.position("pbx") == 10
    room = threading.Event()
    thread.when_room(room.set)
    assert not room.is_set()
    thread.start()
    assert room.wait(5)
    thread.stop()
    assert stream(tmp_path, "pbx") == b"1234567890"


def test_a_queue_of_crumbs_is_full_before_it_takes_more_memory_than_it_may(tmp_path: Path) -> None:
    limit = 1 << 20
    thread = JournalThread(Journal(tmp_path), lambda: None, limit)
    tracemalloc.start()
    puts = 1
    while thread.put("pbx", 0, b"%02d" % (puts % 100), opened=False, ended=False):
        puts += 1
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert limit / 2 < taken < limit * 1.3
    thread.start()
    thread.stop()
    assert len(stream(tmp_path, "pbx")) == 2 * puts


def test_what_is_kept_is_told_only_once_it_is_on_disk(tmp_path: Path) -> None:
    thread = JournalThread(Journal(tmp_path), lambda: None)
    early = threading.Event()
    thread.when_kept(early.set)
    assert early.is_set(), "nothing is waiting"
    kept: list[bytes] = []
    thread.put("pbx", 0, b"call\r\n", opened=True, ended=False)
    thread.when_kept(lambda: kept.append(stream(tmp_path, "pbx")))
    assert kept == []
    thread.start()
    thread.stop()
    assert kept == [b"call\r\n"]


def test_progress_in_files_comes_with_the_bytes_and_is_found_in_any_month(tmp_path: Path) -> None:
    journal = Journal(tmp_path, clock=lambda: NOVEMBER)
    assert journal.followed("pbx") is None
    assert journal.imports("pbx") == {}
    journal.append([("pbx", 0, b"ab", True, False)], Import("pbx", "one", 2, complete=True), Followed("pbx", 2, b"ab"))
    journal.close()
    again = Journal(tmp_path, clock=lambda: DECEMBER)
    again.append([("pbx", 0, b"c", True, False)], Import("pbx", "two", 1, complete=False))
    assert again.imports("pbx") == {"one": 2, "two": 1}
    assert again.followed("pbx") == Followed("pbx", 2, b"ab")
    again.append([("pbx", 0, b"d", True, False)], Followed("pbx", 4, b"cd"))
    assert again.followed("pbx") == Followed("pbx", 4, b"cd")
    assert again.imports("other") == {}
    again.close()


def test_the_last_chunks_of_a_source_are_found_across_months(tmp_path: Path) -> None:
    times = iter([NOVEMBER, NOVEMBER, DECEMBER])
    journal = Journal(tmp_path, lambda: next(times))
    assert journal.recent("a", 10) == []
    for data in (b"one ", b"two ", b"three"):
        journal.append([("a", -2, data, False, False), ("b", 0, data, False, False)])
    assert [chunk.data for chunk in journal.recent("a", 5)] == [b"three"]
    assert [chunk.data for chunk in journal.recent("a", 6)] == [b"two ", b"three"]
    assert [(chunk.lane, chunk.data) for chunk in journal.recent("a", 100)] == [
        (-2, b"one "),
        (-2, b"two "),
        (-2, b"three"),
    ]
    journal.close()


def test_the_end_of_a_stream_is_found_by_the_index_alone(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    for number in range(50):
        journal.append([("a", 0, b"x" * number, False, False), ("b", 0, b"", False, True)])
    journal.append([("a", 0, b"", False, True)])
    assert stream_ends(tmp_path) == {"a": 1225, "b": 0} == journal.ends
    journal.close()
    db = sqlite3.connect(segments(tmp_path)[0])
    plan = " ".join(row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {_ENDS}"))
    db.close()
    assert "SCAN chunks" not in plan


def test_a_new_month_begins_with_where_every_source_stands_and_needs_no_older_file(tmp_path: Path) -> None:
    now = [NOVEMBER]
    journal = Journal(tmp_path, lambda: now[0])
    journal.append([("a", 0, b"one", True, False), ("b", 0, b"four", True, False)])
    now[0] = DECEMBER
    journal.append([("a", 0, b"two", False, False)])
    journal.close()
    november, december = segments(tmp_path)
    assert stream(tmp_path, "a") == b"onetwo"
    november.write_bytes(b"garbage")
    again = Journal(tmp_path, lambda: now[0])
    assert again.ends == {"a": 6, "b": 4}
    again.append([("b", 0, b"five", False, False)])
    again.close()
    assert stream(tmp_path, "b", 4) == b"five"
    with pytest.raises(JournalError, match=r"2026-10.db is damaged .* Stop the collector and run `smdr repair`"):
        stream(tmp_path, "b")
    assert december.exists()


def test_a_file_that_is_damaged_while_it_is_written_is_gone_on_with_in_one_beside_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    journal = Journal(tmp_path, lambda: NOVEMBER)
    journal.append([("pbx", 0, b"kept ", True, False)])
    journal.close()
    (month,) = segments(tmp_path)
    with month.open("r+b") as file:
        file.write(bytes(4096))
    committed = threading.Event()
    thread = JournalThread(journal, committed.set)
    thread.start()
    thread.put("pbx", 0, b"and gone on with", opened=False, ended=False)
    assert committed.wait(10)
    thread.stop()
    assert [path.name for path in segments(tmp_path)] == [month.name, month.name.replace(".db", "_2.db")]
    assert stream(tmp_path, "pbx", 5) == b"and gone on with"
    assert stream_ends(tmp_path) == {"pbx": 21}
    assert "run `smdr repair`; received bytes are kept in a file beside it." in caplog.text


def test_a_disk_that_cannot_be_read_is_not_taken_for_an_empty_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(tmp_path)
    journal.append([("pbx", 0, b"kept", True, False)], Followed("pbx", 4, b"kept"))
    journal.close()

    def fail(_path: Path) -> sqlite3.Connection:
        raise sqlite3.OperationalError("disk I/O error")

    for module in ("collector.segments", "collector.journal"):
        monkeypatch.setattr(f"{module}.open_segment", fail)
    for ask in (lambda: stream_ends(tmp_path), lambda: stream(tmp_path, "pbx"), lambda: journal.followed("pbx")):
        with pytest.raises(JournalError, match=r"cannot be read \(disk I/O error\)"):
            ask()


def test_a_chunk_that_is_not_what_was_written_is_told(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.append([("pbx", 0, b"05550001\r\n", True, False)])
    journal.close()
    (path,) = segments(tmp_path)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE chunks SET data = ?", (b"05550002\r\n",))
    with pytest.raises(JournalError, match="a chunk of pbx at byte 0 is not what was written"):
        stream(tmp_path, "pbx")


def test_a_month_begun_before_there_were_checksums_goes_on_with_them(tmp_path: Path) -> None:
    journal = Journal(tmp_path, lambda: NOVEMBER)
    journal.append([("pbx", 0, b"one ", True, False)])
    journal.close()
    (path,) = segments(tmp_path)
    with closing(sqlite3.connect(path)) as db:
        db.executescript(
            "PRAGMA journal_mode = DELETE; ALTER TABLE chunks DROP COLUMN checksum; PRAGMA user_version = 0;"
        )
    assert stream(tmp_path, "pbx") == b"one "
    again = Journal(tmp_path, lambda: NOVEMBER)
    again.append([("pbx", 0, b"two", False, False)])
    again.close()
    assert stream(tmp_path, "pbx") == b"one two"
    with closing(sqlite3.connect(path)) as db:
        assert [bool(row[0]) for row in db.execute("SELECT checksum FROM chunks ORDER BY id")] == [False, True]


def test_trying_again_waits_whatever_comes_in_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(tmp_path)
    attempts = 0

    def refuse(*_: object) -> None:
        nonlocal attempts
        attempts += 1
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(journal, "append", refuse)
    monkeypatch.setattr("collector.journal_thread._RETRY_S", 0.2)
    thread = JournalThread(journal, lambda: None)
    thread.start()
    for _ in range(50):
        thread.put("pbx", 0, b"call\r\n", opened=False, ended=False)
        time.sleep(0.01)
    thread.stop()
    assert attempts <= 6


def test_after_writes_were_dropped_it_is_gone_on_with_in_a_new_file_once_the_disk_keeps_what_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(tmp_path)
    journal.append([("pbx1", 0, b"one\r\n", True, False)])
    full = OSError(5, "Input/output error")
    with monkeypatch.context() as failing:
        failing.setattr(Journal, "_write", raising(dropped_writes()))
        with pytest.raises(sqlite3.OperationalError):
            journal.append([("pbx1", 0, b"two\r\n", False, False)])
    with monkeypatch.context() as failing:
        failing.setattr("os.fsync", raising(full))
        with pytest.raises(OSError, match="Input/output"):
            journal.append([("pbx1", 0, b"two\r\n", False, False)])
    assert len(segments(tmp_path)) == 1
    journal.append([("pbx1", 0, b"two\r\n", False, False)])
    journal.append([("pbx1", 0, b"three\r\n", False, False)])
    journal.close()
    month, second = segments(tmp_path)
    assert second.name == month.name.replace(".db", "_2.db")
    assert not (tmp_path / "trial").exists()
    assert stream(tmp_path, "pbx1") == b"one\r\ntwo\r\nthree\r\n"
    assert Journal(tmp_path).ends == {"pbx1": 17}


def test_what_a_file_goes_on_to_show_though_it_was_never_confirmed_is_read_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(tmp_path)
    journal.append([("pbx1", 0, b"one\r\n", True, False)])
    unconfirmed = [("pbx1", 0, b"two\r\n", False, False), ("pbx1", 0, b"three\r\n", False, False)]
    write = Journal._write

    def written_and_not_confirmed(*arguments: Any) -> None:
        write(*arguments)
        raise dropped_writes()

    with monkeypatch.context() as failing:
        failing.setattr(Journal, "_write", staticmethod(written_and_not_confirmed))
        with pytest.raises(sqlite3.OperationalError):
            journal.append(unconfirmed)
    journal.append([*unconfirmed, ("pbx1", 0, b"four\r\n", False, False)])
    journal.close()
    first, _ = segments(tmp_path)
    with reading(first) as db:
        assert db.execute("SELECT count(*) FROM chunks").fetchone() == (3,)
    whole = b"one\r\ntwo\r\nthree\r\nfour\r\n"
    assert stream(tmp_path, "pbx1") == whole
    for position in range(len(whole) + 1):
        found = [(offset, length) for offset, _, length in extents(tmp_path, "pbx1", position) if length]
        assert found == [(0, 5), (5, 5), (10, 7), (17, 6)][-len(found) :]
        assert found[0][0] <= position


def test_a_process_that_is_killed_leaves_its_doubt_about_a_file_to_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(tmp_path)
    journal.append([("pbx1", 0, b"one\r\n", True, False)])
    with monkeypatch.context() as failing:
        failing.setattr(Journal, "_write", raising(dropped_writes()))
        with pytest.raises(sqlite3.OperationalError):
            journal.append([("pbx1", 0, b"two\r\n", False, False)])
    journal.close()
    for number in range(2):  # the next one finds the disk failing still, and is killed, too
        again = Journal(tmp_path)
        with monkeypatch.context() as failing:
            failing.setattr("os.fsync", raising(OSError(5, "Input/output error")))
            with pytest.raises(OSError, match="Input/output"):
                again.append([("pbx1", 0, b"two\r\n", False, False)])
        again.close()
        assert len(segments(tmp_path)) == 1, number
    last = Journal(tmp_path)
    last.append([("pbx1", 0, b"two\r\n", True, False)])
    last.close()
    assert len(segments(tmp_path)) == 2
    assert not list(tmp_path.glob("*.doubtful"))
    Journal(tmp_path).append([("pbx1", 0, b"three\r\n", True, False)])
    assert len(segments(tmp_path)) == 2
    assert stream(tmp_path, "pbx1") == b"one\r\ntwo\r\nthree\r\n"


def test_a_doubt_that_cannot_be_noted_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    journal = Journal(tmp_path)
    journal.append([("pbx1", 0, b"one\r\n", True, False)])
    with monkeypatch.context() as failing:
        failing.setattr(Journal, "_write", raising(dropped_writes()))
        failing.setattr("pathlib.Path.touch", raising(OSError(30, "Read-only file system")))
        with pytest.raises(sqlite3.OperationalError):
            journal.append([("pbx1", 0, b"two\r\n", False, False)])
    assert "cannot be marked as doubtful" in caplog.text
    journal.append([("pbx1", 0, b"two\r\n", False, False)])
    assert len(segments(tmp_path)) == 2


def raising(error: Exception) -> Callable[..., None]:
    def fail(*_: object) -> None:
        raise error

    return fail


def test_the_files_of_a_month_are_in_their_order_also_beyond_nine(tmp_path: Path) -> None:
    made = [f"2026-10{number}.db" for number in ("", *(f"_{n}" for n in range(2, 13)))] + ["2026-11.db"]
    for name in sorted(made):
        (tmp_path / name).touch()
    assert [path.name for path in segments(tmp_path)] == made
    assert beside(tmp_path / "2026-10_9.db").name == "2026-10_10.db"
