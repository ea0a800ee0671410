"""Serial ports. The only module that knows which library drives them."""

from __future__ import annotations

import asyncio
import errno
import os
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, cast

import serialx

from collector.inputs.base import LinkError, Reconnecting, describe
from collector.inputs.chunks import Chunks
from collector.inputs.ports import list_ports, permission_problem, stable_name
from collector.inputs.talking import talk
from collector.inputs.uart import counted

if TYPE_CHECKING:
    from collector.config import Serial

PSEUDO_TERMINALS = range(136, 144)
"""Device majors of ``/dev/pts``."""


class SerialChunks(Chunks):
    """The bytes of a serial port."""

    @property
    def descriptor(self) -> int:
        """The open port."""
        transport = cast("serialx.BaseSerialTransport", self._transport)
        return transport.serial.fileno()


class SerialPort(Reconnecting):
    """A PBX on a serial port of this machine."""

    ceiling = 3.0

    async def session(self) -> str:
        """Read the port until it goes away."""
        device, line = self.source.link.path, self.source.serial
        chunks = await open_port(device, line)
        try:
            self.opened("open", _opened(device, line))
            async with counted(chunks.descriptor, self.sink.line_errors, self.clock):
                await talk(self.source, chunks, self.sink)
        finally:
            await chunks.close()
        return f"{device} went away: the adapter was unplugged or reset. It is read again as soon as it is back."


async def open_port(device: str, line: Serial) -> SerialChunks:
    """Open ``device`` for this process alone, set as ``line`` says, DTR and RTS up.

    Raises LinkError with a sentence for the technician.
    """
    chunks = SerialChunks()
    try:
        await serialx.create_serial_connection(
            asyncio.get_running_loop(), lambda: chunks, f"device://{device}", **_settings(device, line)
        )
    except OSError as error:
        raise LinkError(await asyncio.to_thread(explain, device, line, error)) from error
    except serialx.SerialException as error:
        raise LinkError(f"{device} cannot be set to {describe(line)}: {error}.") from error
    return chunks


def explain(device: str, line: Serial, error: OSError) -> str:
    """Return the sentence for a port that cannot be opened, with the fix."""
    match error.errno:
        case errno.ENOENT:
            sentence = f"{device} is not there: plug the adapter in, or choose another port ({_choice()})."
        case errno.EACCES | errno.EPERM:
            sentence = permission_problem(device) or f"This system does not permit the use of {device}."
        case errno.EBUSY:
            sentence = f"{device} is in use by another program: close it (`sudo fuser -v {device}` names it)."
        case errno.ENOTTY | errno.EISDIR:
            sentence = f"{device} is not a serial port: choose one ({_choice()})."
        case errno.EINVAL:
            sentence = f"The driver of {device} cannot be set to {describe(line)}: check the serial settings."
        case errno.EIO | errno.ENXIO | errno.ENODEV:
            sentence = f"{device} does not answer: there is no hardware behind this name, or it was just unplugged."
        case _:
            sentence = f"{device} cannot be opened: {error.strerror or error}."
    return sentence


class _Settings(TypedDict):
    baudrate: int
    byte_size: int
    parity: serialx.Parity
    stopbits: serialx.StopBits
    xonxoff: bool
    rtscts: bool


def _settings(device: str, line: Serial) -> _Settings:
    data_bits, parity = line.data_bits, line.parity
    if _is_pseudo_terminal(device):
        # There is no wire, so nothing but 8N; the C library reports what the kernel ignored as an error.
        data_bits, parity = 8, "N"
    return {
        "baudrate": line.baud,
        "byte_size": data_bits,
        "parity": serialx.Parity(parity),
        "stopbits": serialx.StopBits(line.stop_bits),
        "xonxoff": line.flow == "xonxoff",
        "rtscts": line.flow == "rtscts",
    }


def _is_pseudo_terminal(device: str) -> bool:
    try:
        return os.major(Path(device).stat().st_rdev) in PSEUDO_TERMINALS
    except OSError:
        return False


def _opened(device: str, line: Serial) -> str:
    sentence = f"Reading {device} at {describe(line)}."
    stable = None if device.startswith("/dev/serial/") else stable_name(device)
    return f"{sentence} Its lasting name is {stable}: use that one." if stable else sentence


def _choice() -> str:
    names = ", ".join(port.name for port in list_ports())
    return f"there are: {names}" if names else "no serial port was found on this machine"
