"""Text that others wrote, where it has to stand on one line: in the log, the state of a link, the subject of a mail."""

from __future__ import annotations


def legible(text: str) -> str:
    """The text in readable characters: a name may hold line ends, or bytes that are no text."""
    bytes_shown = text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in bytes_shown
    )
