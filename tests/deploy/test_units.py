"""The units of systemd: known to it, unprivileged, and started as the documents say."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

UNITS = sorted((Path(__file__).parents[2] / "deploy/systemd").glob("*.service"))
_OF_PORTS = ("Device", "PrivateDevices", "SupplementaryGroups")
KNOWN_BUT_ABSENT = re.compile(r"Command /opt/smdr/bin/smdr is not executable")


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_knows_everything_in_a_unit_and_finds_it_well_protected(unit: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd is not installed on this machine")
    verified = subprocess.run([analyze, "verify", str(unit)], capture_output=True, text=True, check=False)
    complaints = [line for line in verified.stderr.splitlines() if not KNOWN_BUT_ABSENT.search(line)]
    assert complaints == []
    judged = subprocess.run(
        [analyze, "security", "--offline=true", "--threshold=20", str(unit)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert judged.returncode == 0, judged.stdout[-300:]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_runs_as_a_user_of_its_own_with_its_files_closed_to_others(unit: Path) -> None:
    lines = unit.read_text(encoding="utf-8").splitlines()
    assert {"User=smdr", "UMask=0077", "NoNewPrivileges=yes", "CapabilityBoundingSet="} <= set(lines)


def test_the_console_may_open_the_ports_that_the_collector_may_read() -> None:
    may = [
        {line for line in unit.read_text(encoding="utf-8").splitlines() if line.startswith(_OF_PORTS)} for unit in UNITS
    ]
    assert may[0] == may[1]
    assert "SupplementaryGroups=dialout" in may[0]
