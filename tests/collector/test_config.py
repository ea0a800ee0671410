"""A configuration is read as written, or every fault in it is named and placed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from collector.config import Config, ConfigError, Link, Output, Problem, Serial, Source, load

CASES = sorted((Path(__file__).parent / "config_cases").iterdir())

MINIMAL = """[site]
name = "hq"
timezone = "Asia/Shanghai"

[[source]]
name = "pbx1"
input = "tcp://192.0.2.1:2300"
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "smdr.toml"
    path.write_text(text, encoding="utf-8")
    return path


def problems(path: Path) -> list[Problem]:
    with pytest.raises(ConfigError) as caught:
        load(path)
    return caught.value.errors


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_faulty_file_gets(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(case)
    with pytest.raises(ConfigError) as caught:
        load(Path("smdr.toml"))
    said = f"{caught.value}\n"
    expected = case / "expected.txt"
    if os.environ.get("SMDR_WRITE_EXPECTED"):
        expected.write_text(said, encoding="utf-8")
    assert said == expected.read_text(encoding="utf-8")


def test_the_example_of_the_design_is_read_as_written(tmp_path: Path) -> None:
    config = load(
        write(
            tmp_path,
            """[site]
name = "hq"
timezone = "Asia/Shanghai"
language = "zh"
data = "data"
ring_seconds = 5
answer_within_rings = 3

[[source]]
name = "pbx1"
input = "serial:/dev/ttyUSB0"
format = "panasonic/kx-tda"
serial = { baud = 1200, data_bits = 7, parity = "E", stop_bits = 2, flow = "xonxoff" }
stamp = "end"
date_order = "mdy"

[[source]]
name = "pbx2"
input = "tcp-listen://0.0.0.0:2300"
allow = ["192.0.2.10", "192.0.2.128/25"]

[[output]]
name = "influx"
type = "influxdb"
url = "http://127.0.0.1:8086/"
database = "smdr"
""",
        )
    )
    assert config.site.data == tmp_path / "data"
    assert config.sources == (
        Source(
            name="pbx1",
            input="serial:/dev/ttyUSB0",
            format="panasonic/kx-tda",
            serial=Serial(baud=1200, data_bits=7, parity="E", stop_bits=2, flow="xonxoff"),
            stamp="end",
            date_order="mdy",
        ),
        Source(name="pbx2", input="tcp-listen://0.0.0.0:2300", allow=("192.0.2.10", "192.0.2.128/25")),
    )
    assert config.outputs == (Output(name="influx", url="http://127.0.0.1:8086", database="smdr"),)
    assert config.warnings == ()


def test_relative_paths_are_relative_to_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "conf"
    folder.mkdir()
    (folder / "people.csv").write_text("extension,person\n")
    (folder / "plan.csv").write_text("prefix,class\n")
    text = MINIMAL.replace("[[", 'data = "d"\ndirectory = "people.csv"\nplan = "plan.csv"\n\n[[', 1)
    monkeypatch.chdir(tmp_path)
    config = load(write(Path("conf"), text.replace("tcp://192.0.2.1:2300", "file:../pbx.log")))
    assert config.site.data == folder / "d"
    assert config.site.directory == folder / "people.csv"
    assert config.site.plan == folder / "plan.csv"
    assert config.sources[0].link == Link("file", path=str(folder / "../pbx.log"))


def test_a_configuration_does_not_change_once_read(tmp_path: Path) -> None:
    config: Config = load(write(tmp_path, MINIMAL))
    with pytest.raises(ValueError, match="frozen"):
        config.site.name = "other"


def test_one_port_under_two_names_is_one_port(tmp_path: Path) -> None:
    (tmp_path / "ttyUSB0").touch()
    (tmp_path / "by-id").symlink_to("ttyUSB0")
    first = MINIMAL.replace("tcp://192.0.2.1:2300", f"serial:{tmp_path}/ttyUSB0")
    second = f'\n[[source]]\nname = "pbx2"\ninput = "serial:{tmp_path}/by-id"\n'
    (problem,) = problems(write(tmp_path, first + second))
    assert problem.message == 'source "pbx1" already reads this'


def test_a_password_in_an_address_is_a_warning_that_does_not_show_it(tmp_path: Path) -> None:
    output = '\n[[output]]\nname = "x"\nurl = "http://smdr:opensesame@127.0.0.1:8086"\ndatabase = "smdr"\n'
    alarms = '\n[alarms]\nwebhook = "https://smdr:opensesame@example.com/alarms"\n'
    warnings = load(write(tmp_path, MINIMAL + output + alarms)).warnings
    assert [one.message for one in warnings] == [f'the address "{key}" holds a password' for key in ("url", "webhook")]
    assert not any("opensesame" in str(one) for one in warnings)


@pytest.mark.parametrize(
    ("server", "warnings"),
    [("http://hooks.example", 1), ("https://hooks.example", 0), ("http://127.0.0.1:9000", 0), ("http://[::1]:9000", 0)],
)
def test_a_token_in_the_clear_is_a_warning(tmp_path: Path, server: str, warnings: int) -> None:
    (tmp_path / "token").touch(0o600)
    alarms = f'\n[alarms]\nwebhook = "{server}/alarms"\nwebhook_token_file = "token"\n'
    assert len(load(write(tmp_path, MINIMAL + alarms)).warnings) == warnings


@pytest.mark.parametrize(("mode", "warnings"), [(0o600, 0), (0o640, 1), (0o604, 1)])
def test_a_token_that_others_can_read_is_a_warning(tmp_path: Path, mode: int, warnings: int) -> None:
    (tmp_path / "token").touch()
    (tmp_path / "token").chmod(mode)
    output = '\n[[output]]\nname = "x"\nurl = "http://127.0.0.1:8086"\nbucket = "b"\ntoken_file = "token"\n'
    assert len(load(write(tmp_path, MINIMAL + output)).warnings) == warnings


@pytest.mark.parametrize("kind", ["missing", "folder"])
def test_a_file_that_cannot_be_read_is_said_so(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "smdr.toml"
    if kind == "folder":
        path.mkdir()
    (problem,) = problems(path)
    assert problem.message.startswith("cannot be read: ")
    assert problem.hint


@pytest.mark.parametrize(
    "text",
    ["serial:/dev/ttyUSB0", "rfc2217://[2001:db8::1]:4001", "tcp://pbx.example:23", "file:/a b/c:d.log", "stdin:"],
)
def test_an_input_is_written_as_it_was_read(text: str) -> None:
    assert str(Link.parse(text)) == text


@pytest.mark.parametrize(
    ("text", "beyond"),
    [
        ("tcp-listen://127.0.0.2:1", False),
        ("tcp-listen://[::1]:1", False),
        ("tcp-listen://localhost:1", False),
        ("tcp-listen://0.0.0.0:1", True),
        ("tcp-listen://pbx:1", True),
        ("tcp://192.0.2.1:1", False),
    ],
)
def test_what_listens_beyond_this_machine(text: str, beyond: bool) -> None:  # noqa: FBT001  (a case of the table)
    assert Link.parse(text).listens_beyond_this_machine is beyond


def test_reading_a_configuration_takes_little_memory() -> None:
    """The daemon has 80 MB; pydantic, which checks the file, may take a share of it and no more."""
    script = "import collector.config; print(open('/proc/self/status').read())"
    status = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True).stdout
    kilobytes = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    assert kilobytes < 45_000


def test_the_sample_file_is_right() -> None:
    assert load(Path(__file__).parents[2] / "docs/sample.toml").warnings == ()
