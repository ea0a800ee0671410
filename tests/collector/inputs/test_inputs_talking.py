"""Conversations on real links."""

from __future__ import annotations

import asyncio
import contextlib
import os
import tty
from typing import TYPE_CHECKING, Self

import pytest
from offices import kx_td_line
from recording import PATIENCE, QuickClock, Recorder, reading, talking
from test_inputs_tcp import free_port

from collector.conversations import BANNER, CONTROL, nec, sopho
from collector.conversations.login import Login
from collector.conversations.sopho import Sopho
from collector.inputs.talking import talk

if TYPE_CHECKING:
    from pathlib import Path

RECORD = kx_td_line(1)
OFTEN = 4


class PanasonicPort:
    """The record port of a Panasonic: one session, a prompt, echo, a password."""

    def __init__(self, password: bytes = b"PCCSMDR", *, busy: bool = False) -> None:
        self.password = password
        self.sessions = 0
        self.busy = busy
        self.records: asyncio.Queue[bytes] = asyncio.Queue()
        self.typed: list[bytes] = []

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"tcp://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.sessions += 1
        try:
            if self.busy:
                writer.write(b"\rRejected\r\n")
                return
            writer.write(b"\r\n-")
            if await self._line(reader, writer, hidden=False) == b"SMDR":
                asked = 0
                while asked < 3:
                    writer.write(b"Enter Password:")
                    if await self._line(reader, writer, hidden=True) == self.password:
                        break
                    asked += 1
                while record := await self.records.get():
                    writer.write(record)
        except asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()

    async def _line(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, hidden: bool) -> bytes:
        typed = b""
        while (key := await reader.readexactly(1)) != b"\r":
            typed += key
            writer.write(b"*" if hidden else key)
        writer.write(b"\r\n")
        self.typed.append(typed)
        return typed


async def test_panasonic_sends_its_records_after_the_login_every_time(tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("made-up\n")
    sink = Recorder()
    async with PanasonicPort(b"made-up") as pbx:
        of = talking(pbx.url, conversation="panasonic", password_file=secret)
        async with reading(of, sink, QuickClock()):
            for session in (1, 2):
                pbx.records.put_nowait(RECORD)
                await sink.until_bytes(RECORD * session)
                pbx.records.put_nowait(b"")
                await sink.until(lambda session=session: sink.states.count("closed") == session)  # type: ignore[misc]
    assert pbx.typed[:4] == [b"SMDR", b"made-up"] * 2
    assert sink.bytes_of(BANNER).startswith(b"\r\n-SMDR\r\nEnter Password:*******\r\n")
    assert [opened for lane, _, opened in sink.chunks if lane == 0] == [True, True]
    assert [data for lane, data, opened in sink.chunks if lane == BANNER and opened] == [b"\r\n-", b"\r\n-"]


async def test_nothing_is_answered_before_what_was_asked_is_on_disk() -> None:
    sink = Recorder()
    sink.disk.clear()
    async with PanasonicPort() as pbx, reading(talking(pbx.url, conversation="panasonic"), sink):
        await sink.until(lambda: sink.bytes_of(BANNER) == b"\r\n-")
        assert pbx.typed == []
        sink.disk.set()
        pbx.records.put_nowait(RECORD)
        await sink.until_bytes(RECORD)


async def test_a_wrong_password_is_told_without_it(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    secret = tmp_path / "password"
    secret.write_text("mistaken")
    sink = Recorder()
    async with (
        PanasonicPort() as pbx,
        reading(talking(pbx.url, conversation="panasonic", password_file=secret), sink, QuickClock()),
    ):
        assert "asks for the password again" in await sink.until_link("failed")
    assert sink.bytes_of() == b""
    assert "mistaken" not in caplog.text + str(sink.links)


async def test_a_busy_port_is_told_and_tried_again() -> None:
    sink = Recorder()
    async with PanasonicPort(busy=True) as pbx, reading(talking(pbx.url, conversation="panasonic"), sink, QuickClock()):
        await sink.until_link("failed", "another program is logged in")
        pbx.busy = False
        pbx.records.put_nowait(RECORD)
        await sink.until_bytes(RECORD)


async def test_a_password_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    sink = Recorder()
    async with PanasonicPort() as pbx:
        of = talking(pbx.url, conversation="panasonic", password_file=tmp_path / "none")
        async with reading(of, sink, QuickClock()):
            sentence = await sink.until_link("failed")
    assert sentence == f"The password cannot be read from {tmp_path}/none: No such file or directory."


async def test_a_pbx_that_shows_no_prompt_is_given_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Login, "every", 0.05)
    sink = Recorder()
    async with await asyncio.start_server(lambda *_: asyncio.sleep(60), "127.0.0.1", port := free_port()):
        of = talking(f"tcp://127.0.0.1:{port}", login=(("login:", "smdr\r"),))
        async with reading(of, sink, QuickClock()):
            assert 'did not show "login:" within' in await sink.until_link("failed")


async def test_a_login_is_held_on_a_serial_port_too(tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("made-up\n")
    pbx, line = os.openpty()
    tty.setraw(pbx)
    sink = Recorder()
    of = talking(
        f"serial:{os.ttyname(line)}",
        login=(("", "\r"), ("login:", "smdr\r"), ("Password:", "{password}\r")),
        password_file=secret,
    )
    async with reading(of, sink):
        await sink.until_link("open")
        assert await asyncio.to_thread(os.read, pbx, 100) == b"\r"
        os.write(pbx, b"Login: ")
        assert await asyncio.to_thread(os.read, pbx, 100) == b"smdr\r"
        os.write(pbx, b"smdr\r\nPassword:")
        assert await asyncio.to_thread(os.read, pbx, 100) == b"made-up\r"
        os.write(pbx, b"\r\n" + RECORD)
        await sink.until_bytes(RECORD)
    os.close(pbx)
    os.close(line)


async def test_nec_hands_out_a_record_for_each_request_and_again_until_it_is_on_disk(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(nec.Nec, "every", 0.05)
    sink = Recorder()
    records = [b"\x020!KA%03d\x03" % number for number in range(15)]
    waiting = list(enumerate(records))
    confirmed: list[int] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.read(7):
            data = await reader.readexactly(int(head[2:]) + 1)
            if head[1:2] == b"4" and waiting and int(data[2:3]) == waiting[0][0] % 10:
                assert sink.disk.is_set()
                confirmed.append(waiting.pop(0)[0])
            elif head[1:2] == b"1":
                number, record = waiting[0] if waiting else (0, b"")
                writer.write(nec.frame(b"2", b"00%d" % (number % 10) + record) if record else nec.frame(b"3", b"001"))

    sink.disk.clear()
    async with (
        await asyncio.start_server(serve, "127.0.0.1", port := free_port()),
        reading(talking(f"tcp://127.0.0.1:{port}", conversation="nec"), sink),
    ):
        await sink.until_link("open")
        sink.disk.set()
        await sink.until_bytes(b"".join(records))
        await sink.until(lambda: len(confirmed) == len(records))
    assert confirmed == list(range(15))


async def test_an_omnipcx_sends_tickets_after_the_handshake_and_asks_for_signs_of_life() -> None:
    sink, said = Recorder(), bytearray()
    ticket = b"\x01\x00\x02\x00ED5.2".ljust(772, b"\0")

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        said.extend(await reader.readexactly(3))
        writer.write(b"\x00\x01P")
        said.extend(await reader.readexactly(4))
        writer.write(b"\x00\x08TEST_REQ")
        said.extend(await reader.readexactly(10))
        writer.write(b"\x03\x04" + ticket)

    async with (
        await asyncio.start_server(serve, "127.0.0.1", port := free_port()),
        reading(talking(f"tcp://127.0.0.1:{port}", conversation="oxe"), sink),
    ):
        await sink.until_bytes(ticket)
        await sink.until(lambda: sink.lanes_ended == [0])
    assert said == b"\x00\x01S\x00\x02\x00\x00\x00\x08TEST_RSP"


class SophoPort:
    """A SOPHO that sends one record at a time, again until it is acknowledged; ``deaf`` sessions hear no acknowledgement."""

    def __init__(self, records: list[bytes], deaf: int = 0, patience: float = 0.05) -> None:
        self.waiting = [(number % 100, record) for number, record in enumerate(records)]
        self.heard: list[bytes] = []
        self.times_sent = 0
        self.sent_often = asyncio.Event()
        self.rid_of_all = asyncio.Event()
        self._deaf = deaf
        self._patience = patience

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        deaf, self._deaf = self._deaf > 0, self._deaf - 1
        while self.waiting:
            number, record = self.waiting[0]
            writer.write(b"%02d%b" % (number, record))
            self.times_sent += 1
            if self.times_sent == OFTEN:
                self.sent_often.set()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._patience):
                    if not (said := await reader.readline()):
                        break
                    if deaf:
                        break
                    self.heard.append(said)
                    if said == b"%02d\r\n" % number:
                        self.waiting.pop(0)
        if not self.waiting:
            self.rid_of_all.set()
        writer.close()


async def test_a_sopho_s_record_is_acknowledged_once_it_is_on_disk_and_taken_once() -> None:
    sink, records = Recorder(), [kx_td_line(number) for number in range(130)]
    pbx = SophoPort(records)
    sink.disk.clear()
    async with (
        await asyncio.start_server(pbx.serve, "127.0.0.1", port := free_port()),
        reading(talking(f"tcp://127.0.0.1:{port}", conversation="sopho"), sink),
    ):
        await asyncio.wait_for(pbx.sent_often.wait(), PATIENCE)
        assert pbx.heard == []
        sink.disk.set()
        await asyncio.wait_for(pbx.rid_of_all.wait(), PATIENCE)
    assert sink.bytes_of() == b"".join(records)
    assert pbx.heard[-1] == b"29\r\n"
    assert sink.bytes_of(CONTROL).startswith(b"00" + (b"00" + records[0]) * (OFTEN - 1))


async def test_a_sopho_s_record_that_comes_again_over_a_new_connection_is_taken_once() -> None:
    sink, records = Recorder(), [kx_td_line(number) for number in range(3)]
    pbx = SophoPort(records, deaf=2)
    async with (
        await asyncio.start_server(pbx.serve, "127.0.0.1", port := free_port()),
        reading(talking(f"tcp://127.0.0.1:{port}", conversation="sopho"), sink, QuickClock()),
    ):
        await asyncio.wait_for(pbx.rid_of_all.wait(), PATIENCE)
    assert sink.bytes_of() == b"".join(records)
    assert sink.states.count("closed") >= 2
    assert sink.bytes_of(CONTROL).count(b"00" + records[0]) >= 2


async def test_a_sopho_that_does_not_take_the_acknowledgement_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Sopho, "every", 0.1)
    sink, pbx = Recorder(), SophoPort([kx_td_line(1)])
    pbx.waiting[0] = (7, pbx.waiting[0][1])
    monkeypatch.setattr(sopho, "acknowledgement", lambda number: b"ACK" + number + b"\r\n")
    async with (
        await asyncio.start_server(pbx.serve, "127.0.0.1", port := free_port()),
        reading(talking(f"tcp://127.0.0.1:{port}", conversation="sopho"), sink, QuickClock()),
    ):
        assert "keeps sending record 07, which was acknowledged" in await sink.until_link("failed")
    assert sink.bytes_of() == kx_td_line(1)


async def test_what_a_sopho_sends_without_a_line_end_is_told_and_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Sopho, "every", 0.05)
    sink, pbx = Recorder(), SophoPort([b"1412 05550142\x03"], patience=PATIENCE)
    async with (
        await asyncio.start_server(pbx.serve, "127.0.0.1", port := free_port()),
        reading(talking(f"tcp://127.0.0.1:{port}", conversation="sopho"), sink),
    ):
        assert 'beginning with "00", has no line end' in await sink.until_link("failed")
    assert sink.bytes_of(CONTROL).startswith(b"001412 05550142\x03")
    assert sink.bytes_of() == b""
    assert pbx.heard == []


class Line:
    """A link on which nothing follows what was given."""

    def __init__(self, *chunks: bytes) -> None:
        self._chunks = list(chunks)
        self.silent = asyncio.Event()

    async def read(self) -> bytes:
        if not self._chunks:
            self.silent.set()
            await asyncio.Event().wait()
        return self._chunks.pop(0)

    def write(self, data: bytes) -> None:
        """Nobody listens."""


async def test_what_was_held_back_when_the_collector_stops_is_kept() -> None:
    sink, line = Recorder(), Line(b"-", b"Enter Password:", b"Reje")
    task = asyncio.create_task(talk(talking("tcp://192.0.2.1:2300", conversation="panasonic"), line, sink))
    await line.silent.wait()
    assert sink.bytes_of() == b""
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert sink.bytes_of() == b"Reje"
