"""`smdr verify` says that everything holds, and finds what was made wrong on purpose."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest
from offices import Office, kx_td_line

from collector.keeping.verify import verify
from collector.segments import segments

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def full(office: Office) -> Office:
    office.journal(b"".join(map(kx_td_line, range(300))) + b"torn\r\n")
    office.project()
    return office


def faults(office: Office, *, deep: bool = True) -> list[str]:
    return [f"{proof.what}: {proof.fault}" for proof in verify(office.config, deep=deep) if proof.fault]


def change(path: Path, statement: str) -> None:
    db = sqlite3.connect(path)
    with db:
        db.execute(statement)
    db.close()


def test_everything_holds_where_nothing_was_changed(full: Office) -> None:
    assert len(list(verify(full.config, deep=True))) > 8
    assert faults(full) == []


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("DELETE FROM stored_calls WHERE seq = (SELECT min(seq) FROM stored_calls)", "calls of pbx1 are those counted"),
        (
            "DELETE FROM stored_legs WHERE offset = (SELECT max(offset) FROM stored_legs)",
            "legs of pbx1 are those counted",
        ),
        ("DELETE FROM rejected", "rejected of pbx1 are those counted"),
        ("UPDATE stored_sums SET calls = calls + 1", "hourly sums are those of the calls"),
        ("UPDATE stored_hours SET talk_s = talk_s + 1", "hours come to their sums"),
        ("DELETE FROM stored_hours", "hours come to their sums"),
        ("UPDATE sources SET record_bytes = record_bytes + 1", "received = records + rejected + noise + pending"),
        (
            "UPDATE stored_calls SET talk_s = talk_s + 1 WHERE seq = (SELECT min(seq) FROM stored_calls)",
            "made anew from the journal",
        ),
    ],
)
def test_what_was_changed_in_the_calls_is_found(full: Office, statement: str, found: str) -> None:
    change(full.config.site.data / "calls.db", statement)
    assert any(found in fault for fault in faults(full)), faults(full)


def test_a_gap_in_the_journal_is_found(office: Office) -> None:
    for number in range(3):
        office.journal(kx_td_line(number))
    office.project()
    (segment,) = segments(office.config.site.data / "journal")
    change(segment, "DELETE FROM chunks WHERE offset > 0 AND offset < 100")
    assert any("the stream of pbx1 has no gap" in fault for fault in faults(office, deep=False))


def test_a_damaged_file_is_named(full: Office) -> None:
    path = full.config.site.data / "calls.db"
    data = bytearray(path.read_bytes())
    data[4096:12288] = bytes(8192)
    path.write_bytes(data)
    assert any(fault.startswith("calls.db is whole") for fault in faults(full, deep=False))
