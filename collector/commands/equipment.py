"""What `smdr equipment` and the console's equipment page do: tickets and rounds in office.db, with the audit trail."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from collector import status
from collector.commands.budgets import today
from collector.errors import UserError
from collector.link_figures import LinkFigures, link_figures
from collector.office import audit, rounds, tickets
from collector.office.roster import Roster
from collector.office.tickets import Limits
from collector.store import events_db
from collector.store.office_db import reading, writing

if TYPE_CHECKING:
    import datetime as dt
    import sqlite3
    from collections.abc import Iterator
    from pathlib import Path

    from collector.config import Config
    from collector.office.roster import Duty
    from collector.office.rounds import Due, Inspection
    from collector.office.tickets import Ticket

COMMAND = "smdr equipment"
LINK_DAYS = 30
"""Days of which changes of links are counted."""

_DAY_S = 86_400


class Who(NamedTuple):
    """Who changes something, and where: on a page of the console, or by the command."""

    name: str
    role: str = ""
    address: str = ""
    page: str = COMMAND


class Link(NamedTuple):
    """A source's link: how it is and since when (ISO 8601), and how it did in the last `LINK_DAYS`."""

    source: str
    state: str
    since: str | None
    detail: str
    figures: LinkFigures


class Noted(NamedTuple):
    """What office.db has of the equipment, in one moment. ``limits`` and ``today`` tell what of it is late."""

    tickets: list[Ticket]
    rounds: list[Due]
    inspections: list[Inspection]
    limits: Limits
    today: dt.date


@contextmanager
def changing(data: Path, who: Who, what: str) -> Iterator[sqlite3.Connection]:
    """One transaction in office.db that stands in the audit trail, or none at all. Raises `UserError`."""
    with writing(data) as db:
        yield db
        audit.note(db, who.name, who.role, who.address, "change", who.page, what)


def take_alarms(data: Path) -> int:
    """Have every alarm that is a fault in a ticket; how much was new. Raises `UserError`.

    Whoever looks at tickets does it first, and the collector while nobody looks: it may be done by several at once, and again.
    """
    alarms = events_db.alarms(data, tickets.ALARMS)
    with reading(data) as db:
        if not tickets.missing(db, alarms):
            return 0
    with writing(data) as db:
        return tickets.take(db, alarms)


def noted(config: Config) -> Noted:
    """Tickets and rounds as they are now, with those of alarms. Raises `UserError`."""
    take_alarms(config.site.data)
    alarms = config.alarms
    with reading(config.site.data) as db:
        return Noted(
            tickets.tickets(db),
            rounds.due(db),
            rounds.inspections(db),
            Limits.of(alarms.fault_taken_minutes, alarms.fault_solved_hours),
            today(config),
        )


def inspect(
    config: Config, name: str, day: dt.date | None, inspector: str, faulty: tuple[str, ...], remark: str, who: Who
) -> list[int]:
    """Write down that a round was made, today if no day is given; the tickets of faults. Raises `UserError`."""
    now = today(config)
    if day and day > now:
        raise UserError(f"{day} is still to come: a round is written down once it was made.")
    with changing(config.site.data, who, f"inspected {name}") as db:
        return rounds.inspect(db, name, day or now, inspector, faulty, remark, who.name)


def links(config: Config) -> list[Link]:
    """Every source's link, as it is now and as it did."""
    now = time.time()
    begin = now - LINK_DAYS * _DAY_S
    counted = link_figures(events_db.link_history(config.site.data, begin), begin, now)
    return [
        Link(
            state["name"],
            state["state"],
            state["since"],
            state["detail"],
            counted.get(state["name"], LinkFigures(0, 0, 0.0, 0.0)),
        )
        for state in status.read(config)["sources"]
    ]


def on_duty(config: Config) -> list[tuple[Duty, bool]] | None:
    """Today's duties at the switchboard, those that are on now first; None without a roster. Raises `ConfigError`."""
    if config.office.roster is None:
        return None
    return Roster.load(config.office.roster, config.site.timezone).today(time.time())
