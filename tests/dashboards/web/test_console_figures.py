"""What the console's pages are made of, without a browser."""

from __future__ import annotations

import math
import string
from collections import Counter
from datetime import date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from collector.buckets import PERIODS
from collector.store.queries import Filter, HourSums, RingCount, Span, Sums
from dashboards.web import app, choice, figures, periods, summaries
from dashboards.web.days import Day
from dashboards.web.markup import Markup, join, raw_line, table, tag
from dashboards.web.periods import Dates
from dashboards.web.summaries import Target
from dashboards.words import WORDS
from parsers.records import NOISE, REASONS

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
TARGET = Target(rings=3, ring_seconds=5)


def second(*moment: int, zone: ZoneInfo = SHANGHAI) -> int:
    return int(datetime(*moment, tzinfo=zone).timestamp())  # type: ignore[misc]


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("hour", date(2026, 2, 14), date(2026, 2, 14)),
        ("day", date(2026, 2, 1), date(2026, 2, 28)),
        ("month", date(2026, 1, 1), date(2026, 12, 31)),
        ("quarter", date(2025, 1, 1), date(2026, 12, 31)),
        ("year", date(2022, 1, 1), date(2026, 12, 31)),
    ],
)
def test_a_period_first_shows_the_calendar_range_around_today(period: periods.Period, first: date, last: date) -> None:
    assert periods.usual_dates(period, date(2026, 2, 14)) == Dates(first, last)


def test_whole_months_move_by_months_and_other_ranges_by_their_days() -> None:
    march = Dates(date(2024, 3, 1), date(2024, 3, 31))
    assert periods.shifted(march, -1) == Dates(date(2024, 2, 1), date(2024, 2, 29))
    assert periods.shifted(march, 10) == Dates(date(2025, 1, 1), date(2025, 1, 31))
    assert periods.shifted(Dates(date(2026, 3, 2), date(2026, 3, 4)), 1) == Dates(date(2026, 3, 5), date(2026, 3, 7))


def test_an_unfinished_month_is_compared_with_the_same_part_of_the_one_before() -> None:
    november = periods.usual_dates("day", date(2026, 11, 23))
    now = second(2026, 11, 23, 14, 20)
    assert periods.before(november, SHANGHAI, now) == Span(second(2026, 10, 1), second(2026, 10, 23, 14))
    assert periods.before(november, SHANGHAI, second(2027, 1, 1)) == Span(second(2026, 10, 1), second(2026, 11, 1))


def test_a_day_is_compared_with_the_same_weekday() -> None:
    monday = Dates(date(2026, 11, 23), date(2026, 11, 23))
    assert periods.before(monday, SHANGHAI, second(2027, 1, 1)).first == second(2026, 11, 16)
    assert periods.beside("hour", monday) == (Dates(date(2026, 11, 16), date(2026, 11, 16)), 1)
    november = periods.usual_dates("day", monday.first)
    assert periods.beside("day", november) == (Dates(date(2026, 10, 4), date(2026, 11, 2)), 4)
    assert periods.beside("month", november) == (Dates(date(2026, 10, 1), date(2026, 10, 31)), None)


@given(some.dates(date(1975, 1, 1), date(2090, 1, 1)), some.integers(0, 400), some.sampled_from(PERIODS))
def test_buckets_touch_and_cover_the_dates(first: date, days: int, period: periods.Period) -> None:
    dates = Dates(first, date.fromordinal(first.toordinal() + days))
    period = periods.fitting(period, dates)
    span = periods.span_of(dates, BERLIN)
    buckets = periods.buckets(period, span, BERLIN)
    assert buckets[0].first <= span.first
    assert buckets[-1].last >= span.last
    assert all(one.last == other.first for one, other in pairwise(buckets))
    assert len(buckets) <= 2300
    assert len(periods.bucket_labels(period, buckets, BERLIN)) == len(buckets)


def test_long_ranges_take_longer_periods() -> None:
    year = Dates(date(2026, 1, 1), date(2026, 12, 31))
    assert [periods.fitting(period, year) for period in PERIODS] == ["day", "day", "month", "quarter", "year"]
    assert periods.fitting("hour", Dates(date(2000, 1, 1), date(2026, 1, 1))) == "month"


def test_labels_leave_out_what_all_bars_share() -> None:
    def labels(period: periods.Period, first: date, last: date) -> list[str]:
        span = periods.span_of(Dates(first, last), SHANGHAI)
        return periods.bucket_labels(period, periods.buckets(period, span, SHANGHAI), SHANGHAI)

    assert labels("hour", date(2026, 1, 1), date(2026, 1, 1))[:2] == ["00:00", "01:00"]
    assert labels("hour", date(2026, 1, 1), date(2026, 1, 2))[:2] == ["01-01 00:00", "01-01 01:00"]
    assert labels("day", date(2026, 1, 31), date(2026, 2, 1)) == ["01-31", "02-01"]
    assert labels("quarter", date(2026, 1, 1), date(2026, 12, 31)) == ["2026 Q1", "2026 Q2", "2026 Q3", "2026 Q4"]


@given(some.dictionaries(some.sampled_from(["period", "from", "to", "department", "x"]), some.text(max_size=12)))
def test_any_address_is_a_choice_and_is_written_back_the_same(parameters: dict[str, str]) -> None:
    from urllib.parse import parse_qsl  # noqa: PLC0415

    today = date(2026, 11, 23)
    chosen = choice.read(parameters, today)
    written = dict(parse_qsl(choice.written(chosen, today), keep_blank_values=True))
    assert choice.read(written, today) == chosen


def test_a_choice_reads_its_address() -> None:
    chosen = choice.read({"period": "hour", "from": "2026-02-01", "to": "2026-02-03", "class": ""}, date(2026, 11, 23))
    assert chosen == ("hour", Dates(date(2026, 2, 1), date(2026, 2, 3)), Filter(class_=""))
    backwards = choice.read({"from": "2026-02-03", "to": "2026-02-01"}, date(2026, 11, 23))
    assert backwards.dates == Dates(date(2026, 11, 1), date(2026, 11, 30))


@given(some.lists(some.integers(0, 120), min_size=1), some.sampled_from([0.5, 0.9, 0.95]))
def test_percentiles_are_nearest_rank(rang: list[int], part: float) -> None:
    pairs = sorted(Counter(rang).items())
    assert summaries.percentile(pairs, part) == sorted(rang)[math.ceil(part * len(rang)) - 1]


def test_no_ring_time_is_no_percentile_and_not_zero() -> None:
    times = summaries.ring_times(Counter({None: 5}), TARGET)
    assert times == (0, 0, None, None, None)


def test_rings_are_counted_as_begun_and_the_target_is_met_on_its_last_second() -> None:
    counts = [RingCount(0, "Sales", "101", "answered", ring_s, 1) for ring_s in (0, 1, 5, 6, 15, 16, 500)]
    counts += [
        RingCount(0, "Sales", "101", "unanswered", None, 2),
        RingCount(0, "Sales", "101", "busy", None, 1),
        RingCount(0, "Sales", "101", "unknown", 3, 1),
    ]
    summary = summaries.answering([[summaries.Rang.of(counts)]], TARGET)
    assert summary.answered_after.rings == [1, 2, 1, 1, 1, 0, 0, 0, 0, 0, 0, 1]
    assert (summary.times.known, summary.times.within) == (7, 5)
    assert summary.unanswered_after.not_reported == 2
    assert (summary.calls, summary.answered, summary.unanswered, summary.unknown) == (11, 7, 2, 1)


def test_traffic_of_a_day_with_25_hours_and_what_is_to_come() -> None:
    dates = Dates(date(2026, 10, 25), date(2026, 10, 25))
    span = periods.span_of(dates, BERLIN)
    buckets = periods.buckets("hour", span, BERLIN)
    assert len(buckets) == 25
    rows = [HourSums(bucket.first, "incoming", Sums(calls=2, held_s=1800)) for bucket in buckets[:5]]
    now = buckets[5].first
    by_hour = (2, 2, 4, 2, *[0] * 20), (1800, 1800, 3600, 1800, *[0] * 20)
    days = {dates.first: Day({"incoming": Sums(calls=10)}, {}, *by_hour, (buckets[0].first, 1800))}
    summary = summaries.traffic(rows, days, buckets, buckets, (Span(0, 0), Sums()), now, BERLIN)
    assert summary.calls == {"incoming": [2] * 5 + [0] * 20}
    assert summary.erlangs == [0.5] * 5 + [0.0] + [None] * 19
    assert summary.mean_erlangs == 0.5
    assert summary.profile.calls[6][2] == 4.0, "two o'clock came twice on this Sunday"


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0:00"), (59.6, "1:00"), (3599, "59:59"), (3600, "1:00:00"), (4e6, "1,111:06:40")]
)
def test_durations(seconds: float, text: str) -> None:
    assert figures.duration(seconds) == text


def test_numbers_keep_their_meaning() -> None:
    assert [figures.decimal(number) for number in (0, 0.0421, 3.14159, 31.4159, 31415.9)] == [
        "0.00",
        "0.042",
        "3.14",
        "31.4",
        "31,416",
    ]
    assert figures.percent(figures.share(1, 0)) == figures.NONE
    assert figures.percent(1 / 3) == "33.3 %"


@given(some.text(), some.text())
def test_text_never_becomes_markup(text: str, value: str) -> None:
    shown = tag("td", text, title=value)
    inside = shown.removeprefix("<td").removesuffix("</td>")
    assert inside.count("<") == 0
    assert inside.count('"') == 2
    assert table([text], [[shown]], "x").count("<td") == 1


def test_markup_is_not_escaped_twice_and_control_characters_are_seen() -> None:
    assert join(("<", Markup("<b></b>"))) == "&lt;<b></b>"
    assert raw_line("a<b\x00\x1b\r\n") == '<pre tabindex="0">a&lt;b<i class="control">\\x00\\x1b\\r\\n</i></pre>'
    assert raw_line("\x01<\xff", binary=True) == '<pre tabindex="0">01 3c ff</pre>'


def test_every_word_of_the_console_is_there_in_both_languages_with_the_same_places() -> None:
    for key, texts in WORDS.items():
        places = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in texts.values()]
        assert places[0] == places[1], key
        assert all(texts.values()), key


def test_reasons_and_noise_say_the_same_as_the_parsers() -> None:
    assert {key: WORDS[f"reason.{key}"]["en"] for key in REASONS} == REASONS
    assert all(WORDS[f"noise.{key}"] for key in NOISE)


def test_the_announcement_says_who_can_reach_the_console() -> None:
    assert "Only this computer" in app.announcement("127.0.0.1", 8080)
    assert "Only this computer" in app.announcement("::1", 8080)
    assert "passwords pass the network readable" in app.announcement("0.0.0.0", 8080)  # noqa: S104
    assert "over HTTPS" in app.announcement("0.0.0.0", 8080, "https")  # noqa: S104
    assert "the code AAAA-BBBB-CCCC to" in app.announcement("::1", 8080, code="AAAA-BBBB-CCCC")
