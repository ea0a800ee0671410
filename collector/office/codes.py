"""Who has which account or authorisation code.

A CSV file, ``code,person,from,until,site``; ``until`` is the last day. An empty ``site`` is every one.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, NamedTuple

from collector.accounting.sheet import Sheet, day_of, site_of

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

_COLUMNS = ("code", "person", "from", "until", "site")


class CodeHolder(NamedTuple):
    """A row: who has a code from the first day to the last."""

    code: str
    person: str
    first: dt.date
    last: dt.date


Codes = dict[str, list[CodeHolder]]
"""The rows of each code."""


def load_codes(path: Path, *, sites: Collection[str] = (), at: str | None = None) -> Codes:
    """Load the codes, those of one site (``at``) or of all. Raises ConfigError with all the faults of the file."""
    sheet = Sheet(path, _COLUMNS, needed=("code", "person"))
    codes: Codes = {}
    for row in sheet.rows():
        first, last = day_of(sheet, row["from"], dt.date.min), day_of(sheet, row["until"], dt.date.max)
        if last < first:
            sheet.fault(row["until"], '"until" is before "from"', "until is the last day")
        if site_of(sheet, row["site"], sites) not in ("", at or row["site"].text):
            continue
        code = row["code"].text
        codes.setdefault(code, []).append(CodeHolder(code, row["person"].text, first, last))
    sheet.close()
    return codes
