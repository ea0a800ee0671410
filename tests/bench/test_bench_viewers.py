"""Twenty who look at the live feed and the wallboard: how long after a line was printed the last of them is told.

`SMDR_STORE=FOLDER` takes the smdr.toml and the calls of a folder that `large_store` made, which is added to; else there
are no calls at first.
"""

from __future__ import annotations

import asyncio
import os
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

import pytest
from measuring import TABLES
from servers import free_port
from viewers import Viewers

from collector.config import load
from collector.office import users
from collector.office.users import User
from collector.store.office_db import writing

sys.path.append(str(Path(__file__).parents[1] / "e2e"))
from collecting import SMDR, Collector, connect, listening, write_config

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture

VIEWERS = 20
PASSWORD = "correct horse battery staple"  # noqa: S105  (of a user that is made up)
LONGEST_S, MOST_MEGABYTES = 1.0, 200
LINE = b"%s   117 09 %-26s0'07 00:01'05               \r\n"

pytestmark = pytest.mark.timeout(600)


def configured(folder: Path, port: int) -> Path:
    """The configuration: of the store that is told, its source listening on ``port``, or of none."""
    store = os.environ.get("SMDR_STORE")
    if store is None:
        return write_config(folder, listening(port))
    config = Path(store) / "smdr.toml"
    text = re.sub(
        r"tcp-listen://127\.0\.0\.1:\d+", f"tcp-listen://127.0.0.1:{port}", config.read_text(encoding="utf-8")
    )
    config.write_text(text, encoding="utf-8")
    return config


class Console:
    """A running `smdr web`."""

    def __init__(self, config: Path, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"
        command = [SMDR, "web", "-c", config, "--port", str(port)]
        own = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=own)
        assert self._process.stdout
        assert "Console:" in self._process.stdout.readline()

    def megabytes(self) -> list[float]:
        """What it has resident, and the most it ever had."""
        status = Path(f"/proc/{self._process.pid}/status").read_text(encoding="ascii")
        return [int(kilobytes) * 1024 / 1e6 for kilobytes in re.findall(r"Vm(?:RSS|HWM):\s+(\d+)", status)][::-1]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait(30)


async def watched(address: str, port: int, lines: int) -> list[float]:
    """Seconds from printing a line until a viewer is told, of each line and viewer."""
    viewers = Viewers(address, "watcher", PASSWORD)
    await viewers.open(("/live", "/wallboard")[number % 2] for number in range(VIEWERS))
    await asyncio.sleep(3)
    took: list[float] = []
    with connect(port) as pbx:
        for number in range(lines):
            shown = f"02{number:05}"
            printed = time.monotonic()
            line = LINE % (time.strftime("%d/%m/%y %I:%M%p").encode(), f"<INCOMING> {shown}0000".encode())
            pbx.sendall(line)
            took += [moment - printed for moment in await viewers.all_told(shown, 30)]
            await asyncio.sleep(0.2)
    await viewers.close()
    return took


def test_twenty_viewers_are_told_of_a_line_within_a_second(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    port, lines = free_port(), 50 if benchmark.enabled else 3
    config = configured(tmp_path, port)
    with writing(load(config).site.data) as db:
        if "watcher" not in users.users(db):
            users.add(db, User(0, "watcher", "administrator"), PASSWORD, "test")
    took: list[float] = []
    with Collector(config), Console(config, free_port()) as console:
        benchmark.pedantic(lambda: took.extend(asyncio.run(watched(console.address, port, lines))), rounds=1)
        resident, most = console.megabytes()
    assert len(took) == VIEWERS * lines
    p95 = statistics.quantiles(took, n=20)[-1]
    row = (
        f"{lines} lines",
        f"{statistics.median(took):.3f}",
        f"{p95:.3f}",
        f"{max(took):.3f}",
        f"{resident:.0f}",
        f"{most:.0f}",
    )
    TABLES["Twenty viewers: seconds until told (median, p95, longest); console's megabytes (at the end, most)"].append(
        row
    )
    benchmark.extra_info |= {"p95_s": p95, "resident_megabytes": resident, "most_megabytes": most}
    assert p95 < LONGEST_S
    assert most < MOST_MEGABYTES
