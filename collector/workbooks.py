"""Reading a workbook (XLSX) that somebody sent: it may be damaged, or made to take all memory when it is unpacked."""

from __future__ import annotations

import zlib
from contextlib import closing
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile, ZipFile

from collector.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LARGEST = 400 * 1024 * 1024
"""Bytes of all its parts, unpacked. Sheets are read row by row."""
LARGEST_TEXTS = 40 * 1024 * 1024
"""Bytes of its table of texts, unpacked: it is read at once, and takes eight times as much memory."""

_TEXTS = "sharedstrings.xml"
_UNREADABLE = (OSError, BadZipFile, zlib.error, EOFError, LookupError, ValueError, TypeError, SyntaxError)
"""What reading a damaged one ends with; among ValueErrors are entities (defusedxml), malformed XML is a SyntaxError."""


def rows_of(path: Path) -> Iterator[list[Any]]:
    """The rows of its first sheet. Raises `UserError` where it cannot be read, or is too large."""
    from openpyxl import load_workbook  # noqa: PLC0415  (takes a moment: only where one is read)

    try:
        _refuse_large(path)
        with closing(load_workbook(path, read_only=True, data_only=True)) as book:
            for row in book.worksheets[0].iter_rows(values_only=True):
                yield list(row)
    except _UNREADABLE as error:
        reason = str(getattr(error, "strerror", None) or error).partition("\n")[0].rstrip(".")
        raise UserError(f"{path} cannot be read as XLSX: {reason}.") from None


def _refuse_large(path: Path) -> None:
    with ZipFile(path) as packed:
        parts = packed.infolist()
    whole = sum(part.file_size for part in parts)
    texts = sum(part.file_size for part in parts if part.filename.lower().endswith(_TEXTS))
    if whole > LARGEST or texts > LARGEST_TEXTS:
        raise UserError(f"Unpacked, {path} has {whole // 1024**2:,} MB: write it as CSV.")
