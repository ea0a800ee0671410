"""How the collector itself fares, as InfluxDB points: what became of every byte, links, clocks, silence, lag, alarms.

They are what `smdr status` tells at a whole minute. Nothing is made up for later: while an output cannot be reached, it
misses the minutes.
"""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from collector import status
from collector.outputs.points import tagged
from collector.segments import JournalError
from collector.store import queries
from collector.store.database import is_made

if TYPE_CHECKING:
    from collector.config import Config
    from collector.store.queries import Balance

EVERY_S = 60
_UP = frozenset({"open", "waiting"})
_BYTES = ("received", "records", "rejected", "noise", "pending")
_REASONS = "SELECT source, reason, count(*) FROM rejected GROUP BY source, reason"


class Counted(NamedTuple):
    """What calls.db and the journal tell together: the bytes of each source, and lines by source and reason."""

    balances: dict[str, Balance]
    rejected: list[tuple[str, str, int]]


def figures(config: Config, now: float | None = None) -> list[str]:
    """The points of the minute that holds ``now``, in POSIX seconds; this one where it is not given."""
    now = time.time() if now is None else now
    at = f"{int(now) // EVERY_S * EVERY_S}000000000"
    site, state, counted = config.site.name, status.read(config), _counted(config)
    return [
        *(
            f"collector{tagged(site=config.site_of(source['name']), source=source['name'])} "
            f"{_fields(source, counted.balances.get(source['name']), now)} {at}"
            for source in state["sources"]
        ),
        *(
            f"collector_rejected{tagged(reason=reason, site=config.site_of(source), source=source)} lines={lines}i {at}"
            for source, reason, lines in counted.rejected
        ),
        *(
            f"collector_output{tagged(output=output['name'], site=site)} "
            f"lag_calls={output['lag_calls']}i,ok={output['state'] == 'ok':d}i {at}"
            for output in state["outputs"]
        ),
        f"collector_alarms{tagged(site=site)} standing={len(state['alarms'])}i {at}",
    ]


def _fields(source: dict[str, Any], balance: Balance | None, now: float) -> str:
    fields = [f"{name}={source[name]}i" for name in ("legs", "calls")]
    fields += [f"rejected_lines={source['rejected']}i", f"link={source['state'] in _UP:d}i"]
    if balance:
        fields += [f"{name}={getattr(balance, name)}i" for name in _BYTES]
        fields.append(f"unaccounted={2 * balance.received - sum(getattr(balance, name) for name in _BYTES)}i")
    if source["drift_s"] is not None:
        fields.append(f"drift_s={float(source['drift_s'])!r}")
    if source["last_record"]:
        fields.append(f"silent_s={max(0.0, now - datetime.fromisoformat(source['last_record']).timestamp()):.1f}")
    return ",".join(fields)


def _counted(config: Config) -> Counted:
    """Nothing while the databases cannot be read: an alarm tells that."""
    calls_db, journal = config.site.data / "calls.db", config.site.data / "journal"
    try:
        if not is_made(calls_db):
            return Counted({}, [])
        with closing(queries.connect(calls_db)) as db:
            db.execute("BEGIN")
            balances = {source.name: queries.balance(db, journal, source.name) for source in config.sources}
            return Counted(balances, db.execute(_REASONS).fetchall())
    except (sqlite3.DatabaseError, JournalError):
        return Counted({}, [])
