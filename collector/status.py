"""What `smdr status` and the console show: every line's state and its accounting of bytes, every output's lag."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from collector.journal import stream_ends
from collector.rendering import moment
from collector.running import is_running
from collector.store.database import open_reader
from collector.store.events_db import line_errors, standing

if TYPE_CHECKING:
    from collector.config import Config, Output, Source
    from collector.inputs.uart import LineErrors


def read(config: Config) -> dict[str, Any]:
    """The state of everything, as `smdr status --json` prints it.

    The collector's counts are read before the journal's, so that bytes that arrive in between are pending.
    """
    zone = ZoneInfo(config.site.timezone)
    running = is_running(config.site.data)
    try:
        db = open_reader(config.site.data / "calls.db")
    except sqlite3.OperationalError:
        db = sqlite3.connect(":memory:")
    try:
        db.execute("BEGIN")
        rows = _rows(db)
        lags = {output.name: _lag(db, output) for output in config.outputs}
        db.execute("COMMIT")
    finally:
        db.close()
    ends = stream_ends(config.site.data / "journal")
    reported = line_errors(config.site.data)
    return {
        "running": running,
        "sources": [
            _source(
                source, rows["sources"].get(source.name), rows["links"].get(source.name), ends, zone, running=running
            )
            | _reported(reported.get(source.name))
            for source in config.sources
        ],
        "alarms": [
            {"kind": kind, "subject": subject, "since": moment(raised, zone), "sentence": sentence}
            for kind, subject, raised, sentence in standing(config.site.data)
        ],
        "outputs": [
            _output(output, rows["outputs"].get(output.name), lags[output.name], running=running)
            for output in config.outputs
        ],
    }


def _rows(db: sqlite3.Connection) -> dict[str, dict[str, sqlite3.Row]]:
    db.row_factory = sqlite3.Row
    queries = {
        "sources": "SELECT * FROM sources",
        "links": "SELECT * FROM links",
        "outputs": "SELECT * FROM outputs",
    }
    found: dict[str, dict[str, sqlite3.Row]] = {}
    for name, query in queries.items():
        try:
            found[name] = {row[0]: row for row in db.execute(query)}
        except sqlite3.OperationalError:  # nothing was stored yet
            found[name] = {}
    return found


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


def _lag(db: sqlite3.Connection, output: Output) -> int:
    """Calls that the output has not confirmed; all of them where it never confirmed any."""
    confirmed = "coalesce((SELECT calls_seq FROM outputs WHERE output = ?), 0)"
    try:
        row = db.execute(
            f"SELECT count(*) FROM stored_calls WHERE seq > {confirmed} AND NOT open", (output.name,)
        ).fetchone()
    except sqlite3.OperationalError:  # nothing was stored yet
        return 0
    return int(row[0])


def _output(output: Output, row: sqlite3.Row | None, lag: int, *, running: bool) -> dict[str, Any]:
    return {
        "name": output.name,
        "state": (row["state"] if row else "starting") if running else "stopped",
        "lag_calls": lag,
        "last_error": row["last_error"] if row else None,
    }
