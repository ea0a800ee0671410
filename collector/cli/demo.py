"""``smdr demo``: everything at once, with nothing attached."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from dashboards.words import Language


@click.command()
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    metavar="DIR",
    default="demo-data",
    show_default=True,
    help="Folder for its configuration and what it collects; a second start on it goes on where the first ended.",
)
@click.option("--seconds", type=click.FloatRange(min=0), metavar="N", help="End after so many seconds of live calls.")
@click.option("--no-web", is_flag=True, help="Without the console.")
@click.option("--port", type=click.IntRange(1, 65535), metavar="P", help="Port of the console; 8080 if it is free.")
@click.option(
    "--language",
    type=click.Choice(["zh", "en"]),
    help="Language of the console and of what is written in its office; that of an earlier start, or this terminal's.",
)
def demo(*, data: Path, seconds: float | None, no_web: bool, port: int | None, language: Language | None) -> None:
    """Show it all: three simulated PBXs, a year of calls, the collector, and the console.

    One PBX is on a serial port, one is connected to, one connects.
    """
    from collector.demo import language_of, run

    spoken = language or language_of(data) or _terminal_language()
    run(data, click.echo, seconds=seconds, console=not no_web, port=port, language=spoken)


def _terminal_language() -> Language:
    spoken = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "zh" if spoken.startswith("zh") else "en"
