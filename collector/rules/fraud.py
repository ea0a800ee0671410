"""Rules that find what toll fraud looks like: many calls in a night, many short ones in a day, a country never called.

Each is told by the first call of the pattern. Nothing is charged.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import TYPE_CHECKING, ClassVar

from collector.accounting.countries import name_of_code, parse
from collector.rules.rule import Rule, in_order
from collector.rules.tables import ABROAD
from collector.rules.violation import violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.calls import Call
    from collector.rules.names import RuleName
    from collector.rules.tables import Tables
    from collector.rules.violation import Violation
    from parsers.records import Direction, Outcome

_INNOCENT = frozenset({"internal", "emergency", "tollfree"})
_DAY_S = 86_400


class _Many(Rule):
    """A rule about so many calls of a kind by one phone on one day."""

    def __init__(self, tables: Tables) -> None:
        super().__init__(tables)
        self._groups: dict[tuple[str, str, dt.date], list[Call]] = defaultdict(list)

    def concerns(self, direction: Direction, outcome: Outcome, class_: str) -> bool:
        """Calls that cost or could cost something."""
        return class_ not in _INNOCENT and super().concerns(direction, outcome, class_)

    def count(self, call: Call, day: dt.date) -> None:
        """Count a call of the kind to a day."""
        self._groups[call.source, call.extension or "", day].append(call)

    def groups(self, least: int) -> Iterator[tuple[Call, int]]:
        """The first call of each group of at least so many, and how many there are."""
        for calls in self._groups.values():
            if len(calls) >= least:
                yield min(calls, key=in_order), len(calls)


class FraudNight(_Many):
    """One phone makes many calls in a night, which is one until the morning."""

    name: ClassVar[RuleName] = "fraud-night"

    def __init__(self, tables: Tables) -> None:
        super().__init__(tables)
        self._begin, self._end = map(_minute, self.settings.fraud_night_hours.split("-"))

    def look(self, call: Call) -> Violation | None:
        """Count a call of the night to the day it began on."""
        minute = self.tables.hours.minute_of_day(call.start)
        if self._begin < self._end:
            if self._begin <= minute < self._end:
                self.count(call, self.tables.hours.day(call.start))
        elif minute >= self._begin:
            self.count(call, self.tables.hours.day(call.start))
        elif minute < self._end:
            self.count(call, self.tables.hours.day(call.start) - dt.timedelta(days=1))
        return None

    def found(self) -> Iterator[Violation]:
        """The first call of each such night."""
        for call, count in self.groups(self.settings.fraud_night_calls):
            yield violation(self.name, call, f"{count} calls of one phone in the night")


class FraudShort(_Many):
    """One phone makes many very short calls on a day."""

    name: ClassVar[RuleName] = "fraud-short"

    def look(self, call: Call) -> Violation | None:
        """Count a call whose short talk time is known."""
        if call.talk_s is not None and call.talk_s <= self.settings.fraud_short_seconds:
            self.count(call, self.tables.hours.day(call.start))
        return None

    def found(self) -> Iterator[Violation]:
        """The first call of each such day."""
        seconds = self.settings.fraud_short_seconds
        for call, count in self.groups(self.settings.fraud_short_calls):
            yield violation(self.name, call, f"{count} calls of one phone of at most {seconds} s in a day")


class FraudCountry(Rule):
    """A country is called that was not called for long; where calls are not kept for so long yet, none is new."""

    name: ClassVar[RuleName] = "fraud-country"

    def __init__(self, tables: Tables) -> None:
        super().__init__(tables)
        self._calls: list[Call] = []

    def concerns(self, direction: Direction, outcome: Outcome, class_: str) -> bool:
        """Calls to other countries."""
        return class_ in ABROAD and super().concerns(direction, outcome, class_)

    def look(self, call: Call) -> Violation | None:
        """Take note of a call."""
        self._calls.append(call)
        return None

    def found(self) -> Iterator[Violation]:
        """The first call to a country after so many days."""
        days = self.settings.fraud_country_days
        recorded_since = self.tables.recorded_since + days * _DAY_S
        last: dict[int, int] = {}
        for call in sorted(self._calls, key=in_order):
            number = self.tables.plan.rest(call.number or "", call.carrier)
            parsed = parse(number, self.tables.site.country)
            if parsed is None or not parsed.country_code:
                continue
            code = parsed.country_code
            since = last.get(code)
            last[code] = call.start
            if call.start >= recorded_since and (since is None or since < call.start - days * _DAY_S):
                name = name_of_code(code, "en")
                where = f"+{code} ({name})" if name else f"+{code}"
                yield violation(self.name, call, f"the first call to {where} in {days} days")


def _minute(text: str) -> int:
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)
