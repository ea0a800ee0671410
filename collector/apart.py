"""Commands of the product in a process of their own: they take neither time nor memory from who asks for them.

Whoever asks may be killed. The command ends with it, and does not go on to hold what the next one wants to write.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import sys
from typing import NamedTuple

_PR_SET_PDEATHSIG = 1


class Done(NamedTuple):
    """What a command printed, and what it failed with: a sentence, or None."""

    printed: str
    error: str | None


async def run(*arguments: str) -> Done:
    """Run a command to its end; cancelled, it is killed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        f"from collector.apart import command_of; command_of({os.getpid()})",
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        printed, said = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    error = said.decode(errors="replace").strip() or f"it ended with status {process.returncode}."
    return Done(printed.decode(errors="replace"), error if process.returncode else None)


def command_of(asker: int) -> None:
    """Be a command that process ``asker`` runs, and end when that ends."""
    from collector.cli import main  # noqa: PLC0415  (in the process of its own only)

    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() == asker:
        main()
