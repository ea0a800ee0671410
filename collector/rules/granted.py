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
from collector.rules.violation import says, violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.calls import Call
    from collector.office.approvals import Standing
    from collector.rules.names import RuleName
    from collector.rules.rule import Kind
    from collector.rules.tables import Tables
    from collector.rules.violation import Violation

_OTHERS = frozenset({"local", "mobile", "service"})
"""Classes of which no other rule takes care."""


class _Granted(Rule):
    """A rule about calls of classes that are not granted to the phone."""

    classes: ClassVar[frozenset[str]] = frozenset(LONG_DISTANCE)

    def __init__(self, tables: Tables) -> None:
        super().__init__(tables)
        self._restricted = tables.directory.restricted()

    def concerns(self, kind: Kind) -> bool:
        """Calls of its classes, where any phone is not granted all."""
        return bool(self._restricted) and kind.class_ in self.classes and kind.is_paid

    def not_granted(self, calls: list[Call]) -> list[Call]:
        """Those of calls that the phone may not make."""
        restricted, held = self._restricted, self.tables.directory.held
        suspect = [call for call in calls if call.extension in restricted]
        return [call for call in suspect if not held(call.extension, call.start).may_call(call.class_)]

    def standing(self, call: Call) -> Standing:
        """How the call stands with the applications there are."""
        tables = self.tables
        return standing(call, tables.applications, self.settings.approval_days, tables.zone, tables.now, tables.phone)


class ClassOfService(_Granted):
    """A phone calls numbers of the classes granted to it. Nothing is charged."""

    name: ClassVar[RuleName] = "class-of-service"
    classes: ClassVar[frozenset[str]] = _OTHERS

    def look(self, kind: Kind, calls: list[Call]) -> Iterator[Violation]:
        """A call of another class, not far away."""
        for call in self.not_granted(calls):
            yield violation(self.name, call, says("not-granted", class_=kind.class_))


class Approval(_Granted):
    """A long-distance call that was not approved in time is private: it is charged at a multiple of its cost."""

    name: ClassVar[RuleName] = "approval"

    def look(self, kind: Kind, calls: list[Call]) -> Iterator[Violation]:  # noqa: ARG002  (as the base has it)
        """A call approved too late, or never."""
        settings = self.settings
        factor = settings.approval_factor
        late = says("approved-late", factor=factor)
        never = says("not-approved", days=settings.approval_days, factor=factor)
        for call in self.not_granted(calls):
            stands = self.standing(call)
            if stands in ("late", "none"):
                said = late if stands == "late" else never
                yield violation(self.name, call, said, amount=Decimal(call.cost or 0) * Decimal(factor))


class Fine(_Granted):
    """A long-distance call that was never approved is fined, by how far away it went."""

    name: ClassVar[RuleName] = "fine"

    def __init__(self, tables: Tables) -> None:
        super().__init__(tables)
        self._fines = {
            "domestic": Decimal(self.settings.fine_domestic),
            "hk-macau-taiwan": Decimal(self.settings.fine_hk_macau_taiwan),
            "international": Decimal(self.settings.fine_international),
        }

    def concerns(self, kind: Kind) -> bool:
        """Calls of its classes, where there is a fine."""
        return super().concerns(kind) and self._fines[kind.class_] != ZERO

    def look(self, kind: Kind, calls: list[Call]) -> Iterator[Violation]:
        """A call never approved."""
        for call in self.not_granted(calls):
            if self.standing(call) == "none":
                said = says("fined", class_=kind.class_)
                yield violation(self.name, call, said, amount=self._fines[kind.class_])
