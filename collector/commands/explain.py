"""`smdr explain`: a ruler under a line, and what each of its fields is."""

from __future__ import annotations

import shutil
import string
import time
from typing import TYPE_CHECKING

from collector.commands.parse import format_of
from collector.errors import UserError
from collector.rendering import moment
from parsers import formats
from parsers.explaining import explain
from parsers.layout import Columns
from parsers.layout_binary import Packed
from parsers.layout_items import Items
from parsers.records import NOISE, REASONS, Leg, Noise
from parsers.stamps import Stamps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from zoneinfo import ZoneInfo

    from parsers.blocks import Blocks
    from parsers.explaining import Explanation, Part, Range
    from parsers.formats import Format

_MARKS = string.ascii_letters
_LONGEST_TEXT = 24
_NARROWEST = 40
MEANINGS = {
    "start": "when it began",
    "direction": "which way the call went",
    "outcome": "how it ended",
    "extension": "our party",
    "peer_extension": "the other extension",
    "trunk": "the outside line",
    "number": "the outside party",
    "did": "the digits an outside caller dialled",
    "ring_s": "seconds it rang",
    "talk_s": "seconds of talk",
    "hold_s": "seconds on hold",
    "transferred": "whether it was transferred",
    "conference": "whether it was a conference",
    "account_code": "what it is charged to",
    "auth_code": "who was authorised",
    "pbx_call_id": "the PBX's number of the call",
    "meter_pulses": "charging pulses",
    "pbx_cost": "the amount the PBX printed",
    "currency": "the currency of the amount",
}


def explained(
    lines: Sequence[bytes],
    format_name: str | None,
    zone: ZoneInfo | None,
    received: float | None,
    width: int | None = None,
) -> Iterator[str]:
    """Yield the explanation of each line, as text ``width`` characters wide; as wide as the terminal where that is not given.

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
        yield "\n".join(_shown(explanation, declared, zone, width))


def _bytes_of(line: bytes, name: str, blocks: Blocks) -> bytes:
    """The record that ``line`` holds in hexadecimal digits."""
    try:
        return bytes.fromhex(line.decode("ascii"))
    except ValueError:
        dump = f"od -An -v -tx1 -j{blocks.header} -w{blocks.size} FILE"
        raise UserError(
            f"{name} has binary records: write one as hexadecimal digits on a line, as `{dump}` does."
        ) from None


def _shown(line: Explanation, declared: Format, zone: ZoneInfo | None, width: int) -> Iterator[str]:
    several = len(declared.layouts) > 1 and line.layout is not None
    which = f", layout {line.layout + 1} of {len(declared.layouts)}" if several and line.layout is not None else ""
    yield f"{declared.name}: {declared.title}{which}"
    yield ""
    yield from _ruled(line, width, visible if declared.blocks is None else _hexadecimal)
    if line.parts:
        yield ""
        yield from _fields(line, declared, zone)
    yield ""
    yield from _verdict(line)


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


def _fields(line: Explanation, declared: Format, zone: ZoneInfo | None) -> Iterator[str]:
    layout = declared.layouts[line.layout or 0]
    counted = "columns" if isinstance(layout, Columns | Items) else "bytes" if isinstance(layout, Packed) else "field"
    rows = []
    for number, (mark, part) in enumerate(zip(_marks(), line.parts, strict=False), start=1):
        if not isinstance(layout, Columns) and not part.text and not any(part.said.values()):
            continue  # of many fields most are empty
        place = str(number) if counted == "field" else _places(part.place, 0 if counted == "bytes" else 1)
        rows.append((mark, place, part.name, _shortened(part.text), _said(part, zone)))
    heading = ("", counted, "name", "text", ["tells"] if any(row[4] for row in rows) else [])
    widths = [max(len(row[at]) for row in (heading, *rows)) for at in range(4)]
    for *cells, said in (heading, *rows):
        start = "  ".join(str(cell).ljust(width) for cell, width in zip(cells, widths, strict=True))
        for at, one in enumerate(said or [""]):
            yield f"{start if at == 0 else ' ' * len(start)}  {one}".rstrip()


def _places(place: Range | None, first: int) -> str:
    """A range as manuals write it, counted from ``first``: 1 for columns, 0 for bytes."""
    if place is None:
        return ""
    start, last = place.first + first, place.end - 1 + first
    return str(start) if start == last else f"{start}-{last}"


def _shortened(text: str) -> str:
    shown = visible(text.strip())
    return shown if len(shown) <= _LONGEST_TEXT else shown[: _LONGEST_TEXT - 1] + "…"


def _said(part: Part, zone: ZoneInfo | None) -> list[str]:
    said = []
    for key, value in part.said.items():
        if value is None or value is False:
            continue
        shown = moment(value, zone) if key == "start" else "yes" if value is True else visible(str(value))
        meaning = MEANINGS.get(key)
        said.append(f"{key} {shown}" + (f" ({meaning})" if meaning else ""))
    return said


def _verdict(line: Explanation) -> Iterator[str]:
    record = line.record
    if isinstance(record, Leg):
        outcome = "" if record.outcome == "unknown" else f", {record.outcome}"
        yield f"A record: {record.direction}{outcome}."
        extra = record.extra or {}
        if "glued" in extra:
            yield f"In front of it stands: {visible(extra['glued'])}"
        if "doubt" in extra:
            yield f"Doubtful: {extra['doubt']}"
    elif isinstance(record, Noise):
        yield f"No call: {NOISE[record.reason]} ({record.reason})."
    else:
        yield f"Rejected ({record.reason}): {visible(record.hint)}."
        yield REASONS[record.reason]
