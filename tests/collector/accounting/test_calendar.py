"""Working days and hours: the week, public holidays, days made up, a site's own exceptions."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from collector.accounting.calendar import WorkingCalendar, load_exceptions
from collector.config import Calendar
from collector.problems import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

CHINA = WorkingCalendar.load(Calendar())


@pytest.mark.parametrize(
    ("day", "worked", "like"),
    [
        ("2026-03-03", True, 1),  # a Tuesday
        ("2026-03-08", False, 6),  # a Sunday
        ("2026-10-01", False, 6),  # the National Day, a Thursday
        ("2026-02-14", True, 4),  # a Saturday made up for the Spring Festival
        ("2003-10-01", False, 6),  # of a year that is not announced the public holidays are known
    ],
)
def test_chinas_holidays_and_days_made_up(day: str, worked: bool, like: int) -> None:  # noqa: FBT001
    date = dt.date.fromisoformat(day)
    assert (CHINA.is_worked(date), CHINA.is_like(date)) == (worked, like)


def test_another_countrys_holidays() -> None:
    calendar = WorkingCalendar.load(Calendar(holidays="DE"))
    assert not calendar.is_worked(dt.date(2026, 5, 1))
    assert calendar.is_worked(dt.date(2026, 10, 1))


def test_hours_of_several_spans_and_up_to_midnight() -> None:
    calendar = WorkingCalendar.load(Calendar(working_hours=("08:30-12:00", "22:00-24:00"), holidays="none"))
    tuesday = dt.datetime(2026, 3, 3)  # noqa: DTZ001  (what the site's clocks show)
    moments = [tuesday.replace(hour=hour, minute=minute) for hour, minute in ((8, 29), (8, 30), (12, 0), (23, 59))]
    assert [calendar.is_working_time(moment) for moment in moments] == [False, True, False, True]


def test_a_sites_own_days_come_before_everything_else(tmp_path: Path) -> None:
    file = tmp_path / "days.csv"
    file.write_text("date,kind,name\n2026-10-01,working,stocktaking\n2026-03-03,holiday,founder's day\n")
    calendar = WorkingCalendar.load(Calendar(exceptions=file))
    assert calendar.is_worked(dt.date(2026, 10, 1))
    assert not calendar.is_worked(dt.date(2026, 3, 3))


def test_faults_of_the_file_are_told_with_their_places(tmp_path: Path) -> None:
    file = tmp_path / "days.csv"
    file.write_text("date,kind\n2026-13-01,holiday\n2026-10-01,off\n")
    with pytest.raises(ConfigError) as wrong:
        load_exceptions(file)
    assert [(problem.line, problem.column) for problem in wrong.value.errors] == [(2, 1), (3, 12)]
