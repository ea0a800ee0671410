"""Disks that get into trouble on command, and out of it: real filesystems, mounted where nobody else sees them.

They take a root user who may mount. A machine that does not permit that skips the tests with its reason.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
from abc import ABC, abstractmethod
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

_CLONE_NEWNS = 0x00020000
_LITTLE = "4m"


@cache
def _alone() -> str | None:
    """Give this process mounts of its own, which end with it; a sentence where that is not permitted."""
    if ctypes.CDLL(None, use_errno=True).unshare(_CLONE_NEWNS):
        return f"a mount namespace is not permitted here: {os.strerror(ctypes.get_errno())}"
    return _refusal("mount", "--make-rprivate", "/")


def _refusal(*command: str) -> str | None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return f"{command[0]} is not permitted here: {done.stderr.strip()}" if done.returncode else None


def _do(*command: str) -> None:
    """Run a command that a test cannot do without; skip the test where it is not permitted."""
    if (refusal := _alone()) or (refusal := _refusal(*command)):
        pytest.skip(refusal)


def mount(kind: str, what: str, where: Path, options: str) -> None:
    """Mount a filesystem, or skip the test."""
    where.mkdir(parents=True, exist_ok=True)
    _do("mount", "-t", kind, "-o", options, what, str(where))


def unmount(where: Path) -> None:
    """Let go of a filesystem, also of one that is still in use."""
    subprocess.run(["umount", "--lazy", str(where)], check=True)


class Disk(ABC):
    """A filesystem at ``path``, made of things in ``workshop``."""

    is_noticed = True
    """whether the collector is told, and does not only wait"""

    def __init__(self, path: Path, workshop: Path) -> None:
        self.path = path
        self._workshop = workshop

    @abstractmethod
    def mount(self) -> None:
        """Make it, in health."""

    @abstractmethod
    def fail(self) -> None:
        """Begin to fail."""

    @abstractmethod
    def recover(self) -> None:
        """Be in health again."""

    def unmount(self) -> None:
        """Let go of it."""
        unmount(self.path)


class Full(Disk):
    """Somebody else fills it to the last byte."""

    def mount(self) -> None:
        mount("tmpfs", "tmpfs", self.path, f"size={_LITTLE}")

    def fail(self) -> None:
        _fill(self.path / "ballast")

    def recover(self) -> None:
        (self.path / "ballast").unlink()


class _OnDevice(Disk):
    """An ext4 filesystem on a device that is a file on a small disk of its own."""

    size = "16m"
    features = "^has_journal"

    @property
    def image(self) -> Path:
        """The file that is the device."""
        return self._workshop / "image"

    def mount(self) -> None:
        mount("tmpfs", "tmpfs", self._workshop, f"size={self.size}")
        with self.image.open("wb") as file:
            file.truncate(24 << 20)
        _do("mkfs.ext4", "-q", "-b", "4096", "-O", self.features, "-m", "0", str(self.image))
        mount("ext4", str(self.image), self.path, "loop,errors=continue")
        self._tell_of_every_block()

    def _tell_of_every_block(self) -> None:
        """Have each block written by a request of its own.

        Of a request for several blocks that has room for the first, Linux's loop device says that all were written.
        """
        command = ("losetup", "--associated", str(self.image), "--noheadings", "--output", "NAME")
        device = Path(subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip())
        Path(f"/sys/block/{device.name}/queue/max_sectors_kb").write_text("4", encoding="ascii")

    def unmount(self) -> None:
        super().unmount()
        unmount(self._workshop)


class Thin(_OnDevice):
    """Takes everything, and finds out when it is to be synced that its device has no room: fsync fails."""

    size = _LITTLE

    def fail(self) -> None:
        _fill(self._workshop / "ballast")

    def recover(self) -> None:
        (self._workshop / "ballast").unlink()


class Immutable(_OnDevice):
    """No file on it may be changed, and none made, as on a disk that is mounted read-only.

    But for what SQLite has in memory (``-shm``): the kernel ends whoever writes there to an immutable file, as it does
    not on a disk that turned read-only.
    """

    def fail(self) -> None:
        for path in (self.path, *self.path.rglob("*.db"), *self.path.rglob("*-wal")):
            _do("chattr", "+i", str(path))

    def recover(self) -> None:
        _do("chattr", "-R", "-f", "-i", str(self.path))


class Hanging(_OnDevice):
    """Whoever writes to it waits."""

    is_noticed = False

    def fail(self) -> None:
        _do("fsfreeze", "--freeze", str(self.path))

    def recover(self) -> None:
        _do("fsfreeze", "--unfreeze", str(self.path))


class Sound(_OnDevice):
    """Is always in health, and keeps a journal, as most do. Its image without what was not synced is what a power cut leaves."""

    size = "64m"
    features = "has_journal"

    def fail(self) -> None:
        """Never."""

    def recover(self) -> None:
        """Always."""


def mounted(disk: Disk) -> Iterator[Disk]:
    """A disk in health, let go of at the end."""
    disk.mount()
    try:
        yield disk
    finally:
        disk.unmount()


def _fill(path: Path) -> None:
    """Write a file until nothing more goes onto the disk, not a byte."""
    with path.open("wb", buffering=0) as file:
        for size in (1 << 16, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue
