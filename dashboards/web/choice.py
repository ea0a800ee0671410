"""What a viewer has chosen to see, and its form in the address of a page, so that a view can be kept and sent."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode

import msgspec

from collector.buckets import PERIODS, Period
from collector.store.queries import Filter
from dashboards.web.periods import Dates, fitting, usual_dates

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_DAYS = 40 * 366


class Choice(NamedTuple):
    """A period, the local dates shown, and the filter."""

    period: Period
    dates: Dates
    narrowed: Filter


def read(parameters: Mapping[str, str], today: date) -> Choice:
    """Read the parameters of an address; what is missing or makes no sense takes its usual value."""
    period: Period = next((one for one in PERIODS if one == parameters.get("period")), "day")
    dates = read_dates(parameters.get("from"), parameters.get("to")) or usual_dates(period, today)
    fields = msgspec.structs.fields(Filter)
    return Choice(
        fitting(period, dates), dates, Filter(**{field.name: parameters.get(field.encode_name) for field in fields})
    )


def read_dates(first: str | None, last: str | None) -> Dates | None:
    """Read two ISO dates; None if they are not dates, run backwards or are too far apart."""
    try:
        dates = Dates(date.fromisoformat(first or ""), date.fromisoformat(last or ""))
    except ValueError:
        return None
    plausible = dates.first.year > 1970 and dates.last.year < 9000
    return dates if plausible and 0 <= (dates.last - dates.first).days <= LONGEST_DAYS else None


def are_backwards(first: str | None, last: str | None) -> bool:
    """Tell whether the first of two ISO dates is after the last."""
    try:
        return date.fromisoformat(first or "") > date.fromisoformat(last or "")
    except ValueError:
        return False


def written(choice: Choice, today: date) -> str:
    """Return the parameters of an address, without what is usual."""
    parameters: dict[str, str] = {"period": choice.period}
    if choice.dates != usual_dates(choice.period, today):
        parameters |= {"from": choice.dates.first.isoformat(), "to": choice.dates.last.isoformat()}
    narrowed = msgspec.to_builtins(choice.narrowed)
    return urlencode(parameters | {key: value for key, value in narrowed.items() if value is not None})
