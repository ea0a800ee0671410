"""``smdr influx``: the InfluxDB servers the calls are sent to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from collector.cli.options import chosen_outputs, config_option

if TYPE_CHECKING:
    from pathlib import Path


@click.group()
def influx() -> None:
    """Prepare the InfluxDB servers the calls are sent to."""


@influx.command("setup")
@config_option
@click.option("--output", metavar="NAME", help="The output to prepare; all of them if not given.")
def setup_(config_path: Path, output: str | None) -> None:
    """Create the database, or the bucket and the mapping that InfluxQL needs.

    What is there already is left as it is.
    """
    import asyncio

    from collector.config import load
    from collector.outputs.setup import setup

    for chosen in chosen_outputs(load(config_path), output):
        for sentence in asyncio.run(setup(chosen)):
            click.echo(f"{chosen.name}: {sentence}")


@influx.command()
@config_option
def office(config_path: Path) -> None:
    """Print what stands in the office's books as it is sent to InfluxDB.

    Violations, budgets, the costs and number ranges of this month and what operators did, in line protocol. The
    collector sends it every ten minutes.
    """
    from collector.config import load
    from collector.errors import UserError
    from collector.outputs.office_figures import office_figures

    told = office_figures(load(config_path, with_tables=False))
    for point in told.points:
        click.echo(point)
    if told.faults:
        raise UserError(" ".join(told.faults))
