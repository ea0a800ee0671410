"""From what a PBX prints of a time to a moment: zone, missing years, impossible values, daylight saving."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple

from parsers.date_order import SURE, DateEvidence

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

DateOrder = Literal["dmy", "mdy", "ymd"]

_HALF_YEAR_S = 183 * 86_400
_CENTURY_PIVOT = 80
_LATE_S = 3600
_NEAR_S = 11 * 3600
"""A day of 23 hours puts the same time of its neighbours farther away."""
_NEAREST = "nearest"
_DAY = timedelta(days=1)
_HALF_DAY = timedelta(hours=12)
_CACHE_LIMIT = 2048
_NO_DAY = "no date was printed before: the day nearest to the receive time is taken"


class Moment(NamedTuple):
    """A resolved stamp: ``seconds`` since 1970 UTC (None when no date can be made of it) and what is doubtful in it."""

    seconds: int | None
    doubt: str | None


class Stamps:
    """Resolves printed stamps of one source.

    ``zone``: the PBX's time zone; None reads wall clocks as if they were UTC. ``order``: day, month and year of a
    printed date; a date that is impossible in that order and possible in another is read in the other, with a doubt.
    Unless it is ``settled``, an order of day and month gives way to the other one as soon as the dates are sure of that
    (`parsers.date_order`). ``printed``: whether the PBX prints the start or the end of a leg.

    Where a PBX prints dates on lines of their own, `day_is` keeps the last one and `on_that_day` reads a time by it.
    ``carried`` is what has to be remembered of it over a restart.
    """

    def __init__(
        self,
        zone: ZoneInfo | None = None,
        order: DateOrder = "dmy",
        printed: Literal["start", "end"] = "start",
        *,
        settled: bool = False,
        carried: str = "",
    ) -> None:
        self.zone = zone
        self.order = order
        self.printed = printed
        self.dates = DateEvidence()
        self._settled = settled
        self._known: dict[tuple[int, int, str] | tuple[str, str], Moment] = {}
        self._last = datetime.fromisoformat(carried) if carried else None
        self._of_last_day: dict[str, tuple[datetime, Moment]] = {}

    @property
    def carried(self) -> str:
        """The day that was printed last, with the last time of day on it (ISO 8601); empty where there is none."""
        return self._last.isoformat() if self._last else ""

    def day_is(self, first: int, second: int, year: int | None, received: float) -> None:
        """A date on a line of its own: the lines behind it print the time alone.

        One that is impossible in the source's order is read in the other one; one that is in both changes nothing.
        """
        self._heed(first, second, None if year is None else _full(year), received)
        self._of_last_day.clear()
        for month, day in (
            ((second, first), (first, second)) if self.order == "dmy" else ((first, second), (second, first))
        ):
            moment = self._midnight(year, month, day, received)
            if moment.seconds is not None:
                self._last = self._wall(moment.seconds)
                return

    def _midnight(self, year: int | None, month: int, day: int, received: float) -> Moment:
        if year is None:
            return self.month_and_day(month, day, "00:00", received)
        return self.resolve(year, month, day, "00:00", received)

    def on_that_day(self, time: str, received: float) -> Moment:
        """``HH:MM[:SS]`` on the day that was printed last; far behind the time before it, it is of the day after.

        One that comes late, right behind the date of a day that has just begun, is of the day before. Before any day was printed it is the day that puts the time nearest to the receive time, with a doubt.
        """
        if self._last is None:
            return self._nearest_day(time, received)
        known = self._of_last_day.get(time)
        if known is not None and self._last - known[0] <= _HALF_DAY:
            self._last = max(self._last, known[0])
            return known[1]
        hour, minute, _, _ = _clock(time)
        day = self._last.replace(hour=0, minute=0)
        if hour > 23:
            return self._on(day, time, received)
        wall = day + timedelta(hours=hour, minutes=minute)
        if self._last - wall > _HALF_DAY:
            wall += _DAY
            self._of_last_day.clear()
        elif self._last == day and abs((wall - _DAY - self._wall(received)).total_seconds()) < _LATE_S:
            return self._on(wall - _DAY, time, received)
        self._last = max(self._last, wall)
        moment = self._on(wall, time, received)
        if self._last > day and self._key(wall, time) in self._known and len(self._of_last_day) < _CACHE_LIMIT:
            self._of_last_day[time] = wall, moment
        return moment

    def _on(self, day: datetime, time: str, received: float) -> Moment:
        """A time on a day; remembered."""
        key = self._key(day, time)
        return self._known.get(key) or self._remember(key, self.resolve(*day.timetuple()[:3], time, received))

    @staticmethod
    def _key(day: datetime, time: str) -> tuple[int, int, str]:
        return day.year, day.month * 100 + day.day, time

    def _wall(self, moment: float) -> datetime:
        """What the clock of the PBX shows at a moment."""
        return datetime.fromtimestamp(moment, self.zone or UTC).replace(tzinfo=None)

    def _nearest_day(self, time: str, received: float) -> Moment:
        known = self._known.get((_NEAREST, time))
        if known is not None and known.seconds is not None and -_NEAR_S < known.seconds - received < _NEAR_S:
            return known
        today = datetime.fromtimestamp(received, self.zone or UTC)
        days = (today - _DAY, today, today + _DAY)
        moments = [self.resolve(day.year, day.month, day.day, time, received) for day in days]
        nearest = min(moments, key=lambda moment: abs((moment.seconds or 0) - received))
        return self._remember((_NEAREST, time), Moment(nearest.seconds, nearest.doubt or _NO_DAY))

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
        if (first, second, None) not in self.dates.seen:
            self._heed(first, second, None, received)
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
        year = _full(year)
        try:
            wall = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
        except ValueError:
            return Moment(None, f"no such date or hour: {year:04}-{month:02}-{day:02} {time.strip()}")
        if self.zone is None:
            return Moment(int(wall.timestamp()), doubt)
        return Moment(self._in_zone(wall.replace(tzinfo=None), received), doubt)

    def _heed(self, first: int, second: int, year: int | None, received: float) -> None:
        """Ask a new date which of its figures is the day, and read dates that way once they are sure of it."""
        if self.order == "ymd" or (first, second, year) in self.dates.seen:
            return
        self.dates.saw(first, second, year, received)
        told = self.dates.told
        if told and told.order != self.order and told.certainty >= SURE and not self._settled:
            self.order = told.order
            self._known.clear()

    def counted(self, since: datetime, seconds: int, received: float) -> int:
        """A wall clock told in ``seconds`` since ``since`` (of UTC); the minute is remembered, as neighbours share it."""
        minute, second = divmod(seconds, 60)
        key = (since.year, minute, "")
        known = self._known.get(key)
        if known is not None and known.seconds is not None:
            return known.seconds + second
        wall = since + timedelta(minutes=minute)
        moment = int(wall.timestamp()) if self.zone is None else self._in_zone(wall.replace(tzinfo=None), received)
        self._remember(key, Moment(moment, None))
        return moment + second

    def _ordered(self, first: int, second: int, third: int, time: str, received: float) -> Moment:
        self._heed(first, second, _full(third), received)
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


def _full(year: int) -> int:
    """A year with its century."""
    if year >= 100:
        return year
    return year + (1900 if year >= _CENTURY_PIVOT else 2000)


def _with_second(minute: Moment, time: str) -> tuple[int | None, str | None]:
    """The moment of ``HH:MM:SS``, whose minute is resolved; an impossible second counts as zero, with a doubt."""
    moment, doubt = minute
    if moment is None:
        return minute
    second = int(time[6:8])
    if second > 59:
        return moment, doubt or f"no such time: {time}"
    return moment + second, doubt


@lru_cache(_CACHE_LIMIT)
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
