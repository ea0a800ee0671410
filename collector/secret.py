"""Secrets: read from files, when they are needed, and never shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.errors import UserError

if TYPE_CHECKING:
    from pathlib import Path


class SecretError(UserError):
    """A token or password file cannot be read; the message says which and why."""


def secret(path: Path | None) -> str:
    """Read a token or password file, without the line end; nothing where none is named. Raises `SecretError`."""
    try:
        return path.read_text(encoding="utf-8").strip() if path else ""
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise SecretError(f"cannot read {path}: {reason}") from None
