"""What `smdr approval`, `smdr deposit` and `smdr receipt` do: office.db, with the calls and tables it refers to."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from collector.accounting.departments import Departments
from collector.commands.budgets import today
from collector.errors import UserError
from collector.office import approvals, deposits
from collector.office.approvers import deciders, load_approvers
from collector.rendering import moment
from collector.store.calls_db import CALL_COLUMNS, call_of
from collector.store.database import open_reader
from collector.store.office_db import writing

if TYPE_CHECKING:
    from collector.calls import Call
    from collector.config import Config
    from collector.office.approvals import Application
    from collector.office.approvers import Delegation
    from collector.office.deposits import Receipt


def call_at(config: Config, source: str, offset: int) -> Call:
    """The call of an identity. Raises `UserError` where there is none."""
    query = f"SELECT {', '.join(CALL_COLUMNS)} FROM calls WHERE source = ? AND offset = ?"
    try:
        with closing(open_reader(config.site.data / "calls.db")) as db:
            row = db.execute(query, (source, offset)).fetchone()
    except sqlite3.OperationalError:
        row = None
    if row is None:
        raise UserError(f"There is no call {source}:{offset}; `smdr calls` prints source and offset of each.")
    return call_of(row)


def apply(config: Config, application: Application, by: str) -> int:
    """File an application; its number. Raises `UserError` where the days are no days."""
    if application.last < application.first:
        raise UserError("The last day is before the first.")
    with writing(config.site.data) as db:
        return approvals.file(db, application, by)


def decide(config: Config, number: int, by: str, reason: str, *, approved: bool) -> None:
    """Decide an application. Raises `UserError` where ``by`` may not, or somebody did already."""
    with writing(config.site.data) as db:
        application = approvals.found(db, number).application
        may = deciders_for(config, application.department, approvals.delegations(db))
        if by not in may:
            names = ", ".join(sorted(may)) or "nobody: name approvers in the table of [office]"
            raise UserError(f"{by} may not decide for {application.department} today; who may: {names}.")
        approvals.decide(db, number, by, reason, approved=approved)


def deciders_for(config: Config, department: str, delegations: list[Delegation]) -> set[str]:
    """Who may decide for a department today."""
    if config.office.approvers is None:
        raise UserError(f'{config.path} names no approvers: write [office] with approvers = "approvers.csv".')
    day = today(config)
    chain = (department, *Departments.load(config.site.departments).above(department, day))
    return deciders(load_approvers(config.office.approvers), delegations, chain, day)


def approvers(config: Config) -> set[str]:
    """Who stands in the table of approvers, whenever and for whatever department. Raises `UserError`: its faults."""
    return {one.name for one in load_approvers(config.office.approvers)} if config.office.approvers else set()


def delegate(config: Config, made: Delegation) -> None:
    """Have another one decide. Raises `UserError` where the approver is none."""
    if made.last < made.first:
        raise UserError("The last day is before the first.")
    known = approvers(config)
    if made.approver not in known:
        raise UserError(f"{made.approver} is no approver; there are: {', '.join(sorted(known)) or 'none'}.")
    with writing(config.site.data) as db:
        approvals.delegate(db, made)


def write_receipt(
    config: Config, call: Call, *, amount: Decimal | None, currency: str, payer: str, deposit: int | None, by: str
) -> Receipt:
    """Write the receipt of a call, or find the one it has. Raises `UserError` where nobody knows what it costs."""
    cost = amount if amount is not None else Decimal(call.cost) if call.cost is not None else None
    if cost is None:
        raise UserError(f"What the call {call.source}:{call.offset} costs is not known; say it with --amount.")
    if cost < 0:
        raise UserError("A call does not cost less than nothing.")
    with writing(config.site.data) as db:
        if deposit is not None:
            payer = payer or deposits.found(db, deposit).payer
        receipt = receipt_of(config, call, amount=cost, currency=currency, payer=payer, deposit=deposit, by=by)
        return deposits.write_receipt(db, receipt)


def receipt_of(
    config: Config, call: Call, *, amount: Decimal, currency: str, payer: str, deposit: int | None, by: str
) -> Receipt:
    """The receipt of a call as it is before it is kept."""
    return deposits.Receipt(
        id=0,
        at=time.time(),
        by=by,
        source=call.source,
        offset=call.offset,
        deposit=deposit,
        payer=payer or call.person or "",
        extension=call.extension or "",
        number=call.number or "",
        start=str(moment(call.start, ZoneInfo(config.site.timezone))),
        talk_s=call.talk_s or 0,
        amount=amount,
        currency=currency,
    )
