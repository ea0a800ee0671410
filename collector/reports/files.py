"""Writing a report to where it is wanted, in one of four formats."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Literal, cast

from collector.errors import UserError
from collector.files import put
from collector.problems import choices
from collector.reports.rendering import as_csv, as_text, as_xlsx

if TYPE_CHECKING:
    from pathlib import Path

    from collector.reports.table import Report

Format = Literal["text", "csv", "xlsx", "pdf"]

SUFFIXES: dict[str, Format] = {".txt": "text", ".csv": "csv", ".xlsx": "xlsx", ".pdf": "pdf"}
_BINARY = ("xlsx", "pdf")


def chosen(format_: str | None, out: Path | None) -> Format:
    """The format that is asked for, or that the name of the file tells. Raises `UserError` where neither can be."""
    if format_ is None and out is not None and out.suffix.lower() not in SUFFIXES:
        raise UserError(f'What is "{out.suffix}"? {choices(out.suffix, SUFFIXES)}; or say --format.')
    wanted = cast("Format", format_) if format_ else SUFFIXES[out.suffix.lower()] if out else "text"
    if out is None and wanted in _BINARY and sys.stdout.isatty():
        raise UserError(f"A terminal cannot show {wanted}: name a file with --out.")
    return wanted


def rendered(report: Report, format_: Format) -> bytes:
    """The report as the bytes of a file."""
    match format_:
        case "text":
            return as_text(report).encode()
        case "csv":
            return as_csv(report).encode("utf-8-sig")
        case "xlsx":
            return as_xlsx(report)
        case "pdf":
            from collector.reports.pdf import as_pdf  # noqa: PLC0415  (large: only where asked for)

            return as_pdf(report)


def write(report: Report, format_: Format, out: Path | None) -> None:
    """Write a report to a file, in whole or not at all, or to standard output. Raises `UserError`."""
    if out is None:
        sys.stdout.buffer.write(rendered(report, format_).removeprefix(b"\xef\xbb\xbf"))
        sys.stdout.flush()
        return
    try:
        put(out, rendered(report, format_))
    except OSError as error:
        raise UserError(f"{out} cannot be written: {error.strerror or error}.") from None
