"""Records that take several lines: which line goes on with the record before it.

A format declares how its records begin, how many lines each kind takes at most, what a line that goes on with one looks
like, and what the last line does. Decided line by line, in order, from the lines alone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

AROUND = "\0\r\n\f\x11\x13"
"""What may stand around a line's text: line ends, padding NULs, XON and XOFF."""

_NEVER = "(?!)"
_BREAK = re.compile(r"[\r\n]+")


class Continued(NamedTuple):
    """How records go on over several lines.

    ``first``: an expression of a record's first line, with the most lines such a record takes; the first that fits
    counts, and a line that fits none is no such record. ``further``: an expression of a line that goes on with one;
    ``last``: of one behind which none does. ``wrapped``: the lines are one line that was cut, and are read as one.
    """

    first: tuple[tuple[str, int], ...]
    further: str
    last: str = _NEVER
    wrapped: bool = False


class Continuing:
    """Follows the lines of a stream, one after the other."""

    def __init__(self, rules: Continued) -> None:
        self._first = [(re.compile(expression).match, most) for expression, most in rules.first]
        self._further = re.compile(rules.further).match
        self._last = re.compile(rules.last).match
        self._left = 0

    @property
    def waits(self) -> bool:
        """Whether the record that was begun may go on in the next line."""
        return self._left > 0

    def goes_on(self, line: bytes) -> bool:
        """Whether ``line`` goes on with the record before it; an empty line inside a record does."""
        text = line.decode("latin-1").strip(AROUND)
        if self._left:
            if not text:
                return True
            if self._further(text):
                self._left = 0 if self._last(text) else self._left - 1
                return True
        self._left = next((most - 1 for fits, most in self._first if fits(text)), 0)
        return False

    def end(self) -> None:
        """The record that was begun goes on no further."""
        self._left = 0


def unwrapped(lines: str) -> str:
    """The line that was cut into ``lines``."""
    return "".join(line.strip(AROUND) for line in _BREAK.split(lines))


def records_of(lines: Iterable[bytes], rules: Continued | None) -> list[bytes]:
    """Lines of a stream, the lines of one record put together."""
    if rules is None:
        return list(lines)
    continuing = Continuing(rules)
    records: list[bytes] = []
    for line in lines:
        if continuing.goes_on(line):
            records[-1] += line
        else:
            records.append(line)
    return records
