"""Keeping a process small that runs for months: its threads share memory, and what is left over is given back."""

from __future__ import annotations

import asyncio
import ctypes
import gc
from contextlib import suppress

_M_ARENA_MAX, _ARENAS = -8, 2
"""A parameter of glibc's ``mallopt(3)``; by itself it makes eight for each core."""

_OFTEN = 700, 10, 2
"""So many new objects, and rounds of the younger, lead to a round; 700, 10, 10 where nothing is said."""


def share_memory() -> None:
    """Have threads allocate from the same memory, where the C library can be told: what one has freed, others use."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _ARENAS)


async def keep_small(every_s: float) -> None:
    """Tidy up so often, for ever."""
    while True:
        await asyncio.sleep(every_s)
        await asyncio.to_thread(tidy)


def free_often() -> None:
    """Have the interpreter free little by little what only its own cycles keep: much at once holds up whoever waits."""
    gc.set_threshold(*_OFTEN)


def settle() -> None:
    """Free what only its own cycles keep, such as connections that ended; until next time no cycles are looked for in the rest.

    Most of it stays for as long as the process: looking through it holds up whoever waits for a tenth of a second.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def tidy() -> None:
    """`settle`, and give the system back what is free."""
    settle()
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
