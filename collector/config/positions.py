"""Where each key and value of a TOML text stands; `tomllib` reads values but not places.

The text must be one `tomllib` accepts: this module only finds places and does not judge. Places are half-open
ranges of character offsets.
"""

from __future__ import annotations

import re
import tomllib
from typing import NamedTuple

Path = tuple[str | int, ...]
"""The way to a value: keys, and indexes into arrays."""

_SPACE = re.compile(r"[ \t]*")
_SPACE_AND_COMMENTS = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"""(?:"{0,2})'  # a multi-line string may end in one or two quotes of its own
    r"|'''.*?'''(?:'{0,2})"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)
_SCALAR = re.compile(r"[^,\]}#\n]*[^,\]}#\s]")


class Span(NamedTuple):
    """A range of characters."""

    start: int
    end: int


class Place(NamedTuple):
    """Where a key and its value stand. An element of an array has no key of its own: both are the value.

    A table opened by a header has no value in one piece: ``value`` is its name in the header, as is ``key``.
    """

    key: Span
    value: Span


def locate(text: str) -> dict[Path, Place]:
    """Return the place of every table, key, value and array element, by its path."""
    finder = _Finder(text)
    finder.document()
    return finder.places


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Return line and column, both from 1, of a character offset."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


class _Finder:
    """One walk over a text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.places: dict[Path, Place] = {}
        self.last_index: dict[Path, int] = {}  # of each array of tables opened by [[headers]]

    def document(self) -> None:
        table: Path = ()
        while True:
            self._skip(_SPACE_AND_COMMENTS)
            if self.at == len(self.text):
                return
            if self.text[self.at] == "[":
                table = self._header()
            else:
                self._assignment(table)

    def _header(self) -> Path:
        is_array = self.text.startswith("[[", self.at)
        self.at += 2 if is_array else 1
        keys = self._keys()
        self.at += 2 if is_array else 1
        table: Path = ()
        for number, (key, span) in enumerate(keys, start=1):
            table = (*table, key)
            self._place(table, Place(span, span))
            if is_array and number == len(keys):
                self.last_index[table] = self.last_index.get(table, -1) + 1
            if table in self.last_index:
                table = (*table, self.last_index[table])
                self._place(table, Place(span, span))
        return table

    def _assignment(self, table: Path) -> None:
        keys = self._keys()
        self.at += 1  # the equals sign
        self._skip(_SPACE)
        path = table
        for key, span in keys[:-1]:
            path = (*path, key)
            self._place(path, Place(span, span))
        key, span = keys[-1]
        self._value((*path, key), span)

    def _keys(self) -> list[tuple[str, Span]]:
        """Read ``a."b".c`` and the space after it."""
        keys = []
        while True:
            self._skip(_SPACE)
            start = self.at
            self._skip(_STRING if self.text[start] in "\"'" else _BARE_KEY)
            span = Span(start, self.at)
            keys.append((_key_name(self.text[start : self.at]), span))
            self._skip(_SPACE)
            if self.text[self.at] != ".":
                return keys
            self.at += 1

    def _value(self, path: Path, key: Span | None) -> None:
        start = self.at
        opening = self.text[start]
        # Placed before its elements, so that places come in the order of the text.
        self._place(path, Place(key or Span(start, start), Span(start, start)))
        if opening == "[":
            self._array(path)
        elif opening == "{":
            self._inline_table(path)
        else:
            self._skip(_STRING if opening in "\"'" else _SCALAR)
        value = Span(start, self.at)
        self.places[path] = Place(key or value, value)

    def _array(self, path: Path) -> None:
        self.at += 1
        index = 0
        while not self._closed("]"):
            self._value((*path, index), None)
            index += 1

    def _inline_table(self, path: Path) -> None:
        self.at += 1
        while not self._closed("}"):
            self._assignment(path)

    def _closed(self, bracket: str) -> bool:
        """Step over space and a comma to the next element; True, and past the bracket, where there is none."""
        self._skip(_SPACE_AND_COMMENTS)
        if self.text[self.at] == ",":
            self.at += 1
            self._skip(_SPACE_AND_COMMENTS)
        if self.text[self.at] != bracket:
            return False
        self.at += 1
        return True

    def _skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self.text, self.at)
        if match is None:
            raise ValueError(f"not TOML at character {self.at}")
        self.at = match.end()

    def _place(self, path: Path, place: Place) -> None:
        self.places.setdefault(path, place)


def _key_name(written: str) -> str:
    if written[0] not in "\"'":
        return written
    return next(iter(tomllib.loads(f"{written} = 0")))
