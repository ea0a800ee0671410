"""A real `smdr run` in a process of its own, and a PBX that connects to it."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from smdr_command import SMDR, run_smdr

from collector import status
from collector.config import load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

WAIT_S = 90.0


def until(condition: Callable[[], bool], what: Callable[[], object] = lambda: "") -> None:
    """Poll until ``condition`` holds; fail with ``what()`` when it does not in time."""
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline, f"waited {WAIT_S:.0f} s in vain: {what()}"
        time.sleep(0.05)


class Collector:
    """`smdr run` on one configuration file; may be killed and started again."""

    def __init__(self, config: Path, program: tuple[str | Path, ...] = (SMDR,)) -> None:
        self.config = config
        self._program = program
        self.log = config.with_name("smdr.log")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Self:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen([*self._program, "run", "-c", self.config], stdout=log, stderr=log)
        until(self.running, lambda: self.log.read_text(errors="replace"))
        return self

    def running(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.log.read_text(errors="replace")
        return bool(self.status()["running"])

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait(10)

    def stop(self) -> int:
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(60)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        if self._process is not None and self._process.poll() is None:
            self.kill()

    @property
    def is_alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def resident_megabytes(self) -> float:
        return self._memory("VmRSS")

    def peak_megabytes(self) -> float:
        """The most it ever had resident."""
        return self._memory("VmHWM")

    def _memory(self, name: str) -> float:
        lines = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii").splitlines()
        kilobytes = next(line for line in lines if line.startswith(f"{name}:")).split()[1]
        return round(int(kilobytes) * 1024 / 1e6, 1)

    def status(self) -> dict[str, Any]:
        """What `smdr status --json` prints, without a process for each of the many times that tests ask."""
        return status.read(load(self.config, with_tables=False))

    def source(self, number: int = 0) -> dict[str, Any]:
        row: dict[str, Any] = self.status()["sources"][number]
        counts = row["bytes"]
        assert counts["received"] == counts["records"] + counts["rejected"] + counts["noise"] + counts["pending"]
        return row

    def settled(self, received: int, number: int = 0) -> dict[str, Any]:
        """The source's row once ``received`` bytes are journaled and all of them are projected."""

        def everything() -> bool:
            counts = self.source(number)["bytes"]
            return bool(counts["received"] >= received and counts["pending"] == 0)

        until(everything, lambda: self.source(number))
        return self.source(number)

    def calls(self, *options: str) -> list[dict[str, Any]]:
        done = run_smdr("calls", "-c", self.config, *options)
        assert done.status == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]


def write_config(folder: Path, *tables: str) -> Path:
    path = folder / "smdr.toml"
    site = '[site]\nname = "hq"\ntimezone = "Asia/Shanghai"\ndata = "data"\n'
    path.write_text("\n".join([site, *tables]), encoding="utf-8")
    return path


def listening(port: int, declared: str = "panasonic/kx-td") -> str:
    return f'[[source]]\nname = "pbx1"\ninput = "tcp-listen://127.0.0.1:{port}"\nformat = "{declared}"\n'


def connect(port: int) -> socket.socket:
    deadline = time.monotonic() + WAIT_S
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=WAIT_S)
        except ConnectionRefusedError:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def send(port: int, pieces: Iterable[bytes]) -> None:
    with connect(port) as line:
        for piece in pieces:
            line.sendall(piece)
