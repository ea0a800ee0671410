"""A simulated PBX at work: traffic, printed in a format, delivered when it is due."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime, timedelta
from itertools import islice, takewhile
from typing import TYPE_CHECKING, NamedTuple

from parsers import formats

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from zoneinfo import ZoneInfo

    from collector.simulator.targets import Target
    from collector.simulator.traffic import Traffic
    from parsers.formats import Format, Planned

PAGE_LINES = 60
"""Records on a page, for PBXs that print a heading on each."""

_BATCH_BYTES = 16 * 1024


class Line(NamedTuple):
    """What a PBX prints at a moment of its clock: a record, behind the heading of a new page where one begins."""

    at: datetime
    text: bytes


class Pace(NamedTuple):
    """How the clock of the PBX runs.

    ``zone``: where it stands; None is this machine's zone. ``speed``: None follows the real time, and what the PBX
    should have printed before comes at once; a number starts the clock at the first moment and lets it run that
    many times as fast as the real one.
    """

    zone: ZoneInfo | None = None
    speed: float | None = None


def reported(declared: Format, legs: Iterable[Planned]) -> Iterator[Planned]:
    """Yield the legs that such a PBX reports at all."""
    printed = {"internal": declared.internal, "incoming": declared.incoming, "outgoing": declared.outgoing}
    return (leg for leg in legs if printed[leg.direction])


def print_lines(declared: Format, legs: Iterable[Planned]) -> Iterator[Line]:
    """Print legs the way the PBX does: a heading on every page, a dated one at midnight too, a binary file's header once."""
    day = None
    for number, leg in enumerate(legs):
        headed = number % PAGE_LINES == 0 if declared.blocks is None else number == 0
        if declared.dated and leg.end.date() != day:
            headed, day = True, leg.end.date()
        yield Line(leg.end, (declared.page_heading(leg.end) if headed else b"") + declared.line(leg))


async def simulate(
    format_name: str,
    target: Target,
    traffic: Traffic,
    *,
    first: datetime | None = None,
    until: datetime | None = None,
    count: int | None = None,
    seconds: float | None = None,
    pace: Pace | None = None,
) -> int:
    """Print traffic onto a target until there is no more of it; return the number of records.

    It begins at ``first`` (now) and ends before ``until`` of the PBX's clock, after ``count`` records, or after
    ``seconds`` of real time, whichever is first. The same format, traffic and ``first`` print the same bytes.
    """
    await target.ready()
    clock = _Clock(pace or Pace(), first)
    last = min((end for end in (until, clock.after(seconds)) if end), default=None)
    declared = formats.get(format_name)
    legs = takewhile(lambda leg: last is None or leg.end < last, reported(declared, traffic.legs(clock.first)))
    printed, batch = 0, b""
    for line in print_lines(declared, islice(legs, count)):
        if batch and (len(batch) >= _BATCH_BYTES or clock.seconds_to(line.at) > 0):
            await target.write(batch)
            batch = b""
        await asyncio.sleep(max(0.0, clock.seconds_to(line.at)))
        batch += line.text
        printed += 1
    if batch:
        await target.write(batch)
    return printed


class _Clock:
    """The clock of the PBX, from its first moment on."""

    def __init__(self, pace: Pace, first: datetime | None) -> None:
        now = datetime.now(pace.zone).replace(tzinfo=None)
        self.first = first or now
        self._speed = pace.speed or 1.0
        self._started = self.first if pace.speed else now
        self._running_since = time.monotonic()

    def seconds_to(self, at: datetime) -> float:
        """Return the real seconds until this clock shows ``at``."""
        return (at - self._started).total_seconds() / self._speed - (time.monotonic() - self._running_since)

    def after(self, seconds: float | None) -> datetime | None:
        """Return what this clock shows after so many real seconds."""
        return None if seconds is None else self._started + timedelta(seconds=seconds * self._speed)
