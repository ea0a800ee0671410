"""What a report is before it is rendered: sections of rows, whose cells have a kind each."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from collector.accounting.amounts import written

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboards.words import Language

Kind = Literal["text", "count", "duration", "amount", "share", "moment"]
Level = Literal["line", "subtotal", "total"]
Cell: TypeAlias = "str | int | Decimal | dt.datetime | None"
"""A text, a count or a duration in seconds, an amount or a share of 1, a moment at the site. None: nothing stands there."""

NUMBERS: frozenset[Kind] = frozenset({"count", "duration", "amount", "share"})
"""Kinds that stand at the right of their column."""


class Column(NamedTuple):
    """What stands over a column, and what is in it."""

    label: str
    kind: Kind


class Row(NamedTuple):
    """A cell for each column; a subtotal is of the lines since the one before."""

    cells: Sequence[Cell]
    level: Level = "line"


class Section(NamedTuple):
    """One table of a report."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Row]


class Report(NamedTuple):
    """A report: ``about`` are the lines under its title. ``made`` is when it was made, at the site."""

    title: str
    about: Sequence[str]
    sections: Sequence[Section]
    language: Language
    made: dt.datetime


def shown(cell: Cell, kind: Kind) -> str:
    """A cell as people read it."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, Decimal):
        return f"{cell:.1%}" if kind == "share" else written(cell)
    if isinstance(cell, dt.datetime):
        return cell.isoformat(" ")
    return f"{cell // 3600}:{cell // 60 % 60:02d}:{cell % 60:02d}" if kind == "duration" else str(cell)
