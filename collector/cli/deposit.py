"""``smdr deposit`` and ``smdr receipt``: what outsiders pay for their calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from collector.cli.options import Amount, Identity, by_option, config_option

if TYPE_CHECKING:
    from decimal import Decimal
    from pathlib import Path

    from collector.office.printing import Language, Lines

_html = click.option("--html", "as_html", is_flag=True, help="Print a page of HTML instead of text.")
_currency = click.option("--currency", metavar="CODE", help="The currency; that of the tariff if not given.")


@click.group()
def deposit() -> None:
    """Deposits of outsiders, and settling them.

    A deposit is taken, each call gets its receipt (`smdr receipt --deposit`), and in the end the rest is given back.
    """


@deposit.command()
@config_option
@click.argument("payer")
@click.argument("amount", type=Amount())
@click.option("--organisation", default="", metavar="TEXT", help="Where the payer is from.")
@click.option("--contact", default="", metavar="TEXT", help="How to reach the payer.")
@_currency
@by_option
def take(
    config_path: Path, payer: str, amount: Decimal, organisation: str, contact: str, currency: str | None, by: str
) -> None:
    """Take a deposit of AMOUNT from PAYER."""
    from collector.accounting.amounts import written
    from collector.config import load
    from collector.office.deposits import take as taken
    from collector.store.office_db import writing

    config = load(config_path)
    currency = currency or config.accounting.currency
    with writing(config.site.data) as db:
        number = taken(db, payer, organisation, contact, amount, currency, by)
    click.echo(f"Deposit {number}: {written(amount)} {currency} from {payer}.")


@deposit.command("list")
@config_option
def list_(config_path: Path) -> None:
    """List the deposits with what is left of each."""
    from collector.accounting.amounts import ZERO, written
    from collector.config import load
    from collector.office.deposits import deposits, receipts, settlement
    from collector.store.office_db import reading

    with reading(load(config_path).site.data) as db:
        for one in deposits(db):
            settled = settlement(db, one.id)
            left = one.amount - sum((receipt.amount for receipt in receipts(db, one.id)), ZERO)
            state = "settled" if settled else f"{written(left)} left"
            click.echo(f"{one.id:>4}  {written(one.amount)} {one.currency}  {state}  {one.payer}")


@deposit.command()
@config_option
@click.argument("number", type=click.IntRange(1))
@_html
@by_option
def settle(config_path: Path, number: int, by: str, *, as_html: bool) -> None:
    """Settle a deposit and print what is given back.

    What is settled already is printed again.
    """
    from collector.config import load
    from collector.office import deposits
    from collector.office.printing import settlement_lines
    from collector.store.office_db import writing

    config = load(config_path)
    with writing(config.site.data) as db:
        settled = deposits.settlement(db, number) or deposits.settle(db, number, by)
        taken, paid = deposits.found(db, number), deposits.receipts(db, number)
    _print(settlement_lines(taken, paid, settled, config.site.language), config.site.language, as_html=as_html)


@click.command()
@config_option
@click.argument("call", type=Identity())
@click.option("--deposit", type=click.IntRange(1), metavar="NUMBER", help="The deposit that pays for it.")
@click.option(
    "--payer", default="", metavar="NAME", help="Who pays; of a deposit, who paid it, else who made the call."
)
@click.option("--amount", type=Amount(), help="What it costs, where the collector does not know.")
@_currency
@_html
@by_option
def receipt(
    config_path: Path,
    call: tuple[str, int],
    deposit: int | None,
    payer: str,
    amount: Decimal | None,
    currency: str | None,
    by: str,
    *,
    as_html: bool,
) -> None:
    """Print the receipt of CALL (source:offset).

    A call has one receipt: asked for again, the same is printed.
    """
    from collector.commands import office
    from collector.config import load
    from collector.office.printing import receipt_lines

    config = load(config_path)
    paid = office.write_receipt(
        config,
        office.call_at(config, *call),
        amount=amount,
        currency=currency or config.accounting.currency,
        payer=payer,
        deposit=deposit,
        by=by,
    )
    _print(receipt_lines(paid, config.site.language), config.site.language, as_html=as_html)


def _print(page: tuple[str, Lines], language: Language, *, as_html: bool) -> None:
    from collector.office import printing

    click.echo(printing.as_html(*page, language) if as_html else printing.as_text(*page))
