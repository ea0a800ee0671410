"""``smdr run``: the daemon."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import click

from collector.cli.options import config_option

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@config_option
def run(config_path: Path) -> None:
    """Collect until told to stop.

    Links that fail are opened again for ever. SIGTERM or Ctrl-C ends it; everything received is kept.
    """
    from collector.config import load

    config = load(config_path, with_tables=False)
    from collector import daemon

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    for warning in config.warnings:
        logging.getLogger("collector.config").warning("%s", warning)
    daemon.run(config)
