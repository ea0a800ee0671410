"""A PBX is attached: it is listened to, its source is written into the file, and the running collector takes it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from servers import free_port

from collector import sniffing
from collector.attaching import InForce, NewSources
from collector.commands import attaching
from collector.config import Config, ConfigError, Link, Serial, load
from collector.config.adding import NotWrittenError, Wanted, add_source
from collector.errors import UserError
from collector.inputs.base import LinkError
from collector.sniffing import NothingFoundError
from dashboards.web.current import Current
from parsers import formats

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from collector.inputs.tapping import Arrival

FORMAT = "panasonic/kx-td"
RECORDS = b"".join(sample + b"\r\n" for sample in formats.get(FORMAT).samples) * 2
FILE = """# the office of Li Hong
[site]
name = "hq"            # do not change
timezone = "Asia/Shanghai"
data = "data"

[[source]]
name = "pbx1"
input = "serial:/dev/ttyS0"
format = "panasonic/kx-td"
serial = { baud = 1200 } # as on the PBX
# the end, without a line end"""
PBX2 = Wanted("pbx2", "tcp://192.0.2.20:2300", FORMAT)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "smdr.toml"
    file.write_text(FILE, encoding="utf-8")
    return file


def test_a_source_is_added_and_all_else_stays_byte_for_byte(path: Path) -> None:
    path.chmod(0o640)
    kept = add_source(path, Wanted("pbx2", "serial:/dev/ttyS1", FORMAT, Serial(baud=1200, parity="E"), note="a\nb"))
    assert path.read_text().startswith(FILE + "\n\n[[source]]\n")
    assert kept.read_text() == FILE
    assert [file.stat().st_mode & 0o777 for file in (path, kept)] == [0o640, 0o640]
    added = load(path).sources[1]
    assert (added.name, added.input, added.format, added.serial.baud, added.serial.parity) == (
        *("pbx2", "serial:/dev/ttyS1", FORMAT, 1200, "E"),
    )
    assert sorted(file.name for file in path.parent.iterdir()) == sorted([path.name, kept.name])


def test_a_name_that_is_hostile_is_text_or_refused(path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        add_source(path, Wanted('x"\n[site]\nname = "y', "tcp://192.0.2.20:2300", FORMAT))
    assert {problem.file for problem in caught.value.errors} == {path}
    assert path.read_text() == FILE


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (PBX2._replace(name="pbx1"), "pbx1"),
        (PBX2._replace(format="none/such"), "none/such"),
        (PBX2._replace(input="serial:/dev/ttyS0"), "ttyS0"),
        (PBX2._replace(input="tcp-listen://0.0.0.0:2300"), "allow"),
        (PBX2._replace(name=""), "name"),
    ],
)
def test_what_would_be_wrong_is_not_written(path: Path, wanted: Wanted, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        add_source(path, wanted)
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    assert path.read_text() == FILE


def test_a_file_that_may_not_be_written_is_left_alone(path: Path) -> None:
    (path.parent / f".{path.name}.{os.getpid()}").mkdir()
    with pytest.raises(NotWrittenError, match=r"smdr\.toml cannot be written: Is a directory\."):
        add_source(path, PBX2)
    assert path.read_text() == FILE


def test_two_who_add_at_once_both_do(path: Path) -> None:
    wanted = [PBX2._replace(name=f"pbx{n}", input=f"tcp://192.0.2.{n}:2300") for n in range(2, 10)]
    with ThreadPoolExecutor(8) as many:
        kept = list(many.map(lambda one: add_source(path, one), wanted))
    assert {source.name for source in load(path).sources} == {"pbx1", *(one.name for one in wanted)}
    assert len(set(kept)) == len(kept)


KILLED = """
import os, signal, sys
from pathlib import Path
from collector.config.adding import Wanted, add_source
left, really = int(sys.argv[2]), os.fsync
def fsync(handle):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    really(handle)
os.fsync = fsync
add_source(Path(sys.argv[1]), Wanted("pbx2", "tcp://192.0.2.20:2300", "panasonic/kx-td"))
"""


@pytest.mark.parametrize(("sync", "names"), [(1, ["pbx1"]), (2, ["pbx1"]), (3, ["pbx1", "pbx2"])])
def test_who_is_killed_while_writing_leaves_the_file_before_or_after(path: Path, sync: int, names: list[str]) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, str(path), str(sync)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert [source.name for source in load(path).sources] == names
    add_source(path, PBX2._replace(name="pbx3", input="tcp://192.0.2.30:2300"))
    assert [source.name for source in load(path).sources] == [*names, "pbx3"]


class Taking:
    """A collector's configuration, and what it takes of its file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.in_force = InForce(load(path))
        self.taken: list[Config] = []
        self.new = NewSources(self.in_force, self.taken.append)

    def write(self, text: str) -> None:
        self.path.write_text(text, encoding="utf-8")

    def remove(self) -> None:
        self.path.unlink()

    async def settle(self) -> list[str]:
        await self.new.look()
        await self.new.look()
        return [source.name for source in self.in_force.config.sources]


async def test_an_added_source_is_taken_once(path: Path) -> None:
    taking = Taking(path)
    assert await taking.settle() == ["pbx1"]
    add_source(path, PBX2)
    await taking.new.look()
    assert taking.taken == []
    assert await taking.settle() == ["pbx1", "pbx2"]
    assert await taking.settle() == ["pbx1", "pbx2"]
    assert len(taking.taken) == 1


async def test_a_faulty_file_is_refused_and_its_correction_taken(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    taking = Taking(path)
    taking.write(f"{FILE}\n[[source]]\nname = 'pbx2'\n")
    assert await taking.settle() == ["pbx1"]
    assert "the one before stays in force" in caplog.text
    taking.remove()
    assert await taking.settle() == ["pbx1"]
    taking.write(f"{FILE}\n{PBX2.toml()}")
    assert await taking.settle() == ["pbx1", "pbx2"]


async def test_what_else_is_changed_waits_for_the_next_start(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    taking = Taking(path)
    taking.write(FILE.replace("1200", "9600").replace('"hq"', '"other"') + f"\n{PBX2.toml()}")
    assert await taking.settle() == ["pbx1", "pbx2"]
    assert (taking.in_force.config.site.name, taking.in_force.config.sources[0].serial.baud) == ("hq", 1200)
    assert "all else from the next start on" in caplog.text


async def test_a_source_at_a_branch_that_was_not_there_waits_for_the_next_start(path: Path) -> None:
    taking, console = Taking(path), Current(load(path))
    at_branch = PBX2.toml() + 'site = "branch"\n'
    taking.write(f"{FILE}\n{at_branch}\n[[branch]]\nname = 'branch'\n")
    assert await taking.settle() == ["pbx1"]
    assert [source.name for source in load(path).sources] == ["pbx1", "pbx2"]
    assert [source.name for source in console.config().sources] == ["pbx1"]


def test_the_console_sees_the_sources_there_are(path: Path) -> None:
    current = Current(load(path))
    add_source(path, PBX2)
    assert [source.name for source in current.config().sources] == ["pbx1", "pbx2"]
    path.write_text("spoiled")
    assert len(current.config().sources) == 2
    path.unlink()
    assert len(current.config().sources) == 2


@pytest.mark.parametrize(
    ("typed", "link"),
    [
        (" /dev/ttyUSB0 ", "serial:/dev/ttyUSB0"),
        ("serial:/dev/ttyUSB0", "serial:/dev/ttyUSB0"),
        ("/dev/serial/by-path/pci-0:14.0-usb-0:1:1.0-port0", "serial:/dev/serial/by-path/pci-0:14.0-usb-0:1:1.0-port0"),
        ("tcp://192.0.2.20:2300", "tcp://192.0.2.20:2300"),
    ],
)
def test_a_bare_path_is_a_serial_port(typed: str, link: str) -> None:
    assert str(attaching.link_of(typed)) == link


@pytest.mark.parametrize("typed", ["", "file:/etc/passwd", "stdin:", "tcp://nowhere", "telnet://x:1", "folder:x"])
def test_nothing_else_is_listened_to(typed: str) -> None:
    with pytest.raises(UserError):
        attaching.link_of(typed)


def test_a_port_that_is_read_is_known_by_any_name(path: Path, tmp_path: Path) -> None:
    sources = load(path).sources
    (tmp_path / "adapter").symlink_to("/dev/ttyS0")
    assert attaching.reader_of(Link("serial", path=str(tmp_path / "adapter")), sources) == "pbx1"
    assert attaching.reader_of(Link("serial", path="/dev/ttyS1"), sources) is None
    assert attaching.reader_of(Link("tcp", host="192.0.2.1", port=1), sources) is None


class Heard:
    """What was said and heard meanwhile."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.data = b""
        self.later: list[Arrival] = []
        self._found: asyncio.Future[sniffing.Found] = asyncio.get_running_loop().create_future()

    def say(self, sentence: str) -> None:
        self.said.append(sentence)

    def hear(self, data: bytes, _line: Serial | None) -> None:
        self.data += data

    def found(self, found: sniffing.Found) -> None:
        self._found.set_result(found)

    def arrived(self, arrival: Arrival) -> None:
        self.later.append(arrival)

    async def listen(self, link: str, seconds: float = 20, allow: tuple[str, ...] = ()) -> sniffing.Found:
        """Until it is found."""
        async with self.listening(link, seconds, allow) as (_, found):
            return found

    @contextlib.asynccontextmanager
    async def listening(
        self, link: str, seconds: float = 20, allow: tuple[str, ...] = ()
    ) -> AsyncIterator[tuple[asyncio.Task[None], sniffing.Found]]:
        task = asyncio.create_task(attaching.listen(Link.parse(link), allow, seconds, self))
        try:
            await asyncio.wait({task, self._found}, return_when=asyncio.FIRST_COMPLETED)
            if not self._found.done():
                await task
            yield task, self._found.result()
        finally:
            task.cancel()
            await asyncio.wait({task})


@pytest.fixture
def terminal() -> Iterator[Callable[[bytes], str]]:
    """A pseudo-terminal on which a PBX prints for ever what is given."""
    ends: list[int] = []
    over = threading.Event()
    printing: list[threading.Thread] = []

    def printed(text: bytes) -> str:
        pbx, port = os.openpty()
        ends.extend((pbx, port))

        def run() -> None:
            while not over.wait(0.2) and text:
                with contextlib.suppress(OSError):
                    os.write(pbx, text)

        printing.append(threading.Thread(target=run))
        printing[-1].start()
        return os.ttyname(port)

    yield printed
    over.set()
    for thread in printing:
        thread.join()
    for end in ends:
        os.close(end)


async def test_a_serial_line_is_found_and_heard_as_it_comes(terminal: Callable[[bytes], str]) -> None:
    heard = Heard()
    found = await heard.listen(f"serial:{terminal(RECORDS[:600])}")
    assert (found.line.baud, found.formats[0].name) == (9600, FORMAT)
    assert len(heard.data) == found.heard
    read = attaching.sample(found.text, FORMAT, ZoneInfo("Asia/Shanghai"), 3)
    assert (len(read.legs), read.read >= 3) == (3, True)


async def test_a_silent_port_and_one_of_garbage_are_told(
    terminal: Callable[[bytes], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sniffing, "PAUSE_S", 0.05)
    with pytest.raises(NothingFoundError, match="make a call and end it"):
        await Heard().listen(f"serial:{terminal(b'')}", 1)
    with pytest.raises(NothingFoundError, match="no speed gave text"):
        await Heard().listen(f"serial:{terminal(bytes(range(128, 256)) * 3)}", 2)
    with pytest.raises(LinkError, match="is not there"):
        await Heard().listen("serial:/dev/ttyNONE", 1)


async def test_a_port_in_use_is_not_stolen(terminal: Callable[[bytes], str]) -> None:
    device = terminal(RECORDS)
    chunks = await sniffing.open_port(device, Serial())
    with pytest.raises(LinkError, match="in use by another program"):
        await Heard().listen(f"serial:{device}", 1)
    assert len(await chunks.read()) > 0
    await chunks.close()


async def test_a_pbx_on_the_network_is_listened_to() -> None:
    async def print_records(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(RECORDS)
        await writer.drain()

    server = await asyncio.start_server(print_records, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    heard = Heard()
    found = await heard.listen(f"tcp://127.0.0.1:{port}")
    assert (found.formats[0].name, found.text.startswith(RECORDS), heard.data) == (FORMAT, True, found.text)
    server.close()
    assert b"".join(arrival.data for arrival in found.arrivals) == found.text


async def test_a_pbx_that_connects_is_listened_to_and_a_taken_port_is_told() -> None:
    port, heard = free_port(), Heard()
    listening = asyncio.create_task(heard.listen(f"tcp-listen://127.0.0.1:{port}"))
    while not heard.said:  # noqa: ASYNC110  (the input has no event for it)
        await asyncio.sleep(0.05)
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(RECORDS)
    await writer.drain()
    assert (await listening).formats[0].name == FORMAT
    writer.close()
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(LinkError, match="is already taken by another"):
        await Heard().listen(f"tcp-listen://127.0.0.1:{taken.getsockname()[1]}")
    with pytest.raises(NothingFoundError, match="Nothing came from"):
        await Heard().listen(f"tcp://127.0.0.1:{port}", 1)
    with pytest.raises(UserError, match="write the addresses of the PBX"):
        await Heard().listen("tcp-listen://0.0.0.0:1", 1, ("nobody",))
