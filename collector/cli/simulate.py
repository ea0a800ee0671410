"""``smdr simulate``: a PBX that is not there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from collector.errors import UserError

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from collector.config import Serial

_LINE = re.compile(r"(\d{2,7})[ -]?([5-8])([NEOMS])([12])")


@click.command()
@click.option("--format", "format_name", metavar="F", required=True, help="What the PBX prints; see smdr formats.")
@click.option(
    "--to",
    metavar="TARGET",
    default="-",
    show_default=True,
    help="Where it prints: - (standard output), file:PATH, pty or pty:PATH (a pseudo terminal), serial:/dev/ttyUSB0, "
    "tcp://host:port (a collector that listens), tcp-listen://address:port (a collector that connects).",
)
@click.option("--line", metavar="SETTINGS", default="9600 8N1", show_default=True, help="Settings of a serial port.")
@click.option(
    "--rate",
    type=click.FloatRange(min=0, min_open=True),
    metavar="R",
    help="Calls per minute, day and night. Without it: an office of 120 calls a day with its hours and weekdays.",
)
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same calls.")
@click.option("--from", "first", metavar="T", help="Begin at this moment, such as 2026-01-31T08:00, instead of now.")
@click.option("--until", metavar="T", help="End before this moment.")
@click.option("--count", type=click.IntRange(min=1), metavar="N", help="End after this many records.")
@click.option("--seconds", type=click.FloatRange(min=0), metavar="N", help="End after this many seconds.")
@click.option(
    "--speed",
    type=click.FloatRange(min=0, min_open=True),
    metavar="S",
    help="Let the PBX's clock start at --from and run S times as fast. Without it the clock is right: "
    "records from the past come at once, the others when they are due.",
)
@click.option(
    "--tz", metavar="Z", help="Time zone the PBX stands in, such as Asia/Shanghai; this machine's by default."
)
def simulate(
    *,
    format_name: str,
    to: str,
    line: str,
    rate: float | None,
    seed: int,
    first: str | None,
    until: str | None,
    count: int | None,
    seconds: float | None,
    speed: float | None,
    tz: str | None,
) -> None:
    """Print realistic traffic the way a PBX does, in any format.

    A year of history:  smdr simulate --format panasonic/kx-tda --from 2025-01-01 --until 2026-01-01 --to file:year.log
    """
    import asyncio  # noqa: PLC0415  (all of this takes a while to load: not for --help)

    from collector.simulator.office import Profile  # noqa: PLC0415  (same)
    from collector.simulator.printing import Pace  # noqa: PLC0415  (same)
    from collector.simulator.printing import simulate as print_traffic  # noqa: PLC0415  (same)
    from collector.simulator.targets import open_target  # noqa: PLC0415  (same)
    from collector.simulator.traffic import Traffic  # noqa: PLC0415  (same)

    _known_format(format_name)
    pace = Pace(_zone(tz), speed)
    began, last = _moment(first), _moment(until)
    traffic = Traffic(Profile.steady(rate) if rate else Profile.office(), seed)

    async def run() -> int:
        target = open_target(to, _say, _settings(line) if to.startswith("serial:") else None)
        try:
            return await print_traffic(
                format_name, target, traffic, first=began, until=last, count=count, seconds=seconds, pace=pace
            )
        finally:
            await target.close()

    records = asyncio.run(run())
    _say(f"{records} records.")


def _say(sentence: str) -> None:
    click.echo(sentence, err=True)


def _known_format(name: str) -> None:
    from parsers import formats  # noqa: PLC0415  (loads every format: not for --help)

    if name not in formats.names():
        from collector.problems import nearest  # noqa: PLC0415  (only needed once something is wrong)

        near = nearest(name, formats.names())
        raise UserError(f'There is no format "{name}". {f"Did you mean {near}?" if near else "See smdr formats."}')


def _zone(name: str | None) -> ZoneInfo | None:
    from zoneinfo import ZoneInfo  # noqa: PLC0415  (not for --help)

    if name is None:
        return None
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        raise UserError(f'There is no time zone "{name}": write an IANA name such as Asia/Shanghai.') from None


def _moment(text: str | None) -> datetime | None:
    from datetime import datetime  # noqa: PLC0415  (not for --help)

    if text is None:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        raise UserError(f'"{text}" is no moment: write it as 2026-01-31 or 2026-01-31T08:00.') from None


def _settings(text: str) -> Serial:
    from collector.config import Serial  # noqa: PLC0415  (loads pydantic: not for --help)

    settings = _LINE.fullmatch(text)
    if not settings:
        raise UserError(f'"{text}" does not set a serial port: write it as "9600 8N1" or "1200 7E2".')
    baud, data_bits, parity, stop_bits = settings.groups()
    return Serial.model_validate(
        {"baud": int(baud), "data_bits": int(data_bits), "parity": parity, "stop_bits": int(stop_bits)}
    )
