"""The house constructs records are declared with: columns of a line, fields between separators, words, several lines.

Binary records are in `parsers.layout_binary`, records of items that tell their lengths in `parsers.layout_items`.

All are Construct adapters over a whole line or record and work in both directions: ``parse`` gives the cells by name,
``build`` prints a line from them (the simulator does). `matcher` derives the fast decoder from the same declaration:
one compiled expression, one split or one `struct.Struct`, which gives the cells in order of declaration. A test holds
the two equal on good and on damaged lines.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple, Protocol

from construct import Adapter, Container, GreedyBytes, ValidationError

Cells = tuple[str, ...]
Matcher = Callable[[str], Cells | None]

_BARE = re.compile(r"-?\d*")
_QUOTED_COMMA = re.compile('", ?"')

PRINTED = "(printed)"
"""Key of what a parsed line had beside its cells, by which it is built again: fields behind the last that is declared,
blanks between words."""


def arranged(layout: Layout, names: Sequence[str]) -> Callable[[Cells], Cells]:
    """Bring a layout's cells into the order of ``names``; a cell the layout does not have is empty."""
    places = [layout.names.index(name) if name in layout.names else -1 for name in names]
    pick = itemgetter(*places)
    return pick if -1 not in places else lambda cells: pick((*cells, ""))


class Column(NamedTuple):
    """One column of a printed line: 1-based first and last position, as manuals count them.

    ``cell`` is an expression for the whole cell, padding included; empty means any text. ``align`` is how the
    PBX pads it.
    """

    name: str
    first: int
    last: int
    cell: str = ""
    align: str = "<"

    @property
    def width(self) -> int:
        """Characters the column takes."""
        return self.last - self.first + 1

    @property
    def expression(self) -> str:
        """The cell's expression with the default filled in."""
        return self.cell or f".{{{self.width}}}"


def padded_digits(width: int) -> str:
    """The expression of a column that holds digits in one piece, blanks on either side of them, or blanks alone."""
    apart = (rf".{{0,{width - 2 - gap}}}\d {{{gap}}}\d" for gap in range(1, width - 1))
    return rf"(?!{'|'.join(apart)})[ \d]{{{width}}}"


class Misfit(NamedTuple):
    """Where a line stops fitting a layout: how many cells fit, the reason (`REASONS`), a hint naming the place."""

    fitted: int
    reason: str
    hint: str


class Layout(Protocol):
    """What a record looks like: the cells of its line (or its bytes, as Latin-1) by name, in both directions."""

    names: Sequence[str]

    def parse(self, data: bytes) -> Container:
        """Return the cells; raise ConstructError where the line is not one of these."""

    def build(self, obj: Mapping[str, Any]) -> bytes:
        """Print a line from its cells."""

    def matcher(self) -> Matcher:
        """Return the fast decoder."""

    def misfit(self, text: str) -> Misfit | None:
        """Return where ``text`` stops being such a line; None where it does not."""


class Columns(Adapter):  # type: ignore[misc]  # construct ships no types
    """A line of fixed columns. Gaps between columns are blank; blanks cut from the end of a line are put back."""

    def __init__(self, *columns: Column) -> None:
        super().__init__(GreedyBytes)
        self.columns = columns
        self.names = tuple(column.name for column in columns)
        self.width = columns[-1].last
        self._cells = [re.compile(column.expression, re.DOTALL) for column in columns]

    def _decode(self, line: bytes, _context: Any, _path: Any) -> Container:
        text = line.decode("latin-1")
        misfit = self.misfit(text)
        if misfit:
            raise ValidationError(misfit.hint)
        padded = text.ljust(self.width)
        return Container({c.name: padded[c.first - 1 : c.last] for c in self.columns})

    def _encode(self, cells: Mapping[str, str], _context: Any, _path: Any) -> bytes:
        line = ""
        for column in self.columns:
            cell = str(cells.get(column.name, ""))[: column.width]
            cell = cell.rjust(column.width) if column.align == ">" else cell.ljust(column.width)
            line = line.ljust(column.first - 1) + cell
        return line.encode("latin-1")

    def matcher(self) -> Matcher:
        """One expression over the padded line, derived from the declaration."""
        expression, position = "", 1
        for column in self.columns:
            expression += " " * (column.first - position) + f"({column.expression})"
            position = column.last + 1
        fullmatch = re.compile(expression + " *", re.DOTALL).fullmatch
        width = self.width

        def match(text: str) -> Cells | None:
            found = fullmatch(text if len(text) >= width else text.ljust(width))
            return found.groups() if found else None

        return match

    def misfit(self, text: str) -> Misfit | None:
        """The first place at which ``text`` is not a line of these columns; None if it is one."""
        padded = text.ljust(self.width)
        position = 1
        for index, (column, cell) in enumerate(zip(self.columns, self._cells, strict=True)):
            gap = padded[position - 1 : column.first - 1]
            if gap.strip(" "):
                return Misfit(
                    index, "bad-field", f"column {position}-{column.first - 1} should be blank, holds {gap!r}"
                )
            found = padded[column.first - 1 : column.last]
            if not cell.fullmatch(found):
                where = f"column {column.first}-{column.last} ({column.name})"
                end = len(text.rstrip())
                if end < column.first:
                    return Misfit(index, "too-short", f"the line ends at column {end}, before {where}")
                return Misfit(index, "bad-field", f"{where} holds {found!r}")
            position = column.last + 1
        rest = padded[self.width :]
        if rest.strip(" "):
            return Misfit(
                len(self.columns), "bad-field", f"text after the last column ({self.width}): {rest.strip()!r}"
            )
        return None


class Field(NamedTuple):
    """One field between separators; ``cell`` is an expression for the whole field, empty means any text."""

    name: str
    cell: str = ""


class Delimited(Adapter):  # type: ignore[misc]  # construct ships no types
    """Fields between single-character separators. Newer releases append fields: ``at_least`` of them must be there."""

    def __init__(self, separator: str, *fields: Field, at_least: int, ended: bool = False) -> None:
        """Declare the fields; ``ended`` tells that the separator also stands after the last one."""
        super().__init__(GreedyBytes)
        self.separator, self.fields, self.at_least, self.ended = separator, fields, at_least, ended
        self.names = tuple(field.name for field in fields)
        self._cells = [re.compile(field.cell, re.DOTALL) if field.cell else None for field in fields]

    def _decode(self, line: bytes, _context: Any, _path: Any) -> Container:
        text = line.decode("latin-1")
        misfit = self.misfit(text)
        if misfit:
            raise ValidationError(misfit.hint)
        return Container(zip(self.names, self._sized(self._found(text)), strict=True)) | {PRINTED: self._split(text)}

    def _encode(self, cells: Mapping[str, str], _context: Any, _path: Any) -> bytes:
        return self.separator.join(cell for _, cell in self._told(cells)).encode("latin-1")

    def _told(self, cells: Mapping[str, Any]) -> list[tuple[str, str]]:
        """The names and cells to print: as many as a line had that was parsed, else those that are given."""
        names, further = list(self.names), [""] * self.ended
        if PRINTED in cells:
            names, further = names[: len(cells[PRINTED])], cells[PRINTED][len(names) :]
        else:
            while len(names) > self.at_least and names[-1] not in cells:
                names.pop()
        return [(name, str(cells.get(name, ""))) for name in names] + [("", cell) for cell in further]

    def _split(self, text: str) -> list[str]:
        return text.split(self.separator)

    def _found(self, text: str) -> list[str]:
        """The fields a line has, as many as it has."""
        cells = self._split(text)
        if self.ended and cells[-1].strip() == "":
            cells.pop()
        return cells

    def _sized(self, cells: list[str]) -> list[str]:
        """As many fields as are declared: those a line does not have are empty."""
        missing = len(self.fields) - len(cells)
        return cells if missing == 0 else cells + [""] * missing if missing > 0 else cells[:missing]

    def matcher(self) -> Matcher:
        """One split and one expression over the line, derived from the declaration."""
        separator = re.escape(self.separator)
        other = f"[^{separator}]*+"
        last = max(self.at_least, *(n for n, field in enumerate(self.fields, start=1) if field.cell))
        expression = separator.join(field.cell or other for field in self.fields[: self.at_least])
        for field in self.fields[self.at_least : last]:
            expression += f"(?:{separator}(?:{field.cell or other})"
        expression += f"(?:{separator}.*)?" + ")?" * (last - self.at_least)
        fits = re.compile(expression, re.DOTALL).fullmatch
        found, sized, at_least = self._found, self._sized, self.at_least

        def match(text: str) -> Cells | None:
            if not fits(text):
                return None
            cells = found(text)
            return tuple(sized(cells)) if len(cells) >= at_least else None

        return match

    def misfit(self, text: str) -> Misfit | None:
        """The first field at which ``text`` is not a line of these fields; None if it is one."""
        found = self._found(text)
        if len(found) < self.at_least:
            hint = f"{len(found)} fields separated by {self.separator!r}, at least {self.at_least} expected"
            return Misfit(0, "field-count", hint)
        for index, (field, cell, value) in enumerate(zip(self.fields, self._cells, found, strict=False)):
            if cell and not cell.fullmatch(value):
                return Misfit(index, "bad-field", f"field {index + 1} ({field.name}) holds {value!r}")
        return None


_STRICT = csv.reader((), strict=True).dialect
"""Made once: naming the option for every line takes as long as reading a short one."""


class Csv(Delimited):
    """Fields between commas, in double quotes; a quote inside a field is doubled, unless ``doubled`` is false.

    Fields named in ``bare`` are printed without quotes where they hold a whole number or nothing.
    """

    def __init__(self, *fields: Field, at_least: int, bare: Collection[str] = (), doubled: bool = True) -> None:
        super().__init__(",", *fields, at_least=at_least)
        self.bare, self.doubled = frozenset(bare), doubled

    def _encode(self, cells: Mapping[str, str], _context: Any, _path: Any) -> bytes:
        return ",".join(self._quoted(name, cell) for name, cell in self._told(cells)).encode("latin-1")

    def _quoted(self, name: str, cell: str) -> str:
        if name in self.bare and _BARE.fullmatch(cell):
            return cell
        return '"' + (cell.replace('"', '""') if self.doubled else cell) + '"'

    def _split(self, text: str) -> list[str]:
        """The fields that are there; none where the quotes do not pair."""
        if not self.doubled:
            return _QUOTED_COMMA.split(text[1:-1]) if text[:1] == text[-1:] == '"' else []
        try:
            return next(csv.reader((text,), _STRICT), [])
        except csv.Error:
            return []

    def matcher(self) -> Matcher:
        """One split, and the expressions of the fields that have one."""
        found, sized, at_least = self._found, self._sized, self.at_least
        checks = [(place, cell.fullmatch) for place, cell in enumerate(self._cells) if cell]

        def match(text: str) -> Cells | None:
            cells = found(text)
            if len(cells) < at_least:
                return None
            cells = sized(cells)
            for place, fits in checks:
                if not fits(cells[place]):
                    return None
            return tuple(cells)

        return match

    def misfit(self, text: str) -> Misfit | None:
        """The first field at which ``text`` is not a line of these fields; None if it is one."""
        found = self._found(text)
        if len(found) < self.at_least:
            hint = f"{len(found)} fields in quotes, at least {self.at_least} expected"
            return Misfit(0, "field-count", hint)
        for index, (field, cell, value) in enumerate(zip(self.fields, self._cells, self._sized(found), strict=True)):
            if cell and not cell.fullmatch(value):
                return Misfit(index, "bad-field", f"field {index + 1} ({field.name}) holds {value!r}")
        return None


class Words(Adapter):  # type: ignore[misc]  # construct ships no types
    """Words and fields one behind the other, with blanks between, however many. No field begins with a blank.

    A field whose cell may be empty may be missing.
    """

    def __init__(self, *parts: str | Field) -> None:
        super().__init__(GreedyBytes)
        self.parts = parts
        self.names = tuple(part.name for part in parts if isinstance(part, Field))

    def _decode(self, line: bytes, _context: Any, _path: Any) -> Container:
        text = line.decode("latin-1")
        misfit = self.misfit(text)
        if misfit:
            raise ValidationError(misfit.hint)
        cells = Container(zip(self.names, self.matcher()(text) or (), strict=True))
        return cells | {PRINTED: _gaps(text, self._told(cells))}

    def _encode(self, cells: Mapping[str, Any], _context: Any, _path: Any) -> bytes:
        told = self._told(cells)
        gaps = cells.get(PRINTED, ())
        if len(gaps) != len(told):
            gaps = ["", *[" "] * (len(told) - 1)]
        return "".join(gap + part for gap, part in zip(gaps, told, strict=True)).encode("latin-1")

    def _told(self, cells: Mapping[str, Any]) -> list[str]:
        """The words and the fields that are not empty, in their order."""
        told = (part if isinstance(part, str) else str(cells.get(part.name, "")) for part in self.parts)
        return [part for part in told if part]

    def _expression(self, count: int) -> str:
        """An expression of the first so many words and fields."""
        expression, gap = " *+", ""
        for part in self.parts[:count]:
            if isinstance(part, str):
                expression += gap + re.escape(part)
            elif re.fullmatch(part.cell, ""):
                expression += f"(?:{gap}({part.cell}))?"
            else:
                expression += f"{gap}({part.cell})"
            gap = " ++"
        return expression

    def matcher(self) -> Matcher:
        """One expression over the line, derived from the declaration."""
        fullmatch = re.compile(self._expression(len(self.parts)) + " *", re.DOTALL).fullmatch

        def match(text: str) -> Cells | None:
            found = fullmatch(text)
            return found.groups("") if found else None

        return match

    def misfit(self, text: str) -> Misfit | None:
        """The first word or field at which ``text`` is not such a line; None if it is one."""
        if self.matcher()(text) is not None:
            return None
        fitted, end = 0, 0
        for count, part in enumerate(self.parts, start=1):
            found = re.compile(self._expression(count), re.DOTALL).match(text)
            if found is None:
                what = f"{part!r}" if isinstance(part, str) else part.name
                rest = text[end:].strip()
                if not rest:
                    return Misfit(fitted, "too-short", f"the line ends before {what}")
                return Misfit(fitted, "bad-field", f"{what} expected where {rest!r} stands")
            fitted, end = fitted + isinstance(part, Field), found.end()
        return Misfit(fitted, "bad-field", f"text after the last field: {text[end:].strip()!r}")


def _gaps(text: str, parts: Sequence[str]) -> list[str]:
    """What stands in front of each of these parts of a text, in their order."""
    gaps, end = [], 0
    for part in parts:
        at = text.index(part, end)
        gaps.append(text[end:at])
        end = at + len(part)
    return gaps


class Stacked(Adapter):  # type: ignore[misc]  # construct ships no types
    """A record of several lines, each declared by itself. Lines after the first may be missing; NULs are passed over.

    ``rest`` names a cell that takes all lines behind those declared, as they are. ``broken`` is what is printed between
    two lines.
    """

    def __init__(self, *lines: Columns | Words, rest: str = "", broken: bytes = b"\r\n") -> None:
        super().__init__(GreedyBytes)
        self.lines, self.rest, self.broken = lines, rest, broken
        self.names = tuple(name for line in lines for name in line.names) + ((rest,) if rest else ())

    def _decode(self, record: bytes, _context: Any, _path: Any) -> Container:
        text = record.decode("latin-1")
        misfit = self.misfit(text)
        if misfit:
            raise ValidationError(misfit.hint)
        cells = Container(dict.fromkeys(self.names, ""))
        parts = _parts(text)
        printed: list[Any] = []
        for line, part in zip(self.lines, parts, strict=False):
            cells.update(line.parse(part.encode("latin-1")))
            printed.append(cells.pop(PRINTED, ()))
        cells[PRINTED] = printed
        if self.rest:
            cells[self.rest] = "\n".join(parts[len(self.lines) :])
        return cells

    def _encode(self, cells: Mapping[str, Any], _context: Any, _path: Any) -> bytes:
        last = max(n for n, line in enumerate(self.lines) if n == 0 or any(cells.get(name) for name in line.names))
        printed = [*cells.get(PRINTED, ()), *[()] * (last + 1)]
        lines = self.lines[: last + 1]
        built: list[bytes] = [line.build({**cells, PRINTED: own}) for line, own in zip(lines, printed, strict=False)]
        built += str(cells.get(self.rest, "")).encode("latin-1").splitlines()
        return self.broken.join(built)

    def matcher(self) -> Matcher:
        """The lines' expressions, each over its line."""
        first, *others = (line.matcher() for line in self.lines)
        counts = [len(line.names) for line in self.lines]
        missing = [("",) * sum(counts[there:]) for there in range(1, len(counts) + 1)]
        rest = self.rest

        def match(text: str) -> Cells | None:
            head, *further = _parts(text)
            found = first(head)
            if found is None or (len(further) > len(others) and not rest):
                return None
            for part, matches in zip(further, others, strict=False):
                cells = matches(part)
                if cells is None:
                    return None
                found += cells
            found += missing[min(len(further), len(others))]
            return (*found, "\n".join(further[len(others) :])) if rest else found

        return match

    def misfit(self, text: str) -> Misfit | None:
        """The first place at which ``text`` is not a record of these lines; None if it is one."""
        parts = _parts(text)
        fitted = 0
        for number, (line, part) in enumerate(zip(self.lines, parts, strict=False), start=1):
            misfit = line.misfit(part)
            if misfit:
                return Misfit(fitted + misfit.fitted, misfit.reason, f"line {number} of the record: {misfit.hint}")
            fitted += len(line.names)
        if len(parts) > len(self.lines) and not self.rest:
            return Misfit(fitted, "bad-field", f"{len(parts)} lines, at most {len(self.lines)} expected")
        return None


def _parts(text: str) -> list[str]:
    """The lines of a record, without the NULs in them and without empty ones."""
    text = text.replace("\0", "")
    if "\n" not in text and "\r" not in text:
        return [text]
    return [line for line in text.replace("\r", "\n").split("\n") if line] or [""]
