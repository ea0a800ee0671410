"""A site whose calls are judged: tables of files, and calls made by what matters of them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from collector.accounting.calendar import WorkingCalendar
from collector.accounting.directory import Directory
from collector.accounting.enriching import Accounting
from collector.accounting.plan import Plan
from collector.accounting.rating import Rater, Terms
from collector.accounting.tariff import Tariff
from collector.calls import Call
from collector.config import Calendar, Site
from collector.config.model import Rules
from collector.office.codes import load_codes
from collector.rules.judging import judge
from collector.rules.names import RULES
from collector.rules.tables import Hours, Tables

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from collector.office.approvals import Filed
    from collector.rules.violation import Violation

ZONE = ZoneInfo("Asia/Shanghai")
DIRECTORY = """extension,department,person,post,may_call,from,until
101,Sales,Li,,,,
102,Sales,Chen,,local mobile,,
103,Head,Zhao,deputy,,,
104,Lobby,,,local,,
105,Sales,Gone,,,,2026-02-28
"""
TARIFF = """class,carrier,step_s,price
local,,60,0.10
mobile,,60,0.20
domestic,,60,0.70
domestic,17909,60,0.30
hk-macau-taiwan,,60,2
hk-macau-taiwan,17909,60,3
international,,60,8
premium,,60,3
"""
CODES = """code,person,from,until
1001,Li,,
1002,Chen,2026-01-01,2026-01-31
1002,Zhao,2026-03-01,
1003,Gone,,
"""
LATER = "2026-12-31 00:00"


def at(text: str) -> int:
    """A moment at the site, POSIX seconds."""
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp())


class Court:
    """Judges calls in a folder of its own; each call gets an offset of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._offset = 0
        for name, text in (("directory.csv", DIRECTORY), ("tariff.csv", TARIFF), ("codes.csv", CODES)):
            (folder / name).write_text(text, encoding="utf-8")
        self.plan = Plan.load("cn", ("9",))
        self.directory = Directory.load(folder / "directory.csv", ZONE.key)
        self.calendar = WorkingCalendar(Calendar(holidays="CN"), {})
        tariff = Tariff.load(folder / "tariff.csv")
        self.rater: Rater = Rater(tariff, Terms(), ZONE.key, self.calendar)
        self.accounting = Accounting(self.plan, self.directory, self.rater)

    def tables(
        self,
        *,
        applications: Iterable[Filed] = (),
        marked: Iterable[tuple[str, int]] = (),
        now: str = LATER,
        since: str = "2025-01-01 00:00",
        codes: bool = True,
        **settings: Any,
    ) -> Tables:
        rules = Rules(**settings)
        return Tables(
            settings=rules,
            site=Site(name="hq", timezone=ZONE.key, area_code="0755"),
            zone=ZONE,
            hours=Hours(self.calendar, ZONE, rules.fraud_night_hours),
            plan=self.plan,
            directory=self.directory,
            accounting=self.accounting,
            rater=self.rater,
            codes=load_codes(self._folder / "codes.csv") if codes else {},
            applications=tuple(applications),
            marked=frozenset(marked),
            recorded_since=at(since),
            now=at(now),
        )

    def call(self, start: str, number: str | None = "5550123", extension: str | None = "101", **given: Any) -> Call:
        """A call of a working day unless ``start`` says otherwise, outgoing, answered, of a minute."""
        self._offset += 100
        fields: dict[str, Any] = {"direction": "outgoing", "outcome": "answered", "talk_s": 60, "resolution_s": 1}
        fields |= given
        call = Call(
            source="pbx1",
            received=0.0,
            offset=self._offset,
            format="panasonic/kx-tda",
            start=at(start),
            extension=extension,
            number=number,
            **fields,
        )
        self.accounting.enrich(call)
        return call

    def judge(self, rule: str, *calls: Call, **settings: Any) -> list[Violation]:
        """The violations of one rule, all others switched off."""
        off = tuple(name for name in RULES if name != rule)
        return judge(calls, self.tables(off=off, **settings))
