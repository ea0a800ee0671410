"""Workbooks that somebody sent: damaged ones, and those that are small until they are unpacked."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
import xlsxwriter

from collector import workbooks
from collector.errors import UserError

if TYPE_CHECKING:
    from pathlib import Path

PARTS = ("xl/workbook.xml", "xl/sharedStrings.xml", "xl/worksheets/sheet1.xml", "[Content_Types].xml")


def book(path: Path, part: str = "", change: tuple[bytes, bytes] = (b"", b"")) -> Path:
    """A workbook with two rows, something changed in one of its parts."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made) as writer:
        sheet = writer.add_worksheet()
        sheet.write_row(0, 0, ["number", "paid"])
        sheet.write_row(1, 0, ["13900001234", 1.5])
    with ZipFile(made) as whole, ZipFile(path, "w", ZIP_DEFLATED) as out:
        for one in whole.namelist():
            content = whole.read(one)
            out.writestr(one, content.replace(*change, 1) if one == part else content)
    return path


def test_a_workbook_is_read_row_by_row(tmp_path: Path) -> None:
    assert list(workbooks.rows_of(book(tmp_path / "a.xlsx"))) == [["number", "paid"], ["13900001234", 1.5]]


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("change", [(b"?>", b'?><!DOCTYPE x [<!ENTITY a "aaaa">]>'), (b"?>", b"?><not closed")])
def test_one_that_is_damaged_or_has_entities_is_refused_with_a_sentence(
    tmp_path: Path, part: str, change: tuple[bytes, bytes]
) -> None:
    with pytest.raises(UserError, match=r"cannot be read as XLSX: [^\n]+\.$"):
        list(workbooks.rows_of(book(tmp_path / "a.xlsx", part, change)))


@pytest.mark.parametrize("limit", ["LARGEST", "LARGEST_TEXTS"])
def test_one_that_unpacks_to_too_much_is_refused_before_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(workbooks, limit, 100_000)
    texts = b"<si><t>one more</t></si>" * 10_000
    file = book(tmp_path / "a.xlsx", "xl/sharedStrings.xml", (b"</sst>", texts + b"</sst>"))
    assert file.stat().st_size < 100_000
    with pytest.raises(UserError, match="write it as CSV"):
        next(workbooks.rows_of(file))
