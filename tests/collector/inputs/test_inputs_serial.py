"""Serial ports, on real pseudo-terminals."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import stat
import termios
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from recording import QuickClock, Recorder, reading, source
from serialx.platforms import serial_linux

from collector.config import Serial
from collector.inputs import ports, serial
from collector.inputs.ports import Port, list_ports, permission_problem, stable_name

if TYPE_CHECKING:
    from collections.abc import Iterator

CMSPAR = 0o10000000000


class Adapter:
    """A USB serial adapter: a pseudo-terminal behind a name that comes and goes."""

    def __init__(self, name: Path) -> None:
        self.name = name
        self.plug_in()

    def plug_in(self) -> None:
        self.pbx, self._port = os.openpty()
        self.name.symlink_to(os.ttyname(self._port))

    def unplug(self) -> None:
        self.name.unlink(missing_ok=True)
        for descriptor in (self.pbx, self._port):
            with contextlib.suppress(OSError):
                os.close(descriptor)

    def prints(self, data: bytes) -> None:
        os.write(self.pbx, data)

    def settings(self) -> tuple[int, int, int]:
        """Return what the opener set: iflag, cflag, speed."""
        iflag, _, cflag, _, speed, _, _ = termios.tcgetattr(self.pbx)
        return iflag, cflag, speed


@pytest.fixture
def adapter(tmp_path: Path) -> Iterator[Adapter]:
    adapter = Adapter(tmp_path / "ttyUSB0")
    yield adapter
    adapter.unplug()


async def test_what_the_pbx_prints_arrives(adapter: Adapter) -> None:
    sink = Recorder()
    async with reading(source(f"serial:{adapter.name}"), sink):
        assert await sink.until_link("open") == f"Reading {adapter.name} at 9600 8N1."
        adapter.prints(b"one\r\n\0\x11\x13\xff")
        await sink.until_bytes(b"one\r\n\0\x11\x13\xff")
        adapter.prints(b"two\r\n")
        await sink.until(lambda: sink.bytes_of().endswith(b"two\r\n"))
    assert [opened for _, _, opened in sink.chunks][:1] == [True]
    assert not any(opened for _, _, opened in sink.chunks[1:])


@pytest.mark.parametrize(
    ("line", "iflag", "cflag", "speed"),
    [
        ({"baud": 1200}, 0, termios.CS8, termios.B1200),
        ({"baud": 115200, "stop_bits": 2}, 0, termios.CS8 | termios.CSTOPB, termios.B115200),
        ({"flow": "xonxoff"}, termios.IXON | termios.IXOFF, termios.CS8, termios.B9600),
        ({"flow": "rtscts"}, 0, termios.CS8 | termios.CRTSCTS, termios.B9600),
    ],
)
async def test_the_line_is_set(adapter: Adapter, line: dict[str, Any], iflag: int, cflag: int, speed: int) -> None:
    sink = Recorder()
    async with reading(source(f"serial:{adapter.name}", **line), sink):
        await sink.until_link("open")
        set_iflag, set_cflag, set_speed = adapter.settings()
    flow = termios.IXON | termios.IXOFF
    frame = termios.CSIZE | termios.CSTOPB | termios.CRTSCTS
    assert (set_iflag & flow, set_cflag & frame, set_speed) == (iflag, cflag, speed)


async def test_an_unusual_baud_rate_is_set_too(adapter: Adapter) -> None:
    sink = Recorder()
    async with reading(source(f"serial:{adapter.name}", baud=31250), sink):
        await sink.until_link("open")
        adapter.prints(b"x")
        await sink.until(sink.bytes_of)


async def test_a_pseudo_terminal_has_no_character_frame_to_set(adapter: Adapter) -> None:
    sink = Recorder()
    async with reading(source(f"serial:{adapter.name}", data_bits=7, parity="E"), sink):
        assert "7E1" in await sink.until_link("open")


@pytest.mark.parametrize(
    ("parity", "flags"),
    [
        ("N", 0),
        ("E", termios.PARENB),
        ("O", termios.PARENB | termios.PARODD),
        ("M", termios.PARENB | termios.PARODD | CMSPAR),
        ("S", termios.PARENB | CMSPAR),
    ],
)
@pytest.mark.parametrize("data_bits", [5, 6, 7, 8])
def test_every_character_frame_reaches_the_driver(data_bits: int, parity: str, flags: int) -> None:
    line = Serial.model_validate({"data_bits": data_bits, "parity": parity, "stop_bits": 2})
    cflag = (
        serial_linux.LinuxSerial("/dev/ttyS0", **serial._settings("/dev/ttyS0", line))._build_tcsetattr_flags().cflag
    )
    size = {5: termios.CS5, 6: termios.CS6, 7: termios.CS7, 8: termios.CS8}[data_bits]
    assert cflag & (termios.CSIZE | termios.CSTOPB) == size | termios.CSTOPB
    assert cflag & (termios.PARENB | termios.PARODD | CMSPAR) == flags


async def test_an_adapter_pulled_out_and_put_back_is_read_again_within_five_seconds(adapter: Adapter) -> None:
    sink, clock = Recorder(), QuickClock()
    async with reading(source(f"serial:{adapter.name}"), sink, clock):
        await sink.until_link("open")
        for time in range(3):
            adapter.prints(b"before ")
            await sink.until(lambda: sink.bytes_of().endswith(b"before "))
            seen = len(sink.links)
            adapter.unplug()
            assert "unplugged" in await sink.until_link("closed", since=seen)
            assert "not there" in await sink.until_link("failed", since=seen)
            while clock.slept[-4:] != [3.0] * 4 and time == 0:  # long enough for the pauses to be at their longest
                await sink.until_link("failed", since=len(sink.links))
            seen = len(sink.links)
            adapter.plug_in()
            await sink.until_link("open", since=seen)
            adapter.prints(b"after ")
            await sink.until(lambda: sink.bytes_of().endswith(b"after "))
    assert sink.bytes_of() == b"before after " * 3
    assert sum(opened for _, _, opened in sink.chunks) == 4
    assert max(clock.slept) == 3.0


async def test_a_missing_port_names_those_there_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = [Port("/dev/ttyUSB3", "/dev/serial/by-id/usb-FTDI_A1-if00-port0", None, None, None)]
    monkeypatch.setattr(serial, "list_ports", lambda: there)
    sink = Recorder()
    async with reading(source(f"serial:{tmp_path}/ttyUSB0"), sink, QuickClock()):
        sentence = await sink.until_link("failed")
        assert sentence == (
            f"{tmp_path}/ttyUSB0 is not there: plug the adapter in, or choose another port "
            "(there are: /dev/serial/by-id/usb-FTDI_A1-if00-port0)."
        )
        monkeypatch.setattr(serial, "list_ports", list)
        await sink.until_link("failed", "no serial port was found")


async def test_a_port_in_use_is_told_and_taken_once_free(adapter: Adapter) -> None:
    sink = Recorder()
    other = os.open(adapter.name, os.O_RDWR | os.O_NOCTTY)
    fcntl.flock(other, fcntl.LOCK_EX)
    async with reading(source(f"serial:{adapter.name}"), sink, QuickClock()):
        assert "in use by another program" in await sink.until_link("failed")
        os.close(other)
        await sink.until_link("open")


@pytest.mark.parametrize("path", ["/dev/null", "/"])
async def test_what_is_no_serial_port_is_told(path: str) -> None:
    sink = Recorder()
    async with reading(source(f"serial:{path}"), sink, QuickClock()):
        assert await sink.until_link("failed", f"{path} is not a serial port: choose one")


@pytest.fixture
def as_nobody() -> Iterator[None]:
    """Go on as an ordinary user."""
    if os.geteuid() != 0:
        yield
        return
    os.setegid(65534)
    os.seteuid(65534)
    yield
    os.seteuid(0)
    os.setegid(0)


@pytest.fixture
def roots_port(adapter: Adapter) -> str:
    """Return a port that belongs to group dialout, and root where the tests may arrange that."""
    device = os.ttyname(adapter._port)
    if os.geteuid() == 0:
        os.chown(device, 0, 20)
        Path(device).chmod(0o660)
    else:
        Path(device).chmod(0)
    return device


async def test_wrong_permissions_name_the_group_to_join(roots_port: str, as_nobody: None) -> None:  # noqa: ARG001
    sink = Recorder()
    async with reading(source(f"serial:{roots_port}"), sink, QuickClock()):
        sentence = await sink.until_link("failed")
    assert "dialout" in sentence
    assert "may not use" in sentence


def test_the_permission_sentence_depends_on_what_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    device = tmp_path / "ttyUSB0"
    device.touch()
    monkeypatch.setattr(os, "access", lambda *_, **__: False)
    monkeypatch.setattr(ports, "_user", lambda _: "smdr")

    def problem(mode: int, gid: int, members: list[str]) -> str:
        facts = list(device.stat())
        facts[stat.ST_MODE], facts[stat.ST_GID] = stat.S_IFCHR | mode, gid
        monkeypatch.setattr(Path, "stat", lambda _: os.stat_result(facts))
        monkeypatch.setattr(ports, "_group", lambda _: "dialout")
        monkeypatch.setattr(ports, "_members", lambda _: members)
        return permission_problem(str(device)) or ""

    assert "add the user to it with `sudo usermod -aG dialout smdr`" in problem(0o660, 20, [])
    assert "log in again, or restart the service" in problem(0o660, 20, ["smdr"])
    assert "sudo chgrp dialout" in problem(0o600, 20, [])
    assert "sudo chgrp dialout" in problem(0o660, 0, [])


async def test_a_sink_without_room_stops_the_reading(adapter: Adapter) -> None:
    sink = Recorder()
    sink.room.clear()
    os.set_blocking(adapter.pbx, False)
    async with reading(source(f"serial:{adapter.name}"), sink):
        await sink.until_link("open")
        sent = await _print_until_refused(adapter)
        sink.room.set()
        await sink.until(lambda: len(sink.bytes_of()) == len(sent))
    assert sink.bytes_of() == sent


async def _print_until_refused(adapter: Adapter) -> bytes:
    """Print until the terminal takes no more for good; the bytes it took."""
    sent, refusals = b"", 0
    while refusals < 50:
        try:
            block = b"%07d\n" % len(sent)
            sent += block[: os.write(adapter.pbx, block)]
            refusals = 0
        except BlockingIOError:
            refusals += 1
        await asyncio.sleep(0)
        assert len(sent) < 1_000_000
    return sent


def plug_into_sysfs(root: Path, name: str, *, serial_number: str | None, by_id: str, by_path: str) -> None:
    usb = root / "sys/devices" / name
    port = usb / "interface" / name
    (port).mkdir(parents=True)
    for file, text in {"idVendor": "0403", "idProduct": "6001", "bcdDevice": "0600", "manufacturer": "FTDI"}.items():
        (usb / file).write_text(text + "\n")
    (usb / "product").write_text("FT232R USB UART\n")
    if serial_number:
        (usb / "serial").write_text(serial_number + "\n")
    (usb / "interface/bInterfaceNumber").write_text("00\n")
    (port / "port_number").write_text("0\n")
    for link, target in {"subsystem": "usb-serial", "driver": "ftdi_sio"}.items():
        (root / "sys/bus" / target).mkdir(parents=True, exist_ok=True)
        (port / link).symlink_to(root / "sys/bus" / target)
    (root / "sys/class/tty" / name).mkdir(parents=True)
    (root / "sys/class/tty" / name / "device").symlink_to(port)
    (root / "dev").mkdir(exist_ok=True)
    (root / "dev" / name).touch()
    for folder, link in {"by-id": by_id, "by-path": by_path}.items():
        (root / "dev/serial" / folder).mkdir(parents=True, exist_ok=True)
        path = root / "dev/serial" / folder / link
        path.unlink(missing_ok=True)
        path.symlink_to(root / "dev" / name)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine whose /dev and /sys are folders of the test."""
    monkeypatch.setattr(serial_linux, "SYS_ROOT", tmp_path / "sys")
    monkeypatch.setattr(serial_linux, "DEV_ROOT", tmp_path / "dev")
    monkeypatch.setattr(ports, "SYS", tmp_path / "sys")
    monkeypatch.setattr(ports, "DEV", tmp_path / "dev")
    return tmp_path


def test_ports_are_listed_under_the_name_that_lasts(machine: Path) -> None:
    plug_into_sysfs(machine, "ttyUSB10", serial_number="A2", by_id="usb-A2", by_path="pci-2")
    plug_into_sysfs(machine, "ttyUSB2", serial_number="A1", by_id="usb-A1", by_path="pci-1")
    first, second = list_ports()
    dev = machine / "dev"
    assert first == Port(f"{dev}/ttyUSB2", f"{dev}/serial/by-id/usb-A1", "ftdi_sio", "FTDI FT232R USB UART", None)
    assert (second.device, second.name) == (f"{dev}/ttyUSB10", f"{dev}/serial/by-id/usb-A2")
    assert stable_name(f"{dev}/ttyUSB2") == f"{dev}/serial/by-id/usb-A1"


def test_twins_without_serial_numbers_are_told_apart_by_their_sockets(machine: Path) -> None:
    plug_into_sysfs(machine, "ttyUSB0", serial_number=None, by_id="usb-FTDI", by_path="pci-1")
    plug_into_sysfs(machine, "ttyUSB1", serial_number=None, by_id="usb-FTDI", by_path="pci-2")
    names = [port.stable_name for port in list_ports()]
    assert names == [f"{machine}/dev/serial/by-path/pci-1", f"{machine}/dev/serial/by-path/pci-2"]


def test_a_machine_without_ports_has_an_empty_list(machine: Path) -> None:
    assert list_ports() == []
    assert stable_name(f"{machine}/dev/ttyUSB0") is None


async def test_a_passing_name_is_read_but_the_lasting_one_suggested(
    adapter: Adapter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ports, "DEV", tmp_path / "dev")
    lasting = tmp_path / "dev/serial/by-id/usb-A1"
    lasting.parent.mkdir(parents=True)
    lasting.symlink_to(adapter.name)
    sink = Recorder()
    async with reading(source(f"serial:{adapter.name}"), sink):
        assert f"Its lasting name is {lasting}: use that one." in await sink.until_link("open")
