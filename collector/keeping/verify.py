"""`smdr verify`: proof that the journal is whole, that the calls are those of its bytes, and that the counts agree."""

from __future__ import annotations

import json
import sqlite3
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from collector import status
from collector.assembly import accounting_of
from collector.commands.budgets import ledger
from collector.journal import JournalReader, stream_ends
from collector.keeping.retention import stream_begins
from collector.projector import Projector
from collector.rollups import SUMS
from collector.segments import open_segment, segments
from collector.store.database import open_reader
from collector.store.events_db import removals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from collector.config import Config

_COUNTS = {
    "legs": "SELECT count(*) FROM legs WHERE source = ?",
    "calls": "SELECT count(*) FROM calls WHERE source = ?",
    "rejected": "SELECT count(*) FROM rejected WHERE source = ?",
}
_SHOWN_DIFFERENCES = 3


class Proof(NamedTuple):
    """One thing that was proved, or was not: ``fault`` says what is wrong, None that it holds."""

    what: str
    fault: str | None


def verify(
    config: Config, *, deep: bool, progress: Callable[[int, int], None] = lambda _done, _total: None
) -> Iterator[Proof]:
    """Prove one thing after the other. ``deep`` makes all calls anew, beside, and compares them one by one."""
    data = config.site.data
    for segment in segments(data / "journal"):
        yield Proof(f"{segment.name} is whole", _integrity(open_segment(segment)))
    yield from (Proof(f"the stream of {source} has no gap", fault) for source, fault in _streams(data))
    if (data / "office.db").exists():
        yield from _of_office(config)
    try:
        db = open_reader(data / "calls.db")
    except sqlite3.OperationalError as error:
        yield Proof("calls.db can be read", str(error))
        return
    try:
        db.execute("BEGIN")
        damage = _integrity(db, close=False)
        yield Proof("calls.db is whole", damage)
        if damage:  # nothing more can be told of it; it can be made anew
            return
        yield from _of_counts(config, db)
        yield _of_sums(db)
        yield _of_hours(db)
        yield from _of_places(db, stream_ends(data / "journal"))
    finally:
        db.close()
    if deep:
        yield _made_anew(config, progress)


def _integrity(db: sqlite3.Connection, *, close: bool = True) -> str | None:
    try:
        said = [row[0] for row in db.execute("PRAGMA integrity_check(3)")]
    except sqlite3.Error as error:
        return str(error)
    finally:
        if close:
            db.close()
    return None if said == ["ok"] else "; ".join(said)


def _of_office(config: Config) -> Iterator[Proof]:
    """What people noted is whole, and the ledger made of it proves."""
    damage = _integrity(open_reader(config.site.data / "office.db"))
    yield Proof("office.db is whole", damage)
    if damage is None and config.office.budgets is not None:
        yield Proof(
            "the ledger of the budgets proves", None if ledger(config).proves() else "accounts and postings differ"
        )


def _streams(data: Path) -> Iterator[tuple[str, str | None]]:
    """Each source with what is wrong in its stream: every chunk begins where the one before ended.

    It begins with byte 0, or where a retention policy has it begin.
    """
    journal = data / "journal"
    begins = {removal.source: removal.until or 0 for removal in removals(data) if removal.what == "raw"}
    reader = JournalReader(journal)
    for source, end in stream_ends(journal).items():
        at, fault = None, None
        for chunk in reader.chunks(source, 0):
            if at is None:  # not all that is noted to go may have gone yet
                at = min(begins.get(source, 0), chunk.offset)
            if chunk.offset != at:
                fault = f"byte {chunk.offset:,} follows byte {at:,}"
                break
            at += len(chunk.data)
        at = at or 0
        yield source, fault or (None if at >= end else f"it ends at byte {at:,} and not at {end:,}")
    reader.close()


def _of_counts(config: Config, db: sqlite3.Connection) -> Iterator[Proof]:
    for source in status.read(config)["sources"]:
        name, count = source["name"], source["bytes"]
        told = sum(count[kind] for kind in ("records", "rejected", "noise", "pending"))
        is_conserved = told == count["received"] and count["pending"] >= 0
        yield Proof(
            f"received = records + rejected + noise + pending for {name}",
            None if is_conserved else f"{count['received']:,} received, {told:,} accounted for",
        )
        for kind, query in _COUNTS.items():
            rows = db.execute(query, (name,)).fetchone()[0]
            counted = db.execute(f"SELECT {kind} FROM sources WHERE source = ?", (name,)).fetchone()
            right = rows == (counted[0] if counted else 0)
            yield Proof(f"{kind} of {name} are those counted", None if right else f"{rows:,}, and {counted} counted")


def _of_sums(db: sqlite3.Connection) -> Proof:
    """The hourly sums, against the calls they were made of."""
    calls, answered, talk_s = db.execute(
        "SELECT count(*), coalesce(sum(outcome = 'answered'), 0), coalesce(sum(talk_s), 0) FROM calls"
    ).fetchone()
    summed = db.execute(
        "SELECT coalesce(sum(calls), 0), coalesce(sum(answered), 0), coalesce(sum(talk_s), 0) FROM rollups"
    ).fetchone()
    removed = db.execute(
        "SELECT coalesce(sum(calls), 0), coalesce(sum(answered), 0), coalesce(sum(talk_s), 0) FROM removed"
    ).fetchone()
    counted = tuple(map(sum, zip((calls, answered, talk_s), removed, strict=True)))
    same = counted == tuple(summed)
    return Proof("hourly sums are those of the calls", None if same else f"{counted} and {summed}")


def _of_hours(db: sqlite3.Connection) -> Proof:
    """What hours come to, against the sums they are made of."""
    key, sums = "hour, source, direction, class", ", ".join(f"sum({column})" for column in SUMS)
    made = f"SELECT {key}, {sums} FROM rollups GROUP BY {key}"
    kept = f"SELECT {key}, {', '.join(SUMS)} FROM hours"
    (different,) = db.execute(
        f"WITH made ({key}, {', '.join(SUMS)}) AS ({made}), kept AS ({kept}) SELECT count(*) FROM"
        " (SELECT * FROM (SELECT * FROM made EXCEPT SELECT * FROM kept)"
        " UNION ALL SELECT * FROM (SELECT * FROM kept EXCEPT SELECT * FROM made)) WHERE calls OR held_s"
    ).fetchone()
    return Proof("hours come to their sums", f"{different:,} rows differ" if different else None)


def _of_places(db: sqlite3.Connection, ends: dict[str, int]) -> Iterator[Proof]:
    """No leg stands where the journal has no byte."""
    for source, last in db.execute("SELECT source, max(offset) FROM legs GROUP BY source").fetchall():
        inside = last < ends.get(source, 0)
        yield Proof(f"every leg of {source} is in the journal", None if inside else f"one begins at byte {last:,}")


def _made_anew(config: Config, progress: Callable[[int, int], None]) -> Proof:
    """The calls, against those made from the journal now, as far as calls.db has come."""
    what = "the calls are those made anew from the journal"
    with tempfile.TemporaryDirectory(dir=config.site.data) as beside:
        projector = Projector(config, accounting_of(config), path=Path(beside) / "calls.db")
        total = sum(stream_ends(config.site.data / "journal").values())
        try:
            while projector.project_once():
                progress(projector.projected(), total)
        finally:
            projector.close()
        begins = stream_begins(config.site.data / "journal", [source.name for source in config.sources])
        db = open_reader(config.site.data / "calls.db")
        try:
            db.execute("ATTACH ? AS anew", (f"file:{beside}/calls.db?mode=ro",))
            different = _differences(db, begins)
        finally:
            db.close()
    if not different:
        return Proof(what, None)
    places = ", ".join(f"{source} at byte {offset:,}" for source, offset in different)
    return Proof(what, f"they differ: {places}. If format, plan or directory were changed, run `smdr reparse`")


def _differences(db: sqlite3.Connection, begins: dict[str, int]) -> list[tuple[str, int]]:
    """Some identities of calls that are not alike on both sides, but for those still to come here.

    Calls in front of where the journal begins cannot be made anew.
    """
    columns = [row[1] for row in db.execute("PRAGMA main.table_info(calls)") if row[1] not in {"seq", "former", "open"}]
    listed = ", ".join(columns)
    until = (
        "offset < (SELECT coalesce(min(position), 0) FROM main.cursors WHERE cursors.source = calls.source) "
        "AND offset >= coalesce((SELECT value FROM json_each(?1) WHERE key = calls.source), 0)"
    )
    here = f"SELECT {listed} FROM main.calls AS calls WHERE {until}"
    anew = f"SELECT {listed} FROM anew.calls AS calls WHERE {until}"
    return db.execute(
        f"SELECT DISTINCT source, offset FROM (SELECT * FROM ({here} EXCEPT {anew}) UNION ALL "
        f"SELECT * FROM ({anew} EXCEPT {here})) LIMIT {_SHOWN_DIFFERENCES}",
        (json.dumps(begins),),
    ).fetchall()
