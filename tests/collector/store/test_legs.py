"""What calls.db keeps of a leg, and what it leaves to the call and to the journal, is together what the line said."""

from __future__ import annotations

import io
import json
import tomllib
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from offices import Office

from collector.assembly import accounting_of
from collector.commands.calls import stored
from collector.commands.parse import parse
from collector.config import load
from collector.journal import Journal
from collector.projector import Projector

FIXTURES = Path(__file__).parents[3] / "fixtures"
CASES = sorted(path.parent.relative_to(FIXTURES).as_posix() for path in FIXTURES.glob("*/*/*/case.toml"))


def office_of(folder: Path, name: str, zone: str) -> Office:
    path = folder / "smdr.toml"
    site = f'[site]\nname = "hq"\ntimezone = "{zone}"\ndata = "data"\n'
    path.write_text(site + f'[[source]]\nname = "pbx1"\ninput = "file:x.log"\nformat = "{name}"\ndate_order = "dmy"\n')
    return Office(load(path))


@pytest.mark.parametrize("size", [1 << 20, 30])
@pytest.mark.parametrize("case", CASES)
def test_a_stored_leg_is_what_the_line_said(
    case: str, size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    declared = tomllib.loads((FIXTURES / case / "case.toml").read_text())
    received = datetime.fromisoformat(declared["received"]).timestamp()
    monkeypatch.setattr("collector.projector.time.time", lambda: received)  # no line is long in coming
    capture = FIXTURES / case / "raw.bin"
    data = capture.read_bytes()
    office = office_of(tmp_path, declared["format"], declared["tz"])
    journal = Journal(office.config.site.data / "journal", lambda: received)
    projector = Projector(office.config, accounting_of(office.config))
    for begin in range(0, len(data), size):
        journal.append([("pbx1", 0, data[begin : begin + size], begin == 0, False), ("pbx1", 1, b"\r\n", False, False)])
        if begin % 5 == 0:
            projector.project_all()
    journal.append([("pbx1", 0, b"", False, True)])
    projector.project_all()
    projector.close()
    journal.close()
    printed = io.StringIO()
    parse(capture, declared["format"], ZoneInfo(declared["tz"]), received, calls=False, order="dmy", out=printed)
    said = [_without_place(row) for row in map(json.loads, printed.getvalue().splitlines()) if row["kind"] == "leg"]
    kept = [row for row in map(json.loads, stored(office.config, legs=True)) if row["kind"] == "leg"]
    kept.sort(key=lambda row: row["offset"])
    assert [_without_place(row) for row in kept] == said


def _without_place(row: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in row.items() if key not in {"source", "offset"}}
