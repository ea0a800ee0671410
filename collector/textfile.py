"""Reading a text file a person wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.problems import ConfigError, Problem

if TYPE_CHECKING:
    from pathlib import Path


def decode(path: Path) -> str:
    """Return the text of a UTF-8 file; raise ConfigError where there is none.

    A byte order mark, which Windows editors write, is no part of the text.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConfigError([Problem(path, 1, 1, f"cannot be read: {error.strerror}", _reading_hint(error))]) from None
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line = before.count(b"\n") + 1
        column = len(before[before.rfind(b"\n") + 1 :].decode(errors="replace")) + 1
        quoted = content.split(b"\n")[line - 1].rstrip(b"\r").decode(errors="replace")
        hint = "save the file as UTF-8; editors on Chinese Windows offer GBK (ANSI) first"
        raise ConfigError([Problem(path, line, column, "not UTF-8 text", hint, quoted)]) from None


def _reading_hint(error: OSError) -> str:
    match error:
        case FileNotFoundError():
            return "check the name; docs/sample.toml is a file to start from"
        case PermissionError():
            return "let the user that runs smdr read it"
        case IsADirectoryError():
            return "name the file in this folder"
        case _:
            return ""
