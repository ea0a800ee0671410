"""`smdr explain`: a ruler under a line, and what each of its fields is."""

from __future__ import annotations

import shutil
import string
import time
from typing import TYPE_CHECKING

from collector.commands.parse import format_of
from collector.errors import UserError
from collector.problems import width as width_of
from collector.rendering import moment
from dashboards.words import word
from parsers import formats
from parsers.explaining import explain
from parsers.layout import Columns
from parsers.layout_binary import Packed
from parsers.layout_items import Items
from parsers.records import Leg, Noise
from parsers.stamps import Stamps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from zoneinfo import ZoneInfo

    from dashboards.words import Language
    from parsers.blocks import Blocks
    from parsers.explaining import Explanation, Part, Range
    from parsers.formats import Format

_MARKS = string.ascii_letters
_LONGEST_TEXT = 24
_NARROWEST = 40


def explained(
    lines: Sequence[bytes],
    format_name: str | None,
    zone: ZoneInfo | None,
    received: float | None,
    width: int | None = None,
    language: Language = "en",
) -> Iterator[str]:
    """Yield the explanation of each line, as text ``width`` characters wide; as wide as the terminal where that is not given.

    Names of formats and their fields, and what was found wrong with a field, are in English as in their manuals.

    ``received`` is now where it is not given.

    A line of a binary format is a record in hexadecimal digits. Raises `UserError` for an unknown format, where none is
    given and none fits, and where a line is not in hexadecimal digits.
    """
    declared = formats.get(format_of(format_name, lines, "these lines"))
    if declared.blocks is not None:
        lines = [_bytes_of(line, declared.name, declared.blocks) for line in lines]
    stamps = Stamps(zone, declared.order, declared.stamp)
    width = width or max(_NARROWEST, shutil.get_terminal_size().columns)
    for line in lines:
        explanation = explain(declared, line, stamps, time.time() if received is None else received)
        yield "\n".join(_shown(explanation, declared, zone, width, language))


def _bytes_of(line: bytes, name: str, blocks: Blocks) -> bytes:
    """The record that ``line`` holds in hexadecimal digits."""
    try:
        return bytes.fromhex(line.decode("ascii"))
    except ValueError:
        dump = f"od -An -v -tx1 -j{blocks.header} -w{blocks.size} FILE"
        raise UserError(
            f"{name} has binary records: write one as hexadecimal digits on a line, as `{dump}` does."
        ) from None


def _shown(line: Explanation, declared: Format, zone: ZoneInfo | None, width: int, language: Language) -> Iterator[str]:
    which = ""
    if line.layout is not None and len(declared.layouts) > 1:
        which = word("explain.layout", language).format(number=line.layout + 1, count=len(declared.layouts))
    yield f"{declared.name}: {declared.title}{which}"
    yield ""
    yield from _ruled(line, width, visible if declared.blocks is None else _hexadecimal)
    if line.parts:
        yield ""
        yield from _fields(line, declared, zone, language)
    yield ""
    yield from _verdict(line, language)


def _ruled(line: Explanation, width: int, written: Callable[[str], str]) -> Iterator[str]:
    """The line in pieces as wide as the terminal, under each its fields' marks, and a caret where it is wrong."""
    ends = [part.place.end for part in line.parts if part.place] + [line.wrong.end if line.wrong else 0]
    shown = [written(character) for character in line.text]
    shown += " " * (max(ends) - len(shown))
    marks, carets = [" "] * len(shown), [" "] * len(shown)
    for mark, part in zip(_marks(), line.parts, strict=False):
        if part.place and part.place.end > part.place.first:
            marks[part.place.first : part.place.end] = mark.ljust(part.place.end - part.place.first, "-")
    if line.wrong:
        carets[line.wrong.first : line.wrong.end] = "^" * (line.wrong.end - line.wrong.first)
    for piece in _pieces(shown, width):
        yield "".join(shown[at] for at in piece).rstrip()
        for ruler in (marks, carets):
            row = "".join(_stretched(ruler[at], len(shown[at])) for at in piece)
            if row.strip():
                yield row.rstrip()


def _pieces(shown: Sequence[str], width: int) -> Iterator[range]:
    """Ranges of characters that fit into a row of the terminal."""
    start = used = 0
    for at, one in enumerate(shown):
        if used + len(one) > width:
            yield range(start, at)
            start, used = at, 0
        used += len(one)
    yield range(start, len(shown))


def _stretched(mark: str, width: int) -> str:
    """A ruler's mark under a character that is shown as several."""
    return mark + (mark if mark in "^ " else "-") * (width - 1)


def visible(text: str) -> str:
    """Text as a terminal may show it: control characters and the like as their codes."""
    return "".join(one if one.isprintable() else f"\\x{ord(one):02x}" for one in text)


def _hexadecimal(text: str) -> str:
    return text.encode("latin-1").hex()


def _marks() -> Iterator[str]:
    while True:
        yield from _MARKS


def _fields(line: Explanation, declared: Format, zone: ZoneInfo | None, language: Language) -> Iterator[str]:
    layout = declared.layouts[line.layout or 0]
    counted = "columns" if isinstance(layout, Columns | Items) else "bytes" if isinstance(layout, Packed) else "field"
    rows: list[tuple[tuple[str, ...], list[str]]] = []
    for number, (mark, part) in enumerate(zip(_marks(), line.parts, strict=False), start=1):
        if not isinstance(layout, Columns) and not part.text and not any(part.said.values()):
            continue  # of many fields most are empty
        place = str(number) if counted == "field" else _places(part.place, 0 if counted == "bytes" else 1)
        rows.append(((mark, place, part.name, _shortened(part.text)), _said(part, zone, language)))
    *names, tells = (word(f"explain.{key}", language) for key in (counted, "name", "text", "tells"))
    heading = (("", *names), [tells] if any(said for _, said in rows) else [])
    widths = [max(map(_cells, column)) for column in zip(*(texts for texts, _ in (heading, *rows)), strict=True)]
    for texts, said in (heading, *rows):
        start = "  ".join(text + " " * (width - _cells(text)) for text, width in zip(texts, widths, strict=True))
        for at, one in enumerate(said or [""]):
            yield f"{start if at == 0 else ' ' * _cells(start)}  {one}".rstrip()


def _cells(text: str) -> int:
    """How many characters of a terminal a text takes."""
    return sum(map(width_of, text))


def _places(place: Range | None, first: int) -> str:
    """A range as manuals write it, counted from ``first``: 1 for columns, 0 for bytes."""
    if place is None:
        return ""
    start, last = place.first + first, place.end - 1 + first
    return str(start) if start == last else f"{start}-{last}"


def _shortened(text: str) -> str:
    shown = visible(text.strip())
    return shown if len(shown) <= _LONGEST_TEXT else shown[: _LONGEST_TEXT - 1] + "…"


def _said(part: Part, zone: ZoneInfo | None, language: Language) -> list[str]:
    said = []
    for key, value in part.said.items():
        if value is None or value is False:
            continue
        shown = moment(value, zone) if key == "start" else visible(str(value))
        shown = word("console.yes", language) if value is True else shown
        meaning = "" if key.startswith("extra.") else word(f"meaning.{key}", language)
        said.append(f"{key} {shown}" + (f" ({meaning})" if meaning else ""))
    return said


def _verdict(line: Explanation, language: Language) -> Iterator[str]:
    def say(key: str, **values: object) -> str:
        return word(key, language).format(**values)

    record = line.record
    if isinstance(record, Leg):
        known = "" if record.outcome == "unknown" else "-outcome"
        named = {"direction": say(f"direction.{record.direction}"), "outcome": say(f"outcome.{record.outcome}")}
        yield say(f"explain.record{known}", **named)
        extra = record.extra or {}
        if "glued" in extra:
            yield say("explain.glued", text=visible(extra["glued"]))
        if "doubt" in extra:
            yield say("explain.doubt", doubt=extra["doubt"])
    elif isinstance(record, Noise):
        yield say("explain.noise", what=say(f"noise.{record.reason}"), reason=record.reason)
    else:
        yield say("explain.rejected", reason=record.reason, hint=visible(record.hint))
        yield say(f"reason.{record.reason}")
