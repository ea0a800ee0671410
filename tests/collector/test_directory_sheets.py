"""The directory goes to a spreadsheet and comes back, faults are placed, and its extensions are compared with calls."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import openpyxl
import pytest
from click.testing import CliRunner, Result
from offices import Office, kx_td_line

from collector.cli.group import smdr
from collector.config import load

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "extension,department,person,post,may_call,from,until\n"
ROWS = '0117,"R, D",first,,,2026-01-01,2026-08-09\n117,#1,"a ""b""",,,,2026-08-09\n118,销售,张三,经理,local mobile,,\n'


@pytest.fixture
def kept(office: Office) -> Office:
    path = office.config.path
    path.write_text(path.read_text().replace('data = "data"\n', 'data = "data"\ndirectory = "directory.csv"\n', 1))
    path.with_name("directory.csv").write_text(HEAD + ROWS, encoding="utf-8")
    return Office(load(path))


def typed(office: Office, name: str, *arguments: object) -> Result:
    with_config = ["directory", name, "-c", str(office.config.path), *map(str, arguments)]
    return CliRunner().invoke(smdr, with_config)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_is_exported_comes_back_the_same(kept: Office, tmp_path: Path, kind: str) -> None:
    file = tmp_path / f"out.{kind}"
    assert typed(kept, "export", file).exit_code == 0
    shown = typed(kept, "import", file, "--apply")
    assert shown.output.startswith("0 added, 0 changed, 0 removed.\n")
    assert [line for line in typed(kept, "import", file).output.splitlines() if line[0] in "+-~"] == []
    assert (tmp_path / "directory.csv.old").read_text(encoding="utf-8") == HEAD + ROWS


def test_a_preview_changes_nothing_and_apply_does(kept: Office, tmp_path: Path) -> None:
    new = tmp_path / "new.csv"
    new.write_text(
        HEAD + '0117,"R, D",second,,,2026-01-01,2026-08-09\n118,销售,张三,经理,local mobile,,\n119,sales,,,,,\n',
        encoding="utf-8",
    )
    shown = typed(kept, "import", new).output.splitlines()
    assert shown == [
        '- 117,#1,a "b",,,,2026-08-09,',
        "~ 0117,R, D,first,,,2026-01-01,2026-08-09, -> 0117,R, D,second,,,2026-01-01,2026-08-09,",
        "+ 119,sales,,,,,,",
        "1 added, 1 changed, 1 removed.",
        "Nothing was written: --apply does.",
    ]
    assert (tmp_path / "directory.csv").read_text(encoding="utf-8") == HEAD + ROWS
    assert typed(kept, "import", new, "--apply").exit_code == 0
    assert (tmp_path / "directory.csv").read_text(encoding="utf-8") == new.read_text(encoding="utf-8")


def test_cells_of_a_spreadsheet_are_read_as_they_are_meant_and_faults_name_the_row(
    kept: Office, tmp_path: Path
) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in (
        ["extension", "department", "person", "from", "until"],
        [117.0, "sales", None, dt.datetime(2026, 3, 1), None],  # noqa: DTZ001  (spreadsheets know no zone)
        [],
        [118, "sales", None, None, "soon"],
    ):
        sheet.append(row)
    book.save(tmp_path / "new.xlsx")
    refused = typed(kept, "import", tmp_path / "new.xlsx", "--apply")
    assert refused.exit_code == 1
    assert f'{tmp_path / "new.xlsx"}:4:13: "soon" is not a day' in str(refused.exception)
    assert (tmp_path / "directory.csv").read_text(encoding="utf-8") == HEAD + ROWS
    sheet["E4"] = None
    book.save(tmp_path / "new.xlsx")
    assert "117,sales,,,,2026-03-01," in typed(kept, "import", tmp_path / "new.xlsx").output


def test_what_is_no_spreadsheet_is_said(kept: Office, tmp_path: Path) -> None:
    (tmp_path / "new.xlsx").write_bytes(b"no book")
    assert "cannot be read as XLSX" in str(typed(kept, "import", tmp_path / "new.xlsx").exception)
    assert "neither .csv nor .xlsx" in str(typed(kept, "export", tmp_path / "out.ods").exception)


def test_extensions_with_calls_nobody_held_and_without_calls_are_listed(kept: Office) -> None:
    kept.journal(kx_td_line(1) + kx_td_line(2))
    kept.project()
    assert typed(kept, "unknown").output.split()[:3] == ["117", "2", "calls"]
    assert typed(kept, "unused", "--days", "36500").output.split() == ["118"]
