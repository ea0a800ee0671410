"""What is usually written in place of a format: an expression with a named group for every cell, and `groupdict`.

The expressions are derived from the layouts, so both read the same lines; but what they give is text without meaning:
no moments, no numbers, no directions.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from parsers.layout import Columns, Csv, Delimited, Field, Stacked, Words
from parsers.layout_binary import Packed
from parsers.layout_items import Items

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from parsers.formats import Format
    from parsers.layout import Layout

_BREAK = "[\r\n]+"


def reader(declared: Format) -> Callable[[Sequence[bytes]], int]:
    """A function that reads `prepared` lines with a format's expressions, the first that fits, and counts what it read."""
    alternatives = [re.compile(_expression(layout), re.DOTALL).fullmatch for layout in declared.layouts]

    def read(lines: Sequence[bytes]) -> int:
        count = 0
        for line in lines:
            text = line.decode("latin-1")
            for fits in alternatives:
                found = fits(text)
                if found:
                    count += len(found.groupdict()) > 0
                    break
        return count

    return read


def prepared(declared: Format, text: str) -> bytes:
    """A record's text as the expressions want it: blanks that were cut from the ends of its lines put back."""
    layout = next(layout for layout in declared.layouts if layout.misfit(text) is None)
    if isinstance(layout, Columns):
        text = text.ljust(layout.width)
    elif isinstance(layout, Stacked):
        parts = re.split(_BREAK, text.replace("\0", ""))
        lines = [
            part.ljust(line.width) if isinstance(line, Columns) else part
            for part, line in zip(parts, layout.lines, strict=False)
        ]
        text = "\r\n".join([*lines, *parts[len(lines) :]])
    return text.encode("latin-1")


def _expression(layout: Layout) -> str:
    if isinstance(layout, Columns):
        return _columns(layout)
    if isinstance(layout, Stacked):
        first, *others = map(_expression, layout.lines)
        rest = f"(?P<{layout.rest}>.*)" if layout.rest else ""
        return first + "".join(f"(?:{_BREAK}{line}" for line in others) + ")?" * len(others) + rest
    if isinstance(layout, Words):
        return " *" + "".join(map(_word, layout.parts)) + " *"
    if isinstance(layout, Packed):
        return "".join(f"(?P<{span.name}>{span.expression})" for span in layout.spans)
    if isinstance(layout, Items):
        named = (
            layout._expression(item).replace("(", f"(?P<{item.name}>", 2)[len(f"(?P<{item.name}>") :]
            for item in layout.items
        )
        return _columns(layout.head) + "".join("(?:" + item.removeprefix("?:") for item in named) + "(?P<others>.*)"
    return _fields(layout)


def _word(part: str | Field) -> str:
    """A word or field with the blanks in front of it; none in front of the line's first."""
    gap = "(?:^ *| +)"
    if isinstance(part, str):
        return gap + re.escape(part)
    named = f"{gap}(?P<{part.name}>{part.cell})"
    return f"(?:{named})?" if re.fullmatch(part.cell, "") else named


def _columns(layout: Columns) -> str:
    expression, position = "", 1
    for column in layout.columns:
        name = re.sub(r"\W", "_", column.name)
        expression += " " * (column.first - position) + f"(?P<{name}>{column.expression})"
        position = column.last + 1
    return expression + " *"


def _fields(layout: Delimited) -> str:
    separator = re.escape(layout.separator)
    if isinstance(layout, Csv):
        plain = r'"[^"]*(?:""[^"]*)*"|[^,"]*' if layout.doubled else '"[^,]*"'
        separator += "" if layout.doubled else " ?"
        cells = [f'"?(?P<{name}>{cell})"?' if cell else f"(?P<{name}>{plain})" for name, cell in layout.fields]
    else:
        cells = [f"(?P<{name}>{cell or f'[^{separator}]*'})" for name, cell in layout.fields]
    always, more = cells[: layout.at_least], cells[layout.at_least :]
    tail = "".join(f"(?:{separator}{cell}" for cell in more) + f"(?:{separator}.*)?" + ")?" * len(more)
    return separator.join(always) + tail
