"""Rules about what calls cost: off hours, premium numbers, long distance without the IP prefix."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from collector.accounting.amounts import ZERO, written
from collector.rules.rule import Rule
from collector.rules.tables import LONG_DISTANCE
from collector.rules.violation import violation

if TYPE_CHECKING:
    from collector.calls import Call
    from collector.rules.names import RuleName
    from collector.rules.tables import Tables
    from collector.rules.violation import Violation
    from parsers.records import Direction, Outcome


class OffHours(Rule):
    """Calls that cost something do not begin outside working time, but from phones that are on duty."""

    name: ClassVar[RuleName] = "off-hours"

    def __init__(self, tables: Tables) -> None:
        super().__init__(tables)
        self._is_worked = tables.hours.is_worked

    def look(self, call: Call) -> Violation | None:
        """A call with a cost that began outside working time."""
        if call.cost is None or self._is_worked(call.start) or call.extension in self.settings.duty_extensions:
            return None
        cost = Decimal(call.cost)
        if cost <= 0:
            return None
        kind = "after hours" if self.tables.hours.is_worked_day(call.start) else "on a day off"
        return violation(self.name, call, f"a call that costs something, {kind}", amount=cost)


class Premium(Rule):
    """Premium and information numbers are not called; what such a call costs is the person's."""

    name: ClassVar[RuleName] = "premium"

    def concerns(self, direction: Direction, outcome: Outcome, class_: str) -> bool:
        """Calls of that class."""
        return class_ == "premium" and super().concerns(direction, outcome, class_)

    def look(self, call: Call) -> Violation | None:
        """Every one."""
        return violation(self.name, call, "a premium or information number", amount=Decimal(call.cost or 0))


class IpPrefix(Rule):
    """Long-distance calls are dialled with the prefix of a cheap carrier. Nothing is charged; what it would save is told."""

    name: ClassVar[RuleName] = "ip-prefix"

    def concerns(self, direction: Direction, outcome: Outcome, class_: str) -> bool:
        """Calls far away."""
        return class_ in LONG_DISTANCE and super().concerns(direction, outcome, class_)

    def look(self, call: Call) -> Violation | None:
        """A call without any of the prefixes."""
        prefixes = self.settings.ip_prefixes
        if not prefixes or call.carrier in prefixes:
            return None
        saved = self._saved(call, prefixes[0])
        return violation(self.name, call, f"dialled without {prefixes[0]}{_told(saved)}", saved=saved)

    def _saved(self, call: Call, prefix: str) -> Decimal | None:
        """What the call cost more than with a prefix by the tariff; None where either is not known."""
        if call.cost is None or self.tables.rater is None:
            return None
        dialled = self.tables.accounting.dialled(call)._replace(carrier=prefix, pulses=None, pbx_cost=None)
        charge = self.tables.rater.charge(dialled)
        return Decimal(call.cost) - charge.amount if charge else None


def _told(saved: Decimal | None) -> str:
    if saved is None:
        return ""
    return (
        f": it would have saved {written(saved)}" if saved >= ZERO else f": it would have cost {written(-saved)} more"
    )
