"""Keeping a process small that runs for months: its threads share memory, and what is left over is given back."""

from __future__ import annotations

import asyncio
import ctypes
import gc
from contextlib import suppress

_M_ARENA_MAX, _ARENAS = -8, 2
"""A parameter of glibc's ``mallopt(3)``; by itself it makes eight for each core."""


def share_memory() -> None:
    """Have threads allocate from the same memory, where the C library can be told: what one has freed, others use."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _ARENAS)


async def keep_small(every_s: float) -> None:
    """Tidy up so often, for ever."""
    while True:
        await asyncio.sleep(every_s)
        await asyncio.to_thread(tidy)


def settle() -> None:
    """Have the interpreter look no more for cycles among what a process has once it has started: that stays."""
    gc.collect()
    gc.freeze()


def tidy() -> None:
    """Free what only its own cycles keep, such as connections that ended, and give the system back what is free.

    The interpreter looks for old cycles when a quarter more objects have come to stay, which here is after hours.
    """
    gc.collect()
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
