"""A dead cable on Tuesday morning is noticed in minutes, a quiet Sunday is none."""

from __future__ import annotations

import datetime as dt
import random
from zoneinfo import ZoneInfo

import pytest

from collector.accounting.calendar import WorkingCalendar
from collector.alarms.silence import Habit
from collector.config import Calendar

SHANGHAI = ZoneInfo("Asia/Shanghai")
CALENDAR = WorkingCalendar.load(Calendar(holidays="none"))
MONDAY = dt.datetime(2026, 3, 2, tzinfo=SHANGHAI)


def at(day: int, hour: int, minute: int = 0) -> float:
    """Seconds of a moment in the week after the weeks learned: day 0 is its Monday."""
    return (MONDAY + dt.timedelta(days=day, hours=hour, minutes=minute)).timestamp()


def hours(weeks: int, a_day: int = 60, lost: frozenset[int] = frozenset()) -> list[tuple[int, int]]:
    """An office's calls by hour: about ``a_day`` an hour from 8 to 18 on working days, and on days ``lost`` ago none."""
    chance = random.Random(4711)
    counted = []
    for days in range(weeks * 7, 0, -1):
        day = MONDAY - dt.timedelta(days=days)
        if day.weekday() < 5 and days not in lost:
            counted += [
                (int((day + dt.timedelta(hours=hour)).timestamp()), chance.randint(a_day * 2 // 3, a_day * 4 // 3))
                for hour in range(8, 18)
            ]
    return counted


def learned(*, weeks: int = 8, a_day: int = 60, lost: frozenset[int] = frozenset()) -> Habit:
    return Habit.learn(hours(weeks, a_day, lost), MONDAY.timestamp(), SHANGHAI, CALENDAR)


def minutes_until_alarm(habit: Habit, since: float) -> float:
    minute = next(m for m in range(1, 7 * 24 * 60) if habit.silence(since, since + m * 60).is_too_long)
    return float(minute)


def test_a_dead_cable_on_tuesday_morning_is_too_long_after_minutes() -> None:
    assert 5 <= minutes_until_alarm(learned(), at(1, 9)) <= 15


def test_a_quiet_night_and_a_quiet_weekend_are_not() -> None:
    habit = learned()
    assert not habit.silence(at(1, 18), at(2, 8)).is_too_long
    assert not habit.silence(at(4, 18), at(7, 8)).is_too_long


def test_a_cable_that_died_at_night_is_noticed_in_the_morning() -> None:
    habit = learned()
    assert not habit.silence(at(0, 22), at(1, 8)).is_too_long
    assert habit.silence(at(0, 22), at(1, 8, 15)).is_too_long


def test_a_line_with_few_calls_is_given_more_time() -> None:
    assert 3 * 60 <= minutes_until_alarm(learned(a_day=3), at(1, 8)) <= 6 * 60


def test_a_day_without_a_line_among_those_learned_makes_nobody_deaf() -> None:
    assert minutes_until_alarm(learned(lost=frozenset({6})), at(1, 9)) <= 15


def test_a_holiday_is_as_quiet_as_a_sunday() -> None:
    holiday = WorkingCalendar(Calendar(holidays="none"), {(MONDAY + dt.timedelta(days=1)).date(): False})
    habit = Habit.learn(hours(8), MONDAY.timestamp(), SHANGHAI, holiday)
    assert not habit.silence(at(1, 0), at(1, 23)).is_too_long


@pytest.mark.parametrize("weeks", [0, 1, 2])
def test_before_there_is_a_habit_an_hour_of_working_time_counts(weeks: int) -> None:
    habit = learned(weeks=weeks)
    assert not habit.silence(at(0, 18), at(1, 8, 30)).is_too_long
    assert 60 <= minutes_until_alarm(habit, at(1, 9)) <= 61


def test_an_hour_that_comes_twice_and_one_that_is_skipped_are_passed() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    habit = Habit.learn([], MONDAY.timestamp(), berlin, CALENDAR)
    for day in (dt.datetime(2026, 3, 29, tzinfo=berlin), dt.datetime(2026, 10, 25, tzinfo=berlin)):
        assert habit.silence(day.timestamp(), day.timestamp() + 86_400).worked_s == 0
