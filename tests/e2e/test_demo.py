"""`smdr demo`, as a user starts it: a real process, with its collector and its console."""

from __future__ import annotations

import json
import math
import os
import signal
import socket
import subprocess
from collections import Counter
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener, urlopen

import pytest
from smdr_command import SMDR, run_smdr

from collector.accounting.budgets.statements import statements
from collector.commands.budgets import ledger, today
from collector.commands.desk import performance
from collector.commands.office import call_at
from collector.config import load
from collector.demo import PASSWORD
from collector.demo_office import LOGIN
from collector.office import approvals, desk
from collector.store import violations
from collector.store.database import open_reader
from collector.store.office_db import reading

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = ["headquarters", "factory", "branch"]


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    """The first start on a new folder, which is ``args[-1]``."""
    folder = tmp_path_factory.mktemp("demo")
    arguments = [str(SMDR), "demo", "--seconds", "1", "--no-web", "--language", "zh", "--data", str(folder)]
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


def test_calls_that_cost_something_have_a_cost(folder: Path) -> None:
    arguments: list[str | Path] = [SMDR, "calls", "-c", folder / "smdr.toml", "--source", "factory"]
    lines = subprocess.run(arguments, capture_output=True, text=True, check=True).stdout.splitlines()
    calls = [json.loads(line) for line in lines]
    made = [call for call in calls if call["direction"] == "outgoing" and call["outcome"] == "answered"]
    paid = {"local", "mobile", "domestic", "hk-macau-taiwan", "international", "premium", "service"}
    assert {call["class"] for call in made} >= paid
    assert all(call["cost"] for call in made if call["class"] in paid and call["talk_s"])


def test_a_few_per_cent_of_the_calls_break_rules_and_some_violations_are_dealt_with(folder: Path) -> None:
    config = load(folder / "smdr.toml")
    with reading(config.site.data) as db:
        kept = violations.kept(db, 0, math.inf)
    rules = Counter(one.violation.rule for one in kept)
    assert rules.keys() >= {"off-hours", "premium", "ip-prefix", "private", "approval", "fine", "missed"}
    first = min(one.violation.at for one in kept)
    with closing(open_reader(config.site.data / "calls.db")) as db:
        calls = db.execute("SELECT count(*) FROM calls WHERE start >= ?", (first,)).fetchone()[0]
    broken = {(one.violation.source, one.violation.offset) for one in kept}
    assert 0.02 < len(broken) / calls < 0.12
    states = Counter((one.state, one.last.by) for one in kept if one.last)
    assert states == {("explained", LOGIN.head): 1, ("waived", LOGIN.manager): 1}


def test_every_budget_spends(folder: Path) -> None:
    config = load(folder / "smdr.toml")
    last = today(config).replace(day=1) - timedelta(days=1)
    shown = statements(ledger(config, last), last.replace(day=1), last)
    assert len(shown) == 5
    assert all(statement.credit and statement.spent for statement in shown)


def test_the_desk_has_notes_of_calls_and_messages_and_applications_are_decided_or_wait(folder: Path) -> None:
    config = load(folder / "smdr.toml")
    with reading(config.site.data) as db:
        notes, messages, _ = desk.search(db, "")
        filed = approvals.filed(db)
    assert len(notes) == 4
    for note in notes:
        assert call_at(config, note.source or "", note.offset or 0).number == note.about.number
    assert notes[0].about.caller == "陈先生"
    assert Counter(message.receiver is None for message in messages) == {True: 2, False: 2}
    assert [one.decision.approved if one.decision else None for one in filed] == [True, None]
    last = today(config).replace(day=1) - timedelta(days=1)
    work = performance(config, last.replace(day=1), last)
    assert work[LOGIN.operator, "白班"].answered > 10


def test_a_second_start_imports_and_notes_nothing_again(folder: Path) -> None:
    before = {source["name"]: source["calls"] for source in status(folder)}
    tables = {path.name: path.read_text() for path in folder.glob("*.csv")}
    noted = office_rows(folder)
    (folder / "tariff.csv").write_text(tables["tariff.csv"] + "local,,,,,30,0.05,\n")
    arguments: list[str | Path] = [SMDR, "demo", "--seconds", "0", "--no-web", "--data", folder]
    again = subprocess.run(arguments, capture_output=True, text=True, timeout=60, check=False)
    assert again.returncode == 0, again.stderr
    assert "from an earlier start" in again.stdout
    assert load(folder / "smdr.toml").site.language == "zh"
    for source in status(folder):
        assert 0 < source["calls"] - before[source["name"]] < 500
    assert office_rows(folder) == noted
    assert (folder / "tariff.csv").read_text() == tables["tariff.csv"] + "local,,,,,30,0.05,\n"


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
    printed = run_smdr("status", "--json", "-c", folder / "smdr.toml")
    sources: list[dict[str, Any]] = json.loads(printed.stdout)["sources"]
    return sources


def office_rows(folder: Path) -> dict[str, int]:
    """How much of everything that people do is noted."""
    names = ("notes", "messages", "deliveries", "applications", "decisions", "violations", "violation_states", "users")
    names += ("handovers", "deposits", "receipts", "deposit_settlements")
    with reading(folder / "data") as db:
        return {name: db.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in names}


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
