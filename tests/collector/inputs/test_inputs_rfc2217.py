"""Device servers: the negotiation by itself, against a scripted server, and against the real ser2net."""

from __future__ import annotations

import os
import subprocess
import termios
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recording import QuickClock, Recorder, reading, source
from servers import find_server
from test_inputs_tcp import Pbx, free_port

from collector.inputs.rfc2217 import COM_PORT, DO, DONT, IAC, SB, SE, WILL, WONT, ComPort

if TYPE_CHECKING:
    from collections.abc import Iterator

ECHO, BINARY = 1, 0


def telnet(verb: int, option: int) -> bytes:
    return bytes([IAC, verb, option])


def request(command: int, value: bytes) -> bytes:
    return bytes([IAC, SB, COM_PORT, command]) + value.replace(b"\xff", b"\xff\xff") + bytes([IAC, SE])


def answers(baud: int = 9600, data_bits: int = 8, parity: int = 1, stop_bits: int = 1) -> bytes:
    values = {101: baud.to_bytes(4, "big"), 102: bytes([data_bits]), 103: bytes([parity]), 104: bytes([stop_bits])}
    return b"".join(request(command, value) for command, value in values.items())


def port(**line: Any) -> ComPort:
    return ComPort(source("rfc2217://192.0.2.1:4001", **line).serial)


def sent(com: ComPort) -> bytes:
    data = bytes(com.outgoing)
    com.outgoing.clear()
    return data


def test_the_far_port_is_set_once_the_server_agrees() -> None:
    com = port(baud=1200, data_bits=7, parity="E", stop_bits=2, flow="xonxoff")
    assert sent(com) == telnet(WILL, BINARY) + telnet(WILL, COM_PORT) + telnet(DO, BINARY)
    assert com.feed(telnet(DO, COM_PORT) + telnet(DO, BINARY)) == b""
    assert sent(com) == b"".join(
        [
            request(1, (1200).to_bytes(4, "big")),
            request(2, b"\x07"),
            request(3, b"\x03"),
            request(4, b"\x02"),
            request(5, b"\x02"),
            request(5, b"\x08"),
            request(5, b"\x0b"),
            request(10, b"\0"),
            request(11, b"\0"),
        ]
    )
    assert "has not confirmed 1200 7E2 xonxoff yet" in com.situation
    com.feed(answers(1200, 7, 3, 2))
    assert com.situation == "The device server's port is at 1200 7E2 xonxoff."


@pytest.mark.parametrize(("parity", "code"), [("N", 1), ("O", 2), ("E", 3), ("M", 4), ("S", 5)])
@pytest.mark.parametrize(("flow", "control"), [("none", 1), ("xonxoff", 2), ("rtscts", 3)])
def test_every_parity_and_flow_control_is_asked_for(parity: str, code: int, flow: str, control: int) -> None:
    com = port(parity=parity, flow=flow)
    com.feed(telnet(DO, COM_PORT))
    asked = sent(com)
    assert request(3, bytes([code])) in asked
    assert request(5, bytes([control])) in asked
    assert (request(5, b"\x0b") in asked) == (flow != "rtscts"), "RTS belongs to the flow control"


def test_a_baud_rate_with_the_escape_byte_in_it_is_escaped() -> None:
    com = port(baud=255)
    com.feed(telnet(DO, COM_PORT))
    assert b"\x01\x00\x00\x00\xff\xff\xff\xf0" in sent(com)
    com.feed(answers(255))
    assert com.situation == "The device server's port is at 255 8N1."


def test_settings_the_server_changed_are_told() -> None:
    com = port()
    com.feed(telnet(DO, COM_PORT) + answers(19200, 7, 2, 1))
    assert com.situation == "The device server did not take 9600 8N1: its port is at 19200 7O1."


def test_a_server_that_refuses_is_told() -> None:
    com = port()
    com.feed(telnet(DONT, COM_PORT))
    assert "its own settings are in force" in com.situation


def test_options_nobody_needs_are_declined_and_agreement_is_not_repeated() -> None:
    com = port()
    sent(com)
    com.feed(telnet(WILL, ECHO) + telnet(DO, 31) + telnet(WILL, COM_PORT) + telnet(WILL, 3))
    assert sent(com) == telnet(DONT, ECHO) + telnet(WONT, 31) + telnet(DO, COM_PORT) + telnet(DO, 3)
    com.feed(telnet(WILL, COM_PORT) + telnet(DO, BINARY) + telnet(WONT, BINARY) + telnet(DONT, BINARY))
    assert sent(com) == b""
    com.feed(telnet(DO, COM_PORT) * 2)
    assert sent(com).count(bytes([IAC, SB, COM_PORT, 1])) == 1


pieces = st.one_of(
    st.binary(max_size=20).map(lambda data: (data.replace(b"\xff", b"\xff\xff"), data)),
    st.sampled_from(
        [
            telnet(DO, COM_PORT),
            telnet(WILL, ECHO),
            bytes([IAC, 241]),
            request(107, b"\xb0"),
            request(101, b"\x00\x00\xff\x80"),
            bytes([IAC, SB, 31, IAC, SE]),
        ]
    ).map(lambda command: (command, b"")),
)


@given(st.lists(pieces, max_size=12), st.data())
def test_commands_are_taken_out_wherever_the_stream_is_split(
    stream: list[tuple[bytes, bytes]], data: st.DataObject
) -> None:
    wire = b"".join(piece for piece, _ in stream)
    com, line, position = port(), b"", 0
    while position < len(wire):
        size = data.draw(st.integers(1, len(wire) - position))
        line += com.feed(wire[position : position + size])
        position += size
    assert line == b"".join(payload for _, payload in stream)


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_no_bytes_upset_it_or_pile_up_in_it(chunks: list[bytes]) -> None:
    com = port()
    for chunk in chunks:
        com.feed(chunk)
        assert len(com._unfinished) < 1100
        assert com.situation


async def test_bytes_that_come_before_the_port_is_set_are_kept() -> None:
    sink = Recorder()
    async with Pbx() as server, reading(source(f"rfc2217://127.0.0.1:{server.port}"), sink, QuickClock()):
        far = await server.caller()
        far.write(telnet(DO, COM_PORT) + b"printed meanwhile\r\n")
        await sink.until_bytes(b"printed meanwhile\r\n")
        await sink.until_link("open", "has not confirmed 9600 8N1 yet")
        far.write(answers() + b"and after")
        await sink.until_link("open", "is at 9600 8N1")
        await sink.until(lambda: sink.bytes_of().endswith(b"and after"))
        far.close()
        assert "closed the connection" in await sink.until_link("closed")
        seen = len(sink.links)
        again = await server.caller()
        again.write(b"again")
        await sink.until_link("open", "has not confirmed", since=seen)
        await sink.until(lambda: sink.bytes_of().endswith(b"again"))
        again.close()
    assert [opened for _, _, opened in sink.chunks][-1]


def documented() -> str:
    """Return the configuration of ser2net that the guide tells technicians to use."""
    guide = Path(__file__).parents[3] / "docs/wiring-and-serial.md"
    return textwrap.dedent(guide.read_text().partition("  ```yaml\n")[2].partition("  ```\n")[0])


class Ser2net:
    """The real device server, on a pseudo-terminal."""

    def __init__(self, folder: Path) -> None:
        self.pbx, self._line = os.openpty()
        self.port = free_port()
        self._configuration = folder / "ser2net.yaml"
        self._configuration.write_text(
            documented()
            .replace("tcp,4001", f"tcp,127.0.0.1,{self.port}")
            .replace("/dev/ttyUSB0", os.ttyname(self._line))
        )
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen([find_server("ser2net", "ser2net"), "-n", "-c", self._configuration])

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()

    def close(self) -> None:
        self.stop()
        os.close(self.pbx)
        os.close(self._line)


@pytest.fixture
def ser2net(tmp_path: Path) -> Iterator[Ser2net]:
    server = Ser2net(tmp_path)
    yield server
    server.close()


async def test_ser2net_sets_its_port_as_asked_and_passes_everything_on(ser2net: Ser2net) -> None:
    sink = Recorder()
    where = f"rfc2217://127.0.0.1:{ser2net.port}"
    async with reading(source(where, baud=1200, stop_bits=2, flow="xonxoff"), sink, QuickClock()):
        assert "port is at 1200 8N2 xonxoff." in await sink.until_link("open", "port is at")
        iflag, _, cflag, _, speed, _, _ = termios.tcgetattr(ser2net.pbx)
        assert speed == termios.B1200
        assert cflag & termios.CSTOPB
        assert iflag & termios.IXON
        every_byte = bytes(value for value in range(256) if value not in b"\x11\x13")
        os.write(ser2net.pbx, every_byte)
        await sink.until_bytes(every_byte)


async def test_ser2net_that_was_restarted_is_used_again(ser2net: Ser2net) -> None:
    sink = Recorder()
    async with reading(source(f"rfc2217://127.0.0.1:{ser2net.port}"), sink, QuickClock()):
        await sink.until_link("open", "port is at 9600 8N1")
        seen = len(sink.links)
        ser2net.stop()
        await sink.until_link("closed", since=seen)
        ser2net.start()
        await sink.until_link("open", "port is at 9600 8N1", since=seen)
        os.write(ser2net.pbx, b"back")
        await sink.until_bytes(b"back")
