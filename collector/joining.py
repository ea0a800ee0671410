"""Legs into calls: one conversation or attempt is one call, however many lines the PBX printed for it."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import astuple

from collector.calls import Call
from parsers.records import Leg

if TYPE_CHECKING:
    from parsers.formats import Joining

_RANK = {"answered": 4, "busy": 3, "failed": 2, "unanswered": 1, "unknown": 0}
_SHARED = Leg.__struct_fields__.index("currency") + 1
"""A call's fields begin with this many of its first leg's."""
_LIMIT = 20_000
"""At most this many calls per source wait for a further leg; the longest waiting is let go first."""


class ReceivedLeg(NamedTuple):
    """A leg and the time it was received, POSIX seconds."""

    received: float
    leg: Leg


class Pending(NamedTuple):
    """A call to which a later leg may belong, with its legs so far."""

    call: Call
    legs: tuple[ReceivedLeg, ...]


class Joiner:
    """Joins the legs of one source in stream order. Holds no more than one pending call per key, `_LIMIT` in all."""

    def __init__(self, source: str, rules: Joining, pending: dict[str, Pending] | None = None) -> None:
        self.source = source
        self._rules = rules
        self._pending = pending or {}

    def earlier(self, leg: Leg, received: float) -> Pending | None:
        """The call that ``leg`` goes on with; None when it begins a new one."""
        key = self._rules.key(leg)
        waiting = self._pending.get(key) if key is not None else None
        if waiting is None or received - waiting.call.received > self._rules.timeout_s:
            return None
        return waiting if self._rules.continues(waiting.legs[-1].leg, leg) else None

    def add(self, leg: Leg, received: float, earlier: Pending | None) -> Joined:
        """Add ``leg`` to the call `earlier` gave for it, or begin a new call with it."""
        legs = (*(earlier.legs if earlier else ()), ReceivedLeg(received, leg))
        if earlier is None:
            call = self._new(leg, received)
        else:
            call = earlier.call
            extend(call, self._rules.adds(call, leg), received)
        key = self._rules.key(leg)
        if key is None:
            return Joined(call, legs, None, waits=False)
        call.open = self._rules.more(leg)
        self._pending.pop(key, None)
        waits = not self._rules.done(leg)
        gone = self._let_go(received) if waits else ()
        if waits:
            self._pending[key] = Pending(call, legs)
        return Joined(call, legs, key, waits, gone)

    def _let_go(self, received: float) -> tuple[str, ...]:
        """Wait no longer for legs that would come too late, nor under too many keys; the keys that are free again."""
        gone: list[str] = []
        for key, (call, _) in self._pending.items():
            if len(self._pending) - len(gone) < _LIMIT and received - call.received <= self._rules.timeout_s:
                break
            gone.append(key)
        for key in gone:
            del self._pending[key]
        return tuple(gone)

    def close(self, offsets: set[int]) -> None:
        """Wait no longer for legs that were to come to the calls at ``offsets``; should one come, it still joins."""
        for waiting in self._pending.values():
            if waiting.call.offset in offsets:
                waiting.call.open = False

    def _new(self, leg: Leg, received: float) -> Call:
        call = Call(self.source, received, *astuple(leg)[:_SHARED])
        if leg.start is None:
            call.start = int(received) - sum(counted or 0 for counted in (leg.ring_s, leg.talk_s, leg.hold_s))
        if leg.start is None or (leg.extra and "doubt" in leg.extra):
            call.flags = ["time-doubt"]
        call.answered_by = _answered_by(leg)
        call.legs = [leg.offset]
        return call


class Joined(NamedTuple):
    """What became of a leg: its call with all its legs, the key it joined by, and whether it waits under it for another.

    ``gone``: keys under which calls waited until now.
    """

    call: Call
    legs: tuple[ReceivedLeg, ...]
    key: str | None
    waits: bool
    gone: tuple[str, ...] = ()


def extend(call: Call, leg: Leg, received: float) -> None:
    """Add a further leg to ``call``. The ring time grows until the first answer, talk and hold are sums."""
    answered = call.outcome == "answered"
    if not answered:
        call.ring_s = _sum(call.ring_s, leg.ring_s)
        if leg.outcome == "answered":
            call.extension = leg.extension or call.extension
    talked_before = leg.outcome == "unanswered" and call.talk_s
    talks_after_all = call.outcome == "unanswered" and leg.outcome == "unknown" and leg.talk_s
    if talks_after_all or (_RANK[leg.outcome] > _RANK[call.outcome] and not talked_before):
        call.outcome = leg.outcome
    if call.direction == "unknown":
        call.direction = leg.direction
    if leg.start is not None and leg.start < call.start:
        call.start = leg.start
    call.talk_s = _sum(call.talk_s, leg.talk_s)
    call.hold_s = _sum(call.hold_s, leg.hold_s)
    call.meter_pulses = _sum(call.meter_pulses, leg.meter_pulses)
    call.pbx_cost = _sum_of_amounts(call.pbx_cost, leg.pbx_cost)
    call.transferred = call.transferred or leg.transferred
    call.conference = call.conference or leg.conference
    call.answered_by = call.answered_by or _answered_by(leg)
    call.extension = call.extension or leg.extension
    call.peer_extension = call.peer_extension or leg.peer_extension
    call.trunk = call.trunk or leg.trunk
    call.number = call.number or leg.number
    call.did = call.did or leg.did
    call.account_code = leg.account_code or call.account_code
    call.auth_code = leg.auth_code or call.auth_code
    call.currency = call.currency or leg.currency
    call.received = received
    call.legs = [*call.legs, leg.offset]


def _answered_by(leg: Leg) -> str | None:
    """Who picked up: our extension on an incoming call, the other one on an internal call."""
    if leg.outcome != "answered":
        return None
    return leg.extension if leg.direction == "incoming" else leg.peer_extension


def _sum(one: int | None, other: int | None) -> int | None:
    """The sum of what is known; None only when neither is."""
    if one is None:
        return other
    return one if other is None else one + other


def _sum_of_amounts(one: str | None, other: str | None) -> str | None:
    if one is None or other is None:
        return other if one is None else one
    try:
        return str(Decimal(one) + Decimal(other))
    except InvalidOperation:
        return other
