"""Commands of the product in a process of their own: they take neither time nor memory from who asks for them."""

from __future__ import annotations

import asyncio
import sys
from typing import NamedTuple

_COMMAND = (sys.executable, "-c", "from collector.cli import main; main()")


class Done(NamedTuple):
    """What a command printed, and what it failed with: a sentence, or None."""

    printed: str
    error: str | None


async def run(*arguments: str) -> Done:
    """Run a command to its end; cancelled, it is killed."""
    process = await asyncio.create_subprocess_exec(
        *_COMMAND,
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
