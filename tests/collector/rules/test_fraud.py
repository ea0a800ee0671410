"""What toll fraud looks like, clause by clause."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from collector.rules.sentences import sentence

if TYPE_CHECKING:
    from court import Court

LONDON, PARIS, ANYBODY = "00442055501234", "0033155501234", "5550123"


def test_many_calls_in_one_night_are_found_by_the_first(court: Court) -> None:
    before = [court.call("2026-03-02 23:50", ANYBODY), court.call("2026-03-02 23:55", ANYBODY)]
    after = [court.call("2026-03-03 05:59", ANYBODY)]
    (one,) = court.judge("fraud-night", *after, *before, fraud_night_calls=3)
    assert (one.offset, sentence(one, "en")) == (before[0].offset, "3 calls of one phone in the night")
    assert court.judge("fraud-night", *after, *before, fraud_night_calls=4) == []


@pytest.mark.parametrize("start", ["2026-03-02 21:59", "2026-03-03 06:00", "2026-03-03 22:00"])
def test_calls_of_another_time_are_not_of_the_night(court: Court, start: str) -> None:
    calls = [court.call("2026-03-02 22:00"), court.call(start)]
    assert court.judge("fraud-night", *calls, fraud_night_calls=2) == []


def test_calls_of_another_phone_or_to_nobody_are_not_counted(court: Court) -> None:
    night = "2026-03-02 23:00"
    calls = [
        court.call(night),
        court.call(night, extension="102"),
        court.call(night, "110"),
        court.call(night, outcome="busy"),
    ]
    assert court.judge("fraud-night", *calls, fraud_night_calls=2) == []


def test_a_night_may_be_one_of_hours_after_midnight(court: Court) -> None:
    calls = [court.call("2026-03-02 23:50"), court.call("2026-03-03 00:30"), court.call("2026-03-03 04:59")]
    (one,) = court.judge("fraud-night", *calls, fraud_night_calls=2, fraud_night_hours="00:00-05:00")
    assert one.offset == calls[1].offset


def test_many_short_calls_on_one_day_are_found_by_the_first(court: Court) -> None:
    calls = [court.call(f"2026-03-02 {hour:02}:00", talk_s=10) for hour in (9, 12, 23)]
    longer, unknown = court.call("2026-03-02 10:00", talk_s=11), court.call("2026-03-02 10:00", talk_s=None)
    (one,) = court.judge("fraud-short", longer, unknown, *reversed(calls), fraud_short_calls=3)
    assert (one.offset, sentence(one, "en")) == (calls[0].offset, "3 calls of one phone of at most 10 s in a day")
    assert court.judge("fraud-short", longer, unknown, *calls, fraud_short_calls=4) == []
    assert court.judge("fraud-short", *calls, fraud_short_calls=3, fraud_short_seconds=9) == []


def test_a_country_that_was_not_called_for_long_is_new(court: Court) -> None:
    calls = [
        court.call("2026-01-05 10:00", LONDON),
        court.call("2026-04-05 10:00", f"17909{LONDON}"),  # ninety days later, to the second
        court.call("2026-04-06 10:00", PARIS),
        court.call("2026-04-07 10:00", PARIS),
        court.call("2026-07-04 10:00:01", LONDON),
        court.call("2026-04-07 10:00", "02155501234"),
    ]
    found = court.judge("fraud-country", *calls)
    assert [(one.offset, sentence(one, "en")) for one in found] == [
        (calls[0].offset, "the first call to +44 (United Kingdom) in 90 days"),
        (calls[2].offset, "the first call to +33 (France) in 90 days"),
        (calls[4].offset, "the first call to +44 (United Kingdom) in 90 days"),
    ]


def test_no_country_is_new_where_calls_are_not_kept_for_so_long(court: Court) -> None:
    call = court.call("2026-03-31 10:00", LONDON)
    assert court.judge("fraud-country", call, since="2026-01-01 00:00") == []
    assert len(court.judge("fraud-country", call, since="2025-12-31 10:00")) == 1
    assert len(court.judge("fraud-country", call, since="2026-03-01 10:00", fraud_country_days=30)) == 1


def test_what_is_no_number_is_of_no_country(court: Court) -> None:
    assert court.judge("fraud-country", court.call("2026-03-31 10:00", "00")) == []
