"""``smdr anonymise``: a capture without the numbers and names of people."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from collector.cli.options import Moment, Zone, existing, posix
from collector.errors import UserError

if TYPE_CHECKING:
    import datetime as dt
    from zoneinfo import ZoneInfo

    from collector.commands.anonymising import Anonymised


@click.command()
@click.argument("file", type=click.Path(path_type=Path), help="What a PBX printed.")
@click.option("-o", "--output", "out", type=click.Path(path_type=Path), help="File to write the scrambled capture to.")
@click.option("--case", type=click.Path(path_type=Path), help="Folder to write a test case to, as those in fixtures/.")
@click.option(
    "--format", "format_name", metavar="NAME", help="The format; found out from the first lines if not given."
)
@click.option(
    "--name", "names", multiple=True, help="A name to replace, also where it is part of a heading; repeatable."
)
@click.option("--tz", "zone", type=Zone(), default="UTC", show_default=True, help="Time zone of the PBX clock.")
@click.option("--received", type=Moment(), help="When the capture was made; the file's own time if not given.")
@click.option(
    "--key-file",
    type=click.Path(path_type=Path),
    help="File with the key, made if it is not there: captures with one key have the same numbers replaced alike.",
)
def anonymise(
    file: Path,
    out: Path | None,
    case: Path | None,
    format_name: str | None,
    names: tuple[str, ...],
    zone: ZoneInfo,
    received: dt.datetime | None,
    key_file: Path | None,
) -> None:
    """Scramble the numbers and names of a capture, so that it can be sent to others.

    The same number becomes the same scrambled number, lengths and layout stay, and the capture says the same calls.
    Extensions (up to six digits) and outside numbers of up to four digits stay. In what is no record of a binary file every
    run of packed digits is scrambled. Read the result before sending it.
    """
    from collector.commands import anonymising
    from collector.commands.parse import detect
    from parsers import formats

    if out is None and case is None:
        raise click.UsageError("Name a file to write with -o, or a folder with --case.")
    if out is not None and out.exists() and out.samefile(existing(file)):
        raise UserError(f"{out} is the capture itself; name another file, and the capture stays as it is.")
    data = existing(file).read_bytes()
    if format_name is None:
        ranked = detect(file)
        if not ranked:
            raise UserError(f"No known format fits the first lines of {file}; name one with --format.")
        format_name = ranked[0].candidate.name
    elif format_name not in formats.names():
        raise UserError(f'There is no format "{format_name}"; see smdr formats.')
    moment = posix(received, zone) or file.stat().st_mtime
    done = anonymising.anonymise(data, format_name, zone, moment, anonymising.key_from(key_file), names)
    if out is not None:
        out.write_bytes(done.data)
    if case is not None:
        anonymising.write_case(case, done.data, format_name, zone, moment)
    click.echo(f"{done.numbers:,} different outside numbers of {format_name} scrambled.")
    _warn(done)


def _warn(done: Anonymised) -> None:
    """Tell what a person has to look at."""
    if done.unchanged:
        click.echo(f"These numbers could not be, the records would change: {', '.join(done.unchanged)}.", err=True)
    if done.words:
        click.echo(f"These words stay; if one is a name, give it with --name: {', '.join(done.words)}.", err=True)
