"""Counting what a serial port reports. No real UART is here: its answer is laid out as the kernel's header says."""

from __future__ import annotations

import asyncio
import errno
import fcntl
import os
import struct
import termios
from typing import TYPE_CHECKING

import pytest
from recording import Recorder, StillClock, reading, source

from collector.inputs import uart
from collector.inputs.uart import LineErrors, counted, report

if TYPE_CHECKING:
    from collections.abc import Iterator


class Chip:
    """A UART's answer to TIOCGICOUNT; None while it does not answer."""

    def __init__(self) -> None:
        self.counts: dict[str, int] | None = {}
        self.asked: list[int] = []

    def ioctl(self, descriptor: int, request: int, answer: bytes) -> bytes:
        assert (request, len(answer)) == (termios.TIOCGICOUNT, 80)
        self.asked.append(descriptor)
        if self.counts is None:
            raise OSError(errno.ENOTTY, "Inappropriate ioctl for device")
        names = ("cts", "dsr", "rng", "dcd", "rx", "tx", "frame", "overrun", "parity", "brk", "buf_overrun")
        return struct.pack("20i", *(self.counts.get(name, 7) for name in names), *[0] * 9)


@pytest.fixture
def chip(monkeypatch: pytest.MonkeyPatch) -> Chip:
    chip = Chip()
    chip.counts = {"frame": 100, "overrun": 200, "parity": 300, "buf_overrun": 400}
    monkeypatch.setattr(fcntl, "ioctl", chip.ioctl)
    return chip


@pytest.fixture
def port() -> Iterator[int]:
    reading_end, writing_end = os.pipe()
    yield reading_end
    for descriptor in (reading_end, writing_end):
        os.close(descriptor)


def test_the_report_is_read_as_the_kernel_lays_it_out(chip: Chip) -> None:
    assert report(5) == LineErrors(overruns=600, framing=100, parity=300)
    assert chip.asked == [5]


def test_a_pseudo_terminal_reports_nothing() -> None:
    for descriptor in os.openpty():
        assert report(descriptor) is None
        os.close(descriptor)


def test_counts_that_begin_again_after_the_largest_number_are_still_added_right() -> None:
    assert LineErrors(-(1 << 31) + 2, 5, 0).since(LineErrors((1 << 31) - 1, 2, 0)) == LineErrors(3, 3, 0)


async def test_only_what_is_new_since_the_port_was_opened_is_told(chip: Chip, port: int) -> None:
    told: list[LineErrors] = []
    clock = StillClock(3)
    async with counted(port, told.append, clock):
        assert told == [LineErrors(0, 0, 0)]
        chip.counts = {"frame": 101, "overrun": 200, "parity": 302, "buf_overrun": 405}
        async with asyncio.timeout(10):
            await clock.stopped.wait()
        assert told[1:] == [LineErrors(5, 1, 2)]
        assert clock.slept == [uart.LOOK_S] * 3
        chip.counts["parity"] = 303
    assert told[2:] == [LineErrors(0, 0, 1)]


async def test_a_port_that_does_not_count_is_never_told_of(chip: Chip, port: int) -> None:
    chip.counts = None
    told: list[LineErrors] = []
    clock = StillClock(1)
    async with counted(port, told.append, clock):
        await asyncio.sleep(0)
    assert (told, clock.slept) == ([], [])


async def test_an_adapter_that_is_pulled_out_ends_the_counting_only(chip: Chip, port: int) -> None:
    told: list[LineErrors] = []
    async with counted(port, told.append, StillClock(1)):
        chip.counts = None
    assert told == [LineErrors(0, 0, 0)]
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(chip.asked[-1])


async def test_the_port_of_a_source_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    counts = iter([LineErrors(1, 1, 1), LineErrors(1, 3, 1)])
    monkeypatch.setattr(uart, "report", lambda _: next(counts))
    sink = Recorder()
    pbx, port = os.openpty()
    async with reading(source(f"serial:{os.ttyname(port)}"), sink):
        await sink.until(lambda: sink.errors)
    assert sink.errors == [LineErrors(0, 0, 0), LineErrors(0, 2, 0)]
    for descriptor in (pbx, port):
        os.close(descriptor)
