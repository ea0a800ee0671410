"""``smdr check``: everything wrong with a configuration, at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from collector.cli.options import config_option

if TYPE_CHECKING:
    from pathlib import Path

    from collector.config import Config


@click.command()
@config_option
def check(config_path: Path) -> None:
    """Show every error of a configuration at once.

    Each comes with its line, its column and what to write instead. Nothing is started and no port opened.
    Exit status 1 if there is an error; warnings are shown but do not count.
    """
    from collector.config import load

    config = load(config_path)
    for warning in config.warnings:
        click.echo(str(warning), err=True)
    for line in _summary(config):
        click.echo(line)


def _summary(config: Config) -> list[str]:
    lines = [f"{config.path} is right."]
    lines += [f"  source {source.name}: {source.format} from {source.input}" for source in config.sources]
    lines += [f"  format {one.name}: {one.title}, as its samples say ({len(one.samples)})" for one in config.formats]
    lines += [f"  output {output.name}: {output.type} at {output.url}" for output in config.outputs]
    return lines
