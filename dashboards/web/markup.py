"""HTML from values that may hold anything: every text is escaped here and nowhere else."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_CONTROL = re.compile(r"([\x00-\x1f\x7f-\x9f]+)")


class Markup(str):
    """HTML that is ready to be shown. A plain `str` is text and is escaped wherever it meets markup."""

    __slots__ = ()


def tag(name: str, /, *children: str | Markup, **attributes: str | float | None) -> Markup:
    """Return one element; ``class_`` stands for ``class``, ``_`` in names for ``-``; None leaves an attribute out."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Markup(f"<{name}{written}>{join(children)}</{name}>")


def join(parts: Iterable[str | Markup]) -> Markup:
    """Put text and markup after one another."""
    return Markup("".join(part if isinstance(part, Markup) else escape(part) for part in parts))


def table(headings: Iterable[str | Markup], rows: Iterable[Iterable[Markup]], class_: str) -> Markup:
    """Return a table; a row is made of its ``td`` elements."""
    head = tag(
        "thead", tag("tr", *(heading if isinstance(heading, Markup) else tag("th", heading) for heading in headings))
    )
    return tag("table", head, tag("tbody", *(tag("tr", *cells) for cells in rows)), class_=class_)


def verbatim(*parts: str | Markup, class_: str | None = None) -> Markup:
    """Return text as it stands; what is wider than the screen is scrolled to, from the keyboard too."""
    return tag("pre", *parts, class_=class_, tabindex="0")


def raw_line(raw: str, *, binary: bool = False) -> Markup:
    """Return a line as it was received, its control characters written out so that none hides; bytes in hexadecimal."""
    if binary:
        return verbatim(raw.encode("latin-1").hex(" "))
    parts = _CONTROL.split(raw)
    written = (
        tag("i", part.encode("unicode_escape").decode(), class_="control") if place % 2 else part
        for place, part in enumerate(parts)
    )
    return verbatim(*written)
