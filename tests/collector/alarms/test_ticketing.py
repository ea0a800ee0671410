"""Alarms have their tickets while a collector runs, though nobody looks."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from servers import free_port

from collector.alarms.ticketing import Ticketing
from collector.office import tickets
from collector.store.events_db import EventsDb
from collector.store.office_db import peeking, writing

if TYPE_CHECKING:
    from offices import Office

    from collector.office.tickets import Ticket

SMDR = Path(sys.executable).with_name("smdr")


def kept(data: Path) -> list[Ticket]:
    with peeking(data) as db:
        return tickets.tickets(db) if db is not None else []


async def test_an_alarm_opens_a_ticket_and_its_end_is_noted_though_nobody_ever_looked(office: Office) -> None:
    data, ticketing = office.config.site.data, Ticketing(office.config)
    events = EventsDb(data / "events.db")
    await ticketing.look()
    await events.raise_alarm("rule", "a call", time.time(), "That is no fault of the equipment.", ())
    await ticketing.look()
    assert not (data / "office.db").exists()
    raised = await events.raise_alarm("link", "pbx1", time.time(), "The link has been down for 5 min.", ())
    await ticketing.look()
    (one,) = kept(data)
    assert (one.by, one.equipment, one.alarm_stands) == ("smdr", "pbx1", True)
    await events.clear_alarm(raised, time.time(), "Connected.", ())
    await ticketing.look()
    (one,) = kept(data)
    assert ([event.what for event in one.events], one.state) == (["raised", "recovered"], "reported")
    events.close()


async def test_what_is_held_by_another_is_said_once_and_done_later(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    data = office.config.site.data
    with writing(data):
        pass
    events = EventsDb(data / "events.db")
    await events.raise_alarm("disk", "data", time.time(), "The disk is full.", ())
    ticketing = Ticketing(office.config, longest_s=2)
    with writing(data), caplog.at_level(logging.WARNING):
        await ticketing.look()
        await ticketing.look()
    assert len([one for one in caplog.messages if "perhaps another process holds office.db" in one]) == 1
    assert kept(data) == []
    await Ticketing(office.config).look()
    assert len(kept(data)) == 1
    events.close()


async def test_an_office_db_that_is_damaged_stops_nothing(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    data = office.config.site.data
    events = EventsDb(data / "events.db")
    await events.raise_alarm("disk", "data", time.time(), "The disk is full.", ())
    (data / "office.db").write_bytes(b"no database" * 1000)
    with caplog.at_level(logging.WARNING):
        await Ticketing(office.config).look()
    assert any("office.db cannot be read" in one for one in caplog.messages)
    events.close()


@pytest.mark.timeout(180)
def test_a_collector_without_a_console_opens_the_ticket_of_its_alarm(tmp_path: Path) -> None:
    config = tmp_path / "smdr.toml"
    config.write_text(
        '[site]\nname = "hq"\ntimezone = "Asia/Shanghai"\ndata = "data"\n\n'
        f'[[source]]\nname = "pbx1"\ninput = "tcp-listen://127.0.0.1:{free_port()}"\nformat = "panasonic/kx-td"\n'
    )
    events = EventsDb(tmp_path / "data" / "events.db")
    asyncio.run(events.raise_alarm("backup", "hq", time.time(), "The backup failed.", ()))
    events.close()
    with config.with_name("run.log").open("wb") as log:
        process = subprocess.Popen([SMDR, "run", "-c", config], stdout=log, stderr=log, env=os.environ)
        while process.poll() is None and not kept(tmp_path / "data"):
            time.sleep(0.2)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    (one,) = kept(tmp_path / "data")
    assert one.by == "smdr"
