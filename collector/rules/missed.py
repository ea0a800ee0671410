"""The rule about missed calls: whoever misses one calls back within the hour."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, ClassVar

from collector.returning import in_time, is_contact, is_missed
from collector.rules.rule import Rule
from collector.rules.tables import TAIL
from collector.rules.violation import says, violation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from collector.calls import Call
    from collector.rules.names import RuleName
    from collector.rules.rule import Kind
    from collector.rules.tables import Tables
    from collector.rules.violation import Violation
    from parsers.records import Direction


class Missed(Rule):
    """A call that nobody answered is returned in time: by a call to that number, or by answering the next one from it.

    Anybody in the office may do so. What counts is missed in working time; by some posts, and on phones on duty, at any
    hour. A caller whose number is not known cannot be called back.
    """

    name: ClassVar[RuleName] = "missed"

    def __init__(self, tables: Tables) -> None:
        super().__init__(tables)
        self._missed: list[Call] = []
        self._others: dict[tuple[str | None, Direction], dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        self._posts = frozenset(self.settings.missed_posts)

    def concerns(self, kind: Kind) -> bool:
        """Calls missed, answered, and made."""
        return is_missed(kind.direction, kind.outcome) or is_contact(kind.direction, kind.outcome)

    def look(self, kind: Kind, calls: list[Call]) -> Iterable[Violation]:
        """Take note of calls with a number."""
        if is_missed(kind.direction, kind.outcome):
            self._missed += [call for call in calls if call.number is not None]
        else:
            starts = self._others[kind.carrier, kind.direction]
            for call in calls:
                if call.number is not None:
                    starts[call.number].append(call.start)
        return ()

    def found(self) -> Iterator[Violation]:
        """The calls that were to be answered and were not returned in time, once the time is over."""
        minutes = self.settings.missed_minutes
        window_s = 60 * minutes
        missed = [call for call in self._missed if self._counts(call) and call.start + window_s < self.tables.now]
        contacts = self._contacts({self._number(call) for call in missed})
        for call in missed:
            if not in_time(call.start, contacts[self._number(call)], window_s):
                yield violation(self.name, call, says("missed", minutes=minutes))

    def _contacts(self, wanted: set[str]) -> dict[str, list[int]]:
        """When each of the numbers was called or answered, in order."""
        tails = {number[TAIL:] for number in wanted}
        contacts: dict[str, list[int]] = {number: [] for number in wanted}
        for (carrier, direction), others in self._others.items():
            for number, starts in others.items():
                if number[TAIL:] in tails and (outside := self.tables.outside(number, carrier, direction)) in wanted:
                    contacts[outside] += starts
        for found in contacts.values():
            found.sort()
        return contacts

    def _number(self, call: Call) -> str:
        return self.tables.outside(call.number or "", None, "incoming")

    def _counts(self, call: Call) -> bool:
        """Whether somebody had to answer."""
        if call.extension is None:
            return False
        if (
            self.tables.hours.is_worked(call.start)
            or self.tables.phone(call.extension) in self.settings.duty_extensions
        ):
            return True
        return bool(self._posts) and not self._posts.isdisjoint(
            self.tables.directory.held(call.extension, call.start).posts
        )
