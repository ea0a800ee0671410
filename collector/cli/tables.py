"""``smdr tables``: the versions of the tables that were in force."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from collector.cli.options import Moment, config_option

if TYPE_CHECKING:
    import datetime as dt


@click.command()
@config_option
@click.option("--at", type=Moment(), help="Only those that were in force then, at the site.")
@click.option(
    "--to", "folder", type=click.Path(path_type=Path), help="Write those of --at, or of now, into this new folder."
)
def tables(config_path: Path, at: dt.datetime | None, folder: Path | None) -> None:
    """Show every version of number plan, directory, tariff, calendar and budgets that was in force.

    A running collector takes a changed file within seconds, and keeps what was in force before.
    """
    import time
    from zoneinfo import ZoneInfo

    from collector.config import load
    from collector.keeping import versions
    from collector.rendering import moment

    config = load(config_path, with_tables=False)
    data, zone = config.site.data, ZoneInfo(config.site.timezone)
    then = at.replace(tzinfo=at.tzinfo or zone).timestamp() if at else time.time()
    chosen = list(versions.in_force(data, then).values()) if at or folder else versions.versions(data)
    for version in chosen:
        click.echo(f"{moment(int(version.since), zone)}  {version.table:10}{version.sha256[:12] or 'none'}")
    if folder:
        folder.mkdir(parents=True)
        for version in chosen:
            (folder / f"{version.table}.csv").write_bytes(versions.content(data, version))
        click.echo(f"{folder}: {len(chosen)} tables.")
