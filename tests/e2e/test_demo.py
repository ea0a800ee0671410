"""`smdr demo`, as a user starts it: a real process, with its collector and its console."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener, urlopen

import pytest

from collector.demo import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Iterator

SMDR = Path(sys.executable).with_name("smdr")
NAMES = ["headquarters", "factory", "branch"]


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    """The first start on a new folder, which is ``args[-1]``."""
    folder = tmp_path_factory.mktemp("demo")
    arguments = [str(SMDR), "demo", "--seconds", "1", "--no-web", "--data", str(folder)]
    return subprocess.run(arguments, capture_output=True, text=True, timeout=100, check=False)


@pytest.fixture
def folder(first: subprocess.CompletedProcess[str]) -> Path:
    return Path(first.args[-1])


def test_it_ends_well_with_calls_from_all_three(first: subprocess.CompletedProcess[str], folder: Path) -> None:
    assert (first.returncode, first.stderr) == (0, ""), first.stderr
    for source in status(folder):
        count = source["bytes"]
        assert count["received"] == count["records"] + count["rejected"] + count["noise"]
        assert (count["pending"], count["rejected"]) == (0, 0)
        assert source["calls"] > 10_000
        assert f"{source['name']}: {source['calls']:,} calls, " in first.stdout
    assert [source["name"] for source in status(folder)] == NAMES


def test_its_configuration_is_right(folder: Path) -> None:
    checked = subprocess.run([SMDR, "check", "-c", folder / "smdr.toml"], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")


def test_calls_know_their_departments(folder: Path) -> None:
    arguments: list[str | Path] = [SMDR, "calls", "-c", folder / "smdr.toml", "--source", "branch"]
    lines = subprocess.run(arguments, capture_output=True, text=True, check=True).stdout.splitlines()
    calls = [json.loads(line) for line in lines[:500]]
    assert all(call["department"] for call in calls)
    assert {"incoming", "outgoing"} <= {call["direction"] for call in calls}


def test_a_second_start_imports_nothing_again(folder: Path) -> None:
    before = {source["name"]: source["calls"] for source in status(folder)}
    arguments: list[str | Path] = [SMDR, "demo", "--seconds", "0", "--no-web", "--data", folder]
    again = subprocess.run(arguments, capture_output=True, text=True, timeout=60, check=False)
    assert again.returncode == 0, again.stderr
    assert "from an earlier start" in again.stdout
    for source in status(folder):
        assert 0 < source["calls"] - before[source["name"]] < 500


def test_the_console_answers_at_the_address_it_prints_until_the_demo_is_ended(folder: Path) -> None:
    with demo(folder) as (process, output):
        address = next(line.split()[1] for line in output if "Console:" in line)
        assert page_status(address) == 200
        login = next(line for line in output if "Log in as" in line)
        assert f"admin, manager, operator or sales; the password is {PASSWORD}." in login
        assert logged_in(address, "sales")
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0
    with pytest.raises(URLError):
        page_status(address)
    assert not alive(collector(folder))


@pytest.mark.parametrize("ended_by", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_collector_too(folder: Path, ended_by: signal.Signals) -> None:
    with demo(folder, "--no-web") as (process, output):
        next(line for line in output if "are printing" in line)
        running = collector(folder)
        process.send_signal(ended_by)
        assert process.wait(timeout=30) == 0
    assert not alive(running)


def test_a_collector_that_dies_ends_it_with_a_sentence(folder: Path) -> None:
    with demo(folder, "--no-web") as (process, output):
        next(line for line in output if "are printing" in line)
        os.kill(collector(folder), signal.SIGKILL)
        assert process.wait(timeout=30) == 1
        assert "The collector stopped by itself" in "".join(output)


def test_a_second_demo_on_the_same_folder_says_so(folder: Path) -> None:
    with demo(folder, "--no-web") as (process, output):
        next(line for line in output if "are printing" in line)
        arguments: list[str | Path] = [SMDR, "demo", "--no-web", "--data", folder]
        second = subprocess.run(arguments, capture_output=True, text=True, timeout=60, check=False)
        assert second.returncode == 1
        assert "is running" in second.stderr
        process.terminate()
        assert process.wait(timeout=30) == 0


def test_a_port_that_is_taken_is_a_sentence(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        arguments: list[str | Path] = [SMDR, "demo", "--port", port, "--data", folder]
        refused = subprocess.run(arguments, capture_output=True, text=True, timeout=60, check=False)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert f"Port {port} is taken" in refused.stderr


@contextmanager
def demo(folder: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], IO[str]]]:
    """A running demo with what it prints."""
    arguments: list[str | Path] = [SMDR, "demo", "--data", folder, *options]
    # NiceGUI wants to be driven by its own test tools where it finds itself under pytest
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    with subprocess.Popen(
        arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    ) as process:
        try:
            assert process.stdout
            yield process, process.stdout
        finally:
            if process.poll() is None:
                process.terminate()


def status(folder: Path) -> list[dict[str, Any]]:
    arguments: list[str | Path] = [SMDR, "status", "--json", "-c", folder / "smdr.toml"]
    printed = subprocess.run(arguments, capture_output=True, text=True, check=True).stdout
    sources: list[dict[str, Any]] = json.loads(printed)["sources"]
    return sources


def collector(folder: Path) -> int:
    """Process id of the collector that holds the data folder, or held it last."""
    return int((folder / "data" / "collector.lock").read_text())


def logged_in(address: str, name: str) -> bool:
    form = urlencode({"name": name, "password": PASSWORD}).encode()
    request = Request(f"{address}/login", form, {"Origin": address})  # noqa: S310  (an address on loopback)
    with build_opener(HTTPCookieProcessor()).open(request, timeout=30) as page:
        return bool(page.url == f"{address}/")


def page_status(address: str) -> int:
    with urlopen(address, timeout=30) as page:  # noqa: S310  (an address on loopback)
        return int(page.status)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
