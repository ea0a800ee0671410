"""A call: one conversation or attempt, joined from the legs a PBX printed for it."""

from __future__ import annotations

import msgspec

from parsers.records import Direction, Outcome  # noqa: TC001  (msgspec reads the annotations)


class Call(msgspec.Struct, gc=False):
    """One call. Its identity is (``source``, ``offset`` of its first leg), for ever.

    ``start`` is UTC seconds; ``ring_s`` is the time to the first answer (or to giving up), ``talk_s`` and
    ``hold_s`` are summed over the legs; all are null where the format does not say. ``class_`` is shown as
    ``class``. ``open`` is true while more legs are certain to come. ``received`` is when the last leg came in.
    ``cost`` is an exact decimal in the site's currency, ``rated_s`` the seconds paid for.
    ``former``: the starts under which outputs may have been given this call with other `tags` than now.

    From ``offset`` to ``currency`` the fields are those of `Leg`, in its order.
    """

    source: str
    received: float
    offset: int
    format: str
    start: int
    resolution_s: int
    direction: Direction
    outcome: Outcome
    extension: str | None = None
    peer_extension: str | None = None
    trunk: str | None = None
    number: str | None = None
    did: str | None = None
    ring_s: int | None = None
    talk_s: int | None = None
    hold_s: int | None = None
    transferred: bool = False
    conference: bool = False
    account_code: str | None = None
    auth_code: str | None = None
    pbx_call_id: str | None = None
    meter_pulses: int | None = None
    pbx_cost: str | None = None
    currency: str | None = None
    answered_by: str | None = None
    class_: str = msgspec.field(default="unknown", name="class")
    carrier: str | None = None
    department: str | None = None
    person: str | None = None
    cost: str | None = None
    rated_s: int | None = None
    flags: list[str] = []
    legs: list[int] = []
    open: bool = False
    former: list[int] = []

    def tags(self) -> tuple[object, ...]:
        """What an output finds a call's point again by: a change of any of these makes another point."""
        return (
            self.start,
            self.direction,
            self.outcome,
            self.class_,
            self.department,
            self.extension,
            self.trunk,
            self.carrier,
        )
