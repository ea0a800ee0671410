"""The console as its command serves it, and users to log in as."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from servers import free_port

from collector.config import load
from collector.office import users
from collector.office.users import Role, User
from collector.store.office_db import writing

PASSWORD = "correct horse battery staple"  # noqa: S105  (of users that are made up)


def employ(config: Path, role: Role = "administrator", department: str | None = None) -> None:
    """Make a user who is named like the role."""
    with writing(load(config).site.data) as db:
        if role not in users.users(db):
            users.add(db, User(0, role, role, department), PASSWORD, "test")


class Console:
    """A running `smdr web`, with an administrator unless ``new``."""

    def __init__(self, config: Path, *options: str, scheme: str = "http", new: bool = False, port: int = 0) -> None:
        if not new:
            employ(config)
        port = port or free_port()
        self.address = f"{scheme}://127.0.0.1:{port}"
        command = "from collector.cli import main; main()"
        self._process = subprocess.Popen(
            [sys.executable, "-c", command, "web", "-c", str(config), "--port", str(port), *options],
            stdout=subprocess.PIPE,
            text=True,
            cwd=config.parent,
            env={name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")},
        )
        assert self._process.stdout
        self.said = [self._process.stdout.readline().strip() for _ in range(3 if new else 2)]

    def processor_s(self) -> float:
        """Seconds of processor time it took so far."""
        tasks = Path(f"/proc/{self._process.pid}/task").glob("*/schedstat")
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9

    def resident_megabytes(self) -> int:
        """Memory it holds now."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) // 1024

    def stop(self) -> int:
        """End it as a user does, by Ctrl-C."""
        self._process.send_signal(2)
        return self._process.wait(20)
