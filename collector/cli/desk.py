"""``smdr desk`` and ``smdr performance``: the operator's log, and how the operators do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from collector.cli.options import Identity, Month, by_option, config_option, json_option

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from collector.office.desk import Handover, Message, Note


@click.group()
def desk() -> None:
    """The operator's log: notes of calls, messages, handing over. Nothing noted is changed or deleted."""


@desk.command()
@config_option
@click.option("--caller", default="", metavar="NAME", help="Who called.")
@click.option("--organisation", default="", metavar="NAME", help="Of which organisation.")
@click.option("--purpose", default="", metavar="TEXT", help="What for.")
@click.option("--handled", default="", metavar="TEXT", help="Who was given the call, or what was done.")
@click.option("--number", default="", metavar="DIGITS", help="The number; that of the call if not given.")
@click.option("--call", type=Identity(), metavar="SOURCE:OFFSET", help="The call, as `smdr calls` prints it.")
@by_option
def note(
    config_path: Path,
    caller: str,
    organisation: str,
    purpose: str,
    handled: str,
    number: str,
    call: tuple[str, int] | None,
    by: str,
) -> None:
    """Note who called, and what for."""
    from collector.commands import desk as commands
    from collector.config import load
    from collector.office.desk import About

    about = About(number, caller, organisation, purpose, handled)
    click.echo(f"Note {commands.note(load(config_path), about, by, call)} is kept.")


@desk.command()
@config_option
@click.argument("text")
@click.option("--for", "recipient", required=True, metavar="NAME", help="Who it is for.")
@click.option("--caller", required=True, metavar="NAME", help="Who left it.")
@click.option("--contact", default="", metavar="TEXT", help="How to reach the caller.")
@click.option("--note", "number", type=click.IntRange(1), help="The note of the call.")
@by_option
def message(
    config_path: Path, text: str, recipient: str, caller: str, contact: str, number: int | None, by: str
) -> None:
    """Take a message, TEXT."""
    from collector.config import load
    from collector.office import desk as log
    from collector.store.office_db import writing

    with writing(load(config_path).site.data) as db:
        taken = log.take(db, (recipient, caller, contact, text), by, number)
    click.echo(f"Message {taken} for {recipient} is kept.")


@desk.command()
@config_option
@click.argument("number", type=click.IntRange(1))
@click.option("--to", "receiver", default="", metavar="NAME", help="Who got it; the one it is for if not given.")
@by_option
def deliver(config_path: Path, number: int, receiver: str, by: str) -> None:
    """Note that a message was delivered."""
    from collector.config import load
    from collector.office import desk as log
    from collector.store.office_db import writing

    with writing(load(config_path).site.data) as db:
        log.deliver(db, number, receiver, by)
    click.echo(f"Message {number} is delivered.")


@desk.command("open")
@config_option
def open_(config_path: Path) -> None:
    """List the messages not delivered yet."""
    from collector.config import load
    from collector.office import desk as log
    from collector.store.office_db import reading

    config = load(config_path)
    with reading(config.site.data) as db:
        _messages(log.open_messages(db), ZoneInfo(config.site.timezone))


@desk.command()
@config_option
@click.option("--to", "successor", required=True, metavar="NAME", help="Who takes over.")
@click.option("--note", "text", default="", metavar="TEXT", help="What the successor should know.")
@by_option
def handover(config_path: Path, successor: str, text: str, by: str) -> None:
    """Hand the shift over, with the messages not delivered yet."""
    from collector.config import load
    from collector.office import desk as log
    from collector.store.office_db import writing

    config = load(config_path)
    with writing(config.site.data) as db:
        waiting = log.hand_over(db, successor, text, by)
    click.echo(f"{by} handed over to {successor}, with {len(waiting)} messages to deliver.")
    _messages(waiting, ZoneInfo(config.site.timezone))


@desk.command()
@config_option
@click.option("--last", default=10, show_default=True, type=click.IntRange(1), help="How many, the newest first.")
@json_option
def handovers(config_path: Path, last: int, *, as_json: bool) -> None:
    """List the shifts that were handed over, with what the successor should know."""
    from collector.config import load
    from collector.office import desk as log
    from collector.store.office_db import reading

    config = load(config_path)
    with reading(config.site.data) as db:
        found = log.handovers(db, last)
    if as_json:
        for one in found:
            click.echo(json.dumps({"kind": "handover", **one._asdict()}, ensure_ascii=False))
    else:
        _handovers(found, ZoneInfo(config.site.timezone))


@desk.command()
@config_option
@click.argument("text")
@json_option
def search(config_path: Path, text: str, *, as_json: bool) -> None:
    """Find notes, messages and handovers that contain TEXT."""
    from collector.config import load
    from collector.office import desk as log
    from collector.store.office_db import reading

    config = load(config_path)
    with reading(config.site.data) as db:
        found = log.search(db, text)
    if as_json:
        for row in found.notes:
            click.echo(json.dumps({"kind": "note", **row._asdict(), "about": row.about._asdict()}, ensure_ascii=False))
        for one in found.messages:
            click.echo(json.dumps({"kind": "message", **one._asdict()}, ensure_ascii=False))
        for shift in found.handovers:
            click.echo(json.dumps({"kind": "handover", **shift._asdict()}, ensure_ascii=False))
        return
    zone = ZoneInfo(config.site.timezone)
    _notes(found.notes, zone)
    _messages(found.messages, zone)
    _handovers(found.handovers, zone)


def _notes(notes: list[Note], zone: ZoneInfo) -> None:
    from collector.rendering import moment

    for row in notes:
        said = "; ".join(part for part in row.about if part)
        click.echo(f"note {row.id:>5}  {moment(int(row.at), zone)}  {row.by}: {said}")


def _messages(messages: list[Message], zone: ZoneInfo) -> None:
    from collector.rendering import moment

    for row in messages:
        state = f"delivered to {row.receiver}" if row.receiver else "open"
        caller = f"{row.caller} ({row.contact})" if row.contact else row.caller
        click.echo(
            f"message {row.id:>5}  {moment(int(row.at), zone)}  {state}: {caller} for {row.recipient}: {row.text}"
        )


def _handovers(shifts: list[Handover], zone: ZoneInfo) -> None:
    from collector.rendering import moment

    for one in shifts:
        waiting = f" (messages {', '.join(map(str, one.open_messages))} to deliver)" if one.open_messages else ""
        said = f": {one.note}" if one.note else ""
        click.echo(f"shift {one.id:>5}  {moment(int(one.at), zone)}  {one.by} to {one.successor}{said}{waiting}")


@click.command()
@config_option
@click.option("--month", type=Month(), help="A month, as 2026-05; this one if not given.")
@json_option
def performance(config_path: Path, month: dt.date | None, *, as_json: bool) -> None:
    """Show answer, transfer and message rates of each operator and shift.

    Whose call it was is told by the roster of [office]. A call without a printed ring time counts in no share of those
    answered in time.
    """
    from collector.accounting.budgets.statements import month_of
    from collector.commands import desk as commands
    from collector.commands.budgets import today
    from collector.config import load

    config = load(config_path)
    found = commands.performance(config, *month_of(month or today(config)))
    if as_json:
        for (operator, shift), one in found.items():
            click.echo(json.dumps({"operator": operator, "shift": shift, **vars(one), **one.rates}, ensure_ascii=False))
        return
    click.echo(
        f"{'operator':16}{'shift':10}{'calls':>8}{'answered':>16}{'in time':>9}{'transferred':>18}{'messages':>16}"
    )
    for (operator, shift), one in found.items():
        rates = {name: "-" if rate is None else f"{rate:.1%}" for name, rate in one.rates.items()}
        click.echo(
            f"{operator or '(nobody)':16}{shift:10}{one.calls:>8,}{one.answered:>8,}{rates['answer_rate']:>8}"
            f"{rates['in_time_rate']:>9}{one.transferred:>10,}{rates['transfer_rate']:>8}"
            f"{one.messages:>8,}{rates['message_rate']:>8}"
        )
