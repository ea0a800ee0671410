"""What the people of the demonstration have done: notes and messages, applications, deposits, a bill, and decisions about violations."""

from __future__ import annotations

import datetime as dt
from contextlib import closing
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from collector import demo_bill, demo_deposits, demo_upkeep
from collector.commands.judging import judge_span
from collector.demo_office import (
    ADMINISTRATION,
    FINANCE,
    HEADQUARTERS,
    HEADS,
    LOGIN,
    PURCHASING,
    SALES,
    SECOND_OPERATOR,
    restricted,
)
from collector.demo_words import Said
from collector.office import approvals, desk
from collector.office.approvals import Application
from collector.office.desk import About
from collector.store import violations
from collector.store.database import open_reader
from collector.store.office_db import reading, writing

if TYPE_CHECKING:
    import sqlite3

    from collector.config import Config
    from collector.rules.names import RuleName
    from collector.rules.violation import Violation
    from collector.store.violations import Kept
    from dashboards.words import Language

_NOTES = (
    # caller, organisation, purpose, what was done
    (
        Said("陈先生", "Mr Chen"),
        Said("港务局", "Port office"),
        Said("周二的到货", "delivery of Tuesday"),
        Said("转采购部", "put through"),
    ),
    (
        Said("黄女士", "Ms Huang"),
        Said("展览公司", "Trade fair"),
        Said("展位确认", "confirming the stand"),
        Said("留言", "took a message"),
    ),
    (
        Said("刘先生", "Mr Liu"),
        Said("物业", "Building management"),
        Said("电梯检修", "the lift is being repaired"),
        Said("转行政部", "put through"),
    ),
    (
        Said("林女士", "Ms Lin"),
        Said("银行", "Bank"),
        Said("对账单", "a statement"),
        Said("留言", "took a message"),
    ),
)
_MESSAGES = (
    # of which note, for the head of which department, what is to be told, whether it was
    (1, SALES, Said("请在五点前回电确认展位", "Please call back before five about the stand"), False),
    (3, FINANCE, Said("对账单已寄出请查收", "The statement is in the mail"), True),
    (0, PURCHASING, Said("周二上午到货两箱", "Two boxes come on Tuesday morning"), True),
    (2, ADMINISTRATION, Said("电梯周三恢复使用", "The lift works again on Wednesday"), False),
)
_HANDED_OVER = Said("电梯检修到周三", "The lift is being repaired until Wednesday")
_CALLS = """
SELECT source, offset, number FROM calls
WHERE source = ? AND direction = 'incoming' AND outcome = 'answered' AND number IS NOT NULL ORDER BY start DESC LIMIT ?
"""


def fill(config: Config) -> bool:
    """Judge the last month and this one, and put what people did into office.db; False where notes are there already.

    All of it or, where it is interrupted, nothing but judged calls: it is done the next time then.
    """
    data, language = config.site.data, config.site.language
    with reading(data) as db:
        if db.execute("SELECT EXISTS (SELECT 1 FROM notes)").fetchone()[0]:
            return False
    today = dt.datetime.now(ZoneInfo(config.site.timezone)).date()
    first = (today.replace(day=1) - dt.timedelta(days=1)).replace(day=1)
    judge_span(config, first, today)
    with closing(open_reader(data / "calls.db")) as db:
        calls = db.execute(_CALLS, (HEADQUARTERS.name, len(_NOTES))).fetchall()
        visitors = demo_deposits.visitors_calls(db)
    bill = demo_bill.compared(config, first, today.replace(day=1) - dt.timedelta(days=1))
    with writing(data) as db:
        demo_bill.keep(db, bill)
        _sit_at_the_desk(db, calls, language)
        _apply(db, today, language)
        demo_deposits.fill(db, config, visitors)
        _decide(db, config, first, today)
        demo_upkeep.fill(db, today, language)
    return True


def _sit_at_the_desk(db: sqlite3.Connection, calls: list[tuple[str, int, str]], language: Language) -> None:
    about = [
        About(number, *(said.to(language) for said in told))
        for (_, _, number), told in zip(calls, _NOTES, strict=False)
    ]
    notes = [
        desk.note(db, one, LOGIN.operator, (source, offset))
        for (source, offset, _), one in zip(calls, about, strict=True)
    ]
    for place, department, text, is_delivered in _MESSAGES:
        if place < len(notes):
            recipient = HEADS[department]
            said = (recipient, about[place].caller, about[place].number, text.to(language))
            message = desk.take(db, said, LOGIN.operator, notes[place])
            if is_delivered:
                desk.deliver(db, message, recipient, LOGIN.operator)
    desk.hand_over(db, SECOND_OPERATOR, _HANDED_OVER.to(language), LOGIN.operator)


def _apply(db: sqlite3.Connection, today: dt.date, language: Language) -> None:
    """Have one application approved; another waits."""
    week = today + dt.timedelta(days=7)
    bookkeeper = Application(
        FINANCE,
        Said("出纳", "Cashier").to(language),
        restricted()[0],
        "",
        Said("北京", "Beijing").to(language),
        Said("税务师事务所", "Tax adviser").to(language),
        Said("年度申报", "the year's return").to(language),
        today,
        week,
    )
    salesman = bookkeeper._replace(
        department=SALES,
        caller=HEADS[SALES],
        extension="",
        place=Said("广州", "Guangzhou").to(language),
        organisation=Said("交易会", "Trade fair").to(language),
        purpose=Said("订展位", "booking a stand").to(language),
    )
    approvals.decide(db, approvals.file(db, bookkeeper, LOGIN.operator), LOGIN.manager, "", approved=True)
    approvals.file(db, salesman, LOGIN.head)


def _decide(db: sqlite3.Connection, config: Config, first: dt.date, today: dt.date) -> None:
    """Have a missed call of Sales explained, and a call off hours let pass: the first of this month, where there are any."""
    zone, language = ZoneInfo(config.site.timezone), config.site.language
    days = (first, today.replace(day=1), today + dt.timedelta(days=1))
    begin, month, end = (dt.datetime.combine(day, dt.time(), zone).timestamp() for day in days)
    kept = violations.kept(db, month, end) + violations.kept(db, begin, month)
    missed = _first(kept, "missed", SALES)
    if missed:
        reason = Said("当时在客户处", "was at a customer's").to(language)
        violations.note(db, missed.key, "explained", LOGIN.head, reason)
    late = _first(kept, "off-hours")
    if late:
        reason = Said("客户急件加班", "overtime for an urgent order").to(language)
        violations.note(db, late.key, "waived", LOGIN.manager, reason)


def _first(kept: list[Kept], rule: RuleName, department: str = "") -> Violation | None:
    """The first violation of a rule, of a department if it is given."""
    found = (one.violation for one in kept if one.violation.rule == rule)
    return next((one for one in found if department in ("", one.department)), None)
