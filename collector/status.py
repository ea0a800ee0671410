"""What `smdr status` and the console show: every line's state and its accounting of bytes, every output's lag."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

from collector.journal import stream_ends
from collector.rendering import moment
from collector.running import is_running
from collector.segments import JournalError
from collector.store import judging
from collector.store.database import open_reader
from collector.store.events_db import line_errors, standing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from collector.config import Config, Output, Source
    from collector.inputs.uart import LineErrors


def read(config: Config) -> dict[str, Any]:
    """The state of everything, as `smdr status --json` prints it.

    The collector's counts are read before the journal's, so that bytes that arrive in between are pending. What cannot be
    read is told under ``trouble``, and counted as nothing.
    """
    zone = ZoneInfo(config.site.timezone)
    running = is_running(config.site.data)
    trouble = []
    try:
        stored = _stored(config.site.data / "calls.db", config.outputs)
    except sqlite3.DatabaseError as error:
        trouble.append(
            f"calls.db cannot be read ({error}): stop the collector, run `smdr reparse`, and start it again."
        )
        stored = _NOTHING
    try:
        ends = stream_ends(config.site.data / "journal")
    except JournalError as error:
        trouble.append(f"{error}.")
        ends = {}
    reported = line_errors(config.site.data)
    return {
        "running": running,
        "trouble": trouble,
        "sources": [
            _source(source, stored.sources.get(source.name), stored.links.get(source.name), ends, zone, running=running)
            | _reported(reported.get(source.name))
            for source in config.sources
        ],
        "alarms": [
            {"kind": kind, "subject": subject, "since": moment(raised, zone), "sentence": sentence}
            for kind, subject, raised, sentence in standing(config.site.data)
        ],
        "rules": _rules(judging.progress(config.site.data), zone),
        "outputs": [
            _output(output, stored.outputs.get(output.name), stored.lags.get(output.name, 0), running=running)
            for output in config.outputs
        ],
    }


class Stored(NamedTuple):
    """What calls.db says of sources, links and outputs by their names, and how many calls each output lacks."""

    sources: dict[str, sqlite3.Row]
    links: dict[str, sqlite3.Row]
    outputs: dict[str, sqlite3.Row]
    lags: dict[str, int]


_NOTHING = Stored({}, {}, {}, {})


def _stored(calls: Path, outputs: Sequence[Output]) -> Stored:
    """What calls.db says, in one moment; nothing where it is not made yet."""
    if not calls.exists():
        return _NOTHING
    with closing(open_reader(calls)) as db:
        db.row_factory = sqlite3.Row
        db.execute("BEGIN")
        if not db.execute("PRAGMA user_version").fetchone()[0]:
            return _NOTHING
        sources, links, known = (
            {row[0]: row for row in db.execute(f"SELECT * FROM {table}")} for table in ("sources", "links", "outputs")
        )
        return Stored(sources, links, known, {output.name: _lag(db, output) for output in outputs})


def _source(
    source: Source,
    counts: sqlite3.Row | None,
    link: sqlite3.Row | None,
    ends: dict[str, int],
    zone: ZoneInfo,
    *,
    running: bool,
) -> dict[str, Any]:
    received = ends.get(source.name, 0)
    records, rejected, noise = (
        (counts["record_bytes"], counts["rejected_bytes"], counts["noise_bytes"]) if counts else (0, 0, 0)
    )
    state = link["state"] if link else "connecting"
    return {
        "name": source.name,
        "input": source.input,
        "format": (counts["format"] if counts else None) or source.format,
        "state": state if running else "stopped",
        "detail": (link["detail"] if link else "") if running else "The collector is not running.",
        "since": moment(link["since"], zone) if link and running else None,
        "last_record": moment(counts["last_record"], zone) if counts else None,
        "bytes": {
            "received": received,
            "records": records,
            "rejected": rejected,
            "noise": noise,
            "pending": received - records - rejected - noise,
        },
        "legs": counts["legs"] if counts else 0,
        "calls": counts["calls"] if counts else 0,
        "rejected": counts["rejected"] if counts else 0,
        "noise": counts["noise"] if counts else 0,
        "drift_s": counts["drift_s"] if counts else None,
        "dates": {"order": counts["date_order"], "certainty": counts["date_certainty"]}
        if counts and counts["date_certainty"]
        else None,
    }


def _reported(errors: LineErrors | None) -> dict[str, Any]:
    """What the source's serial port reported of its line; null where it reports nothing."""
    return {"line_errors": errors and errors._asdict()}


def _rules(progress: judging.Progress | None, zone: ZoneInfo) -> dict[str, Any] | None:
    """How far calls are judged, and the violations about which nothing was done; null where they never were."""
    return progress and {**progress._asdict(), "judged": moment(progress.judged, zone)}


def _lag(db: sqlite3.Connection, output: Output) -> int:
    """Calls that the output has not confirmed; all of them where it never confirmed any."""
    confirmed = "coalesce((SELECT calls_seq FROM outputs WHERE output = ?), 0)"
    query = f"SELECT count(*) FROM stored_calls WHERE seq > {confirmed} AND NOT open"
    return int(db.execute(query, (output.name,)).fetchone()[0])


def _output(output: Output, row: sqlite3.Row | None, lag: int, *, running: bool) -> dict[str, Any]:
    return {
        "name": output.name,
        "state": (row["state"] if row else "starting") if running else "stopped",
        "lag_calls": lag,
        "last_error": row["last_error"] if row else None,
    }
