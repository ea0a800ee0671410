"""The `smdr` command as tests run it: the same arguments, output and exit status, without a new interpreter each time."""

from __future__ import annotations

import io
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from unittest import mock

from collector import cli

if TYPE_CHECKING:
    from os import PathLike

SMDR = Path(sys.executable).with_name("smdr")

_OF_THEIR_OWN = ("run", "web", "capture")
"""They set up the process that they are, or read its standard input as a line: they get one of their own."""


class Done(NamedTuple):
    """What a command came to."""

    status: int
    stdout: str
    stderr: str


def run_smdr(*arguments: str | PathLike[str], folder: PathLike[str] | str = ".", stdin: bytes = b"") -> Done:
    """Run one command to its end, with ``folder`` as its working directory."""
    done = (_own_process if arguments[0] in _OF_THEIR_OWN else _here)(
        [str(argument) for argument in arguments], folder, stdin
    )
    assert "Traceback" not in done.stderr, done.stderr
    assert "fault in smdr itself" not in done.stderr, done.stderr
    return done


def _own_process(arguments: list[str], folder: PathLike[str] | str, stdin: bytes) -> Done:
    done = subprocess.run([SMDR, *arguments], cwd=folder, input=stdin, capture_output=True, check=False)
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


def _here(arguments: list[str], folder: PathLike[str] | str, stdin: bytes) -> Done:
    out, err = _Written(), _Written()
    given = io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8")
    with chdir(folder), redirect_stdout(out), redirect_stderr(err), mock.patch.object(sys, "stdin", given):
        try:
            status = cli.execute(arguments)
        except SystemExit as ended:
            status = int(ended.code or 0)
    return Done(status, out.text, err.text)


class _Written(io.TextIOWrapper):
    """A standard stream that keeps what is written, as text or as bytes."""

    def __init__(self) -> None:
        self._kept = io.BytesIO()
        super().__init__(self._kept, encoding="utf-8", newline="", write_through=True)

    @property
    def text(self) -> str:
        self.flush()
        return self._kept.getvalue().decode()
