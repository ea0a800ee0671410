"""Fuzz every target for some seconds; `make fuzz` runs this."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import click
from fuzz_input import given
from fuzz_targets import TARGETS

KEPT = Path("test-output/fuzz")
AT_A_TIME = 2
LONGEST_INPUT = 12_000
"""Bytes; more than the longest line, message and frame that is held."""
SLOWEST_S = 5
"""An input that takes longer is a finding."""

_EXECUTIONS = re.compile(r"^stat::number_of_executed_units: (\d+)", re.MULTILINE)
_WRITTEN = re.compile(r"Test unit written to (.+)")
_RAISED = re.compile(r"=== Uncaught Python exception: ===\s*(.+?)\n\s*\n", re.DOTALL)
_LAST_LINES = 15


class Outcome(NamedTuple):
    """How fuzzing one target went. ``failed`` is empty, or says what was found or why it could not be fuzzed."""

    target: str
    executions: int
    seconds: float
    failed: str

    def __str__(self) -> str:
        told = f"{self.target:30} {self.executions:>11,} {self.seconds:>8.0f} {int(bool(self.failed)):>9}"
        return f"{told}\n{self.failed}" if self.failed else told


def outcome_of(target: str, code: int, printed: str, seconds: float) -> Outcome:
    """What libFuzzer printed before it ended with ``code``."""
    executions = _EXECUTIONS.findall(printed)
    if code == 0 and executions:
        return Outcome(target, int(executions[-1]), seconds, "")
    return Outcome(target, int(executions[-1]) if executions else 0, seconds, _failure(target, printed))


def _failure(target: str, printed: str) -> str:
    raised = _RAISED.search(printed)
    said = raised[1] if raised else "\n".join(printed.splitlines()[-_LAST_LINES:])
    written = _WRITTEN.findall(printed)
    if not written:
        return said
    kept = written[-1]
    replay = shlex.join((".venv/bin/python", "tests/fuzz/fuzz_one.py", target, kept))
    return f"{said}\n{given(Path(kept).read_bytes())}\nis kept. To see it again: {replay}"


def fuzz(target: str, seconds: int) -> Outcome:
    """Fuzz one target in a process of its own. What it learns, and what it finds, it begins with the next time."""
    folder = KEPT / re.sub(r"\W+", "-", target)
    corpus, seeds, findings = folder / "corpus", folder / "seeds", folder / "findings"
    shutil.rmtree(seeds, ignore_errors=True)
    for path in (corpus, seeds, findings):
        path.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(TARGETS[target].seeds):
        (seeds / str(number)).write_bytes(seed)
    options = {
        "max_total_time": seconds,
        "max_len": LONGEST_INPUT,
        "timeout": SLOWEST_S,
        "artifact_prefix": f"{findings}/",
        "print_final_stats": 1,
    }
    command = [sys.executable, Path(__file__).with_name("fuzz_one.py"), target]
    command += [f"-{name}={value}" for name, value in options.items()]
    began = time.monotonic()
    run = subprocess.run([*command, corpus, seeds, findings], capture_output=True, check=False)
    printed = (run.stdout + run.stderr).decode(errors="replace")
    return outcome_of(target, run.returncode, printed, time.monotonic() - began)


@click.command
@click.argument("targets", nargs=-1, type=click.Choice(list(TARGETS)), metavar="[TARGET…]")
@click.option("--seconds", default=60, show_default=True, help="how long each is fuzzed")
def main(targets: tuple[str, ...], seconds: int) -> None:
    """Fuzz the targets named, or all, two at a time; say how each went. Ends with 1 when something was found."""
    click.echo(f"{'target':30} {'executions':>11} {'seconds':>8} {'findings':>9}")
    failed = False
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        for outcome in pool.map(lambda target: fuzz(target, seconds), targets or TARGETS):
            click.echo(outcome)
            failed = failed or bool(outcome.failed)
    sys.exit(failed)


if __name__ == "__main__":
    main()
