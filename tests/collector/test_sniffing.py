"""Sniffing finds a line's settings and format, on pseudo-terminals that read what a UART would."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import termios
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from uart import Setting, heard, received, sent, setting

from collector import sniffing
from collector.cli import execute
from collector.config import load
from collector.inputs.base import LinkError, describe
from collector.sniffing import SPEEDS, NothingFoundError, judge, next_speeds, sniff
from parsers import formats

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.config import Serial
    from collector.inputs.chunks import Chunks

FRAMES = ("7E1", "7O1", "8N1", "8E1", "8O1")
FIXTURES = Path(__file__).parents[2] / "fixtures"
FORMAT = "panasonic/kx-td"
RECORDS = b"".join(sample + b"\r\n" for sample in formats.get(FORMAT).samples) * 2
QUICK_S = 0.05
_SPEED_OF = {getattr(termios, f"B{speed}"): speed for speed in SPEEDS}


def text_of(case: Path, frame: str) -> bytes:
    """Some records of a fixture, from the middle of one."""
    raw = (case / "raw.bin").read_bytes()
    text = (raw * (1 + 500 // len(raw)))[37:537]
    return text if frame[0] == "8" else bytes(byte & 0x7F for byte in text)


CASES = {
    path.parts[-4]: path.parent
    for path in sorted(FIXTURES.glob("*/*/*/raw.bin"))
    if path.parent.name != "nuls" and not formats.is_binary("/".join(path.parts[-4:-2]))
}
"""One of every maker whose PBXs print text."""


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_frame_is_told_at_the_right_speed_and_none_at_another(case: Path) -> None:
    for frame in FRAMES:
        wave = sent(text_of(case, frame), setting(f"9600 {frame}"))
        for speed in SPEEDS:
            reading = judge(received(wave, Setting(speed))[: sniffing.ENOUGH])
            assert reading.frame == (frame[:2] if speed == 9600 else None), (frame, speed)


def test_what_cannot_be_heard_is_read_right_all_the_same() -> None:
    assert judge(heard(RECORDS, setting("9600 8N2"), Setting(9600))).frame == "8N"
    assert judge(heard(RECORDS, setting("9600 7E2"), Setting(9600))).frame == "7E"
    assert judge(heard(RECORDS, setting("9600 7N2"), Setting(9600))).frame == "7N"
    assert heard(RECORDS, setting("9600 8E1"), Setting(9600), waits_for_high=True) == RECORDS


def test_a_text_torn_by_the_parity_bit_is_put_together_again() -> None:
    torn = heard(RECORDS, setting("9600 8O1"), Setting(9600))
    assert RECORDS not in torn
    assert sniffing.text_of(torn, "8O") in (RECORDS, RECORDS[:-1])  # the last parity bit may come with what follows


@pytest.mark.parametrize("frame", ["8E1", "8O1"])
@pytest.mark.parametrize("instead", [b"", b"\0"])
def test_parity_is_told_too_where_the_driver_leaves_out_torn_bytes(frame: str, instead: bytes) -> None:
    line = setting(f"9600 {frame}")
    gaps = heard(RECORDS, line, Setting(9600), waits_for_high=True, in_place_of_errors=instead)
    assert judge(gaps).frame == frame[:2]


@pytest.mark.parametrize(
    "data", [b"", b"a", bytes(400), b"\xff" * 400, b"\x80" * 400, b"U" * 400, bytes(range(256)) * 4]
)
def test_no_frame_is_told_of_what_is_no_text(data: bytes) -> None:
    assert judge(data).frame is None


def test_a_reading_points_to_the_speeds_to_try_next() -> None:
    slow = judge(heard(RECORDS, setting("1200 8N1"), Setting(9600)))
    assert next_speeds(9600, slow, SPEEDS[1:])[0] == 1200
    fast = judge(heard(RECORDS, setting("57600 8N1"), Setting(9600)))
    assert min(next_speeds(9600, fast, SPEEDS[1:])[:4]) > 9600


class Line:
    """A PBX that prints ``text`` whenever the port is set anew, as a UART with the port's settings reads it.

    The speed is the one set at the terminal. A pseudo-terminal keeps no frame: that is noted where the port is opened.
    """

    def __init__(self, text: bytes, line: Setting) -> None:
        self.text, self.line = text, line
        self.pbx, self._port = os.openpty()
        self.device = os.ttyname(self._port)
        self.tried: list[Setting] = []
        self.opened = asyncio.Event()

    def prints(self, asked: Serial) -> None:
        speed = _SPEED_OF[termios.tcgetattr(self.pbx)[4]]
        port = Setting(speed, asked.data_bits, asked.parity, asked.stop_bits)
        self.tried.append(port)
        self.opened.set()
        os.write(self.pbx, heard(self.text, self.line, port)[:1500])

    def close(self) -> None:
        for descriptor in (self.pbx, self._port):
            with contextlib.suppress(OSError):
                os.close(descriptor)


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    made: list[Line] = []
    really_open = sniffing.open_port

    async def opened(device: str, asked: Serial) -> Chunks:
        chunks = await really_open(device, asked)
        made[-1].prints(asked)
        return chunks

    def line(text: bytes, how: str) -> Line:
        made.append(Line(text, setting(how)))
        return made[-1]

    monkeypatch.setattr(sniffing, "open_port", opened)
    monkeypatch.setattr(sniffing, "PAUSE_S", QUICK_S)
    yield line
    for one in made:
        one.close()


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("speed", sorted(SPEEDS))
async def test_a_line_is_found_by_listening(lines: Any, speed: int, frame: str) -> None:
    line = lines(RECORDS[23:], f"{speed} {frame}")  # begins in the middle of a record
    news: list[str] = []
    found = await sniff(line.device, 60, news.append)
    assert (found.line.baud, found.line.data_bits, found.line.parity) == (speed, int(frame[0]), frame[1])
    assert found.formats[0].name == FORMAT
    assert len(line.tried) <= len(SPEEDS) + 1
    assert "Text at" in news[-1]
    assert bool(found.arrivals) == (frame[:2] not in ("8E", "8O"))  # which are read with gaps
    assert all(arrival.opened and arrival.data in RECORDS for arrival in found.arrivals)


async def test_a_silent_line_is_told_with_what_to_do(lines: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sniffing, "NEWS_S", 0.1)
    line, news = lines(b"", "9600 8N1"), []
    with pytest.raises(NothingFoundError, match=r"in 1 seconds: make a call .*TX and RX .*flow control"):
        await sniff(line.device, 1.4, news.append)
    assert any("Silent for" in sentence for sentence in news)


async def test_a_line_without_text_is_told_after_all_speeds(lines: Any) -> None:
    line = lines(bytes(range(256)), "9600 8N1")
    with pytest.raises(NothingFoundError, match="no speed gave text"):
        await sniff(line.device, 2, lambda _: None)
    assert {port.baud for port in line.tried} == set(SPEEDS)


async def test_text_of_no_known_format_has_settings_but_no_format(lines: Any) -> None:
    line = lines(b"Fault 12 at port 3, seen 4 times since Monday 10:20\r\n" * 8, "1200 7E1")
    found = await sniff(line.device, 2, lambda _: None)
    assert (found.line.baud, found.line.data_bits, found.line.parity, found.formats) == (1200, 7, "E", [])


async def test_a_port_that_goes_away_is_told(lines: Any) -> None:
    line = lines(b"", "9600 8N1")
    sniffing_it = asyncio.create_task(sniff(line.device, 30, lambda _: None))
    await line.opened.wait()
    line.close()
    with pytest.raises(LinkError, match="went away"):
        await sniffing_it


def test_the_command_prints_a_source_that_reads_the_line(
    lines: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = lines(RECORDS, "1200 7E1")
    assert execute(["sniff", f"serial:{line.device}", "--seconds", "20"]) == 0
    printed, said = capsys.readouterr()
    assert f"Listening to {line.device} at 9600." in said
    assert "no text at 9600; trying 1200." in said
    config = tmp_path / "smdr.toml"
    config.write_text(f'[site]\nname = "hq"\ntimezone = "Asia/Shanghai"\n\n{printed}')
    (source,) = load(config).sources
    assert (source.input, source.format) == (f"serial:{line.device}", FORMAT)
    assert describe(source.serial) == "1200 7E1"


@pytest.mark.parametrize(
    ("port", "said"),
    [
        ("tcp://192.0.2.1:2300", "is no serial port of this machine"),
        ("/dev/null", "/dev/null is not a serial port"),
        ("/dev/ttyNONE", "/dev/ttyNONE is not there"),
    ],
)
def test_a_port_that_cannot_be_listened_to_gets_a_sentence(
    capsys: pytest.CaptureFixture[str], port: str, said: str
) -> None:
    assert execute(["sniff", port]) == 1
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("how", ["9600 8N1", "300 7E1", "1200 8O1", "115200 7O1", "57600 8E1"])
async def test_a_line_that_prints_a_record_now_and_then_is_found_too(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sniffing, "PAUSE_S", QUICK_S)
    line = Line(b"", setting(how))

    async def print_on() -> None:
        for sample in itertools.cycle(formats.get(FORMAT).samples):
            await asyncio.sleep(4 * QUICK_S)
            speed = _SPEED_OF.get(termios.tcgetattr(line.pbx)[4], 9600)
            os.write(line.pbx, heard(sample + b"\r\n", line.line, Setting(speed)))

    printing = asyncio.create_task(print_on())
    found = await sniff(line.device, 60, lambda _: None)
    printing.cancel()
    line.close()
    assert f"{found.line.baud} {found.line.data_bits}{found.line.parity}1" == how
    assert found.formats[0].name == FORMAT
