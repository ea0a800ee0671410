"""``smdr dashboards``: the Grafana dashboards."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from collector.cli.options import Zone

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo


@click.group()
def dashboards() -> None:
    """Build and install the Grafana dashboards."""


@dashboards.command()
@click.option(
    "--to", "folder", type=click.Path(path_type=Path), help="Folder to write to; the package's own if not given."
)
@click.option("--tz", "zone", type=Zone(), help="Time zone in which days and months begin; Asia/Shanghai if not given.")
def build(folder: Path | None, zone: ZoneInfo | None) -> None:
    """Write the dashboards as JSON, in English and Chinese."""
    from dashboards import grafana

    changed = grafana.write(folder or grafana.GENERATED, zone.key if zone else grafana.TIMEZONE)
    for file in changed:
        click.echo(str(file))
    if not changed:
        click.echo("Nothing to do: the files are current.")


@dashboards.command()
@click.option("--url", required=True, help="Address of Grafana, as http://127.0.0.1:3000.")
@click.option(
    "--token-file",
    required=True,
    type=click.Path(path_type=Path),
    help="File that holds a token of a service account with the role Admin.",
)
@click.option(
    "-c",
    "--config",
    "config_path",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Take zone, language and data source from this configuration file.",
)
def install(url: str, token_file: Path, config_path: Path | None) -> None:
    """Put the dashboards, and the data source if it is missing, into a running Grafana."""
    from collector.config import load
    from dashboards.grafana import install as installing

    config = load(config_path) if config_path else None
    for sentence in installing.install(url, token_file, config):
        click.echo(sentence)
