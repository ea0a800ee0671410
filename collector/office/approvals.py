"""Applications for calls: who asked, for what, who decided and when, and whether a call was approved in time."""

from __future__ import annotations

import datetime as dt
import time
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple

from collector.errors import UserError
from collector.office.approvers import Delegation

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable
    from zoneinfo import ZoneInfo

    from collector.calls import Call

Standing = Literal["approved", "in time", "late", "waiting", "none"]
"""Of a call: approved before it, within the days the rule gives, later; not decided and still in time; not at all."""

_COLUMNS = "department, caller, extension, number, place, organisation, purpose, first_day, last_day"

_DAYS = 1024
"""So many days are remembered, 0.2 MB at most."""


class Application(NamedTuple):
    """What is asked for. Empty ``extension`` and ``number`` are any; calls are made from the first day to the last.

    An extension of a branch has its name in front: ``branch/201``.
    """

    department: str
    caller: str
    extension: str
    number: str
    place: str
    organisation: str
    purpose: str
    first: dt.date
    last: dt.date


class Decision(NamedTuple):
    """Who decided, when (POSIX seconds), and why."""

    at: float
    by: str
    approved: bool
    reason: str


class Filed(NamedTuple):
    """An application as it is kept, with its decision once there is one."""

    id: int
    at: float
    by: str
    application: Application
    decision: Decision | None


def file(db: sqlite3.Connection, application: Application, by: str) -> int:
    """Keep an application; its number."""
    values = (*application[:-2], str(application.first), str(application.last))
    row = db.execute(
        f"INSERT INTO applications (at, by, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        (time.time(), by, *values),
    ).fetchone()
    return int(row[0])


def filed(db: sqlite3.Connection) -> list[Filed]:
    """All applications, oldest first."""
    rows = db.execute(
        f"SELECT id, applications.at, applications.by, {_COLUMNS}, decisions.at, decisions.by, approved, reason "
        "FROM applications LEFT JOIN decisions ON application = id ORDER BY id"
    )
    return [_filed(*row) for row in rows]


def _filed(
    number: int,
    at: float,
    by: str,
    department: str,
    caller: str,
    extension: str,
    called: str,
    place: str,
    organisation: str,
    purpose: str,
    first: str,
    last: str,
    decided_at: float | None,
    decided_by: str,
    approved: int,
    reason: str,
) -> Filed:
    days = dt.date.fromisoformat(first), dt.date.fromisoformat(last)
    asked = Application(department, caller, extension, called, place, organisation, purpose, *days)
    decision = None if decided_at is None else Decision(decided_at, decided_by, bool(approved), reason)
    return Filed(number, at, by, asked, decision)


def found(db: sqlite3.Connection, number: int) -> Filed:
    """An application by its number. Raises `UserError`."""
    for one in filed(db):
        if one.id == number:
            return one
    raise UserError(f"There is no application {number}.")


def decide(db: sqlite3.Connection, number: int, by: str, reason: str, *, approved: bool) -> None:
    """Keep a decision. Raises `UserError` where there is one already."""
    before = found(db, number).decision
    if before:
        said = "approved" if before.approved else "refused"
        raise UserError(f"Application {number} was {said} by {before.by} already; file another one.")
    db.execute("INSERT INTO decisions VALUES (?, ?, ?, ?, ?)", (number, time.time(), by, approved, reason))


def delegate(db: sqlite3.Connection, made: Delegation) -> None:
    """Keep that an approver has another one decide."""
    db.execute(
        "INSERT INTO delegations (at, approver, delegate, first_day, last_day) VALUES (?, ?, ?, ?, ?)",
        (time.time(), made.approver, made.delegate, str(made.first), str(made.last)),
    )


def delegations(db: sqlite3.Connection) -> list[Delegation]:
    """All delegations ever made."""
    rows = db.execute("SELECT approver, delegate, first_day, last_day FROM delegations ORDER BY id")
    return [Delegation(who, to, dt.date.fromisoformat(a), dt.date.fromisoformat(b)) for who, to, a, b in rows]


def covers(application: Application, call: Call, zone: ZoneInfo, phone: Callable[[str], str] = str) -> bool:
    """Whether an application asks for a call: made by that person or from that phone, on those days, to that number.

    ``phone`` tells what an extension is called among those of all sites.
    """
    day = dt.datetime.fromtimestamp(call.start, zone).date()
    if not application.first <= day <= application.last:
        return False
    if application.number and not (call.number or "").endswith(application.number.lstrip("+0")):
        return False
    if application.extension:
        return phone(call.extension or "") == application.extension
    return application.caller in (call.person or "").split(" / ")


def deadline(call: Call, days: int, zone: ZoneInfo) -> float:
    """Until when a call may be approved afterwards: the end of the day, so many days after it. POSIX seconds."""
    return _midnight_after(dt.datetime.fromtimestamp(call.start, zone).date(), days, zone)


@lru_cache(_DAYS)
def _midnight_after(day: dt.date, days: int, zone: ZoneInfo) -> float:
    return dt.datetime.combine(day + dt.timedelta(days=days + 1), dt.time(), zone).timestamp()


def standing(
    call: Call,
    applications: Iterable[Filed],
    days: int,
    zone: ZoneInfo,
    now: float,
    phone: Callable[[str], str] = str,
) -> Standing:
    """Whether a call is approved, the best that can be said of all applications for it."""
    last = deadline(call, days, zone)
    best: Standing = "waiting" if now < last else "none"
    order: tuple[Standing, ...] = ("none", "waiting", "late", "in time", "approved")
    for one in applications:
        if one.decision and one.decision.approved and covers(one.application, call, zone, phone):
            at = one.decision.at
            said: Standing = "approved" if at <= call.start else "in time" if at < last else "late"
            best = max(best, said, key=order.index)
    return best
