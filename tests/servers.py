"""Real servers for the tests: Debian's InfluxDB 1.6.7 and VictoriaMetrics on free loopback ports.

Fixtures: ``influxd`` and ``victoria_metrics`` run once per session and are shared; take a database of your
own from ``influxd.create_database()``. ``own_influxd`` is one test's alone and may be stopped and started.
A server that is not installed skips the test with its reason, except in CI, where it fails it.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from itertools import count
from typing import TYPE_CHECKING, Any, Self

import pytest

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator
    from pathlib import Path

START_TIMEOUT = 120.0


def find_server(name: str, package: str) -> str:
    """Path of an installed server; otherwise skips the test (fails it in CI) and names the Debian package."""
    path = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/bin:/usr/local/bin")
    if path is None:
        reason = f"{name} is not installed: apt-get install {package}"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return path


def free_port() -> int:
    """Return a TCP port on loopback that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def http(
    method: str,
    url: str,
    body: bytes = b"",
    headers: dict[str, str] | None = None,
    trusting: ssl.SSLContext | None = None,
) -> tuple[int, str]:
    """Ask once, without redirects or proxies: (status, text)."""
    request = urllib.request.Request(url, data=body or None, method=method, headers=headers or {})  # noqa: S310
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=trusting))
    try:
        with opener.open(request, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


class Server:
    """A server process with its data in one folder; ``stop`` and ``start`` keep port and data."""

    def __init__(self, command: list[str], url: str, ready: str, folder: Path) -> None:
        self.url = url
        self.folder = folder
        self._command = command
        self._ready = ready
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start and return when it answers; fails with its log when it does not."""
        log = self.folder / "server.log"
        with log.open("ab") as out:
            self._process = subprocess.Popen(self._command, stdout=out, stderr=out, stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + START_TIMEOUT
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                pytest.fail(f"{self._command[0]} does not answer:\n{log.read_text(errors='replace')[-4000:]}")
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop in good order (SIGTERM)."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Stop at once (SIGKILL), as a power cut does."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(30)
            self._process = None

    def _answers(self) -> bool:
        try:
            return http("GET", self.url + self._ready)[0] in {200, 204}
        except OSError:
            return False

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()


INFLUXD_CONF = """
reporting-disabled = true
bind-address = "127.0.0.1:{rpc}"
[meta]
  dir = "{folder}/meta"
[data]
  dir = "{folder}/data"
  wal-dir = "{folder}/wal"
  query-log-enabled = false
  {data}
[monitor]
  store-enabled = false
[http]
  bind-address = "127.0.0.1:{port}"
  log-enabled = false
  auth-enabled = {auth}
"""


class Influxd(Server):
    """InfluxDB 1.6.7. ``auth`` enables users: ``root``/``root-secret`` is then its administrator.

    ``data`` is text for the ``[data]`` section of its configuration.
    """

    def __init__(self, folder: Path, *, auth: bool = False, data: str = "") -> None:
        binary = find_server("influxd", "influxdb")
        folder.mkdir(parents=True, exist_ok=True)
        port = free_port()
        conf = folder / "influxd.conf"
        conf.write_text(
            INFLUXD_CONF.format(folder=folder, port=port, rpc=free_port(), auth=str(auth).lower(), data=data)
        )
        super().__init__([binary, "-config", str(conf)], f"http://127.0.0.1:{port}", "/ping", folder)
        self._auth = {"u": "root", "p": "root-secret"} if auth else {}
        self._names = count(1)

    def start(self) -> None:
        """Start; on an empty data folder with users enabled, create the administrator."""
        super().start()
        if self._auth:
            self.query("CREATE USER root WITH PASSWORD 'root-secret' WITH ALL PRIVILEGES")

    def create_database(self, name: str | None = None) -> str:
        """Create a database, with a name nobody else uses unless one is given; returns the name."""
        name = name or f"test{next(self._names)}"
        self.query(f'CREATE DATABASE "{name}"')
        return name

    def query(self, query: str, database: str = "") -> list[dict[str, Any]]:
        """Run InfluxQL and return the series (name, columns, values, tags) of all statements; times in ns."""
        form = urllib.parse.urlencode({"q": query, "db": database, "epoch": "ns"})
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        who = urllib.parse.urlencode(self._auth)
        status, text = http("POST", f"{self.url}/query?{who}", form.encode(), kind)
        answer = json.loads(text)
        errors = [r["error"] for r in [answer, *answer.get("results", [])] if "error" in r]
        if status != 200 or errors:
            raise RuntimeError(f"{query}: {status} {errors}")
        return [series for result in answer["results"] for series in result.get("series", [])]

    def rows(self, query: str, database: str) -> list[dict[str, Any]]:
        """Run InfluxQL and return its rows as dictionaries, group-by tags included."""
        return [
            {**series.get("tags", {}), **dict(zip(series["columns"], values, strict=True))}
            for series in self.query(query, database)
            for values in series["values"]
        ]

    def write(self, lines: str, database: str) -> None:
        """Write line protocol (nanoseconds)."""
        where = urllib.parse.urlencode({"db": database, "precision": "ns"} | self._auth)
        status, text = http("POST", f"{self.url}/write?{where}", lines.encode())
        if status != 204:
            raise RuntimeError(f"write: {status} {text}")


class VictoriaMetrics(Server):
    """VictoriaMetrics: takes ``/api/v2/write`` as InfluxDB 2.x does; only numbers, only milliseconds."""

    def __init__(self, folder: Path) -> None:
        binary = find_server("victoria-metrics", "victoria-metrics")
        folder.mkdir(parents=True, exist_ok=True)
        port = free_port()
        command = [binary, f"-httpListenAddr=127.0.0.1:{port}", f"-storageDataPath={folder / 'data'}"]
        command += ["-retentionPeriod=100y", "-memory.allowedBytes=128MB", "-loggerLevel=WARN"]
        super().__init__(command, f"http://127.0.0.1:{port}", "/health", folder)

    def export(self, name: str) -> list[dict[str, Any]]:
        """Return each series of a metric (``call_talk_s``): ``metric`` labels, ``values``, ``timestamps``."""
        http("GET", f"{self.url}/internal/force_flush")
        where = urllib.parse.urlencode({"match[]": name})
        _, text = http("GET", f"{self.url}/api/v1/export?{where}")
        return [json.loads(line) for line in text.splitlines()]


@pytest.fixture(scope="session")
def influxd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Influxd]:
    with Influxd(tmp_path_factory.mktemp("influxd")) as server:
        yield server


@pytest.fixture
def own_influxd(tmp_path: Path) -> Iterator[Influxd]:
    with Influxd(tmp_path / "influxd") as server:
        yield server


@pytest.fixture(scope="session")
def victoria_metrics(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VictoriaMetrics]:
    with VictoriaMetrics(tmp_path_factory.mktemp("victoria-metrics")) as server:
        yield server
