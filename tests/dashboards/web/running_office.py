"""A real collector that PBXs connect to, and what they print: whole calls, and a line for every event of a call."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from console_office import ZONE
from servers import free_port

from collector.running import is_running

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = """
[site]
name = "hq"
timezone = "Asia/Shanghai"
language = "en"
data = "data"

[[source]]
name = "pbx1"
input = "tcp-listen://127.0.0.1:{whole}"
format = "panasonic/kx-td"
date_order = "dmy"

[[source]]
name = "box"
input = "tcp-listen://127.0.0.1:{events}"
format = "fritzbox/callmonitor"
"""


class Running:
    """`smdr run` in a folder, and connections to its two sources."""

    def __init__(self, folder: Path) -> None:
        self.config = folder / "smdr.toml"
        self.data = folder / "data"
        self._ports = {"whole": free_port(), "events": free_port()}
        self._sockets: dict[str, socket.socket] = {}
        self.config.write_text(CONFIG.format(**self._ports), encoding="utf-8")
        self.start()

    def start(self) -> None:
        """Start the collector, and connect the PBXs."""
        command = [sys.executable, "-c", "from collector.cli import main; main()", "run", "-c", str(self.config)]
        with (self.config.parent / "collector.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.config.parent)
        deadline = time.monotonic() + 30
        for name, port in self._ports.items():
            while name not in self._sockets:
                try:
                    self._sockets[name] = socket.create_connection(("127.0.0.1", port), 1)
                except OSError:
                    assert time.monotonic() < deadline
                    time.sleep(0.1)
        assert is_running(self.data)

    def kill(self) -> None:
        """End it as a power cut does."""
        os.kill(self._process.pid, signal.SIGKILL)
        self._process.wait(20)
        self._disconnect()

    def stop(self) -> None:
        """End it as systemd does."""
        self._process.terminate()
        self._process.wait(30)
        self._disconnect()

    def _disconnect(self) -> None:
        for one in self._sockets.values():
            one.close()
        self._sockets.clear()

    def call(self, number: str, *, ring_s: int = 7, talk_s: int = 65) -> None:
        """Have the first PBX print an incoming call that ended now; one of no talk was missed."""
        began = datetime.now(ZONE) - timedelta(seconds=ring_s + talk_s)
        ring = f"{ring_s // 60}'{ring_s % 60:02}"
        talk = f"00:{talk_s // 60:02}'{talk_s % 60:02}" if talk_s else ""
        dialled, end = f"<INCOMING> {number}", "" if talk_s else "NA"
        line = f"{began:%d/%m/%y %I:%M%p}   117 09 {dialled:26}{ring:5}{talk:8}            {end:3}\r\n"
        self._sockets["whole"].sendall(line.encode())

    def event(self, event: str, *, seconds_ago: int = 0) -> None:
        """Have the second PBX print an event, such as ``RING;0;02155501234;5550100;SIP0;``."""
        moment = datetime.now(ZONE) - timedelta(seconds=seconds_ago)
        self._sockets["events"].sendall(f"{moment:%d.%m.%y %H:%M:%S};{event}\r\n".encode())
