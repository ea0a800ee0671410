"""Simulated PBXs print onto real pseudo terminals, real sockets and real files; the product's own inputs read them."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from collector.config import Link, Serial
from collector.errors import UserError
from collector.inputs.chunks import Chunks
from collector.inputs.serial import open_port
from collector.inputs.tcp import connect
from collector.simulator.office import Profile
from collector.simulator.printing import Pace, print_lines, simulate
from collector.simulator.targets import Target, open_target
from collector.simulator.traffic import Traffic
from parsers import formats

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from collector.inputs.chunks import Readable

FORMAT = "panasonic/kx-tda"
MONDAY = datetime(2026, 3, 2)  # noqa: DTZ001  (a PBX's clock knows no zone)
TRAFFIC = Traffic(Profile.office(2000), 1)


def printed(days: int) -> bytes:
    legs = TRAFFIC.between(MONDAY, MONDAY + timedelta(days=days))
    return b"".join(line.text for line in print_lines(formats.get(FORMAT), legs))


async def print_days(target: Target, days: int) -> None:
    await simulate(FORMAT, target, TRAFFIC, first=MONDAY, until=MONDAY + timedelta(days=days))


async def read_all(link: Readable, size: int) -> bytes:
    data = b""
    while len(data) < size and (more := await link.read()):
        data += more
    return data


@asynccontextmanager
async def opened(to: str, said: asyncio.Queue[str] | None = None) -> AsyncIterator[Target]:
    """A target; ``said`` takes its sentences."""
    target = open_target(to, (said or asyncio.Queue()).put_nowait)
    try:
        yield target
    finally:
        await target.close()


async def test_a_serial_port_without_hardware_prints_once_it_is_opened(tmp_path: Path) -> None:
    device = tmp_path / "pbx.tty"
    said: asyncio.Queue[str] = asyncio.Queue()
    async with opened(f"pty:{device}", said) as target, asyncio.TaskGroup() as tasks:
        assert str(device) in await said.get()
        printing = tasks.create_task(print_days(target, 4))
        port = await open_port(str(device), Serial())
        expected = printed(4)
        assert len(expected) > 100_000  # much more than a terminal holds: the PBX waits for its reader
        assert await read_all(port, len(expected)) == expected
        await printing
        await port.close()
    assert not device.is_symlink()


async def test_a_serial_port_that_is_closed_and_opened_again_goes_on() -> None:
    said: asyncio.Queue[str] = asyncio.Queue()
    async with opened("pty", said) as target, asyncio.TaskGroup() as tasks:
        device = (await said.get()).partition("port ")[2].partition(";")[0]
        for line in (b"first\r\n", b"second\r\n", b"third\r\n"):
            writing = tasks.create_task(target.write(line))
            port = await open_port(device, Serial())
            assert await read_all(port, len(line)) == line
            await writing
            await port.close()


async def test_a_collector_that_listens_is_connected_to_as_soon_as_it_is_there(unused_tcp_port: int) -> None:
    said: asyncio.Queue[str] = asyncio.Queue()
    expected = printed(2)
    async with opened(f"tcp://127.0.0.1:{unused_tcp_port}", said) as target, asyncio.TaskGroup() as tasks:
        printing = tasks.create_task(print_days(target, 2))
        assert "refuses the connection" in await said.get()
        async with one_peer(unused_tcp_port) as peers:
            peer = await peers.get()
            assert await read_all(peer, len(expected)) == expected
            await printing
            await peer.close()


async def test_a_collector_that_restarts_is_connected_to_again(unused_tcp_port: int) -> None:
    async with one_peer(unused_tcp_port) as peers, opened(f"tcp://127.0.0.1:{unused_tcp_port}") as target:
        await target.write(b"before\r\n")
        peer = await peers.get()
        assert await read_all(peer, 8) == b"before\r\n"
        await peer.close()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(keep_printing(target, b"after\r\n", until=peers.qsize))
        again = await peers.get()
        assert (await read_all(again, 7))[:7] == b"after\r\n"
        await again.close()


async def keep_printing(target: Target, line: bytes, until: Callable[[], object]) -> None:
    """Print again and again: what is written before a lost link is noticed is gone, as on any line."""
    while not until():
        await target.write(line)
        await asyncio.sleep(0)


async def test_a_pbx_that_listens_prints_for_every_collector(unused_tcp_port: int) -> None:
    link = Link.parse(f"tcp://127.0.0.1:{unused_tcp_port}")
    said: asyncio.Queue[str] = asyncio.Queue()
    expected = printed(2)
    async with opened(f"tcp-listen://127.0.0.1:{unused_tcp_port}", said) as target, asyncio.TaskGroup() as tasks:
        printing = tasks.create_task(print_days(target, 2))
        await said.get()
        early = await connect(link)
        assert await read_all(early, len(expected)) == expected
        await printing
        late = await connect(link)
        reading = tasks.create_task(read_all(late, 6))
        await keep_printing(target, b"more\r\n", until=reading.done)
        assert (await read_all(early, 6))[:6] == (await reading)[:6] == b"more\r\n"
        await early.close()
        await late.close()


async def test_a_taken_port_is_a_sentence(unused_tcp_port: int) -> None:
    async with one_peer(unused_tcp_port), opened(f"tcp-listen://127.0.0.1:{unused_tcp_port}") as target:
        with pytest.raises(UserError, match="already taken"):
            await target.ready()


@pytest.mark.parametrize(
    "to", ["udp://127.0.0.1:514", "tcp://nowhere", "stdin:", "rfc2217://127.0.0.1:4000", "pbx.log"]
)
def test_a_wrong_target_is_a_sentence(to: str) -> None:
    with pytest.raises(UserError, match="pty"):
        open_target(to, print)


async def test_a_file_holds_the_same_bytes_for_the_same_seed(tmp_path: Path) -> None:
    for name in ("one.log", "two.log"):
        async with opened(f"file:{tmp_path / name}") as target:
            await print_days(target, 2)
    assert (tmp_path / "one.log").read_bytes() == (tmp_path / "two.log").read_bytes() == printed(2)


async def test_count_ends_the_traffic(tmp_path: Path) -> None:
    async with opened(f"file:{tmp_path / 'ten.log'}") as target:
        assert await simulate(FORMAT, target, TRAFFIC, first=MONDAY, count=10) == 10
    assert (tmp_path / "ten.log").read_bytes().count(b"'") >= 10


async def test_a_fast_clock_keeps_the_distances_of_the_calls(tmp_path: Path) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    async with opened(f"file:{tmp_path / 'hour.log'}") as target:
        until = MONDAY + timedelta(hours=10)
        records = await simulate(FORMAT, target, TRAFFIC, first=MONDAY, until=until, pace=Pace(speed=36_000))
    assert records > 100
    assert loop.time() - began > 0.9  # ten hours, 36,000 times as fast; how much longer is the machine's affair


def test_the_command_prints_to_standard_output() -> None:
    arguments = ["simulate", "--format", FORMAT, "--from", "2026-03-02", "--until", "2026-03-03", "--seed", "5"]
    smdr = Path(sys.executable).with_name("smdr")
    first, second = (subprocess.run([smdr, *arguments], capture_output=True, check=True).stdout for _ in range(2))
    assert first == second
    assert first.startswith(formats.get(FORMAT).heading)


@asynccontextmanager
async def one_peer(port: int) -> AsyncIterator[asyncio.Queue[Chunks]]:
    """A collector's listening port: yields who has connected."""
    connected: asyncio.Queue[Chunks] = asyncio.Queue()

    class Peer(Chunks):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            super().connection_made(transport)
            connected.put_nowait(self)

    server = await asyncio.get_running_loop().create_server(Peer, "127.0.0.1", port)
    async with server:
        yield connected
