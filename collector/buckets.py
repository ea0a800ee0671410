"""Local calendar buckets: the hour, day, month, quarter or year of a site's zone that holds a moment.

Buckets of one period touch and never overlap, and every longer bucket is made of whole hours. A day has 23 or 25
hours where the clock is changed. An hour is a local clock hour; where the clock is changed by a part of an hour
(Lord Howe Island), the change ends one bucket and begins another, so a bucket may be shorter than 3600 s.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

Period: TypeAlias = Literal["hour", "day", "month", "quarter", "year"]
Bucket: TypeAlias = tuple[int, int]

PERIODS: tuple[Period, ...] = ("hour", "day", "month", "quarter", "year")
MONTHS = {"month": 1, "quarter": 3, "year": 12}

CACHE_STEP = 900
CACHE_SIZE = 4096

_cache: dict[tuple[str, str, int], Bucket] = {}


def bucket_of(period: Period, second: int, zone: ZoneInfo) -> Bucket:
    """Return (start, end) of the bucket that holds ``second``: UTC seconds, start <= second < end."""
    key = (period, zone.key, second // CACHE_STEP)
    bucket = _cache.get(key)
    if bucket is None or not bucket[0] <= second < bucket[1]:
        bucket = _hour(second, zone) if period == "hour" else _calendar(period, second, zone)
        if len(_cache) >= CACHE_SIZE:
            _cache.clear()
        _cache[key] = bucket
    return bucket


def _hour(second: int, zone: ZoneInfo) -> Bucket:
    offset = _offset(second, zone)
    start = second - (second + offset) % 3600
    end = start + 3600
    if _offset(start, zone) != offset:
        start = _change(start, second, zone)
    if _offset(end - 1, zone) != offset:
        end = _change(second, end - 1, zone)
    return start, end


def _offset(second: int, zone: ZoneInfo) -> int:
    delta = datetime.fromtimestamp(second, zone).utcoffset()
    assert delta is not None  # noqa: S101  (an aware datetime has an offset)
    return delta.days * 86400 + delta.seconds


def _change(before: int, after: int, zone: ZoneInfo) -> int:
    """Return the first second that has the offset of ``after``, the zone changing once between the two."""
    new = _offset(after, zone)
    while after - before > 1:
        middle = (before + after) // 2
        if _offset(middle, zone) == new:
            after = middle
        else:
            before = middle
    return after


def _calendar(period: Period, second: int, zone: ZoneInfo) -> Bucket:
    """Return the bucket from one local midnight to another.

    Where a clock is set back over midnight, the minutes of the old date that come again belong to the new one, so
    that buckets stay in one piece: the date of ``second`` is only a first guess.
    """
    local = datetime.fromtimestamp(second, zone)
    step = 0
    start, end = _span(period, local, step, zone)
    while second >= end:
        step += 1
        start, end = _span(period, local, step, zone)
    return start, end


def _span(period: Period, local: datetime, step: int, zone: ZoneInfo) -> Bucket:
    if period == "day":
        day = local.toordinal() + step
        return _midnight(datetime.fromordinal(day), zone), _midnight(datetime.fromordinal(day + 1), zone)
    months = MONTHS[period]
    first = (local.year * 12 + local.month - 1) // months * months + step * months
    return _midnight(_month(first), zone), _midnight(_month(first + months), zone)


def _month(number: int) -> datetime:
    return datetime(number // 12, number % 12 + 1, 1)  # noqa: DTZ001  (a local date)


def _midnight(date: datetime, zone: ZoneInfo) -> int:
    """Return a local date's first second; where midnight is skipped, the moment the clock is put forward."""
    return int(date.replace(tzinfo=zone).timestamp())
