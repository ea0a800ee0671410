"""Which line of a bill is which call, and how far the carrier's clock is from ours.

Calls to one number are put in the order of their times on both sides and paired so that as many as possible are, and of
those ways so that times and durations are as near as possible. The two clocks drift: how much is told by numbers that
each side has once a day, day by day.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from collector.reconciliation.bill import BilledCall
    from collector.reconciliation.mapping import Tolerance

_DAY_S = 86_400
_FAR_S = 6 * 3600
"""Clocks further apart than this are set wrong, not drifting: the bill is in another time zone, say."""
_ENOUGH = 5
_UNPAIRED = 1 << 40
"""Costs more than any pair."""


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
    only_ours: list[OurCall]
    only_theirs: list[BilledCall]
    drift_s: dict[int, int]


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
    pairs: list[Pair] = []
    for number in mine.keys() & billed.keys():
        pairs += _paired(sorted(mine[number], key=_when), sorted(billed[number], key=_when), tolerance, drift)
    paired_ours = {(pair.ours.source, pair.ours.offset) for pair in pairs}
    paired_rows = {pair.theirs.row for pair in pairs}
    pairs.sort(key=lambda pair: pair.theirs.row)
    differing = {pair.theirs.row for pair in pairs if abs(pair.difference() or Decimal(0)) > tolerance.money}
    return Reconciliation(
        [pair for pair in pairs if pair.theirs.row not in differing],
        [pair for pair in pairs if pair.theirs.row in differing],
        [call for call in ours if (call.source, call.offset) not in paired_ours],
        [line for line in theirs if line.row not in paired_rows],
        drift,
    )


def _when(call: OurCall | BilledCall) -> int:
    return call.start


def _drift(mine: dict[str, list[OurCall]], billed: dict[str, list[BilledCall]]) -> dict[int, int]:
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
    ours: list[OurCall], theirs: list[BilledCall], tolerance: Tolerance, drift: dict[int, int]
) -> Iterable[Pair]:
    """Pair the calls to one number, group by group: calls far from all others are looked at by themselves."""
    there = [(line.start - drift[line.start // _DAY_S], line) for line in theirs]
    events = sorted(
        [(call.start, 0, n) for n, call in enumerate(ours)] + [(at, 1, n) for n, (at, _) in enumerate(there)]
    )
    group: tuple[list[OurCall], list[tuple[int, BilledCall]]] = ([], [])
    last = None
    for at, side, place in events:
        if last is not None and at - last > tolerance.time_s:
            yield from _best(*group, tolerance)
            group = ([], [])
        if side:
            group[1].append(there[place])
        else:
            group[0].append(ours[place])
        last = at
    yield from _best(*group, tolerance)


def _best(ours: list[OurCall], theirs: list[tuple[int, BilledCall]], tolerance: Tolerance) -> list[Pair]:
    """The best pairs of a group: costs of the beginnings of both lists, each from the shorter ones (as for edit distance)."""
    if not ours or not theirs:
        return []
    rows, columns = len(ours) + 1, len(theirs) + 1
    costs = [[(n + m) * _UNPAIRED for m in range(columns)] for n in range(rows)]
    chosen = [[0] * columns for _ in range(rows)]
    for n in range(1, rows):
        for m in range(1, columns):
            ways = [costs[n - 1][m] + _UNPAIRED, costs[n][m - 1] + _UNPAIRED]
            apart = _apart(ours[n - 1], *theirs[m - 1], tolerance)
            if apart is not None:
                ways.append(costs[n - 1][m - 1] + apart)
            costs[n][m] = min(ways)
            chosen[n][m] = ways.index(costs[n][m])
    pairs: list[Pair] = []
    n, m = rows - 1, columns - 1
    while n and m:
        if chosen[n][m] == 2:
            pairs.append(Pair(ours[n - 1], theirs[m - 1][1]))
            n, m = n - 1, m - 1
        elif chosen[n][m] == 0:
            n -= 1
        else:
            m -= 1
    return pairs


def _apart(call: OurCall, at: int, line: BilledCall, tolerance: Tolerance) -> int | None:
    """How unlike the two are; None where they are not the same call."""
    time_s, talk_s = abs(call.start - at), abs(call.talk_s - line.talk_s)
    if time_s > tolerance.time_s or talk_s > tolerance.duration_s:
        return None
    return time_s + talk_s
