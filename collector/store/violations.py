"""What office.db has of violations: those that were judged, what was done about each, and calls marked as private."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec

from collector.rules.violation import Saying, Violation

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Sequence

    from collector.rules.names import RuleName
    from collector.rules.violation import Key

State = Literal["open", "explained", "waived", "charged"]

_COLUMNS = "rule, source, offset, at, department, person, extension, number, class, cost, amount, saved, said"
_KEEP = f"""
INSERT INTO violations ({_COLUMNS}, what, judged) VALUES ({", ".join("?" * 15)})
ON CONFLICT (rule, source, offset) DO UPDATE SET at = excluded.at, department = excluded.department,
person = excluded.person, extension = excluded.extension, number = excluded.number, class = excluded.class,
cost = excluded.cost, amount = excluded.amount, saved = excluded.saved, said = excluded.said, what = excluded.what,
fallen = NULL
"""
_SELECTED = f"""
SELECT {", ".join(f"violations.{column}" for column in _COLUMNS.split(", "))}, what, judged, fallen,
done.at, done.by, done.state, done.reason, done.amount
FROM violations
"""
_KEPT = f"""
{_SELECTED} LEFT JOIN violation_states AS done ON done.id = (
    SELECT max(id) FROM violation_states AS any
    WHERE (any.rule, any.source, any.offset) = (violations.rule, violations.source, violations.offset)
)
"""


_SAID = msgspec.json.Decoder(tuple[Saying, ...])


_CHARGES = f"""
{_SELECTED} JOIN violation_states AS done
ON (done.rule, done.source, done.offset) = (violations.rule, violations.source, violations.offset)
WHERE done.state IN ('charged', 'waived') ORDER BY done.id
"""


class Change(NamedTuple):
    """A step of a violation: when (POSIX seconds), by whom, to which state, why; ``amount`` is what was charged."""

    at: float
    by: str
    state: State
    reason: str
    amount: Decimal | None


class Kept(NamedTuple):
    """A violation as it is kept: first found at ``judged``, fallen away at ``fallen``; ``last`` was done about it last."""

    violation: Violation
    judged: float
    fallen: float | None
    last: Change | None

    @property
    def state(self) -> State:
        """How it stands; open where nothing was done."""
        return self.last.state if self.last else "open"


class Charged(NamedTuple):
    """A violation was charged at a moment (POSIX seconds), ``first``, and is at ``at``; a negative amount takes that back."""

    violation: Violation
    at: float
    first: float
    amount: Decimal
    by: str


class Judged(NamedTuple):
    """What judging made of a span: violations that stand, those among them that are new, those that fell away now."""

    standing: int
    new: int
    fallen: int


def keep(
    db: sqlite3.Connection, found: Iterable[Violation], rules: Sequence[RuleName], first: float, end: float
) -> Judged:
    """Keep what was found in [first, end), POSIX seconds; what ``rules`` found there before and not now has fallen away.

    What was done about a violation stays in either case.
    """
    now = time.time()
    among = f"rule IN ({', '.join('?' * len(rules))}) AND at >= ? AND at < ?"
    span = (*rules, first, end)
    known = {tuple(key) for key in db.execute("SELECT rule, source, offset FROM violations")}
    stood = f"SELECT rule, source, offset FROM violations WHERE {among} AND fallen IS NULL"
    before = {tuple(key) for key in db.execute(stood, span)}
    rows = [_row(one, now) for one in found]
    db.executemany(_KEEP, rows)
    standing = {row[:3] for row in rows}
    gone = before - standing
    db.executemany(
        "UPDATE violations SET fallen = ? WHERE rule = ? AND source = ? AND offset = ?",
        [(now, *key) for key in gone],
    )
    return Judged(len(standing), len(standing - known), len(gone))


def _row(one: Violation, now: float) -> tuple[object, ...]:
    """A violation in the order of the columns, amounts as text."""
    *columns, amount, saved, said = msgspec.structs.astuple(one)
    texts = f"{amount:f}", None if saved is None else f"{saved:f}", msgspec.json.encode(said).decode()
    return (*columns, *texts, "", now)


def kept(db: sqlite3.Connection, first: float, end: float) -> list[Kept]:
    """All violations by calls that began in [first, end), POSIX seconds, in order."""
    query = f"{_KEPT} WHERE violations.at >= ? AND violations.at < ? ORDER BY violations.at, violations.source, violations.offset, violations.rule"
    return [_kept(*row) for row in db.execute(query, (first, end))]


def counts(db: sqlite3.Connection) -> dict[tuple[str, str, State], int]:
    """How many stand, by rule, department and state; 0 where all that were found have fallen away."""
    rows = db.execute(
        "SELECT rule, department, coalesce(("
        "SELECT state FROM violation_states AS any WHERE (any.rule, any.source, any.offset) = "
        "(violations.rule, violations.source, violations.offset) ORDER BY id DESC LIMIT 1), 'open') AS state, "
        "count(*) - count(fallen) FROM violations GROUP BY 1, 2, 3"
    )
    return {(rule, department, state): count for rule, department, state, count in rows}


def history(db: sqlite3.Connection, key: Key) -> list[Change]:
    """All that was done about a violation, oldest first."""
    rows = db.execute(
        "SELECT at, by, state, reason, amount FROM violation_states WHERE (rule, source, offset) = (?, ?, ?) ORDER BY id",
        key,
    )
    return [_change(*row) for row in rows]


def note(db: sqlite3.Connection, key: Key, state: State, by: str, reason: str, amount: Decimal | None = None) -> None:
    """Keep what is done about a violation."""
    db.execute(
        "INSERT INTO violation_states (rule, source, offset, at, by, state, reason, amount) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (*key, time.time(), by, state, reason, None if amount is None else f"{amount:f}"),
    )


def charges(db: sqlite3.Connection) -> Iterator[Charged]:
    """Every charge, and every waiver of one, in the order they were made."""
    standing: dict[Key, Change] = {}
    for row in db.execute(_CHARGES):
        one, _, _, change = _kept(*row)
        if change is not None and change.amount is not None:
            standing[one.key] = change
            yield Charged(one, change.at, change.at, change.amount, change.by)
        elif change is not None and (before := standing.pop(one.key, None)) and before.amount is not None:
            yield Charged(one, change.at, before.at, -before.amount, change.by)


def mark(db: sqlite3.Connection, source: str, offset: int, by: str, *, private: bool) -> None:
    """Keep that a call is private, or is not."""
    db.execute(
        "INSERT INTO private_calls (at, by, source, offset, private) VALUES (?, ?, ?, ?, ?)",
        (time.time(), by, source, offset, private),
    )


def marked(db: sqlite3.Connection) -> frozenset[tuple[str, int]]:
    """The identities of the calls that are marked as private."""
    rows = db.execute("SELECT source, offset, private, max(id) FROM private_calls GROUP BY source, offset")
    return frozenset((source, offset) for source, offset, private, _ in rows if private)


def _kept(
    rule: RuleName,
    source: str,
    offset: int,
    at: int,
    department: str,
    person: str,
    extension: str,
    number: str,
    class_: str,
    cost: str,
    amount: str,
    saved: str | None,
    said: str | None,
    what: str,
    judged: float,
    fallen: float | None,
    done_at: float | None,
    by: str,
    state: State,
    reason: str,
    charged: str | None,
) -> Kept:
    violation = Violation(
        rule,
        source,
        offset,
        at,
        department,
        person,
        extension,
        number,
        class_,
        cost,
        Decimal(amount),
        None if saved is None else Decimal(saved),
        _SAID.decode(said) if said else (Saying("earlier", {"text": what}),),
    )
    return Kept(violation, judged, fallen, None if done_at is None else _change(done_at, by, state, reason, charged))


def _change(at: float, by: str, state: State, reason: str, amount: str | None) -> Change:
    return Change(at, by, state, reason, None if amount is None else Decimal(amount))
