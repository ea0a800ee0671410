"""What one frame of a PBX stream turns out to be: a leg, a rejected line, or noise.

Times are whole seconds since 1970-01-01 UTC (``start``) or POSIX seconds with fraction (``received``).
Where the source's zone is not known, ``start`` is the printed wall clock read as if it were UTC and is shown
without an offset.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

Direction = Literal["incoming", "outgoing", "internal", "tandem", "unknown"]
Outcome = Literal["answered", "unanswered", "busy", "failed", "unknown"]

DIRECTIONS: tuple[Direction, ...] = ("incoming", "outgoing", "internal", "tandem", "unknown")
OUTCOMES: tuple[Outcome, ...] = ("answered", "unanswered", "busy", "failed", "unknown")

REASONS: dict[str, str] = {
    "line-too-long": "No line end came where one was due; check the baud rate, parity and the PBX's line-end setting.",
    "not-this-format": "The line does not have this format's shape; run `smdr detect` on a capture of the port.",
    "bad-field": "One column holds what this format never prints there; the hint names it.",
    "too-short": "The line ends before the columns every record has; it was probably cut.",
    "field-count": "The number of separated fields is not one this format prints.",
    "cut-off": "The link was interrupted, or the file ended, in the middle of this line.",
    "control-bytes": "The line holds bytes that are not text, or no part of a record; check the baud rate, parity and the cable.",
}
"""The closed list of reasons for a rejection, each with a sentence for the technician."""

NOISE: dict[str, str] = {
    "blank": "an empty line or line padding",
    "form-feed": "a page break",
    "heading": "a page heading or a rule under it",
    "banner": "a greeting, prompt or title of the PBX",
    "control": "control bytes outside a record",
    "event": "a message of the PBX that is not a call (log-in, reminder, alarm)",
    "lost": "bytes that came and are gone: their part of the journal was damaged, see `smdr repair`",
    "removed": "bytes that the retention policy has removed: calls are not made of them any more",
}
"""The closed list of kinds of noise."""


class Leg(msgspec.Struct, gc=False, omit_defaults=True):
    """One record as the PBX printed it. Keys and meanings: ``docs/records.md``."""

    offset: int
    format: str
    start: int | None
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
    extra: dict[str, Any] | None = None
    raw: str = ""


class Rejected(msgspec.Struct, gc=False):
    """A line that is no record of the format. ``reason`` is a key of `REASONS`; ``hint`` says where it failed."""

    offset: int
    format: str
    reason: str
    hint: str
    raw: str


class Noise(msgspec.Struct, gc=False):
    """Bytes that carry no call. ``reason`` is a key of `NOISE`."""

    offset: int
    format: str
    reason: str
    raw: str


Record = Leg | Rejected | Noise
