"""Named places on the path of a byte where a test has the process die, to show that nothing is lost or doubled there.

All are off unless the environment variable ``SMDR_FAULT_POINT`` names one when the program starts, such as
``journal-written``, or ``journal-written:3``: the third time it is reached. The process then kills itself with SIGKILL,
which no code can catch, as none can catch a power cut. A place that is off costs one look at an empty dictionary.
"""

from __future__ import annotations

import logging
import os
import signal
from typing import Literal, get_args

from collector.errors import UserError

_log = logging.getLogger(__name__)

VARIABLE = "SMDR_FAULT_POINT"

Point = Literal[
    "received",  # bytes are read from a link; the journal's queue does not have them
    "journal-writing",  # chunks are written, their transaction is not committed
    "journal-written",  # it is, and nobody was told
    "segment-created",  # a month's file is there, without tables
    "segment-opened",  # with its tables, without chunks
    "parsed",  # records are made of chunks; calls.db knows nothing of them
    "calls-writing",  # they are written there, their transaction is not committed
    "calls-written",  # it is, and outputs were not told
    "points-deleted",  # an output has deleted the points of calls that changed, and not written them anew
    "points-written",  # the server has confirmed what it was sent; the cursor stands before it
    "migration-writing",  # a step to a newer schema of calls.db is done, its transaction is not committed
    "migration-written",  # it is; the next step was not begun
    "reparse-built",  # the new calls.db is whole; the old one is in force
    "reparse-folded",  # the old one has no write-ahead log any more
    "reparse-replaced",  # the new one is in force
    "repair-built",  # a damaged month is made anew; the damaged file is in force
    "repair-aside",  # it is set aside, too
    "retention-noted",  # what goes is noted, and is still there
    "retention-removed",  # it is gone, and its room on the disk is not free yet
    "repair-replaced",  # the new one is in force; the calls are those of before
]
"""The closed list of fault points."""

POINTS: tuple[Point, ...] = get_args(Point)

_armed: dict[Point, int] = {}


def reach(point: Point) -> None:
    """Die here, if this is the place and the time."""
    if _armed:
        _count_down(point)


def arm(order: str) -> None:
    """Have the process die at ``order``: the name of a `Point`, or ``name:times``; '' for nowhere. Raises `UserError`."""
    _armed.clear()
    if not order:
        return
    name, _, times = order.partition(":")
    point = next((known for known in POINTS if known == name), None)
    if point is None or not (times or "1").isdecimal() or times == "0":
        raise UserError(f'{VARIABLE}="{order}" names no fault point; there are: {", ".join(POINTS)}.')
    _armed[point] = int(times or "1")
    _log.warning("FAULT POINT %s IS ARMED: this process kills itself there. That is for tests only.", order)


def _count_down(point: Point) -> None:
    left = _armed.get(point)
    if left == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    elif left:
        _armed[point] = left - 1


arm(os.environ.get(VARIABLE, ""))
