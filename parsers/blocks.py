"""Records of one size, as in binary files: where each begins, and where the next one is found again behind damage.

Decided from the bytes alone, in order, and the same whether they come at once or one by one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

Due = Literal["header", "record", "rest"]
"""What comes next: a header, a record, or the rest of bytes in which no record is found."""


class Blocks(NamedTuple):
    """How a format's files are laid out: a header, then records, each of so many bytes.

    ``plausible``: an expression of a whole record, by which the next one is found where bytes are missing, too many, or
    damaged. It has to be so strict that it fits at no other place than a record's beginning. ``begins``: expressions of
    a record's first bytes, one each. Where they fit inside a record, its end may be missing and the next one begin
    there: it is handed out when it is seen that none does.
    """

    size: int
    header: int
    plausible: str
    begins: tuple[str, ...]


class Piece(NamedTuple):
    """Bytes that belong together: a header, a record or what stands in place of one, or the rest of that.

    ``end`` is behind its last byte.
    """

    end: int
    kind: Due


class Cutting:
    """Cuts a stream into pieces; ``due`` is what comes next in it.

    A piece is no longer than a record, a header, or ``limit`` bytes; of what stands between two records and is longer,
    everything behind these is its rest. A header is passed over where a record stands in its place: some captures begin
    in the middle.
    """

    def __init__(self, rules: Blocks, due: Due, limit: int) -> None:
        self.due = due
        self._rules = rules
        self._limit = limit
        self._find = re.compile(rules.plausible.encode("latin-1"), re.DOTALL).search
        self._doubt = re.compile(_beginning(rules.begins).encode("latin-1"), re.DOTALL).search

    def pieces(self, held: bytes, *, ended: bool) -> Iterator[Piece]:
        """Cut as much of ``held`` as is certain; all of it where the stream has ``ended`` behind it."""
        at = 0
        while at < len(held):
            due = self.due
            sizes = self._next(held, at, ended=ended)
            for size in sizes:
                at += size
                yield Piece(at, due)
            if not sizes and self.due == due:
                return  # more bytes are needed to tell

    def _next(self, held: bytes, at: int, *, ended: bool) -> list[int]:
        """The sizes of the next pieces, of the kind that is due; then what is due behind them."""
        clear, known = self._clear(held, at, ended=ended)
        if self.due == "header":
            if clear >= self._rules.header or known:
                self.due = "record"
            return [self._rules.header] if clear >= self._rules.header else []
        if self.due == "rest":
            if known:
                self.due = "record"
            return [clear] if clear else []
        if clear > self._limit:
            self.due = "rest"
            return [self._limit]
        if not known:
            return []
        return self._damaged(clear) if clear else self._record(held, at, ended=ended)

    def _clear(self, held: bytes, at: int, *, ended: bool) -> tuple[int, bool]:
        """How many bytes begin no record, and whether it is known that one begins behind them, or nothing does."""
        found = self._find(held, at)
        if found:
            return found.start() - at, True
        left = len(held) - at
        return (left, True) if ended else (max(0, left - self._rules.size + 1), False)

    def _damaged(self, clear: int) -> list[int]:
        """The pieces of bytes between two records: records in their places are told one by one."""
        size = self._rules.size
        return [size] * (clear // size) if clear % size == 0 else [clear]

    def _record(self, held: bytes, at: int, *, ended: bool) -> list[int]:
        """The record that begins here, or what is left of it in front of the next one."""
        size = self._rules.size
        if self._doubt(held, at + 1, at + size) is None:
            return [size]
        clear, known = self._clear(held, at + 1, ended=ended)
        if clear + 1 >= size:
            return [size]
        return [clear + 1] if known else []


def _beginning(begins: tuple[str, ...]) -> str:
    """The expression of a record's first bytes, or of those of them that stand at the end."""
    expression = ""
    for one in reversed(begins):
        expression = rf"{one}(?:\Z|{expression})" if expression else one
    return expression
