"""A source added to a configuration file: nothing else in it changes, and what would not be right is not written."""

from __future__ import annotations

import datetime as dt
import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from collector.config.reading import load, to_toml
from collector.errors import UserError
from collector.files import put, replacing
from collector.problems import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from collector.config.model import Serial


class NotWrittenError(UserError):
    """The file may not be written by this user. Nothing else is wrong: whoever may can add the same lines."""


class Wanted(NamedTuple):
    """A source to be added. ``serial`` is None but for serial ports; ``note`` stands behind the format."""

    name: str
    input: str
    format: str
    serial: Serial | None = None
    allow: Sequence[str] = ()
    note: str = ""

    def toml(self) -> str:
        """The source as its table in the file."""
        note = f"  # {' '.join(self.note.split())}" if self.note else ""
        lines = ["[[source]]", f"name = {to_toml(self.name)}", f"input = {to_toml(self.input)}"]
        lines.append(f"format = {to_toml(self.format)}{note}")
        if self.serial is not None:
            settings = ", ".join(f"{key} = {to_toml(value)}" for key, value in self.serial)
            lines.append(f"serial = {{ {settings} }}  # 1 stop bit also reads a line with 2")
        if self.allow:
            lines.append(f"allow = {to_toml(list(self.allow))}")
        return "\n".join(lines) + "\n"


def add_source(path: Path, wanted: Wanted) -> Path:
    """Write ``wanted`` at the end of a configuration file, in whole or not at all; where the file before is kept.

    The text of the file stays byte for byte. Raises `ConfigError` with what would be wrong then, naming the lines of the
    file as it would be, and `NotWrittenError`.
    """
    path = path.resolve()
    with _turn(path):
        before = path.read_bytes()
        wholly = before if before.endswith(b"\n") or not before else before + b"\n"
        after = wholly + b"\n" + wanted.toml().encode()
        kept = _free_name(path)
        try:
            with replacing(path, after, like=path) as beside:
                _check(beside, path)
                put(kept, before, like=path)
            _sync(path.parent)
        except OSError as error:
            raise NotWrittenError(f"{path} cannot be written: {error.strerror or error}.") from None
    return kept


@contextmanager
def _turn(path: Path) -> Iterator[None]:
    """Writers of the file take turns. The folder is what is locked: the file itself is replaced."""
    try:
        if not os.access(path.parent, os.W_OK):
            raise PermissionError(13, os.strerror(13))
        handle = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise NotWrittenError(f"{path} cannot be written: {error.strerror}.") from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _check(beside: Path, path: Path) -> None:
    try:
        load(beside, with_tables=False)
    except ConfigError as error:
        raise ConfigError([problem._replace(file=path) for problem in error.errors]) from None


def _sync(folder: Path) -> None:
    """Without it the new file might lack its name after a power cut, though its user was told that it is written."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _free_name(path: Path) -> Path:
    """A name beside the file for what it was, that tells when."""
    stem = f"{path.name}.before-{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%SZ}"
    names = (path.with_name(stem + (f"-{number}" if number else "")) for number in range(1000))
    return next(name for name in names if not name.exists())
