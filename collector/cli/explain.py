"""``smdr explain``: one line, field by field."""

from __future__ import annotations

import datetime as dt
import os
import sys
from typing import TYPE_CHECKING

import click

from collector.cli.options import Moment, Zone, posix, with_site_formats
from collector.errors import UserError

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo


@click.command()
@click.argument("line", required=False, help="One line of a PBX; without it, every line of standard input.")
@click.option("--format", "format_name", metavar="NAME", help="The format; found out from the lines if not given.")
@click.option("--tz", "zone", type=Zone(), help="Time zone of the PBX clock; without it times are shown as printed.")
@click.option("--received", type=Moment(), help="When the line came, for formats that print no year; now if not given.")
@with_site_formats
def explain(line: str | None, format_name: str | None, zone: ZoneInfo | None, received: dt.datetime | None) -> None:
    """Show what each part of a line means.

    Under the line stands a ruler; under that every field with its columns, its name, its text, and what it tells of the
    call. Of a line that is rejected: what made it fail, and where. A record of a binary file is given, and shown, in
    hexadecimal digits.

    \b
    The third line of a capture, and the third record of a binary file:
      sed -n 3p capture.log | smdr explain --format panasonic/kx-tda
      od -An -v -tx1 -j123 -w123 bill.dat | sed -n 3p | smdr explain --format zte/zxj10
    """  # noqa: D301  (click reads the backspace: the next lines are not rewrapped)
    from collector.commands.explain import explained

    given = sys.stdin.buffer.read() if line in (None, "-") else os.fsencode(str(line))
    lines = [one for one in given.splitlines() if one.strip()]
    if not lines:
        raise UserError("There is no line to explain: give one in quotes, or on standard input.")
    moment = posix(received, zone or dt.UTC)
    for number, shown in enumerate(explained(lines, format_name, zone, moment)):
        click.echo("\n" * (number > 0) + shown)
