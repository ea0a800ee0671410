"""``smdr import``: a capture file into the journal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from collector.cli.options import Moment, config_option, existing, posix, progress
from collector.wording import counted

if TYPE_CHECKING:
    import datetime as dt


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path), help="What a PBX printed.")
@click.option("--source", required=True, metavar="NAME", help="The source of the configuration it came from.")
@click.option(
    "--received", type=Moment(), help="When the capture was made, for formats that print no year; now if not given."
)
@config_option
def import_(file: Path, source: str, received: dt.datetime | None, config_path: Path) -> None:
    """Add a capture file to what was collected.

    The same file imported again adds nothing, and so does one that begins without a record of the source. The collector
    must not be running on the same data.
    """
    from collector.commands.importing import import_file
    from collector.config import load

    config = load(config_path)
    moment = posix(received, ZoneInfo(config.site.timezone))
    with progress(f"Importing {file.name}") as draw:
        done = import_file(existing(file), source, config, draw, moment)
    if not done.added:
        click.echo(f"Nothing added: {file} was imported into {source} before.")
        return
    resumed = f" (continued at byte {done.resumed_at:,})" if done.resumed_at else ""
    click.echo(
        f"Added {counted(done.added, 'byte')} to {source}{resumed}: "
        f"{counted(done.legs, 'leg')}, {counted(done.calls, 'call')}, {counted(done.rejected, 'rejected line')}."
    )
