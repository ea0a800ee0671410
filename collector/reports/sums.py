"""What reports count: calls and what they come to, summed by any of their fields or one by one, exactly."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from collector.accounting.amounts import ZERO
from collector.accounting.departments import Reach
from collector.store.sight import within

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

    from collector.store.queries import Span

_FIGURES = """
count(*), sum(outcome = 'answered'), sum(direction = 'incoming' AND outcome = 'unanswered'), sum(coalesce(talk_s, 0)),
sum(coalesce(rated_s, 0)), sum(CAST(round(CAST(coalesce(cost, '0') AS REAL) * 1000000) AS INTEGER))
"""
"""An amount has six decimal places at most: as a whole number of them it is added without loss."""


class Figures(NamedTuple):
    """Calls, those answered, incoming ones that nobody answered; seconds talked and seconds paid for; what they cost."""

    calls: int = 0
    answered: int = 0
    missed: int = 0
    talk_s: int = 0
    rated_s: int = 0
    cost: Decimal = ZERO

    def with_(self, other: Figures) -> Figures:
        """The figures of both together."""
        return Figures(
            self.calls + other.calls,
            self.answered + other.answered,
            self.missed + other.missed,
            self.talk_s + other.talk_s,
            self.rated_s + other.rated_s,
            self.cost + other.cost,
        )


class Narrowed(NamedTuple):
    """Calls that have ``value`` in a field."""

    field: str
    value: str


def sums(
    db: sqlite3.Connection, span: Span, fields: Sequence[str], narrowed: Narrowed | Reach | None = None
) -> list[tuple[tuple[str, ...], Figures]]:
    """The figures of the calls that start within ``span``, by the values of ``fields``; ``''`` where a call has none."""
    where, values = _where(span, narrowed)
    keys = ", ".join(f"coalesce({field}, '')" for field in fields)
    places = ", ".join(str(place) for place in range(1, len(fields) + 1))
    rows = db.execute(f"SELECT {keys}, {_FIGURES} FROM calls WHERE {where} GROUP BY {places}", values)
    return [(tuple(row[: len(fields)]), _figures(row[len(fields) :])) for row in rows]


class Line(NamedTuple):
    """One call as it stands in a statement; ``start`` is UTC seconds."""

    keys: tuple[str, ...]
    start: int
    source: str
    extension: str
    direction: str
    number: str
    class_: str
    outcome: str
    talk_s: int | None
    rated_s: int | None
    cost: Decimal | None


def lines(
    db: sqlite3.Connection, span: Span, fields: Sequence[str], narrowed: Narrowed | Reach | None = None
) -> Iterator[Line]:
    """Each call that starts within ``span``, in the order of ``fields``, which are its ``keys``, then of time."""
    where, values = _where(span, narrowed)
    keys = ", ".join(f"coalesce({field}, '')" for field in fields)
    order = ", ".join(f"coalesce({field}, '') = '', {field}" for field in fields)
    rows = db.execute(
        f"SELECT start, source, coalesce(extension, ''), direction, coalesce(number, peer_extension, ''), class, outcome, talk_s,"
        f" rated_s, cost, {keys} FROM calls WHERE {where} ORDER BY {order}, start, source, offset",
        values,
    )
    for start, source, extension, direction, number, class_, outcome, talk_s, rated_s, cost, *found in rows:
        amount = None if cost is None else Decimal(cost)
        yield Line(tuple(found), start, source, extension, direction, number, class_, outcome, talk_s, rated_s, amount)


def known(db: sqlite3.Connection, field: str) -> list[str]:
    """The values that a field has had in any call; of persons some more, as looking at every call would take long."""
    query = "SELECT word FROM words" if field == "person" else f"SELECT DISTINCT {field} FROM combinations"
    return [value for (value,) in db.execute(query)]


def _where(span: Span, narrowed: Narrowed | Reach | None) -> tuple[str, dict[str, object]]:
    values: dict[str, object] = span._asdict()
    condition = "start >= :first AND start < :last"
    if isinstance(narrowed, Reach):
        return f"{condition} AND {within(narrowed, 'start')}", values
    if narrowed:
        return f"{condition} AND +{narrowed.field} = :value", {**values, "value": narrowed.value}
    return condition, values


def _figures(row: Sequence[int]) -> Figures:
    calls, answered, missed, talk_s, rated_s, micros = row
    return Figures(calls, answered, missed, talk_s, rated_s, Decimal(micros).scaleb(-6))
