"""A proxy before an InfluxDB that does to writes what networks, proxies and servers do to them at their worst.

A `Fault` is done to the first `times` writes of points; everything else, and every later write, is handed through.
``version`` is what the proxy claims the server to be: 1.8 and later are written to through the client library, so the
same faults meet that too; the server behind stays a 1.6.7 and is written to at ``/write``.
"""

from __future__ import annotations

import re
import socket
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple, Self
from urllib.parse import urlsplit

RESET = struct.pack("ii", 1, 0)
"""SO_LINGER: close with a reset."""


class Write(NamedTuple):
    """One request as a fault sees it: its head has been read, its body not yet."""

    client: socket.socket
    head: bytes
    size: int
    begun: bytes
    server: tuple[str, int]

    def body(self, most: int | None = None) -> bytes:
        """Read the body, or its first ``most`` bytes."""
        wanted = self.size if most is None else min(most, self.size)
        data = self.begun
        while len(data) < wanted and (more := self.client.recv(wanted - len(data))):
            data += more
        return data[:wanted]

    def answer_to(self, body: bytes) -> bytes:
        """Hand the request to the server, with ``body``, and return its whole answer; empty once it hangs up without one."""
        with socket.create_connection(self.server, timeout=30) as server:
            server.sendall(re.sub(rb"(?i)\r\nConnection:[^\r]*", b"", self.head)[:-2] + b"Connection: close\r\n\r\n")
            server.sendall(body)
            if len(body) < self.size:
                server.shutdown(socket.SHUT_WR)
            answer = b""
            while data := server.recv(1 << 16):
                answer += data
            return answer


Fault = Callable[[Write], None]


def plain(status: str, text: bytes = b"", *headers: bytes) -> bytes:
    """An answer of a server."""
    lines = [b"HTTP/1.1 " + status.encode(), b"Content-Length: %d" % len(text), b"Connection: close", *headers]
    return b"\r\n".join([*lines, b"", text])


class FaultyProxy:
    """Listens on `port` while it is open. While `flowing` is not set, it takes connections and says nothing."""

    def __init__(self, server: str, fault: Fault | None = None, *, times: int = 3, version: str = "1.6.7") -> None:
        address = urlsplit(server)
        self._server = (str(address.hostname), int(address.port or 0))
        self._fault = fault
        self._version = version.encode()
        self.left = times
        """Writes that the fault is still to be done to."""
        self.flowing = threading.Event()
        self.flowing.set()
        self._listener = socket.create_server(("127.0.0.1", 0), reuse_port=True)
        self.port = int(self._listener.getsockname()[1])
        self._accepting = threading.Thread(target=self._accept, args=(self._listener,), daemon=True)
        self._accepting.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        """Refuse connections from now on."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._accepting.join(10)

    def reopen(self) -> None:
        """Take connections again, on the same port."""
        self._listener = socket.create_server(("127.0.0.1", self.port), reuse_port=True)
        self._accepting = threading.Thread(target=self._accept, args=(self._listener,), daemon=True)
        self._accepting.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.flowing.set()
        self.close()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        """One request for each connection: what a fault leaves of it is nobody's."""
        with client, suppress(OSError):
            client.settimeout(60)
            self.flowing.wait()
            write = self._request(client)
            if write is None:
                return
            if self._fault and self.left > 0 and b"POST /" in write.head and write.size > 1:
                self.left -= 1
                self._fault(write)
            else:
                client.sendall(write.answer_to(write.body()))

    def _request(self, client: socket.socket) -> Write | None:
        data = b""
        while b"\r\n\r\n" not in data:
            more = client.recv(1 << 16)
            if not more:
                return None
            data += more
        head, _, begun = data.partition(b"\r\n\r\n")
        size = re.search(rb"(?i)\r\nContent-Length: *(\d+)", head)
        if head.startswith(b"GET /ping"):
            client.sendall(plain("204 No Content", b"", b"X-Influxdb-Version: " + self._version))
            return None
        head = re.sub(rb"/api/v2/write\?(\S*)bucket=", rb"/write?\1db=", head)
        return Write(client, head + b"\r\n\r\n", int(size[1]) if size else 0, begun, self._server)


def delay(write: Write) -> None:
    """The answer comes late."""
    answer = write.answer_to(write.body())
    time.sleep(2)
    write.client.sendall(answer)


def cut_in_the_request(write: Write) -> None:
    """The connection breaks after half of the points, which the server has got."""
    write.answer_to(write.body(write.size // 2))
    _reset(write)


def cut_in_the_answer(write: Write) -> None:
    """The points are stored, and the connection breaks within the first line of the answer."""
    write.client.sendall(write.answer_to(write.body())[:11])
    _reset(write)


def stored_but_not_confirmed(write: Write) -> None:
    """The points are stored, and no answer comes."""
    write.answer_to(write.body())


def half_closed(write: Write) -> None:
    """The other end says that it will say no more, and still listens."""
    write.body()
    write.client.shutdown(socket.SHUT_WR)
    while write.client.recv(1 << 16):
        pass


def unavailable(write: Write) -> None:
    write.body()
    write.client.sendall(plain("503 Service Unavailable", b"restarting", b"Retry-After: 1"))


def too_many(write: Write) -> None:
    write.body()
    write.client.sendall(plain("429 Too Many Requests", b"slow down", b"Retry-After: 1"))


def too_large(write: Write) -> None:
    """What is larger than 20,000 bytes is refused, once it was read."""
    body = write.body()
    write.client.sendall(
        plain("413 Request Entity Too Large", b"too large") if len(body) > 20_000 else write.answer_to(body)
    )


def too_large_unread(write: Write) -> None:
    """What is larger than 20,000 bytes is refused unread, as web servers do: the sender may see the connection break."""
    if write.size <= 20_000:
        write.client.sendall(write.answer_to(write.body()))
        return
    write.client.sendall(plain("413 Request Entity Too Large", b"too large"))
    _reset(write)


def garbage(write: Write) -> None:
    """No HTTP at all."""
    write.body()
    write.client.sendall(bytes(range(128, 256)) + b"\r\n\r\n")


def garbled_words(write: Write) -> None:
    """A fault told in no encoding."""
    write.body()
    write.client.sendall(plain("502 Bad Gateway", b"\xe4\xff\x80 \xb7", b"Content-Type: text/plain; charset=utf-8"))


def another_page(write: Write) -> None:
    """A page of another program, with a good status: nothing was stored."""
    write.body()
    write.client.sendall(plain("200 OK", b"<html>Please log in.</html>", b"Content-Type: text/html"))


def slow_words(write: Write) -> None:
    """A fault whose words come letter by letter."""
    write.body()
    words = b"the disk is slow today"
    write.client.sendall(plain("500 Internal Server Error", words).removesuffix(words))
    for letter in words:
        time.sleep(0.1)
        write.client.sendall(bytes((letter,)))


def _reset(write: Write) -> None:
    write.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
