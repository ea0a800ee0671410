"""Records as the JSON the product prints: one object per record, keys fixed for `smdr parse`, `smdr calls` and exports."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from parsers.records import Leg, Noise

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from collector.calls import Call
    from parsers.records import Record

_HIDDEN = ("received", "open", "former")


def moment(seconds: float | None, zone: ZoneInfo | None) -> str | None:
    """ISO 8601; with the zone's offset, or without any where the zone is not known."""
    if seconds is None:
        return None
    if zone is None:
        return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None).isoformat()
    return datetime.fromtimestamp(seconds, zone).isoformat()


def record_row(record: Record, source: str, zone: ZoneInfo | None) -> dict[str, Any]:
    """A leg, a rejected line or noise as a JSON object."""
    kind = "leg" if isinstance(record, Leg) else "noise" if isinstance(record, Noise) else "rejected"
    row = {"kind": kind, "source": source, **msgspec.structs.asdict(record)}
    if isinstance(record, Leg):
        row["start"] = moment(record.start, zone)
        row["extra"] = record.extra or {}
    return row


def call_row(call: Call, zone: ZoneInfo | None) -> dict[str, Any]:
    """A call as a JSON object."""
    row = {"kind": "call", **msgspec.to_builtins(call)}
    for key in _HIDDEN:
        del row[key]
    row["start"] = moment(call.start, zone)
    return row


def line(row: dict[str, Any]) -> str:
    """One line of JSON Lines."""
    return msgspec.json.encode(row).decode()
