"""TCP both ways, on real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from typing import TYPE_CHECKING, Self

import pytest
from recording import QuickClock, Recorder, StillClock, reading, source

from collector.inputs import tcp
from collector.inputs.base import SystemClock
from collector.inputs.chunks import HIGH_WATER

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


TCP_REPAIR = 19


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


class Pbx:
    """A PBX that waits to be connected to."""

    def __init__(self, port: int = 0) -> None:
        self._port = port
        self._callers: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(lambda *ends: self._callers.put(ends), "127.0.0.1", self._port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def caller(self) -> asyncio.StreamWriter:
        _, writer = await asyncio.wait_for(self._callers.get(), 30)
        return writer


@contextlib.asynccontextmanager
async def peer(port: int, local: str = "127.0.0.1") -> AsyncIterator[asyncio.StreamWriter]:
    """A PBX that connects to us."""
    _, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(local, 0))
    try:
        yield writer
    finally:
        writer.close()


async def test_a_pbx_that_is_connected_to_is_read() -> None:
    sink = Recorder()
    async with Pbx() as pbx, reading(source(f"tcp://127.0.0.1:{pbx.port}"), sink):
        line = await pbx.caller()
        line.write(b"one\r\n")
        await sink.until_bytes(b"one\r\n")
        assert ("open", f"Connected to tcp://127.0.0.1:{pbx.port}.") in sink.links
        line.close()


async def test_a_pbx_that_hangs_up_is_called_again() -> None:
    sink = Recorder()
    async with Pbx() as pbx, reading(source(f"tcp://localhost:{pbx.port}"), sink, QuickClock()):
        for time in range(3):
            line = await pbx.caller()
            line.write(b"%d " % time)
            line.close()
            await sink.until_link("closed", "closed the connection", since=3 * time)
    assert sink.bytes_of() == b"0 1 2 "
    assert [opened for _, _, opened in sink.chunks] == [True] * 3


async def test_a_pbx_that_only_stops_sending_has_hung_up() -> None:
    sink = Recorder()
    async with Pbx() as pbx, reading(source(f"tcp://127.0.0.1:{pbx.port}"), sink, QuickClock()):
        line = await pbx.caller()
        line.write(b"last words")
        line.write_eof()
        await sink.until_link("closed")
        assert sink.bytes_of() == b"last words"


async def test_bytes_before_a_reset_are_kept() -> None:
    sink = Recorder()
    async with Pbx() as pbx, reading(source(f"tcp://127.0.0.1:{pbx.port}"), sink, QuickClock()):
        line = await pbx.caller()
        line.write(b"first")
        line.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        await sink.until_bytes(b"first")
        line.transport.abort()
        assert "broke: Connection reset by peer" in await sink.until_link("closed")


async def test_a_refused_connection_is_told_and_tried_again() -> None:
    sink, port = Recorder(), free_port()
    async with reading(source(f"tcp://localhost:{port}"), sink, QuickClock()):
        assert "refuses the connection" in await sink.until_link("failed")
        async with Pbx(port) as pbx:
            await pbx.caller()
            await sink.until_link("open")


async def test_a_name_that_cannot_be_resolved_is_told() -> None:
    sink = Recorder()
    async with reading(source("tcp://pbx.invalid:2300"), sink, QuickClock()):
        assert 'The name "pbx.invalid" could not be resolved' in await sink.until_link("failed")


async def test_a_pbx_that_does_not_answer_is_given_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tcp, "CONNECT_TIMEOUT", 0.05)
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        port = full.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):  # fills the backlog: later callers hear nothing
            sink = Recorder()
            async with reading(source(f"tcp://127.0.0.1:{port}"), sink, QuickClock()):
                assert "does not answer" in await sink.until_link("failed")


async def test_pauses_grow_to_thirty_seconds() -> None:
    sink, clock = Recorder(), StillClock(9)
    async with reading(source(f"tcp://127.0.0.1:{free_port()}"), sink, clock):
        await clock.stopped.wait()
    assert clock.slept == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]


async def test_the_kernel_watches_for_dead_peers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as pbx:
        chunks = await tcp.connect(source(f"tcp://127.0.0.1:{pbx.getsockname()[1]}").link)
        assert chunks._transport
        connection = chunks._transport.get_extra_info("socket")
        assert connection.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        options = ("TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT", "TCP_USER_TIMEOUT")
        tuned = [connection.getsockopt(socket.IPPROTO_TCP, getattr(socket, option)) for option in options]
        assert tuned == [60, 10, 6, 120_000]
        await chunks.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has been silent for a second is asked whether it is there, and has another to answer."""
    for name in ("KEEPALIVE_IDLE", "KEEPALIVE_INTERVAL", "KEEPALIVE_COUNT"):
        monkeypatch.setattr(tcp, name, 1)


@pytest.mark.usefixtures("impatient")
async def test_a_pbx_that_is_there_may_be_silent_as_long_as_it_likes() -> None:
    sink = Recorder()
    async with Pbx() as pbx, reading(source(f"tcp://127.0.0.1:{pbx.port}"), sink):
        line = await pbx.caller()
        await asyncio.sleep(4)  # twice what a peer that is gone is given
        line.write(b"at last\r\n")
        await sink.until_bytes(b"at last\r\n")
        assert sink.states == ["connecting", "open"]
        line.close()


@pytest.mark.usefixtures("impatient")
async def test_a_pbx_that_vanished_without_a_word_is_called_again() -> None:
    sink = Recorder()
    async with Pbx() as pbx, reading(source(f"tcp://127.0.0.1:{pbx.port}"), sink, QuickClock()):
        line = await pbx.caller()
        try:
            line.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
        except PermissionError:
            pytest.skip("only an administrator of the network can make a peer vanish")
        line.transport.abort()
        await pbx.caller()
        assert "closed the connection" not in await sink.until_link("closed")


@pytest.mark.usefixtures("impatient")
async def test_a_peer_that_vanished_without_a_word_is_noticed() -> None:
    sink, port = Recorder(), free_port()
    async with reading(source(f"tcp-listen://127.0.0.1:{port}"), sink, QuickClock()):
        await sink.until_link("waiting")
        with socket.create_connection(("127.0.0.1", port)) as pbx:
            await sink.until_link("open")
            seen = len(sink.links)
            try:
                pbx.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)  # from here on, closing sends nothing
            except PermissionError:
                pytest.skip("only an administrator of the network can make a peer vanish")
        await sink.until_link("waiting", since=seen)


async def test_peers_that_connect_take_the_lowest_free_lane() -> None:
    sink, port = Recorder(), free_port()
    async with reading(source(f"tcp-listen://127.0.0.1:{port}"), sink):
        assert "no PBX is connected" in await sink.until_link("waiting")
        async with contextlib.AsyncExitStack() as stack:
            lines = [await stack.enter_async_context(peer(port)) for _ in range(3)]
            for lane, line in enumerate(lines):
                line.write(b"from %d" % lane)
            await sink.until(lambda: {sink.bytes_of(lane) for lane in range(3)} == {b"from 0", b"from 1", b"from 2"})
            await sink.until_link("open", "127.0.0.1, 127.0.0.1, 127.0.0.1")
            seen = len(sink.links)
            lines[1].close()
            await sink.until(lambda: len(sink.links) > seen)
            again = await stack.enter_async_context(peer(port))
            again.write(b"again")
            await sink.until(lambda: sink.bytes_of(1).endswith(b"again"))
        await sink.until_link("waiting", since=seen)
    assert [opened for lane, _, opened in sink.chunks if lane == 1] == [True, True]


async def test_many_records_from_several_peers_arrive_whole_and_in_order() -> None:
    sink, port = Recorder(), free_port()
    sent = [b"".join(b"%d:%06d\r\n" % (lane, n) for n in range(30_000)) for lane in range(4)]
    async with reading(source(f"tcp-listen://127.0.0.1:{port}"), sink):
        await sink.until_link("waiting")
        async with contextlib.AsyncExitStack() as stack:
            for lane in range(4):
                line = await stack.enter_async_context(peer(port))
                line.write(sent[lane])
            await sink.until(lambda: sum(len(data) for _, data, _ in sink.chunks) == sum(map(len, sent)))
    assert sorted(sink.bytes_of(lane) for lane in range(4)) == sent


@pytest.mark.parametrize("allow", [("127.0.0.2",), ("127.0.0.2/31", "192.0.2.1")])
async def test_strangers_are_refused(allow: tuple[str, ...], caplog: pytest.LogCaptureFixture) -> None:
    sink, port = Recorder(), free_port()
    async with reading(source(f"tcp-listen://127.0.0.1:{port}", allow=allow), sink):
        await sink.until_link("waiting")
        for _ in range(20):
            reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=("127.0.0.9", 0))
            writer.write(b"forged")
            with contextlib.suppress(ConnectionResetError):
                assert await reader.read() == b""
            writer.close()
        async with peer(port, "127.0.0.2") as line:
            line.write(b"real")
            await sink.until_bytes(b"real")
    assert sink.position() == len(b"real")
    refusals = [record.getMessage() for record in caplog.records if "Refused" in record.getMessage()]
    assert refusals[0] == 'pbx1: Refused a connection: 127.0.0.9 is not in "allow" of this source.'
    assert any("Refused a connection: 127.0.0.9" in detail for _, detail in sink.links)
    assert len([record for record in caplog.records if record.levelname == "WARNING"]) == 1


class Minutes(SystemClock):
    """Every wait lasts until the test lets a minute pass."""

    def __init__(self) -> None:
        self.passed = asyncio.Semaphore(0)

    async def sleep(self, seconds: float) -> None:
        assert seconds == tcp.TOLD_EVERY
        await self.passed.acquire()


async def test_refusals_are_counted_and_told_once_a_minute_also_when_no_more_come(
    caplog: pytest.LogCaptureFixture,
) -> None:
    sink, minutes = Recorder(), Minutes()
    server = tcp.TcpServer(source("tcp-listen://127.0.0.1:2300", allow=("192.0.2.1",)), sink, minutes)
    telling = asyncio.create_task(server._tell_refusals())

    def told() -> list[str]:
        return [record.getMessage() for record in caplog.records]

    server._refuse("198.51.100.7 is a stranger")
    await sink.until(lambda: len(told()) == 1)
    for _ in range(60):
        server._refuse("198.51.100.8 is a stranger")
    minutes.passed.release()
    await sink.until_link("waiting", "60 refused")
    minutes.passed.release()
    minutes.passed.release()
    await asyncio.sleep(0)
    assert told() == [
        "pbx1: Refused a connection: 198.51.100.7 is a stranger.",
        "pbx1: Refused a connection: 198.51.100.8 is a stranger (60 refused since the last notice).",
    ]
    telling.cancel()


async def test_a_crowd_that_says_nothing_is_bounded_and_keeps_no_pbx_out(caplog: pytest.LogCaptureFixture) -> None:
    sink, port = Recorder(), free_port()
    async with reading(source(f"tcp-listen://127.0.0.1:{port}"), sink), contextlib.AsyncExitStack() as stack:
        await sink.until_link("waiting")
        early = await stack.enter_async_context(peer(port))
        early.write(b"early")
        await sink.until(lambda: sink.position() == len(b"early"))
        for _ in range(3 * tcp.MOST_PEERS):
            await stack.enter_async_context(peer(port))
        await sink.until_link("open", "has to make room")
        late = await stack.enter_async_context(peer(port))
        late.write(b"late")
        await sink.until(lambda: sink.position() == len(b"earlylate"))
        early.write(b"more")
        await sink.until(lambda: sink.position() == len(b"earlylatemore"))
        assert max(detail.count("127.0.0.1,") for _, detail in sink.links) == tcp.MOST_PEERS - 1
    assert len([record for record in caplog.records if record.levelname == "WARNING"]) == 1


async def test_a_stranger_has_nobody_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tcp, "MOST_PEERS", 1)
    sink, port = Recorder(), free_port()
    async with reading(source(f"tcp-listen://127.0.0.1:{port}", allow=("127.0.0.2",)), sink):
        await sink.until_link("waiting")
        async with peer(port, "127.0.0.2") as line:
            await sink.until_link("open", "connected: 127.0.0.2")
            async with peer(port, "127.0.0.9"):
                await sink.until_link("open", '127.0.0.9 is not in "allow"')
            line.write(b"the first call of the day")
            await sink.until_bytes(b"the first call of the day")


async def test_an_address_alone_does_not_keep_others_out() -> None:
    sink, port = Recorder(), free_port()
    async with reading(source(f"tcp-listen://127.0.0.1:{port}"), sink), contextlib.AsyncExitStack() as stack:
        await sink.until_link("waiting")
        alone = await stack.enter_async_context(peer(port, "127.0.0.2"))
        alone.write(b"!")
        for number in range(1, tcp.MOST_PEERS):
            crowd = await stack.enter_async_context(peer(port, "127.0.0.9"))
            crowd.write(b".")
            await sink.until(lambda number=number: sink.position() == 1 + number)
        for number in range(3):
            late = await stack.enter_async_context(peer(port, f"127.0.0.{number + 10}"))
            late.write(b"late")
            await sink.until(lambda number=number: sink.position() == tcp.MOST_PEERS + 4 * (number + 1))
        alone.write(b"!")
        await sink.until(lambda: sink.position() == tcp.MOST_PEERS + 13)
    assert any(f"127.0.0.9 holds {tcp.MOST_PEERS - 1} of {tcp.MOST_PEERS} connections" in one for _, one in sink.links)


async def test_connections_that_come_and_go_all_the_time_are_told_once_a_minute(
    caplog: pytest.LogCaptureFixture,
) -> None:
    sink, minutes, port = Recorder(), Minutes(), free_port()
    with caplog.at_level("INFO"):
        async with reading(source(f"tcp-listen://127.0.0.1:{port}"), sink, minutes):
            await sink.until_link("waiting")
            for number in range(100):
                async with peer(port) as line:
                    line.write(b".")
                    await sink.until(lambda number=number: sink.position() == number + 1)
            assert len(sink.links) < 2 * tcp.CHANGES_AT_ONCE
            async with peer(port) as line:
                line.write(b".")
                await sink.until(lambda: sink.position() == 101)
                before = len(sink.links)
                minutes.passed.release()
                assert "connected: 127.0.0.1" in await sink.until_link("open", since=before)
    assert len(caplog.messages) < 3 * tcp.CHANGES_AT_ONCE
    told = [one for one in caplog.messages if "connections began or ended since the last notice" in one]
    assert len(told) == 1


async def test_a_peer_that_says_nothing_is_shown_and_adds_nothing() -> None:
    sink, port = Recorder(), free_port()
    async with reading(source(f"tcp-listen://127.0.0.1:{port}"), sink):
        await sink.until_link("waiting")
        async with peer(port):
            await sink.until_link("open", "connected: 127.0.0.1.")
        await sink.until(lambda: sink.states[-1] == "waiting")
    assert sink.chunks == []


async def test_an_ipv4_peer_of_an_ipv6_socket_is_known_by_its_ipv4_address() -> None:
    sink, port = Recorder(), free_port()
    async with reading(source(f"tcp-listen://[::]:{port}", allow=("127.0.0.1",)), sink):
        await sink.until_link("waiting")
        async with peer(port) as line:
            line.write(b"hello")
            await sink.until_bytes(b"hello")
            assert "connected: 127.0.0.1." in sink.links[-1][1]


async def test_one_peer_too_many_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tcp, "MOST_PEERS", 2)
    sink, port = Recorder(), free_port()
    async with reading(source(f"tcp-listen://127.0.0.1:{port}"), sink):
        await sink.until_link("waiting")
        async with peer(port) as one, peer(port) as other:
            one.write(b"1")
            other.write(b"2")
            await sink.until(lambda: sink.position() == 2)
            async with peer(port):
                await sink.until_link("open", "2 peers are connected already")


async def test_a_port_that_is_taken_is_told_and_had_once_free() -> None:
    sink = Recorder()
    taken = socket.create_server(("127.0.0.1", 0))
    port = taken.getsockname()[1]
    async with reading(source(f"tcp-listen://127.0.0.1:{port}"), sink, QuickClock()):
        sentence = await sink.until_link("failed")
        assert f"Port {port} is already taken by another program" in sentence
        taken.close()
        await sink.until_link("waiting")
        async with peer(port) as line:
            line.write(b"hello")
            await sink.until_bytes(b"hello")


async def test_an_address_of_another_machine_cannot_be_listened_on() -> None:
    sink = Recorder()
    async with reading(source("tcp-listen://192.0.2.77:2300"), sink, QuickClock()):
        assert "192.0.2.77 is no address of this machine" in await sink.until_link("failed")


async def test_stopping_lets_go_of_the_port_and_of_the_peers() -> None:
    sink, port = Recorder(), free_port()
    async with reading(source(f"tcp-listen://127.0.0.1:{port}"), sink):
        await sink.until_link("waiting")
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await sink.until_link("open")
    with contextlib.suppress(ConnectionResetError):
        assert await reader.read() == b""
    writer.close()
    socket.create_server(("127.0.0.1", port)).close()


@pytest.mark.parametrize("listening", [True, False])
async def test_a_sink_without_room_stops_the_sender(*, listening: bool) -> None:
    sink = Recorder()
    sink.room.clear()
    if listening:
        port = free_port()
        async with reading(source(f"tcp-listen://127.0.0.1:{port}"), sink):
            await sink.until_link("waiting")
            async with peer(port) as line:
                await _flood(line, sink)
    else:
        async with Pbx() as pbx, reading(source(f"tcp://127.0.0.1:{pbx.port}"), sink):
            await _flood(await pbx.caller(), sink)


async def _flood(line: asyncio.StreamWriter, sink: Recorder) -> None:
    """Send until the other end takes no more; then all of it must come, in order."""
    blocks = (b"%07d\n" % n * 8192 for n in range(1_000_000))
    line.transport.set_write_buffer_limits(0)
    sent = []
    with contextlib.suppress(TimeoutError):
        for block in blocks:
            sent.append(block)
            line.write(block)
            await asyncio.wait_for(line.drain(), 0.5)
    assert len(sent) < 1000, "64 MB were taken in although there was no room"
    sink.room.set()
    await sink.until(lambda: sink.position() == 65536 * len(sent))
    assert sink.bytes_of() == b"".join(sent)
    assert max(len(data) for _, data, _ in sink.chunks) <= HIGH_WATER + 256 * 1024
