"""A folder that files are dropped into, as CUCM and others do: each is taken once, when it is complete.

A file is known by its content, so that a copy under another name, or the same file after a restart, adds nothing. One
that has grown since it was taken is read on from where it ended.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import stat
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from collector.inputs.base import LOGGER, LinkError, Reconnecting, TakenWhole
from collector.legible import legible

if TYPE_CHECKING:
    from collections.abc import Mapping

    from collector.config import Source
    from collector.inputs.base import Clock, Sink

CHUNK = 64 * 1024
POLL = 2.0
STILL = 3
"""A file is complete when this many looks, `POLL` seconds apart, find it unchanged."""
TROUBLE_TOLD = 5
"""Files that the state of the link names; of others it tells how many there are."""
UNFINISHED = (".tmp", ".temp", ".part", ".partial", ".filepart", ".crdownload", ".swp", "~")
"""Ends of names that programs give to files they are still writing. So are names that begin with a point."""


class Look(NamedTuple):
    """What tells whether a file has changed: inode, size in bytes, time of the last write in nanoseconds."""

    inode: int
    size: int
    written: int


class DroppedFiles(Reconnecting):
    """The files of one folder; not those of folders in it, and no links: whoever may write there could name any file."""

    ceiling = 3.0

    def __init__(self, source: Source, sink: Sink, clock: Clock) -> None:
        super().__init__(source, sink, clock)
        self._folder = Path(source.link.path)
        self._looks: dict[str, tuple[Look, int]] = {}
        self._done: dict[str, Look] = {}
        self._trouble: dict[str, str] = {}
        self._taken = 0
        self._last = ""

    async def session(self) -> str:
        """Look into the folder again and again; LinkError once it cannot be looked into."""
        known = await self.sink.taken()
        self._see()
        self.opened("open", self._situation())
        while True:
            for name, look in self._complete():
                await self._take(name, look, known)
            self.say("open", self._situation())
            await self.clock.sleep(POLL)
            self._see()

    def _see(self) -> None:
        """Look at every file; note for how many looks it has been the same."""
        try:
            entries = {
                entry.name: entry.stat(follow_symlinks=False)
                for entry in os.scandir(self._folder)
                if _is_finished(entry)
            }
        except FileNotFoundError as error:
            if error.filename == str(self._folder):
                raise LinkError(
                    f"{self._folder} is not there: make the folder that files are to be dropped into."
                ) from None
            return  # a file that went away between two looks at it
        except NotADirectoryError:
            raise LinkError(f"{self._folder} is not a folder: name one, or use file: for a file that grows.") from None
        except PermissionError:
            raise LinkError(f"No permission to read {self._folder}: let the collector's user read it.") from None
        looks = {}
        for name, status in entries.items():
            if stat.S_ISLNK(status.st_mode):
                self._trouble[name] = f"{self._folder / name}: a link, and links are not followed"
            if not stat.S_ISREG(status.st_mode):
                continue
            look = Look(status.st_ino, status.st_size, status.st_mtime_ns)
            before, times = self._looks.get(name, (look, 0))
            looks[name] = (look, times + 1 if before == look else 1)
        self._looks = looks
        self._done = {name: look for name, look in self._done.items() if name in looks}
        self._trouble = {name: said for name, said in self._trouble.items() if name in entries}

    def _complete(self) -> list[tuple[str, Look]]:
        """The files to take now, oldest first."""
        ready = [
            (name, look)
            for name, (look, times) in self._looks.items()
            if times >= STILL and look.size and self._done.get(name) != look
        ]
        return sorted(ready, key=lambda file: (file[1].written, file[0]))

    async def _take(self, name: str, look: Look, known: dict[str, int]) -> None:
        path = self._folder / name
        self._trouble.pop(name, None)
        try:
            digest, position = await asyncio.to_thread(_examine, path, look.size, known)
            if position < look.size:
                await self._read(path, digest, position, look.size)
                known[digest] = look.size
                self._taken, self._last = self._taken + 1, name
                LOGGER.info("%s: Took %s, %d bytes.", self.source.name, legible(str(path)), look.size - position)
            self._done[name] = look
            if self.source.move_to:
                await asyncio.to_thread(_move, path, self.source.move_to)
        except OSError as error:
            self._done[name] = look  # tried again when it changes, and after a restart
            self._trouble[name] = f"{error.filename or path}: {error.strerror or error}"

    async def _read(self, path: Path, digest: str, position: int, size: int) -> None:
        """Hand over bytes ``position`` to ``size``; return once they are on disk."""
        with _opened(path) as file:
            file.seek(position)
            opened = True
            while data := await asyncio.to_thread(file.read, min(CHUNK, size - position)):
                position += len(data)
                await self.sink.received(0, data, opened=opened, taken=TakenWhole(digest, position, complete=False))
                opened = False
        await self.sink.ended(0, TakenWhole(digest, position, complete=True))
        await self.sink.kept()

    def _situation(self) -> str:
        taken = f"{self._taken} taken, the last was {self._last}" if self._last else "none taken yet"
        told = list(self._trouble.values())[:TROUBLE_TOLD]
        more = f" and {len(self._trouble) - len(told)} more" if len(self._trouble) > len(told) else ""
        trouble = f" Trouble with {'; '.join(told)}{more}." if told else ""
        return f"Waiting for files in {self._folder}; {taken}.{trouble}"


def _is_finished(entry: os.DirEntry[str]) -> bool:
    return not entry.name.startswith(".") and not entry.name.lower().endswith(UNFINISHED)


def _opened(path: Path) -> BinaryIO:
    """Open a file that may have become something else since it was looked at: no link is followed, no pipe waited for."""
    return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb")


def _examine(path: Path, size: int, known: Mapping[str, int]) -> tuple[str, int]:
    """Return the SHA-256 of the first ``size`` bytes, and how many of them are known to be taken."""
    hashed, taken = hashlib.sha256(), 0
    with _opened(path) as file:
        for end in [*sorted({length for length in known.values() if 0 < length < size}), size]:
            while chunk := file.read(min(CHUNK, end - file.tell())):
                hashed.update(chunk)
            if known.get(hashed.hexdigest()) == end:
                taken = end
    return hashed.hexdigest(), max(taken, known.get(hashed.hexdigest(), 0))


def _move(path: Path, folder: Path) -> None:
    """Move a file under its own name, or, where that is taken, with a number behind it."""
    folder.mkdir(parents=True, exist_ok=True)
    target, number = folder / path.name, 0
    while target.exists():
        number += 1
        target = folder / f"{path.name}.{number}"
    shutil.move(path, target)
