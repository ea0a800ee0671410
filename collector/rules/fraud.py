"""Rules that find what toll fraud looks like: many calls in a night, many short ones in a day, a country never called.

Each is told by the first call of the pattern. Nothing is charged.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, ClassVar

from collector.accounting.countries import parse
from collector.rules.rule import Rule, in_order
from collector.rules.tables import ABROAD
from collector.rules.violation import says, violation

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator

    from collector.calls import Call
    from collector.rules.names import RuleName
    from collector.rules.rule import Kind
    from collector.rules.tables import Tables
    from collector.rules.violation import Violation

_INNOCENT = frozenset({"internal", "emergency", "tollfree"})
_DAY_S = 86_400


class _Many(Rule):
    """A rule about so many calls of a kind by one phone on one day."""

    def __init__(self, tables: Tables) -> None:
        super().__init__(tables)
        self._groups: dict[tuple[str, str, dt.date], list[Call]] = defaultdict(list)

    def concerns(self, kind: Kind) -> bool:
        """Calls that cost or could cost something."""
        return kind.class_ not in _INNOCENT and kind.is_paid

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

    def concerns(self, kind: Kind) -> bool:
        """Such calls of the night."""
        return kind.moment.is_night and super().concerns(kind)

    def look(self, kind: Kind, calls: list[Call]) -> Iterable[Violation]:  # noqa: ARG002  (as the base has it)
        """Count calls to the day their night began on."""
        for call in calls:
            self.count(call, self.tables.hours.day_of_night(call.start))
        return ()

    def found(self) -> Iterator[Violation]:
        """The first call of each such night."""
        for call, count in self.groups(self.settings.fraud_night_calls):
            yield violation(self.name, call, says("fraud-night", count=count))


class FraudShort(_Many):
    """One phone makes many very short calls on a day."""

    name: ClassVar[RuleName] = "fraud-short"

    def look(self, kind: Kind, calls: list[Call]) -> Iterable[Violation]:  # noqa: ARG002  (as the base has it)
        """Count calls whose short talk time is known."""
        longest_s = self.settings.fraud_short_seconds
        for call in [call for call in calls if call.talk_s is not None and call.talk_s <= longest_s]:
            self.count(call, self.tables.hours.day(call.start))
        return ()

    def found(self) -> Iterator[Violation]:
        """The first call of each such day."""
        seconds = self.settings.fraud_short_seconds
        for call, count in self.groups(self.settings.fraud_short_calls):
            yield violation(self.name, call, says("fraud-short", count=count, seconds=seconds))


class FraudCountry(Rule):
    """A country is called that was not called for long; where calls are not kept for so long yet, none is new."""

    name: ClassVar[RuleName] = "fraud-country"

    def __init__(self, tables: Tables) -> None:
        super().__init__(tables)
        self._calls: list[Call] = []

    def concerns(self, kind: Kind) -> bool:
        """Calls to other countries."""
        return kind.class_ in ABROAD and kind.is_paid

    def look(self, kind: Kind, calls: list[Call]) -> Iterable[Violation]:  # noqa: ARG002  (as the base has it)
        """Take note of calls."""
        self._calls += calls
        return ()

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
                yield violation(self.name, call, says("fraud-country", country=code, days=days))
