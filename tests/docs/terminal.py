"""The terminal of a document: its ``console`` blocks are typed from top to bottom in one folder with a PBX beside it."""

from __future__ import annotations

import json
import os
import pty
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import tty
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self

if TYPE_CHECKING:
    from collections.abc import Iterator

    from documents import Block

FOLDER = Path(__file__).with_name("folder")
CAPTURE = (FOLDER / "pbx.log").read_bytes()
PORT, DEVICE = "8080", "/dev/ttyUSB0"
CTRL_C = "^C\n"
GOES_ON = ("smdr run", "smdr web")
WAIT_S = 30.0


class Command(NamedTuple):
    """One command and what is printed; ``…`` stands for any text, alone on a line for any lines."""

    typed: str
    printed: str
    line: int


def commands(block: Block) -> Iterator[Command]:
    """The commands of a block, in order."""
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        typed, _, printed = part.partition("\n")
        yield Command(typed, printed, block.line)


def fits(printed: str, shown: str) -> bool:
    """Whether what was printed is what the document shows."""
    lines = (".*" if line == "…\n" else re.escape(line).replace("…", "[^\n]*") for line in shown.splitlines(True))  # noqa: FBT003
    return re.fullmatch("".join(lines), printed, re.DOTALL) is not None


class Terminal:
    """A folder with a configuration, a capture, and a PBX at `DEVICE` that prints when the port is opened."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(FOLDER, folder, dirs_exist_ok=True)
        self._pbx, port = pty.openpty()
        tty.setraw(port)
        self._device = folder / "ttyUSB0"
        self._device.symlink_to(os.ttyname(port))
        os.close(port)
        self._port = _free_port()
        self._running: list[subprocess.Popen[str]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._running:
            self._interrupt(process)
            process.communicate()
        os.close(self._pbx)

    def write(self, name: str, text: str) -> None:
        """Save a file as a document shows it."""
        (self.folder / name).parent.mkdir(exist_ok=True)
        (self.folder / name).write_text(self._real(text), encoding="utf-8")

    def type(self, command: Command) -> tuple[str, str]:
        """Run one command; return what it printed and what the document shows, up to where it is left running."""
        process = subprocess.Popen(
            ["bash", "-c", self._real(command.typed)],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            text=True,
            env=_environment(),
        )
        if not command.typed.startswith(GOES_ON) and CTRL_C not in command.printed:
            return self._shown(process.communicate()[0]), command.printed
        before, ctrl_c, after = command.printed.partition(CTRL_C)
        printed = self._read(process, before)
        if not ctrl_c:
            self._running.append(process)
            return printed, before
        self._interrupt(process)
        return printed + self._shown(process.communicate()[0]), before + after

    def _read(self, process: subprocess.Popen[str], shown: str) -> str:
        """Read until everything shown was printed, and the PBX's lines were taken if they were asked for."""
        assert process.stdout
        printed = ""
        too_late = threading.Timer(WAIT_S, self._interrupt, [process])
        too_late.start()
        for line in process.stdout:
            printed += self._shown(line)
            if f"Reading {DEVICE}" in self._shown(line):
                os.write(self._pbx, CAPTURE)
                self._until_taken()
            if fits(printed, shown):
                break
        too_late.cancel()
        return printed

    def _until_taken(self) -> None:
        deadline = time.monotonic() + WAIT_S
        while not (self._captured() or self._collected()):
            assert time.monotonic() < deadline, "what the PBX printed was not taken"
            time.sleep(0.05)

    def _captured(self) -> bool:
        file = self.folder / "capture.log"
        return not (self.folder / "data").exists() and file.exists() and file.stat().st_size == len(CAPTURE)

    def _collected(self) -> bool:
        done = subprocess.run(
            ["smdr", "status", "--json"], cwd=self.folder, capture_output=True, check=False, env=_environment()
        )
        if done.returncode:
            return False
        counts = json.loads(done.stdout)["sources"][0]["bytes"]
        return bool(counts["received"] >= len(CAPTURE) and not counts["pending"])

    def _interrupt(self, process: subprocess.Popen[str]) -> None:
        os.killpg(process.pid, signal.SIGINT)

    def _real(self, text: str) -> str:
        return text.replace(DEVICE, str(self._device)).replace(PORT, str(self._port))

    def _shown(self, text: str) -> str:
        return text.replace(str(self._device), DEVICE).replace(str(self._port), PORT)


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SMDR_", "PYTEST_"))}
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return kept | {"PATH": path, "PYTHONUNBUFFERED": "1", "LC_ALL": "C.UTF-8"}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
