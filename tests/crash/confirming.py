"""Where the calls go: a real InfluxDB, or a server that confirms writes as 1.6 does, cheap enough for thousands of kills."""

from __future__ import annotations

import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Protocol, Self
from urllib.parse import parse_qs

if TYPE_CHECKING:
    from servers import Influxd

Point = tuple[str, int, int]
"""source, time in nanoseconds, and the calls it counts"""

_POINT = re.compile(rb"call,(\S+) calls=(\d+)i.* (\d+)")
_SOURCE = re.compile(rb"(?:^|,)source=([^,]+)")
_DELETE = re.compile(r""""source"='(\w+)' AND time >= (\d+) AND time <= (\d+)""")


class Server(Protocol):
    """Where calls are sent to."""

    url: str
    database: str

    def points(self) -> list[Point]:
        """Every point of measurement ``call``, one for each set of tags and time."""


class RealServer:
    """One database of a real InfluxDB."""

    def __init__(self, influxd: Influxd) -> None:
        self.url = influxd.url
        self.database = influxd.create_database()
        self._influxd = influxd

    def points(self) -> list[Point]:
        rows = self._influxd.rows('SELECT calls FROM "call" GROUP BY *', self.database)
        return [(row["source"], row["time"], row["calls"]) for row in rows]


class CheapServer(ThreadingHTTPServer):
    """Keeps the last point of each set of tags and time, in memory."""

    database = "smdr"

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self._calls: dict[tuple[bytes, int], int] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()

    def points(self) -> list[Point]:
        with self._lock:
            return [(_source(tags), time, calls) for (tags, time), calls in self._calls.items()]

    def write(self, lines: bytes) -> None:
        found = [point.groups() for line in lines.splitlines() if (point := _POINT.fullmatch(line))]
        with self._lock:
            self._calls |= {(tags, int(time)): int(calls) for tags, calls, time in found}

    def delete(self, query: str) -> None:
        found = _DELETE.search(query)
        assert found, query
        source, first, last = found[1], int(found[2]), int(found[3])
        with self._lock:
            self._calls = {
                (tags, time): calls
                for (tags, time), calls in self._calls.items()
                if _source(tags) != source or not first <= time <= last
            }


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: CheapServer

    def do_GET(self) -> None:
        self._answer(204)

    def do_POST(self) -> None:
        size = int(self.headers["Content-Length"])
        body = self.rfile.read(size)
        if len(body) < size:  # the collector was killed while it sent
            self.close_connection = True
        elif self.path.startswith("/write"):
            self.server.write(body)
            self._answer(204)
        else:
            self.server.delete(parse_qs(body.decode())["q"][0])
            self._answer(200, b'{"results":[{"statement_id":0}]}')

    def _answer(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("X-Influxdb-Version", "1.6.7")
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nobody wants to know."""

    def handle(self) -> None:
        try:
            super().handle()
        except ConnectionError:  # the collector was killed
            self.close_connection = True


def _source(tags: bytes) -> str:
    found = _SOURCE.search(tags)
    assert found, tags
    return found[1].decode()
