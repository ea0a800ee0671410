"""Judging by itself: what is urgent is an alarm until something is done; what keeps calls from being judged is one, too."""

from __future__ import annotations

import datetime as dt
import fcntl
import sqlite3
import time
from contextlib import asynccontextmanager, closing
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from collector.alarms.board import Board
from collector.commands.judging import judge_span
from collector.config import load
from collector.rules.schedule import LONGEST_S, Judging
from collector.rules.violation import Key
from collector.store import violations
from collector.store.events_db import EventsDb, standing
from collector.store.office_db import writing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from offices import Office

NIGHT = "[rules]\nfraud_night_calls = 2\n"


@pytest.fixture
def robbed(office: Office) -> Office:
    """An office of which a phone made two calls last night."""
    path = office.config.path
    path.write_text(path.read_text(encoding="utf-8") + NIGHT, encoding="utf-8")
    site = office._replace(config=load(path))
    now = dt.datetime.now(ZoneInfo("Asia/Shanghai"))
    for number in range(2):
        line = f"{now:%d/%m/%y} 12:0{number}AM   117 09 02155501234                    00:01'05               \r\n"
        site.journal(line.encode(), at=now.timestamp())
    site.project()
    return site


@asynccontextmanager
async def judging(site: Office, longest_s: float = LONGEST_S) -> AsyncIterator[Judging]:
    """As after a start of the collector."""
    events = EventsDb(site.config.site.data / "events.db")
    board = Board(events, (), time.time)
    await board.resume()
    yield Judging(site.config, board, longest_s)
    events.close()


def alarms(site: Office) -> list[tuple[str, str, str]]:
    return [(kind, subject, sentence) for kind, subject, _, sentence in standing(site.config.site.data)]


async def test_fraud_is_an_alarm_until_something_is_done_over_restarts(robbed: Office) -> None:
    for _ in range(2):
        async with judging(robbed) as one:
            await one.judge()
            assert alarms(robbed) == [("rule", "fraud-night pbx1:0", "Phone 117: 2 calls of one phone in the night.")]
    with writing(robbed.config.site.data) as db:
        violations.note(db, Key("fraud-night", "pbx1", 0), "explained", "Li", "the night shift")
    async with judging(robbed) as one:
        await one.judge()
    assert alarms(robbed) == []


async def test_only_the_rules_that_are_wanted_are_alarms(robbed: Office) -> None:
    path = robbed.config.path
    path.write_text(path.read_text(encoding="utf-8") + "alarm = []\n", encoding="utf-8")
    async with judging(robbed) as one:
        await one.judge()
    assert alarms(robbed) == []


async def test_a_locked_office_db_is_an_alarm_and_judged_when_it_is_free(robbed: Office) -> None:
    judge_span(robbed.config, dt.date(2026, 1, 1), dt.date(2026, 1, 1))  # there is an office.db
    async with judging(robbed) as one:
        with closing(sqlite3.connect(robbed.config.site.data / "office.db", isolation_level=None)) as db:
            db.execute("BEGIN IMMEDIATE")
            await one.judge()
            ((kind, subject, sentence),) = alarms(robbed)
            assert (kind, subject) == ("judging", "hq")
            assert "database is locked. It is tried again." in sentence
            db.execute("ROLLBACK")
        await one.judge()
    assert [kind for kind, *_ in alarms(robbed)] == ["rule"]


async def test_who_keeps_office_db_for_himself_is_not_waited_for_for_ever(robbed: Office) -> None:
    async with judging(robbed, longest_s=3) as one:
        with (robbed.config.site.data / "office.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            await one.judge()
    ((kind, _, sentence),) = alarms(robbed)
    assert (kind, "perhaps another process holds office.db" in sentence) == ("judging", True)


async def test_a_spoiled_configuration_is_told(robbed: Office) -> None:
    path = robbed.config.path
    whole = path.read_text(encoding="utf-8")
    async with judging(robbed) as one:
        path.write_text(whole.replace("[site]", "[sight]"), encoding="utf-8")
        await one.judge()
        assert 'unknown table or key "sight"' in alarms(robbed)[0][2]
        path.write_text(whole, encoding="utf-8")
        await one.judge()
    assert [kind for kind, *_ in alarms(robbed)] == ["rule"]
