from __future__ import annotations

import random
import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector import salvage

if TYPE_CHECKING:
    from pathlib import Path

PAGE = 4096


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    """A database with rows of every size, half of them in its write-ahead log, left as a killed process leaves it."""
    chance = random.Random(4)
    path, live = tmp_path / "sound.db", tmp_path / "live.db"
    with closing(sqlite3.connect(live)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA wal_autocheckpoint = 0")
        db.execute(
            "CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT, much INTEGER, share REAL, data BLOB, none TEXT)"
        )
        db.execute("CREATE TABLE pairs (name TEXT, number INTEGER, PRIMARY KEY (name, number)) WITHOUT ROWID")
        for number in range(1, 1500):
            size = chance.choice((0, 3, 80, 500, 4000, 4062, 9000, 30_000 if number % 100 == 0 else 1))
            much = chance.choice((0, 1, -1, 127, -129, 40_000, -(2**23), 2**40, -(2**62)))
            row = (number, "名" * (number % 7), much, number / 3, random.Random(number).randbytes(size), None)
            db.execute("INSERT INTO things VALUES (?,?,?,?,?,?)", row)
            db.execute("INSERT INTO pairs VALUES (?, ?)", (f"{number * 7919 % 1500:05}" * 20, number))
            if number == 700:
                db.commit()
                db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.commit()
        db.execute("INSERT INTO things (name) VALUES ('never committed')")
        for suffix in ("", "-wal"):
            shutil.copy(f"{live}{suffix}", f"{path}{suffix}")
    return path


def things(path: Path) -> dict[int, tuple[object, ...]]:
    """Rows of table things by their number, in the shape that SQL gives."""
    found = {}
    for rowid, values in salvage.rows(path):
        if rowid is not None and len(values) == 6:
            found[rowid] = (rowid, *values[1:])
    return found


def test_of_a_sound_file_every_committed_row_is_read(sound: Path) -> None:
    found = things(sound)
    pairs = {values for rowid, values in salvage.rows(sound) if rowid is None and len(values) == 2}
    with closing(sqlite3.connect(sound)) as db:
        stored = {row[0]: row for row in db.execute("SELECT * FROM things")}
        assert found == stored
        assert pairs == set(db.execute("SELECT * FROM pairs"))
    assert len(stored) == 1499


@pytest.mark.parametrize("damage", ["header", "schema", "root", "log"])
def test_what_stands_above_the_rows_may_be_damaged(sound: Path, damage: str) -> None:
    before = things(sound)
    with closing(sqlite3.connect(sound)) as db:
        root = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'things'").fetchone()[0]
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = bytearray(sound.read_bytes())
    begin, size = {"header": (0, 100), "schema": (100, 3996), "root": ((root - 1) * PAGE, PAGE), "log": (0, 0)}[damage]
    data[begin : begin + size] = bytes(size)
    sound.write_bytes(data)
    if damage == "log":
        sound.with_name(f"{sound.name}-wal").write_bytes(b"garbage" * 9999)
    assert things(sound) == before


def test_of_a_damaged_page_its_own_rows_are_lost_and_no_others(sound: Path) -> None:
    """Rows that go on over several pages aside: what the last of them held, only a checksum can tell."""
    before = things(sound)
    with closing(sqlite3.connect(sound)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    whole = sound.read_bytes()
    for number in range(2, len(whole) // PAGE, 29):
        data = bytearray(whole)
        data[number * PAGE : (number + 1) * PAGE] = bytes(PAGE)
        sound.write_bytes(data)
        found = things(sound)
        assert {rowid: row for rowid, row in found.items() if row != before[rowid] and len(row[4]) <= PAGE - 200} == {}
        assert len(before) - len(found) < 60


def test_of_a_file_that_is_cut_the_rest_is_read(sound: Path) -> None:
    before = things(sound)
    with closing(sqlite3.connect(sound)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = sound.read_bytes()
    sound.write_bytes(data[: len(data) // 2 + 1234])
    found = things(sound)
    assert found.items() < before.items()
    assert len(found) > len(before) // 3


@settings(max_examples=60)
@given(seed=st.integers(0, 2**32))
def test_whatever_the_bytes_it_never_raises(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    chance = random.Random(seed)
    path = tmp_path_factory.mktemp("garbage") / "garbage.db"
    data = bytearray(chance.randbytes(chance.randrange(5 * PAGE)))
    for begin in range(0, len(data), PAGE):
        data[begin] = chance.choice((0x0D, 0x0A, 0x02, data[begin]))
        data[begin + 1 : begin + 5] = b"\0\0\0\x40"
    path.write_bytes(data)
    path.with_name(f"{path.name}-wal").write_bytes(b"\x37\x7f\x06\x82" + chance.randbytes(PAGE))
    for row in salvage.rows(path):
        assert isinstance(row.values, tuple)
