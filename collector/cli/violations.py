"""``smdr violations``: calls that break the rules, and what is done about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from collector.cli.options import Amount, Identity, Month, by_option, config_option, json_option
from collector.rules.names import RULES
from collector.wording import counted

if TYPE_CHECKING:
    import datetime as dt
    from decimal import Decimal
    from pathlib import Path

    from collector.rules.names import RuleName
    from collector.store.violations import State

_rule = click.argument("rule", type=click.Choice(RULES))
_call = click.argument("call", type=Identity())
_reason = click.option("--reason", required=True, metavar="TEXT", help="Why; it is kept.")


@click.group()
def violations() -> None:
    """Calls that break the rules of [rules].

    One is named by its rule and its call (source:offset). What is done about it is kept with who did it and why.
    """


@violations.command()
@config_option
@click.option("--month", type=Month(), help="A month, as 2026-05; the last one and this one if not given.")
@click.option(
    "--changed", is_flag=True, help="Whatever has changed since the last time, as the collector does by itself."
)
@json_option
def judge(config_path: Path, month: dt.date | None, *, changed: bool, as_json: bool) -> None:
    """Judge the calls of a month by the rules and tables as they are now.

    Judged again, the same is found. What no longer breaks a rule has fallen away, and stays with what was done about it.
    """
    import datetime as dt
    import json

    from collector.accounting.budgets.statements import month_of
    from collector.commands.budgets import today
    from collector.commands.judging import judge_span
    from collector.config import load

    if changed:
        if month:
            raise click.UsageError("Name --month or --changed, not both.")
        _judge_changed(config_path, as_json=as_json)
        return
    config = load(config_path)
    now = today(config)
    first = month or (now.replace(day=1) - dt.timedelta(days=1)).replace(day=1)
    last = month_of(month or now)[1]
    judged, counts = judge_span(config, first, last)
    by_rule = {rule: counts[rule] for rule in RULES if counts[rule]}
    if as_json:
        click.echo(json.dumps({"from": str(first), "to": str(last), **judged._asdict(), "rules": by_rule}))
        return
    for rule, count in by_rule.items():
        click.echo(f"{count:>8,}  {rule}")
    click.echo(
        f"{first} to {last}: {counted(judged.standing, 'violation')}, {judged.new:,} of them new; "
        f"{judged.fallen:,} fell away."
    )


def _judge_changed(config_path: Path, *, as_json: bool) -> None:
    import json
    import sqlite3

    from collector.commands.judging_changed import judge_changed
    from collector.config import load
    from collector.errors import UserError

    try:
        days, judged, alarms = judge_changed(load(config_path, with_tables=False))
    except sqlite3.Error as error:  # what was judged before is kept, and the next run goes on
        raise UserError(f"A database of {config_path} is not to be had: {error}.") from None
    if as_json:
        told = [{**alarm.key._asdict(), "sentence": alarm.sentence} for alarm in alarms]
        click.echo(json.dumps({"days": days, **judged._asdict(), "alarms": told}, ensure_ascii=False))
        return
    for alarm in alarms:
        click.echo(f"ALARM {alarm.key}: {alarm.sentence}")
    click.echo(
        f"{counted(days, 'day')}: {counted(judged.standing, 'violation')}, {judged.new:,} of them new; "
        f"{judged.fallen:,} fell away."
    )


@violations.command("list")
@config_option
@click.option("--month", type=Month(), help="Calls of a month, as 2026-05; all if not given.")
@click.option("--rule", "rules", type=click.Choice(RULES), multiple=True, help="Of this rule; may be given again.")
@click.option(
    "--state",
    type=click.Choice(["open", "explained", "waived", "charged", "fallen"]),
    help="In this state; `fallen` are those that no longer break the rule, which are not shown otherwise.",
)
@click.option("--department", default="", metavar="NAME", help="Of a department and those below it.")
@click.option(
    "--format",
    "kind",
    type=click.Choice(["text", "csv", "json"]),
    default="text",
    show_default=True,
    help="What is printed.",
)
def list_(
    config_path: Path,
    month: dt.date | None,
    rules: tuple[RuleName, ...],
    state: str | None,
    department: str,
    kind: str,
) -> None:
    """List violations in the order of their calls."""
    import sys

    from collector.accounting.budgets.statements import month_of
    from collector.accounting.departments import reach_of
    from collector.commands import violations_shown as shown
    from collector.commands.violations import EVER, listed
    from collector.config import load

    config = load(config_path)
    first, last = month_of(month) if month else EVER
    reach = reach_of(config.site, department) if department else None
    entries = listed(
        config, first, last, rules=rules, state=shown.state_of(state), fallen=state == "fallen", reach=reach
    )
    shown.write(entries, config, kind, sys.stdout)


@violations.command()
@config_option
@_rule
@_call
@json_option
def show(config_path: Path, rule: RuleName, call: tuple[str, int], *, as_json: bool) -> None:
    """Show a violation and all that was done about it.

    RULE and CALL (source:offset) are as `smdr violations list` prints them.
    """
    import json

    from collector.commands import violations_shown as shown
    from collector.commands.violations import found
    from collector.config import load
    from collector.rules.violation import Key

    config = load(config_path)
    entry, changes = found(config, Key(rule, *call))
    if as_json:
        click.echo(json.dumps(shown.with_history(entry, changes, config), ensure_ascii=False))
        return
    for line in shown.told(entry, changes, config):
        click.echo(line)


def _answered(name: str, state: State, told: str) -> None:
    """Add a command that keeps a step of a violation, with its reason."""

    @violations.command(name, help=told)
    @config_option
    @_rule
    @_call
    @_reason
    @by_option
    def answered(config_path: Path, rule: RuleName, call: tuple[str, int], reason: str, by: str) -> None:
        from collector.commands import violations as office
        from collector.config import load
        from collector.rules.violation import Key

        key = Key(rule, *call)
        office.answer(load(config_path), key, state, by, reason)
        click.echo(f"{key} is {state}.")


_answered("explain", "explained", "Keep what somebody says for a violation; nothing is decided by it.")
_answered("waive", "waived", "Let a violation pass; a missed call then does not count.")


@violations.command()
@config_option
@_rule
@_call
@click.option("--amount", type=Amount(), help="How much; what the rule says if not given.")
@click.option("--reason", default="", metavar="TEXT", help="Why; it is kept.")
@by_option
def charge(
    config_path: Path, rule: RuleName, call: tuple[str, int], amount: Decimal | None, reason: str, by: str
) -> None:
    """Charge a violation: the amount stays as it is now, whatever changes later."""
    from collector.accounting.amounts import written
    from collector.commands import violations as office
    from collector.config import load
    from collector.rules.violation import Key

    config, key = load(config_path), Key(rule, *call)
    charged = office.charge(config, key, by, reason, amount)
    click.echo(f"{key} is charged: {written(charged)} {config.accounting.currency}.")


@violations.command()
@config_option
@_call
@click.option("--not", "not_private", is_flag=True, help="It is not private after all.")
@by_option
def private(config_path: Path, call: tuple[str, int], by: str, *, not_private: bool) -> None:
    """Mark CALL (source:offset) as a private one; it is judged as such the next time."""
    from collector.commands import violations as office
    from collector.config import load

    office.mark(load(config_path), *call, by, private=not not_private)
    click.echo(f"{call[0]}:{call[1]} is {'not ' if not_private else ''}marked as private.")
