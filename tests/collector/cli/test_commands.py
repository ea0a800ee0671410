"""The commands as a person runs them: what they print, how they end, and that no traceback is ever seen."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from smdr_command import SMDR, run_smdr

from collector.cli.options import Line
from collector.store.events_db import EventsDb
from collector.wording import counted
from parsers import formats

if TYPE_CHECKING:
    from collections.abc import Iterator

FORMAT = "panasonic/kx-tda"
CAPTURE = formats.get(FORMAT).heading + b"".join(line + b"\r\n" for line in formats.get(FORMAT).samples)

OLDER = Path(__file__).parents[2] / "databases" / "calls-3.sql"

CONFIG = """[site]
name = "hq"
timezone = "Asia/Shanghai"
data = "data"

[[source]]
name = "pbx1"
input = "file:pbx.log"
format = "panasonic/kx-tda"
"""


BILL = formats.get("zte/zxj10")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "smdr.toml").write_text(CONFIG)
    (tmp_path / "capture.log").write_bytes(CAPTURE)
    (tmp_path / "empty.log").touch()
    return tmp_path


def smdr(folder: Path, *arguments: str, stdin: bytes = b"") -> tuple[int, str, str]:
    return run_smdr(*arguments, folder=folder, stdin=stdin)


def rows(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_check_says_what_is_right(folder: Path) -> None:
    status, out, err = smdr(folder, "check")
    assert (status, err) == (0, "")
    assert out.startswith("smdr.toml is right.\n")


@pytest.mark.parametrize("command", ["check", "run", "web", "status", "calls", "reparse", "reexport"])
def test_a_wrong_configuration_starts_nothing(folder: Path, command: str) -> None:
    (folder / "smdr.toml").write_text(CONFIG.replace("hq", "").replace("file:", "flie:"))
    status, out, err = smdr(folder, command)
    assert (status, out) == (1, "")
    assert "smdr.toml:2:8: " in err
    assert "smdr.toml:8:9: " in err
    assert err.endswith("2 errors; nothing was started.\n")
    assert not (folder / "data").exists()


def test_the_configuration_may_be_named_by_the_environment(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMDR_CONFIG", str(folder / "smdr.toml"))
    status, _, _ = smdr(Path("/"), "check")
    assert status == 0


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["chekc"], 2, 'Did you mean "check"?'),
        (["nonsense"], 2, "See smdr --help."),
        (["check", "--confg"], 2, "--config"),
        (["check", "-c", "none.toml"], 1, "none.toml:1:1: cannot be read"),
        (["parse", "none.log"], 1, "There is no file none.log."),
        (["parse", "--format", "panasonic/kxtda", "capture.log"], 1, 'did you mean "panasonic/kx-tda"?'),
        (["parse", "--tz", "Asia/Shanghia", "capture.log"], 2, 'did you mean "Asia/Shanghai"?'),
        (["parse", "--received", "noon", "capture.log"], 2, '"noon" is not a time'),
        (["detect", "smdr.toml"], 1, "No known format fits"),
        (["detect", "empty.log"], 1, "empty.log is empty: nothing came from the PBX."),
        (["import", "empty.log", "--source", "pbx1"], 1, "empty.log is empty"),
        (["parse", "."], 1, ". is a folder; name a file in it."),
        (["import", "capture.log", "--source", "pbx9"], 1, "it has: pbx1"),
        (["simulate", "--format", "panasonic/kx"], 1, "did you mean"),
        (["simulate", "--format", FORMAT, "--to", "nowhere"], 1, "is no place to print to"),
        (["capture", "tpc://192.0.2.1:1", "-o", "x"], 1, 'did you mean "tcp"?'),
        (["capture", "/dev/ttyS9", "-o", "x", "--line", "9600"], 2, "9600 8N1"),
        (["capture", "/dev/ttyS9", "-o", "x", "--line", "49 8N1"], 2, "49 bits per second is not a speed"),
        (["capture", "stdin:", "-o", "none/x"], 1, "none/x: No such file or directory."),
        (["reexport"], 1, "has no [[output]]"),
        (["influx", "setup"], 1, "has no [[output]]"),
        (["calls"], 1, "Nothing is stored"),
    ],
)
def test_a_mistake_gets_a_sentence(folder: Path, arguments: list[str], status: int, said: str) -> None:
    ended, out, err = smdr(folder, *arguments)
    assert (ended, out) == (status, "")
    assert said in err


def test_an_output_is_chosen_by_its_name(folder: Path) -> None:
    output = '\n[[output]]\nname = "influx"\nurl = "http://127.0.0.1:1"\ndatabase = "smdr"\n'
    (folder / "smdr.toml").write_text(CONFIG + output)
    smdr(folder, "import", "capture.log", "--source", "pbx1")
    for command in (["reexport"], ["influx", "setup"]):
        status, _, err = smdr(folder, *command, "--output", "other")
        assert (status, err) == (1, 'There is no output "other" in smdr.toml; it has: influx.\n')
    status, _, err = smdr(folder, "reexport", "--output", "influx", "--from", "2026-01-30")
    assert (status, err) == (1, "What is between two moments is sent to all outputs: leave out --output.\n")
    assert smdr(folder, "reexport", "--to", "1990-01-01") == (0, "0 calls will be sent again by `smdr run`.\n", "")
    assert smdr(folder, "reexport") == (0, "influx will be sent everything again by `smdr run`.\n", "")
    status, _, err = smdr(folder, "influx", "setup")
    assert status == 1
    assert "http://127.0.0.1:1 cannot be reached" in err


def test_parse_accounts_for_every_byte(folder: Path) -> None:
    status, out, err = smdr(folder, "parse", "--format", FORMAT, "--tz", "Asia/Shanghai", "--calls", "capture.log")
    assert status == 0
    summary = json.loads(err)
    assert summary["bytes"] == len(CAPTURE)
    assert summary["bytes"] == summary["record_bytes"] + summary["rejected_bytes"] + summary["noise_bytes"]
    kinds = [row["kind"] for row in rows(out)]
    assert kinds.count("leg") == summary["legs"] == len(formats.get(FORMAT).samples)
    assert kinds.count("call") == summary["calls"] > 0
    assert all(row["start"].endswith("+08:00") for row in rows(out) if row["kind"] == "leg")


def test_parse_and_detect_read_standard_input(folder: Path) -> None:
    _, from_file, _ = smdr(folder, "parse", "--format", FORMAT, "--received", "2026-01-31", "capture.log")
    _, piped, _ = smdr(folder, "parse", "--format", FORMAT, "--received", "2026-01-31", "-", stdin=CAPTURE)
    assert piped.replace('"source":"-"', '"source":"capture.log"') == from_file
    status, out, _ = smdr(folder, "detect", "-", stdin=CAPTURE)
    assert status == 0
    assert FORMAT in out


def test_a_reader_that_stops_early_is_no_error_to_show(folder: Path) -> None:
    (folder / "long.log").write_bytes(CAPTURE * 200)
    parsing = subprocess.Popen(
        [SMDR, "parse", "--format", FORMAT, "long.log"], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert parsing.stdout
    parsing.stdout.readline()
    parsing.stdout.close()
    assert parsing.stderr
    assert parsing.stderr.read() == b""
    parsing.wait()


def test_formats_are_listed_for_people_and_programs(folder: Path) -> None:
    _, table, _ = smdr(folder, "formats")
    _, listed, _ = smdr(folder, "formats", "--json")
    assert [row["name"] for row in json.loads(listed)] == list(formats.names())
    assert [line.split()[0] for line in table.splitlines()] == list(formats.names())


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("9600,8,n,1", (9600, 8, "N", 1, "none")),
        ("9600 8-N-1", (9600, 8, "N", 1, "none")),
        ("1200/7e1 XONXOFF", (1200, 7, "E", 1, "xonxoff")),
        ("2400 7O2,rtscts", (2400, 7, "O", 2, "rtscts")),
    ],
)
def test_a_line_is_written_in_any_of_the_usual_ways(written: str, meant: tuple[object, ...]) -> None:
    line = Line().convert(written, None, None)
    assert (line.baud, line.data_bits, line.parity, line.stop_bits, line.flow) == meant


def test_ports_are_listed_for_people_and_programs(folder: Path) -> None:
    status, table, _ = smdr(folder, "ports")
    _, listed, _ = smdr(folder, "ports", "--json")
    assert status == 0
    assert all(f"serial:{port['stable_name'] or port['device']}" in table for port in json.loads(listed))


def test_a_capture_is_stored_once(folder: Path) -> None:
    status, out, _ = smdr(folder, "import", "capture.log", "--source", "pbx1")
    assert status == 0
    assert out.startswith(f"Added {len(CAPTURE):,} bytes to pbx1: ")
    _, again, _ = smdr(folder, "import", "capture.log", "--source", "pbx1")
    assert again == "Nothing added: capture.log was imported into pbx1 before.\n"

    _, stored, _ = smdr(folder, "calls")
    assert rows(stored)
    assert {row["kind"] for row in rows(stored)} == {"call"}
    _, with_legs, _ = smdr(folder, "calls", "--legs", "--source", "pbx1")
    assert [row for row in rows(with_legs) if row["kind"] == "call"] == rows(stored)
    starts = sorted(row["start"] for row in rows(stored))
    _, before_last, _ = smdr(folder, "calls", "--from", starts[0], "--to", starts[-1][:19])
    assert {row["start"] for row in rows(before_last)} == set(starts) - {starts[-1]}

    _, rebuilt, _ = smdr(folder, "reparse")
    assert rebuilt == f"{len(rows(stored))} calls.\n"
    assert smdr(folder, "calls")[1] == stored

    _, state, _ = smdr(folder, "status", "--json")
    (source,) = json.loads(state)["sources"]
    count = source["bytes"]
    assert count["received"] == len(CAPTURE) == sum(count[k] for k in ("records", "rejected", "noise", "pending"))
    _, told, _ = smdr(folder, "status")
    assert "The collector is not running." in told
    assert f"{len(CAPTURE):,} bytes received = " in told


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0 calls"), (1, "1 call"), (2, "2 calls"), (1_000_000, "1,000,000 calls")]
)
def test_a_count_reads_as_a_sentence(number: int, said: str) -> None:
    assert counted(number, "call") == said


@pytest.mark.parametrize("text", [b"HP LaserJet ready\r\n" * 3, bytes(range(256)) * 40])
def test_a_file_that_is_not_of_the_source_is_not_imported(folder: Path, text: bytes) -> None:
    other = folder / "other.dat"
    other.write_bytes(text)
    for _ in range(2):
        status, out, err = smdr(folder, "import", "other.dat", "--source", "pbx1")
        assert (status, out) == (1, "")
        assert err.startswith("Nothing added: other.dat begins with ")
        assert "`smdr detect other.dat` tells" in err
    (folder / "smdr.toml").write_text(CONFIG.replace(FORMAT, "auto"))
    _, _, err = smdr(folder, "import", "other.dat", "--source", "pbx1")
    assert err.startswith("No known format fits the first lines of other.dat")
    assert '"received": 0' in smdr(folder, "status", "--json")[1]
    other.write_bytes(CAPTURE + text)
    assert smdr(folder, "import", "other.dat", "--source", "pbx1")[0] == 0


@pytest.mark.parametrize("command", ["status", "calls", "links", "verify", "doctor", "report department"])
def test_who_may_not_read_the_data_is_told_so(folder: Path, command: str) -> None:
    smdr(folder, "import", "capture.log", "--source", "pbx1")
    (folder / "data").chmod(0)
    as_another = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    done = subprocess.run(
        [*as_another, SMDR, *command.split()], cwd=folder, capture_output=True, text=True, check=False
    )
    (folder / "data").chmod(0o700)
    said = done.stdout + done.stderr
    assert done.returncode == 1
    assert "sudo -u smdr smdr" in said
    assert "Permission denied" in said or "cannot be read by this user" in said
    assert "Nothing is stored" not in said


def test_calls_of_a_source_that_never_was_are_refused(folder: Path) -> None:
    smdr(folder, "import", "capture.log", "--source", "pbx1")
    status, out, err = smdr(folder, "calls", "--source", "pbx9")
    assert (status, out, err) == (1, "", 'There is no source "pbx9" in smdr.toml; it has: pbx1.\n')
    (folder / "smdr.toml").write_text(CONFIG.replace("pbx1", "pbx2"))
    assert rows(smdr(folder, "calls", "--source", "pbx1")[1]) == rows(smdr(folder, "calls")[1]) != []
    assert smdr(folder, "calls", "--source", "pbx2") == (0, "", "")


def test_status_tells_of_alarms_to_the_second(folder: Path) -> None:
    smdr(folder, "import", "capture.log", "--source", "pbx1")
    events = EventsDb(folder / "data/events.db")
    asyncio.run(events.raise_alarm("disk", "data", 1_790_870_400.123456, "The disk is nearly full.", ()))
    events.close()
    _, told, _ = smdr(folder, "status")
    assert "ALARM disk data since 2026-10-02 00:00:00+08:00: The disk is nearly full." in told.splitlines()
    assert re.search(r"last record \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+08:00$", told, re.MULTILINE)


def test_a_damaged_database_is_named_and_made_anew(folder: Path) -> None:
    smdr(folder, "import", "capture.log", "--source", "pbx1")
    _, stored, _ = smdr(folder, "calls")
    with (folder / "data/calls.db").open("r+b") as file:
        file.write(bytes(4096))
    assert "calls.db cannot be read" in smdr(folder, "status")[1]
    status, out, err = smdr(folder, "calls")
    assert (status, out) == (1, "")
    assert "smdr re" in err
    assert smdr(folder, "reparse")[0] == 0
    assert smdr(folder, "calls")[1] == stored


def test_a_database_of_an_older_release_is_called_that(folder: Path) -> None:
    (folder / "data").mkdir()
    with closing(sqlite3.connect(folder / "data/calls.db")) as db:
        db.executescript(OLDER.read_text(encoding="utf-8"))
    status, out, err = smdr(folder, "report", "department", "--month", "2026-08")
    assert (status, out) == (1, "")
    assert err.startswith("A database is of an older release (no such column: ")


def test_capture_keeps_every_byte_and_what_was_there(folder: Path) -> None:
    data = bytes(range(256)) * 4
    (folder / "raw.log").write_bytes(b"before")
    status, out, _ = smdr(folder, "capture", "stdin:", "-o", "raw.log", stdin=data)
    assert (status, out) == (0, "1,024 bytes written to raw.log.\n")
    assert (folder / "raw.log").read_bytes() == b"before" + data


def test_simulated_calls_are_repeatable(folder: Path) -> None:
    arguments = ("simulate", "--format", FORMAT, "--count", "20", "--from", "2026-01-05T09:00", "--speed", "1e6")
    status, first, said = smdr(folder, *arguments)
    assert (status, said) == (0, "20 records.\n")
    assert smdr(folder, *arguments)[1] == first
    assert smdr(folder, *arguments, "--seed", "2")[1] != first


def test_dashboards_are_written_where_told(folder: Path) -> None:
    status, out, _ = smdr(folder, "dashboards", "build", "--to", "boards")
    assert status == 0
    assert {folder / line for line in out.splitlines()} == set((folder / "boards").glob("*/*.json"))
    assert smdr(folder, "dashboards", "build", "--to", "boards")[1].startswith("Nothing to do")


class Running:
    """A command at work; what it says is read line by line."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        environment = os.environ | {"PYTHONUNBUFFERED": "1"}
        self.process = subprocess.Popen(
            [SMDR, *arguments], cwd=folder, stderr=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True
        )
        self.said = ""

    def until(self, words: str) -> str:
        assert self.process.stderr
        for line in self.process.stderr:
            self.said += line
            if words in line:
                return line
        raise AssertionError(f"it ended without saying {words!r}: {self.said}")

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        out, err = self.process.communicate()
        self.said += err + out
        assert "Traceback" not in self.said
        return self.process.returncode


@pytest.fixture
def start(folder: Path) -> Iterator[Any]:
    started: list[Running] = []

    def begin(*arguments: str) -> Running:
        started.append(Running(folder, *arguments))
        return started[-1]

    yield begin
    for running in started:
        running.process.kill()
        running.process.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_collector_ends_well_when_told(start: Any, number: signal.Signals) -> None:
    running = start("run")
    running.until("Collecting from pbx1")
    assert running.end(number) == 0
    assert "everything received is kept" in running.said


def test_a_second_collector_on_the_same_data_says_so(folder: Path, start: Any) -> None:
    start("run").until("Collecting from pbx1")
    for command in (["run"], ["import", "capture.log", "--source", "pbx1"], ["reparse"]):
        status, out, err = smdr(folder, *command)
        assert (status, out) == (1, "")
        assert "Another collector" in err
    assert '"running": true' in smdr(folder, "status", "--json")[1]


def test_capture_ends_with_ctrl_c_and_says_what_it_has(folder: Path, start: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        running = start("capture", f"tcp://127.0.0.1:{port}", "-o", "raw.log")
        connection, _ = server.accept()
        with connection:
            connection.sendall(b"\x00\xffbytes")
            connection.shutdown(socket.SHUT_WR)
            running.until("closed")
            assert running.end(signal.SIGINT) == 0
    assert "7 bytes written to raw.log." in running.said
    assert (folder / "raw.log").read_bytes() == b"\x00\xffbytes"


def test_an_interrupted_command_ends_with_130(start: Any) -> None:
    running = start("simulate", "--format", FORMAT, "--to", "pty")
    running.until("/dev/pts/")
    assert running.end(signal.SIGINT) == 130


def test_a_binary_file_is_detected_parsed_and_simulated(folder: Path) -> None:
    (folder / "bill.dat").write_bytes(BILL.heading + b"".join(BILL.samples))
    count = len(BILL.samples)
    status, out, _ = smdr(folder, "detect", "bill.dat")
    assert (status, out) == (0, f"zte/zxj10  100%  {count} of {count} lines are its records\n")
    status, out, err = smdr(folder, "parse", "bill.dat")
    assert status == 0
    assert [row["kind"] for row in rows(out)] == ["noise"] + ["leg"] * count
    assert json.loads(err)["record_bytes"] == 123 * count
    arguments = ("--format", "zte/zxj10", "--from", "2026-03-02T09:00", "--speed", "1e9", "--count", "100")
    assert smdr(folder, "simulate", *arguments, "--to", "file:simulated")[0] == 0
    assert (folder / "simulated").stat().st_size == 123 * 101
    assert json.loads(smdr(folder, "parse", "simulated")[2])["legs"] == 100
