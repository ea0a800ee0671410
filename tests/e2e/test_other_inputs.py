"""A login, a folder, a file that is rotated and syslog, through the whole collector, killed in between."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING, Self

import pytest
from collecting import Collector, until, write_config
from offices import kx_td_line
from servers import free_port

from parsers import formats

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.timeout(300)
PASSWORD = "made-up-and-secret"  # noqa: S105  (made up)


class LoginPort(threading.Thread):
    """A PBX that asks for a password, echoes it in clear, then sends one record to each session."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.served = 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def run(self) -> None:
        while True:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(line,), daemon=True).start()

    def _serve(self, line: socket.socket) -> None:
        with line, line.makefile("rwb") as stream:
            for prompt in (b"\r\n-", b"\r\nEnter Password:"):
                stream.write(prompt)
                stream.flush()
                typed = bytearray()
                while (key := stream.read(1)) != b"\r":
                    typed += key
                    if not key:
                        return
                stream.write(typed)
            stream.write(b"\r\n" + kx_td_line(self.served))
            stream.flush()
            self.served += 1
            stream.read(1)


def source(name: str, where: str, *keys: str, declared: str = "panasonic/kx-td") -> str:
    lines = ["[[source]]", f'name = "{name}"', f'input = "{where}"', f'format = "{declared}"', *keys]
    return "\n".join([*lines, ""])


def test_each_record_is_collected_once_over_a_kill_and_every_byte_is_accounted_for(tmp_path: Path) -> None:
    drop, log, udp = tmp_path / "drop", tmp_path / "calls.log", free_port()
    drop.mkdir()
    (tmp_path / "secret").write_text(PASSWORD)
    (drop / "one").write_bytes(kx_td_line(1))
    log.write_bytes(kx_td_line(1))
    with LoginPort() as pbx:
        config = write_config(
            tmp_path,
            source("login", f"tcp://127.0.0.1:{pbx.port}", 'conversation = "panasonic"', 'password_file = "secret"'),
            source("folder", "folder:drop"),
            source("file", "file:calls.log"),
            source("syslog", f"syslog-udp://127.0.0.1:{udp}"),
        )
        with Collector(config) as collector:

            def legs() -> list[int]:
                return [collector.source(number)["legs"] for number in range(4)]

            def message() -> None:
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                    sender.sendto(b"<134>Nov 23 07:00:00 pbx smdr: " + kx_td_line(1).rstrip(), ("127.0.0.1", udp))

            until(lambda: collector.source(3)["state"] == "waiting", collector.status)
            message()
            until(lambda: legs() == [1, 1, 1, 1], collector.status)
            collector.kill()
            (drop / "two").write_bytes(kx_td_line(2))
            with log.open("ab") as file:
                file.write(kx_td_line(2))
            log.rename(tmp_path / "calls.log.1")
            log.write_bytes(kx_td_line(3))
            collector.start()
            until(lambda: collector.source(3)["state"] == "waiting", collector.status)
            message()
            until(lambda: legs() == [2, 2, 3, 2], collector.status)
            for number in range(4):
                row = collector.source(number)
                assert row["rejected"] == 0
                assert row["bytes"]["pending"] == 0
            assert collector.source(0)["noise"] > 0
            assert collector.stop() == 0
        assert PASSWORD not in collector.log.read_text()
        assert PASSWORD.encode() not in (tmp_path / "data" / "calls.db").read_bytes()


def test_binary_files_are_taken_and_followed_over_a_kill_in_the_middle_of_a_record(tmp_path: Path) -> None:
    declared = formats.get("zte/zxj10")
    header, (one, two, *_) = declared.heading, declared.samples
    drop, bill = tmp_path / "drop", tmp_path / "bill.dat"
    drop.mkdir()
    (drop / "one").write_bytes(header + one + two)
    bill.write_bytes(header + one + two[:50])
    config = write_config(
        tmp_path,
        source("folder", "folder:drop", declared=declared.name),
        source("file", "file:bill.dat", declared=declared.name),
    )
    with Collector(config) as collector:

        def legs() -> list[int]:
            return [collector.source(number)["legs"] for number in range(2)]

        until(lambda: legs() == [2, 1], collector.status)
        assert collector.source(1)["bytes"]["pending"] == 50
        collector.kill()
        (drop / "two").write_bytes(header + two)
        with bill.open("ab") as file:
            file.write(two[50:])
        collector.start()
        until(lambda: legs() == [3, 2], collector.status)
        for number, headers in enumerate((2, 1)):
            row = collector.source(number)
            assert (row["rejected"], row["noise"], row["bytes"]["pending"]) == (0, headers, 0)
            assert row["bytes"]["noise"] == headers * len(header)
        assert collector.stop() == 0
    assert [call["number"] for call in collector.calls("--source", "file")] == ["13900000012", "13900000034"]
