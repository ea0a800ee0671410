"""What every rule is: it looks at the calls that concern it, in any order, and then says which of them break it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NamedTuple

from collector.accounting.enriching import FREE, PAID

if TYPE_CHECKING:
    from collections.abc import Iterable

    from collector.calls import Call
    from collector.rules.names import RuleName
    from collector.rules.tables import Moment, Tables
    from collector.rules.violation import Violation
    from parsers.records import Direction, Outcome


class Kind(NamedTuple):
    """What decides which rules look at a call; ``coded``: it was made with an account or authorisation code."""

    direction: Direction
    outcome: Outcome
    class_: str
    carrier: str | None
    coded: bool
    moment: Moment

    @property
    def is_paid(self) -> bool:
        """Whether it is of those that went through and are paid for."""
        return self.direction in PAID and self.outcome not in FREE


class Rule:
    """A rule. Most tell from a call alone whether it is broken, others when they have seen all: see `look` and `found`."""

    name: ClassVar[RuleName]

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.settings = tables.settings

    def concerns(self, kind: Kind) -> bool:
        """Whether calls of a kind have to be looked at."""
        raise NotImplementedError

    def look(self, kind: Kind, calls: list[Call]) -> Iterable[Violation]:
        """Look at calls of a kind; the violations among them, where that can be told already."""
        raise NotImplementedError

    def found(self) -> Iterable[Violation]:
        """The violations that can be told only now that all calls were looked at, in any order."""
        return ()


def in_order(call: Call) -> tuple[int, str, int]:
    """The order of calls wherever one rule has to tell which came first."""
    return call.start, call.source, call.offset
