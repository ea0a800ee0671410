"""``smdr approval``: applications for calls, and who decides them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from collector.cli.options import Day, by_option, config_option, json_option

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

_number = click.argument("number", type=click.IntRange(1))


@click.group()
def approval() -> None:
    """Applications for long-distance calls.

    Filed before the call, or within the days the rule gives; nothing that was filed or decided is changed.
    """


@approval.command()
@config_option
@click.option("--department", required=True, metavar="NAME", help="The department that asks.")
@click.option("--caller", required=True, metavar="NAME", help="The person who calls, as in the directory.")
@click.option("--place", required=True, metavar="TEXT", help="Where to.")
@click.option("--organisation", required=True, metavar="TEXT", help="Whom.")
@click.option("--purpose", required=True, metavar="TEXT", help="What for.")
@click.option("--number", default="", metavar="DIGITS", help="The number, or its last digits; any if not given.")
@click.option("--extension", default="", metavar="DIGITS", help="The phone, where not the caller's own.")
@click.option("--first-day", type=Day(), help="The first day of the calls; today if not given.")
@click.option("--last-day", type=Day(), help="The last day; the first if not given.")
@by_option
def apply(
    config_path: Path,
    department: str,
    caller: str,
    place: str,
    organisation: str,
    purpose: str,
    number: str,
    extension: str,
    first_day: dt.date | None,
    last_day: dt.date | None,
    by: str,
) -> None:
    """File an application."""
    from collector.commands import office
    from collector.commands.budgets import today
    from collector.config import load
    from collector.office.approvals import Application

    config = load(config_path)
    first = first_day or today(config)
    asked = Application(department, caller, extension, number, place, organisation, purpose, first, last_day or first)
    click.echo(f"Application {office.apply(config, asked, by)} is filed.")


@approval.command()
@config_option
@_number
@click.option("--reason", default="", metavar="TEXT", help="Why.")
@by_option
def grant(config_path: Path, number: int, reason: str, by: str) -> None:
    """Approve an application."""
    _decide(config_path, number, by, reason, approved=True)


@approval.command()
@config_option
@_number
@click.option("--reason", required=True, metavar="TEXT", help="Why.")
@by_option
def refuse(config_path: Path, number: int, reason: str, by: str) -> None:
    """Refuse an application."""
    _decide(config_path, number, by, reason, approved=False)


def _decide(config_path: Path, number: int, by: str, reason: str, *, approved: bool) -> None:
    from collector.commands import office
    from collector.config import load

    office.decide(load(config_path), number, by, reason, approved=approved)
    click.echo(f"Application {number} is {'approved' if approved else 'refused'}.")


@approval.command()
@config_option
@click.argument("delegate")
@click.option("--first-day", type=Day(), required=True, help="The first day.")
@click.option("--last-day", type=Day(), required=True, help="The last day.")
@by_option
def delegate(config_path: Path, delegate: str, first_day: dt.date, last_day: dt.date, by: str) -> None:
    """Have DELEGATE decide in place of an approver (--by) for some days."""
    from collector.commands import office
    from collector.config import load
    from collector.office.approvers import Delegation

    office.delegate(load(config_path), Delegation(by, delegate, first_day, last_day))
    click.echo(f"{delegate} decides for {by} from {first_day} to {last_day}.")


@approval.command("list")
@config_option
@click.option("--open", "only_open", is_flag=True, help="Only those that wait for a decision.")
@json_option
def list_(config_path: Path, *, only_open: bool, as_json: bool) -> None:
    """List the applications, oldest first."""
    from collector.config import load
    from collector.office.approvals import filed
    from collector.rendering import moment
    from collector.store.office_db import reading

    config = load(config_path)
    zone = ZoneInfo(config.site.timezone)
    with reading(config.site.data) as db:
        found = [one for one in filed(db) if not (only_open and one.decision)]
    for number, at, by, asked, decision in found:
        state = "waits" if decision is None else "approved" if decision.approved else "refused"
        if as_json:
            row = {"id": number, "at": moment(at, zone), "by": by, **asked._asdict(), "state": state}
            if decision:
                row |= {"decided": moment(decision.at, zone), "decided_by": decision.by, "reason": decision.reason}
            click.echo(json.dumps(row, ensure_ascii=False, default=str))
        else:
            days = str(asked.first) if asked.first == asked.last else f"{asked.first} to {asked.last}"
            click.echo(
                f"{number:>4}  {state:8}  {days}  {asked.department}, {asked.caller}: {asked.place}, {asked.organisation}, {asked.purpose}"
            )
