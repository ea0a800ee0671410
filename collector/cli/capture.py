"""``smdr capture``: raw bytes of a line into a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from collector.cli.options import line_option
from collector.errors import UserError
from collector.wording import counted

if TYPE_CHECKING:
    from collector.config import Serial, Source
    from collector.inputs.tapping import Arrival


@click.command()
@click.argument("port", help="A device such as /dev/ttyUSB0, or an input as in a configuration: tcp://host:port.")
@click.option(
    "-o",
    "--output",
    "file",
    required=True,
    type=click.Path(path_type=Path),
    help="File to write; appended to if there.",
)
@line_option
@click.option("--seconds", type=click.FloatRange(min=0, min_open=True), help="Seconds to end after.")
def capture(port: str, file: Path, line: Serial, seconds: float | None) -> None:
    """Write what a line sends to a file, byte for byte.

    Nothing is interpreted or added. Ctrl-C ends it.
    """
    import asyncio
    import logging

    from collector.config import Link, Source

    try:
        link = Link.parse(port if ":" in port else f"serial:{port}")
    except ValueError as error:
        raise UserError(f"{'; '.join(error.args)}.") from None
    source = Source(name="capture", input=str(link), serial=line)
    logging.getLogger("collector").addHandler(logging.NullHandler())  # the sink says the same
    with file.open("ab") as stream:
        written = asyncio.run(_copy(source, stream, seconds))
    click.echo(f"{counted(written, 'byte')} written to {file}.")


async def _copy(source: Source, stream: BinaryIO, seconds: float | None) -> int:
    """Copy until the input ends, the time is up, or a signal comes; return the number of bytes."""
    import asyncio
    import signal
    from contextlib import suppress

    from collector.inputs import open_input
    from collector.inputs.tapping import Tap

    def write(arrival: Arrival) -> None:
        stream.write(arrival.data)
        stream.flush()

    sink = Tap(write, lambda _state, sentence: click.echo(sentence, err=True))
    reading = asyncio.ensure_future(open_input(source, sink).run())
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, reading.cancel)
    with suppress(asyncio.CancelledError, TimeoutError):
        await asyncio.wait_for(reading, seconds)
    return sink.heard
