"""The PBXs of a soak: one on each kind of input. Each prints records, breaks off in the middle of one, and counts its bytes."""

from __future__ import annotations

import asyncio
import itertools
import random
import socket
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from servers import free_port

from collector.simulator.office import Profile
from collector.simulator.printing import print_lines, reported
from collector.simulator.targets import Target, open_target
from collector.simulator.traffic import Traffic
from parsers import formats

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from parsers.formats import Planned

ZONE = "Europe/Berlin"
FORMAT = "panasonic/kx-tda"
CALLS_A_DAY = 500.0


class Clock:
    """The clock of a PBX that stamps its records as they come: ``ahead`` of ours, which may change."""

    def __init__(self, ahead: timedelta = timedelta(0)) -> None:
        self.ahead = ahead

    def now(self) -> datetime:
        return datetime.now(ZoneInfo(ZONE)).replace(tzinfo=None, microsecond=0) + self.ahead


def records(seed: int, clock: Clock | None) -> Iterator[bytes]:
    """Records of an office without end: day after day from 300 days ago, as fast as they are wanted, or each as of now."""
    first = datetime.now(ZoneInfo(ZONE)).replace(tzinfo=None, hour=7, minute=0) - timedelta(days=300)
    declared = formats.get(FORMAT)
    legs = reported(declared, Traffic(Profile.office(CALLS_A_DAY), seed).legs(first))
    for line in print_lines(declared, (_as_of(leg, clock.now()) for leg in legs) if clock else legs):
        yield line.text


def _as_of(leg: Planned, now: datetime) -> Planned:
    """The same leg, ended just now."""
    return leg._replace(start=now - (leg.end - leg.start), end=now, call_start=None)


class Line:
    """A PBX on one kind of input. `kind` is also the name of its source."""

    def __init__(self, kind: str, reads: str, prints: str, seed: int, clock: Clock | None = None) -> None:
        self.kind = kind
        self.reads = reads
        self.bytes = 0
        self.records = 0
        self._prints = prints
        self._text = records(seed, clock)
        self._chance = random.Random(seed)
        self._busy = asyncio.Lock()
        self._target: Target | None = None

    async def plug_in(self) -> None:
        """Make the link, and wait until the collector is there."""
        self._target = open_target(self._prints, _ignore)
        await self._target.ready()

    async def print(self, count: int) -> None:
        """Print so many records."""
        async with self._busy:
            text = list(itertools.islice(self._text, count))
            await self._write(b"".join(text))
            self.records += count

    async def garble(self) -> None:
        """Print what is no record: noise of a line, at times longer than any line may be."""
        async with self._busy:
            await self._write(self._chance.randbytes(self._chance.choice([3, 40, 9000])) + b"\r\n")

    async def break_off(self) -> None:
        """Print the first half of a record. What was printed so far has left; the link can be cut now."""
        await self._busy.acquire()
        await self._write(next(self._text)[-60:-30])

    async def cut(self) -> None:
        """Cut the link, until `mend`."""
        assert self._target
        await self._target.close()

    async def mend(self) -> None:
        """Make the link anew."""
        await self.plug_in()
        self._busy.release()

    async def close(self) -> None:
        if self._target:
            await self._target.close()

    async def _write(self, data: bytes) -> None:
        assert self._target
        await self._target.write(data)
        self.bytes += len(data)


class FileLine(Line):
    """A file that grows, and is rotated now and then."""

    def __init__(self, path: Path, seed: int) -> None:
        super().__init__("file", f"file:{path}", "", seed)
        self._path = path
        self._writes = 0

    async def plug_in(self) -> None:
        self._path.touch()

    async def _write(self, data: bytes) -> None:
        if self._writes and self._writes % 20 == 0:
            await asyncio.sleep(
                2
            )  # longer than it takes to be looked at twice: a file that is rotated away twice is lost
            self._path.replace(self._path.with_name(f"{self._path.name}.1"))
        self._writes += 1
        with self._path.open("ab") as file:
            file.write(data)
        self.bytes += len(data)


class FolderLine(Line):
    """Files that are dropped into a folder."""

    def __init__(self, path: Path, seed: int) -> None:
        super().__init__("folder", f"folder:{path}", "", seed)
        self._path = path
        self._names = itertools.count()

    async def plug_in(self) -> None:
        self._path.mkdir(exist_ok=True)

    async def _write(self, data: bytes) -> None:
        written = self._path / f"{next(self._names):06}.tmp"
        written.write_bytes(data)
        written.rename(written.with_suffix(".log"))
        self.bytes += len(data)


class SyslogLine(Line):
    """Records as syslog messages, over a connection."""

    async def _write(self, data: bytes) -> None:
        await super()._write(b"".join(_message(line) + b"\n" for line in data.split(b"\r\n") if line.strip(b"\r\n")))


class DatagramLine(Line):
    """Records as syslog messages, each in a datagram."""

    def __init__(self, port: int, seed: int) -> None:
        super().__init__("syslog-udp", f"syslog-udp://127.0.0.1:{port}", "", seed)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.connect(("127.0.0.1", port))

    async def plug_in(self) -> None:
        """Nobody has to be there."""

    async def _write(self, data: bytes) -> None:
        for line in data.split(b"\r\n"):
            if line:
                self.bytes += self._socket.send(_message(line))

    async def close(self) -> None:
        self._socket.close()


def _message(line: bytes) -> bytes:
    return b"<134>Nov 23 07:00:00 pbx smdr: " + line.replace(b"\n", b" ").replace(b"\0", b" ")


def _ignore(_sentence: str) -> None:
    """What a link waits for is told by the collector."""


def all_kinds(folder: Path, wrong: Clock) -> list[Line]:
    """A PBX for each kind of input, and one whose clock is ``wrong``."""
    tcp, listen, syslog, late = (free_port() for _ in range(4))
    return [
        Line("serial", f"serial:{folder / 'tty'}", f"pty:{folder / 'tty'}", 1),
        Line("tcp", f"tcp://127.0.0.1:{tcp}", f"tcp-listen://127.0.0.1:{tcp}", 2),
        Line("tcp-listen", f"tcp-listen://127.0.0.1:{listen}", f"tcp://127.0.0.1:{listen}", 3),
        SyslogLine("syslog-tcp", f"syslog-tcp://127.0.0.1:{syslog}", f"tcp://127.0.0.1:{syslog}", 4),
        DatagramLine(free_port(), 5),
        FileLine(folder / "calls.log", 6),
        FolderLine(folder / "drop", 7),
        Line("clock", f"tcp-listen://127.0.0.1:{late}", f"tcp://127.0.0.1:{late}", 8, wrong),
    ]
