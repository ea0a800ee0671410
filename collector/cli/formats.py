"""``smdr formats``: what can be understood, and how sure that is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from collector.cli.options import json_option, with_site_formats

if TYPE_CHECKING:
    from parsers.formats import Format


@click.command()
@json_option
@with_site_formats
def formats(*, as_json: bool) -> None:
    """List the formats that are understood.

    A verified format fits a capture of a real PBX; one from the manual has yet to meet one.
    """
    from parsers.formats import get, names

    rows = [_row(get(name)) for name in names()]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    width = max(len(row["name"]) for row in rows)
    for row in rows:
        click.echo(f"{row['name']:<{width}}  {row['status']:<11}  {row['title']}")


def _row(declared: Format) -> dict[str, Any]:
    return {
        "name": declared.name,
        "title": declared.title,
        "status": declared.status,
        "stamp": declared.stamp,
        "ring_time": declared.ring_time,
        "transport": declared.transport,
    }
