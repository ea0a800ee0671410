"""Which of the prices that fit a call holds when: its days, its hours, and the calendar, on the clocks of the site."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from collector.accounting.calendar import WorkingCalendar
    from collector.accounting.tariff import Price

DAY_S = 86_400
_HOUR_S, _MINUTE_S = 3600, 60


class Band(NamedTuple):
    """The price that holds, None where none does, until the first POSIX second behind."""

    price: Price | None
    until: int


class Bands:
    """The bands of days in a site's zone and calendar."""

    def __init__(self, zone: ZoneInfo, calendar: WorkingCalendar) -> None:
        self._zone = zone
        self._calendar = calendar

    def of_day(self, prices: tuple[Price, ...], day: int) -> tuple[Band, ...]:
        """The bands of a day of UTC, counted from 1970, in order; of prices that hold at once the first counts."""
        edges = {edge for price in prices for edge in price.hours}
        bands: list[Band] = []
        for hour in range(day * DAY_S, (day + 1) * DAY_S, _HOUR_S):
            moments = self._moments(hour, edges)
            for moment in moments:
                price, until = self._price(prices, moment), moment + moments.step
                if bands and bands[-1].price is price:
                    bands[-1] = Band(price, until)
                else:
                    bands.append(Band(price, until))
        return tuple(bands)

    def _moments(self, hour: int, edges: set[int]) -> range:
        """The seconds of an hour from which a price may begin to hold: the first, or where more may, every minute."""
        first, last = self._local(hour), self._local(hour + _HOUR_S - _MINUTE_S)
        begin, end = _minute(first), _minute(last)
        is_plain = first.date() == last.date() and end - begin == (_HOUR_S - _MINUTE_S) // _MINUTE_S
        is_one = is_plain and not any(begin < edge <= end for edge in edges)
        return range(hour, hour + _HOUR_S, _HOUR_S if is_one else _MINUTE_S)

    def _price(self, prices: tuple[Price, ...], moment: int) -> Price | None:
        local = self._local(moment)
        return next((price for price in prices if self._holds(price, local.date(), _minute(local))), None)

    def _holds(self, price: Price, day: dt.date, minute: int) -> bool:
        begin, end = price.hours
        if begin < end:
            if not begin <= minute < end:
                return False
        elif minute < end:  # of the night that began the day before
            day -= dt.timedelta(days=1)
        elif minute < begin:
            return False
        if not price.first <= day <= price.last or day.weekday() not in price.days:
            return False
        return price.working is None or self._calendar.is_worked(day) == price.working

    def _local(self, moment: int) -> dt.datetime:
        return dt.datetime.fromtimestamp(moment, self._zone)


def _minute(local: dt.datetime) -> int:
    return local.hour * 60 + local.minute
