"""The demonstration: three simulated PBXs with a year of calls behind them, the collector, and its console."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import sys
from contextlib import AsyncExitStack, suppress
from datetime import datetime, timedelta
from typing import IO, TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

from collector import config as configuration
from collector import demo_work, status
from collector.commands.importing import import_file
from collector.demo_office import BRANCH, FACTORY, HEADQUARTERS, LOGIN, PBXS, SALES, settings, tables
from collector.errors import UserError
from collector.office import users
from collector.running import is_running
from collector.simulator.printing import Pace, print_lines, reported, simulate
from collector.simulator.targets import open_target
from collector.simulator.traffic import Traffic
from collector.store.office_db import writing
from parsers import formats

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine
    from pathlib import Path

    from collector.config import Config
    from collector.demo_office import Pbx
    from collector.simulator.targets import Target
    from dashboards.words import Language

    Say = Callable[[str], None]

ZONE = "Asia/Shanghai"
CONSOLE_PORT = 8080

PASSWORD = "demonstration"  # noqa: S105  (printed, and of made-up data that only this computer can reach)
"""Of all its users."""

_HISTORY = timedelta(days=365)
_BUFFERED = timedelta(minutes=5)
"""A PBX keeps its last records while nobody reads them; they come at once when the line is opened."""

_SMDR = (sys.executable, "-c", "from collector.cli import main; main()")
_CATCH_UP_S = 60
_STOP_S = 20
_POLL_S = 0.2


class Links(NamedTuple):
    """How the PBXs of one demonstration are reached: a device, and two ports on loopback."""

    device: Path
    pbx_port: int
    collector_port: int

    def targets(self) -> dict[Pbx, str]:
        """Where each PBX prints."""
        return {
            HEADQUARTERS: f"pty:{self.device}",
            FACTORY: f"tcp-listen://127.0.0.1:{self.pbx_port}",
            BRANCH: f"tcp://127.0.0.1:{self.collector_port}",
        }

    def inputs(self) -> dict[Pbx, str]:
        """Where the collector reads each."""
        return {
            HEADQUARTERS: f"serial:{self.device}",
            FACTORY: f"tcp://127.0.0.1:{self.pbx_port}",
            BRANCH: f"tcp-listen://127.0.0.1:{self.collector_port}",
        }


def run(folder: Path, say: Say, *, seconds: float | None, console: bool, port: int | None, language: Language) -> None:
    """Run the demonstration in ``folder`` until SIGINT, SIGTERM or SIGHUP, or for ``seconds`` from the first live calls on.

    The year of history is made and imported once. ``port`` is the console's; None takes `CONSOLE_PORT`, or any that is
    free. ``language`` is the site's; what an earlier start has written stays in the language it had. Raises `UserError` where a part of it fails, and, after
    ``seconds``, where what was printed is not exactly what was kept.
    """
    folder = folder.absolute()
    if is_running(folder / "data"):
        raise UserError(f"A demonstration is running in {folder}: end it first, or give this one another folder.")
    if console and port and not _is_free(port):
        raise UserError(
            f"Port {port} is taken by another program: choose another for the console, or let the demo choose."
        )
    links = Links(folder / f"{HEADQUARTERS.name}.tty", _free_port(), _free_port())
    config = _configure(folder, links, language)
    if console:
        _employ(config)
    _back_fill(folder, config, say)
    if demo_work.fill(config):
        say("The last month and this one are judged by the rules of the office.")
    port = port or (CONSOLE_PORT if _is_free(CONSOLE_PORT) else _free_port())
    asyncio.run(_Show(config, links, say).run(seconds, port if console else None))


def language_of(folder: Path) -> Language | None:
    """The language of the demonstration that was started in ``folder`` before: what is written there is in it."""
    with suppress(UserError):
        if (folder / "smdr.toml").exists():
            return configuration.load(folder / "smdr.toml").site.language
    return None


def _configure(folder: Path, links: Links, language: Language) -> Config:
    """Write the configuration and those tables that are not there yet, and read them as the collector will."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in _tables(language).items():
            if not (folder / name).exists():
                (folder / name).write_text(text, encoding="utf-8")
        (folder / "smdr.toml").write_text(_toml(links, language), encoding="utf-8")
    except OSError as error:
        raise UserError(f"The demonstration cannot use the folder {folder}: {error.strerror}.") from None
    return configuration.load(folder / "smdr.toml")


def _tables(language: Language) -> dict[str, str]:
    """The tables of an office that begins with the first whole month of its history."""
    today = _now().date()
    begins = (today - _HISTORY + timedelta(days=31)).replace(day=1)
    left = today.replace(day=1) - timedelta(days=62)
    return tables(begins, left, language)


def _employ(config: Config) -> None:
    """Make users for the console, unless there are some."""
    made = (
        users.User(0, LOGIN.administrator, "administrator"),
        users.User(0, LOGIN.manager, "manager"),
        users.User(0, LOGIN.operator, "operator"),
        users.User(0, LOGIN.head, "department-head", SALES),
    )
    with writing(config.site.data) as db:
        if not users.users(db):
            for user in made:
                users.add(db, user, PASSWORD, "demo")


def _toml(links: Links, language: Language) -> str:
    lines = [
        "# The configuration of `smdr demo`, which writes it anew at every start.",
        "",
        "[site]",
        'name = "demo"',
        f'timezone = "{ZONE}"',
        f'language = "{language}"',
        'data = "data"',
        'directory = "directory.csv"',
        'departments = "departments.csv"',
        *settings(),
    ]
    for pbx, read_from in links.inputs().items():
        lines += ["", "[[source]]", f'name = "{pbx.name}"', f"input = {json.dumps(read_from)}"]
        lines.append(f'format = "{pbx.format}"')
        if pbx is HEADQUARTERS:
            lines.append('serial = { baud = 9600, data_bits = 8, parity = "N", stop_bits = 1, flow = "none" }')
    return "\n".join([*lines, ""])


def _back_fill(folder: Path, config: Config, say: Say) -> None:
    """Import a year of calls, unless that is done; go on where it was interrupted."""
    done = folder / "history" / "imported"
    if done.exists():
        say(f"The year of calls in {folder} is there from an earlier start.")
        return
    done.parent.mkdir(exist_ok=True)
    for pbx in PBXS:
        capture = done.with_name(f"{pbx.name}.log")
        if not capture.exists():
            say(f"{pbx.name}: printing a year of calls, as {pbx.format} …")
            _print_history(pbx, capture)
        say(f"{pbx.name}: importing them …")
        result = import_file(capture, pbx.name, config)
        say(f"{pbx.name}: {result.legs:,} records, {result.calls:,} calls.")
    done.touch()


def _print_history(pbx: Pbx, capture: Path) -> None:
    declared = formats.get(pbx.format)
    last = _now() - _BUFFERED
    legs = Traffic(pbx.history, pbx.seed).between(last - _HISTORY, last)
    unfinished = capture.with_suffix(".part")
    with unfinished.open("wb") as file:
        file.writelines(line.text for line in print_lines(declared, reported(declared, legs)))
    unfinished.rename(capture)


class _StoppedError(Exception):
    """The user has seen enough."""


class _Show:
    """The live part: PBXs in this process, collector and console in their own."""

    def __init__(self, config: Config, links: Links, say: Say) -> None:
        self._config = config
        self._folder = config.path.parent
        self._links = links
        self._say = say
        self._pbxs: list[_LivePbx] = []
        self._watched: list[asyncio.Task[Any]] = []
        """Tasks that only end when there is no going on."""

    async def run(self, seconds: float | None, port: int | None) -> None:
        async with AsyncExitStack() as parts:
            self._watch(_stop_signal())
            try:
                await self._start_up(parts, port)
                if seconds is None:
                    self._say("Ctrl-C ends it.")
                await self._unless_over(asyncio.sleep(seconds) if seconds is not None else asyncio.Event().wait())
                await self._compare()
            except _StoppedError:
                self._say("Stopping.")
            finally:
                for task in self._watched:
                    task.cancel()
                await asyncio.wait(self._watched)

    async def _start_up(self, parts: AsyncExitStack, port: int | None) -> None:
        """Start everything and return when all of it works."""
        before = _sources(self._config)
        for pbx, to in self._links.targets().items():
            live = _LivePbx(pbx, open_target(to, _ignore), before[pbx.name])
            parts.push_async_callback(live.target.close)
            self._pbxs.append(live)
        await self._child(parts, "collector", "run", "-c", str(self._config.path))
        if port:
            await self._child(parts, "console", "web", "-c", str(self._config.path), "--port", str(port))
        for live in self._pbxs:
            self._watch(live.print())
        for live in self._pbxs:
            await self._unless_over(live.printing.wait())
        self._say(f"Three PBXs are printing. The configuration is {self._config.path}.")
        if port:
            await self._unless_over(_answers(port))
            self._say(f"\n    Console: http://127.0.0.1:{port}")
            self._say(f"    Log in as admin, manager, operator or sales; the password is {PASSWORD}.\n")

    async def _child(self, parts: AsyncExitStack, name: str, *arguments: str) -> None:
        child = await _Child.start(name, arguments, self._folder / f"{name}.log")
        parts.push_async_callback(child.stop)
        self._watch(child.ends())

    def _watch(self, work: Coroutine[Any, Any, None]) -> None:
        self._watched.append(asyncio.create_task(work))

    async def _unless_over(self, wanted: Awaitable[Any]) -> None:
        """Wait for ``wanted``; raise instead what ends the demonstration, if that comes first."""
        waiting = asyncio.ensure_future(wanted)
        try:
            await asyncio.wait({waiting, *self._watched}, return_when=asyncio.FIRST_COMPLETED)
            for task in self._watched:
                if task.done():
                    task.result()
        finally:
            waiting.cancel()

    async def _compare(self) -> None:
        """Let the PBXs fall silent, and hold what they printed against what was kept."""
        for live in self._pbxs:
            live.silent.set()
        await self._unless_over(self._all_kept())
        kept = _sources(self._config)
        for live in self._pbxs:
            calls, count = kept[live.pbx.name]["calls"], kept[live.pbx.name]["bytes"]
            self._say(
                f"{live.pbx.name}: {calls:,} calls, {calls - live.before['calls']} of them live; "
                f"{count['received']:,} bytes received = {count['records']:,} in records + {count['rejected']:,} "
                f"rejected + {count['noise']:,} noise."
            )

    async def _all_kept(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_CATCH_UP_S):
                while self._differing(await asyncio.to_thread(_sources, self._config)):  # noqa: ASYNC110  (in another process)
                    await asyncio.sleep(_POLL_S)
        if differing := self._differing(_sources(self._config)):
            raise UserError(
                f"What {', '.join(differing)} printed is not what was kept: see smdr status -c {self._config.path}."
            )

    def _differing(self, kept: dict[str, Any]) -> list[str]:
        return [
            live.pbx.name
            for live in self._pbxs
            if kept[live.pbx.name]["bytes"]["received"] != live.before["bytes"]["received"] + live.printed
            or kept[live.pbx.name]["bytes"]["pending"]
            or kept[live.pbx.name]["calls"] == live.before["calls"]
        ]


class _LivePbx:
    """A PBX at work. It is a target itself, in front of the real one: it counts what is printed."""

    def __init__(self, pbx: Pbx, target: Target, before: dict[str, Any]) -> None:
        self.pbx = pbx
        self.target = target
        self.before = before
        self.printed = 0
        self.printing = asyncio.Event()
        self.silent = asyncio.Event()

    async def print(self) -> None:
        """Print for ever, from what is still in the buffer on."""
        traffic = Traffic(self.pbx.live, self.pbx.seed)
        await simulate(self.pbx.format, self, traffic, first=_now() - _BUFFERED, pace=Pace(ZoneInfo(ZONE)))

    async def ready(self) -> None:
        await self.target.ready()

    async def write(self, data: bytes) -> None:
        if self.silent.is_set():
            return
        self.printed += len(data)
        await self.target.write(data)
        self.printing.set()

    async def close(self) -> None:
        await self.target.close()


class _Child:
    """A process of the product, with a log."""

    def __init__(self, name: str, process: asyncio.subprocess.Process, log: Path) -> None:
        self._name = name
        self._process = process
        self._log = log

    @classmethod
    async def start(cls, name: str, arguments: tuple[str, ...], log: Path) -> _Child:
        """Start ``smdr`` with ``arguments``. A session of its own keeps a Ctrl-C from it: it is stopped in order."""
        with log.open("wb") as output:
            process = await _spawn(arguments, output)
        return cls(name, process, log)

    async def ends(self) -> None:
        """Raise `UserError` when the process ends, which it should not."""
        exit_status = await self._process.wait()
        words = self._log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        last = f" Its last words: {words[-1]}" if words else ""
        raise UserError(
            f"The {self._name} stopped by itself (exit status {exit_status}): its log is {self._log}.{last}"
        )

    async def stop(self) -> None:
        """End the process: in good order, or by force where that takes too long."""
        if self._process.returncode is not None:
            return
        self._process.terminate()
        try:
            async with asyncio.timeout(_STOP_S):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()


async def _spawn(arguments: tuple[str, ...], output: IO[bytes]) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *_SMDR,
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        start_new_session=True,
    )


async def _stop_signal() -> None:
    """Raise when the user ends the demonstration."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()
    raise _StoppedError


async def _answers(port: int) -> None:
    """Return once something listens on a port of this machine."""
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(_POLL_S)
        else:
            writer.close()
            return


def _sources(config: Config) -> dict[str, Any]:
    return {source["name"]: source for source in status.read(config)["sources"]}


def _now() -> datetime:
    """Return the wall clock of the PBXs."""
    return datetime.now(ZoneInfo(ZONE)).replace(tzinfo=None)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _ignore(_sentence: str) -> None:
    """The PBXs' own sentences are of no interest: the collector tells of its links."""
