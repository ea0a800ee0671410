"""The formats' reference, written from their declarations: what is understood, how sure that is, and what is not."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING

from parsers import formats
from parsers.records import NOISE, REASONS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from parsers.formats import Format

_INTRODUCTION = """\
# Formats

<!-- Written by scripts/reference.py from parsers/*.py: change the declarations and their docstrings there. -->

A **verified** format fits a capture of a real PBX. One **from manual** was written from the maker's manual and has yet to
meet a PBX: please send a capture. "No" under *ring time* or *answered or not* means that the PBX does not print it; it
is shown as not reported, never as 0.

"""


def page() -> str:
    """Return docs/formats.md."""
    sections = sorted(_section(inspect.getdoc(family) or "") for family in formats.families())
    return _INTRODUCTION + table() + "".join(sections)


def table() -> str:
    """Return one row for each format."""
    return _grid(
        ("format", "PBX", "how sure", "ring time", "answered or not", "account code", "comes by"),
        [_row(formats.get(name)) for name in formats.names()],
    )


def reasons() -> str:
    """Return why a line is rejected."""
    return _grid(("reason", "what it means, what to do"), [(f"`{key}`", text) for key, text in REASONS.items()])


def noise() -> str:
    """Return the kinds of noise."""
    return _grid(("reason", "what it is"), [(f"`{key}`", text) for key, text in NOISE.items()])


def _row(declared: Format) -> tuple[str, ...]:
    told = (declared.ring_time, declared.answered, declared.account_code)
    yes_or_no = ("yes" if one else "no" for one in told)
    return (f"`{declared.name}`", declared.title, declared.status, *yes_or_no, declared.transport)


def _section(docstring: str) -> str:
    """Return a module's docstring as a section: titles, names and rulers marked as Markdown has it."""
    title, _, text = docstring.partition("\n")
    text = re.sub(r"::$", ":", text, flags=re.MULTILINE).replace("``", "`")
    return f"\n## {title.rstrip('.')}\n{text.rstrip()}\n"


def _grid(heading: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [heading, ("---",) * len(heading), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)
