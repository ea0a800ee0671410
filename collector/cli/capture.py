"""``smdr capture``: raw bytes of a line into a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from collector.errors import UserError

if TYPE_CHECKING:
    from collector.config import Source
    from collector.inputs.base import LinkState


@click.command()
@click.argument("port")
@click.option(
    "-o",
    "--output",
    "file",
    required=True,
    type=click.Path(path_type=Path),
    help="File to write; appended to if there.",
)
@click.option("--baud", type=int, default=9600, show_default=True, help="Bits per second.")
@click.option("--data-bits", type=click.Choice(["5", "6", "7", "8"]), default="8", show_default=True, help="Data bits.")
@click.option("--parity", type=click.Choice(["N", "E", "O", "M", "S"]), default="N", show_default=True, help="Parity.")
@click.option("--stop-bits", type=click.Choice(["1", "2"]), default="1", show_default=True, help="Stop bits.")
@click.option(
    "--flow", type=click.Choice(["none", "xonxoff", "rtscts"]), default="none", show_default=True, help="Flow control."
)
@click.option("--seconds", type=click.FloatRange(min=0, min_open=True), help="Seconds to end after.")
def capture(
    port: str, file: Path, baud: int, data_bits: str, parity: str, stop_bits: str, flow: str, seconds: float | None
) -> None:
    """Write what a line sends to a file, byte for byte.

    PORT is a device such as /dev/ttyUSB0, or an input as in a configuration: tcp://host:port. Nothing is interpreted
    or added. Ctrl-C ends it.
    """
    import asyncio
    import logging

    from pydantic import ValidationError

    from collector.config import Serial, Source

    settings = {"baud": baud, "data_bits": int(data_bits), "parity": parity, "stop_bits": int(stop_bits), "flow": flow}
    try:
        source = Source(
            name="capture",
            input=port if ":" in port else f"serial:{port}",
            serial=Serial.model_validate(settings),
        )
    except ValidationError as invalid:
        cause = invalid.errors()[0].get("ctx", {}).get("error")
        raise UserError("; ".join(cause.args) if cause else f"{baud} baud is not a speed of a serial port.") from None
    logging.getLogger("collector").addHandler(logging.NullHandler())  # the sink says the same
    with file.open("ab") as stream:
        written = asyncio.run(_copy(source, stream, seconds))
    click.echo(f"{written:,} bytes written to {file}.")


async def _copy(source: Source, stream: BinaryIO, seconds: float | None) -> int:
    """Copy until the input ends, the time is up, or a signal comes; return the number of bytes."""
    import asyncio
    import signal
    from contextlib import suppress

    from collector.inputs import open_input

    sink = _FileSink(stream)
    reading = asyncio.ensure_future(open_input(source, sink).run())
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, reading.cancel)
    with suppress(asyncio.CancelledError, TimeoutError):
        await asyncio.wait_for(reading, seconds)
    return sink.written


class _FileSink:
    """Writes what is received, at once."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._said = ""
        self.written = 0

    async def received(self, lane: int, data: bytes, *, opened: bool) -> None:  # noqa: ARG002  (a sink's signature)
        self._stream.write(data)
        self._stream.flush()
        self.written += len(data)

    async def ended(self, lane: int) -> None:
        """A file has no lanes to end."""

    def link(self, state: LinkState, detail: str) -> None:  # noqa: ARG002  (a sink's signature)
        if detail != self._said:
            self._said = detail
            click.echo(detail, err=True)

    def position(self) -> int:
        return 0
