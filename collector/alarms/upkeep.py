"""What people let lie: faults that nobody repairs or solves in time, inspection rounds that are overdue."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from collector.office import rounds, tickets
from collector.office.tickets import Limits
from collector.rendering import moment
from collector.store.office_db import peeking

if TYPE_CHECKING:
    import sqlite3

    from collector.alarms.board import Board
    from collector.config import Config
    from collector.office.tickets import Ticket
    from collector.store.events_db import AlarmKind

_RIGHT: dict[AlarmKind, str] = {
    "fault": "It is taken care of.",
    "inspection": "It was inspected, or is not due any more.",
}


class Upkeep:
    """Looks at office.db and shows the board what is overdue; each is told once."""

    def __init__(self, config: Config, board: Board) -> None:
        self._config = config
        self._board = board
        self._zone = ZoneInfo(config.site.timezone)
        alarms = config.alarms
        self._limits = Limits.of(alarms.fault_taken_minutes, alarms.fault_solved_hours)

    async def look(self, now: float) -> None:
        """Look once; nothing is shown while the office has no database of this release."""
        wrong = await asyncio.to_thread(self._read, now)
        if wrong is None:
            return
        over = [(one.kind, one.subject) for one in self._board.standing if one.kind in _RIGHT]
        for kind, subject in over:
            if (kind, subject) not in wrong:
                await self._board.show(kind, subject, None, _RIGHT[kind])
        for (kind, subject), sentence in wrong.items():
            await self._board.show(kind, subject, sentence, _RIGHT[kind])

    def _read(self, now: float) -> dict[tuple[AlarmKind, str], str] | None:
        with peeking(self._config.site.data) as db:
            return None if db is None else self._faults(db, now) | self._inspections(db, now)

    def _faults(self, db: sqlite3.Connection, now: float) -> dict[tuple[AlarmKind, str], str]:
        late = (one for one in tickets.unsolved(db) if (due := one.due(self._limits)) is not None and now > due)
        return {("fault", f"ticket {one.id}"): self._said_of(one) for one in late}

    def _said_of(self, ticket: Ticket) -> str:
        stands = "in nobody's hands" if ticket.state == "reported" else f"not solved by {ticket.hands}"
        since = str(moment(int(ticket.at), self._zone))[:16]
        return f"A fault of {ticket.equipment}, reported {since}, is {stands} in time: {ticket.fault}"

    def _inspections(self, db: sqlite3.Connection, now: float) -> dict[tuple[AlarmKind, str], str]:
        today = dt.datetime.fromtimestamp(now, self._zone).date()
        grace = self._config.alarms.inspection_days
        return {
            ("inspection", one.round.name): f"The inspection was due on {one.day}: "
            f"{', '.join(one.round.equipment)}. Write down what was found with `smdr equipment inspect`."
            for one in rounds.due(db)
            if one.is_overdue(today, grace)
        }
