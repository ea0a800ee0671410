"""The formats' reference, written from their declarations: what is understood, how sure that is, and what is not."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING

from parsers import formats
from parsers.records import NOISE, REASONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from parsers.formats import Format

_INTRODUCTION = """\
# Formats

<!-- Written by scripts/reference.py from parsers/*.py: change the declarations and their docstrings there. -->

A **verified** format fits a capture of a real PBX. One **from manual** was written from the maker's manual and has yet to
meet a PBX: please send a capture. "No" under *ring time* or *answered or not* means that the PBX does not print it; it
is shown as not reported, never as 0.

"""


_VERIFIED = """\
# What the verified formats were checked against

<!-- Written by scripts/reference.py from tests/golden/captures.json. -->

Captures of real PBXs, byte for byte. Their lines were read by eye; what the product makes of them is held by tests: the
counts below, sums of talk and ring times, and a digest of everything every leg says. The captures hold other people's
calls and are not part of this project.

Every printed call is a leg. What is rejected is torn: the beginning or the middle of the line is missing in the capture
itself (one line of a Samsung NX-1232 that begins in the middle, one of a Panasonic DBS whose fields are blank). *Lines*
are lines of the file, the empty ones among them; a record may take several, and an event may share one with a record.

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


def verified(captures: Mapping[str, Mapping[str, Any]]) -> str:
    """Return docs/verified.md, from what is on record of each capture.

    A capture has its ``format``, its ``lines``, ``calls``, counts of ``legs`` by direction and outcome, and of
    ``noise`` and ``rejected`` by reason.
    """
    rows = [
        (
            name,
            f"`{found['format']}`",
            str(found["lines"]),
            str(sum(found["legs"].values())),
            str(found["calls"]),
            _counted(found["noise"]),
            _counted(found["rejected"]),
        )
        for name, found in captures.items()
    ]
    heading = ("capture", "format", "lines", "legs", "calls", "noise", "rejected")
    total = ("**all**", "", *(str(sum(int(row[place]) for row in rows)) for place in (2, 3, 4)), "", "")
    return _VERIFIED + _grid(heading, [*rows, total])


def _counted(reasons: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {reason}" for reason, count in reasons.items()) or "-"


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
