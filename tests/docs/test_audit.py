"""The audit of dependencies: what it makes of what it is told, and that every dependency is pinned to be audited."""

from __future__ import annotations

import re
import runpy
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).parents[2]
AUDIT = runpy.run_path(str(ROOT / "scripts" / "audit.py"))


def test_a_vulnerability_is_a_finding_and_no_answer_is_none() -> None:
    vulnerability = {"id": "PYSEC-2018-28", "fix_versions": ["2.20.0"], "aliases": []}
    audit = AUDIT["read"](
        {
            "dependencies": [
                {"name": "sound", "version": "1.0", "vulns": []},
                {"name": "requests", "version": "2.19.0", "vulns": [vulnerability]},
                {"name": "secret", "skip_reason": "Dependency not found on PyPI"},
            ]
        }
    )
    assert audit.findings == ["requests 2.19.0: PYSEC-2018-28, mended in 2.20.0"]
    assert str(audit).startswith(
        "2 of 3 dependencies audited for known vulnerabilities.\nNo advisories could be had for"
    )


def test_every_installed_package_is_pinned() -> None:
    pinned = {_name(line.partition("==")[0]) for line in (ROOT / "constraints.txt").read_text().split() if "==" in line}
    installed = {_name(one.metadata["Name"]) for one in metadata.distributions()}
    assert installed - pinned <= {"pip", "setuptools", "wheel", "smdr-collector"}


def _name(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
