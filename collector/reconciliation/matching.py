"""Which line of a bill is which call, and how far the carrier's clock is from ours.

Calls to one number are paired so that as many as possible are, and of those ways so that times and durations are as near
as possible. What is left is paired by its time alone: there the durations differ. The two clocks drift: how much is told
by numbers that each side has once a day, day by day.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import defaultdict
from decimal import Decimal
from operator import itemgetter
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from collector.reconciliation.assignment import assigned

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from collector.reconciliation.bill import BilledCall
    from collector.reconciliation.mapping import Tolerance

    _Ours = Mapping[str, list["OurCall"]]
    _Theirs = Mapping[str, list[BilledCall]]

_DAY_S = 86_400
_FAR_S = 6 * 3600
"""Clocks further apart than this are set wrong, not drifting: the bill is in another time zone, say."""
_ENOUGH = 5


class OurCall(NamedTuple):
    """A call of ours: its identity, the number as it is compared, when it began, how long it took, what it cost."""

    source: str
    offset: int
    number: str
    start: int
    talk_s: int
    cost: Decimal | None


class Pair(NamedTuple):
    """A call that both have."""

    ours: OurCall
    theirs: BilledCall

    def difference(self) -> Decimal | None:
        """Their amount less ours; None where one is not known."""
        if self.ours.cost is None or self.theirs.amount is None:
            return None
        return self.theirs.amount - self.ours.cost


class Reconciliation(NamedTuple):
    """What came out. ``drift_s`` is how far the carrier's clock is ahead of ours, by day since 1970."""

    same: list[Pair]
    amounts_differ: list[Pair]
    durations_differ: list[Pair]
    only_ours: list[OurCall]
    only_theirs: list[BilledCall]
    drift_s: dict[int, int]

    def ahead(self, billed_start: int) -> int:
        """How far the carrier's clock was ahead of ours when a billed call began."""
        return self.drift_s[billed_start // _DAY_S]


def reconcile(
    ours: Sequence[OurCall], theirs: Sequence[BilledCall], tolerance: Tolerance, compared: Callable[[str], str]
) -> Reconciliation:
    """Compare calls with a bill. ``compared`` gives a billed number the form that ours are in."""
    mine: dict[str, list[OurCall]] = defaultdict(list)
    billed: dict[str, list[BilledCall]] = defaultdict(list)
    for call in ours:
        mine[call.number].append(call)
    for line in theirs:
        billed[compared(line.number)].append(line)
    drift = _drift(mine, billed)
    pairs = _matched(mine, billed, tolerance.time_s, tolerance.duration_s, drift)
    longer = _matched(*_left(mine, billed, pairs), tolerance.time_s, math.inf, drift)
    paired_ours = {_identity(pair.ours) for pair in (*pairs, *longer)}
    paired_rows = {pair.theirs.row for pair in (*pairs, *longer)}
    differing = {pair.theirs.row for pair in pairs if abs(pair.difference() or Decimal(0)) > tolerance.money}
    return Reconciliation(
        [pair for pair in pairs if pair.theirs.row not in differing],
        [pair for pair in pairs if pair.theirs.row in differing],
        longer,
        [call for call in ours if _identity(call) not in paired_ours],
        [line for line in theirs if line.row not in paired_rows],
        drift,
    )


def _matched(mine: _Ours, billed: _Theirs, time_s: int, duration_s: float, drift: dict[int, int]) -> list[Pair]:
    """The pairs of all numbers, in the order of the bill."""
    pairs: list[Pair] = []
    for number in mine.keys() & billed.keys():
        pairs += _paired(sorted(mine[number], key=_when), billed[number], time_s, duration_s, drift)
    return sorted(pairs, key=lambda pair: pair.theirs.row)


def _left(mine: _Ours, billed: _Theirs, pairs: Iterable[Pair]) -> tuple[_Ours, _Theirs]:
    """What is not paired, of numbers of which both have something left."""
    ours, rows = {_identity(pair.ours) for pair in pairs}, {pair.theirs.row for pair in pairs}
    over = {number: [call for call in calls if _identity(call) not in ours] for number, calls in mine.items()}
    due = {number: [line for line in lines if line.row not in rows] for number, lines in billed.items()}
    return over, due


def _identity(call: OurCall) -> tuple[str, int]:
    return call.source, call.offset


def _when(call: OurCall | BilledCall) -> int:
    return call.start


def _drift(mine: _Ours, billed: _Theirs) -> dict[int, int]:
    """Of each day on which a bill has calls; a day that tells too little has what the whole bill tells."""
    told: dict[int, list[int]] = defaultdict(list)
    for number in mine.keys() & billed.keys():
        our_days, their_days = _by_day(mine[number]), _by_day(billed[number])
        for day, (line, *others) in their_days.items():
            near = [call for around in (day - 1, day, day + 1) for call in our_days.get(around, ())]
            around = [one for d in (day - 1, day + 1) for one in their_days.get(d, ())]
            if len(near) == 1 and not others and not around and abs(line.start - near[0].start) <= _FAR_S:
                told[day].append(line.start - near[0].start)
    everything = [offset for offsets in told.values() for offset in offsets]
    usual = round(median(everything)) if everything else 0
    days = {line.start // _DAY_S for lines in billed.values() for line in lines}
    return {day: round(median(told[day])) if len(told[day]) >= _ENOUGH else usual for day in sorted(days)}


def _by_day(calls: Iterable[OurCall | BilledCall]) -> dict[int, list[OurCall | BilledCall]]:
    days: dict[int, list[OurCall | BilledCall]] = defaultdict(list)
    for call in calls:
        days[call.start // _DAY_S].append(call)
    return days


def _paired(
    ours: list[OurCall], theirs: list[BilledCall], time_s: int, duration_s: float, drift: dict[int, int]
) -> Iterable[Pair]:
    """Pair the calls to one number that are no further apart than that; the two may follow each other in another order."""
    there = sorted(((line.start - drift[line.start // _DAY_S], line) for line in theirs), key=itemgetter(0))
    starts = [at for at, _ in there]
    table: list[list[tuple[int, int]]] = []
    for call in ours:
        near = range(bisect_left(starts, call.start - time_s), bisect_right(starts, call.start + time_s))
        talks = [(place, abs(call.talk_s - there[place][1].talk_s)) for place in near]
        table.append([(place, abs(call.start - starts[place]) + talk) for place, talk in talks if talk <= duration_s])
    for call, place in zip(ours, assigned(table, len(there)), strict=True):
        if place is not None:
            yield Pair(call, there[place][1])
