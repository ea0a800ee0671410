"""``smdr rerate`` and ``smdr rate explain``: what calls cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from collector.cli.options import Moment, config_option, posix, progress, site_option
from collector.errors import UserError
from collector.wording import counted

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

_FAR = 4e10


@click.command()
@config_option
@click.option("--from", "first", type=Moment(), help="First day or moment at the site; all before if not given.")
@click.option("--to", "end", type=Moment(), help="The day or moment behind the last.")
@click.option("--dry-run", is_flag=True, help="Change nothing: show only what would change.")
def rerate(config_path: Path, first: datetime | None, end: datetime | None, *, dry_run: bool) -> None:
    """Give stored calls class, holder and cost by the tables as they are now.

    For after a change of tariff, number plan or directory; a price counts from its own first day. Nothing is parsed
    anew. The collector must not be running; outputs are sent what changed when it runs again.
    """
    from decimal import Decimal
    from zoneinfo import ZoneInfo

    from collector.commands import rating
    from collector.config import load

    config = load(config_path)
    zone = ZoneInfo(config.site.timezone)
    begin = -_FAR if (moment := posix(first, zone)) is None else moment
    until = _FAR if (moment := posix(end, zone)) is None else moment
    with progress("Rating") as draw:
        months = rating.rerate(config, begin, until, dry=dry_run, progress=draw)
    currency = config.accounting.currency
    click.echo(f"{'month':10}{'calls':>10}{'changed':>10}{'cost before':>16}{'cost now':>16}{'difference':>16}")
    for month, one in months.items():
        click.echo(
            f"{month:10}{one.calls:>10,}{one.changed:>10,}{one.before:>16,f}{one.after:>16,f}{one.after - one.before:>+16,f}"
        )
    total = sum((one.after - one.before for one in months.values()), Decimal(0))
    changed = sum(one.changed for one in months.values())
    click.echo(f"{counted(changed, 'call')} {'would change' if dry_run else 'changed'}; {total:+f} {currency}.")


@click.group()
def rate() -> None:
    """What calls cost, and why."""


@rate.command()
@config_option
@site_option
@click.argument("number")
@click.argument("seconds", type=click.IntRange(0))
@click.option("--at", type=Moment(), help="When it is answered, at the site; now if not given.")
@click.option("--trunk", default="", help="The trunk it goes over.")
def explain(config_path: Path, site: str | None, number: str, seconds: int, at: datetime | None, trunk: str) -> None:
    """Explain what a call to NUMBER, as it is dialled, of so many SECONDS of talk costs."""
    import time
    from zoneinfo import ZoneInfo

    from collector.assembly import accounting_of, rater_of
    from collector.calls import Call
    from collector.commands import rating
    from collector.config import load

    config = load(config_path)
    config = config.at(site) if site else config
    rater = rater_of(config)
    if rater is None:
        raise UserError("There is no tariff: name one under [accounting] in the configuration.")
    given = posix(at, ZoneInfo(config.site.timezone))
    start = int(time.time() if given is None else given)
    call = Call("", 0.0, 0, "", start, 1, "outgoing", "answered", number=number, trunk=trunk or None, talk_s=seconds)
    accounting = accounting_of(config)
    accounting.enrich(call)
    for line in rating.told(rater.charge(accounting.dialled(call)), call, config.accounting.currency):
        click.echo(line)
