"""From what a PBX prints of a time to a moment: zone, missing years, impossible values, daylight saving."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

DateOrder = Literal["dmy", "mdy", "ymd"]

_HALF_YEAR_S = 183 * 86_400
_CENTURY_PIVOT = 80
_CACHE_LIMIT = 8192


class Moment(NamedTuple):
    """A resolved stamp: ``seconds`` since 1970 UTC (None when no date can be made of it) and what is doubtful in it."""

    seconds: int | None
    doubt: str | None


class Stamps:
    """Resolves printed stamps of one source.

    ``zone``: the PBX's time zone; None reads wall clocks as if they were UTC. ``order``: day, month and year of a
    printed date; a date that is impossible in that order and possible in another is read in the other, with a doubt.
    ``printed``: whether the PBX prints the start or the end of a leg.
    """

    def __init__(
        self,
        zone: ZoneInfo | None = None,
        order: DateOrder = "dmy",
        printed: Literal["start", "end"] = "start",
    ) -> None:
        self.zone = zone
        self.order = order
        self.printed = printed
        self._known: dict[tuple[int, int, str] | tuple[str, str], Moment] = {}

    def date_and_time(self, date: str, time: str, received: float) -> Moment:
        """A ``NN?NN?NN`` date in the source's order and ``HH:MM[:SS][AM|PM]``; remembered: neighbours share minutes."""
        known = self._known.get((date, time))
        if known is not None:
            return known
        first, second, third = int(date[0:2]), int(date[3:5]), int(date[6:8])
        moment = self._ordered(first, second, third, time, received)
        return self._remember((date, time), moment)

    def date_and_second(self, date: str, time: str, received: float) -> tuple[int | None, str | None]:
        """`date_and_time` of ``HH:MM:SS[AM|PM]``: the minute is remembered, as neighbours share it, and the second added."""
        return _with_second(self.date_and_time(date, time[:5] + time[8:], received), time)

    def day_and_time(self, first: int, second: int, time: str, received: float) -> tuple[int | None, str | None]:
        """A stamp without a year whose month and day stand in the source's order; seconds and AM, PM as printed."""
        month, day = (second, first) if self.order == "dmy" else (first, second)
        if len(time) < len("HH:MM:SS"):
            return self.month_and_day(month, day, time, received)
        return _with_second(self.month_and_day(month, day, time[:5] + time[8:], received), time)

    def month_and_day(self, month: int, day: int, time: str, received: float) -> Moment:
        """A stamp without a year: the year that puts it nearest to the receive time."""
        known = self._known.get((month, day, time))
        if known is not None and known.seconds is not None and -_HALF_YEAR_S < known.seconds - received < _HALF_YEAR_S:
            return known
        year_received = datetime.fromtimestamp(received, UTC).year
        candidates = [
            self.resolve(year, month, day, time, received)
            for year in range(year_received - 4, year_received + 2)
            if abs(year - year_received) <= 1 or (month, day) == (2, 29)
        ]
        possible = [moment for moment in candidates if moment.seconds is not None]
        if not possible:
            return candidates[0]
        nearest = min(possible, key=lambda moment: abs((moment.seconds or 0) - received))
        return self._remember((month, day, time), nearest)

    def resolve(self, year: int, month: int, day: int, time: str, received: float) -> Moment:
        """A full date and ``HH:MM[:SS]`` with an optional AM/PM letter; never raises on values.

        Impossible seconds and minutes count as zero, an impossible date or hour gives no moment; both with a doubt.
        """
        hour, minute, second, doubt = _clock(time)
        if year < 100:
            year += 1900 if year >= _CENTURY_PIVOT else 2000
        try:
            wall = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
        except ValueError:
            return Moment(None, f"no such date or hour: {year:04}-{month:02}-{day:02} {time.strip()}")
        if self.zone is None:
            return Moment(int(wall.timestamp()), doubt)
        return Moment(self._in_zone(wall.replace(tzinfo=None), received), doubt)

    def _ordered(self, first: int, second: int, third: int, time: str, received: float) -> Moment:
        readings = {
            "dmy": (third, second, first),
            "mdy": (third, first, second),
            "ymd": (first, second, third),
        }
        moment = self.resolve(*readings.pop(self.order), time, received)
        if moment.seconds is not None:
            return moment
        for order, reading in readings.items():
            other = self.resolve(*reading, time, received)
            if other.seconds is not None and other.seconds <= received + _HALF_YEAR_S:
                return Moment(other.seconds, f"the date is impossible as {self.order}, read as {order}")
        return moment

    def _in_zone(self, wall: datetime, received: float) -> int:
        """UTC seconds of a wall clock: in the hour that comes twice, the pass nearer to the receive time.

        In the hour that does not exist the PBX has not set its clock yet: the offset before the change holds.
        """
        early = wall.replace(tzinfo=self.zone, fold=0).timestamp()
        late = wall.replace(tzinfo=self.zone, fold=1).timestamp()
        if late > early and abs(late - received) < abs(early - received):
            return int(late)
        return int(early)

    def _remember(self, key: tuple[int, int, str] | tuple[str, str], moment: Moment) -> Moment:
        if moment.seconds is None or (self.zone is not None and self._comes_twice(moment.seconds)):
            return moment
        if len(self._known) >= _CACHE_LIMIT:
            self._known.clear()
        self._known[key] = moment
        return moment

    def _comes_twice(self, seconds: int) -> bool:
        local = datetime.fromtimestamp(seconds, self.zone)
        return local.utcoffset() != (local + timedelta(hours=2)).utcoffset() or (
            local.utcoffset() != (local - timedelta(hours=2)).utcoffset()
        )


def _with_second(minute: Moment, time: str) -> tuple[int | None, str | None]:
    """The moment of ``HH:MM:SS``, whose minute is resolved; an impossible second counts as zero, with a doubt."""
    moment, doubt = minute
    if moment is None:
        return minute
    second = int(time[6:8])
    if second > 59:
        return moment, doubt or f"no such time: {time}"
    return moment + second, doubt


def _clock(time: str) -> tuple[int, int, int, str | None]:
    digits = time.strip().upper()
    half = digits[-2:] if digits.endswith(("AM", "PM")) else ""
    parts = [int(part) for part in digits.removesuffix(half).split(":")]
    hour, minute, second = parts[0], parts[1], parts[2] if len(parts) > 2 else 0
    if half:
        hour = hour % 12 + (12 if half == "PM" else 0)
    if minute > 59 or second > 59:
        return hour, min(minute, 59), 0, f"no such time: {time.strip()}"
    return hour, minute, second, None
