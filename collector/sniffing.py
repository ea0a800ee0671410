"""Which settings a serial line has, found by listening: first what the bytes tell (pure), then the trials.

A port is always listened to as 8N1. At the right speed that reading tells the frame too: with 7 data bits the eighth
bit read is the parity, so all bytes have an even (or odd) number of ones. With 8 data bits and parity, the parity bit
stands where the receiver expects the stop bit. Where it is 0, some receivers take it for the next start bit: the bytes
that follow are torn, and are put together again. Others leave the byte out or make it NUL: the bytes that are left
all have the same parity.

What cannot be heard: a second stop bit (it sounds like a pause), and 8 bits with parity on a receiver that passes over
a wrong stop bit; both are read right by the settings reported.
"""

from __future__ import annotations

import asyncio
import math
import time
from typing import TYPE_CHECKING, Literal, NamedTuple

from collector.config import Serial
from collector.conversations import RECORDS
from collector.framing import Framer
from collector.inputs.base import LinkError
from collector.inputs.serial import open_port
from collector.inputs.tapping import Arrival
from parsers import detection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from collector.inputs.chunks import Chunks
    from parsers.detection import Candidate

Frame = Literal["8N", "8E", "8O", "7E", "7O", "7N"]

SPEEDS = (9600, 1200, 2400, 4800, 19200, 38400, 115200, 57600, 300, 600)
"""In the order in which PBXs are found set to them."""

LEAST = 32
"""Bytes needed for a verdict: a good part of one record."""
ENOUGH = 400
"""Bytes after which a trial ends: some five records."""
SURE_LEGS = 3
"""Records after which a format is taken as found."""
PAUSE_S = 1.5
"""Seconds without a byte that end a trial."""
NEWS_S = 10.0

_TEXT = frozenset({*range(0x20, 0x7F), *b"\r\n\t\f\0\x11\x13"})
_COMMON = frozenset(b"0123456789 ,;|:/")
_GAPS = ("8E", "8O")
"""Frames of which a port set to 8N1 may leave out characters: what it read is good to tell the settings by, no more."""
_CLEAR = 0.9
_STRICT = 0.96
_VARIETY = 8


class Reading(NamedTuple):
    """What bytes read as 8N1 at some speed tell. ``frame`` is None where they are not text at this speed."""

    frame: Frame | None
    readable: float
    """the share of bytes that are text"""
    slower_by: float
    """how many times slower the line seems to be; less than 1: faster, or not to be told"""


class Found(NamedTuple):
    """A line's settings, and the formats its text fits, best first (none where none was recognised)."""

    line: Serial
    formats: list[Candidate]
    heard: int
    """bytes on which this rests"""
    text: bytes
    """what was heard with these settings"""
    arrivals: tuple[Arrival, ...]
    """the same as it came, each piece with the time of its last byte; none where the port read them with gaps"""


class NothingFoundError(Exception):
    """The line was silent, or no settings gave text. Its text is a sentence with what to do."""


def judge(data: bytes) -> Reading:
    """Judge bytes read as 8N1. Fewer than `LEAST` tell no frame."""
    readable = _share(byte in _TEXT for byte in data)
    low = bytes(byte & 0x7F for byte in data)
    slower_by = _shortest_run(data)
    if len(data) < LEAST or slower_by > 1:
        return Reading(None, readable, slower_by)
    if _share(byte in _TEXT for byte in low) < _CLEAR or not _is_varied(low):
        return Reading(_torn(data), readable, slower_by)
    even = _share(_is_even(byte) for byte in data if byte)
    all_even, all_odd = even >= _STRICT, even <= 1 - _STRICT
    frame: Frame | None
    if readable >= _CLEAR:
        frame = "8O" if all_even else "8E" if all_odd else "8N"
    else:
        all_top = _share(byte > 0x7F for byte in data) >= _STRICT
        frame = "7E" if all_even else "7O" if all_odd else "7N" if all_top else None
    return Reading(frame, readable, slower_by)


def next_speeds(baud: int, reading: Reading, left: Sequence[int]) -> list[int]:
    """Order the speeds ``left`` to try after ``reading`` at ``baud``, the likeliest first."""

    def distance(speed: int) -> float:
        ratio = baud / speed
        if reading.slower_by > 1:
            return abs(math.log2(ratio / reading.slower_by))
        return 0.0 if ratio < 1 else 1.0

    return sorted(left, key=distance)


def _torn(data: bytes) -> Frame | None:
    """The frame of 8 bits with parity as which the bytes can be put together again; None if they cannot."""
    frames: tuple[tuple[Frame, int], ...] = (("8E", 0), ("8O", 1))
    for frame, odd in frames:
        text, breaks = _unfolded(data, odd)
        if breaks <= (1 - _CLEAR) * len(data) and len(text) >= len(data) / 3 and _is_varied(text):
            return frame
    return None


def _unfolded(data: bytes, odd: int) -> tuple[bytes, int]:
    """Put together characters of 8 bits and parity that were read as 8N1; and how often that failed.

    Each byte tells nine levels of the line. Where the stop bit was 0, it is the next byte's start bit; where it
    was 1, the line stayed high until then. Every way to lay the characters over the levels is followed as long as
    start, top bit, parity and stop are right and the character is text.
    """
    text, breaks = b"", 0
    paths: dict[tuple[int, ...], bytes] = {(): b""}
    for byte in data:
        levels = (0, *(byte >> place & 1 for place in range(8)))
        ways: dict[tuple[int, ...], bytes] = {}
        for begun, told in paths.items():
            path = _followed(begun, told, levels, odd)
            while path is not None:
                ways.setdefault(*path)
                path = _followed(*path, (1,), odd) if path[0] else None
        if not ways:
            text += max(paths.values(), key=len)
            breaks += 1
            ways = {(): b""}
        paths = ways
    return text + max(paths.values(), key=len), breaks


def _followed(
    begun: tuple[int, ...], told: bytes, levels: Iterable[int], odd: int
) -> tuple[tuple[int, ...], bytes] | None:
    """A character ``begun``, and the text before it, carried on with more levels; None where they cannot be."""
    for level in levels:
        if len(begun) in (0, 8):
            fits = level == 0
        elif len(begun) == 9:
            fits = (sum(begun) + level) % 2 == odd
        else:
            fits = len(begun) < 10 or level == 1
        begun = (*begun, level)
        if not fits:
            return None
        if len(begun) == 11:
            character = sum(bit << place for place, bit in enumerate(begun[1:9]))
            if character not in _TEXT:
                return None
            begun, told = (), told + bytes([character])
    return begun, told


def text_of(data: bytes, frame: Frame) -> bytes:
    """The text of bytes read as 8N1 from a line with this frame."""
    if frame in ("8E", "8O") and _torn(data) == frame:
        return _unfolded(data, frame == "8O")[0]
    return bytes(byte & 0x7F for byte in data) if frame[0] == "7" else data


def _is_varied(text: bytes) -> bool:
    """Whether text has the many characters of records, digits and separators among them; a wrong speed has few."""
    characters = text.replace(b"\0", b"")
    return len(set(characters)) >= _VARIETY and _share(byte in _COMMON for byte in characters) >= 1 / 4


def _shortest_run(data: bytes) -> float:
    """The length of the shortest runs of equal bits inside the bytes: at the right speed it is 1."""
    runs: list[int] = []
    for byte in data:
        bits = f"1{byte:08b}0"[::-1]  # as on the wire: start bit first, then the lowest bit
        edges = [place for place in range(1, 10) if bits[place] != bits[place - 1]]
        runs += [after - before for before, after in zip([0, *edges], edges, strict=False) if after < 9]
    if not runs:
        return 8.0
    runs.sort()
    return float(runs[len(runs) // 20])


def _is_even(byte: int) -> bool:
    return byte.bit_count() % 2 == 0


def _share(facts: Iterable[bool]) -> float:
    told = list(facts)
    return sum(told) / len(told) if told else 0.0


def _unheard(data: bytes, line: Serial) -> None:
    """Nobody wants to see the bytes."""


async def sniff(
    device: str, seconds: float, say: Callable[[str], None], hear: Callable[[bytes, Serial], None] = _unheard
) -> Found:
    """Find the settings of the line at ``device`` within ``seconds``; ``say`` is told how it goes.

    ``hear`` is told the bytes as they come, as 8N1, and the settings they are read with.

    Raises NothingFoundError where the line is silent or never gives text, LinkError where the port cannot be read.
    """
    trials = _Trials(device, time.monotonic() + seconds, say, hear)
    line, frame, pieces = await _settings(trials, seconds)
    say(f"Text at {line.baud} {frame}1. Listening on for records.")
    return await _format(trials, line, frame, pieces)


class _Trials:
    """Listens to one port, with these settings and those, until its time is up."""

    def __init__(
        self, device: str, deadline: float, say: Callable[[str], None], hear: Callable[[bytes, Serial], None]
    ) -> None:
        self.device, self.deadline, self.say, self._hear = device, deadline, say, hear
        self.received = 0.0
        """when the last byte came, POSIX seconds"""

    @property
    def left_s(self) -> float:
        return self.deadline - time.monotonic()

    async def heard(self, line: Serial, done: Callable[[bytes], bool]) -> bytes:
        """Listen until ``done`` with what was heard, a pause after it, or the end of the time."""
        chunks = await open_port(self.device, line)
        try:
            return await self._read(chunks, line, done)
        finally:
            await chunks.close()

    async def _read(self, chunks: Chunks, line: Serial, done: Callable[[bytes], bool]) -> bytes:
        data, news_s = b"", 0.0
        while self.left_s > 0 and not done(data):
            patience = PAUSE_S if data else min(NEWS_S, self.left_s)
            try:
                async with asyncio.timeout(min(patience, self.left_s)):
                    more = await chunks.read()
            except TimeoutError:
                if data:
                    break
                news_s += patience
                if self.left_s > 1:
                    self.say(f"Silent for {news_s:.0f} seconds; listening for {self.left_s:.0f} more.")
                continue
            if not more:
                raise LinkError(f"{self.device} went away: plug the adapter in again, and start anew.")
            self.received = time.time()
            self._hear(more, line)
            data += more
        return data


async def _settings(trials: _Trials, seconds: float) -> tuple[Serial, Frame, list[Arrival]]:
    """Try speeds until one gives text; what was heard at it."""
    left: list[int] = list(SPEEDS)
    early: list[Arrival] = []
    heard, best = 0, (0.0, SPEEDS[0])
    trials.say(f"Listening to {trials.device} at {left[0]}.")
    while trials.left_s > 0:
        baud = left.pop(0)
        line = Serial(baud=baud)
        data = await trials.heard(line, _is_enough)
        heard += len(data)
        reading = judge(data)
        if reading.frame:
            return _line(baud, reading.frame), reading.frame, [*early, _piece(trials, data)]
        best = max(best, (reading.readable, baud))
        if data and len(data) < LEAST and reading.readable == 1.0:
            left.insert(0, baud)  # a few characters, all of them text: wait for more
            early.append(_piece(trials, data))
            continue
        early.clear()
        left = next_speeds(baud, reading, left) or list(SPEEDS)
        if trials.left_s > 0:
            trials.say(f"{len(data)} bytes, but no text at {baud}; trying {left[0]}.")
    if not heard:
        raise NothingFoundError(
            f"Nothing came from {trials.device} in {seconds:.0f} seconds: make a call and end it while this listens. If "
            "it stays silent, is record output switched on at the PBX, are TX and RX swapped (straight or null modem "
            "cable), does the PBX wait for handshake lines or XON (flow control)? See docs/wiring-and-serial.md."
        )
    raise NothingFoundError(
        f"{heard} bytes came from {trials.device} in {seconds:.0f} seconds, but no speed gave text; {best[1]} came "
        "nearest. Give it more time with --seconds while calls are made; if that does not help, check ground and level "
        "(RS-232, not TTL) of the cable."
    )


def _is_enough(data: bytes) -> bool:
    return len(data) >= ENOUGH or (len(data) >= 3 * LEAST and judge(data).frame is not None)


async def _format(trials: _Trials, line: Serial, frame: Frame, pieces: list[Arrival]) -> Found:
    """Listen on with the right settings until a format is certain."""
    while True:
        arrivals = [piece._replace(data=text_of(piece.data, frame)) for piece in pieces]
        text = b"\n".join(arrival.data for arrival in arrivals)
        ranked = detection.rank(_whole_lines(text))
        is_over = trials.left_s <= 0 or len(text) > detection.MOST_LINES * 200
        if is_over or (ranked and (ranked[0].legs >= SURE_LEGS or not pieces[-1].data)):
            heard = sum(len(piece.data) for piece in pieces)
            return Found(line, ranked, heard, text, () if frame in _GAPS else tuple(filter(_has_data, arrivals)))
        pieces.append(_piece(trials, await trials.heard(line, lambda data: len(data) >= ENOUGH)))


def _piece(trials: _Trials, data: bytes) -> Arrival:
    """What a trial heard. The port was opened for it: what came since the one before may be missing."""
    return Arrival(trials.received, RECORDS, opened=True, data=data)


def _has_data(arrival: Arrival) -> bool:
    return bool(arrival.data)


def _whole_lines(text: bytes) -> list[bytes]:
    """The lines of a text whose first and last may be pieces."""
    framer = Framer(0)
    return [frame.data for frame in framer.feed(0, text)][1:]


def _line(baud: int, frame: Frame) -> Serial:
    return Serial.model_validate({"baud": baud, "data_bits": int(frame[0]), "parity": frame[1]})
