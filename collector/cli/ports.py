"""``smdr ports``: what can be plugged into."""

from __future__ import annotations

import dataclasses
import json

import click

from collector.cli.options import json_option


@click.command()
@json_option
def ports(*, as_json: bool) -> None:
    """List the serial ports of this machine.

    Shown are the names to write into a configuration: where there is one, the name that survives replugging. A port
    that cannot be opened comes with the reason and the fix.
    """
    from collector.inputs.ports import list_ports

    found = list_ports()
    if as_json:
        click.echo(json.dumps([dataclasses.asdict(port) for port in found], ensure_ascii=False, indent=2))
        return
    if not found:
        click.echo("There is no serial port. Plug in an adapter, then ask again; `dmesg` tells whether it is seen.")
    for port in found:
        described = ", ".join(filter(None, [port.device if port.stable_name else "", port.product, port.driver]))
        click.echo(f"serial:{port.name}" + (f"  ({described})" if described else ""))
        if port.problem:
            click.echo(f"  {port.problem}")
