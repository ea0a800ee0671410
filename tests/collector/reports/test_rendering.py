"""Texts that are dangerous or wide, and files that cannot be written."""

from __future__ import annotations

import csv
import datetime as dt
import io
import shutil
import subprocess
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

from collector.cli.group import smdr
from collector.errors import UserError
from collector.problems import width
from collector.reports import pdf
from collector.reports.files import rendered
from collector.reports.table import Column, Report, Row, Section

if TYPE_CHECKING:
    from pathlib import Path

    from offices import Office

FORMULA = '=HYPERLINK("http://192.0.2.1","price")'
MARKUP = "#strong[*a*] \\ $x$ `y` @z"
SECTION = Section(
    "Sums",
    [Column("名称", "text"), Column("Calls", "count"), Column("Time", "duration"), Column("Cost", "amount")],
    [
        Row([FORMULA, 1, 59, Decimal("0.10")]),
        Row([MARKUP, 1234, 360_061, Decimal("-12345678.123456")]),
        Row(["张伟", None, None, None], "subtotal"),
        Row(["Total", 1235, 360_120, Decimal("1E+2")], "total"),
    ],
)
REPORT = Report("Title", ["About"], [SECTION], "en", dt.datetime(2026, 3, 1, tzinfo=dt.UTC))


def test_no_cell_of_csv_is_a_formula_and_amounts_are_exact() -> None:
    data = rendered(REPORT, "csv")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    assert data.startswith(b"\xef\xbb\xbf")
    assert [row[0] for row in rows] == ["名称", f"'{FORMULA}", MARKUP, "张伟", "Total"]
    assert [row[3] for row in rows[1:]] == ["0.10", "-12345678.123456", "", "100.00"]
    assert [row[2] for row in rows[1:]] == ["0:00:59", "100:01:01", "", "100:02:00"]


def test_a_workbook_has_texts_as_texts_and_the_rest_as_numbers() -> None:
    sheet = load_workbook(io.BytesIO(rendered(REPORT, "xlsx")))["Sums"]
    assert sheet is not None
    rows = list(sheet.iter_rows(min_row=4, values_only=True))
    assert rows[0] == ("名称", "Calls", "Time", "Cost")
    assert [row[0] for row in rows[1:]] == [FORMULA, MARKUP, "张伟", "Total"]
    assert sheet["A5"].data_type == "s"
    assert rows[2][1:] == (1234, dt.timedelta(seconds=360_061), -12345678.123456)
    assert sheet["A7"].font.bold
    assert not sheet["A6"].font.bold


def test_columns_of_a_text_stand_under_each_other() -> None:
    lines = rendered(REPORT, "text").decode().splitlines()[3:]
    cells = [sum(map(width, line)) for line in lines if not line.startswith("张伟")]
    assert len(set(cells)) == 1


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="needs poppler-utils; run scripts/test-servers")
def test_markup_in_a_name_is_only_text_on_paper(tmp_path: Path) -> None:
    (tmp_path / "report.pdf").write_bytes(rendered(REPORT, "pdf"))
    text = subprocess.run(
        ["pdftotext", "-layout", str(tmp_path / "report.pdf"), "-"],
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    for cell in (FORMULA, MARKUP, "张伟", "100:01:01", "-12345678.123456"):
        assert cell in text


def test_without_a_font_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "CHINESE_FONTS", ("No Such Font",))
    with pytest.raises(UserError, match="apt-get install fonts-noto-cjk"):
        rendered(REPORT, "pdf")
    plain = SECTION._replace(columns=[Column("Name", "text"), *SECTION.columns[1:]], rows=SECTION.rows[:2])
    assert rendered(REPORT._replace(sections=[plain]), "pdf").startswith(b"%PDF")


def test_a_pdf_that_would_be_too_large_is_refused_at_once() -> None:
    section = SECTION._replace(rows=[SECTION.rows[0]] * (pdf.MOST_ROWS + 1))
    with pytest.raises(UserError, match="A PDF of 5,001 lines would be too large"):
        rendered(REPORT._replace(sections=[section]), "pdf")
    assert rendered(REPORT._replace(sections=[section]), "csv").count(b"\r\n") == pdf.MOST_ROWS + 2


def run(office: Office, *arguments: str) -> Any:
    return CliRunner().invoke(smdr, ["report", *arguments, "-c", str(office.config.path)])


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("department", "--month", "2026-3"), '"2026-3" is not a month; write 2026-01'),
        (("department", "--quarter", "2026-Q5"), '"2026-Q5" is not a quarter; write 2026-Q1'),
        (("department", "--week", "2025-W53"), '"2025-W53" is not a week; write 2026-W05'),
        (("department", "--year", "0000"), '"0000" is not a year; write 2026'),
        (("department", "--month", "2026-03", "--year", "2026"), "Name one period only."),
        (("department", "--from", "2026-03-01"), "Give both --from and --until."),
        (("department", "--from", "2026-03-02", "--until", "2026-03-01"), "--until is before --from."),
        (("department", "--of", "Sale"), 'No call is of department "Sale".'),
        (("number", "--of", "138"), "A report of numbers is of all of them."),
        (("operators", "--of", "Li"), "A report of operators has no list of calls, and is of all of them."),
        (("operators", "--within", "Sales"), "The switchboard is of no department."),
        (("operators", "--site", "hq"), "A report of operators is of all sites."),
        (("operators",), "names no roster"),
        (("budgets", "--calls"), "A report of budgets has no list of calls, and is of all of them."),
        (("department", "--out", "a.doc"), 'What is ".doc"?'),
        (("department", "--out", "no/such/folder/a.csv"), "a.csv cannot be written: No such file or directory."),
    ],
)
def test_what_cannot_be_made_is_said(office: Office, arguments: tuple[str, ...], told: str) -> None:
    office.project()
    done = run(office, *arguments)
    assert done.exit_code
    assert told in done.output + str(done.exception)


def test_without_calls_there_is_an_empty_report_and_without_a_store_a_sentence(office: Office) -> None:
    done = run(office, "department", "--month", "2026-03")
    assert str(done.exception).startswith("Nothing is stored in ")
    office.project()
    done = run(office, "department", "--month", "2026-03", "--language", "en")
    assert done.output.splitlines()[-1].split() == ["Total", "0", "0", "0", "0:00:00", "0:00:00", "0.00"]


def test_a_file_is_for_its_owner_and_a_failure_leaves_none(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.project()
    folder = tmp_path / "reports"
    folder.mkdir()
    assert run(office, "department", "--month", "2026-03", "--out", str(folder / "a.csv")).exit_code == 0
    assert (folder / "a.csv").stat().st_mode & 0o777 == 0o600
    monkeypatch.setattr(pdf, "CHINESE_FONTS", ("No Such Font",))
    done = run(office, "department", "--month", "2026-03", "--language", "zh", "--out", str(folder / "a.pdf"))
    assert "fonts-noto-cjk" in str(done.exception)
    assert [file.name for file in folder.iterdir()] == ["a.csv"]
