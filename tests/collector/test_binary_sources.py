"""Sources of binary files: kept, projected, restarted and read anew as those of lines are."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from offices import Office

from collector.commands.calls import stored
from collector.commands.importing import import_file
from collector.commands.rebuilding import reparse
from collector.config import load
from collector.journal import Journal
from parsers import formats

if TYPE_CHECKING:
    from pathlib import Path

DECLARED = formats.get("zte/zxj10")
HEADER, SAMPLES = DECLARED.heading, DECLARED.samples
SIZE = len(HEADER)
FILE = HEADER + b"".join(SAMPLES)
NUMBERS = [(SIZE * number,) for number in range(1, len(SAMPLES) + 1)]


@pytest.fixture
def binary(tmp_path: Path) -> Office:
    return office_in(tmp_path, DECLARED.name)


def office_in(folder: Path, format_name: str) -> Office:
    path = folder / "binary.toml"
    site = '[site]\nname = "hq"\ntimezone = "Asia/Shanghai"\ndata = "binary"\n'
    source = f'[[source]]\nname = "pbx1"\ninput = "folder:bills"\nformat = "{format_name}"\n'
    path.write_text(site + source, encoding="utf-8")
    return Office(load(path))


def ended(office: Office) -> None:
    """Tell that the file was read to its end."""
    journal = Journal(office.config.site.data / "journal")
    journal.append([("pbx1", 0, b"", False, True)])
    journal.close()


def legs(office: Office) -> list[tuple[int]]:
    return office.rows("SELECT offset FROM legs ORDER BY offset")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(0, len(FILE)), max_size=6))
def test_a_restart_anywhere_gives_the_same_calls(tmp_path_factory: pytest.TempPathFactory, cuts: list[int]) -> None:
    office = office_in(tmp_path_factory.mktemp("office"), DECLARED.name)
    start = 0
    for cut in [*sorted(cuts), len(FILE)]:
        office.journal(FILE[start:cut], opened=start == 0)
        office.project()
        start = cut
    assert legs(office) == NUMBERS
    assert office.rows("SELECT reason, count, bytes FROM noise") == [("heading", 1, SIZE)]
    office.assert_conserved()


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(0, 3 * SIZE + 5000), max_size=4))
def test_a_restart_inside_damage_gives_the_same_piece(
    tmp_path_factory: pytest.TempPathFactory, cuts: list[int]
) -> None:
    office = office_in(tmp_path_factory.mktemp("office"), DECLARED.name)
    data = HEADER + SAMPLES[0] + b"\x01" * 5000 + SAMPLES[1]
    start = 0
    for cut in [*sorted(cuts), len(data)]:
        office.journal(data[start:cut])
        office.project()
        start = cut
    assert legs(office) == [(SIZE,), (2 * SIZE + 5000,)]
    assert office.rows("SELECT reason, offset, length(raw) FROM rejected") == [("control-bytes", 2 * SIZE, 4096)]
    assert office.rows("SELECT record_bytes, rejected_bytes, noise_bytes FROM sources") == [(2 * SIZE, 5000, SIZE)]
    office.assert_conserved()


def test_every_file_of_a_folder_has_its_header(binary: Office) -> None:
    for samples in (SAMPLES[:2], SAMPLES[2:]):
        binary.journal(HEADER + b"".join(samples), opened=True)
        ended(binary)
        binary.project()
    assert legs(binary) == [(SIZE,), (2 * SIZE,), *((SIZE * number,) for number in range(4, len(SAMPLES) + 2))]
    assert binary.rows("SELECT reason, count, bytes FROM noise") == [("heading", 2, 2 * SIZE)]
    binary.assert_conserved()


def test_a_file_that_ends_in_a_record_loses_no_other(binary: Office) -> None:
    binary.journal(HEADER + SAMPLES[0] + SAMPLES[1][:100], opened=True)
    binary.project()
    assert binary.rows("SELECT count(*) FROM rejected") == [(0,)]
    ended(binary)
    binary.journal(HEADER + SAMPLES[1], opened=True)
    binary.project()
    assert legs(binary) == [(SIZE,), (3 * SIZE + 100,)]
    assert binary.rows("SELECT reason, offset, hint FROM rejected") == [
        ("cut-off", 2 * SIZE, "100 bytes stand where a record has 123")
    ]
    binary.assert_conserved()


def test_a_folder_s_file_that_has_grown_is_read_on_without_another_header(binary: Office) -> None:
    binary.journal(HEADER + SAMPLES[0], opened=True)
    ended(binary)
    binary.project()
    binary.journal(SAMPLES[1] + SAMPLES[3], opened=True)
    binary.project()
    assert legs(binary) == NUMBERS[:3]
    binary.assert_conserved()


def test_two_connections_at_once_do_not_tear_each_others_records(binary: Office) -> None:
    binary.journal(HEADER + SAMPLES[0][:40], lane=0, opened=True)
    binary.journal(HEADER + SAMPLES[1][:11], lane=1, opened=True)
    binary.project()
    binary.journal(SAMPLES[0][40:], lane=0)
    binary.journal(SAMPLES[1][11:], lane=1)
    binary.project()
    assert binary.rows("SELECT offset, number FROM calls ORDER BY offset") == [
        (SIZE, "13900000012"),
        (2 * SIZE + 40, "13900000034"),
    ]
    binary.assert_conserved()


def test_a_file_imported_twice_adds_nothing_and_reads_the_same_again(binary: Office, tmp_path: Path) -> None:
    file = tmp_path / "bill"
    file.write_bytes(FILE)
    assert import_file(file, "pbx1", binary.config).legs == len(SAMPLES)
    assert import_file(file, "pbx1", binary.config).added == 0
    before = list(stored(binary.config, legs=True))
    assert len(before) == 2 * len(SAMPLES)
    assert reparse(binary.config) == len(SAMPLES)
    assert list(stored(binary.config, legs=True)) == before
    binary.assert_conserved()


def test_the_bytes_of_a_record_are_kept_as_they_came(binary: Office) -> None:
    binary.journal(FILE)
    binary.project()
    rows = map(json.loads, stored(binary.config, legs=True))
    kept = [row["raw"].encode("latin-1") for row in rows if row["kind"] == "leg"]
    assert kept == list(SAMPLES)


def test_the_format_of_a_binary_file_is_found_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    office = office_in(tmp_path, "auto")
    office.journal(HEADER + b"".join(SAMPLES[:2]))
    office.project()
    assert office.rows("SELECT count(*) FROM legs") == [(0,)]
    office.journal(b"".join(SAMPLES[2:]))
    office.project()
    assert legs(office) == NUMBERS
    assert "Source pbx1 prints zte/zxj10: from here on it is read as that." in caplog.messages
    office.assert_conserved()
