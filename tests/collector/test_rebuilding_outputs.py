"""After `smdr reparse` InfluxDB holds what calls.db holds, and nothing of what it held before."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from typing import TYPE_CHECKING, Any

from collector.assembly import accounting_of
from collector.commands.calls import stored
from collector.commands.importing import import_file
from collector.commands.rebuilding import reexport_span, reparse
from collector.config import load
from collector.outputs.influxdb import InfluxOutput
from collector.projector import Projector
from collector.store.feed import StoreFeed
from parsers import formats

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    from servers import Influxd

    from collector.config import Config

LINES = formats.get("panasonic/kx-tda").samples
CONFIG = """[site]
name = "hq"
timezone = "Asia/Shanghai"
data = "data"
plan = "plan.csv"

[[source]]
name = "pbx1"
input = "stdin:"
format = "panasonic/kx-tda"

[[output]]
name = "influx"
url = "{url}"
database = "{database}"
"""


async def send(config: Config) -> None:
    """Run the output until it has nothing more to send."""
    projector = Projector(config, accounting_of(config))
    projector.start()
    feed = StoreFeed(config.site.data / "calls.db", projector)
    sending = asyncio.create_task(InfluxOutput(config.outputs[0], config.site, feed).run())
    async with asyncio.timeout(60):
        while True:
            calls, rollups = await feed.cursor("influx")
            if calls and not await feed.calls_after(calls, 1) and not await feed.rollups_after(rollups, 1):
                break
            await asyncio.sleep(0.05)
    sending.cancel()
    await asyncio.to_thread(projector.stop)
    feed.close()


def counted(influxd: Influxd, database: str, measurement: str, where: str = "") -> dict[str, float]:
    query = f'SELECT sum("calls") FROM "{measurement}" {where} GROUP BY "class"'
    series: Any = influxd.query(query, database)
    return {one["tags"]["class"]: one["values"][0][1] for one in series if one["values"][0][1]}


def collected(folder: Path, url: str, database: str) -> Config:
    (folder / "smdr.toml").write_text(CONFIG.format(url=url, database=database))
    (folder / "plan.csv").write_text("prefix,digits,class,name\n0,,domestic,\n")
    (folder / "capture.log").write_bytes(b"".join(line + b"\r\n" for line in LINES))
    config = load(folder / "smdr.toml")
    import_file(folder / "capture.log", "pbx1", config)
    return config


def test_a_changed_number_plan_leaves_no_old_points(influxd: Influxd, tmp_path: Path) -> None:
    database = influxd.create_database()
    config = collected(tmp_path, influxd.url, database)
    asyncio.run(send(config))
    assert counted(influxd, database, "call")["domestic"]

    (tmp_path / "plan.csv").write_text("prefix,digits,class,name\n0,,mobile,\n")
    calls = reparse(config)
    asyncio.run(send(config))
    now = counted(influxd, database, "call")
    assert "domestic" not in now
    assert sum(now.values()) == calls
    for period in ("hour", "day", "month", "quarter", "year"):
        assert counted(influxd, database, "traffic", f"WHERE \"period\" = '{period}'") == now


def test_some_days_are_sent_again_and_no_others(influxd: Influxd, tmp_path: Path) -> None:
    database = influxd.create_database()
    config = collected(tmp_path, influxd.url, database)
    asyncio.run(send(config))
    everything = counted(influxd, database, "call")
    starts = sorted(dt.datetime.fromisoformat(json.loads(line)["start"]).timestamp() for line in stored(config))
    first, end = starts[1], starts[-1]
    within = [start for start in starts if first <= start < end]
    assert 0 < len(within) < len(starts)
    influxd.query('DROP MEASUREMENT "call"', database)
    influxd.query('DROP MEASUREMENT "traffic"', database)
    assert reexport_span(config, first, end) == len(within)
    asyncio.run(send(config))
    rows = influxd.rows('SELECT "calls" FROM "call"', database)
    assert len(rows) == len(within)
    of_these_hours = [start for start in starts if first - 3600 < start - start % 3600 < end]
    assert sum(counted(influxd, database, "traffic", "WHERE \"period\" = 'hour'").values()) == len(of_these_hours)
    assert reexport_span(config, None, first) + reexport_span(config, end, None) == len(starts) - len(within)
    asyncio.run(send(config))
    assert counted(influxd, database, "call") == everything


def test_a_damaged_database_is_made_anew(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    config = collected(tmp_path, "http://127.0.0.1:1", "smdr")
    before = list(stored(config))
    with (config.site.data / "calls.db").open("r+b") as file:
        file.write(bytes(4096))
    assert reparse(config) == len(before)
    assert list(stored(config)) == before
    assert "start outputs afresh" in caplog.text


ANSWERED = b"30/01/26 09:29     101 02 <I>19900000102            0'04 00:00'05               \r\n"
PASSED_ON = b"30/01/26 09:31     110 02 <I>19900000102            0'08 00:02'22            TR \r\n"
"""It went on from the same call, and by its own count began 21 seconds before it: stamps are whole minutes."""


async def test_a_transfer_that_moves_a_calls_start_leaves_no_point_at_the_old_one(
    tmp_path: Path, influxd: Influxd
) -> None:
    database = influxd.create_database()
    config = collected(tmp_path, influxd.url, database)
    for part, record in enumerate((ANSWERED, PASSED_ON)):
        (tmp_path / f"{part}.log").write_bytes(record)
        await asyncio.to_thread(import_file, tmp_path / f"{part}.log", "pbx1", config)
        await send(config)
    points = influxd.rows("""SELECT "calls", "legs" FROM "call" WHERE "number" = '19900000102'""", database)
    assert [(point["calls"], point["legs"]) for point in points] == [(1, 2)]
    stored_calls = [line for line in stored(config) if '"19900000102"' in line]
    assert len(stored_calls) == 1
