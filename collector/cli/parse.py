"""``smdr parse``: a capture as JSON Lines."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import click

from collector.cli.options import Moment, Zone, existing, posix, with_site_formats

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from parsers.stamps import DateOrder


@click.command()
@click.argument("file", type=click.Path(path_type=Path), help="What a PBX printed; - is standard input.")
@click.option(
    "--format", "format_name", metavar="NAME", help="The format; found out from the first lines if not given."
)
@click.option("--tz", "zone", type=Zone(), help="Time zone of the PBX clock; without it times are shown as printed.")
@click.option(
    "--received",
    type=Moment(),
    help="When the capture was made, for formats that print no year; the file's own time if not given.",
)
@click.option(
    "--date-order",
    "order",
    type=click.Choice(["dmy", "mdy", "ymd"]),
    help="Order of day, month and year; if not given, the dates themselves tell, or else the format's own order holds.",
)
@click.option("--calls", is_flag=True, help="Print the calls that the legs join to, after the records.")
@with_site_formats
def parse(
    file: Path,
    format_name: str | None,
    zone: ZoneInfo | None,
    received: dt.datetime | None,
    order: DateOrder | None,
    *,
    calls: bool,
) -> None:
    """Print what a capture says, record by record.

    One JSON object a line on standard output, in the order of the capture, and a summary on standard error: bytes in
    records, rejected lines and noise add up to the bytes of FILE. Nothing is stored.
    """
    from collector.commands import parse as parsing

    moment = posix(received, zone or dt.UTC)
    summary = parsing.parse(existing(file), format_name, zone, moment, calls=calls, order=order)
    click.echo(parsing.summary_line(summary), err=True)
