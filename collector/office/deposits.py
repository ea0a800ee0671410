"""Deposits of outsiders, receipts of calls, and settling one with the other."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from collector.accounting.amounts import ZERO, amount_of, written
from collector.errors import UserError

if TYPE_CHECKING:
    import sqlite3


class Deposit(NamedTuple):
    """What somebody paid before calling. ``at`` is POSIX seconds."""

    id: int
    at: float
    by: str
    payer: str
    organisation: str
    contact: str
    amount: Decimal
    currency: str


class Settlement(NamedTuple):
    """A deposit that was settled: what the calls cost, and what was given back; less than nothing: was paid in addition."""

    at: float
    by: str
    spent: Decimal
    refunded: Decimal
    currency: str


class Receipt(NamedTuple):
    """The receipt of one call; ``start`` is ISO 8601 at the site."""

    id: int
    at: float
    by: str
    source: str
    offset: int
    deposit: int | None
    payer: str
    extension: str
    number: str
    start: str
    talk_s: int
    amount: Decimal
    currency: str


def take(
    db: sqlite3.Connection,
    payer: str,
    organisation: str,
    contact: str,
    amount: Decimal,
    currency: str,
    by: str,
    at: float | None = None,
) -> int:
    """Keep a deposit; its number. Raises `UserError` where it is nothing."""
    if amount <= ZERO:
        raise UserError("A deposit is more than nothing.")
    row = db.execute(
        "INSERT INTO deposits (at, by, payer, organisation, contact, amount, currency) VALUES (?, ?, ?, ?, ?, ?, ?) "
        "RETURNING id",
        (time.time() if at is None else at, by, payer, organisation, contact, str(amount), currency),
    ).fetchone()
    return int(row[0])


def deposits(db: sqlite3.Connection) -> list[Deposit]:
    """All deposits, oldest first."""
    rows = db.execute("SELECT id, at, by, payer, organisation, contact, amount, currency FROM deposits ORDER BY id")
    return [Deposit(*row)._replace(amount=amount_of(row[6])) for row in rows]


def found(db: sqlite3.Connection, number: int) -> Deposit:
    """A deposit by its number. Raises `UserError`."""
    for deposit in deposits(db):
        if deposit.id == number:
            return deposit
    raise UserError(f"There is no deposit {number}.")


def settlement(db: sqlite3.Connection, number: int) -> Settlement | None:
    """How a deposit was settled, once it is."""
    row = db.execute(
        "SELECT at, by, spent, refunded, currency FROM deposit_settlements WHERE deposit = ?", (number,)
    ).fetchone()
    return Settlement(row[0], row[1], Decimal(row[2]), Decimal(row[3]), row[4]) if row else None


def write_receipt(db: sqlite3.Connection, receipt: Receipt) -> Receipt:
    """Keep the receipt of a call, or return the one there is: a call is paid for once.

    Raises `UserError` where its deposit is settled already, or is in another currency.
    """
    for before in receipts(db):
        if (before.source, before.offset) == (receipt.source, receipt.offset):
            return before
    if receipt.deposit is not None:
        deposit = found(db, receipt.deposit)
        if settlement(db, deposit.id):
            raise UserError(f"Deposit {deposit.id} is settled already: take another one.")
        if deposit.currency != receipt.currency:
            raise UserError(f"Deposit {deposit.id} is in {deposit.currency}, the call costs {receipt.currency}.")
    row = db.execute(
        "INSERT INTO receipts (at, by, source, offset, deposit, payer, extension, number, start, talk_s, amount, currency) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        (*receipt[1:11], str(receipt.amount), receipt.currency),
    ).fetchone()
    return receipt._replace(id=row[0])


def receipts(db: sqlite3.Connection, deposit: int | None = None) -> list[Receipt]:
    """All receipts, or those of a deposit, oldest first."""
    rows = db.execute(
        "SELECT id, at, by, source, offset, deposit, payer, extension, number, start, talk_s, amount, currency "
        "FROM receipts WHERE ? IS NULL OR deposit = ? ORDER BY id",
        (deposit, deposit),
    )
    return [Receipt(*row)._replace(amount=amount_of(row[11])) for row in rows]


def settle(db: sqlite3.Connection, number: int, by: str, at: float | None = None) -> Settlement:
    """Settle a deposit with its receipts. Raises `UserError` where it is settled already."""
    deposit, before = found(db, number), settlement(db, number)
    if before:
        raise UserError(f"Deposit {number} was settled by {before.by} already: {written(before.refunded)} given back.")
    spent = sum((receipt.amount for receipt in receipts(db, number)), ZERO)
    made = Settlement(time.time() if at is None else at, by, spent, deposit.amount - spent, deposit.currency)
    db.execute(
        "INSERT INTO deposit_settlements VALUES (?, ?, ?, ?, ?, ?)",
        (number, made.at, by, str(spent), str(made.refunded), made.currency),
    )
    return made
