"""Rendering a report as PDF, with the fonts it is set in embedded: it looks the same on every computer and printer."""

from __future__ import annotations

import json
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import typst

from collector.errors import UserError
from collector.problems import width
from collector.reports.table import NUMBERS, shown
from dashboards.words import word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.reports.table import Report, Section

CHINESE_FONTS = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Droid Sans Fallback",
)
"""Families that have Chinese characters, the better ones first. Debian has packages of all but the second and third."""
PACKAGE = "fonts-noto-cjk"
LATIN_FONT = "Libertinus Serif"
"""It comes with the library."""

_PAGE = Path(__file__).with_name("page.typ")
_UPRIGHT_COLUMNS = 8
MOST_ROWS = 5000
"""As many take 100 pages, and 0.9 GB of memory while they are set."""


def as_pdf(report: Report) -> bytes:
    """A document of A4 pages. Raises `UserError` where it would be too large, or there is no font for its characters."""
    rows = sum(len(section.rows) for section in report.sections)
    if rows > MOST_ROWS:
        raise UserError(
            f"A PDF of {rows:,} lines would be too large; {MOST_ROWS:,} are the most. Leave out the calls with --no-calls, "
            "take one person or department with --of, or write CSV or XLSX."
        )
    fonts = typst.Fonts()
    page = json.dumps(_page(report, _families(report, fonts.families())), ensure_ascii=False)
    compiler = typst.Compiler(_PAGE.read_bytes(), font_paths=fonts, sys_inputs={"report": page})
    made = compiler.compile(format="pdf", pdf_tags=False, timestamp=int(report.made.timestamp()))
    assert isinstance(made, bytes)  # noqa: S101  (a PDF is one file)
    return made


def _families(report: Report, installed: list[str]) -> list[str]:
    chinese = [family for family in CHINESE_FONTS if family in installed][:1]
    if not chinese and any(width(char) == 2 for text in _texts(report) for char in set(text)):
        raise UserError(
            "No font with Chinese characters is installed, so no PDF with them can be made. "
            f"On Debian: apt-get install {PACKAGE}."
        )
    return [*chinese, LATIN_FONT]


def _page(report: Report, families: list[str]) -> dict[str, object]:
    return {
        "title": report.title,
        "about": report.about,
        "language": report.language,
        "fonts": families,
        "page": word("report.page", report.language),
        "wide": any(len(section.columns) > _UPRIGHT_COLUMNS for section in report.sections),
        "sections": [_section(section) for section in report.sections],
    }


def _section(section: Section) -> dict[str, object]:
    kinds = [column.kind for column in section.columns]
    return {
        "title": section.title,
        "labels": [column.label for column in section.columns],
        "numbers": [kind in NUMBERS for kind in kinds],
        "levels": [row.level for row in section.rows],
        "rows": [[shown(cell, kind) for cell, kind in zip(row.cells, kinds, strict=True)] for row in section.rows],
    }


def _texts(report: Report) -> Iterator[str]:
    yield report.title
    yield from report.about
    for section in report.sections:
        yield from (column.label for column in section.columns)
        yield from (cell for cell in chain.from_iterable(row.cells for row in section.rows) if isinstance(cell, str))
