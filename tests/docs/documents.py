"""README.md and docs/*.md taken apart: what is fenced, linked to, and named in them."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]

_FENCED = re.compile(r"^(?P<indent> *)```(?P<language>\w*)\n(?P<text>.*?)^ *```$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


class Block(NamedTuple):
    """A fenced block and the line it begins on."""

    language: str
    text: str
    line: int


def blocks(document: Path, *languages: str) -> list[Block]:
    """The fenced blocks of these languages, in order."""
    text = document.read_text(encoding="utf-8")
    return [
        Block(found["language"], textwrap.dedent(found["text"]), text.count("\n", 0, found.start()) + 1)
        for found in _FENCED.finditer(text)
        if found["language"] in languages
    ]


def links(document: Path) -> list[str]:
    """Where a document's links and pictures lead, those to the web left out."""
    found = _LINK.findall(_prose(document))
    return [target for target in found if not re.match(r"https?://|mailto:", target)]


def anchors(document: Path) -> set[str]:
    """The names under which a document's headings can be linked to."""
    headings = _HEADING.findall(_prose(document))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def named(document: Path) -> Iterator[str]:
    """What stands between single backticks."""
    yield from _CODE.findall(_prose(document))


def _prose(document: Path) -> str:
    return _FENCED.sub("", document.read_text(encoding="utf-8"))


def messages(document: Path) -> Iterator[str]:
    """What tables headed "it says" quote; ``…`` stands for what differs from time to time."""
    for table in re.findall(r"^\| it says .*\n(?:\|.*\n)*", _prose(document), re.MULTILINE):
        for first_cell in re.findall(r"^\|([^|]*)\|", table, re.MULTILINE):
            yield from _CODE.findall(first_cell)
