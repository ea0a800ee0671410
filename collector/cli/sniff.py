"""``smdr sniff``: how a serial line is set, found by listening."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from collector.errors import UserError

if TYPE_CHECKING:
    from collector.sniffing import Found


@click.command()
@click.argument("port", help="A device such as /dev/ttyUSB0; `smdr ports` lists them.")
@click.option(
    "--seconds",
    type=click.FloatRange(min=1),
    default=300.0,
    show_default=True,
    help="Seconds to listen at most; calls must be made meanwhile.",
)
def sniff(port: str, seconds: float) -> None:
    """Find speed, data bits, parity and format of a serial line by listening.

    Make calls while it listens. Prints the part of a configuration to read the line with. Nothing is sent.
    """
    import asyncio

    from collector import sniffing
    from collector.inputs.base import LinkError

    device = port.removeprefix("serial:")
    if ":/" in device:
        raise UserError(f"{port} is no serial port of this machine; write one of those `smdr ports` lists.")
    try:
        found = asyncio.run(sniffing.sniff(device, seconds, lambda news: click.echo(news, err=True)))
    except (sniffing.NothingFoundError, LinkError) as error:
        raise UserError(str(error)) from None
    click.echo(_stanza(device, found))


def _stanza(device: str, found: Found) -> str:
    """Return the table of a source that reads the line."""
    from collector.config.adding import Wanted
    from collector.inputs.ports import stable_name

    name = device if device.startswith("/dev/serial/") else stable_name(device) or device
    best = found.formats[0] if found.formats else None
    note = best.reasons[0] if best else "no known format fits what was heard; see smdr formats"
    return Wanted("pbx1", f"serial:{name}", best.name if best else "auto", found.line, note=note).toml().rstrip("\n")
