"""What a serial port reports of its line: bytes that nobody took in time, and bytes that came damaged.

Linux counts them for as long as it knows the port (``TIOCGICOUNT``, ``struct serial_icounter_struct`` of
``linux/serial.h``). Pseudo-terminals and some adapters do not: then nothing is known, which is not 0.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import struct
import termios
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from collector.inputs.base import Clock

LOOK_S = 60.0
_REPORT = struct.Struct("11i36x")
"""cts, dsr, rng, dcd, rx, tx, frame, overrun, parity, brk, buf_overrun, and nine in reserve."""
_WRAP = 1 << 32


class LineErrors(NamedTuple):
    """Bytes of a line: lost because nobody took them in time, without a stop bit, with a wrong parity bit."""

    overruns: int
    framing: int
    parity: int

    def since(self, before: LineErrors) -> LineErrors:
        """What was added to ``before``; the kernel's counts begin again at 0 after 2^32."""
        return LineErrors(*((now - then) % _WRAP for now, then in zip(self, before, strict=True)))


def report(descriptor: int) -> LineErrors | None:
    """What the port has counted so far; None where it does not count, or is gone."""
    try:
        answer = fcntl.ioctl(descriptor, termios.TIOCGICOUNT, bytes(_REPORT.size))
    except OSError:
        return None
    _, _, _, _, _, _, framing, overruns, parity, _, buffer_overruns = _REPORT.unpack(answer)
    return LineErrors(overruns + buffer_overruns, framing, parity)


@asynccontextmanager
async def counted(port: int, tell: Callable[[LineErrors], None], clock: Clock) -> AsyncIterator[None]:
    """Tell what is added while ``port`` is open: nothing yet at once, then every minute and at the end.

    A port that does not count is never told of. A descriptor of our own is asked: that of a port which was unplugged may
    be another file's already.
    """
    descriptor = os.dup(port)
    told = report(descriptor)
    try:
        if told is None:
            yield
            return
        tell(LineErrors(0, 0, 0))

        def look() -> None:
            nonlocal told
            now = report(descriptor)
            if told and now and now != told:
                tell(now.since(told))
                told = now

        async def keep_looking() -> None:
            while True:
                await clock.sleep(LOOK_S)
                look()

        looking = asyncio.create_task(keep_looking())
        try:
            yield
        finally:
            looking.cancel()
            look()
    finally:
        os.close(descriptor)
