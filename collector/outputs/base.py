"""What an output needs from the store: changes to follow, sums, and a place for its own state.

What an output has confirmed, its server has accepted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol, TypeAlias

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from collector.buckets import Bucket
    from collector.calls import Call

Dims: TypeAlias = tuple[str, str, str, str, str, str]
"""source, direction, class, department, extension, trunk of a rollup; '' where a call has none."""

ProfileDims: TypeAlias = tuple[str, str, str]
"""source, direction, department of a profile (hours of the week); '' where a call has none."""

State: TypeAlias = Literal["ok", "retrying", "refused"]


class TrunkUse(NamedTuple):
    """The lines of a source in an hour: calls that began in it, seconds held, and [first, end) for which calls held one.

    ``complete`` tells whether all those calls are still stored, or some were removed because of their age.
    """

    hour: Bucket
    calls: int
    held_s: int
    held: list[tuple[int, int]]
    complete: bool


class Sums(msgspec.Struct, gc=False):
    """What the calls of one combination add up to over some hours; columns of table ``rollups`` in calls.db.

    ``held_s`` is the occupancy (ring, talk, hold) that falls in those hours; the others belong to the hour a
    call starts in. Times in seconds, ``cost_micros`` in millionths of the currency.
    """

    calls: int
    answered: int
    unanswered: int
    busy: int
    failed: int
    ring_known: int
    ring_s: int
    within_target: int
    talk_s: int
    cost_micros: int
    held_s: int


class MissOrReturn(NamedTuple):
    """A call with a known outside number by which a missed call may be returned, or a ``missed`` one. ``start``: UTC seconds."""

    source: str
    offset: int
    start: int
    number: str
    carrier: str | None
    incoming: bool
    missed: bool


class RollupRow(Sums, kw_only=True, gc=False):
    """The sums of one combination in one local hour. ``hour`` is the UTC second at which it begins."""

    seq: int
    source: str
    direction: str
    class_: str
    department: str
    extension: str
    trunk: str
    hour: int

    @property
    def dims(self) -> Dims:
        """The combination this row counts."""
        return (self.source, self.direction, self.class_, self.department, self.extension, self.trunk)


class OutputFeed(Protocol):
    """The store as outputs see it. A sequence number grows with every change: following it skips nothing."""

    async def calls_after(self, seq: int, limit: int) -> list[tuple[int, Call]]:
        """Return closed calls changed after ``seq`` as (seq, call), by seq, at most ``limit``.

        One that was stored with other tags before tells the starts it had then: a point with those tags may exist.
        """

    async def settled(self, source: str, first: int, last: int, seq: int) -> bool:
        """Tell whether a closed call of ``source`` that starts in [first, last] is unchanged since ``seq``."""

    async def outside(self, first: int, last: int) -> list[MissOrReturn]:
        """Return the closed calls that begin in [first, last]: missed ones, those that were answered, those that were made."""

    async def calls_of(self, identities: Sequence[tuple[str, int]]) -> list[Call]:
        """Return the calls with these sources and offsets."""

    async def rollups_after(self, seq: int, limit: int) -> list[RollupRow]:
        """Return hour rows changed after ``seq``, by seq, at most ``limit``."""

    async def rollup_sums(self, wanted: Sequence[tuple[Dims, int, int]]) -> list[Sums]:
        """Return the sums of each combination over the hours that begin in [first, last), UTC seconds."""

    async def profile_sums(self, wanted: Sequence[tuple[ProfileDims, int]]) -> list[tuple[int, int, int]]:
        """Return (calls, talk_s, held_s) of each local hour over all classes, extensions and trunks."""

    async def trunks(self, source: str, span: Bucket, until_seq: int) -> frozenset[str]:
        """Return the lines of ``source`` that calls held in hours that begin in the span, by rows up to ``until_seq``."""

    async def trunk_hours(self, source: str, span: Bucket) -> list[int]:
        """Return the hours, by their begin in the span, that rows with a line of ``source`` are kept of."""

    async def trunk_use(self, source: str, hours: Sequence[Bucket]) -> list[TrunkUse]:
        """Return how the lines of ``source`` were used in each of the hours, which are of one day or near it."""

    async def cursor(self, output: str) -> tuple[int, int]:
        """Return the confirmed (calls seq, rollups seq) of an output; (0, 0) for a new one."""

    async def confirm(self, output: str, calls_seq: int, rollups_seq: int) -> None:
        """Everything up to these sequence numbers is durable on the server."""

    async def state(self, output: str, state: State, error: str | None) -> None:
        """Show the output's state and, when it is not ok, one sentence with what to do."""

    async def quarantine(self, output: str, point: str, reason: str) -> None:
        """Keep a point the server refuses for good, with the server's words."""

    async def changed(self, timeout: float) -> None:  # noqa: ASYNC109  (the store's own wait, not a wrapper)
        """Return when something was committed since this was last asked, or after ``timeout`` seconds."""
