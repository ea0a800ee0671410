"""The faults of the equipment and the rounds on which it is inspected, as a report."""

from __future__ import annotations

import datetime as dt
import time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from collector.reports.table import Cell, Column, Kind, Report, Row, Section
from dashboards.words import word

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from collector.commands.equipment import Noted
    from collector.config import Config
    from dashboards.words import Language

_TICKETS: tuple[tuple[str, Kind], ...] = (
    ("ticket", "count"),
    ("equipment", "text"),
    ("fault", "text"),
    ("reported_at", "moment"),
    ("reported_by", "text"),
    ("state", "text"),
    ("since", "moment"),
    ("hands", "text"),
    ("late", "text"),
)
_HISTORY: tuple[tuple[str, Kind], ...] = (
    ("ticket", "count"),
    ("at", "moment"),
    ("by", "text"),
    ("what", "text"),
    ("text", "text"),
)
_ROUNDS: tuple[tuple[str, Kind], ...] = (
    ("round", "text"),
    ("items", "text"),
    ("every", "count"),
    ("last", "text"),
    ("due", "text"),
    ("late", "text"),
)
_INSPECTIONS: tuple[tuple[str, Kind], ...] = (
    ("round", "text"),
    ("day", "text"),
    ("inspector", "text"),
    ("result", "text"),
    ("remark", "text"),
    ("by", "text"),
)


def equipment_report(config: Config, noted: Noted, language: Language) -> Report:
    """Tickets, what happened about them, rounds, and what was found on them: a section each."""
    zone = ZoneInfo(config.site.timezone)

    def local(second: float) -> dt.datetime:
        return dt.datetime.fromtimestamp(int(second), zone).replace(tzinfo=None)

    def say(key: str) -> str:
        return word(f"equipment.{key}", language)

    def section(title: str, columns: Iterable[tuple[str, Kind]], rows: Iterable[Sequence[Cell]]) -> Section:
        headings = [Column(say(name), kind) for name, kind in columns]
        return Section(say(title), headings, [Row(cells) for cells in rows])

    now = time.time()
    yes = word("console.yes", language)
    tickets = (
        (
            *(one.id, one.equipment, one.fault, local(one.at), one.by, say(f"state.{one.state}")),
            *(local(one.since), one.hands, yes if (due := one.due(noted.limits)) is not None and now > due else ""),
        )
        for one in noted.tickets
    )
    history = (
        (one.id, local(event.at), event.by, say(f"event.{event.what}"), event.text)
        for one in noted.tickets
        for event in one.events
    )
    made = (
        (
            *(one.round.name, "; ".join(one.round.equipment), one.round.every_days),
            *(str(one.last.day) if one.last else "", str(one.day), yes if one.is_overdue(noted.today) else ""),
        )
        for one in noted.rounds
    )
    inspected = (
        (
            *(one.round, str(one.day), one.inspector),
            *("; ".join(one.faulty) if one.faulty else say("in_order"), one.remark, one.by),
        )
        for one in noted.inspections
    )
    sections = (
        section("tickets", _TICKETS, tickets),
        section("history", _HISTORY, history),
        section("rounds", _ROUNDS, made),
        section("inspections", _INSPECTIONS, inspected),
    )
    moment = dt.datetime.now(zone)
    return Report(say("report"), (config.site.name,), sections, language, moment)
