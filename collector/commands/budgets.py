"""`smdr budget`: the ledger of a configuration, and what is noted in office.db."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import sqlite3
from contextlib import closing
from email.message import EmailMessage
from typing import TYPE_CHECKING
from urllib.parse import quote
from zoneinfo import ZoneInfo

from collector.accounting.amounts import ZERO, written
from collector.accounting.budgets.costs import costs_of
from collector.accounting.budgets.ledger import Adjustment, Charge, Ledger, ledger_of
from collector.accounting.budgets.statements import Statement, statements, warnings
from collector.accounting.budgets.table import Budget, load_budgets
from collector.accounting.staff import staff_of
from collector.alarms.mail import send
from collector.alarms.webhook import Webhook
from collector.errors import UserError
from collector.problems import nearest
from collector.secret import SecretError
from collector.store import adjustments as kept
from collector.store import violations
from collector.store.database import open_reader
from collector.store.office_db import reading, writing
from collector.tls import TlsError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from collector.accounting.budgets.ledger import KindByHand
    from collector.accounting.budgets.statements import Warned
    from collector.accounting.departments import Reach
    from collector.config import Config


def today(config: Config) -> dt.date:
    """The day it is at the site."""
    return dt.datetime.now(ZoneInfo(config.site.timezone)).date()


def ledger(config: Config, last: dt.date | None = None) -> Ledger:
    """The ledger up to the end of a day, which is not later than today. Raises `UserError` without budgets."""
    budgets = _budgets(config)
    end = min(last or today(config), today(config))
    begin = min((budget.first for budget in budgets), default=end)
    try:
        with closing(open_reader(config.site.data / "calls.db")) as db:
            costs = costs_of(db, config, begin, end)
    except sqlite3.OperationalError:  # nothing was ever collected
        costs = []
    with reading(config.site.data) as db:
        added = kept.adjustments(db)
        charges = [_charge(one, ZoneInfo(config.site.timezone)) for one in violations.charges(db)]
    return ledger_of(budgets, staff_of(config.site), costs, added, end, charges)


def _charge(one: violations.Charged, zone: ZoneInfo) -> Charge:
    day, first = (dt.datetime.fromtimestamp(at, zone).date() for at in (one.at, one.first))
    broken, what = one.violation, "waived" if one.amount < 0 else "charged"
    whose = (broken.extension, broken.department, broken.person)
    return Charge(day, first, *whose, one.amount, f"{broken.key} {what} ({one.by})")


def seen_by(reach: Reach | None, found: list[Statement], day: dt.date, config: Config) -> list[Statement]:
    """The statements that a department may see: its own and of those below it on a day; None: all."""
    if reach is None:
        return found
    at = dt.datetime.combine(day, dt.time(), ZoneInfo(config.site.timezone)).timestamp()
    return [one for one in found if one.owner.scope == "department" and reach.holds(one.owner.name, at)]


def adjust(
    config: Config,
    kind: KindByHand,
    scope: str,
    name: str,
    amount: Decimal,
    day: dt.date | None,
    by: str,
    reason: str,
) -> Statement:
    """Keep an amount added by hand; the owner's statement of the month then. Raises `UserError` where he has no budget."""
    made = Adjustment(day or today(config), kind, scope, name, amount, by, reason)
    known = {owner.name for owner in ledger(config).budgets if owner.scope == scope}
    if name not in known:
        near = nearest(name, known)
        meant = f' Did you mean "{near}"?' if near else ""
        raise UserError(f'No {scope} "{name}" has a budget now.{meant}')
    with writing(config.site.data) as db:
        kept.adjust(db, made)
    after = statements(ledger(config), made.day.replace(day=1), made.day)
    return next(statement for statement in after if statement.owner == (scope, name))


def settle(config: Config, year: int, by: str) -> None:
    """Keep the statement of a year that is over. Raises `UserError` where it is not, or is settled as it is."""
    if year >= today(config).year:
        raise UserError(f"{year} is not over yet: settle it from {year + 1}-01-01 on.")
    statement = of_year(config, year)
    with reading(config.site.data) as db:
        before = kept.settled(db, year)
    if before and _is_same(before, statement):
        raise UserError(f"{year} is settled as it is now, by {before.by}: nothing was changed.")
    with writing(config.site.data) as db:
        kept.settle(db, year, by, statement)


def of_year(config: Config, year: int) -> str:
    """The statement of a year as JSON."""
    first, last = dt.date(year, 1, 1), dt.date(year, 12, 31)
    return json.dumps([as_json(one) for one in statements(ledger(config, last), first, last)], ensure_ascii=False)


def has_changed(config: Config, year: int) -> kept.Settled | None:
    """How a year was settled, where its statement is another one now: tables, or calls, have changed since."""
    with reading(config.site.data) as db:
        before = kept.settled(db, year)
    return before if before and not _is_same(before, of_year(config, year)) else None


def _is_same(before: kept.Settled, now: str) -> bool:
    """Whether a year is as it was settled; releases before charged nobody."""
    charged_nothing = {"charged": written(ZERO)}
    return bool([charged_nothing | one for one in json.loads(before.statement)] == json.loads(now))


def as_json(statement: Statement) -> dict[str, str]:
    """A statement for other programs."""
    scope, name = statement.owner
    amounts = {field: written(getattr(statement, field)) for field in FIGURES}
    return {"scope": scope, "name": name, "currency": statement.currency, **amounts}


FIGURES = ("opening", "lapsed", "credit", "top_ups", "approved", "spent", "charged", "deducted", "closing", "over")
"""The figures of a statement, in the order they are shown."""


def warn(config: Config) -> Iterator[Warned]:
    """Tell every share that is newly reached, by webhook and mail as configured, and remember each that was told.

    Raises `UserError` where one cannot be told: it and those behind it are told the next time.
    """
    reached = warnings(ledger(config), today(config))
    with reading(config.site.data) as db:
        due = kept.untold(db, reached)
    webhook = Webhook(config.site, config.alarms) if config.alarms.webhook else None
    for warning in due:
        if webhook:
            try:
                asyncio.run(webhook.post(_key(config, warning), _body(config, warning)))
            except (OSError, SecretError, TlsError) as error:
                raise UserError(f"The webhook {config.alarms.webhook} cannot be told: {error}.") from None
        if config.alarms.mail_to:
            try:
                send(config.alarms, _mail(config, warning))
            except (OSError, SecretError, TlsError) as error:
                raise UserError(f"{config.alarms.mail_server} cannot be told: {error}.") from None
        with writing(config.site.data) as db:
            kept.told(db, warning)
        yield warning


def _key(config: Config, warning: Warned) -> str:
    return f"{config.site.name}-budget-{warning.owner}-{warning.month}-{warning.share}"


def _mail(config: Config, warning: Warned) -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = f"[{config.site.name}] budget {warning.owner}"
    message["From"] = config.alarms.mail_from
    message["To"] = ", ".join(config.alarms.mail_to)
    message["Message-ID"] = f"<{quote(_key(config, warning))}@smdr-collector>"
    message.set_content(warning.sentence)
    return message


def _body(config: Config, warning: Warned) -> dict[str, object]:
    return {
        "site": config.site.name,
        "kind": "budget",
        "subject": str(warning.owner),
        "event": "over" if warning.share == "over" else "share",
        "share": warning.share,
        "month": warning.month,
        "spent": written(warning.spent),
        "available": written(warning.available),
        "currency": warning.currency,
        "sentence": warning.sentence,
    }


def _budgets(config: Config) -> tuple[Budget, ...]:
    if config.office.budgets is None:
        raise UserError(f'{config.path} names no budgets: write [office] with budgets = "budgets.csv".')
    return load_budgets(config.office.budgets)
