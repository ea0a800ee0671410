"""``smdr budget``: what may be spent on calls, what was, and what is added by hand."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from collector.cli.options import Amount, Day, Month, by_option, config_option, json_option

if TYPE_CHECKING:
    import datetime as dt
    from decimal import Decimal
    from pathlib import Path

    from collector.accounting.budgets.ledger import KindByHand

_scope = click.argument("scope", type=click.Choice(["department", "person", "phone"]))
_name = click.argument("name")
_amount = click.argument("amount", type=Amount())
_reason = click.option("--reason", required=True, metavar="TEXT", help="Why; it stands in the ledger.")
_day = click.option("--day", type=Day(), help="The day from which it counts; today if not given.")


@click.group()
def budget() -> None:
    """Budgets of departments, persons and phones.

    The ledger is made anew from budgets.csv, the directory, the costs of calls, and what was added by hand.
    """


@budget.command()
@config_option
@click.option("--month", type=Month(), help="A month, as 2026-05; this one if neither is given.")
@click.option("--year", type=click.IntRange(1970, 9998), help="A whole year.")
@click.option("--postings", is_flag=True, help="Print the postings of the ledger instead of the statements.")
@json_option
def show(config_path: Path, month: dt.date | None, year: int | None, *, postings: bool, as_json: bool) -> None:
    """Show the statements of a month or a year.

    closing = opening - lapsed + credit + top-ups + approved - spent - charged + deducted; the ledger is proved first.
    """
    import datetime as dt

    from collector.accounting.amounts import written
    from collector.accounting.budgets.statements import month_of, statements
    from collector.commands import budgets
    from collector.config import load
    from collector.errors import UserError

    config = load(config_path)
    first, last = month_of(month or budgets.today(config))
    if year is not None:
        if month is not None:
            raise UserError("Name a month or a year, not both.")
        first, last = dt.date(year, 1, 1), dt.date(year, 12, 31)
    ledger = budgets.ledger(config, last)
    if not ledger.proves():
        raise UserError("The ledger does not prove: its accounts are not what its postings make of them.")
    if postings:
        for one in (posting for posting in ledger.postings if first <= posting.day <= last):
            click.echo(f"{one.day}  {one.owner}  {one.giver} -> {one.taker}  {written(one.amount)}  {one.text}")
        return
    rows = [budgets.as_json(statement) for statement in statements(ledger, first, last)]
    if as_json:
        for row in rows:
            click.echo(json.dumps(row, ensure_ascii=False))
    else:
        _print(rows, budgets.FIGURES)
    before = budgets.has_changed(config, year) if year is not None else None
    if before:
        click.echo(f"{year} was settled otherwise by {before.by}: tables or calls have changed since.", err=True)


def _print(rows: list[dict[str, str]], figures: tuple[str, ...]) -> None:
    from collector.problems import width

    table = [["budget", *(figure.replace("_", "-") for figure in figures), "currency"]]
    for row in rows:
        owner = f"{row['scope']}:{row['name']}" if row["name"] else row["scope"]
        table.append([owner, *(row[figure] for figure in figures), row["currency"]])
    cells = [[sum(map(width, cell)) for cell in line] for line in table]
    widths = [max(column) for column in zip(*cells, strict=True)]
    for line, taken in zip(table, cells, strict=True):
        owner, *amounts, currency = (
            cell + " " * (room - used) if at in (0, len(line) - 1) else " " * (room - used) + cell
            for at, (cell, room, used) in enumerate(zip(line, widths, taken, strict=True))
        )
        click.echo("  ".join([owner, *amounts, currency]).rstrip())


@budget.command("top-up")
@config_option
@_scope
@_name
@_amount
@_day
@_reason
@by_option
def top_up(
    config_path: Path, scope: str, name: str, amount: Decimal, day: dt.date | None, reason: str, by: str
) -> None:
    """Add AMOUNT to a budget.

    A negative AMOUNT takes back what was added by mistake (write -- before it): nothing is deleted.
    """
    _adjust(config_path, "top-up", scope, name, amount, day, reason, by)


@budget.command()
@config_option
@_scope
@_name
@_amount
@_day
@_reason
@by_option
def approve(
    config_path: Path, scope: str, name: str, amount: Decimal, day: dt.date | None, reason: str, by: str
) -> None:
    """Approve AMOUNT that was spent beyond a budget.

    What is approved is not deducted at the end of the month or year.
    """
    _adjust(config_path, "approved", scope, name, amount, day, reason, by)


def _adjust(
    config_path: Path,
    kind: KindByHand,
    scope: str,
    name: str,
    amount: Decimal,
    day: dt.date | None,
    reason: str,
    by: str,
) -> None:
    from collector.accounting.amounts import written
    from collector.commands.budgets import adjust
    from collector.config import load

    after = adjust(load(config_path), kind, scope, name, amount, day, by, reason)
    left = written(after.closing)
    click.echo(f"{written(amount)} {after.currency} noted for {after.owner}; {left} are left.")


@budget.command()
@config_option
@click.argument("year", type=click.IntRange(1970, 9998))
@by_option
def settle(config_path: Path, year: int, by: str) -> None:
    """Settle a YEAR that is over.

    Its statement is kept as it is now. Should it change later, `smdr budget show --year` says so.
    """
    from collector.commands import budgets
    from collector.config import load

    budgets.settle(load(config_path), year, by)
    click.echo(f"{year} is settled.")


@budget.command()
@config_option
def warn(config_path: Path) -> None:
    """Tell who has reached a share of a budget, or is over it.

    Each once a month, printed, and told to webhook and mail addresses of [alarms]. The collector does it every hour.
    """
    from collector.commands import budgets
    from collector.config import load

    for warning in budgets.warn(load(config_path)):
        click.echo(warning.sentence)
