"""The months that the pages of long ranges keep in memory: they come to what the store holds, and are read again once it changes."""

from __future__ import annotations

import random
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

import pytest
from console_office import ZONE, Office

from collector.config import load
from collector.store import queries
from collector.store.calls_db import Batch
from collector.store.queries import NO_FILTER, Filter, Span
from dashboards.web import occupancy, periods, phones, summaries
from dashboards.web.kept import Kept
from dashboards.web.months import GROUPED_BY, SUMMED, Months
from dashboards.web.periods import Dates
from dashboards.web.summaries import Rang, Target

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from collector.config import Config

TARGET = Target(3, 5)
BRANCH = '\n[[branch]]\nname = "west"\n'
FILTERS = (NO_FILTER, Filter(source="pbx2"), Filter(department="Sales"), Filter(direction="outgoing"))


@pytest.fixture(params=["one site", "two sites"])
def config(filled: Office, tmp_path: Path, request: pytest.FixtureRequest) -> Config:
    if request.param == "one site":
        return load(filled.config)
    text = filled.config.read_text(encoding="utf-8").replace('name = "pbx2"', 'name = "pbx2"\nsite = "west"')
    (tmp_path / "smdr.toml").write_text(text + BRANCH, encoding="utf-8")
    return load(tmp_path / "smdr.toml")


@pytest.mark.parametrize("narrowed", FILTERS)
def test_months_and_what_is_beside_them_come_to_what_the_store_holds(
    db: sqlite3.Connection, config: Config, filled: Office, narrowed: Filter
) -> None:
    months = Months(filled.data / "calls.db", ZONE)
    for dates in (
        Dates(date(2026, 1, 1), date(2026, 3, 31)),
        Dates(date(2026, 1, 10), date(2026, 3, 20)),
        Dates(date(2025, 12, 5), date(2026, 2, 1)),
        Dates(date(2026, 2, 3), date(2026, 2, 9)),
    ):
        span = periods.span_of(dates, ZONE)
        shown = periods.within(periods.buckets("quarter", span, ZONE), span)

        assert months.groups(db, config, span, narrowed, None) == phones.groups(
            db, config, GROUPED_BY, span, narrowed, SUMMED
        )
        directly = queries.trunks(db, span, narrowed)
        joined = months.trunks(db, shown, narrowed, None)
        assert occupancy.occupancy(*joined, shown, 1) == occupancy.occupancy(*directly, shown, 1)
        counted = phones.ring_counts(db, config, shown, narrowed)
        assert summaries.answering(months.rang(db, config, shown, narrowed, None), TARGET) == summaries.answering(
            [[one] for one in summaries.rang_by_group(counted, len(shown))], TARGET
        )


class Place(NamedTuple):
    office: Office
    rang: Callable[[], dict[int | None, int]]
    """How often the calls of January and February rang how long, as the months tell."""
    read: list[str]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    office = Office(tmp_path)
    office.open()
    months, config = Months(office.data / "calls.db", ZONE), load(office.config)
    spans = [periods.span_of(Dates(date(2026, 1, 1), date(2026, 2, 28)), ZONE)]
    read: list[str] = []

    def rang() -> dict[int | None, int]:
        read.clear()
        with closing(queries.connect(office.data / "calls.db")) as db:
            db.set_trace_callback(lambda sql: read.append(sql) if "json_each" in sql else None)
            parts = months.rang(db, config, spans, NO_FILTER, None)[0]
        return {
            ring_s: calls for part in parts for _, _, times in part.extensions.each() for ring_s, calls in times.items()
        }

    yield Place(office, rang, read)
    office.close()


def unanswered(office: Office, day: int) -> None:
    moment = datetime(2026, 1, day, 10, tzinfo=ZONE).astimezone(UTC)
    known = {
        "direction": "incoming",
        "class": "incoming",
        "outcome": "unanswered",
        "source": "pbx1",
        "extension": "101",
        "ring_s": 7,
    }
    office.add([office.made_up(moment, **known) for _ in range(2)])


def test_a_month_is_read_again_once_a_call_of_it_changes_though_its_sums_do_not(place: Place) -> None:
    unanswered(place.office, 5)
    assert place.rang() == {7: 2}
    assert len(place.read) == 2
    assert place.rang() == {7: 2}
    assert not place.read
    call = place.office.calls[0]
    call.ring_s = 0
    batch = Batch(replaced=[(call.source, call.offset)])
    batch.put(call, ())
    assert place.office._db
    place.office._db.write(batch)
    assert place.rang() == {7: 1, 0: 1}
    assert len(place.read) == 1, "January alone"


def test_calls_that_a_retention_policy_took_away_are_counted_no_more(place: Place) -> None:
    unanswered(place.office, 5)
    unanswered(place.office, 6)
    assert place.rang() == {7: 4}
    assert place.office._db
    store = place.office._db.db
    store.execute("DELETE FROM stored_calls WHERE start < ?", (datetime(2026, 1, 6, tzinfo=ZONE).timestamp(),))
    store.execute("INSERT INTO removed VALUES ('pbx1', 2, 0, 0)")
    assert place.rang() == {7: 2}


def test_the_question_that_was_asked_the_longest_ago_is_forgotten(db: sqlite3.Connection, filled: Office) -> None:
    kept: Kept[int] = Kept(filled.data / "calls.db", lambda second: datetime.fromtimestamp(second, ZONE).date(), most=2)
    day = date(2026, 1, 1)
    read: list[str] = []

    def ask(question: str) -> None:
        def answer(missing: Sequence[date]) -> dict[date, int]:
            read.append(question)
            return dict.fromkeys(missing, 0)

        assert kept.answers(db, question, [day], answer) == {day: 0}

    for question in ("one", "two", "one", "three", "one", "two"):
        ask(question)
    assert read == ["one", "two", "three", "two"]


def test_the_times_of_a_bucket_that_comes_in_parts_are_those_of_all_its_calls() -> None:
    chance = random.Random(3)
    counts = [
        queries.RingCount(0, "Sales", extension, outcome, chance.choice([None, *range(40)]), chance.randrange(1, 9))
        for extension in ("101", "102", "")
        for outcome in ("answered", "unanswered", "busy", "unknown")
        for _ in range(30)
    ]
    chance.shuffle(counts)
    parts = [Rang.of(counts[at : at + 50]) for at in range(0, len(counts), 50)]
    assert summaries.answering([parts], TARGET) == summaries.answering([[Rang.of(counts)]], TARGET)
    late = {
        extension: sum(
            one.calls
            for one in counts
            if (one.extension, one.outcome) == (extension, "answered") and (one.ring_s or 0) > TARGET.seconds
        )
        for extension in ("101", "102", "")
    }
    assert {one.name: one.late for one in summaries.answering([parts], TARGET).extensions} == late


def test_reading_ahead_waits_for_no_store_and_then_nothing_is_read(tmp_path: Path) -> None:
    office = Office(tmp_path)
    months, config, today = Months(office.data / "calls.db", ZONE), load(office.config), date(2026, 3, 5)
    months.read_ahead(config, today)
    office.open()
    office.add([office.made_up(datetime(2026, 2, 3, 10, tzinfo=ZONE) + timedelta(days=day)) for day in range(20)])
    months.read_ahead(config, today)
    years: Span = periods.span_of(periods.usual_dates("year", today), ZONE)
    with closing(queries.connect(office.data / "calls.db")) as db:
        asked: list[str] = []
        db.set_trace_callback(asked.append)
        months.groups(db, config, years, NO_FILTER, None)
        months.trunks(db, periods.buckets("year", years, ZONE), NO_FILTER, None)
        months.rang(db, config, periods.buckets("quarter", years, ZONE), NO_FILTER, None)
    office.close()
    assert not [sql for sql in asked if "count(*)" in sql or "GROUP BY" in sql]
