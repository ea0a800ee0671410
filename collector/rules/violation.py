"""A violation: one call that breaks one rule. Its identity is the rule, and source and offset of the call."""

from __future__ import annotations

from decimal import Decimal  # noqa: TC003  (msgspec reads the annotations)
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from collector.accounting.amounts import ZERO
from collector.rules.names import RuleName  # noqa: TC001  (as above)

if TYPE_CHECKING:
    from collector.calls import Call


class Key(NamedTuple):
    """What a violation is found again by."""

    rule: RuleName
    source: str
    offset: int

    def __str__(self) -> str:
        """As commands print it."""
        return f"{self.rule} {self.source}:{self.offset}"


class Saying(NamedTuple):
    """What is said of a violation, apart from any language: a key of the catalogue behind ``broken.``, and its values."""

    key: str
    values: dict[str, str]


class Violation(msgspec.Struct, frozen=True):
    """``at`` is when the call began, POSIX seconds; texts are '' where not known.

    ``amount`` is what the rule charges, ``saved`` what the call would have cost less as the rule wants it. Of a missed
    call the amount depends on those before it in the year: see `collector.rules.escalation`. ``said`` tells why, as
    `collector.rules.sentences` puts it into words.
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
    said: tuple[Saying, ...]

    @property
    def key(self) -> Key:
        """Its identity."""
        return Key(self.rule, self.source, self.offset)


def says(key: str, **values: object) -> Saying:
    """Why a call breaks a rule."""
    return Saying(key, {name: str(value) for name, value in values.items()})


def violation(
    rule: RuleName, call: Call, *said: Saying, amount: Decimal = ZERO, saved: Decimal | None = None
) -> Violation:
    """A violation of a rule by a call; what is ``said`` tells why."""
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
        said,
    )
