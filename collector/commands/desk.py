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
from collector.store.database import open_reader
from collector.store.office_db import reading, writing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.config import Config
    from collector.office.desk import About
    from collector.office.performance import Work

_INCOMING = """
SELECT start, source, coalesce(answered_by, extension), CASE WHEN json_array_length(legs) > 1 THEN (
    SELECT json_extract(first.leg, '$.extension') FROM legs AS first
    WHERE first.source = calls.source AND first.offset = calls.offset
) END, outcome = 'answered', transferred, ring_s
FROM calls WHERE direction = 'incoming' AND NOT open AND start >= ? AND start < ? AND coalesce(answered_by, extension) IS NOT NULL
"""


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
    begin = dt.datetime.combine(first, dt.time(), zone).timestamp()
    end = dt.datetime.combine(last + dt.timedelta(days=1), dt.time(), zone).timestamp()
    with reading(config.site.data) as db:
        messages = desk.taken(db, begin, end)
    in_time_s = config.site.answer_within_rings * config.site.ring_seconds
    return work(_incoming(config, begin, end), messages, roster, in_time_s)


def _incoming(config: Config, begin: float, end: float) -> Iterator[Incoming]:
    path = config.site.data / "calls.db"
    if not path.exists():  # nothing was ever collected
        return
    with closing(open_reader(path)) as db:
        for start, source, extension, first, answered, transferred, ring_s in db.execute(_INCOMING, (begin, end)):
            answering, ringing = (config.phone(source, one) for one in (extension, first or extension))
            yield Incoming(start, answering, ringing, bool(answered), bool(transferred), ring_s)
