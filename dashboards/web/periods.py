"""Date ranges of a view in the site's zone: what is shown, what it is compared with, and the buckets in between."""

from __future__ import annotations

import calendar
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from collector.buckets import PERIODS, Period, bucket_of
from collector.store.queries import Span

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

MONTHS_SHOWN: dict[Period, int] = {"day": 1, "month": 12, "quarter": 24, "year": 60}
"""How many whole months a period shows at first; hours show one day."""

WEEK = 7

MOST_DAYS: dict[Period, int] = {"hour": 92, "day": 1500}
"""Longer ranges are shown in longer periods: more bars than these say nothing."""

LABELS: dict[Period, str] = {"hour": "%m-%d %H:%M", "day": "%m-%d", "month": "%Y-%m", "year": "%Y"}


class Dates(NamedTuple):
    """Local dates, both included."""

    first: date
    last: date


def usual_dates(period: Period, today: date) -> Dates:
    """Return the calendar range that holds ``today`` and shows ``period`` best."""
    if period == "hour":
        return Dates(today, today)
    months = MONTHS_SHOWN[period]
    years = max(1, months // 12)
    first = date(today.year - years + 1, 1, 1) if months > 1 else today.replace(day=1)
    return Dates(first, _add_months(first, months) - timedelta(days=1))


def fitting(period: Period, dates: Dates) -> Period:
    """Return ``period``, or the next longer one that divides ``dates`` into a number of bars one can see."""
    days = (dates.last - dates.first).days + 1
    longer = (one for one in PERIODS[PERIODS.index(period) :] if days <= MOST_DAYS.get(one, days))
    return next(longer)


def shifted(dates: Dates, steps: int) -> Dates:
    """Move ``dates`` by their own length: by whole months if they are whole months, else by days."""
    end = dates.last + timedelta(days=1)
    if _is_months(dates):
        months = (end.year - dates.first.year) * 12 + end.month - dates.first.month
        first = _add_months(dates.first, steps * months)
        return Dates(first, _add_months(first, months) - timedelta(days=1))
    move = (end - dates.first) * steps
    return Dates(dates.first + move, dates.last + move)


def each_day(dates: Dates) -> list[date]:
    """Return every day of ``dates``."""
    return [dates.first + timedelta(days=number) for number in range((dates.last - dates.first).days + 1)]


def midnight(day: date, zone: ZoneInfo) -> int:
    """Return the UTC second at which a local day begins."""
    return _day(day, zone)[0]


def span_of(dates: Dates, zone: ZoneInfo) -> Span:
    """Return the UTC seconds from the first local midnight to the one after the last day."""
    return Span(midnight(dates.first, zone), _day(dates.last, zone)[1])


def elapsed(span: Span, now: int) -> Span:
    """Return the part of ``span`` that is past, nothing if it is all to come."""
    return Span(span.first, max(span.first, min(span.last, now)))


def whole_days(span: Span, zone: ZoneInfo) -> tuple[Dates | None, Span]:
    """Divide a span that begins with a day into its whole days (None: it has none) and the rest."""
    midnight = bucket_of("day", span.last, zone)[0]
    if midnight <= span.first:
        return None, span
    first, last = (datetime.fromtimestamp(second, zone).date() for second in (span.first, midnight - 1))
    return Dates(first, last), Span(midnight, span.last)


def before(dates: Dates, zone: ZoneInfo, now: int) -> Span:
    """Return what the figures of ``dates`` are compared with, cut to the same number of whole hours elapsed.

    Whole months are compared with the months before them, other ranges with the same weekdays before them.
    """
    span = span_of(dates, zone)
    days = (dates.last - dates.first).days + 1
    weeks = -(-days // WEEK)
    earlier = span_of(shifted(dates, -1) if _is_months(dates) else _weeks_before(dates, weeks), zone)
    if not span.first <= now < span.last:
        return earlier
    whole_hours = bucket_of("hour", now, zone)[0] - span.first
    return Span(earlier.first, min(earlier.last, earlier.first + whole_hours))


def beside(period: Period, dates: Dates) -> tuple[Dates, int | None]:
    """Return the dates whose bars stand beside those of ``dates``, and how many weeks before they are.

    Hours and days are set against the same weekdays, longer periods (weeks: None) against the range before.
    """
    if period not in ("hour", "day"):
        return shifted(dates, -1), None
    weeks = max(1, ((dates.last - dates.first).days + 1) // WEEK)
    return _weeks_before(dates, weeks), weeks


def buckets(period: Period, span: Span, zone: ZoneInfo) -> list[Span]:
    """Return the local calendar buckets that ``span`` touches, in order."""
    found = []
    second = span.first
    while second < span.last:
        bucket = Span(*bucket_of(period, second, zone))
        found.append(bucket)
        second = bucket.last
    return found


def within(found: list[Span], shown: Span) -> list[Span]:
    """Return the buckets, the first and the last cut to what is shown: a quarter may begin before it."""
    return [Span(max(one.first, shown.first), min(one.last, shown.last)) for one in found]


def bucket_labels(period: Period, starts: list[Span], zone: ZoneInfo) -> list[str]:
    """Name every bucket as a reader of an axis needs it: no date where all are of one day."""
    moments = [datetime.fromtimestamp(start.first, zone) for start in starts]
    if period == "quarter":
        return [f"{moment.year} Q{(moment.month + 2) // 3}" for moment in moments]
    one_day = period == "hour" and len({moment.date() for moment in moments}) == 1
    return [moment.strftime("%H:%M" if one_day else LABELS[period]) for moment in moments]


def _is_months(dates: Dates) -> bool:
    return dates.first.day == 1 and (dates.last + timedelta(days=1)).day == 1


def _weeks_before(dates: Dates, weeks: int) -> Dates:
    move = timedelta(weeks=weeks)
    return Dates(dates.first - move, dates.last - move)


def _day(day: date, zone: ZoneInfo) -> tuple[int, int]:
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=zone)
    return bucket_of("day", int(noon.timestamp()), zone)


def _add_months(first: date, months: int) -> date:
    number = first.year * 12 + first.month - 1 + months
    year, month = divmod(number, 12)
    return date(year, month + 1, min(first.day, calendar.monthrange(year, month + 1)[1]))
