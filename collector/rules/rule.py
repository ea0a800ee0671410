"""What every rule is: it looks at the calls that concern it, in any order, and then says which of them break it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from collector.projection import FREE, PAID

if TYPE_CHECKING:
    from collections.abc import Iterable

    from collector.calls import Call
    from collector.rules.names import RuleName
    from collector.rules.tables import Tables
    from collector.rules.violation import Violation
    from parsers.records import Direction, Outcome


class Rule:
    """A rule. Most tell from a call alone whether it is broken, others when they have seen all: see `look` and `found`."""

    name: ClassVar[RuleName]

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.settings = tables.settings

    def concerns(self, direction: Direction, outcome: Outcome, class_: str) -> bool:  # noqa: ARG002  (for others)
        """Whether calls of a kind have to be looked at; without more, those that went through and are paid for."""
        return direction in PAID and outcome not in FREE

    def look(self, call: Call) -> Violation | None:
        """Look at a call; the violation that it is, where that can be told already."""
        raise NotImplementedError

    def found(self) -> Iterable[Violation]:
        """The violations that can be told only now that all calls were looked at, in any order."""
        return ()


def in_order(call: Call) -> tuple[int, str, int]:
    """The order of calls wherever one rule has to tell which came first."""
    return call.start, call.source, call.offset
