# ruff: noqa: INP001  (a script, not a package)
"""Ask for known vulnerabilities of every pinned dependency; `make audit` runs this, as a part of `make test`.

A vulnerability is a failure. Where the advisories of PyPI cannot be had, as on a machine without the internet, that is
told and is none.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import click

ROOT = Path(__file__).parent.parent
PATIENCE_S = 120
ACCEPTED: dict[str, str] = {}
"""Advisories that do not concern this product, and why."""


class Audit(NamedTuple):
    """How many packages there was an answer for, those there was none for, and what was found."""

    audited: int
    unknown: list[str]
    findings: list[str]

    def __str__(self) -> str:
        told = [f"{self.audited} of {self.audited + len(self.unknown)} dependencies audited for known vulnerabilities."]
        if self.unknown:
            told.append(f"No advisories could be had for {_some(self.unknown)}: run it where pypi.org can be reached.")
        return "\n".join([*told, *self.findings])


def read(told: dict[str, Any]) -> Audit:
    """What pip-audit found."""
    unknown = [one["name"] for one in told["dependencies"] if "skip_reason" in one]
    findings = [
        f"{one['name']} {one['version']}: {found['id']}, mended in {', '.join(found['fix_versions']) or 'no version yet'}"
        for one in told["dependencies"]
        for found in one.get("vulns", ())
        if found["id"] not in ACCEPTED
    ]
    return Audit(len(told["dependencies"]) - len(unknown), unknown, findings)


def _some(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def main() -> int:
    """Audit, and return the exit code."""
    command = [Path(sys.executable).with_name("pip-audit"), "--requirement", ROOT / "constraints.txt", "--no-deps"]
    command += ["--disable-pip", "--format", "json", "--progress-spinner", "off", "--timeout", "10"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE_S)  # noqa: S603  (fixed)
    except subprocess.TimeoutExpired:
        click.echo(f"Dependencies were not audited: no advisories came within {PATIENCE_S} s.")
        return 0
    try:
        audit = read(json.loads(done.stdout))
    except (json.JSONDecodeError, KeyError):
        said = done.stderr.strip().splitlines()[-1:] or ["it said nothing"]
        click.echo(f"Dependencies were not audited: {said[0]}")
        return 0
    click.echo(audit)
    return bool(audit.findings)


if __name__ == "__main__":
    sys.exit(main())
