"""Questions to calls.db, against counts made from the list of calls itself."""

from __future__ import annotations

import math
import sqlite3
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from console_office import HOSTILE_EXTENSION, ZONE, Office

from collector.store import queries
from collector.store.queries import Filter, Span

if TYPE_CHECKING:
    from pathlib import Path

    from collector.calls import Call

EVERYTHING = Span(0, 2**40)


def test_a_missing_file_is_not_created(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        queries.connect(tmp_path / "calls.db")
    assert list(tmp_path.iterdir()) == []


def test_the_connection_cannot_write(db: sqlite3.Connection) -> None:
    with pytest.raises(sqlite3.OperationalError):
        db.execute("DELETE FROM calls")


@pytest.mark.parametrize("days", [1, 40, 90])
def test_hours_sum_to_the_calls_of_the_span(db: sqlite3.Connection, filled: Office, days: int) -> None:
    first = int(datetime(2026, 1, 1, tzinfo=ZONE).timestamp())
    span = Span(first, first + days * 86_400)
    counted = Counter(
        (call.start - call.start % 3600, call.direction)
        for call in filled.calls
        if span.first <= call.start < span.last
    )
    hours = queries.hours(db, span, Filter())
    assert {(row.hour, row.direction): row.sums.calls for row in hours if row.sums.calls} == counted
    assert [row.hour for row in hours] == sorted(row.hour for row in hours)


@pytest.mark.parametrize("dimension", queries.DIMENSIONS)
def test_groups_count_every_value_most_calls_first(
    db: sqlite3.Connection, filled: Office, dimension: queries.Dimension
) -> None:
    def value(call: Call) -> str:
        return getattr(call, "class_" if dimension == "class" else dimension) or ""

    others = [one for one in queries.DIMENSIONS if one != dimension]
    groups = queries.groups(db, [others[0], dimension], EVERYTHING, Filter(source="pbx1"))[dimension]
    assert {group.value: group.sums.calls for group in groups} == Counter(
        value(call) for call in filled.calls if call.source == "pbx1"
    )
    assert [group.sums.calls for group in groups] == sorted((group.sums.calls for group in groups), reverse=True)


def test_filters_narrow_and_an_empty_value_means_none(db: sqlite3.Connection, filled: Office) -> None:
    narrowed = Filter(department="", direction="outgoing")
    calls = sum(row.sums.calls for row in queries.hours(db, EVERYTHING, narrowed))
    assert calls == sum(call.department is None and call.direction == "outgoing" for call in filled.calls) > 0
    hostile = Filter(extension=HOSTILE_EXTENSION)
    assert sum(row.sums.calls for row in queries.hours(db, EVERYTHING, hostile)) == 40
    assert queries.hours(db, EVERYTHING, Filter(source="' OR 1=1 --")) == []


def test_values_are_all_that_ever_occurred(db: sqlite3.Connection, filled: Office) -> None:
    values = queries.values(db)
    assert values["extension"] == sorted({call.extension or "" for call in filled.calls})
    assert values["class"] == sorted({call.class_ for call in filled.calls})
    assert values["department"] == sorted({call.department or "" for call in filled.calls})
    assert "trunk" not in values


def test_ring_counts_fall_in_their_buckets(db: sqlite3.Connection, filled: Office) -> None:
    first = int(datetime(2026, 2, 1, tzinfo=ZONE).timestamp())
    buckets = [Span(first + day * 86_400, first + (day + 1) * 86_400) for day in range(28)]
    counted = Counter(
        ((call.start - first) // 86_400, "Sales", call.extension or "", call.outcome, call.ring_s)
        for call in filled.calls
        if call.direction == "incoming" and first <= call.start < buckets[-1].last and call.department == "Sales"
    )
    rows = queries.ring_counts(db, buckets, Filter(department="Sales"))
    assert {row[:5]: row.calls for row in rows} == counted


def test_the_newest_calls_come_in_the_order_they_were_stored(db: sqlite3.Connection, filled: Office) -> None:
    newest = queries.newest_calls(db, 50)
    assert [one.call for one in newest] == filled.calls[:-51:-1]
    assert queries.newest_calls(db, 50, after_seq=newest[0].seq) == []
    assert queries.last_seq(db) >= newest[0].seq


def test_a_call_is_found_with_its_legs(db: sqlite3.Connection, filled: Office) -> None:
    wanted = filled.calls[1234]
    assert queries.call(db, wanted.source, wanted.offset) == wanted
    (leg,) = queries.legs(db, filled.data / "journal", wanted)
    assert leg.leg.raw
    assert (leg.leg.offset, leg.leg.number, leg.received) == (wanted.offset, wanted.number, wanted.received)
    assert queries.call(db, "pbx1", -1) is None


def test_a_commit_is_noticed_and_bytes_balance(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.open()
    connection = queries.connect(office.data / "calls.db")
    assert queries.last_hour(connection) is None
    assert queries.values(connection)["source"] == []
    before = queries.version(connection)
    assert queries.version(connection) == before
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    office.add([office.made_up(moment + timedelta(hours=hour), source="pbx1") for hour in range(24)])
    assert queries.version(connection) != before
    office.reject(b"garbage\r\n", "bad-field", "column 3")

    balance = queries.balance(connection, office.data / "journal", "pbx1")
    assert balance.holds
    assert (balance.rejected, balance.noise, balance.pending) == (9, 15, 9)
    assert math.prod(queries.balance(connection, office.data / "journal", "nowhere")) == 0
    (line,) = queries.rejected_lines(connection, "pbx1", 10)
    assert (line.source, line.raw, line.hint) == ("pbx1", "garbage\r\n", "column 3")
    assert queries.rejected_line(connection, "pbx1", line.offset) == line
    assert queries.rejected_line(connection, "pbx1", line.offset + 1) is None
    assert queries.rejected_lines(connection, "pbx2", 10) == []
    office.reject(b"shorter\r\n", "too-short", "")
    assert [one.raw for one in queries.rejected_lines(connection, "pbx1", 10)] == ["shorter\r\n", "garbage\r\n"]
    assert queries.rejected_lines(connection, "pbx1", 10, reason="bad-field") == [line]
    assert queries.rejected_lines(connection, "pbx1", 10, before=line.offset) == []
    assert queries.rejected_reasons(connection, "pbx1") == {"bad-field": 1, "too-short": 1}
    assert queries.noise(connection) == [("pbx1", "heading", 2, 30)]
    office.spoil("pbx1")
    assert not queries.balance(connection, office.data / "journal", "pbx1").holds
    connection.close()
    office.close()
