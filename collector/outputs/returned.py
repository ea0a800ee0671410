"""Which missed calls were returned in time: by a call to the number that called, or by answering its next one.

A call that returns a missed one comes after it. So where calls are sent, the missed calls before them are looked at again.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from collector.returning import in_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from collector.calls import Call
    from collector.outputs.base import MissOrReturn, OutputFeed

Identity = tuple[str, int]
"""Source and offset of a call."""

TAIL = -3
"""Where the last digits of a number begin, which are the same however it is dialled."""


class Found(NamedTuple):
    """Of the calls that are sent, those missed, and whether each was returned; and of earlier ones, which they return."""

    sent: dict[Identity, bool]
    earlier: list[Identity]


class Returned:
    """``compared`` gives a call's number in a form that is the same in either direction; ``window_s`` is how soon is in time."""

    def __init__(self, feed: OutputFeed, compared: Callable[[MissOrReturn], str], window_s: int) -> None:
        self._feed = feed
        self._compared = compared
        self._window_s = window_s

    async def look(self, calls: Iterable[Call]) -> Found:
        """Look at calls that are about to be sent, and at those around them."""
        outside = [call for call in calls if call.number is not None and call.direction != "internal"]
        sent = {(call.source, call.offset) for call in outside}
        found = Found({}, [])
        for first, last in self._spans(sorted(call.start for call in outside)):
            self._weigh(await self._feed.outside(first, last), sent, found)
        return found

    def _spans(self, starts: list[int]) -> Iterator[tuple[int, int]]:
        """What is to be read around calls, each second once."""
        window_s = self._window_s
        begin = 0
        for place, start in enumerate(starts):
            if place + 1 == len(starts) or starts[place + 1] - start > 2 * window_s:
                yield starts[begin] - window_s, start + window_s
                begin = place + 1

    def _weigh(self, near: list[MissOrReturn], sent: set[Identity], found: Found) -> None:
        tails = {call.number[TAIL:] for call in near if call.missed}
        contacts: dict[str, list[tuple[int, Identity]]] = defaultdict(list)
        for call in near:
            if not call.missed and call.number[TAIL:] in tails:
                contacts[self._compared(call)].append((call.start, (call.source, call.offset)))
        for of_number in contacts.values():
            of_number.sort()
        for call in near:
            if call.missed:
                of_number = contacts.get(self._compared(call), [])
                returning = in_time(call.start, [start for start, _ in of_number], self._window_s)
                identity = (call.source, call.offset)
                if identity in sent:
                    found.sent[identity] = bool(returning)
                elif any(of_number[place][1] in sent for place in returning):
                    found.earlier.append(identity)
