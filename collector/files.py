"""Files that have their name only once all of their content is on the disk."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def put(file: Path, content: bytes, *, mode: int = 0o600, like: Path | None = None) -> None:
    """Write a file, whole or not at all: killed in the middle, there is what was there before.

    It is for the same people as ``like``, where that is given and exists; else it has ``mode``. Raises OSError.
    """
    with replacing(file, content, mode=mode, like=like):
        pass


@contextmanager
def replacing(file: Path, content: bytes, *, mode: int = 0o600, like: Path | None = None) -> Iterator[Path]:
    """As `put`, with a look at what was written first: it has its name after the block, which may raise to prevent that."""
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        _write(beside, content, mode, like)
        yield beside
        beside.replace(file)
    finally:
        with suppress(OSError):
            beside.unlink()


def _write(file: Path, content: bytes, mode: int, like: Path | None) -> None:
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
        if like is not None and like.exists():
            status = like.stat()
            mode = status.st_mode & 0o7777
            if (os.geteuid(), os.getegid()) != (status.st_uid, status.st_gid):
                os.chown(file, status.st_uid, status.st_gid)
        os.fchmod(handle, mode)
        stream.flush()
        os.fsync(handle)
