"""One collector per data folder: the lock every writer holds, and how others see that it is held."""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from collector.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_NAME = "collector.lock"
_ATTEMPTS = 20
_PAUSE_S = 0.05


@contextmanager
def only_writer(data: Path) -> Iterator[None]:
    """Hold the data folder for writing; raises `UserError` while another process holds it or where it cannot be made."""
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(data / _NAME, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise UserError(f"The data folder {data} cannot be written: {error.strerror}.") from None
    try:
        if not _locked(handle):
            holder = os.pread(handle, 20, 0).decode(errors="replace").strip() or "unknown"
            raise UserError(
                f"Another collector (process {holder}) is running on {data}. Stop it first, or give this one a data "
                "folder of its own."
            )
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(handle)


def _locked(handle: int) -> bool:
    """Take the lock, within a second: whoever asks `is_running` just now holds it for a moment."""
    for attempt in range(_ATTEMPTS):
        if attempt:
            time.sleep(_PAUSE_S)
        with suppress(BlockingIOError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
    return False


def is_running(data: Path) -> bool:
    """Whether a collector holds the data folder."""
    try:
        handle = os.open(data / _NAME, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False
