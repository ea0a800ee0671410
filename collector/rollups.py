"""What one call adds to the hourly sums.

A call is counted in the local hour it starts in. Its occupancy (ring, talk and hold) is spread over the hours it
covers, so that Erlangs are right for calls that cross a boundary.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from operator import add
from typing import TYPE_CHECKING

from collector.buckets import bucket_of

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from collector.calls import Call

Key = tuple[str, str, str, str, str, str, int]
"""source, direction, class, department, extension, trunk, start of the hour (UTC seconds)"""
HourKey = tuple[str, str, str, int]
"""source, direction, class, start of the hour"""

SUMS = (
    "calls",
    "answered",
    "unanswered",
    "busy",
    "failed",
    "ring_known",
    "ring_s",
    "within_target",
    "talk_s",
    "cost_micros",
    "held_s",
)
"""The sums kept of every `Key`: columns of table rollups."""
CALLS, ANSWERED, UNANSWERED, BUSY, FAILED, RING_KNOWN, RING, WITHIN_TARGET, TALK, COST, HELD = range(len(SUMS))
"""Their places in a row."""

_LONGEST_S = 7 * 86_400
"""An occupancy longer than a week is a PBX's mistake and is not spread further."""


class Rollup:
    """Sums of many calls by `Key`; adding and taking away of one call cancel exactly."""

    def __init__(self, zone: ZoneInfo, target_s: int) -> None:
        self.sums: dict[Key, list[int]] = {}
        self._zone = zone
        self._target_s = target_s
        self._hour = (0, 0)

    def add(self, call: Call, sign: int = 1) -> None:
        """Count ``call``; with ``sign=-1`` take back what counting it added."""
        zone, start = self._zone, call.start
        dims = (call.source, call.direction, call.class_, call.department or "", call.extension or "", call.trunk or "")
        first, end = self._hour
        if not first <= start < end:
            first, end = self._hour = bucket_of("hour", start, zone)
        row = self._row((*dims, first))
        row[CALLS] += sign
        outcome = call.outcome
        if outcome == "answered":
            row[ANSWERED] += sign
            if call.ring_s is not None and call.direction == "incoming":
                row[RING_KNOWN] += sign
                row[RING] += sign * call.ring_s
                row[WITHIN_TARGET] += sign * (call.ring_s <= self._target_s)
        elif outcome == "unanswered":
            row[UNANSWERED] += sign
        elif outcome == "busy":
            row[BUSY] += sign
        elif outcome == "failed":
            row[FAILED] += sign
        row[TALK] += sign * (call.talk_s or 0)
        if call.cost is not None:
            row[COST] += sign * _micros(call.cost)
        until = start + min((call.ring_s or 0) + (call.talk_s or 0) + (call.hold_s or 0), _LONGEST_S)
        while True:
            row[HELD] += sign * (min(until, end) - start)
            if until <= end:
                return
            start = end
            first, end = bucket_of("hour", start, zone)
            row = self._row((*dims, first))

    def _row(self, key: Key) -> list[int]:
        row = self.sums.get(key)
        if row is None:
            row = self.sums[key] = [0] * len(SUMS)
        return row


def of_hours(sums: dict[Key, list[int]]) -> dict[HourKey, list[int]]:
    """Add up what an hour comes to over departments, extensions and trunks."""
    hours: dict[HourKey, list[int]] = {}
    for (source, direction, class_, *_, hour), row in sums.items():
        key = (source, direction, class_, hour)
        known = hours.get(key)
        hours[key] = list(map(add, known, row)) if known else row
    return hours


def _micros(amount: str) -> int:
    try:
        return int(Decimal(amount) * 1_000_000)
    except InvalidOperation:
        return 0
