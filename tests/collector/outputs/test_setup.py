"""``smdr influx setup``. 1.x is the real server; 2.x and 3.x are fakes, as Debian has no package of them."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web
from servers import Influxd, VictoriaMetrics, free_port

from collector.cli import execute
from collector.config import Output
from collector.errors import UserError
from collector.outputs.setup import setup

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


def databases(server: Influxd) -> list[str]:
    return [row["name"] for row in server.rows("SHOW DATABASES", "")]


async def test_creates_the_database_once(influxd: Influxd) -> None:
    output = Output(name="influx", url=influxd.url, database='calls "of" hq')
    assert await setup(output) == ['Created database "calls "of" hq".']
    assert await setup(output) == ['Database "calls "of" hq" exists already.']
    assert databases(influxd).count('calls "of" hq') == 1


async def test_the_login_of_an_administrator_is_asked_for(tmp_path: Path) -> None:
    password = tmp_path / "password"
    with Influxd(tmp_path / "influxd", auth=True) as server:
        server.query("CREATE USER writer WITH PASSWORD 'right'")
        password.write_text("right\n")
        writer = Output(name="influx", url=server.url, database="smdr", username="writer", password_file=password)
        with pytest.raises(UserError, match="creating takes an administrator"):
            await setup(writer)
        password.write_text("root-secret\n")
        assert await setup(writer.model_copy(update={"username": "root"})) == ['Created database "smdr".']
        assert databases(server) == ["smdr"]


async def test_a_server_that_is_not_there_is_a_sentence() -> None:
    with pytest.raises(UserError, match="cannot be reached"):
        await setup(Output(name="influx", url=f"http://127.0.0.1:{free_port()}", database="smdr"))


async def test_an_unreadable_secret_is_a_sentence(influxd: Influxd, tmp_path: Path) -> None:
    output = Output(name="influx", url=influxd.url, database="smdr", token_file=tmp_path / "none")
    with pytest.raises(UserError, match=r"cannot read .*none"):
        await setup(output)


async def test_a_server_that_says_nothing_of_itself_is_left_alone(victoria_metrics: VictoriaMetrics) -> None:
    [sentence] = await setup(Output(name="influx", url=victoria_metrics.url, bucket="smdr"))
    assert "nothing was created" in sentence


def test_the_command(influxd: Influxd, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "smdr.toml"
    config.write_text(
        f"""
[site]
name = "hq"
timezone = "Asia/Shanghai"
data = "data"
[[source]]
name = "pbx1"
input = "tcp-listen://127.0.0.1:2300"
format = "panasonic/kx-td"
[[output]]
name = "influx"
url = "{influxd.url}"
database = "by-command"
"""
    )
    assert execute(["influx", "setup", "-c", str(config)]) == 0
    assert capsys.readouterr().out == 'influx: Created database "by-command".\n'
    assert "by-command" in databases(influxd)


class Fake:
    """What of the API of InfluxDB 2 and 3 the set-up uses, as their documentation describes it."""

    def __init__(self, version: str, orgs: list[str]) -> None:
        self.version = version
        self.orgs = [{"id": f"id-{name}", "name": name} for name in orgs]
        self.buckets: list[dict[str, Any]] = []
        self.dbrps: list[dict[str, Any]] = []
        self.databases: list[str] = []
        self.seen: set[str | None] = set()
        self.url = ""

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Fake]:
        app = web.Application()
        app.router.add_get("/ping", self._ping)
        app.router.add_get("/api/v2/orgs", self._orgs)
        app.router.add_get("/api/v2/buckets", self._find_buckets)
        app.router.add_post("/api/v2/buckets", self._add_bucket)
        app.router.add_get("/api/v2/dbrps", self._find_dbrps)
        app.router.add_post("/api/v2/dbrps", self._add_dbrp)
        app.router.add_post("/api/v3/configure/database", self._add_database)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0]
        self.url = f"http://{host}:{port}"
        try:
            yield self
        finally:
            await runner.cleanup()

    async def _ping(self, request: web.Request) -> web.Response:
        self.seen.add(request.headers.get("Authorization"))
        return web.Response(status=204, headers={"X-Influxdb-Version": self.version})

    async def _orgs(self, request: web.Request) -> web.Response:
        wanted = request.query.get("org")
        return web.json_response({"orgs": [org for org in self.orgs if wanted in {None, org["name"]}]})

    async def _find_buckets(self, request: web.Request) -> web.Response:
        key = (request.query["orgID"], request.query["name"])
        return web.json_response({"buckets": [b for b in self.buckets if (b["orgID"], b["name"]) == key]})

    async def _add_bucket(self, request: web.Request) -> web.Response:
        self.buckets.append(await request.json() | {"id": f"bucket{len(self.buckets)}"})
        return web.json_response(self.buckets[-1], status=201)

    async def _find_dbrps(self, request: web.Request) -> web.Response:
        virtual = [
            {"bucketID": b["id"], "database": b["name"], "retention_policy": "autogen", "virtual": True}
            for b in self.buckets
        ]
        wanted = (request.query["db"], request.query["rp"])
        found = [m for m in self.dbrps + virtual if (m["database"], m["retention_policy"]) == wanted]
        return web.json_response({"content": found})

    async def _add_dbrp(self, request: web.Request) -> web.Response:
        self.dbrps.append(await request.json())
        return web.json_response(self.dbrps[-1], status=201)

    async def _add_database(self, request: web.Request) -> web.Response:
        name = (await request.json())["db"]
        if name in self.databases:
            return web.json_response({"error": "exists"}, status=409)
        self.databases.append(name)
        return web.Response(status=200)


async def test_2x_gets_a_bucket_and_its_mapping_once(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("made-up\n")
    async with Fake("v2.7.1", ["office", "lab"]).serving() as fake:
        output = Output(name="influx", url=fake.url, bucket="smdr", org="office", token_file=token)
        assert await setup(output) == ['Created bucket "smdr".', 'InfluxQL finds it as database "smdr" now.']
        assert await setup(output) == [
            'Bucket "smdr" exists already.',
            'InfluxQL finds it as database "smdr" already.',
        ]
        assert fake.buckets == [{"orgID": "id-office", "name": "smdr", "retentionRules": [], "id": "bucket0"}]
        assert fake.dbrps == [
            {
                "orgID": "id-office",
                "bucketID": "bucket0",
                "database": "smdr",
                "retention_policy": "autogen",
                "default": True,
            }
        ]
        assert fake.seen == {"Token made-up"}


async def test_2x_with_several_organisations_asks_which() -> None:
    async with Fake("v2.7.1", ["office", "lab"]).serving() as fake:
        with pytest.raises(UserError, match=r'Set org of output "influx" .*: office, lab'):
            await setup(Output(name="influx", url=fake.url, bucket="smdr"))


async def test_3x_gets_a_database_once() -> None:
    async with Fake("3.0.1", []).serving() as fake:
        output = Output(name="influx", url=fake.url, bucket="smdr")
        assert await setup(output) == ['Created database "smdr".']
        assert await setup(output) == ['Database "smdr" exists already.']
