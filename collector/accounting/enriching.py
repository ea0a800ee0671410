"""What is added to a call by the tables: its class and carrier, its department and person, its cost."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from collector.accounting.rating import Dialled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from collector.accounting.directory import Directory
    from collector.accounting.plan import Plan
    from collector.accounting.rating import Charge, Fare, Rater
    from collector.calls import Call
    from parsers.records import Direction, Outcome

PAID: frozenset[Direction] = frozenset({"outgoing", "tandem"})
"""Directions of calls that the office pays for."""
FREE: frozenset[Outcome] = frozenset({"unanswered", "busy", "failed"})
"""Outcomes of calls that nobody pays for."""

_Destination = tuple[str, str | None, "Fare | None"]
"""Class and carrier of a number, and what prices calls to it; None where nothing does."""
_DESTINATIONS = 8192
"""So many numbers are remembered, some 6 MB with what the plan has of them: an office calls the same ones again."""


class Accounting:
    """What a call is enriched with: its class and carrier, its department and person, its cost.

    ``elsewhere`` is that of other sites, by their names.
    """

    def __init__(
        self,
        plan: Plan,
        directory: Directory,
        rater: Rater | None = None,
        elsewhere: Mapping[str, Accounting] | None = None,
    ) -> None:
        self._plan = plan
        self._directory = directory
        self._rater = rater
        self._trunks = rater.trunks if rater else frozenset[str]()
        self._destination = lru_cache(_DESTINATIONS)(self._of_number)
        self._elsewhere = elsewhere or {}

    def at(self, site: str) -> Accounting:
        """What calls of a site are enriched with."""
        return self._elsewhere.get(site, self)

    def enrich(self, call: Call) -> None:
        """Fill in class, carrier, department, person and cost."""
        trunk = call.trunk if call.trunk in self._trunks else None
        call.class_, call.carrier, fare = self._destination(call.direction, call.number, trunk)
        if call.extension is not None:
            call.department, call.person = self._directory.held(call.extension, call.start).named
        if fare is not None and self._rater is not None and call.outcome not in FREE:
            call.cost, call.rated_s = self._rater.cost(
                fare, call.start + (call.ring_s or 0), call.talk_s or 0, call.meter_pulses, call.pbx_cost
            )

    def rest(self, number: str, carrier: str | None) -> str:
        """A dialled number without access code and the carrier prefix that was found."""
        return self._plan.rest(number, carrier)

    def prices(self, call: Call) -> bool:
        """Whether a call has a price at all: of an incoming one or one that failed there is none."""
        return self._rater is not None and call.direction in PAID and call.outcome not in FREE

    def charge(self, call: Call) -> Charge | None:
        """What a call costs by the tables as they are, and why; None where no price is known for it."""
        return self._rater.charge(self.dialled(call)) if self._rater else None

    def cost_over(self, call: Call, carrier: str) -> str | None:
        """What a call would cost by the tariff had another carrier been dialled; None where no price is known for it."""
        if self._rater is None:
            return None
        number, trunk = self._plan.rest(call.number or "", call.carrier), call.trunk or ""
        fare = self._rater.fare(call.class_, number, carrier, trunk)
        return self._rater.cost(fare, call.start + (call.ring_s or 0), call.talk_s or 0, None, None)[0]

    def _of_number(self, direction: Direction, number: str | None, trunk: str | None) -> _Destination:
        class_, carrier = self._plan.classify(direction, number)
        if self._rater is None or direction not in PAID:
            return class_, carrier, None
        rest = self._plan.rest(number or "", carrier)
        return class_, carrier, self._rater.fare(class_, rest, carrier or "", trunk or "")

    def dialled(self, call: Call) -> Dialled:
        """A call as far as its price goes; its class and carrier are filled in already."""
        return Dialled(
            call.class_,
            self._plan.rest(call.number or "", call.carrier),
            call.carrier or "",
            call.trunk or "",
            call.start + (call.ring_s or 0),
            call.talk_s or 0,
            call.meter_pulses,
            call.pbx_cost,
        )
