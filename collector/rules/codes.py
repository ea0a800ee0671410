"""The rule about account and authorisation codes: they are personal, and nobody lends one.

Where no table says who has which, every code is taken for a personal one but those that mark private calls.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, ClassVar

from collector.rules.rule import Rule, in_order
from collector.rules.violation import says, violation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from collector.calls import Call
    from collector.rules.names import RuleName
    from collector.rules.rule import Kind
    from collector.rules.tables import Tables
    from collector.rules.violation import Saying, Violation


class Code(Rule):
    """A code is not used from two phones at once, nor by anybody when its holder has left. Nothing is charged."""

    name: ClassVar[RuleName] = "code"

    def __init__(self, tables: Tables) -> None:
        super().__init__(tables)
        self._uses: dict[str, list[Call]] = defaultdict(list)
        self._days: dict[str, list[tuple[float, float]]] = {}

    def concerns(self, kind: Kind) -> bool:
        """All calls with the outside that have one."""
        return kind.coded and kind.direction != "internal"

    def look(self, kind: Kind, calls: list[Call]) -> Iterable[Violation]:  # noqa: ARG002  (as the base has it)
        """Take note of the codes of calls."""
        for call in calls:
            for code in {call.account_code, call.auth_code}:
                if code and self._is_personal(code):
                    self._uses[code].append(call)
        return ()

    def _is_personal(self, code: str) -> bool:
        known = self.tables.codes
        return code in known if known else code not in self.settings.private_codes

    def found(self) -> Iterator[Violation]:
        """One violation for each call, of all that is wrong with its codes."""
        wrong: dict[tuple[str, int], tuple[Call, list[Saying]]] = {}
        for code, calls in sorted(self._uses.items()):
            calls.sort(key=in_order)
            for call, what in (*self._too_late(code, calls), *_at_once(code, calls)):
                wrong.setdefault((call.source, call.offset), (call, []))[1].append(what)
        for call, said in wrong.values():
            yield violation(self.name, call, *said)

    def _too_late(self, code: str, calls: Iterable[Call]) -> Iterator[tuple[Call, Saying]]:
        """Calls with a code that nobody had then, or whose holder was in the directory and is no more."""
        rows = self.tables.codes.get(code, ())
        for call in calls:
            day = self.tables.hours.day(call.start)
            holder = next((row.person for row in rows if row.first <= day <= row.last), None)
            if rows and holder is None:
                yield call, says("code-nobodys", code=code, day=day)
            elif holder is not None and self._has_left(holder, call.start):
                yield call, says("code-left", code=code, person=holder)

    def _has_left(self, person: str, at: int) -> bool:
        days = self._days.get(person)
        if days is None:
            days = self._days[person] = self.tables.directory.days_of(person)
        return bool(days) and all(end <= at for _, end in days)


def _at_once(code: str, calls: Iterable[Call]) -> Iterator[tuple[Call, Saying]]:
    """Calls that began while another phone was in a call with the same code; only what is sure by stamps so fine."""
    going: list[Call] = []
    for call in calls:
        latest = call.start + call.resolution_s - 1
        going = [other for other in going if _end(other) > call.start]
        other = next((other for other in going if other.extension != call.extension and _end(other) > latest), None)
        if other is not None and call.extension is not None and other.extension is not None:
            where = f"{other.source}:{other.offset}"
            yield call, says("code-twice", code=code, extension=other.extension, call=where)
        going.append(call)


def _end(call: Call) -> int:
    """The POSIX second a call ends, at the earliest."""
    return call.start + (call.ring_s or 0) + (call.talk_s or 0) + (call.hold_s or 0)
