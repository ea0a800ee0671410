"""``smdr numbers``: what the number plan makes of a number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from collector.cli.options import config_option, site_option

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@config_option
@site_option
@click.option("--incoming", is_flag=True, help="The numbers called us; they are not dialled ones.")
@click.argument("number", nargs=-1, required=True)
def numbers(config_path: Path, site: str | None, number: tuple[str, ...], *, incoming: bool) -> None:
    """Show the class of each NUMBER, its carrier prefix, and where it is, in Chinese and English.

    A NUMBER is given as the PBX prints it. The operator is who gave the number out: it may have moved since.
    """
    from collector.commands.numbers import described
    from collector.config import load

    config = load(config_path)
    config = config.at(site) if site else config
    for one in number:
        click.echo(f"{one}  {described(config.site, one, 'incoming' if incoming else 'outgoing')}")
