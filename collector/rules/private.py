"""The rule about private calls: they are short. One is private by its code, its number, or by being marked afterwards."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from collector.accounting.comparing import comparable
from collector.rules.rule import Rule
from collector.rules.tables import TAIL
from collector.rules.violation import says, violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.calls import Call
    from collector.rules.names import RuleName
    from collector.rules.rule import Kind
    from collector.rules.tables import Tables
    from collector.rules.violation import Violation


class Private(Rule):
    """A private call lasts so many minutes at most, whoever called; what a longer one costs is the person's."""

    name: ClassVar[RuleName] = "private"

    def __init__(self, tables: Tables) -> None:
        super().__init__(tables)
        self._longest_s = 60 * self.settings.private_minutes
        self._codes = frozenset(self.settings.private_codes)
        area_code = tables.site.area_code
        self._numbers = frozenset(comparable(number, area_code) for number in self.settings.private_numbers)
        self._tails = frozenset(number[TAIL:] for number in self._numbers)

    def concerns(self, kind: Kind) -> bool:
        """Calls with the outside, where any can be known as private."""
        known = (kind.coded and self._codes) or self._numbers or self.tables.marked
        return bool(known) and kind.direction != "internal"

    def look(self, kind: Kind, calls: list[Call]) -> Iterator[Violation]:
        """A private call that was too long."""
        longest_s, tails = self._longest_s, self._tails
        suspect = [call for call in calls if call.talk_s is not None and call.talk_s > longest_s]
        if not kind.coded and not self.tables.marked:
            suspect = [call for call in suspect if call.number is not None and call.number[TAIL:] in tails]
        for call in suspect:
            told = self._told(call)
            if told is not None:
                said = says(told, seconds=call.talk_s, minutes=self.settings.private_minutes)
                yield violation(self.name, call, said, amount=Decimal(call.cost or 0))

    def _told(self, call: Call) -> str | None:
        """What tells that a call is private; None where nothing does."""
        if (call.source, call.offset) in self.tables.marked:
            return "private-marked"
        if not self._codes.isdisjoint((call.account_code, call.auth_code)):
            return "private-code"
        if self._has_private_number(call):
            return "private-number"
        return None

    def _has_private_number(self, call: Call) -> bool:
        number = call.number or ""
        if number[TAIL:] not in self._tails:
            return False
        return self.tables.outside(number, call.carrier, call.direction) in self._numbers
