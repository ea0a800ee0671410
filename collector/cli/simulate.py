"""``smdr simulate``: a PBX that is not there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from collector.cli.options import Moment, Zone, line_option, with_site_formats
from collector.errors import UserError
from collector.wording import counted

if TYPE_CHECKING:
    import datetime as dt
    from zoneinfo import ZoneInfo

    from collector.config import Serial


@click.command()
@click.option("--format", "format_name", required=True, metavar="NAME", help="What to print; see `smdr formats`.")
@click.option("--to", default="-", show_default=True, metavar="TARGET", help="Where to print.")
@line_option
@click.option(
    "--rate",
    type=click.FloatRange(min=0, min_open=True),
    help="Calls a minute at any hour; a working day if not given.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed prints the same calls.")
@click.option("--from", "first", type=Moment(), help="PBX time of the first call; now if not given.")
@click.option("--until", type=Moment(), help="PBX time to end before.")
@click.option("--count", type=click.IntRange(min=1), help="Number of records to end after.")
@click.option("--seconds", type=click.FloatRange(min=0, min_open=True), help="Real seconds to end after.")
@click.option("--speed", type=click.FloatRange(min=0, min_open=True), help="How many times as fast as real time.")
@click.option("--tz", "zone", type=Zone(), help="Time zone of the PBX clock; this machine's if not given.")
@with_site_formats
def simulate(
    format_name: str,
    to: str,
    line: Serial,
    rate: float | None,
    seed: int,
    first: dt.datetime | None,
    until: dt.datetime | None,
    count: int | None,
    seconds: float | None,
    speed: float | None,
    zone: ZoneInfo | None,
) -> None:
    """Print the traffic of an office as a PBX would.

    TARGET is - (standard output), file:PATH, pty or pty:PATH (a pseudo terminal), serial:/dev/ttyUSB0, tcp://host:port or tcp-listen://address:port.
    Without --speed, calls before the present moment are printed at once and later ones when they happen.

    \b
    A year of history:
      smdr simulate --format panasonic/kx-tda --from 2025-01-01 --until 2026-01-01 --to file:year.log
    """  # noqa: D301  (click reads the backspace: the next lines are not rewrapped)
    import asyncio

    from collector.problems import choices
    from collector.simulator.office import Profile
    from collector.simulator.printing import Pace
    from collector.simulator.printing import simulate as print_traffic
    from collector.simulator.targets import open_target
    from collector.simulator.traffic import Traffic
    from parsers import formats

    if format_name not in formats.names():
        raise UserError(f'There is no format "{format_name}": {choices(format_name, formats.names())}.')
    profile = Profile.steady(rate) if rate else Profile.office()

    async def work() -> int:
        target = open_target(to, lambda sentence: click.echo(sentence, err=True), line)
        try:
            return await print_traffic(
                format_name,
                target,
                Traffic(profile, seed),
                first=_wall_clock(first, zone),
                until=_wall_clock(until, zone),
                count=count,
                seconds=seconds,
                pace=Pace(zone, speed),
            )
        finally:
            await target.close()

    printed = asyncio.run(work())
    click.echo(f"{counted(printed, 'record')}.", err=True)


def _wall_clock(moment: dt.datetime | None, zone: ZoneInfo | None) -> dt.datetime | None:
    """Return what the PBX clock shows at a moment; one given without an offset is what it shows."""
    if moment is None or moment.tzinfo is None:
        return moment
    return moment.astimezone(zone).replace(tzinfo=None)
