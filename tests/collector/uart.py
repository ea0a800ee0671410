"""A serial line bit by bit: what a receiver set one way reads from a line sent another way.

The receiver samples in the middle of its bits, begins at a falling edge, and passes on a byte with a wrong stop bit or
parity like any other, as Linux does unless told otherwise. A break (all low) is a NUL.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import Any, NamedTuple


class Setting(NamedTuple):
    baud: int
    data_bits: int = 8
    parity: str = "N"
    stop_bits: int = 1


def setting(text: str) -> Setting:
    """Read ``9600 8N1``."""
    baud, frame = text.split()
    return Setting(int(baud), int(frame[0]), frame[1], int(frame[2]))


class Wave:
    """Levels over time: each level lasts some seconds; before and after it the line is high."""

    def __init__(self, levels: list[tuple[int, float]]) -> None:
        self.levels = [level for level, _ in levels]
        self.ends = list(accumulate(lasts for _, lasts in levels))

    @property
    def length(self) -> float:
        return self.ends[-1] if self.ends else 0.0

    def at(self, moment: float) -> int:
        place = bisect_right(self.ends, moment)
        return self.levels[place] if place < len(self.levels) else 1

    def falls(self, moment: float) -> float | None:
        """When the line next goes from high to low at or after ``moment``."""
        place = bisect_right(self.ends, moment)
        while place < len(self.levels):
            begins = self.ends[place - 1] if place else 0.0
            before = self.levels[place - 1] if place else 1
            if begins >= moment and before == 1 and self.levels[place] == 0:
                return begins
            place += 1
        return None

    def rises(self, moment: float) -> float | None:
        place = bisect_right(self.ends, moment)
        while place < len(self.levels) and self.levels[place] == 0:
            moment = self.ends[place]
            place += 1
        return moment


def sent(data: bytes, line: Setting, *, idle_bits: float = 0.0) -> Wave:
    """The wave of ``data``; ``idle_bits`` is the pause after each character."""
    bit = 1 / line.baud
    levels: list[tuple[int, float]] = []
    for byte in data:
        bits = [byte >> place & 1 for place in range(line.data_bits)]
        levels += [(level, bit) for level in (0, *bits, *_parity(bits, line.parity))]
        levels.append((1, bit * (line.stop_bits + idle_bits)))
    return Wave(levels)


def _parity(bits: list[int], parity: str) -> tuple[int, ...]:
    odd = sum(bits) % 2
    return {"N": (), "E": (odd,), "O": (1 - odd,), "M": (1,), "S": (0,)}[parity]


def received(
    wave: Wave, line: Setting, *, waits_for_high: bool = False, in_place_of_errors: bytes | None = None
) -> bytes:
    """What a receiver reads.

    After a wrong stop bit a 16550 takes the low level for the next start bit; others (``waits_for_high``) wait until
    the line is high again. Some drivers put something ``in_place_of_errors``, or nothing.
    """
    bit, data = 1 / line.baud, bytearray()
    start = wave.falls(0.0)
    while start is not None:
        if wave.at(start + bit / 2):  # a spike
            start = wave.falls(start + bit / 2)
            continue
        bits = [wave.at(start + bit * (1.5 + place)) for place in range(line.data_bits)]
        samples = line.data_bits + (line.parity != "N")
        stop = start + bit * (1.5 + samples)
        data.append(sum(level << place for place, level in enumerate(bits)))
        if in_place_of_errors is not None and not wave.at(stop):
            data[-1:] = in_place_of_errors
        if wave.at(stop):
            start = wave.falls(stop)
        elif waits_for_high or not any(bits):
            high = wave.rises(stop)
            start = wave.falls(high) if high is not None else None
        else:
            start = stop - bit / 2
    return bytes(data)


def heard(data: bytes, line: Setting, port: Setting, **how: Any) -> bytes:
    """What a port set to ``port`` reads of ``data`` sent without a pause on ``line``."""
    return received(sent(data, line), port, **how)
