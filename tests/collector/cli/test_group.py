"""The command line as a whole: quick to answer, complete in its help, honest about its own faults."""

from __future__ import annotations

import runpy
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pytest

from collector import cli
from collector.cli.group import smdr

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[3]

SLOW = {"asyncio", "pydantic", "msgspec", "construct", "sqlite3", "nicegui", "serialx", "aiohttp", "rich", "tomllib"}
"""What takes too long, or too much, to load for a page of help."""


def commands(group: click.Group = smdr, path: str = "smdr") -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group, info_name=path)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield f"{path} {name}", command
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")


@pytest.mark.parametrize("path", ["smdr", *(path for path, _ in commands())])
def test_help_loads_nothing_slow(path: str) -> None:
    arguments = [*path.split()[1:], "--help"]
    script = f"import sys; from collector import cli; cli.execute({arguments}); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True)
    assert done.stdout.startswith(f"Usage: {path}")
    assert set(done.stderr.split()) & SLOW == set()


def test_every_command_and_option_is_explained() -> None:
    for path, command in commands():
        assert command.help, path
        options = [option for option in command.params if isinstance(option, click.Option)]
        assert all(option.help for option in options), path


@pytest.mark.parametrize("argument", ["-h", "--help", "--version"])
def test_help_and_version_answer(argument: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.execute([argument]) == 0
    assert "smdr" in capsys.readouterr().out


def test_a_fault_of_ours_is_kept_for_a_report(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("collector.config.load", fail)
    assert cli.execute(["check"]) == 1
    (log,) = tmp_path.iterdir()
    assert "RuntimeError: nobody expects this" in log.read_text()
    said = capsys.readouterr().err
    assert str(log) in said
    assert "nobody expects" not in said


def test_a_fault_of_ours_can_be_seen_at_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SMDR_DEBUG", "1")
    monkeypatch.setattr("collector.config.load", fail)
    assert cli.execute(["check"]) == 1
    assert "RuntimeError: nobody expects this" in capsys.readouterr().err


def fail(_path: Path) -> Any:
    raise RuntimeError("nobody expects this")


def test_the_reference_pages_are_current() -> None:
    for file, page in runpy.run_path(str(ROOT / "scripts/reference.py"))["PAGES"].items():
        assert file.read_text(encoding="utf-8") == page(), f"{file}: run scripts/reference.py"
