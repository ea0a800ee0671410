"""``smdr reparse`` and ``smdr reexport``: what is derived, derived again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from collector.cli.options import chosen_outputs, config_option, progress

if TYPE_CHECKING:
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
    click.echo(f"{calls:,} calls.")


@click.command()
@config_option
@click.option("--output", metavar="NAME", help="The output to send to; all of them if not given.")
def reexport(config_path: Path, output: str | None) -> None:
    """Have everything sent to the outputs again.

    Points that are there already are overwritten, not doubled. The collector, when started next, does the sending.
    """
    from collector.commands import rebuilding
    from collector.config import load

    config = load(config_path)
    for chosen in chosen_outputs(config, output):
        rebuilding.reexport(config, chosen.name)
        click.echo(f"{chosen.name} will be sent everything again by `smdr run`.")
