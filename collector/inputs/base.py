"""What every input shares: where its bytes go, the clock, and the one state machine that keeps a link open for ever."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

from collector.legible import legible

if TYPE_CHECKING:
    from collector.config import Serial, Source
    from collector.conversations import Piece
    from collector.inputs.uart import LineErrors

LOGGER = logging.getLogger("collector.inputs")

LinkState = Literal["connecting", "open", "waiting", "closed", "failed"]
"""``waiting``: ready, nobody at the other end. ``closed``: the other end went away. ``failed``: see the sentence."""

FIRST_DELAY = 0.5
STEADY = 5.0
"""A link that stayed open this many seconds was a real one: the next attempt comes quickly again."""


class TakenWhole(NamedTuple):
    """A file that is taken once, named by the SHA-256 of its content: how many bytes of it, and whether that is all."""

    sha256: str
    position: int
    complete: bool


class TakenOf(NamedTuple):
    """The file that is followed: how many bytes of it, and the last of them, by which it is known again."""

    position: int
    tail: bytes


Taken = TakenWhole | TakenOf
"""How far a file is taken in; kept in the same transaction as the bytes it comes with."""


class Sink(Protocol):
    """Where the bytes of one source go."""

    async def received(self, lane: int, data: bytes, *, opened: bool, taken: Taken | None = None) -> None:
        """Take ``data``, which arrived on ``lane``; wait while there is no room for it.

        ``opened``: the first bytes since the link was (re)opened, so bytes may be missing before them.
        """

    async def ended(self, lane: int, taken: Taken | None = None) -> None:
        """No more bytes will follow on ``lane``: an unfinished line is complete now."""

    async def kept(self) -> None:
        """Return once everything handed over is on disk, so that its arrival may be confirmed to the PBX."""

    async def recent(self, size: int) -> list[Piece]:
        """What was handed over last, once it is on disk: ``size`` bytes, and what came with the first of them."""

    async def taken(self) -> dict[str, int]:
        """What is on disk of the files that were taken whole: bytes, by their SHA-256."""

    async def followed(self) -> TakenOf | None:
        """What is on disk of the file that is followed; None before its first byte."""

    def link(self, state: LinkState, detail: str) -> None:
        """Note the state of the link, with one plain sentence about it."""

    def line_errors(self, found: LineErrors) -> None:
        """Note what the port reports anew of its line; only a port that counts tells, and first that there is nothing."""

    def position(self) -> int:
        """Bytes of this source already kept; a followed file is read on from there."""


class Clock(Protocol):
    """Time and chance, so that tests can hold both."""

    def now(self) -> float:
        """Return monotonic seconds."""

    async def sleep(self, seconds: float) -> None:
        """Wait."""

    def random(self) -> float:
        """Return a number from 0 up to, not including, 1."""


class SystemClock:
    """The real clock."""

    def now(self) -> float:
        """Return monotonic seconds."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)

    def random(self) -> float:
        """Return a number from 0 up to, not including, 1."""
        return random.random()  # noqa: S311  (spreads reconnects, guards nothing)


class Input(Protocol):
    """One source being read."""

    async def run(self) -> None:
        """Read until cancelled; return only where the source has an end (standard input)."""


class LinkError(OSError):
    """A link cannot be opened, or broke. Its text is a sentence for the technician, with the fix where there is one."""


class Backoff:
    """Growing pauses between attempts: each step doubles up to ``ceiling`` seconds, half of each is left to chance."""

    def __init__(self, clock: Clock, ceiling: float) -> None:
        self._clock = clock
        self._ceiling = ceiling
        self.reset()

    def reset(self) -> None:
        """Begin again with the shortest pause."""
        self._step = min(FIRST_DELAY, self._ceiling)

    def next(self) -> float:
        """Return the seconds to wait before the next attempt."""
        delay = self._step * (0.5 + 0.5 * self._clock.random())
        self._step = min(self._ceiling, self._step * 2)
        return delay


class Reconnecting(ABC):
    """An input that is opened again for ever.

    ``ceiling``: the longest pause between two attempts, in seconds.
    """

    ceiling: float

    def __init__(self, source: Source, sink: Sink, clock: Clock) -> None:
        self.source = source
        self.sink = sink
        self.clock = clock
        self._said = ""
        self._opened_at: float | None = None

    @abstractmethod
    async def session(self) -> str:
        """Open the link once, call `opened`, read until the other end goes away; return a sentence about that.

        Raises OSError where the link cannot be opened or breaks; LinkError where there is a sentence about it.
        """

    async def run(self) -> None:
        """Keep the link open until cancelled."""
        backoff = Backoff(self.clock, self.ceiling)
        self.say("connecting", f"Opening {self.source.link}.")
        while True:
            self._opened_at = None
            try:
                self.say("closed", await self.session())
            except LinkError as failure:
                self.say("failed", str(failure))
            except OSError as error:
                self.say("failed", f"{self.source.link} failed: {error.strerror or error}.")
            if self._opened_at is not None and self.clock.now() - self._opened_at >= STEADY:
                backoff.reset()
            await self.clock.sleep(backoff.next())

    def opened(self, state: LinkState, sentence: str) -> None:
        """Note that the link is up."""
        self._opened_at = self.clock.now()
        self.say(state, sentence)

    def say(self, state: LinkState, sentence: str) -> None:
        """Tell the sink, and the log where it is news."""
        sentence = legible(sentence)
        self.sink.link(state, sentence)
        if sentence != self._said:
            self._said = sentence
            level = logging.WARNING if state in ("closed", "failed") else logging.INFO
            LOGGER.log(level, "%s: %s", self.source.name, sentence)


def describe(line: Serial) -> str:
    """Return a serial line's settings as technicians write them, such as ``9600 8N1`` or ``1200 7E1 xonxoff``."""
    flow = "" if line.flow == "none" else f" {line.flow}"
    return f"{line.baud} {line.data_bits}{line.parity}{line.stop_bits}{flow}"
