from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from old_offices import OLD_SCHEMAS, written_by

from collector.commands.calls import stored

if TYPE_CHECKING:
    from pathlib import Path

    from offices import Office


def told(office: Office) -> tuple[list[str], ...]:
    """Everything that can be read of an office's calls."""
    sums = "source, direction, class, department, extension, trunk, hour, calls, answered, ring_s, talk_s, held_s"
    queries = (
        f"SELECT {sums} FROM rollups WHERE calls OR held_s",
        "SELECT * FROM hours WHERE calls OR held_s",
        "SELECT source, offset, received, reason, raw FROM rejected",
        "SELECT source, format, legs, calls, record_bytes, rejected_bytes, noise_bytes FROM sources",
        "SELECT source, offset, call, received FROM legs",
        "SELECT source, offset, received, open FROM calls",
    )
    rows = (sorted(map(repr, office.rows(query))) for query in queries)
    return list(stored(office.config, legs=True)), *rows


@pytest.mark.parametrize("schema", OLD_SCHEMAS)
def test_an_old_database_says_the_same_once_it_is_brought_up_to_date(schema: int, tmp_path: Path) -> None:
    old, new = written_by(schema, tmp_path / "old"), written_by(None, tmp_path / "new")
    old.project()
    new.project()
    assert told(old) == told(new)
    assert len(told(old)[0]) > 40
    old.assert_conserved()


def test_outputs_go_on_where_they_were_and_know_what_they_may_have_been_given(tmp_path: Path) -> None:
    old = written_by(3, tmp_path / "old")
    with closing(sqlite3.connect(old.config.site.data / "calls.db")) as db:
        before = db.execute("SELECT source, offset, seq, start FROM calls WHERE retagged").fetchall()
        sums = db.execute("SELECT seq, source, hour, calls FROM rollups ORDER BY 1").fetchall()
    old.project()
    former = [(*identity, f"[{start}]") for *identity, start in before]
    assert old.rows("SELECT source, offset, seq, former FROM calls WHERE former != '[]'") == former
    assert len(former) > 0
    assert old.rows("SELECT seq, source, hour, calls FROM rollups ORDER BY 1") == sums
    assert old.rows("SELECT output, calls_seq, rollups_seq FROM outputs") == [("influx", 5, 3)]
