"""A folder with one file adds a format: every command knows it, the collector reads with it, `smdr check` refuses it when wrong."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from smdr_command import SMDR, run_smdr

FORMAT = Path(__file__).parents[2] / "parsers/site_formats/acme.toml"
CONFIG = """[site]
name = "hq"
timezone = "Asia/Shanghai"
data = "data"

[[source]]
name = "pbx1"
input = "file:pbx.log"
format = "acme/100"
"""
CAPTURE = b"""2026-03-02;9:02:28 AM;I;109;04;05550120;6;0:00:12;;;A\r
2026-03-02;9:04:28 AM;I;110;04;05550120;;0:01:40;TR;;A\r
2026-03-02;9:07:00 AM;O;138;01;13900000012;;0:03:22;;;\r
2026-03-02;9:09:00 AM;Z;138;01;13900000012;;0:03:22;;;\r
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "formats").mkdir()
    (tmp_path / "formats/acme.toml").write_bytes(FORMAT.read_bytes())
    (tmp_path / "smdr.toml").write_text(CONFIG)
    (tmp_path / "pbx.log").write_bytes(CAPTURE)
    return tmp_path


def smdr(folder: Path, *arguments: str) -> tuple[int, str, str]:
    return run_smdr(*arguments, folder=folder)


def rows(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("known_by", [("-c", "smdr.toml"), ("--formats-dir", "formats")])
def test_commands_that_need_no_configuration_know_it(folder: Path, known_by: tuple[str, str]) -> None:
    status, out, _ = smdr(folder, "parse", "--format", "acme/100", *known_by, "pbx.log")
    assert status == 0
    assert [row["kind"] for row in rows(out)] == ["leg", "leg", "leg", "rejected"]
    assert rows(out)[0]["number"] == "05550120"
    assert smdr(folder, "detect", *known_by, "pbx.log")[1].startswith("acme/100 ")
    assert "acme/100" in smdr(folder, "formats", *known_by)[1]
    listed = json.loads(smdr(folder, "formats", "--json", *known_by)[1])
    assert [row["name"] for row in listed if row["status"] == "site"] == ["acme/100"]
    printed = smdr(folder, "simulate", "--format", "acme/100", *known_by, "--count", "3", "--from", "2026-03-02T09:00")
    assert printed[0] == 0
    assert all(line.startswith("2026-03-02;9:") for line in printed[1].splitlines())
    line = CAPTURE.splitlines()[0].decode()
    _, told, _ = smdr(folder, "explain", "--format", "acme/100", *known_by, line)
    assert "trunk 04 (the outside line)" in told


def test_what_was_collected_with_it_is_read_anew_after_a_correction(folder: Path) -> None:
    assert "  format acme/100: Acme 100, as its samples say (2)\n" in smdr(folder, "check")[1]
    status, out, _ = smdr(folder, "import", "pbx.log", "--source", "pbx1")
    assert (status, out) == (0, f"Added {len(CAPTURE)} bytes to pbx1: 3 legs, 3 calls, 1 rejected line.\n")
    file = folder / "formats/acme.toml"
    file.write_text(file.read_text().replace('X = "internal"', 'X = "internal"\nZ = "outgoing"'))
    assert smdr(folder, "reparse") == (0, "4 calls.\n", "")
    calls = rows(smdr(folder, "calls")[1])
    assert [call["direction"] for call in calls] == ["incoming", "incoming", "outgoing", "outgoing"]
    assert {call["format"] for call in calls} == {"acme/100"}
    (source,) = json.loads(smdr(folder, "status", "--json")[1])["sources"]
    count = source["bytes"]
    assert count["received"] == len(CAPTURE) == sum(count[key] for key in ("records", "rejected", "noise", "pending"))


def test_the_collector_reads_with_it_and_goes_on_after_a_restart(folder: Path) -> None:
    (folder / "smdr.toml").write_text(CONFIG.replace("file:pbx.log", "stdin:"))
    for capture in (CAPTURE[:100], CAPTURE[100:]):
        subprocess.run([SMDR, "run"], cwd=folder, input=capture, check=True, capture_output=True)
    assert [call["extension"] for call in rows(smdr(folder, "calls")[1])][-1] == "138"
    (source,) = json.loads(smdr(folder, "status", "--json")[1])["sources"]
    assert source["bytes"]["received"] == len(CAPTURE)
    assert source["legs"] >= 2


def test_the_format_is_found_out_by_itself(folder: Path) -> None:
    (folder / "smdr.toml").write_text(CONFIG.replace('"acme/100"', '"auto"'))
    (folder / "pbx.log").write_bytes(CAPTURE * 10)
    smdr(folder, "import", "pbx.log", "--source", "pbx1")
    assert {call["format"] for call in rows(smdr(folder, "calls")[1])} == {"acme/100"}


@pytest.mark.parametrize("command", ["check", "run", "reparse"])
def test_a_wrong_column_is_pointed_at_and_nothing_starts(folder: Path, command: str) -> None:
    file = folder / "formats/acme.toml"
    file.write_text(file.read_text().replace("ring_s = 7", "ring_s = 12"))
    status, out, err = smdr(folder, command)
    assert (status, out) == (1, "")
    assert err.startswith("formats/acme.toml:14:10: ")
    assert not (folder / "data").exists()


def test_without_the_file_the_format_is_unknown(folder: Path) -> None:
    (folder / "formats/acme.toml").unlink()
    status, _, err = smdr(folder, "check")
    assert status == 1
    assert 'smdr.toml:9:10: unknown format "acme/100"' in err
