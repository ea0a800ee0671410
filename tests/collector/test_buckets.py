from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.buckets import PERIODS, bucket_of

if TYPE_CHECKING:
    from collector.buckets import Period

SHANGHAI = ZoneInfo("Asia/Shanghai")
ZONES = [
    "Asia/Shanghai",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",  # +5:30
    "Asia/Kathmandu",  # +5:45
    "Australia/Lord_Howe",  # the clock is changed by half an hour
    "America/St_Johns",  # was changed at 00:01, back over midnight
    "Africa/Cairo",  # midnight is skipped
    "America/Havana",  # one o'clock becomes midnight: midnight comes twice
    "Pacific/Apia",  # 30 December 2011 was skipped
    "America/Scoresbysund",
    "Pacific/Chatham",
    "Africa/Casablanca",
    "UTC",
]


def at(text: str, zone: str = "UTC", fold: int = 0) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).timestamp())


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("hour", "2026-11-23T14:00", "2026-11-23T15:00"),
        ("day", "2026-11-23", "2026-11-24"),
        ("month", "2026-11-01", "2026-12-01"),
        ("quarter", "2026-10-01", "2027-01-01"),
        ("year", "2026-01-01", "2027-01-01"),
    ],
)
def test_each_period_in_a_zone_without_clock_changes(period: Period, first: str, last: str) -> None:
    expected = (at(first, "Asia/Shanghai"), at(last, "Asia/Shanghai"))
    for moment in ("2026-11-23T14:00:00", "2026-11-23T14:59:59"):
        assert bucket_of(period, at(moment, "Asia/Shanghai"), SHANGHAI) == expected


def test_the_long_day_has_25_hours_and_the_short_one_23() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    for day, hours in (("2026-10-25", 25), ("2026-03-29", 23), ("2026-03-30", 24)):
        start, end = bucket_of("day", at(f"{day}T12:00", "Europe/Berlin"), berlin)
        assert end - start == hours * 3600
        assert len({bucket_of("hour", t, berlin) for t in range(start, end, 600)}) == hours


def test_the_repeated_hour_is_two_buckets() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    first, second = (bucket_of("hour", at("2026-10-25T02:30", "Europe/Berlin", f), berlin) for f in (0, 1))
    assert first[1] == second[0]


def test_hours_begin_at_the_local_hour_in_zones_off_by_parts_of_an_hour() -> None:
    start, end = bucket_of("hour", at("2026-05-05T10:20", "Asia/Kathmandu"), ZoneInfo("Asia/Kathmandu"))
    assert start == at("2026-05-05T10:00", "Asia/Kathmandu") == at("2026-05-05T04:15")
    assert end - start == 3600


def test_a_change_of_half_an_hour_cuts_the_hour() -> None:
    island = ZoneInfo("Australia/Lord_Howe")
    change = at("2026-04-04T15:00")  # 02:00 becomes 01:30
    assert bucket_of("hour", change - 1, island) == (change - 3600, change)
    assert bucket_of("hour", change, island) == (change, change + 1800)


def test_a_day_whose_midnight_is_skipped_begins_when_the_clock_is_put_forward() -> None:
    cairo = ZoneInfo("Africa/Cairo")
    change = at("2026-04-23T22:00")  # 00:00 becomes 01:00 on the 24th
    assert bucket_of("day", change, cairo)[0] == change == bucket_of("day", change - 1, cairo)[1]


moments = st.integers(at("1980-01-01"), at("2037-01-01"))


@given(second=moments, zone=st.sampled_from(ZONES), period=st.sampled_from(PERIODS))
def test_buckets_hold_their_moment_and_touch(second: int, zone: str, period: Period) -> None:
    info = ZoneInfo(zone)
    start, end = bucket_of(period, second, info)
    assert start <= second < end
    assert bucket_of(period, start, info) == (start, end) == bucket_of(period, end - 1, info)
    assert bucket_of(period, end, info)[0] == end
    assert bucket_of(period, start - 1, info)[1] == start


@given(second=moments, zone=st.sampled_from(ZONES))
def test_longer_buckets_are_made_of_whole_shorter_ones(second: int, zone: str) -> None:
    info = ZoneInfo(zone)
    buckets = [bucket_of(period, second, info) for period in PERIODS]
    for (start, end), (longer_start, longer_end) in pairwise(buckets):
        assert longer_start <= start < end <= longer_end


@pytest.mark.parametrize("zone", ZONES)
def test_every_clock_change_of_half_a_century(zone: str) -> None:
    info = ZoneInfo(zone)
    before = None
    for second in range(at("1985-01-01"), at("2030-01-01"), 7200):
        offset = datetime.fromtimestamp(second, UTC).astimezone(info).utcoffset()
        if offset != before:
            for moment in range(second - 9000, second + 9000, 450):
                hour, day = bucket_of("hour", moment, info), bucket_of("day", moment, info)
                assert hour[0] <= moment < hour[1]
                assert day[0] <= hour[0] < hour[1] <= day[1]
                assert bucket_of("hour", hour[1], info)[0] == hour[1]
        before = offset
