"""The serial ports of this machine: their stable names, what is behind them, and why one cannot be used."""

from __future__ import annotations

import grp
import os
import pwd
import re
import stat
from dataclasses import dataclass
from pathlib import Path

import serialx

DEV = Path("/dev")
SYS = Path("/sys")


@dataclass(frozen=True)
class Port:
    """One serial port.

    ``stable_name`` is the name under ``/dev/serial`` that survives replugging, where there is one; ``problem`` is a
    sentence saying why the collector, as the user asking, cannot open the port.
    """

    device: str
    stable_name: str | None
    driver: str | None
    product: str | None
    problem: str | None

    @property
    def name(self) -> str:
        """The name to write into a configuration."""
        return self.stable_name or self.device


def list_ports() -> list[Port]:
    """Return the serial ports of this machine that have hardware behind them, in the order of their names."""
    found = serialx.list_serial_ports()
    ports = [_port(info, found) for info in found]
    return sorted(ports, key=lambda port: [int(n) if n.isdigit() else n for n in re.split(r"(\d+)", port.device)])


def stable_name(device: str) -> str | None:
    """Return the name under ``/dev/serial`` that stays with the adapter (or its socket), or None."""
    return _link_to(device, "by-id") or _link_to(device, "by-path")


def permission_problem(device: str) -> str | None:
    """Return a sentence saying what keeps the present user from using ``device``, or None. OSError: no such device."""
    if os.access(device, os.R_OK | os.W_OK, effective_ids=True):
        return None
    status = Path(device).stat()
    user, group = _user(os.geteuid()), _group(status.st_gid)
    group_may = status.st_mode & 0o060 == 0o060
    if not group_may or status.st_gid == 0:
        mode = stat.filemode(status.st_mode)
        return (
            f"User {user} may not use {device}: only its owner {_user(status.st_uid)} may ({mode}). "
            f"Give it to group dialout: `sudo chgrp dialout {device}; sudo chmod 660 {device}` "
            f"(a udev rule makes that last)."
        )
    if user in _members(status.st_gid):
        return (
            f"User {user} is in group {group}, which may use {device}, but was added after this session began: "
            f"log in again, or restart the service."
        )
    return (
        f"User {user} may not use {device}, which belongs to group {group}: add the user to it with "
        f"`sudo usermod -aG {group} {user}`, then log in again or restart the service."
    )


def _port(info: serialx.SerialPortInfo, found: list[serialx.SerialPortInfo]) -> Port:
    device = info.resolved_device
    name = _link_to(device, "by-path") if _has_twin(info, found) else stable_name(device)
    words = [word for word in (info.manufacturer, info.product) if word]
    try:
        problem = permission_problem(device)
    except OSError as error:
        problem = f"{device} cannot be looked at: {error.strerror}."
    return Port(device, name, _driver(device), " ".join(words) or None, problem)


def _has_twin(info: serialx.SerialPortInfo, found: list[serialx.SerialPortInfo]) -> bool:
    """Whether another adapter calls itself the same, so that both compete for one name under ``by-id``."""
    if info.vid is None:
        return False

    def identity(port: serialx.SerialPortInfo) -> tuple[object, ...]:
        return (port.vid, port.pid, port.serial_number, port.interface_num, port.port_number)

    return [identity(port) for port in found].count(identity(info)) > 1


def _link_to(device: str, folder: str) -> str | None:
    target = Path(device).resolve()
    try:
        links = sorted((DEV / "serial" / folder).iterdir())
    except OSError:
        return None
    return next((str(link) for link in links if link.resolve() == target), None)


def _driver(device: str) -> str | None:
    try:
        return (SYS / "class/tty" / Path(device).name / "device/driver").readlink().name
    except OSError:
        return None


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _group(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


def _members(gid: int) -> list[str]:
    try:
        return grp.getgrgid(gid).gr_mem
    except KeyError:
        return []
