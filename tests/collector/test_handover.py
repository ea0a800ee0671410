"""What is heard of a PBX before the collector reads it becomes the first of its source, once, whoever dies on the way."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from servers import free_port

from collector import handover
from collector.config import Link
from collector.conversations import RECORDS
from collector.faultpoints import VARIABLE
from collector.handover import Offer, hand_over, take_over
from collector.inputs.base import LinkError
from collector.inputs.tapping import Arrival
from collector.journal import JournalReader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.inputs.base import LinkState, Taken, TakenWhole

SMDR = Path(sys.executable).with_name("smdr")
LINK = Link("tcp", host="192.0.2.20", port=2300)
FORMER = 1_790_000_000.5
HEARD = [
    Arrival(FORMER, RECORDS, opened=True, data=b"the end of a line\r\n"),
    Arrival(FORMER + 1, RECORDS, opened=False, data=b"\xff\x00 one\r\n"),
    Arrival(FORMER + 2, 1, opened=True, data=b"another connection\r\n"),
]


class Source:
    """A source that is about to be read: what it has taken."""

    def __init__(self) -> None:
        self.arrivals: list[Arrival] = []
        self.states: list[LinkState] = []
        self.progress: dict[str, int] = {}

    async def received(
        self, lane: int, data: bytes, *, opened: bool, taken: Taken | None = None, at: float | None = None
    ) -> None:
        assert at is not None
        self.arrivals.append(Arrival(at, lane, opened, data))
        whole: TakenWhole = taken  # type: ignore[assignment]
        self.progress[whole.sha256] = whole.position

    async def kept(self) -> None:
        pass

    async def taken(self) -> dict[str, int]:
        return self.progress

    def link(self, state: LinkState, _detail: str) -> None:
        self.states.append(state)


def offer(data: Path, heard: list[Arrival] = HEARD) -> Offer:
    made = Offer(data, "pbx2", LINK)
    made.add(heard)
    return made


def files(data: Path) -> list[Path]:
    return list((data / "heard").iterdir())


async def test_the_link_is_listened_to_until_the_collector_asks_for_it_and_what_came_till_then_is_handed_over(
    tmp_path: Path,
) -> None:
    made, source, last = offer(tmp_path), Source(), Arrival(FORMER + 3, RECORDS, opened=False, data=b"the last\r\n")

    async def listen() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            assert made.is_asked
            made.add([last])  # what had arrived when the link was let go of

    listening = asyncio.create_task(listen())
    handing = asyncio.create_task(hand_over(made, listening))
    await asyncio.sleep(5 * handover.LOOK_S)
    assert not handing.done()
    await take_over(tmp_path, "pbx2", LINK, source)
    assert listening.done()
    assert source.arrivals == [*HEARD, last]
    assert source.states[0] == "waiting"
    assert (files(tmp_path), made.size) == ([], sum(len(one.data) for one in source.arrivals))
    await handing


async def test_a_listener_who_has_left_or_died_leaves_what_was_heard(tmp_path: Path) -> None:
    offer(tmp_path).close()
    (file,) = files(tmp_path)
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    with file.open("ab") as torn:
        torn.write(b'[1790000000.0, 0, false, "half a')
    again = offer(tmp_path, HEARD[:1])
    again.close()
    source = Source()
    await take_over(tmp_path, "pbx2", LINK, source)
    assert source.arrivals == [*HEARD, HEARD[0]]


async def test_what_was_heard_elsewhere_or_for_another_is_not_taken(tmp_path: Path) -> None:
    offer(tmp_path).close()
    source = Source()
    await take_over(tmp_path, "pbx3", LINK, source)
    await take_over(tmp_path, "pbx2", LINK._replace(port=2301), source)
    assert source.arrivals == []
    made = offer(tmp_path)
    made.withdraw()
    assert files(tmp_path) == []


async def test_a_port_is_the_same_by_any_name(tmp_path: Path) -> None:
    (tmp_path / "by-id").symlink_to("/dev/ttyS0")
    made = Offer(tmp_path, "pbx2", Link("serial", path=str(tmp_path / "by-id")))
    made.add(HEARD)
    made.close()
    source = Source()
    await take_over(tmp_path, "pbx2", Link("serial", path="/dev/ttyS0"), source)
    assert source.arrivals == HEARD


async def test_two_do_not_offer_the_same(tmp_path: Path) -> None:
    made = offer(tmp_path)
    with pytest.raises(BlockingIOError):
        offer(tmp_path)
    made.close()


async def test_a_listener_that_hangs_keeps_no_source_from_being_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handover, "PATIENCE_S", 0.2)
    made, source = offer(tmp_path), Source()
    with pytest.raises(LinkError, match="does not let it go"):
        await take_over(tmp_path, "pbx2", LINK, source)
    made.close()
    await take_over(tmp_path, "pbx2", LINK, source)
    assert source.arrivals == HEARD


@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def test_what_the_disk_refuses_is_written_when_it_does_not(tmp_path: Path) -> None:
    made, source = offer(tmp_path, HEARD[:1]), Source()
    (file,) = files(tmp_path)
    with no_file_larger_than(file.stat().st_size + 10):
        made.add(HEARD[1:2])
        made.add(HEARD[2:])
    assert made.size == len(HEARD[0].data)
    made.close()
    await take_over(tmp_path, "pbx2", LINK, source)
    assert source.arrivals == HEARD


async def test_a_disk_that_refuses_the_last_of_it_is_told(tmp_path: Path) -> None:
    made = offer(tmp_path, HEARD[:1])
    (file,) = files(tmp_path)
    with no_file_larger_than(file.stat().st_size + 10):
        made.add(HEARD[1:])
        with pytest.raises(OSError, match=r"too large|space"):
            await hand_over(made, None)


def collect(config: Path, point: str = "") -> int:
    """Run a collector until it has nothing left to take over, or dies; its exit code."""
    with config.with_name("run.log").open("ab") as log:
        environment = {**os.environ, VARIABLE: point}
        process = subprocess.Popen([SMDR, "run", "-c", config], stdout=log, stderr=log, env=environment)
        while process.poll() is None and files(config.parent / "data"):
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        return process.wait(60)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("point", ["received:1", "received:2", "journal-writing", "journal-written"])
def test_a_collector_killed_while_it_takes_over_loses_and_doubles_nothing(tmp_path: Path, point: str) -> None:
    config, data, port = tmp_path / "smdr.toml", tmp_path / "data", free_port()
    config.write_text(
        '[site]\nname = "hq"\ntimezone = "Asia/Shanghai"\ndata = "data"\n\n'
        f'[[source]]\nname = "pbx2"\ninput = "tcp-listen://127.0.0.1:{port}"\nformat = "panasonic/kx-td"\n'
    )
    data.mkdir()
    heard = [
        Arrival(FORMER + number, RECORDS, opened=number == 0, data=b"%05d" % number * 20_000) for number in range(30)
    ]
    made = Offer(data, "pbx2", Link.parse(f"tcp-listen://127.0.0.1:{port}"))
    made.add(heard)
    made.close()
    assert collect(config, point) == -signal.SIGKILL
    assert files(data)
    assert collect(config) == 0
    with closing(JournalReader(data / "journal")) as journal:
        chunks = [chunk for chunk in journal.chunks("pbx2", 0) if chunk.data]
    assert [Arrival(one.received, one.lane, one.opened, one.data) for one in chunks] == heard
