"""Where a source is read from: the ``input`` of a source, taken apart."""

from __future__ import annotations

import ipaddress
import re
from typing import NamedTuple

from collector.problems import choices

FORMS = {
    "serial": (
        "serial:/dev/ttyUSB0",
        "a serial port of this machine; the names under `/dev/serial/by-id` survive replugging",
    ),
    "rfc2217": ("rfc2217://host:port", "a port of a device server that is set over the network (ser2net, Moxa)"),
    "tcp": ("tcp://host:port", "the collector connects to the PBX or to a device server"),
    "tcp-listen": ("tcp-listen://address:port", "the PBX connects to the collector, several at once"),
    "file": ("file:PATH", "a file another program appends to"),
    "folder": ("folder:PATH", "files that are dropped into a folder, each taken once when it is complete"),
    "syslog-udp": ("syslog-udp://address:port", "records as syslog messages, in datagrams"),
    "syslog-tcp": ("syslog-tcp://address:port", "records as syslog messages, the PBX connects to the collector"),
    "stdin": ("stdin:", "standard input"),
}
"""The kinds of input: how each is written, and what it is."""

LISTENING = ("tcp-listen", "syslog-udp", "syslog-tcp")
"""Those that others send to."""

_HOST_PORT = re.compile(r"//(?:\[(?P<ip6>[0-9A-Fa-f:.%\w]+)\]|(?P<host>[^\[\]:/\s]+)):(?P<port>\d{1,5})/?")


class Link(NamedTuple):
    """One input. ``path`` for serial ports and files, ``host`` and ``port`` for network inputs."""

    scheme: str
    path: str = ""
    host: str = ""
    port: int = 0

    @classmethod
    def parse(cls, text: str) -> Link:
        """Take an input apart; raise ValueError(message, hint) where it is not one."""
        scheme, colon, rest = text.partition(":")
        if not colon:
            raise ValueError(f'"{text}" is not an input', f"write {_forms()}")
        if scheme not in FORMS:
            raise ValueError(f'unknown kind of input "{scheme}"', choices(scheme, FORMS))
        form, _ = FORMS[scheme]
        if scheme == "stdin":
            if rest:
                raise ValueError("standard input has no address", f"write {form}")
            return cls(scheme)
        if scheme in ("serial", "file", "folder"):
            if not rest or rest.startswith("//"):
                raise ValueError(f'"{text}" does not name a path', f"write {form}")
            return cls(scheme, path=rest)
        return cls._network(scheme, rest, form)

    @classmethod
    def _network(cls, scheme: str, rest: str, form: str) -> Link:
        match = _HOST_PORT.fullmatch(rest)
        if match is None:
            raise ValueError(f'"{scheme}:{rest}" is not host and port', f"write {form}")
        port = int(match["port"])
        if not 1 <= port <= 65535:
            raise ValueError(f"port {port} does not exist", "ports are 1 to 65535")
        return cls(scheme, host=match["ip6"] or match["host"], port=port)

    def __str__(self) -> str:
        """Return the input as it is written in a configuration."""
        if not self.host:
            return f"{self.scheme}:{self.path}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    @property
    def listens_beyond_this_machine(self) -> bool:
        """Whether other machines can connect to this input."""
        return self.scheme in LISTENING and not _is_loopback(self.host)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _forms() -> str:
    return "one of " + ", ".join(form for form, _ in FORMS.values())
