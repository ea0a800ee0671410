"""Where bytes come from. Every input hands them to a `Sink` and keeps its link open for ever."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from collector.inputs.base import SystemClock

if TYPE_CHECKING:
    from collector.config import Source
    from collector.inputs.base import Clock, Input, Sink

_REAL = SystemClock()

_KINDS = {
    "serial": ("serial", "SerialPort"),
    "rfc2217": ("rfc2217", "Rfc2217Port"),
    "tcp": ("tcp", "TcpClient"),
    "tcp-listen": ("tcp", "TcpServer"),
    "file": ("files", "FollowedFile"),
    "folder": ("folder", "DroppedFiles"),
    "syslog-udp": ("syslog", "SyslogDatagrams"),
    "syslog-tcp": ("syslog", "SyslogServer"),
    "stdin": ("files", "StandardInput"),
}
"""Module and class of each kind of input. Each brings its own libraries: only those in use are loaded."""


def open_input(source: Source, sink: Sink, clock: Clock = _REAL) -> Input:
    """Return the input that ``source`` names, ready to `run`. Nothing is opened before that."""
    module, name = _KINDS[source.link.scheme]
    opened: Input = getattr(import_module(f"collector.inputs.{module}"), name)(source, sink, clock)
    return opened
