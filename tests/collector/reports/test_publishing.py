"""Reports by themselves: published once in each way, over restarts, and again only where it failed."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import signal
import subprocess
import sys
import time
from contextlib import asynccontextmanager, closing
from email import message_from_bytes
from email.header import decode_header, make_header
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest
from aiosmtpd.controller import Controller
from offices import kx_td_line
from servers import free_port

from collector.alarms.board import Board
from collector.config import ConfigError, PublishedReport, load
from collector.reports.publishing import RETRY_S, Publisher, last_ended
from collector.store import publications
from collector.store.database import open_reader, open_writer
from collector.store.events_db import EventsDb, published, standing
from collector.store.publications import MadeOf, Publication

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from email.message import Message
    from pathlib import Path

    from offices import Office

    from collector.config import Config

ZONE = ZoneInfo("Asia/Shanghai")
MORNING = dt.datetime(2026, 9, 1, 6, 0, tzinfo=ZONE).timestamp()
DAY_S = 86_400


class Mailbox:
    """What a mail server was given; it refuses while it is told to."""

    def __init__(self) -> None:
        self.mails: list[Message] = []
        self.refuses = False

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:  # noqa: N802
        if self.refuses:
            return "451 try again later"
        self.mails.append(message_from_bytes(envelope.content))
        return "250 taken"

    @property
    def subjects(self) -> list[str]:
        return [str(make_header(decode_header(mail["Subject"]))) for mail in self.mails]


class Desk(NamedTuple):
    """An office that publishes a report each month, and where it arrives."""

    config: Config
    box: Mailbox
    folder: Path
    clock: list[float]

    @asynccontextmanager
    async def publisher(self) -> AsyncIterator[Publisher]:
        events = EventsDb(self.config.site.data / "events.db")
        board = Board(events, (), lambda: self.clock[0])
        await board.resume()
        yield Publisher(self.config, events, board, lambda: self.clock[0])
        events.close()

    async def publish(self) -> None:
        async with self.publisher() as publisher:
            await publisher.publish_due()

    @property
    def files(self) -> list[str]:
        return sorted(file.name for file in self.folder.iterdir()) if self.folder.exists() else []


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    box, port = Mailbox(), free_port()
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    yield box, port
    server.stop()


def configured(office: Office, port: int, *keys: str) -> Config:
    path = office.config.path
    text = path.read_text(encoding="utf-8")
    report = "\n".join(("[[report]]", 'name = "monthly"', 'kind = "department"', 'folder = "published"', *keys))
    alarms = f'[alarms]\nmail_server = "smtp://127.0.0.1:{port}"\n'
    path.write_text(f"{text}\n{alarms}\n{report}\n", encoding="utf-8")
    return load(path)


@pytest.fixture
def desk(office: Office, mailbox: tuple[Mailbox, int]) -> Desk:
    box, port = mailbox
    office.journal(kx_td_line(1), at=dt.datetime(2026, 8, 10, 12, 51, tzinfo=ZONE).timestamp())
    office.project()
    config = configured(office, port, 'to = ["office@example.com", "boss@example.com"]', 'format = "csv"')
    return Desk(config, box, config.path.with_name("published"), [MORNING])


async def test_it_is_published_once_after_the_period_over_restarts(desk: Desk) -> None:
    for _ in range(3):
        await desk.publish()
    assert desk.files == ["monthly-2026-08.csv"]
    assert (desk.folder / "monthly-2026-08.csv").stat().st_mode & 0o777 == 0o640
    assert desk.box.subjects == ["[hq] 部门话费统计 2026-08"]
    (mail,) = desk.box.mails
    assert mail["To"] == "office@example.com, boss@example.com"
    assert mail["Message-ID"] == "<hq.report.monthly.2026-08@smdr-collector>"
    text, attached = mail.get_payload()  # type: ignore[misc]
    assert attached.get_filename() == "monthly-2026-08.csv"  # type: ignore[union-attr]
    data = attached.get_payload(decode=True)  # type: ignore[union-attr]
    assert data == (desk.folder / "monthly-2026-08.csv").read_bytes()
    assert data.decode("utf-8-sig").splitlines()[-1].split(",")[2] == "1"
    assert "2026-08" in text.get_payload(decode=True).decode()  # type: ignore[union-attr]


async def test_a_collector_that_was_stopped_for_months_publishes_each(desk: Desk) -> None:
    desk.clock[0] -= DAY_S  # the last of August, and August is not over
    await desk.publish()
    desk.clock[0] += 65 * DAY_S
    await desk.publish()
    await desk.publish()
    assert desk.files == [f"monthly-2026-{month}.csv" for month in ("07", "08", "09", "10")]
    assert [subject[-7:] for subject in desk.box.subjects] == ["2026-07", "2026-08", "2026-09", "2026-10"]


async def test_what_the_mail_server_refuses_is_tried_again_and_the_folder_is_not(desk: Desk) -> None:
    desk.box.refuses = True
    async with desk.publisher() as publisher:
        await publisher.publish_due()
        (alarm,) = standing(desk.config.site.data)
        assert alarm[:2] == ("report", "monthly")
        assert "try again later" in alarm[3]
        assert desk.files == ["monthly-2026-08.csv"]
        (desk.folder / "monthly-2026-08.csv").unlink()
        desk.box.refuses = False
        await publisher.publish_due()  # not before its time
        assert desk.box.mails == []
        desk.clock[0] += RETRY_S
        await publisher.publish_due()
        await publisher.publish_due()
    assert len(desk.box.mails) == 1
    assert desk.files == []
    assert standing(desk.config.site.data) == []
    with closing(open_reader(desk.config.site.data / "events.db")) as db:
        rows = db.execute("SELECT report, period, way, attempts, error FROM publications ORDER BY way").fetchall()
    assert rows == [("monthly", "2026-08", "folder", 1, None), ("monthly", "2026-08", "mail", 2, None)]


async def test_of_what_a_file_was_made_stays_noted_when_the_report_becomes_another(desk: Desk) -> None:
    await desk.publish()
    path = desk.config.path
    path.write_text(path.read_text(encoding="utf-8").replace('"department"', '"person"\nunmasked = true'))
    later = desk._replace(config=load(path), clock=[MORNING + 30 * DAY_S])
    await later.publish()
    assert published(desk.config.site.data) == {
        ("monthly", "2026-08"): MadeOf("department", None, unmasked=False),
        ("monthly", "2026-09"): MadeOf("person", None, unmasked=True),
    }


async def test_what_an_older_release_published_is_settled_at_the_first_start(desk: Desk) -> None:
    await desk.publish()
    events = desk.config.site.data / "events.db"
    with closing(open_writer(events)) as db:
        db.execute("UPDATE publications SET kind = NULL, narrowed = NULL, unmasked = NULL")
        publications.enter(db, [Publication("monthly", "2026-09", "folder")])
    assert published(desk.config.site.data) == {}
    async with desk.publisher() as publisher:
        running = asyncio.create_task(publisher.run())
        while not published(desk.config.site.data):  # noqa: ASYNC110  (there is no event for it)
            await asyncio.sleep(0.1)
        running.cancel()
    assert published(desk.config.site.data)["monthly", "2026-08"] == MadeOf("department", None, unmasked=False)


async def test_a_report_that_cannot_be_made_is_an_alarm_and_made_later(desk: Desk) -> None:
    whole = desk.config.path.read_text(encoding="utf-8")
    desk.config.path.write_text(whole.replace("[site]", "[sight]"), encoding="utf-8")
    await desk.publish()
    assert 'unknown table or key "sight"' in standing(desk.config.site.data)[0][3]
    assert desk.files == []
    desk.config.path.write_text(whole, encoding="utf-8")
    await desk.publish()
    assert desk.files == ["monthly-2026-08.csv"]
    assert len(desk.box.mails) == 1
    assert standing(desk.config.site.data) == []


async def test_stopping_while_a_report_is_made_leaves_it_to_the_next_start(desk: Desk) -> None:
    async with desk.publisher() as publisher:
        publishing = asyncio.create_task(publisher.publish_due())
        await asyncio.sleep(0.2)
        publishing.cancel()
        await asyncio.gather(publishing, return_exceptions=True)
    assert desk.files == []
    await desk.publish()
    assert desk.files == ["monthly-2026-08.csv"]
    assert len(desk.box.mails) == 1


@pytest.mark.parametrize(
    ("period", "now", "expected"),
    [
        ("month", "2026-09-01T05:59", "2026-07"),
        ("month", "2026-09-01T06:00", "2026-08"),
        ("quarter", "2027-01-01T06:00", "2026-Q4"),
        ("year", "2026-12-31T23:59", "2025"),
        ("week", "2026-11-30T06:00", "2026-W48"),
        ("day", "2026-03-01T06:00", "2026-02-28"),
    ],
)
def test_when_a_period_is_over(period: Any, now: str, expected: str) -> None:
    report = PublishedReport(name="a", kind="trunk", period=period)
    assert last_ended(report, dt.datetime.fromisoformat(now).replace(tzinfo=ZONE)).name == expected


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ('name = "a"\nkind = "person"', '[[report]] needs "folder" or "to"'),
        ('name = "a"\nkind = "persons"\nfolder = "out"', '"persons" is not a valid "kind"'),
        ('name = "a"\nkind = "number"\nfolder = "out"\nof = "138"', 'a report of kind "number" is of all'),
        ('name = "a"\nkind = "budgets"\nfolder = "out"', "there are no budgets"),
        ('name = "a"\nkind = "operators"\nfolder = "out"', "there is no roster"),
        ('name = "a"\nkind = "operators"\nfolder = "out"\nsite = "hq"', "a report of operators is of all sites"),
        ('name = "a"\nkind = "person"\nto = ["office"]', "office"),
        ('name = "a"\nkind = "person"\nfolder = "out"\nat = "24:00"', "24:00"),
    ],
)
def test_what_is_wrong_with_a_report_is_said_with_its_place(office: Office, written: str, told: str) -> None:
    path = office.config.path
    path.write_text(f"{path.read_text(encoding='utf-8')}\n[[report]]\n{written}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as wrong:
        load(path)
    assert any(told in problem.message for problem in wrong.value.errors)
    assert all(problem.line >= 18 for problem in wrong.value.errors)


def test_a_killed_collector_does_not_mail_again(office: Office, mailbox: tuple[Mailbox, int]) -> None:
    box, port = mailbox
    config = configured(
        office, port, 'period = "day"', 'at = "00:00"', 'to = ["office@example.com"]', 'format = "text"'
    )
    yesterday = (dt.datetime.now(ZONE) - dt.timedelta(days=1)).date()
    for _ in range(2):
        collector = _started(config.path)
        try:
            _until(lambda: len(box.mails) == 1)
            _until(lambda: _published(config) == 2)
            time.sleep(7)  # one more look
        finally:
            os.kill(collector.pid, signal.SIGKILL)
            collector.wait()
    assert box.subjects == [f"[hq] 部门话费统计 {yesterday}"]


def _started(path: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", "from collector.cli import main; main()", "run", "-c", str(path)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _published(config: Config) -> int:
    try:
        with closing(open_reader(config.site.data / "events.db")) as db:
            return int(db.execute("SELECT count(*) FROM publications WHERE published IS NOT NULL").fetchone()[0])
    except Exception:  # noqa: BLE001  (not made yet)
        return 0


def _until(happened: Any) -> None:
    deadline = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.1)
