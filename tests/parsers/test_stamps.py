"""Printed stamps: missing years, impossible values, date orders, daylight saving."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.stamps import Stamps

BERLIN = ZoneInfo("Europe/Berlin")
SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


@pytest.mark.parametrize(
    ("month", "day", "received", "year"),
    [
        (12, 31, "2025-01-01T00:20:00+08:00", 2024),
        (1, 1, "2024-12-31T23:59:00+08:00", 2025),
        (7, 10, "2024-12-31T12:00:00+08:00", 2024),
        (7, 3, "2025-01-01T12:00:00+08:00", 2024),
        (2, 29, "2025-01-01T12:00:00+08:00", 2024),
        (2, 29, "2026-03-01T12:00:00+08:00", 2024),
        (2, 29, "2026-12-01T12:00:00+08:00", 2024),
        (2, 29, "2027-03-01T12:00:00+08:00", 2028),
    ],
)
def test_the_year_that_is_not_printed_is_the_one_nearest_to_the_receive_time(
    month: int, day: int, received: str, year: int
) -> None:
    moment = Stamps(SHANGHAI).month_and_day(month, day, "10:30", at(received))
    assert moment.seconds == at(f"{year}-{month:02}-{day:02}T10:30:00+08:00")


@given(
    st.integers(at("2001-01-01T00:00:00+00:00"), at("2037-01-01T00:00:00+00:00")),
    st.integers(-180 * 86_400, 180 * 86_400),
)
def test_a_receive_time_within_half_a_year_always_finds_the_year(printed: int, drift_s: int) -> None:
    minute = datetime.fromtimestamp(printed - printed % 60, UTC)
    stamps = Stamps()
    for received in (minute.timestamp() + drift_s, minute.timestamp()):
        moment = stamps.month_and_day(minute.month, minute.day, f"{minute:%H:%M}", received)
        if (minute.month, minute.day) != (2, 29):
            assert moment.seconds == minute.timestamp()


def test_a_remembered_stamp_does_not_outlive_its_year() -> None:
    stamps = Stamps(SHANGHAI)
    years = [
        stamps.month_and_day(3, 1, "10:30", at(f"{year}-03-01T11:00:00+08:00")).seconds for year in (2024, 2025, 2026)
    ]
    assert years == [at(f"{year}-03-01T10:30:00+08:00") for year in (2024, 2025, 2026)]


@pytest.mark.parametrize(
    ("date", "time", "doubt"),
    [
        ("00/00/02", "10:30", "no such date or hour: 2002-00-00 10:30"),
        ("31/02/02", "10:30", "no such date or hour: 2002-02-31 10:30"),
        ("01/02/02", "25:30", "no such date or hour: 2002-02-01 25:30"),
    ],
)
def test_an_impossible_date_or_hour_gives_no_moment_and_a_doubt(date: str, time: str, doubt: str) -> None:
    assert Stamps().date_and_time(date, time, at("2002-03-01T00:00:00+00:00")) == (None, doubt)


def test_an_impossible_minute_or_second_counts_as_none_with_a_doubt() -> None:
    received = at("2002-02-01T12:00:00+00:00")
    assert Stamps().date_and_time("01/02/02", "10:75", received) == (
        at("2002-02-01T10:59:00+00:00"),
        "no such time: 10:75",
    )
    assert Stamps().date_and_second("01/02/02", "10:30:88", received) == (
        at("2002-02-01T10:30:00+00:00"),
        "no such time: 10:30:88",
    )


def test_a_date_impossible_in_the_source_s_order_is_read_in_another_one_that_has_passed() -> None:
    received = at("2002-12-01T12:00:00+00:00")
    assert Stamps(order="dmy", settled=True).date_and_time("11/26/02", "10:30", received) == (
        at("2002-11-26T10:30:00+00:00"),
        "the date is impossible as dmy, read as mdy",
    )
    assert Stamps(order="dmy").date_and_time("31/02/02", "10:30", received).seconds is None


@pytest.mark.parametrize(
    ("order", "date"), [("dmy", "26/11/02"), ("mdy", "11/26/02"), ("ymd", "02/11/26"), ("dmy", "26.11.02")]
)
def test_every_order_of_a_date(order: str, date: str) -> None:
    moment = Stamps(order=order).date_and_time(date, "10:30", at("2002-12-01T12:00:00+00:00"))  # type: ignore[arg-type]
    assert moment == (at("2002-11-26T10:30:00+00:00"), None)


@pytest.mark.parametrize(
    ("printed", "hour"), [("12:05AM", 0), ("01:05AM", 1), ("12:05PM", 12), ("11:05PM", 23), ("11:05  ", 11)]
)
def test_twelve_hour_clocks(printed: str, hour: int) -> None:
    moment = Stamps().date_and_time("26/11/02", printed, at("2002-12-01T12:00:00+00:00"))
    assert moment.seconds == at(f"2002-11-26T{hour:02}:05:00+00:00")


def test_the_hour_that_comes_twice_is_the_pass_nearer_to_the_receive_time() -> None:
    stamps = Stamps(BERLIN)
    first, second = at("2026-10-25T02:30:00+02:00"), at("2026-10-25T02:30:00+01:00")
    assert stamps.date_and_time("25/10/26", "02:30", first + 5).seconds == first
    assert stamps.date_and_time("25/10/26", "02:30", second + 5).seconds == second


def test_a_clock_not_set_forward_yet_is_read_with_the_offset_before_the_change() -> None:
    moment = Stamps(BERLIN).date_and_time("29/03/26", "02:30", at("2026-03-29T03:31:00+02:00"))
    assert moment.seconds == at("2026-03-29T02:30:00+01:00")


def test_a_time_alone_is_of_the_day_printed_last_and_after_midnight_of_the_next() -> None:
    stamps, received = Stamps(SHANGHAI, order="mdy"), at("2026-03-20T12:00:00+08:00")
    stamps.day_is(3, 2, None, received)
    told = [stamps.on_that_day(time, received) for time in ("09:02", "23:58", "23:57", "00:03", "09:15:07")]
    assert told == [
        (at("2026-03-02T09:02:00+08:00"), None),
        (at("2026-03-02T23:58:00+08:00"), None),
        (at("2026-03-02T23:57:00+08:00"), None),
        (at("2026-03-03T00:03:00+08:00"), None),
        (at("2026-03-03T09:15:07+08:00"), None),
    ]


def test_a_day_printed_again_at_midnight_is_not_counted_twice() -> None:
    stamps, received = Stamps(order="mdy"), at("2026-03-20T12:00:00+00:00")
    stamps.day_is(3, 2, 2026, received)
    stamps.on_that_day("23:58", received)
    stamps.on_that_day("00:01", received)
    stamps.day_is(3, 3, 2026, received)
    assert stamps.on_that_day("00:02", received).seconds == at("2026-03-03T00:02:00+00:00")


def test_what_is_carried_over_a_restart_goes_on_where_it_was() -> None:
    stamps, received = Stamps(order="mdy"), at("2026-03-20T12:00:00+00:00")
    stamps.day_is(3, 2, None, received)
    stamps.on_that_day("23:58", received)
    again = Stamps(order="mdy", carried=stamps.carried)
    assert again.on_that_day("00:01", received).seconds == at("2026-03-03T00:01:00+00:00")


@pytest.mark.parametrize(
    ("time", "received", "day"),
    [("23:58", "2026-03-03T00:01:00+00:00", 2), ("00:01", "2026-03-02T23:58:00+00:00", 3)],
)
def test_before_any_day_was_printed_it_is_the_one_nearest_to_the_receive_time_with_a_doubt(
    time: str, received: str, day: int
) -> None:
    moment = Stamps().on_that_day(time, at(received))
    assert moment.seconds == at(f"2026-03-{day:02}T{time}:00+00:00")
    assert "no date was printed" in (moment.doubt or "")


def test_a_record_printed_right_behind_the_date_of_the_next_day_is_of_the_day_before() -> None:
    stamps, midnight = Stamps(SHANGHAI, order="mdy"), at("2026-03-03T00:00:00+08:00")
    stamps.day_is(3, 3, None, midnight)
    assert stamps.on_that_day("23:59", midnight + 2).seconds == at("2026-03-02T23:59:00+08:00")
    assert stamps.on_that_day("00:02", midnight + 130).seconds == at("2026-03-03T00:02:00+08:00")
    assert stamps.on_that_day("23:59", midnight + 86_400).seconds == at("2026-03-03T23:59:00+08:00")


def test_the_first_record_of_a_quiet_day_is_of_that_day() -> None:
    stamps, evening = Stamps(SHANGHAI, order="mdy"), at("2026-03-03T23:59:30+08:00")
    stamps.day_is(3, 3, None, evening - 86_000)
    assert stamps.on_that_day("23:59", evening).seconds == at("2026-03-03T23:59:00+08:00")


def test_a_day_that_is_impossible_in_the_set_order_is_read_in_the_other_one() -> None:
    stamps, received = Stamps(order="mdy"), at("2026-03-26T12:00:00+00:00")
    stamps.day_is(26, 3, None, received)
    assert stamps.on_that_day("09:02", received) == (at("2026-03-26T09:02:00+00:00"), None)


def test_an_impossible_day_or_hour_changes_nothing_that_is_carried() -> None:
    stamps, received = Stamps(order="mdy"), at("2026-03-20T12:00:00+00:00")
    stamps.day_is(3, 2, None, received)
    carried = stamps.carried
    stamps.day_is(13, 45, None, received)
    assert stamps.on_that_day("25:10", received).seconds is None
    assert stamps.carried == carried


@pytest.mark.parametrize("zone", [None, BERLIN, SHANGHAI])
@given(seconds=st.lists(st.integers(0, 44 * 366 * 86_400), min_size=1, max_size=4))
def test_a_count_of_seconds_is_the_wall_clock_it_stands_for(zone: ZoneInfo | None, seconds: list[int]) -> None:
    stamps, since = Stamps(zone), datetime(1994, 1, 1, tzinfo=UTC)
    for count in (*seconds, *seconds):
        wall = since + timedelta(seconds=count)
        told = f"{wall:%H:%M:%S}"
        assert stamps.counted(since, count, 0.0) == stamps.resolve(wall.year, wall.month, wall.day, told, 0.0).seconds
