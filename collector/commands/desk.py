"""What `smdr desk` and `smdr performance` do: the operator's log, with the calls and the roster."""

from __future__ import annotations

import datetime as dt
from contextlib import closing
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from collector.commands.office import call_at
from collector.errors import UserError
from collector.office import desk
from collector.office.performance import Incoming, work
from collector.office.roster import Roster
from collector.store import queries
from collector.store.database import open_reader
from collector.store.office_db import reading, writing
from collector.store.queries import Span

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from collector.config import Config
    from collector.office.desk import About
    from collector.office.performance import Work


def note(config: Config, about: About, by: str, call: tuple[str, int] | None) -> int:
    """Note what was said on a call; its number, where none is given, is the call's. Raises `UserError`."""
    if call:
        about = about._replace(number=about.number or call_at(config, *call).number or "")
    with writing(config.site.data) as db:
        return desk.note(db, about, by, call)


def performance(config: Config, first: dt.date, last: dt.date) -> dict[tuple[str, str], Work]:
    """What every operator did in each shift on the days from ``first`` to ``last``. Raises `UserError` without a roster."""
    if config.office.roster is None:
        raise UserError(f'{config.path} names no roster: write [office] with roster = "roster.csv".')
    roster = Roster.load(config.office.roster, config.site.timezone)
    zone = ZoneInfo(config.site.timezone)
    days = (first, last + dt.timedelta(days=1))
    span = Span(*(int(dt.datetime.combine(day, dt.time(), zone).timestamp()) for day in days))
    with reading(config.site.data) as db:
        messages = desk.taken(db, *span)
    in_time_s = config.site.answer_within_rings * config.site.ring_seconds
    path = config.site.data / "calls.db"
    if not path.exists():  # nothing was ever collected
        return work((), messages, roster, in_time_s)
    with closing(open_reader(path)) as db:
        return work(incoming(db, config, span), messages, roster, in_time_s)


def incoming(
    db: sqlite3.Connection, config: Config, span: Span, narrowed: queries.Filter = queries.NO_FILTER
) -> Iterator[Incoming]:
    """The incoming calls that start in a span, by phones."""
    for start, source, extension, first, answered, transferred, ring_s in queries.incoming(db, span, narrowed):
        answering, ringing = extension, first or extension
        if config.branches:
            answering, ringing = config.phone(source, answering), config.phone(source, ringing)
        yield Incoming(start, answering, ringing, bool(answered), bool(transferred), ring_s)
