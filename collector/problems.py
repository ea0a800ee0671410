"""What is wrong with a file a person wrote, said the way a compiler says it."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, NamedTuple

from collector.errors import UserError
from collector.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


class Problem(NamedTuple):
    """One fault at one place. ``line`` and ``column`` count from 1; ``length`` is how far the caret reaches."""

    file: Path
    line: int
    column: int
    message: str
    hint: str = ""
    quoted: str = ""
    length: int = 1
    warning: bool = False

    def __str__(self) -> str:
        """Return ``file:line:column: message``, the line with a caret under it, and the hint."""
        level = "warning: " if self.warning else ""
        shown = [f"{self.file}:{self.line}:{self.column}: {level}{self.message}"]
        if self.quoted:
            gutter = f"{self.line:>5} | "
            # Tabs are repeated so that the caret stays under its word whatever the terminal's tab stops.
            indent = "".join("\t" if char == "\t" else " " * width(char) for char in self.quoted[: self.column - 1])
            marked = self.quoted[self.column - 1 : self.column - 1 + self.length]
            carets = "^" * max(1, sum(map(width, marked)))
            # A file may hold anything: what could steer the terminal is not printed.
            printable = "".join(char if char.isprintable() or char == "\t" else "�" for char in self.quoted)
            shown += [gutter + printable, " " * (len(gutter) - 2) + "| " + indent + carets]
        if self.hint:
            shown.append(f"      = {self.hint}")
        return "\n".join(shown)


class ConfigError(UserError):
    """A file cannot be used. ``errors`` holds every problem found, warnings too, in the order of the file."""

    def __init__(self, errors: Iterable[Problem]) -> None:
        self.errors = sorted(errors, key=lambda problem: (str(problem.file), problem.line, problem.column))
        faults = sum(not problem.warning for problem in self.errors)
        count = counted(faults, "error")
        super().__init__("\n".join([*map(str, self.errors), f"{count}; nothing was started."]))


def width(char: str) -> int:
    """Return how many terminal cells a character takes: 2 for Chinese, Japanese and Korean ones."""
    import unicodedata  # noqa: PLC0415  (only needed once something is wrong)

    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known name a mistyped word most likely stands for, ignoring case; None if none is near."""
    by_lower = {name.lower(): name for name in known}
    found = difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[found[0]] if found else None


def choices(word: str, known: Iterable[str]) -> str:
    """Return a hint that names the nearest valid name, if any, and all of them."""
    known = list(known)
    near = nearest(word, known)
    listed = "one of " + ", ".join(known)
    return f'did you mean "{near}"? ({listed})' if near else listed
