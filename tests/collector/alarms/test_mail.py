"""A mail server that says too much, or says it too slowly, holds up nothing for ever."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from typing import TYPE_CHECKING

import pytest

from collector.alarms import mail
from collector.config import Alarms

if TYPE_CHECKING:
    from collections.abc import Iterator

GREETING = b"220 ready\r\n"
MOST_SENT = 1 << 26


class Talker:
    """A server that says the same again and again once it was told something, as long as anybody listens."""

    def __init__(self, greeting: bytes, said: bytes, every_s: float = 0.0) -> None:
        self.sent = 0
        self._greeting, self._said, self._every_s = greeting, said, every_s
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        connection, _ = self._listener.accept()
        with connection, suppress(OSError):
            connection.sendall(self._greeting)
            if self._greeting.endswith(GREETING):
                connection.recv(1000)
            while self.sent < MOST_SENT and not self._over.wait(self._every_s):
                connection.sendall(self._said)
                self.sent += len(self._said)

    def close(self) -> None:
        self._over.set()
        self._thread.join()
        self._listener.close()


@contextmanager
def talking(*how: object) -> Iterator[Talker]:
    server = Talker(*how)  # type: ignore[arg-type]
    try:
        yield server
    finally:
        server.close()


def send(port: int) -> None:
    mail.send(Alarms(mail_to=("pbx@example.com",), mail_server=f"smtp://127.0.0.1:{port}"), EmailMessage())


@pytest.mark.parametrize("greeting", [b"", GREETING])
@pytest.mark.parametrize("said", [b"220-and more\r\n" * 1000, b"x" * 10_000])
def test_a_server_that_talks_without_end_is_left(greeting: bytes, said: bytes) -> None:
    with talking(greeting, said) as server, pytest.raises(OSError, match=r"talks without end|Line too long"):
        send(server.port)
    assert server.sent < MOST_SENT


def test_a_server_that_talks_letter_by_letter_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "LONGEST_S", 1.0)
    with talking(b"", b"2", 0.05) as server, pytest.raises(OSError, match=r"talks without end|timed out"):
        send(server.port)
