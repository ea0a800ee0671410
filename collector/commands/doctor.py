"""`smdr doctor`: looks at everything the collector stands on, and says of each finding what to do."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import shutil
import sqlite3
import stat
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple
from zoneinfo import ZoneInfo

import aiohttp

from collector import status
from collector.inputs.ports import permission_problem, stable_name
from collector.outputs.influx_server import Failure, connected
from collector.running import is_running
from collector.secret import SecretError, secret
from collector.segments import segments
from collector.tls import TlsError, expiry
from collector.wording import to_the_second

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.config import Config, Output, Source

Verdict = Literal["ok", "note", "problem"]

_TIMEOUT = aiohttp.ClientTimeout(total=10, sock_connect=5)
_FIXED_SQLITE = (3, 51, 3)
_NETWORK_DISKS = frozenset({"nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "9p", "ceph", "glusterfs"})
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class Finding(NamedTuple):
    """What was looked at, how it is, and what to do (empty where nothing is)."""

    verdict: Verdict
    what: str
    sentence: str
    fix: str = ""


def examine(config: Config, grafana: str | None, grafana_token: Path | None) -> Iterator[Finding]:
    """Look at everything, from the machine to the servers calls go to."""
    for warning in config.warnings:
        yield Finding("problem", "configuration", f"{warning.file}:{warning.line}: {warning.message}", warning.hint)
    yield _sqlite()
    yield _clock()
    yield _zone(config)
    yield from _disk(config.site.data)
    data = config.site.data
    is_open = not data.exists() or os.access(data, os.R_OK | os.X_OK)
    if is_open:
        yield from _databases(data)
    else:
        fix = "run this as the collector's user: sudo -u smdr smdr doctor"
        yield Finding("problem", "data folder", f"{data} cannot be read by this user.", fix)
    yield from _certificates(config)
    running = is_running(config.site.data)
    for source in config.sources:
        yield from _source(source, running=running)
    if is_open:
        yield from _state(config, running=running)
    for output in config.outputs:
        yield asyncio.run(_output(output))
    if grafana:
        yield asyncio.run(_grafana(grafana, grafana_token))


def _sqlite() -> Finding:
    version = sqlite3.sqlite_version
    if sqlite3.sqlite_version_info < _FIXED_SQLITE:
        return Finding(
            "note",
            "sqlite",
            f"SQLite {version} can damage a database that two connections checkpoint at once (mended in 3.51.3). The "
            "collector uses one for that.",
            "do not write into its databases with other programs while it runs; reading is safe",
        )
    return Finding("ok", "sqlite", f"SQLite {version}.")


def _clock() -> Finding:
    asked = shutil.which("timedatectl")
    shown = (
        subprocess.run(  # noqa: S603  (a path that was looked up)
            [asked, "show", "--property=NTPSynchronized", "--value"], capture_output=True, text=True, check=False
        ).stdout.strip()
        if asked
        else ""
    )
    if shown == "yes":
        return Finding("ok", "clock", "The clock of this computer is kept right over the network.")
    if shown == "no":
        return Finding(
            "problem", "clock", "The clock of this computer is not kept right.", "sudo timedatectl set-ntp true"
        )
    return Finding(
        "note",
        "clock",
        "Whether the clock is kept right cannot be told here (no systemd).",
        "see that chrony or ntpd runs",
    )


def _zone(config: Config) -> Finding:
    here = dt.datetime.now().astimezone()
    there = dt.datetime.now(tz=dt.UTC).astimezone(ZoneInfo(config.site.timezone))
    sentence = f"It is {there:%H:%M} at the site ({config.site.timezone})"
    if here.utcoffset() == there.utcoffset():
        return Finding("ok", "time zone", f"{sentence}, as on this computer.")
    return Finding(
        "note",
        "time zone",
        f"{sentence}, and {here:%H:%M} on this computer.",
        "right if the computer keeps another zone, such as UTC; else correct `timezone` of [site]",
    )


def _disk(data: Path) -> Iterator[Finding]:
    if not data.is_dir():
        yield Finding("note", "data", f"{data} is not there yet.", "the first start makes it")
        return
    kind = _file_system(data)
    if kind in _NETWORK_DISKS:
        yield Finding(
            "problem", "data", f"{data} is on a network disk ({kind}).", "SQLite needs a local one: move `data`"
        )
    usage = shutil.disk_usage(data)
    held = sum(file.stat().st_size for file in data.rglob("*") if file.is_file())
    room = f"{usage.free / 1e9:,.1f} GB are free, {held / 1e6:,.0f} MB are used by the collector"
    if usage.free < max(held // 10, 500_000_000):
        yield Finding("problem", "disk", f"{room}: that is little.", "make room, or move `data` to a larger disk")
    else:
        yield Finding("ok", "disk", f"{room}.")


def _databases(data: Path) -> Iterator[Finding]:
    files = [*segments(data / "journal"), *(data / name for name in ("calls.db", "events.db", "office.db"))]
    for file in files:
        if not file.exists():
            continue
        open_to = stat.S_IMODE(file.stat().st_mode) & _OTHERS
        if open_to:
            yield Finding("problem", file.name, "Other users can read it.", f"chmod 600 {file}")
        fault = _damage(file)
        if fault:
            yield Finding("problem", file.name, f"It is damaged: {fault}.", _MEND.get(file.name, "`smdr repair`"))
        else:
            yield Finding("ok", file.name, f"Whole, {file.stat().st_size / 1e6:,.1f} MB.")


def _certificates(config: Config) -> Iterator[Finding]:
    for file in config.certificates:
        try:
            days = (expiry(file) - time.time()) / 86_400
        except TlsError as error:
            yield Finding("problem", file.name, f"{error}.", "until it is right nothing is served with it")
            continue
        if days < config.alarms.certificate_days:
            sentence = f"It is valid for {days:.0f} days." if days > 0 else "It is not valid any more."
            yield Finding(
                "problem", file.name, sentence, "put a new one in its place; it counts from the next connection"
            )
        else:
            yield Finding("ok", file.name, f"It is valid for {days:.0f} days.")


_MEND = {
    "calls.db": "stop the collector and run `smdr reparse`: it is made anew from the journal",
    "events.db": "stop the collector and move it away; what happened until now is lost, no call is",
    "office.db": "stop the console and restore it from the backup",
}


def _damage(file: Path) -> str | None:
    try:
        db = sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=10)
        try:
            said = str(db.execute("PRAGMA quick_check(1)").fetchone()[0])
        finally:
            db.close()
    except sqlite3.Error as error:
        return str(error)
    return None if said == "ok" else said


def _source(source: Source, *, running: bool) -> Iterator[Finding]:
    link = source.link
    name = f"source {source.name}"
    if link.scheme == "serial":
        yield _serial_port(name, link.path)
    elif link.listens_beyond_this_machine:
        peers = ", ".join(source.allow)
        yield Finding("note", name, f"It listens beyond this computer, for {peers}.", "let a firewall say so, too")
    elif link.scheme == "file" and not Path(link.path).exists() and not running:
        yield Finding("note", name, f"{link.path} is not there.", "it is waited for")
    elif link.scheme == "folder" and not Path(link.path).is_dir():
        yield Finding("problem", name, f"There is no folder {link.path}.", "make it, or correct `input`")


def _serial_port(name: str, device: str) -> Finding:
    try:
        problem = permission_problem(device)
    except OSError as error:
        return Finding(
            "problem", name, f"{device}: {error.strerror}.", "plug the adapter in; `smdr ports` lists the ports"
        )
    if problem:
        return Finding("problem", name, problem, "as it says")
    lasting = stable_name(device)
    if lasting and not device.startswith("/dev/serial/"):
        return Finding("note", name, f"{device} may change its name when it is replugged.", f"write {lasting}")
    return Finding("ok", name, f"{device} can be used.")


def _state(config: Config, *, running: bool) -> Iterator[Finding]:
    if not running:
        yield Finding("problem", "collector", "It is not running.", "sudo systemctl start smdr, or: smdr run")
        return
    yield Finding("ok", "collector", "It is running.")
    now = status.read(config)
    for alarm in now["alarms"]:
        name = f"{alarm['kind']} {alarm['subject']}"
        yield Finding("problem", name, alarm["sentence"], f"an alarm since {to_the_second(alarm['since'])}")
    for source in now["sources"]:
        count = source["bytes"]
        if source["rejected"] and count["rejected"] * 10 > count["received"]:
            yield Finding(
                "problem",
                f"source {source['name']}",
                f"{count['rejected'] / count['received']:.0%} of what it sent was not understood.",
                "look at the console's page Lines, or at table rejected; then `smdr explain`",
            )


async def _output(output: Output) -> Finding:
    name = f"output {output.name}"
    try:
        async with connected(output, _TIMEOUT) as server:
            began = time.monotonic()
            await server.write(b"\n")
            took_ms = (time.monotonic() - began) * 1000
    except Failure as failure:
        if failure.meaning == "bad point":
            return Finding("ok", name, f"{output.url} answers and takes points.")
        return Finding(
            "problem", name, f"{output.url} answers {failure}.", "see docs/influxdb.md, or `smdr influx setup`"
        )
    except SecretError as error:
        return Finding("problem", name, f"{error}.", "put the secret alone into that file, mode 600")
    except TlsError as error:
        return Finding("problem", name, f"{error}.", "correct `ca_file` of this output")
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        reason = str(error) or "no answer in time"
        return Finding("problem", name, f"{output.url} cannot be reached: {reason}.", "start it, or correct `url`")
    return Finding("ok", name, f"{output.url} takes points, in {took_ms:.0f} ms.")


async def _grafana(url: str, token_file: Path | None) -> Finding:
    try:
        headers = {"Authorization": f"Bearer {secret(token_file)}"} if token_file else {}
        async with aiohttp.ClientSession(timeout=_TIMEOUT, headers=headers) as session:
            async with session.get(f"{url.rstrip('/')}/api/health") as answer:
                health = await answer.json() if answer.status == 200 else {}
            if health.get("database") != "ok":
                return Finding("problem", "grafana", f"{url} is not well: it answers {answer.status}.", "see its log")
            async with session.get(f"{url.rstrip('/')}/api/search", params={"tag": "smdr"}) as answer:
                if answer.status in {401, 403}:
                    return Finding(
                        "problem", "grafana", f"{url} refuses the token.", "`--token-file` of a service account"
                    )
                boards = len(await answer.json())
    except SecretError as error:
        return Finding("problem", "grafana", f"{error}.", "put the token alone into that file")
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
        return Finding("problem", "grafana", f"{url} cannot be reached: {error or 'no answer in time'}.", "start it")
    version = health.get("version", "?")
    if not boards:
        return Finding("problem", "grafana", f"Grafana {version} has no dashboards of ours.", "smdr dashboards install")
    return Finding("ok", "grafana", f"Grafana {version} has {boards} dashboards of ours.")


def _file_system(path: Path) -> str:
    """The kind of file system a path is on; empty where this system does not tell."""
    try:
        mounts = [line.split() for line in Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()]
    except OSError:
        return ""
    resolved = path.resolve()
    over = [(len(mount[1]), mount[2]) for mount in mounts if resolved.is_relative_to(mount[1])]
    return max(over, default=(0, ""))[1]
