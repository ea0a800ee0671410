"""`smdr doctor`: each finding has what to do; a well site has no problem."""

from __future__ import annotations

import asyncio
import json
import os
import pty
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web
from certificates import issue
from click.testing import CliRunner
from servers import free_port

from collector.cli.group import smdr
from collector.config import load
from collector.journal import Journal
from collector.running import only_writer
from collector.store.database import open_writer

if TYPE_CHECKING:
    from pathlib import Path

    from servers import Influxd

SITE = '[site]\nname = "hq"\ntimezone = "UTC"\ndata = "data"\n'
FILE = '[[source]]\nname = "pbx1"\ninput = "file:x.log"\nformat = "panasonic/kx-td"\n'


def findings(folder: Path, more: str, *options: str, source: str = FILE) -> dict[str, dict[str, Any]]:
    path = folder / "smdr.toml"
    path.write_text(SITE + source + more)
    done = CliRunner().invoke(smdr, ["doctor", "--json", "-c", str(path), *options])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.output
    found = json.loads(done.stdout)
    assert done.exit_code == any(one["verdict"] == "problem" for one in found)
    assert all(one["fix"] for one in found if one["verdict"] != "ok")
    return {one["what"]: one for one in found}


def collected(folder: Path) -> Path:
    """A data folder as a collector leaves it."""
    data = folder / "data"
    Journal(data / "journal").append([("pbx1", 0, b"x\r\n", True, False)])
    open_writer(data / "calls.db").close()
    open_writer(data / "events.db").close()
    return data


def test_a_site_that_collects_has_no_problem(tmp_path: Path) -> None:
    with only_writer(collected(tmp_path)):
        found = findings(tmp_path, "")
    assert {name for name, one in found.items() if one["verdict"] == "problem"} == set()
    assert found["collector"]["sentence"] == "It is running."
    assert found["calls.db"]["verdict"] == found["events.db"]["verdict"] == "ok"


def test_a_collector_that_does_not_run_is_a_problem(tmp_path: Path) -> None:
    assert findings(tmp_path, "")["collector"]["verdict"] == "problem"


def test_a_damaged_database_is_named_with_what_mends_it(tmp_path: Path) -> None:
    data = collected(tmp_path)
    (data / "calls.db").write_bytes(b"SQLite format 3\0" + os.urandom(8192))
    found = findings(tmp_path, "")["calls.db"]
    assert found["verdict"] == "problem"
    assert "smdr reparse" in found["fix"]


def test_a_database_that_others_can_read_is_closed_by_the_command_shown(tmp_path: Path) -> None:
    data = collected(tmp_path)
    (data / "calls.db").chmod(0o644)
    path = tmp_path / "smdr.toml"
    path.write_text(SITE + FILE)
    said = CliRunner().invoke(smdr, ["doctor", "-c", str(path)]).stdout
    fix = f"chmod 600 {load(path).site.data}/calls.db"
    assert fix in said
    assert os.system(fix) == 0  # noqa: S605  (what a technician would type)
    assert fix not in CliRunner().invoke(smdr, ["doctor", "-c", str(path)]).stdout


def test_a_serial_port_that_is_there_can_be_used_and_one_that_is_not_is_a_problem(tmp_path: Path) -> None:
    _, other = pty.openpty()
    for device, verdict in ((os.ttyname(other), "ok"), ("/dev/ttyUSB99", "problem")):
        source = FILE.replace("file:x.log", f"serial:{device}")
        assert findings(tmp_path, "", source=source)["source pbx1"]["verdict"] == verdict


@pytest.mark.parametrize(("database", "verdict"), [("there", "ok"), ("missing", "problem")])
def test_influxdb_is_asked_whether_it_takes_points(
    tmp_path: Path, influxd: Influxd, database: str, verdict: str
) -> None:
    name = influxd.create_database() if database == "there" else "missing"
    output = f'[[output]]\nname = "influx"\nurl = "{influxd.url}"\ndatabase = "{name}"\n'
    assert findings(tmp_path, output)["output influx"]["verdict"] == verdict


def test_an_influxdb_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    output = f'[[output]]\nname = "influx"\nurl = "http://127.0.0.1:{free_port()}"\ndatabase = "smdr"\n'
    assert "cannot be reached" in findings(tmp_path, output)["output influx"]["sentence"]


def test_a_grafana_is_asked_for_its_dashboards(tmp_path: Path) -> None:
    """A stand-in with Grafana's answers: there is no package of it to run."""
    path = tmp_path / "smdr.toml"
    path.write_text(SITE + FILE)
    boards: list[dict[str, str]] = []

    async def health(_request: web.Request) -> web.Response:
        return web.json_response({"database": "ok", "version": "11.2.0"})

    async def search(_request: web.Request) -> web.Response:
        return web.json_response(boards)

    async def ask() -> str:

        app = web.Application()
        app.router.add_get("/api/health", health)
        app.router.add_get("/api/search", search)
        runner = web.AppRunner(app)
        await runner.setup()
        port = free_port()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        arguments = ["doctor", "-c", str(path), "--grafana", f"http://127.0.0.1:{port}"]
        said = await asyncio.to_thread(lambda: CliRunner().invoke(smdr, arguments).stdout)
        await runner.cleanup()
        return said

    assert "smdr dashboards install" in asyncio.run(ask())
    boards.append({"uid": "smdr-traffic-en"})
    assert "Grafana 11.2.0 has 1 dashboards of ours" in asyncio.run(ask())


def test_a_certificate_that_ends_soon_is_a_problem(tmp_path: Path) -> None:
    listener = '[metrics]\nlisten = "127.0.0.1:9"\ncertificate_file = "smdr.pem"\nkey_file = "smdr.key"\n'
    issue(tmp_path, until=datetime.now(UTC) + timedelta(days=5, hours=1))
    assert findings(tmp_path, listener)["smdr.pem"]["sentence"] == "It is valid for 5 days."
    issue(tmp_path, until=datetime.now(UTC) + timedelta(days=-1))
    assert findings(tmp_path, listener)["smdr.pem"]["sentence"] == "It is not valid any more."
    issue(tmp_path, until=datetime.now(UTC) + timedelta(days=99, hours=1))
    assert findings(tmp_path, listener)["smdr.pem"]["verdict"] == "ok"
    issue(tmp_path)
    (tmp_path / "smdr.pem").write_text("none")
    assert "is not a certificate" in findings(tmp_path, listener)["smdr.pem"]["sentence"]
