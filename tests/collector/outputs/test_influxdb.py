"""The output against the real servers of Debian, and against a fake for faults a real one cannot show."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import aiohttp
import pytest
from aiohttp import web
from certificates import issue, over_tls
from feeds import WHEN, MemoryFeed, call, row
from servers import Influxd, VictoriaMetrics

from collector.buckets import bucket_of
from collector.config import Output, Site, load
from collector.outputs import influxdb
from collector.outputs.influxdb import InfluxOutput
from collector.outputs.office import Office

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

SITE = Site(name="hq", timezone="Asia/Shanghai")


class Pauses:
    """Time that passes at once: every wait is noted, and only gives way to others."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        await asyncio.sleep(0.01)


@pytest.fixture
def feed() -> MemoryFeed:
    return MemoryFeed()


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


def to(server: Influxd, database: str, **more: Any) -> Output:
    return Output(name="influx", url=server.url, database=database, **more)


@asynccontextmanager
async def running(
    output: Output,
    feed: MemoryFeed,
    pauses: Pauses,
    *,
    seconds: float = 10,
    site_of: Callable[[str], Site] | None = None,
) -> AsyncIterator[None]:
    timeout = aiohttp.ClientTimeout(total=seconds, sock_connect=seconds)
    influx = InfluxOutput(output, SITE, feed, site_of=site_of, timeout=timeout, sleep=pauses.sleep, uniform=lambda: 1.0)
    task = asyncio.create_task(influx.run())
    try:
        yield
    finally:
        task.cancel()
        (result,) = await asyncio.gather(task, return_exceptions=True)
        assert isinstance(result, asyncio.CancelledError), result


# --- InfluxDB 1.6.7: /write


async def test_calls_arrive_with_their_tags_fields_and_identity(
    influxd: Influxd, feed: MemoryFeed, pauses: Pauses
) -> None:
    database = influxd.create_database()
    feed.add_call(call(3, department="销售 部", cost="0.45", hold_s=2, did="800", person='Li "Bo"'))
    feed.add_call(call(4, ring_s=None, outcome="unanswered", talk_s=None, extension=None))
    async with running(to(influxd, database), feed, pauses):
        await feed.caught_up()
        await feed.until("ok")
    answered, missed = influxd.rows('SELECT * FROM "call"', database)
    assert {k: v for k, v in answered.items() if v is not None} == {
        "time": (WHEN + 3) * 10**9 + 240,
        "site": "hq",
        "source": "pbx1",
        "direction": "incoming",
        "outcome": "answered",
        "class": "local",
        "department": "销售 部",
        "extension": "103",
        "trunk": "01",
        "calls": 1,
        "answered": 1,
        "talk_s": 60,
        "hold_s": 2,
        "ring_s": 7,
        "rings": 2,
        "within_target": 1,
        "cost": 0.45,
        "number": "0551000",
        "did": "800",
        "person": 'Li "Bo"',
        "transferred": False,
        "legs": 1,
        "offset": 240,
        "resolution_s": 1,
    }
    for absent in ("ring_s", "rings", "within_target", "talk_s", "extension"):
        assert missed[absent] is None
    assert missed["answered"] == 0


async def test_what_stands_in_the_office_is_sent_when_it_is_new(
    influxd: Influxd, feed: MemoryFeed, pauses: Pauses, tmp_path: Path
) -> None:
    database = influxd.create_database()
    path = tmp_path / "smdr.toml"
    path.write_text(
        '[site]\nname = "hq"\ntimezone = "UTC"\ndata = "data"\n'
        '[[source]]\nname = "pbx"\ninput = "stdin:"\nformat = "panasonic/kx-tda"\n'
    )
    office = Office(load(path))
    influx = InfluxOutput(to(influxd, database), SITE, feed, office=office, sleep=pauses.sleep)
    task = asyncio.create_task(influx.run())
    for turn in (1, 2):
        office.points, office.turn = [f"violations,site=hq violations={turn}i {turn}000000000"], turn
        feed.add_call(call(turn))
        async with asyncio.timeout(30):
            while len(influxd.rows('SELECT * FROM "violations"', database)) < turn:  # noqa: ASYNC110  (a server)
                await asyncio.sleep(0.05)
    task.cancel()
    assert [row["violations"] for row in influxd.rows('SELECT * FROM "violations"', database)] == [1, 2]


async def test_points_are_of_the_site_of_their_source(influxd: Influxd, feed: MemoryFeed, pauses: Pauses) -> None:
    database = influxd.create_database()
    hour = WHEN // 3600 * 3600
    for number, source in enumerate(("pbx1", "pbx2", "pbx2")):
        feed.add_call(call(number, source=source, extension="101"))
    for source in ("pbx1", "pbx2"):
        feed.add_row(row(hour, source=source))
    west = SITE.model_copy(update={"name": "west", "timezone": "Asia/Urumqi"})
    async with running(to(influxd, database), feed, pauses, site_of=lambda source: west if source == "pbx2" else SITE):
        await feed.caught_up()
    at = {"call": (1, 2), "traffic": (5, 5), "profile": (1, 1)}
    for measurement, counts in at.items():
        found = Counter(
            (one["site"], one["source"]) for one in influxd.rows(f'SELECT * FROM "{measurement}"', database)
        )
        assert found == {("hq", "pbx1"): counts[0], ("west", "pbx2"): counts[1]}
    feed.add_call(call(1, source="pbx2", extension="101", direction="outgoing", former=[WHEN + 1]))
    async with running(to(influxd, database), feed, pauses, site_of=lambda source: west if source == "pbx2" else SITE):
        await feed.caught_up()
    assert count(influxd, database) == 3  # what the call was before is deleted at its own site
    hours = influxd.rows("""SELECT * FROM "traffic" WHERE "period" = 'day'""", database)
    assert len({one["time"] for one in hours}) == 1  # days of all sites are those of the first


async def test_identical_lines_in_one_minute_stay_apart(influxd: Influxd, feed: MemoryFeed, pauses: Pauses) -> None:
    database = influxd.create_database()
    for number in range(10):
        feed.add_call(call(number, start=WHEN, extension="101", resolution_s=60))
    async with running(to(influxd, database), feed, pauses):
        await feed.caught_up()
    assert count(influxd, database) == 10


async def test_sending_again_adds_nothing(influxd: Influxd, feed: MemoryFeed, pauses: Pauses) -> None:
    database = influxd.create_database()
    for number in range(50):
        feed.add_call(call(number))
    for _ in range(2):
        feed.confirmed = (0, 0)
        async with running(to(influxd, database), feed, pauses):
            await feed.caught_up()
    assert count(influxd, database) == 50


async def test_a_retagged_call_replaces_its_point(influxd: Influxd, feed: MemoryFeed, pauses: Pauses) -> None:
    database = influxd.create_database()
    feed.add_call(call(1))
    feed.add_call(call(2))
    async with running(to(influxd, database), feed, pauses):
        await feed.caught_up()
        feed.add_call(call(2, extension="777", department="Sales", former=[WHEN + 2]))
        feed.add_call(call(1, class_="mobile", former=[WHEN + 1]))
        await feed.caught_up()
    rows = influxd.rows('SELECT "calls","class","extension" FROM "call"', database)
    assert [(r["class"], r["extension"]) for r in rows] == [("mobile", "101"), ("local", "777")]


async def test_a_call_that_began_earlier_than_was_thought_leaves_no_point_behind(
    influxd: Influxd, feed: MemoryFeed, pauses: Pauses
) -> None:
    database = influxd.create_database()
    feed.add_call(call(1))
    feed.add_call(call(2))
    async with running(to(influxd, database), feed, pauses):
        await feed.caught_up()
        feed.add_call(call(2, start=WHEN - 60, former=[WHEN + 2]))
        await feed.caught_up()
    rows = influxd.rows('SELECT "calls" FROM "call"', database)
    assert [row["time"] for row in rows] == [(WHEN - 60) * 10**9 + 160, (WHEN + 1) * 10**9 + 80]


async def test_many_retagged_calls_replace_their_points_and_no_others(
    influxd: Influxd, feed: MemoryFeed, pauses: Pauses
) -> None:
    database = influxd.create_database()
    for number in range(400):
        feed.add_call(call(number))
        feed.add_call(call(number, source="pbx2"))
    async with running(to(influxd, database), feed, pauses):
        await feed.caught_up()
        for number in [*range(100, 300), 350]:
            feed.add_call(call(number, class_="mobile", former=[WHEN + number]))
        await feed.caught_up()
    rows = influxd.rows('SELECT count("calls") AS n FROM "call" GROUP BY "source","class"', database)
    assert {(r["source"], r["class"]): r["n"] for r in rows} == {
        ("pbx1", "local"): 199,
        ("pbx1", "mobile"): 201,
        ("pbx2", "local"): 400,
    }


async def test_rollups_arrive_for_every_period(influxd: Influxd, feed: MemoryFeed, pauses: Pauses) -> None:
    database = influxd.create_database()
    zone = ZoneInfo(SITE.timezone)
    hour, _ = bucket_of("hour", WHEN, zone)
    month_before = hour - 30 * 86400
    for begin in (month_before, hour, hour + 3600):
        feed.add_row(row(begin))
    async with running(to(influxd, database), feed, pauses):
        await feed.caught_up()
    rows = influxd.rows('SELECT * FROM "traffic"', database)
    expected = []
    for period, counts in {"hour": (2, 2, 2), "day": (2, 4), "month": (2, 4), "quarter": (6,), "year": (6,)}.items():
        starts = sorted({bucket_of(period, t, zone)[0] for t in (month_before, hour, hour + 3600)})
        expected += [(period, start * 10**9, calls) for start, calls in zip(starts, counts, strict=True)]
    assert sorted((r["period"], r["time"], r["calls"]) for r in rows) == sorted(expected)
    [day] = [r for r in rows if r["period"] == "day" and r["calls"] == 4]
    assert day["erlangs"] == pytest.approx(180 / 86400)
    assert day["cost"] == pytest.approx(3.0)
    profile = influxd.rows('SELECT * FROM "profile"', database)
    assert [(r["weekday"], r["hour"], r["calls"], r["held_s"]) for r in profile] == [
        ("6", "22", 2, 90),
        ("1", "22", 2, 90),
        ("1", "23", 2, 90),
    ]


@pytest.mark.parametrize("end", [Influxd.stop, Influxd.kill])
async def test_a_server_ended_and_started_in_the_middle_loses_and_doubles_nothing(
    end: Callable[[Influxd], None], own_influxd: Influxd, feed: MemoryFeed, pauses: Pauses
) -> None:
    own_influxd.create_database("smdr")
    async with running(to(own_influxd, "smdr"), feed, pauses):
        for number in range(20_000):
            feed.add_call(call(number))
            if number == 6_000:
                await feed.until("ok")
            if number == 8_000:
                await asyncio.to_thread(end, own_influxd)
                await feed.until("retrying")
            if number == 14_000:
                await asyncio.to_thread(own_influxd.start)
                await feed.until("ok")
        await feed.caught_up()
    assert count(own_influxd, "smdr") == 20_000
    assert not feed.quarantined


async def test_a_missing_database_is_named_and_everything_arrives_once_it_is_there(
    influxd: Influxd, feed: MemoryFeed, pauses: Pauses
) -> None:
    for number in range(100):
        feed.add_call(call(number))
    async with running(to(influxd, "later"), feed, pauses):
        assert 'create "later" with `smdr influx setup`' in await feed.until("refused")
        assert feed.confirmed == (0, 0)
        influxd.create_database("later")
        await feed.caught_up()
        await feed.until("ok")
    assert count(influxd, "later") == 100


async def test_a_refused_password_keeps_everything_until_it_is_put_right(
    feed: MemoryFeed, pauses: Pauses, tmp_path: Path
) -> None:
    password = tmp_path / "password"
    feed.add_call(call(1))
    with Influxd(tmp_path / "influxd", auth=True) as server:
        server.create_database("smdr")
        server.query("CREATE USER writer WITH PASSWORD 'right'")
        output = to(server, "smdr", username="writer", password_file=password)
        async with running(output, feed, pauses):
            assert "cannot read" in await feed.until("refused")
            password.write_text("wrong\n")
            assert f"the password in {password}" in await feed.until("refused", "answers 401")
            password.write_text("right\n")
            assert 'allow this user or token to write to "smdr"' in await feed.until("refused", "answers 403")
            assert feed.confirmed == (0, 0)
            server.query('GRANT ALL ON "smdr" TO writer')
            await feed.caught_up()
            feed.add_call(call(1, extension="999", former=[WHEN + 1]))
            await feed.caught_up()
        assert count(server, "smdr") == 1


async def test_a_point_of_another_type_is_quarantined_alone(influxd: Influxd, feed: MemoryFeed, pauses: Pauses) -> None:
    database = influxd.create_database()
    influxd.write(f"call,source=other account_code=5i {WHEN}000000000", database)
    for number in range(300):
        feed.add_call(call(number, account_code="12" if number == 77 else None))
    async with running(to(influxd, database), feed, pauses):
        await feed.caught_up()
    assert [call_offset(point) for point in feed.quarantined] == [77 * 80]
    assert "field type conflict" in next(iter(feed.quarantined.values()))
    assert influxd.rows('SELECT sum("calls") AS n FROM "call"', database)[0]["n"] == 299


async def test_points_the_server_cannot_keep_are_quarantined_one_by_one(
    influxd: Influxd, feed: MemoryFeed, pauses: Pauses
) -> None:
    database = influxd.create_database()
    for number in range(40):
        feed.add_call(call(number, department="x" * 70_000 if number in {5, 6, 30} else None))
    async with running(to(influxd, database), feed, pauses):
        await feed.caught_up()
    assert sorted(call_offset(point) for point in feed.quarantined) == [400, 480, 2400]
    assert count(influxd, database) == 37


async def test_a_server_that_refuses_every_point_stops_the_output(
    influxd: Influxd, feed: MemoryFeed, pauses: Pauses
) -> None:
    database = influxd.create_database()
    influxd.write(f'call,source=other calls="one" {WHEN}000000000', database)
    for number in range(300):
        feed.add_call(call(number))
    async with running(to(influxd, database), feed, pauses):
        assert "field type conflict" in await feed.until("refused", "it refuses every point")
        assert len(feed.quarantined) == influxdb.MOST_REFUSED
        assert feed.confirmed == (0, 0)
        influxd.query('DROP MEASUREMENT "call"', database)
        await feed.caught_up()
    assert count(influxd, database) == 300


async def test_a_full_index_stops_the_output_and_loses_nothing(
    feed: MemoryFeed, pauses: Pauses, tmp_path: Path
) -> None:
    with Influxd(tmp_path / "influxd", data="max-series-per-database = 10") as server:
        server.create_database("smdr")
        for number in range(20):
            feed.add_call(call(number))
        async with running(to(server, "smdr"), feed, pauses):
            assert "raise this limit" in await feed.until("refused")
            assert feed.confirmed == (0, 0)
            assert not feed.quarantined


# --- VictoriaMetrics: /api/v2/write through influxdb-client


async def test_calls_arrive_through_the_client_of_2x(
    victoria_metrics: VictoriaMetrics, feed: MemoryFeed, pauses: Pauses, tmp_path: Path
) -> None:
    token_file = tmp_path / "token"
    token_file.write_text("made-up\n")
    output = Output(name="influx", url=victoria_metrics.url, bucket="smdr", org="office", token_file=token_file)
    for number in range(5_000):
        feed.add_call(call(number, start=WHEN + number, department="销售, a=b"))
    feed.add_row(row(bucket_of("hour", WHEN, ZoneInfo(SITE.timezone))[0]))
    async with running(output, feed, pauses):
        await feed.caught_up()
    series = victoria_metrics.export("call_talk_s")
    assert sum(len(one["values"]) for one in series) == 5_000
    assert {one["metric"]["department"] for one in series} == {"销售, a=b"}
    assert {one["metric"]["period"] for one in victoria_metrics.export("traffic_calls")} == {
        "hour",
        "day",
        "month",
        "quarter",
        "year",
    }
    (lines,) = victoria_metrics.export("trunk_hour_needed")
    assert (lines["metric"]["source"], len(lines["values"])) == ("pbx1", 1)


# --- over TLS, by an authority of the site's own


async def test_calls_arrive_over_tls_from_a_server_the_sites_own_authority_vouches_for(
    influxd: Influxd, feed: MemoryFeed, pauses: Pauses, tmp_path: Path
) -> None:
    database, issued = influxd.create_database(), issue(tmp_path)
    feed.add_call(call(1))
    with over_tls(influxd.url, issued) as url:
        unknown = Output(name="influx", url=url, database=database)
        async with running(unknown, feed, pauses):
            await feed.until("retrying", "certificate verify failed")
        async with running(unknown.model_copy(update={"ca_file": issued.key}), feed, pauses):
            await feed.until("refused", "holds no certificates")
        async with running(unknown.model_copy(update={"ca_file": issued.authority}), feed, pauses):
            await feed.caught_up()
    assert count(influxd, database) == 1


async def test_the_client_of_2x_trusts_it_too(
    victoria_metrics: VictoriaMetrics, feed: MemoryFeed, pauses: Pauses, tmp_path: Path
) -> None:
    issued, token_file = issue(tmp_path), tmp_path / "token"
    token_file.write_text("made-up\n")
    feed.add_call(call(1, department="over tls"))
    with over_tls(victoria_metrics.url, issued) as url:
        output = Output(name="influx", url=url, bucket="smdr", token_file=token_file, ca_file=issued.authority)
        async with running(output, feed, pauses):
            await feed.caught_up()
    assert "over tls" in {one["metric"]["department"] for one in victoria_metrics.export("call_talk_s")}


# --- a fake server: faults a real one cannot be made to show


class Fake:
    """An HTTP server that says it is some InfluxDB and answers writes and deletes as a test wants."""

    def __init__(self, version: str = "1.6.7") -> None:
        self.version = version
        self.url = ""
        self.written_to: list[tuple[str, str | None, dict[str, str]]] = []
        self.stored: dict[str, str] = {}
        self.deleted: list[dict[str, Any]] = []
        self.answers: list[Callable[[web.Request, bytes], Awaitable[web.StreamResponse | None]]] = []

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Fake]:
        app = web.Application(client_max_size=1 << 30)
        app.router.add_get("/ping", self._ping)
        app.router.add_post("/write", self._write)
        app.router.add_post("/query", self._query)
        app.router.add_post("/api/v2/write", self._write)
        app.router.add_post("/api/v2/delete", self._delete)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0]
        self.url = f"http://{host}:{port}"
        try:
            yield self
        finally:
            await runner.cleanup()

    async def _ping(self, _: web.Request) -> web.Response:
        return web.Response(status=204, headers={"X-Influxdb-Version": self.version})

    async def _write(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        self.written_to.append((request.path, request.headers.get("Authorization"), dict(request.query)))
        lines = body.decode().split()
        if lines and self.answers:
            answer = await self.answers.pop(0)(request, body)
            if answer is not None:
                return answer
        self.stored |= {line: "" for line in body.decode().splitlines() if line}
        return web.Response(status=204)

    async def _query(self, request: web.Request) -> web.Response:
        self.deleted.append(dict(await request.post()))
        return web.json_response({"results": [{"statement_id": 0}]})

    async def _delete(self, request: web.Request) -> web.Response:
        self.deleted.append({**request.query, **await request.json()})
        return web.Response(status=204)


def answer(status: int, text: str = "", **headers: str) -> Callable[..., Awaitable[web.Response]]:
    async def give(_request: web.Request, _body: bytes) -> web.Response:
        return web.Response(status=status, text=text, headers={k.replace("_", "-"): v for k, v in headers.items()})

    return give


async def hang(_request: web.Request, _body: bytes) -> None:
    await asyncio.sleep(3600)


async def cut(request: web.Request, _body: bytes) -> web.StreamResponse:
    response = web.StreamResponse(status=400, headers={"Content-Length": "100"})
    await response.prepare(request)
    await response.write(b"partial")
    assert request.transport is not None
    request.transport.close()
    return response


@pytest.mark.parametrize("version", ["1.6.7", "v2.7.1"])
@pytest.mark.parametrize(
    ("fault", "state"),
    [
        (answer(500, "no space left on device"), "retrying"),
        (answer(503), "retrying"),
        (answer(429), "retrying"),
        (hang, "retrying"),
        (cut, "retrying"),
        (answer(200, "<html>sign in</html>"), "refused"),
        (answer(302, Location="/elsewhere"), "refused"),
        (answer(401), "refused"),
        (answer(403), "refused"),
        (answer(404), "refused"),
    ],
)
async def test_after_any_fault_everything_is_sent_again(
    version: str, fault: Callable[..., Awaitable[Any]], state: str, feed: MemoryFeed, pauses: Pauses
) -> None:
    for number in range(10):
        feed.add_call(call(number))
    async with Fake(version).serving() as fake:
        fake.answers = [fault, fault]
        output = Output(name="influx", url=fake.url, database="smdr", bucket="smdr", org="office")
        async with running(output, feed, pauses, seconds=0.3):
            await feed.caught_up()
            await feed.until("ok")
        assert len(fake.stored) == 10
    assert [s for s, _ in feed.states] == [state, "ok"]
    assert not feed.quarantined


@pytest.mark.parametrize("status", [200, 503])
@pytest.mark.parametrize("version", ["1.6.7", "1.8.10", "v2.7.1"])
async def test_an_answer_that_never_ends_is_not_kept(
    version: str, status: int, feed: MemoryFeed, pauses: Pauses
) -> None:
    told = 0

    async def babble(request: web.Request, _body: bytes) -> web.StreamResponse:
        nonlocal told
        response = web.StreamResponse(status=status)
        await response.prepare(request)
        with contextlib.suppress(ConnectionError):
            while True:
                await response.write(bytes(1 << 16))
                told += 1 << 16
        return response

    feed.add_call(call(1))
    async with Fake(version).serving() as fake:
        fake.answers = [babble]
        output = Output(name="influx", url=fake.url, database="smdr", bucket="smdr", org="office")
        async with running(output, feed, pauses):
            await feed.caught_up()
        assert len(fake.stored) == 1
    assert 0 < told < 64 << 20


async def test_a_fault_of_the_output_itself_does_not_end_it(
    feed: MemoryFeed, pauses: Pauses, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed.add_call(call(1))
    writer = influxdb.call_point
    monkeypatch.setattr(influxdb, "call_point", lambda *_, **__: 1 // 0)
    async with Fake().serving() as fake:
        async with running(Output(name="influx", url=fake.url, database="smdr"), feed, pauses):
            assert "ZeroDivisionError" in await feed.until("retrying")
            monkeypatch.setattr(influxdb, "call_point", writer)
            await feed.caught_up()
        assert len(fake.stored) == 1


@pytest.mark.parametrize("version", ["1.6.7", "v2.7.1"])
async def test_retry_after_is_honoured_in_seconds_and_as_a_date(version: str, feed: MemoryFeed, pauses: Pauses) -> None:
    feed.add_call(call(1))
    async with Fake(version).serving() as fake:
        fake.answers = [
            answer(503, Retry_After="77"),
            answer(429, Retry_After="Wed, 21 Oct 2099 07:28:00 GMT"),
            answer(503, Retry_After="soon"),
        ]
        output = Output(name="influx", url=fake.url, database="smdr", bucket="smdr")
        async with running(output, feed, pauses):
            await feed.caught_up()
    assert pauses.waits[:3] == [77, 3600, 2]


async def test_waits_grow_to_a_minute_and_start_over_after_success(feed: MemoryFeed, pauses: Pauses) -> None:
    feed.add_call(call(1))
    async with Fake().serving() as fake:
        fake.answers = [answer(500)] * 10
        async with running(Output(name="influx", url=fake.url, database="smdr"), feed, pauses):
            await feed.caught_up()
            assert pauses.waits[:10] == [0.5, 1, 2, 4, 8, 16, 32, 60, 60, 60]
            fake.answers = [answer(500)]
            feed.add_call(call(2))
            await feed.caught_up()
    assert pauses.waits[-1] in {influxdb.FIRST_WAIT_S, influxdb.LINGER_S}
    assert max(pauses.waits[10:]) == 0.5


@pytest.mark.parametrize("version", ["1.6.7", "v2.7.1"])
async def test_too_large_a_body_is_split(version: str, feed: MemoryFeed, pauses: Pauses) -> None:
    async def at_most_4k(_request: web.Request, body: bytes) -> web.Response | None:
        fake.answers.append(at_most_4k)
        return web.Response(status=413) if len(body) > 4096 else None

    for number in range(200):
        feed.add_call(call(number, person="x" * 5000 if number == 50 else None))
    async with Fake(version).serving() as fake:
        fake.answers = [at_most_4k]
        output = Output(name="influx", url=fake.url, database="smdr", bucket="smdr")
        async with running(output, feed, pauses):
            await feed.caught_up()
        assert len(fake.stored) == 199
    assert [call_offset(point) for point in feed.quarantined] == [4000]


async def test_a_retagged_call_is_deleted_first_on_2x(feed: MemoryFeed, pauses: Pauses) -> None:
    """Against a fake: Debian has no package of InfluxDB 2."""
    feed.add_call(call(2, start=WHEN, former=[WHEN]))
    async with Fake("v2.7.1").serving() as fake:
        output = Output(name="influx", url=fake.url, bucket="smdr", org="office")
        async with running(output, feed, pauses):
            await feed.caught_up()
        assert fake.deleted == [
            {
                "bucket": "smdr",
                "org": "office",
                "start": "2026-09-21T14:13:20.000000160Z",
                "stop": "2026-09-21T14:13:20.000000161Z",
                "predicate": '_measurement="call" AND site="hq" AND source="pbx1"',
            }
        ]


async def test_1_8_takes_points_as_2x_and_deletes_as_1x(feed: MemoryFeed, pauses: Pauses, tmp_path: Path) -> None:
    """Against a fake: Debian packages 1.6.7."""
    password = tmp_path / "password"
    password.write_text("secret\n")
    feed.add_call(call(2, start=WHEN, former=[WHEN]))
    async with Fake("1.8.10").serving() as fake:
        output = Output(name="influx", url=fake.url, database="smdr", username="writer", password_file=password)
        async with running(output, feed, pauses):
            await feed.caught_up()
        where = {"org": "", "bucket": "smdr", "precision": "ns"}
        assert fake.written_to[-1] == ("/api/v2/write", "Token writer:secret", where)
        moment = WHEN * 10**9 + 160
        query = (
            f'DELETE FROM "call" WHERE "site"=\'hq\' AND "source"=\'pbx1\' AND time >= {moment} AND time <= {moment}'
        )
        assert fake.deleted == [{"db": "smdr", "q": query}]


async def test_3x_keeps_the_point_with_the_old_tags(feed: MemoryFeed, pauses: Pauses) -> None:
    """Against a fake: Debian has no package of InfluxDB 3. It has no way to delete single points."""
    feed.add_call(call(2, former=[WHEN + 2]))
    async with Fake("3.0.1").serving() as fake:
        async with running(Output(name="influx", url=fake.url, bucket="smdr"), feed, pauses):
            await feed.caught_up()
        assert len(fake.stored) == 1
        assert fake.deleted == []


def count(server: Influxd, database: str) -> int:
    return sum(r["n"] for r in server.rows('SELECT count("calls") AS n FROM "call"', database))


def call_offset(point: str) -> int:
    return int(point.partition("offset=")[2].partition("i")[0])
