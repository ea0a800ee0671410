"""``smdr links``: what happened to the links."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from collector.cli.options import config_option, json_option

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@config_option
@click.option("--source", metavar="NAME", help="The link of one source only.")
@click.option("--last", type=click.IntRange(1), default=100, show_default=True, help="How many changes.")
@json_option
def links(config_path: Path, source: str | None, last: int, *, as_json: bool) -> None:
    """Show what happened to the links.

    Every change of a link's state by the clock of this machine, the newest last: when a PBX connected, went away, or could
    not be reached, and why. Also while the collector is stopped.
    """
    from collector.config import load
    from collector.errors import UserError
    from collector.problems import width
    from collector.rendering import moment
    from collector.store.events_db import link_events

    config = load(config_path, with_tables=False)
    known = {one.name for one in config.sources}
    if source is not None and source not in known:
        raise UserError(f'There is no source "{source}" in {config.path}; it has: {", ".join(sorted(known))}.')
    zone = ZoneInfo(config.site.timezone)
    events = link_events(config.site.data, source, last)
    cells = {event.source: sum(map(width, event.source)) for event in events}
    column = max(cells.values(), default=0)
    for event in events:
        at = moment(event.at, zone)
        if as_json:
            click.echo(json.dumps({**event._asdict(), "at": at}, ensure_ascii=False))
        else:
            click.echo(
                f"{str(at)[:19]}  {event.source}{' ' * (column - cells[event.source])}  {event.state:10}  {event.detail}"
            )
