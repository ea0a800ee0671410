"""Records that have to be acknowledged, through the whole collector, killed in between, read by a format of the site."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import TYPE_CHECKING, Self

import pytest
from collecting import Collector, until, write_config

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.timeout(300)
COUNT = 240

FORMAT = """
name = "office/sopho"

[columns]
pbx_call_id = "1-4"
extension = "6-9"
start = "11-26 DD/MM/YYYY hh:mm"
talk_s = "28-31"
number = "33-44"

[direction]
"<" = "incoming"
"" = "outgoing"

[[sample]]
line = "0017 1412 02/03/2026 09:05 0012 <05550142"
start = 2026-03-02T09:05:00
extension = "1412"
talk_s = 12
number = "05550142"
"""


def record(number: int) -> bytes:
    return b"%04d 14%02d 02/03/2026 %02d:%02d %04d <0555%04d\r\n" % (
        number,
        number % 50,
        9 + number // 60,
        number % 60,
        number,
        number,
    )


class SophoPort(threading.Thread):
    """A PBX that sends a few records ahead, again what is not acknowledged, and hangs up on every fortieth it sends."""

    ahead = 5
    patience = 0.2

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.waiting = list(range(COUNT))
        self.times_sent = 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.join(10)
        assert not self.is_alive()

    def run(self) -> None:
        while True:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            with line, contextlib.suppress(OSError):
                self._serve(line)

    def _serve(self, line: socket.socket) -> None:
        line.settimeout(self.patience)
        heard = b""
        while True:
            for number in self.waiting[: self.ahead]:
                line.sendall(b"%02d%b" % (number % 100, record(number)))
                self.times_sent += 1
                if self.times_sent % 40 == 0:
                    return
            with contextlib.suppress(TimeoutError):
                while True:
                    if not (said := line.recv(3)):
                        return
                    *acknowledged, heard = (heard + said).split(b"\r\n")
                    for told in acknowledged:
                        ahead = self.waiting[: self.ahead]
                        self.waiting = [
                            number for number in self.waiting if number not in ahead or number % 100 != int(told)
                        ]


def test_each_record_is_collected_once_and_acknowledged_over_kills_and_broken_connections(tmp_path: Path) -> None:
    (tmp_path / "formats").mkdir()
    (tmp_path / "formats" / "sopho.toml").write_text(FORMAT)
    with SophoPort() as pbx:
        config = write_config(
            tmp_path,
            f'[[source]]\nname = "pbx1"\ninput = "tcp://127.0.0.1:{pbx.port}"\nformat = "office/sopho"\nconversation = "sopho"\n',
        )
        with Collector(config) as collector:
            for left in (180, 90):
                until(lambda left=left: len(pbx.waiting) <= left, collector.status)
                collector.kill()
                collector.start()
            until(lambda: not pbx.waiting, collector.status)
            until(
                lambda: collector.source()["legs"] == COUNT and not collector.source()["bytes"]["pending"],
                collector.status,
            )
            row = collector.source()
            assert (row["rejected"], row["bytes"]["records"]) == (
                0,
                sum(len(record(number)) for number in range(COUNT)),
            )
            assert pbx.times_sent > COUNT
            assert row["bytes"]["noise"] > 2 * COUNT
            assert [call["pbx_call_id"] for call in collector.calls()] == [f"{number:04}" for number in range(COUNT)]
            assert {call["direction"] for call in collector.calls()} == {"incoming"}
            assert collector.stop() == 0
