"""Where bytes come from. Every input hands them to a `Sink` and keeps its link open for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.inputs.base import SystemClock

if TYPE_CHECKING:
    from collector.config import Source
    from collector.inputs.base import Clock, Input, Sink

_REAL = SystemClock()


def open_input(source: Source, sink: Sink, clock: Clock = _REAL) -> Input:
    """Return the input that ``source`` names, ready to `run`. Nothing is opened before that."""
    # Each kind brings its own libraries: only those in use are loaded.
    match source.link.scheme:
        case "serial":
            from collector.inputs.serial import SerialPort  # noqa: PLC0415

            return SerialPort(source, sink, clock)
        case "rfc2217":
            from collector.inputs.rfc2217 import Rfc2217Port  # noqa: PLC0415

            return Rfc2217Port(source, sink, clock)
        case "tcp":
            from collector.inputs.tcp import TcpClient  # noqa: PLC0415

            return TcpClient(source, sink, clock)
        case "tcp-listen":
            from collector.inputs.tcp import TcpServer  # noqa: PLC0415

            return TcpServer(source, sink, clock)
        case "file":
            from collector.inputs.files import FollowedFile  # noqa: PLC0415

            return FollowedFile(source, sink, clock)
        case "stdin":
            from collector.inputs.files import StandardInput  # noqa: PLC0415

            return StandardInput(source, sink)
        case scheme:
            raise ValueError(f"no input reads {scheme}:")
