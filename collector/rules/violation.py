"""A violation: one call that breaks one rule. Its identity is the rule, and source and offset of the call."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from collector.accounting.amounts import ZERO

if TYPE_CHECKING:
    from decimal import Decimal

    from collector.calls import Call
    from collector.rules.names import RuleName


class Key(NamedTuple):
    """What a violation is found again by."""

    rule: RuleName
    source: str
    offset: int

    def __str__(self) -> str:
        """As commands print it."""
        return f"{self.rule} {self.source}:{self.offset}"


class Violation(NamedTuple):
    """``at`` is when the call began, POSIX seconds; texts are '' where not known.

    ``amount`` is what the rule charges, ``saved`` what the call would have cost less as the rule wants it. Of a missed
    call the amount depends on those before it in the year: see `collector.rules.escalation`.
    """

    rule: RuleName
    source: str
    offset: int
    at: int
    department: str
    person: str
    extension: str
    number: str
    class_: str
    cost: str
    amount: Decimal
    saved: Decimal | None
    what: str

    @property
    def key(self) -> Key:
        """Its identity."""
        return Key(self.rule, self.source, self.offset)


def violation(
    rule: RuleName, call: Call, what: str, *, amount: Decimal = ZERO, saved: Decimal | None = None
) -> Violation:
    """A violation of a rule by a call; ``what`` is the sentence that tells why."""
    return Violation(
        rule,
        call.source,
        call.offset,
        call.start,
        call.department or "",
        call.person or "",
        call.extension or "",
        call.number or "",
        call.class_,
        call.cost or "",
        amount,
        saved,
        what,
    )
