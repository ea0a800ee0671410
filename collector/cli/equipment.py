"""``smdr equipment``: faults as tickets, inspection rounds, links, and who is on duty."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from collector.cli.options import Day, by_option, config_option, json_option
from collector.wording import counted

if TYPE_CHECKING:
    import datetime as dt

    from collector.office.tickets import Ticket

_number = click.argument("number", type=click.IntRange(1))


@click.group()
def equipment() -> None:
    """Faults as tickets, inspection rounds, links, who is on duty. Nothing noted is changed or deleted."""


@equipment.command()
@config_option
@click.option("--all", "everything", is_flag=True, help="Solved ones, too.")
@json_option
def tickets(config_path: Path, *, everything: bool, as_json: bool) -> None:
    """List the faults that are not solved.

    An alarm of a silent or lost line, a wrong clock, an output, the disk or a backup opens a ticket by itself.
    """
    import time

    from collector.commands import equipment as commands
    from collector.config import load

    config = load(config_path)
    noted = commands.noted(config)
    for one in noted.tickets:
        if one.state == "solved" and not everything:
            continue
        due = one.due(noted.limits)
        late = due is not None and time.time() > due
        _show(one, ZoneInfo(config.site.timezone), late=late, as_json=as_json)


@equipment.command()
@config_option
@_number
@json_option
def ticket(config_path: Path, number: int, *, as_json: bool) -> None:
    """Show a ticket with everything that happened about it."""
    from collector.commands import equipment as commands
    from collector.config import load
    from collector.office.tickets import found
    from collector.rendering import moment
    from collector.store.office_db import reading

    config = load(config_path)
    commands.take_alarms(config.site.data)
    with reading(config.site.data) as db:
        one = found(db, number)
    zone = ZoneInfo(config.site.timezone)
    _show(one, zone, late=False, as_json=as_json)
    if not as_json:
        for event in one.events:
            click.echo(f"  {str(moment(event.at, zone))[:19]}  {event.by}  {event.what}  {event.text}".rstrip())


@equipment.command()
@config_option
@click.argument("name", metavar="EQUIPMENT")
@click.argument("fault")
@by_option
def report(config_path: Path, name: str, fault: str, by: str) -> None:
    """Report that something is wrong with EQUIPMENT: opens a ticket."""
    from collector.commands.equipment import Who, changing
    from collector.config import load
    from collector.office import tickets

    with changing(load(config_path).site.data, Who(by), f"reported a fault of {name}") as db:
        number = tickets.report(db, name.strip(), fault.strip(), by)
    click.echo(f"Ticket {number} is open.")


@equipment.command()
@config_option
@_number
@click.option("--note", "text", default="", metavar="TEXT", help="What is to be known about it.")
@by_option
def repair(config_path: Path, number: int, text: str, by: str) -> None:
    """Take a fault in hand; also one that turns out not to be solved."""
    from collector.commands.equipment import Who, changing
    from collector.config import load
    from collector.office import tickets

    with changing(load(config_path).site.data, Who(by), f"repairs ticket {number}") as db:
        tickets.repair(db, number, by, text.strip())
    click.echo(f"Ticket {number} is being repaired by {by}.")


@equipment.command()
@config_option
@_number
@click.argument("done")
@by_option
def solve(config_path: Path, number: int, done: str, by: str) -> None:
    """Close a ticket, with what was DONE."""
    from collector.commands.equipment import Who, changing
    from collector.config import load
    from collector.office import tickets

    with changing(load(config_path).site.data, Who(by), f"solved ticket {number}") as db:
        tickets.solve(db, number, by, done.strip())
    click.echo(f"Ticket {number} is solved.")


@equipment.command()
@config_option
@_number
@click.argument("text")
@by_option
def note(config_path: Path, number: int, text: str, by: str) -> None:
    """Add a note, TEXT, to a ticket."""
    from collector.commands.equipment import Who, changing
    from collector.config import load
    from collector.office import tickets

    with changing(load(config_path).site.data, Who(by), f"noted in ticket {number}") as db:
        tickets.note(db, number, by, text.strip())
    click.echo(f"It is noted in ticket {number}.")


@equipment.command()
@config_option
@json_option
def rounds(config_path: Path, *, as_json: bool) -> None:
    """List the inspection rounds, the one that is due first before all."""
    from collector.commands import equipment as commands
    from collector.config import load

    noted = commands.noted(load(config_path))
    for one in noted.rounds:
        last = one.last
        row: dict[str, Any] = {
            "name": one.round.name,
            "equipment": one.round.equipment,
            "every_days": one.round.every_days,
            "due": str(one.day),
            "overdue": one.is_overdue(noted.today),
            "last": last and {"day": str(last.day), "inspector": last.inspector, "faulty": last.faulty},
        }
        if as_json:
            click.echo(json.dumps(row, ensure_ascii=False))
            continue
        found = f"; last {last.day} by {last.inspector}: {', '.join(last.faulty) or 'in order'}" if last else ""
        late = " (overdue)" if row["overdue"] else ""
        items = ", ".join(one.round.equipment)
        click.echo(f"{one.day}{late}  {one.round.name}, {_how_often(one.round.every_days)}: {items}{found}")


@equipment.command("round")
@config_option
@click.argument("name")
@click.option("--every", "days", type=click.IntRange(1, 3660), metavar="DAYS", required=True, help="How often.")
@click.option("--item", "items", multiple=True, required=True, metavar="TEXT", help="What to look at; once for each.")
@click.option("--first", type=Day(), help="When it is due for the first time; today if not given.")
@by_option
def round_(config_path: Path, name: str, days: int, items: tuple[str, ...], first: dt.date | None, by: str) -> None:
    """Make an inspection round, or change the one of that NAME."""
    from collector.commands.budgets import today
    from collector.commands.equipment import Who, changing
    from collector.config import load
    from collector.office import rounds

    config = load(config_path)
    made = rounds.Round(name.strip(), tuple(item.strip() for item in items), days, first or today(config))
    with changing(config.site.data, Who(by), f"defined round {name}") as db:
        rounds.define(db, made, by)
    click.echo(f'The round "{made.name}" is made {_how_often(days)}.')


@equipment.command()
@config_option
@click.argument("name")
@by_option
def retire(config_path: Path, name: str, by: str) -> None:
    """Have a round not be made any more; what was found on it stays."""
    from collector.commands.equipment import Who, changing
    from collector.config import load
    from collector.office import rounds

    with changing(load(config_path).site.data, Who(by), f"retired round {name}") as db:
        rounds.retire(db, name, by)
    click.echo(f'The round "{name}" is not made any more.')


@equipment.command()
@config_option
@click.argument("name")
@click.option("--inspector", metavar="NAME", help="Who looked; the one who writes it down if not given.")
@click.option("--faulty", multiple=True, metavar="ITEM", help="What was not in order; opens a ticket.")
@click.option("--remark", default="", metavar="TEXT", help="What was seen.")
@click.option("--day", type=Day(), help="When; today if not given.")
@by_option
def inspect(
    config_path: Path,
    name: str,
    inspector: str | None,
    faulty: tuple[str, ...],
    remark: str,
    day: dt.date | None,
    by: str,
) -> None:
    """Write down that the round NAME was made, and what was found."""
    from collector.commands import equipment as commands
    from collector.config import load

    config = load(config_path)
    opened = commands.inspect(config, name, day, inspector or by, faulty, remark.strip(), commands.Who(by))
    told = f"; tickets: {', '.join(map(str, opened))}" if opened else ""
    click.echo(f'The round "{name}" is written down{told}.')


@equipment.command()
@config_option
@json_option
def links(config_path: Path, *, as_json: bool) -> None:
    """Show each source's link: its state, and how often and how long it was down in the last 30 days."""
    from collector.commands import equipment as commands
    from collector.config import load

    for one in commands.links(load(config_path)):
        if as_json:
            click.echo(json.dumps({**one._asdict(), "figures": one.figures._asdict()}, ensure_ascii=False))
            continue
        did = one.figures
        since = f" since {one.since[:19]}" if one.since else ""
        click.echo(
            f"{one.source}: {one.state}{since}; came up {counted(did.opened, 'time')}, "
            f"lost {counted(did.lost, 'time')}, down {did.down_s / 3600:.1f} h, {did.longest_s / 3600:.1f} h at the longest"
        )


@equipment.command()
@config_option
def duty(config_path: Path) -> None:
    """Show who is on duty at the switchboard now, and who else today."""
    from collector.commands import equipment as commands
    from collector.config import load
    from collector.errors import UserError

    config = load(config_path)
    duties = commands.on_duty(config)
    if duties is None:
        raise UserError(f'{config.path} names no roster: write [office] with roster = "roster.csv".')
    if not any(is_on for _, is_on in duties):
        click.echo("Nobody is on duty now.")
    for one, is_on in duties:
        when = f"{one.begin:%H:%M}-{one.end:%H:%M}"
        click.echo(f"{'now' if is_on else '   '}  {when}  {one.operator}  {one.extension}  {one.shift}".rstrip())


@equipment.command()
@config_option
@click.option("--language", type=click.Choice(["zh", "en"]), help="Its language; the site's if not given.")
@click.option("--format", "format_", type=click.Choice(["text", "csv", "xlsx", "pdf"]), help="As FILE ends, or text.")
@click.option(
    "--out", metavar="FILE", type=click.Path(path_type=Path), help="Write it to FILE, which only you can read."
)
def export(config_path: Path, language: Any, format_: str | None, out: Path | None) -> None:
    """Write all tickets with their history, the rounds, and what was found on them."""
    from collector.commands.equipment import noted
    from collector.config import load
    from collector.reports.equipment import equipment_report
    from collector.reports.files import chosen, write

    config = load(config_path)
    chosen_format = chosen(format_, out)
    write(equipment_report(config, noted(config), language or config.site.language), chosen_format, out)


def _how_often(days: int) -> str:
    return "every day" if days == 1 else f"every {days} days"


def _show(one: Ticket, zone: ZoneInfo, *, late: bool, as_json: bool) -> None:
    from collector.rendering import moment

    if as_json:
        events = [{**event._asdict(), "at": moment(event.at, zone)} for event in one.events]
        told = {"state": one.state, "since": moment(one.since, zone), "hands": one.hands}
        row = one._asdict() | {"at": moment(one.at, zone), "events": events, "alarm_stands": one.alarm_stands} | told
        click.echo(json.dumps(row, ensure_ascii=False))
        return
    hands = f" by {one.hands}" if one.hands else ""
    marks = "".join(f", {mark}" for mark, holds in (("late", late), ("alarm stands", one.alarm_stands)) if holds)
    at = str(moment(int(one.at), zone))[:16]
    click.echo(f"ticket {one.id:>4}  {at}  {one.state}{hands}{marks}  {one.equipment}: {one.fault}")
