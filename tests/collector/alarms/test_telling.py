"""Alarms are told once each, and their end once: to a real SMTP server, a webhook, and over restarts."""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web
from aiosmtpd.controller import Controller
from certificates import issue
from servers import free_port

from collector.alarms.board import Board
from collector.alarms.telling import Teller, channels_of
from collector.config import Alarms, Site
from collector.store.events_db import EventsDb, standing
from collector.tls import server_context

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

SITE = Site(name="hq", timezone="Asia/Shanghai")
NOON = 1_772_424_000.0


class Mailbox:
    """What a mail server was given; it refuses while it is told to."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []
        self.refuses = False

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:  # noqa: N802
        if self.refuses:
            return "451 try again later"
        self.mails.append(envelope.content)
        return "250 taken"


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, Alarms]]:
    box, port = Mailbox(), free_port()
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    yield box, Alarms(mail_to=("pbx@example.com",), mail_server=f"smtp://127.0.0.1:{port}")
    server.stop()


@asynccontextmanager
async def events_of(folder: Path) -> AsyncIterator[EventsDb]:
    events = EventsDb(folder / "events.db")
    yield events
    events.close()


async def test_an_alarm_and_its_end_are_mailed_once_each(tmp_path: Path, mailbox: tuple[Mailbox, Alarms]) -> None:
    box, alarms = mailbox
    async with events_of(tmp_path) as events:
        channels = channels_of(SITE, alarms)
        board, teller = Board(events, tuple(channels), lambda: NOON), Teller(events, channels)
        for wrong in ("No record for 12 min.", "No record for 13 min.", None, None):
            await board.show("silence", "pbx1", wrong, "Records come again.")
            await teller.tell_due()
            await teller.tell_due()
    mails = [message_from_bytes(mail) for mail in box.mails]
    assert [mail["Subject"] for mail in mails] == ["[hq] silence pbx1", "[hq] over: silence pbx1"]
    bodies = [str(mail.get_payload()) for mail in mails]
    assert "No record for 12 min." in bodies[0]
    assert "2026-03-02 12:00:00 CST" in bodies[0]
    assert bodies[1].startswith("Records come again.")
    assert len({mail["Message-ID"] for mail in mails}) == 2


async def test_a_server_that_refuses_is_told_later_and_after_a_restart(
    tmp_path: Path, mailbox: tuple[Mailbox, Alarms], caplog: pytest.LogCaptureFixture
) -> None:
    box, alarms = mailbox
    box.refuses = True
    async with events_of(tmp_path) as events:
        channels = channels_of(SITE, alarms)
        await Board(events, tuple(channels), lambda: NOON).show("disk", "data", "Full.", "")
        teller = Teller(events, channels)
        await teller.tell_due()
        await teller.tell_due()  # not before its time
        assert caplog.text.count("cannot be told by mail") == 1
    box.refuses = False
    async with events_of(tmp_path) as events:
        await Teller(events, channels_of(SITE, alarms)).tell_due()
        assert await events.due() == []
    assert len(box.mails) == 1


async def test_a_webhook_is_posted_json_with_its_token_and_a_key_that_stays(tmp_path: Path) -> None:
    posts: list[tuple[dict[str, str], dict[str, Any]]] = []

    async def take(request: web.Request) -> web.Response:
        posts.append((dict(request.headers), await request.json()))
        return web.Response(status=500 if len(posts) == 1 else 204)

    app = web.Application()
    app.router.add_post("/alarms", take)
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    token = tmp_path / "token"
    token.write_text("secret-of-the-hook\n")
    alarms = Alarms(webhook=f"http://127.0.0.1:{port}/alarms", webhook_token_file=token)
    async with events_of(tmp_path) as events:
        channels = channels_of(SITE, alarms)
        await Board(events, tuple(channels), lambda: NOON).show("clock", "pbx1", "An hour off.", "")
        await Teller(events, channels).tell_due()
        await Teller(events, channels).tell_due()
    await runner.cleanup()
    (first, body), (second, again) = posts
    assert body == again
    assert json.dumps(body) == json.dumps(
        {
            "id": 1,
            "site": "hq",
            "kind": "clock",
            "subject": "pbx1",
            "event": "raised",
            "at": "2026-03-02T12:00:00+08:00",
            "sentence": "An hour off.",
        }
    )
    assert first["Authorization"] == "Bearer secret-of-the-hook"
    assert first["Idempotency-Key"] == second["Idempotency-Key"] == "hq-1-raised"


async def test_what_somebody_wrote_adds_no_header_to_a_mail_and_does_not_end_the_telling(
    tmp_path: Path, mailbox: tuple[Mailbox, Alarms]
) -> None:
    box, alarms = mailbox
    site = Site(name="总部 hq", timezone="Asia/Shanghai")
    async with events_of(tmp_path) as events:
        channels = channels_of(site, alarms)
        board, teller = Board(events, tuple(channels), lambda: NOON), Teller(events, channels)
        await board.show("inspection", "batteries\r\nBcc: elsewhere@example.com\x85\x1c", "Due.\r\n.\r\nQUIT", "")
        await teller.tell_due()
    (mail,) = box.mails
    read = message_from_bytes(mail, policy=policy.default)
    assert read["Subject"] == r"[总部 hq] inspection batteries\r\nBcc: elsewhere@example.com\x85\x1c"
    assert read["Bcc"] is None
    assert "QUIT" in read.get_content()
    assert read["Message-ID"].isascii()
    assert " " not in read["Message-ID"]


async def test_a_webhook_is_not_posted_to_where_it_is_led(tmp_path: Path) -> None:
    led: list[str] = []

    async def lead(_request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": "/elsewhere"})

    async def elsewhere(request: web.Request) -> web.Response:
        led.append(request.method)
        return web.Response()

    app = web.Application()
    app.router.add_post("/alarms", lead)
    app.router.add_route("*", "/elsewhere", elsewhere)
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    async with events_of(tmp_path) as events:
        channels = channels_of(SITE, Alarms(webhook=f"http://127.0.0.1:{port}/alarms"))
        await Board(events, tuple(channels), lambda: NOON).show("clock", "pbx1", "An hour off.", "")
        await Teller(events, channels).tell_due()
        assert [delivery.sentence for delivery in await events.due()] == ["An hour off."]
    await runner.cleanup()
    assert led == []


@pytest.mark.parametrize("trusted", [["authority.pem"], []])
async def test_a_webhook_and_a_mail_server_are_trusted_by_the_sites_own_authority(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, trusted: list[str]
) -> None:
    issued, posts, box = issue(tmp_path), [], Mailbox()
    serving = server_context(issued.certificate, issued.key)

    async def take(request: web.Request) -> web.Response:
        posts.append(await request.json())
        return web.Response()

    app = web.Application()
    app.router.add_post("/alarms", take)
    runner = web.AppRunner(app)
    await runner.setup()
    ports = free_port(), free_port()
    await web.TCPSite(runner, "127.0.0.1", ports[0], ssl_context=serving).start()
    server = Controller(box, hostname="127.0.0.1", port=ports[1], ssl_context=serving)
    await asyncio.to_thread(server.start)
    alarms = Alarms(
        webhook=f"https://127.0.0.1:{ports[0]}/alarms",
        mail_to=("pbx@example.com",),
        mail_server=f"smtps://127.0.0.1:{ports[1]}",
        ca_file=tmp_path / trusted[0] if trusted else None,
    )
    async with events_of(tmp_path) as events:
        channels = channels_of(SITE, alarms)
        await Board(events, tuple(channels), lambda: NOON).show("disk", "data", "Full.", "")
        await Teller(events, channels).tell_due()
    await asyncio.to_thread(server.stop)
    await runner.cleanup()
    assert len(posts) == len(box.mails) == len(trusted)
    assert caplog.text.lower().count("certificate verify failed") == (0 if trusted else 2)


async def test_alarms_stand_over_a_restart_and_are_not_raised_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with events_of(tmp_path) as events:
        await Board(events, (), lambda: NOON).show("link", "pbx1", "Down.", "")
    assert standing(tmp_path) == [("link", "pbx1", NOON, "Down.")]
    async with events_of(tmp_path) as events:
        board = Board(events, (), lambda: NOON + 60)
        await board.resume()
        await board.show("link", "pbx1", "Down.", "")
        await board.show("link", "pbx1", None, "Up.")
    assert caplog.text.count("ALARM link pbx1") == 1
    assert caplog.text.count("is over: Up.") == 1
    assert standing(tmp_path) == []


async def test_what_is_not_configured_any_more_alarms_no_more(tmp_path: Path) -> None:
    async with events_of(tmp_path) as events:
        board = Board(events, (), lambda: NOON)
        await board.show("link", "gone", "Down.", "")
        await board.show("link", "pbx1", "Down.", "")
        await board.forget({"link": {"pbx1"}})
    assert [subject for _, subject, _, _ in standing(tmp_path)] == ["pbx1"]


async def test_a_damaged_file_of_events_is_set_aside_and_a_new_one_begun(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "events.db").write_bytes(b"SQLite format 3\0" + bytes(5000))
    async with events_of(tmp_path) as events:
        board = Board(events, (), lambda: NOON)
        with pytest.raises(sqlite3.DatabaseError):
            await board.show("link", "pbx1", "Down.", "")
        await board.show("link", "pbx1", "Down.", "")
    assert [subject for _, subject, _, _ in standing(tmp_path)] == ["pbx1"]
    assert "set aside" in caplog.text
    assert "damaged" in caplog.text
