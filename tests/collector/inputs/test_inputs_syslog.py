"""Syslog over real sockets."""

from __future__ import annotations

import asyncio
import logging
import logging.handlers
import socket
from contextlib import closing

import pytest
from offices import kx_td_line
from recording import QuickClock, Recorder, reading, source
from test_inputs_tcp import free_port, peer

from collector.conversations import CONTROL

RECORD = kx_td_line(1).rstrip()
HEADER = b"<134>Nov 23 07:00:00 pbx smdr: "


def sender(local: str = "127.0.0.1") -> socket.socket:
    found = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    found.bind((local, 0))
    return found


async def test_every_datagram_is_a_record_of_its_own() -> None:
    sink, port = Recorder(), free_port()
    async with reading(source(f"syslog-udp://127.0.0.1:{port}"), sink):
        assert "no message has come yet" in await sink.until_link("waiting")
        with sender() as pbx:
            for _ in range(3):
                pbx.sendto(HEADER + RECORD, ("127.0.0.1", port))
        await sink.until(lambda: len(sink.lanes_ended) == 3)
    assert [data for lane, data, _ in sink.chunks if lane == 0] == [RECORD] * 3
    assert sink.bytes_of(CONTROL) == HEADER * 3
    assert sink.links[-1] == (
        "open",
        f"Listening on syslog-udp://127.0.0.1:{port}; messages came from 127.0.0.1.",
    )


async def test_datagrams_of_strangers_are_refused() -> None:
    sink, port = Recorder(), free_port()
    async with reading(source(f"syslog-udp://127.0.0.1:{port}", allow=("127.0.0.2",)), sink):
        await sink.until_link("waiting")
        with sender("127.0.0.9") as stranger, sender("127.0.0.2") as pbx:
            stranger.sendto(b"forged", ("127.0.0.1", port))
            pbx.sendto(b"real", ("127.0.0.1", port))
            await sink.until(lambda: sink.lanes_ended)
    assert sink.bytes_of() == b"real"
    assert any('127.0.0.9 is not in "allow"' in detail for _, detail in sink.links)


async def test_datagrams_wait_in_the_kernel_while_there_is_no_room() -> None:
    sink, port = Recorder(), free_port()
    sink.room.clear()
    async with reading(source(f"syslog-udp://127.0.0.1:{port}"), sink):
        await sink.until_link("waiting")
        with sender() as pbx:
            for number in range(50):
                pbx.sendto(b"%d" % number, ("127.0.0.1", port))
        await sink.until(lambda: sink.chunks)
        assert len(sink.chunks) == 1
        sink.room.set()
        await sink.until(lambda: len(sink.chunks) == 50)


async def test_python_itself_is_understood() -> None:
    sink, port = Recorder(), free_port()
    async with reading(source(f"syslog-udp://127.0.0.1:{port}"), sink):
        await sink.until_link("waiting")
        with closing(logging.handlers.SysLogHandler(("127.0.0.1", port))) as handler:
            handler.emit(logging.LogRecord("pbx", logging.INFO, "", 0, RECORD.decode(), None, None))
        await sink.until(lambda: sink.lanes_ended)
    assert sink.bytes_of() == RECORD + b"\0"


@pytest.mark.parametrize("kind", ["udp", "tcp"])
async def test_a_port_that_is_taken_is_told(kind: str) -> None:
    sink = Recorder()
    of = socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM
    with socket.socket(socket.AF_INET, of) as taken:
        taken.bind(("127.0.0.1", 0))
        if kind == "tcp":
            taken.listen()
        port = taken.getsockname()[1]
        async with reading(source(f"syslog-{kind}://127.0.0.1:{port}"), sink, QuickClock()):
            assert f"(`sudo ss -l{kind[0]}np sport = :{port}` names it)" in await sink.until_link("failed")


async def test_connections_carry_messages_in_either_framing() -> None:
    sink, port = Recorder(), free_port()
    async with reading(source(f"syslog-tcp://127.0.0.1:{port}"), sink):
        await sink.until_link("waiting")
        async with peer(port) as one, peer(port) as other:
            message = HEADER + RECORD
            other_lane = asyncio.create_task(sink.until(lambda: sink.bytes_of(1) == (RECORD + b"\n") * 2))
            one.write(b"%d %s" % (len(message), message) * 2)
            await sink.until(lambda: sink.bytes_of(0) == RECORD * 2 and sink.lanes_ended == [0, 0])
            other.write((message + b"\n") * 2)
            await other_lane
            one.write(HEADER + b"the last")
        await sink.until(lambda: sink.bytes_of(0).endswith(b"the last") and sink.lanes_ended == [0, 0, 0])


async def test_strangers_cannot_connect() -> None:
    sink, port = Recorder(), free_port()
    async with reading(source(f"syslog-tcp://127.0.0.1:{port}", allow=("192.0.2.1",)), sink):
        await sink.until_link("waiting")
        async with peer(port) as line:
            line.write(b"forged\n")
            await sink.until_link("waiting", 'is not in "allow"')
    assert sink.chunks == []
