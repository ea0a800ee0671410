"""First step of compose.yaml: secrets of this machine's own, and the dashboards in the site's zone.

    prepare.py CONFIG SECRETS DASHBOARDS

A secret that is there is kept. The services run as different users, and the volume is mounted into theirs alone:
hence files that all of them may read.
"""

# ruff: noqa: INP001  (a script, mounted into a container)

from __future__ import annotations

import secrets
import sys
from pathlib import Path

from collector.config import load
from collector.errors import UserError
from dashboards import grafana

NAMES = ("influx.token", "influx.password", "grafana.password")


def prepare(config: Path, folder: Path, boards: Path) -> None:
    """Make what is missing; raises `UserError` for a configuration that cannot be used."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in NAMES:
        file = folder / name
        if not file.exists():
            file.write_text(secrets.token_urlsafe(32))
            file.chmod(0o444)
    grafana.write(boards, load(config).site.timezone)


if __name__ == "__main__":
    try:
        prepare(*map(Path, sys.argv[1:]))
    except UserError as error:
        sys.exit(str(error))
