"""Binary records as a house construct: spans of bytes, see `parsers.layout`."""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from construct import Adapter, Bytes, Container, ExprAdapter, ExprValidator, Terminated
from construct import Struct as Sequenced

from parsers.layout import Cells, Matcher, Misfit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

Form = Literal["number", "digits", "bytes"]
"""What bytes of a binary record hold.

``number``: unsigned, the least byte first; its cell is decimal. ``digits``: two a byte, the lower half first, A for 0, B
for *, C for #; 0 or F ends them. ``bytes``: anything; its cell is hexadecimal.
"""

_HALVES = dict(zip("1234567890*#", "123456789abc", strict=True))
_DIGITS = str.maketrans("123456789abc0def", "1234567890*#    ")
_NONE = (b"", b"\0", b"\xff")


def packed_digits(width: int) -> str:
    """The expression of so many bytes of digits, which halves of 0 or F fill up."""
    digit, filler = range(0x1, 0xD), (0x0, 0xF)
    digits, last, fill = _bytes_of(digit, digit), _bytes_of(filler, digit), _bytes_of(filler, filler)
    return f"(?!.{{0,{width - 2}}}[{last}{fill}][^{fill}])[{digits}{last}{fill}]{{{width}}}"


def _bytes_of(highs: Iterable[int], lows: Iterable[int]) -> str:
    return "".join(f"\\x{high:x}{low:x}" for high in highs for low in lows)


def _read_digits(data: bytes) -> str:
    if data[:1] in _NONE:  # most are empty
        return ""
    return data[::-1].hex()[::-1].translate(_DIGITS).partition(" ")[0]


def _written_digits(cell: str, width: int) -> bytes:
    halves = "".join(map(_HALVES.__getitem__, cell))[: 2 * width].ljust(2 * width, "f")
    return bytes.fromhex(halves[::-1])[::-1]


class Conversion(NamedTuple):
    """How bytes become a cell, and a cell so many bytes; an empty cell is the emptiest there is."""

    read: Callable[[bytes], str]
    written: Callable[[str, int], bytes]


FORMS: dict[Form, Conversion] = {
    "number": Conversion(
        lambda data: str(int.from_bytes(data, "little")), lambda cell, width: int(cell or 0).to_bytes(width, "little")
    ),
    "digits": Conversion(_read_digits, _written_digits),
    "bytes": Conversion(bytes.hex, lambda cell, width: bytes.fromhex(cell).ljust(width, b"\0")),
}
_CODES = {1: "B", 2: "H", 4: "I"}
"""How `struct` names unsigned numbers of so many bytes."""


class Span(NamedTuple):
    """Bytes of a binary record: first and last position, counted from 0 as the tables of binary records do.

    ``cell`` is an expression for all of them, as Latin-1; empty means any bytes.
    """

    name: str
    first: int
    last: int
    form: Form = "number"
    cell: str = ""

    @property
    def width(self) -> int:
        """How many bytes it takes."""
        return self.last - self.first + 1

    @property
    def expression(self) -> str:
        """The expression of its bytes with the default filled in."""
        return self.cell or f".{{{self.width}}}"

    @property
    def conversion(self) -> Conversion:
        """How its bytes become a cell and back."""
        return FORMS[self.form]


class Packed(Adapter):  # type: ignore[misc]  # construct ships no types
    """A binary record of spans that follow one another, always as long; its text is its bytes as Latin-1."""

    def __init__(self, *spans: Span) -> None:
        super().__init__(Sequenced(*(span.name / _interpreted(span) for span in spans), Terminated))
        self.spans = spans
        self.names = tuple(span.name for span in spans)
        self.size = spans[-1].last + 1
        self.expression = "".join(span.expression for span in spans)
        """of a whole record"""
        self._cells = [re.compile(span.expression, re.DOTALL) for span in spans]

    def _decode(self, found: Container, _context: Any, _path: Any) -> Container:
        return Container({name: found[name] for name in self.names})

    def _encode(self, cells: Mapping[str, str], _context: Any, _path: Any) -> dict[str, str]:
        return {name: cells.get(name, "") for name in self.names}

    def matcher(self) -> Matcher:
        """One expression over the record, and one `struct.Struct` that takes it apart."""
        fits = re.compile(self.expression, re.DOTALL).fullmatch
        whole = [span.form == "number" and span.width in _CODES for span in self.spans]
        codes = (_CODES[s.width] if number else f"{s.width}s" for s, number in zip(self.spans, whole, strict=True))
        unpack = struct.Struct("<" + "".join(codes)).unpack
        reads = [str if number else s.conversion.read for s, number in zip(self.spans, whole, strict=True)]

        def match(text: str) -> Cells | None:
            if not fits(text):
                return None
            return tuple([read(value) for read, value in zip(reads, unpack(text.encode("latin-1")), strict=True)])

        return match

    def misfit(self, text: str) -> Misfit | None:
        """The first place at which ``text`` is not a record of these spans; None if it is one."""
        if len(text) != self.size:
            reason = "cut-off" if len(text) < self.size else "control-bytes"
            return Misfit(0, reason, f"{len(text)} bytes stand where a record has {self.size}")
        for index, (span, cell) in enumerate(zip(self.spans, self._cells, strict=True)):
            found = text[span.first : span.last + 1]
            if not cell.fullmatch(found):
                places = f"{span.first}-{span.last}" if span.width > 1 else f"{span.first}"
                hint = f"byte {places} ({span.name}) holds {found.encode('latin-1').hex(' ')}"
                return Misfit(index, "bad-field", hint)
        return None


def _interpreted(span: Span) -> Any:
    """The construct of one span."""
    fits, (read, written) = re.compile(span.expression, re.DOTALL).fullmatch, span.conversion
    held = ExprValidator(Bytes(span.width), lambda data, _context: fits(data.decode("latin-1")))
    return ExprAdapter(held, lambda data, _context: read(data), lambda cell, _context: written(cell, span.width))
