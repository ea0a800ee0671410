"""Rules about what calls cost: off hours, premium numbers, long distance without the IP prefix."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar

from collector.accounting.amounts import ZERO, written
from collector.rules.rule import Rule
from collector.rules.tables import LONG_DISTANCE
from collector.rules.violation import says, violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.calls import Call
    from collector.rules.names import RuleName
    from collector.rules.rule import Kind
    from collector.rules.tables import Tables
    from collector.rules.violation import Saying, Violation

_SAVINGS = 2048
"""So many differences of amounts are remembered, 1 MB at most."""


class OffHours(Rule):
    """Calls that cost something do not begin outside working time, but from phones that are on duty."""

    name: ClassVar[RuleName] = "off-hours"

    def concerns(self, kind: Kind) -> bool:
        """Calls that are paid for and began outside working time."""
        return kind.is_paid and not kind.moment.is_worked

    def look(self, kind: Kind, calls: list[Call]) -> Iterator[Violation]:  # noqa: ARG002  (as the base has it)
        """A call with a cost."""
        on_duty, hours, phone = self.settings.duty_extensions, self.tables.hours, self.tables.phone
        for call in calls:
            if call.cost is None or phone(call.extension or "") in on_duty:
                continue
            cost = Decimal(call.cost)
            if cost > 0:
                when = "after-hours" if hours.is_worked_day(call.start) else "day-off"
                yield violation(self.name, call, says(when), amount=cost)


class Premium(Rule):
    """Premium and information numbers are not called; what such a call costs is the person's."""

    name: ClassVar[RuleName] = "premium"

    def concerns(self, kind: Kind) -> bool:
        """Calls of that class."""
        return kind.class_ == "premium" and kind.is_paid

    def look(self, kind: Kind, calls: list[Call]) -> Iterator[Violation]:  # noqa: ARG002  (as the base has it)
        """Every one."""
        for call in calls:
            yield violation(self.name, call, says("premium"), amount=Decimal(call.cost or 0))


class IpPrefix(Rule):
    """Long-distance calls are dialled with the prefix of a cheap carrier. Nothing is charged; what it would save is told."""

    name: ClassVar[RuleName] = "ip-prefix"

    def __init__(self, tables: Tables) -> None:
        super().__init__(tables)
        self._saving = lru_cache(_SAVINGS)(_saving)

    def concerns(self, kind: Kind) -> bool:
        """Calls far away without any of the prefixes."""
        prefixes = self.settings.ip_prefixes
        return bool(prefixes) and kind.carrier not in prefixes and kind.class_ in LONG_DISTANCE and kind.is_paid

    def look(self, kind: Kind, calls: list[Call]) -> Iterator[Violation]:  # noqa: ARG002  (as the base has it)
        """Every one."""
        prefix = self.settings.ip_prefixes[0]
        cost_over = self.tables.accounting.cost_over
        for call in calls:
            saved, said = self._saving(prefix, call.cost, cost_over(call, prefix))
            yield violation(self.name, call, said, saved=saved)


def _saving(prefix: str, cost: str | None, over: str | None) -> tuple[Decimal | None, Saying]:
    """What a call cost more than it would have with a prefix, and how that is told; None where either is not known."""
    if cost is None or over is None:
        return None, says("no-prefix", prefix=prefix)
    saved = Decimal(cost) - Decimal(over)
    key = "no-prefix-dearer" if saved >= ZERO else "no-prefix-cheaper"
    return saved, says(key, prefix=prefix, amount=written(abs(saved)))
