"""Rules about what a phone may call: its classes, applications for long distance, and the fines.

Where a class of long distance is not granted to a phone, each call needs an approved application. Approved within so many
days after the call will do. Approved later, or never, the call is private and charged at a multiple of its cost; never
approved, it is fined as well.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from collector.accounting.amounts import ZERO
from collector.office.approvals import standing
from collector.rules.rule import Rule
from collector.rules.tables import LONG_DISTANCE
from collector.rules.violation import violation

if TYPE_CHECKING:
    from collector.calls import Call
    from collector.office.approvals import Standing
    from collector.rules.names import RuleName
    from collector.rules.tables import Tables
    from collector.rules.violation import Violation
    from parsers.records import Direction, Outcome

_OTHERS = frozenset({"local", "mobile", "service"})
"""Classes of which no other rule takes care."""


class _Granted(Rule):
    """A rule about calls of classes that are not granted to the phone."""

    classes: ClassVar[frozenset[str]] = frozenset(LONG_DISTANCE)

    def __init__(self, tables: Tables) -> None:
        super().__init__(tables)
        self._restricted = tables.directory.restricted()

    def concerns(self, direction: Direction, outcome: Outcome, class_: str) -> bool:
        """Calls of its classes, where any phone is not granted all."""
        return bool(self._restricted) and class_ in self.classes and super().concerns(direction, outcome, class_)

    def is_granted(self, call: Call) -> bool:
        """Whether the phone may call such numbers."""
        extension = call.extension
        if extension not in self._restricted or extension is None:
            return True
        return self.tables.directory.may_call(extension, call.class_, call.start)

    def standing(self, call: Call) -> Standing:
        """How the call stands with the applications there are."""
        tables = self.tables
        return standing(call, tables.applications, self.settings.approval_days, tables.zone, tables.now)


class ClassOfService(_Granted):
    """A phone calls numbers of the classes granted to it. Nothing is charged."""

    name: ClassVar[RuleName] = "class-of-service"
    classes: ClassVar[frozenset[str]] = _OTHERS

    def look(self, call: Call) -> Violation | None:
        """A call of another class, not far away."""
        if self.is_granted(call):
            return None
        return violation(self.name, call, f"{call.class_} numbers are not granted to this phone")


class Approval(_Granted):
    """A long-distance call that was not approved in time is private: it is charged at a multiple of its cost."""

    name: ClassVar[RuleName] = "approval"

    def look(self, call: Call) -> Violation | None:
        """A call approved too late, or never."""
        if self.is_granted(call):
            return None
        stands, settings = self.standing(call), self.settings
        if stands not in ("late", "none"):
            return None
        what = "approved too late" if stands == "late" else f"not approved within {settings.approval_days} days"
        amount = Decimal(call.cost or 0) * Decimal(settings.approval_factor)
        return violation(
            self.name, call, f"{what}: private, at {settings.approval_factor} times its cost", amount=amount
        )


class Fine(_Granted):
    """A long-distance call that was never approved is fined, by how far away it went."""

    name: ClassVar[RuleName] = "fine"

    def look(self, call: Call) -> Violation | None:
        """A call never approved, where there is a fine for its class."""
        settings = self.settings
        fines = {
            "domestic": settings.fine_domestic,
            "hk-macau-taiwan": settings.fine_hk_macau_taiwan,
            "international": settings.fine_international,
        }
        amount = Decimal(fines[call.class_])
        if amount == ZERO or self.is_granted(call) or self.standing(call) != "none":
            return None
        return violation(self.name, call, f"a call far away ({call.class_}) without approval", amount=amount)
