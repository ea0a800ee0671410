"""``smdr detect``: which format a capture is."""

from __future__ import annotations

from pathlib import Path

import click

from collector.cli.options import existing, with_site_formats
from collector.errors import UserError


@click.command()
@click.argument("file", type=click.Path(path_type=Path), help="What a PBX printed; - is standard input.")
@with_site_formats
def detect(file: Path) -> None:
    """Rank the formats for a capture, best first."""
    from collector.commands.parse import detect as rank

    detected = rank(existing(file))
    if not detected:
        raise UserError(f"No known format fits the first lines of {file}; `smdr formats` lists what is known.")
    width = max(len(candidate.name) for candidate, _ in detected)
    for candidate, dates in detected:
        reasons = [*candidate.reasons, f"its dates have {dates}"] if dates else candidate.reasons
        click.echo(f"{candidate.name:<{width}}  {candidate.score:>4.0%}  {'; '.join(reasons)}")
