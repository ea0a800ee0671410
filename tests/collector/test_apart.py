"""Commands in processes of their own: what they print, what they fail with, and when they end."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from servers import free_port

from collector import apart

if TYPE_CHECKING:
    from collections.abc import Callable

WAIT_S = 60
ASKING = """
import asyncio, sys
from collector import apart
asyncio.run(apart.run("capture", sys.argv[1], "-o", sys.argv[2]))
"""


async def test_what_a_command_prints_and_fails_with_is_told() -> None:
    assert (await apart.run("--version")).printed.startswith("smdr ")
    failed = await apart.run("status", "-c", "/nowhere/smdr.toml")
    assert failed.error is not None
    assert "/nowhere/smdr.toml" in failed.error


def test_a_command_ends_with_whoever_asked_for_it_though_that_was_killed(tmp_path: Path) -> None:
    arguments = [f"tcp-listen://127.0.0.1:{free_port()}", str(tmp_path / "taken.log")]
    with subprocess.Popen([sys.executable, "-c", ASKING, *arguments]) as asking:
        until((tmp_path / "taken.log").exists)  # it listens, and says nothing more
        (child,) = Path(f"/proc/{asking.pid}/task/{asking.pid}/children").read_text().split()
        asking.kill()
    until(lambda: not Path(f"/proc/{child}").exists())


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)
