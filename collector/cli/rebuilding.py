"""``smdr reparse`` and ``smdr reexport``: what is derived, derived again."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from collector.cli.options import Moment, chosen_outputs, config_option, posix, progress
from collector.errors import UserError
from collector.wording import counted

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path


@click.command()
@config_option
def reparse(config_path: Path) -> None:
    """Make all calls anew from the bytes received.

    For after a change of format, time zone, number plan or directory. The old calls stay in force until the new ones
    are complete. The collector must not be running.
    """
    from collector.commands import rebuilding
    from collector.config import load

    config = load(config_path)
    with progress("Parsing the journal") as draw:
        calls = rebuilding.reparse(config, draw)
    click.echo(f"{counted(calls, 'call')}.")


@click.command()
@config_option
@click.option("--output", metavar="NAME", help="The output to send everything to; all of them if not given.")
@click.option("--from", "first", type=Moment(), help="Only calls that start at this moment or later, and their sums.")
@click.option("--to", "end", type=Moment(), help="Only calls that start before this moment.")
def reexport(config_path: Path, output: str | None, first: dt.datetime | None, end: dt.datetime | None) -> None:
    """Have everything, or what is between two moments, sent to the outputs again.

    Points that are there already are overwritten, not doubled. The collector, when started next, does the sending.
    """
    from collector.commands import rebuilding
    from collector.config import load

    config = load(config_path)
    if first or end:
        if output:
            raise UserError("What is between two moments is sent to all outputs: leave out --output.")
        chosen_outputs(config, None)
        zone = ZoneInfo(config.site.timezone)
        calls = rebuilding.reexport_span(config, posix(first, zone), posix(end, zone))
        click.echo(f"{counted(calls, 'call')} will be sent again by `smdr run`.")
        return
    for chosen in chosen_outputs(config, output):
        rebuilding.reexport(config, chosen.name)
        click.echo(f"{chosen.name} will be sent everything again by `smdr run`.")
