"""``smdr calls``: the stored calls."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from collector.cli.options import Moment, config_option, posix

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path


@click.command()
@config_option
@click.option("--from", "first", type=Moment(), help="Calls that start at this moment or later.")
@click.option("--to", "last", type=Moment(), help="Calls that start before this moment.")
@click.option("--source", metavar="NAME", help="Calls of one source only.")
@click.option("--legs", is_flag=True, help="Print each call's legs after it.")
def calls(
    config_path: Path, first: dt.datetime | None, last: dt.datetime | None, source: str | None, *, legs: bool
) -> None:
    """Print the stored calls.

    One JSON object a line, in the order of source and offset. Times without an offset are the site's.
    """
    from collector.commands.calls import stored
    from collector.config import load

    config = load(config_path, with_tables=False)
    zone = ZoneInfo(config.site.timezone)
    for line in stored(config, posix(first, zone), posix(last, zone), source, legs=legs):
        click.echo(line)
