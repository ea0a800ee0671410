"""Calls and rollups as InfluxDB points: pure functions from records to line protocol.

Points with equal measurement, tags and timestamp overwrite each other. A call's nanoseconds therefore carry its
identity: the same record is the same point for ever, and no two records of a source share one.

Line protocol has no way to write a control character or a backslash before a delimiter in a tag. The former become
U+FFFD, the latter U+FF3C (a backslash to the eye).
"""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from collector.occupancy import held, lines_needed
from collector.store.queries import Span

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from collector.buckets import Bucket, Period
    from collector.calls import Call
    from collector.config import Site
    from collector.outputs.base import Dims, ProfileDims, Sums, TrunkUse

_UNWRITABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_BACKSLASHES = re.compile(r"\\+(?=[,= ]|$)")
_DELIMITER = re.compile(r"([,= ])")

SECOND = 1_000_000_000
"""A second in nanoseconds."""

WHOLE_NUMBERS = (
    "calls",
    "answered",
    "unanswered",
    "busy",
    "failed",
    "ring_known",
    "ring_s",
    "within_target",
    "talk_s",
    "held_s",
)


def call_point(call: Call, site: Site, *, returned: bool | None = None) -> str:
    """Write the point of measurement ``call``; unknown values are left out.

    ``returned`` tells of a missed call whether it was returned in time.
    """
    answered = call.outcome == "answered"
    fields = f"calls=1i,answered={answered:d}i,legs={len(call.legs)}i,offset={call.offset}i"
    fields += f",resolution_s={call.resolution_s}i,transferred={'true' if call.transferred else 'false'}"
    if call.talk_s is not None:
        fields += f",talk_s={call.talk_s}i"
    if call.hold_s is not None:
        fields += f",hold_s={call.hold_s}i"
    if call.ring_s is not None:
        fields += f",ring_s={call.ring_s}i,rings={-(-call.ring_s // site.ring_seconds)}i"
        if answered and call.direction == "incoming":
            within = call.ring_s <= site.ring_seconds * site.answer_within_rings
            fields += f",within_target={within:d}i"
    if call.cost is not None:
        fields += f",cost={float(call.cost)!r}"
    fields += (
        text_field("number", call.number) + text_field("did", call.did) + text_field("account_code", call.account_code)
    )
    fields += text_field("answered_by", call.answered_by) + text_field("person", call.person)
    if returned is not None:
        fields += f",returned={returned:d}i"
    return f"call{_call_tags(call, site)} {fields} {call_time(call)}"


def returned_point(call: Call, site: Site) -> str:
    """Add to the point of a missed call that it was returned in time: what else it tells stays."""
    return f"call{_call_tags(call, site)} returned=1i {call_time(call)}"


def _call_tags(call: Call, site: Site) -> str:
    return tagged(
        carrier=call.carrier,
        **{"class": call.class_},
        department=call.department,
        direction=call.direction,
        extension=call.extension,
        outcome=call.outcome,
        site=site.name,
        source=call.source,
        trunk=call.trunk,
    )


def call_time(call: Call) -> int:
    """Nanoseconds of a call's point."""
    return point_time(call.start, call.offset)


def point_time(start: int, offset: int) -> int:
    """Nanoseconds of the point of the call at ``offset`` that starts at ``start``: its offset is below the second."""
    return start * SECOND + offset % SECOND


def traffic_point(site: str, period: Period, dims: Dims, bucket: Bucket, sums: Sums) -> str:
    """Write the point of measurement ``traffic`` for one combination in one bucket (UTC seconds)."""
    source, direction, class_, department, extension, trunk = dims
    tags = tagged(
        **{"class": class_},
        department=department,
        direction=direction,
        extension=extension,
        period=period,
        site=site,
        source=source,
        trunk=trunk,
    )
    start, end = bucket
    fields = ",".join(f"{name}={getattr(sums, name)}i" for name in WHOLE_NUMBERS)
    fields += f",cost={sums.cost_micros / 1e6!r},erlangs={sums.held_s / (end - start)!r}"
    return f"traffic{tags} {fields} {start}000000000"


def profile_point(site: str, dims: ProfileDims, hour: int, zone: ZoneInfo, sums: tuple[int, int, int]) -> str:
    """Write the point of measurement ``profile`` for one local hour (its start in UTC seconds).

    ``sums`` are (calls, talk_s, held_s). Weekday 1 is Monday; tag ``hour`` is the local one, 00 to 23.
    """
    source, direction, department = dims
    local = datetime.fromtimestamp(hour, zone)
    tags = tagged(
        department=department,
        direction=direction,
        hour=f"{local.hour:02}",
        site=site,
        source=source,
        weekday=str(local.isoweekday()),
    )
    calls, talk_s, held_s = sums
    return f"profile{tags} calls={calls}i,talk_s={talk_s}i,held_s={held_s}i {hour}000000000"


def trunk_point(site: str, source: str, use: TrunkUse, lines: int) -> str:
    """Write the point of measurement ``trunk_hour``; what takes the calls to tell is left out where they are gone."""
    first, end = use.hour
    erlangs = use.held_s / (end - first)
    fields = (
        f"calls={use.calls}i,held_s={use.held_s}i,erlangs={erlangs!r},lines={lines}i,needed={lines_needed(erlangs)}i"
    )
    if use.complete:
        most = held(use.held, lines, Span(first, end))
        fields += f",peak={most.most}i,busy_s={most.full_s}i"
    return f"trunk_hour{tagged(site=site, source=source)} {fields} {first}000000000"


def tagged(**values: str | None) -> str:
    """Tags as they follow the name of a measurement; those without a value are left out."""
    return "".join([f",{key}={_escaped(value)}" for key, value in values.items() if value])


@lru_cache(4096)
def tag_value(value: str) -> str:
    """Return what is stored for a tag's value: without what line protocol cannot write."""
    return _BACKSLASHES.sub(lambda run: "\uff3c" * len(run[0]), _UNWRITABLE.sub("\ufffd", value))


@lru_cache(4096)
def _escaped(value: str) -> str:
    return _DELIMITER.sub(r"\\\1", tag_value(value))


def text_field(name: str, value: str | None) -> str:
    """A field with a text, behind others; nothing where there is none."""
    if value is None:
        return ""
    clean = _UNWRITABLE.sub("\ufffd", value).replace("\\", "\\\\").replace('"', '\\"')
    return f',{name}="{clean}"'
