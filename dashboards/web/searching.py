"""What is searched for among the calls, and its form in the address: a bookmark of it is a saved filter."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, urlencode

from collector.buckets import MONTHS
from collector.store.queries import Span
from collector.store.search import CONDITIONS, Place, Search
from dashboards.web.periods import Dates, span_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

    from collector.config import Config

SECONDS = ("talk_from", "talk_to", "ring_from")
AMOUNTS = ("cost_from",)
MARKS = ("transferred", "conference")
YES_OR_NO = ("yes", "no")
FIRST, LAST = "from", "to"
TIMES = {"hour": range(24), "weekday": range(1, 8)}
LONGEST_TEXT = 200
_MOST_DIGITS = 18
_FIRST_DAY, _LAST_DAY = date(1971, 1, 1), date(8999, 12, 31)


class Choice(NamedTuple):
    """Local dates, both included (None: no bound), values by keys of `CONDITIONS`, and the place to go on from.

    A ``site`` stands for the ``sources`` at it.
    """

    first: date | None
    last: date | None
    wanted: dict[str, str]
    before: Place | None = None
    left_out: tuple[str, ...] = ()
    """Keys of what the address holds and makes no sense; `FIRST` and `LAST` are the dates."""

    @classmethod
    def of(cls, parameters: Mapping[str, str]) -> Choice:
        """Read it from an address; what makes no sense is left out.

        ``within`` instead of ``to``: up to the end of the month, quarter or year that begins on ``from``, or of that day.
        """
        told = {key: parameters.get(key, "").strip() for key in (*CONDITIONS, "site") if key != "sources"}
        wanted = {key: value for key, value in told.items() if value and _makes_sense(key, value)}
        first, last = _day(parameters.get(FIRST)), _day(parameters.get(LAST))
        dates = {FIRST: first, LAST: last}
        left_out = [key for key, day in dates.items() if parameters.get(key, "").strip() and day is None]
        left_out += [key for key, value in told.items() if value and key not in wanted]
        if first and "within" in parameters:
            last = _last_within(first, parameters["within"])
        return cls(first, last, wanted, _place(parameters.get("before")), tuple(left_out))

    def written(self) -> str:
        """Return the parameters of an address."""
        parameters = {key: day.isoformat() for key, day in ((FIRST, self.first), (LAST, self.last)) if day}
        if self.before:
            parameters["before"] = f"{self.before.start}.{self.before.seq}"
        return urlencode(parameters | self.wanted)

    @property
    def is_backwards(self) -> bool:
        """Whether the last day is before the first, so that there is nothing to find."""
        return self.first is not None and self.last is not None and self.last < self.first

    def search(self, zone: ZoneInfo, config: Config) -> Search:
        """Return the question to calls.db."""
        span = span_of(Dates(self.first or _FIRST_DAY, self.last or _LAST_DAY), zone)
        everything = Span(0, span.last) if self.first is None else span
        asked = {key: one for key, one in self.wanted.items() if key != "site"}
        wanted = {key: int(one) if key in SECONDS or key in TIMES else one for key, one in asked.items()}
        if "site" in self.wanted and config.branches:
            at = [source.name for source in config.sources if config.site_of(source.name) == self.wanted["site"]]
            wanted["sources"] = json.dumps(at)
        return Search(everything, wanted, zone)


def call_address(source: str, offset: int) -> str:
    """Where a call is shown."""
    return f"/calls/{quote(source, safe='')}/{offset}"


def _makes_sense(key: str, value: str) -> bool:
    if key in SECONDS:
        return _is_number(value)
    if key in MARKS:
        return value in YES_OR_NO
    if key in TIMES:
        return _is_number(value) and int(value) in TIMES[key]
    if key in AMOUNTS:
        try:
            return Decimal(value).is_finite()
        except InvalidOperation:
            return False
    return len(value) <= LONGEST_TEXT


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS


def _day(text: str | None) -> date | None:
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if _FIRST_DAY <= day <= _LAST_DAY else None


def _last_within(first: date, period: str) -> date:
    months = MONTHS.get(period, 0)
    following = first.year * 12 + first.month - 1 + months
    return date(following // 12, following % 12 + 1, 1) - timedelta(days=1) if months else first


def _place(text: str | None) -> Place | None:
    start, _, seq = (text or "").partition(".")
    return Place(int(start), int(seq)) if _is_number(start) and _is_number(seq) else None
