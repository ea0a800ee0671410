"""Installing into Grafana. Grafana is not packaged for Debian: its HTTP API is stood in for, and nothing else."""

from __future__ import annotations

import json
import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from collector.cli import execute
from collector.config import load
from collector.errors import UserError
from dashboards.grafana import PAGES
from dashboards.grafana.install import install

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TOKEN = "a-token"  # noqa: S105  (of the stand-in)


class Grafana(ThreadingHTTPServer):
    """The four things of Grafana's HTTP API that installing needs, as its documentation describes them."""

    def __init__(self, role: str = "Admin") -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.role = role
        self.folders: dict[str, dict[str, Any]] = {}
        self.sources: dict[str, dict[str, Any]] = {}
        self.boards: dict[str, dict[str, Any]] = {}
        self.writes: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def answer(self, method: str, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if method == "GET":
            return self._find(path)
        if self.role != "Admin":
            return 403, {"message": "You'll need additional permissions"}
        self.writes.append(path)
        if path == "/api/folders":
            self.folders[body["uid"]] = body
        elif path == "/api/datasources":
            self.sources[body["uid"]] = body
        elif path == "/api/dashboards/db":
            assert body["folderUid"] in self.folders
            kept = body["dashboard"]
            version = self.boards.get(kept["uid"], {"version": 0})["version"] + 1
            self.boards[kept["uid"]] = kept | {"id": len(self.boards) + 1, "version": version}
        return 200, {"status": "success"}

    def _find(self, path: str) -> tuple[int, dict[str, Any]]:
        kinds = {"folders": self.folders, "datasources/uid": self.sources, "dashboards/uid": self.boards}
        match = re.fullmatch(r"/api/(folders|datasources/uid|dashboards/uid)/([\w-]+)", path)
        assert match, path
        found = kinds[match[1]].get(match[2])
        if found is None:
            return 404, {"message": "not found"}
        return 200, {"dashboard": found, "meta": {}} if match[1] == "dashboards/uid" else found


class Answer(BaseHTTPRequestHandler):
    """One request to `Grafana`."""

    server: Grafana

    def do_GET(self) -> None:
        self._reply("GET")

    def do_POST(self) -> None:
        self._reply("POST")

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _reply(self, method: str) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        status, answer = 401, {"message": "Invalid API key"}
        if self.headers["Authorization"] == f"Bearer {TOKEN}":
            status, answer = self.server.answer(method, self.path, body)
        text = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


@contextmanager
def running(grafana: Grafana) -> Iterator[Grafana]:
    thread = threading.Thread(target=grafana.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield grafana
    finally:
        grafana.shutdown()
        thread.join()
        grafana.server_close()


@pytest.fixture
def grafana() -> Iterator[Grafana]:
    with running(Grafana()) as server:
        yield server


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    file = tmp_path / "grafana.token"
    file.write_text(f"{TOKEN}\n")
    return file


def test_everything_is_made_and_a_second_time_nothing_is(grafana: Grafana, token_file: Path) -> None:
    first = install(grafana.url, token_file)
    assert set(grafana.boards) == {f"smdr-{name}-{language}" for name in PAGES for language in ("en", "zh")}
    assert grafana.sources["smdr"]["type"] == "influxdb"
    assert grafana.sources["smdr"]["jsonData"]["dbName"] == "smdr"
    assert sum(" saved" in sentence for sentence in first) == 2 * len(PAGES)
    written = len(grafana.writes)
    second = install(grafana.url, token_file)
    assert len(grafana.writes) == written
    assert all("is there" in sentence for sentence in second)


def test_the_command_says_what_it_did(grafana: Grafana, token_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["dashboards", "install", "--url", grafana.url, "--token-file", str(token_file)]) == 0
    assert 'The dashboard "Traffic" is saved.' in capsys.readouterr().out
    assert execute(["dashboards", "install", "--url", grafana.url, "--token-file", f"{token_file}.not"]) == 1
    assert capsys.readouterr().err == f"{token_file}.not cannot be read: No such file or directory.\n"


def test_an_older_dashboard_is_replaced(grafana: Grafana, token_file: Path) -> None:
    install(grafana.url, token_file)
    grafana.boards["smdr-traffic-en"]["title"] = "changed"
    assert 'The dashboard "Traffic" is saved.' in install(grafana.url, token_file)
    assert grafana.boards["smdr-traffic-en"]["title"] == "Traffic"
    assert grafana.boards["smdr-traffic-en"]["version"] == 2


def test_a_data_source_that_is_there_is_left_as_it_is(grafana: Grafana, token_file: Path) -> None:
    grafana.sources["smdr"] = {"uid": "smdr", "name": "Ours", "url": "http://influx.example:8086"}
    sentences = install(grafana.url, token_file)
    assert 'The data source "Ours" is there and left as it is (http://influx.example:8086).' in sentences
    assert grafana.sources["smdr"]["name"] == "Ours"


def test_a_configuration_gives_zone_language_and_data_source(
    grafana: Grafana, token_file: Path, tmp_path: Path
) -> None:
    (tmp_path / "influx.token").write_text("influx-token\n")
    file = tmp_path / "smdr.toml"
    file.write_text(
        '[site]\nname = "hq"\ntimezone = "Europe/Berlin"\nlanguage = "zh"\ndata = "data"\n'
        '[[source]]\nname = "pbx"\ninput = "stdin:"\nformat = "panasonic/kx-tda"\n'
        '[[output]]\nname = "influx"\nurl = "http://influx.example:8086"\n'
        'bucket = "calls"\norg = "office"\ntoken_file = "influx.token"\n'
    )
    install(grafana.url, token_file, load(file))
    assert set(grafana.boards) == {f"smdr-{name}-zh" for name in PAGES}
    assert grafana.boards["smdr-traffic-zh"]["timezone"] == "Europe/Berlin"
    source = grafana.sources["smdr"]
    assert source["url"] == "http://influx.example:8086"
    assert source["jsonData"]["dbName"] == "calls"
    assert source["secureJsonData"] == {"httpHeaderValue1": "Token influx-token"}


def test_a_refused_token_is_said_with_the_fix(grafana: Grafana, token_file: Path) -> None:
    token_file.write_text("another")
    with pytest.raises(UserError, match=r"refuses the token in .*grafana\.token; create a token"):
        install(grafana.url, token_file)


def test_a_token_that_may_only_read_is_said_with_the_fix(token_file: Path) -> None:
    with running(Grafana(role="Viewer")) as grafana, pytest.raises(UserError, match="needs the role Admin"):
        install(grafana.url, token_file)


def test_no_grafana_and_no_token_file_are_said_in_a_sentence(token_file: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"No Grafana answers at http://127\.0\.0\.1:9"):
        install("http://127.0.0.1:9", token_file)
    with pytest.raises(UserError, match=r"No Grafana answers at 127\.0\.0\.1:9; check"):
        install("127.0.0.1:9", token_file)
    with pytest.raises(UserError, match="cannot be read: No such file"):
        install("http://127.0.0.1:9", tmp_path / "none")
