"""The carrier's bill of the demonstration: that of last month, with some faults in it, compared with the calls."""

from __future__ import annotations

import csv
import datetime as dt
import tempfile
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from collector.accounting.plan import plan_of
from collector.commands import reconciling
from collector.demo_office import LOGIN
from collector.demo_words import Said
from collector.office import bills
from collector.store.database import open_reader

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from collector.config import Config
    from collector.office.bills import Line

_CALLS = """
SELECT number, carrier, start + coalesce(ring_s, 0), talk_s, cost FROM calls
WHERE start >= ? AND start < ? AND direction = 'outgoing' AND talk_s > 0 AND number IS NOT NULL
AND outcome NOT IN ('unanswered', 'busy', 'failed') ORDER BY start, source, offset
"""
_AHEAD_S = 7
"""How far the carrier's clock is ahead."""
_LEFT_OUT, _DEARER = 97, 61
"""Every so many calls."""
_HEADINGS = (
    Said("被叫号码", "Number"),
    Said("开始时间", "Began"),
    Said("时长", "Seconds"),
    Said("话费", "Charge"),
)
_REMARK = Said("# 账单各列的含义", "# Which column of the bill is what.")
_NOT_OURS = ("13800000000", "13900000000")


class Compared(NamedTuple):
    """A bill that was compared."""

    file: Path
    mapping: str
    drift_s: tuple[int, int]
    lines: list[Line]


def compared(config: Config, first: dt.date, last: dt.date) -> Compared:
    """Write the bill of some days and its mapping beside the configuration, and compare it."""
    folder, language = config.path.parent, config.site.language
    bill, mapping = folder / f"bill-{first:%Y-%m}.csv", folder / "mapping.toml"
    headings = [heading.to(language) for heading in _HEADINGS]
    columns = zip(("number", "time", "duration", "amount"), headings, strict=True)
    mapped = "\n".join([_REMARK.to(language), *(f'{column} = "{heading}"' for column, heading in columns), ""])
    with bill.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([headings, *_billed(config, first, last)])
    mapping.write_text(mapped, encoding="utf-8")
    found = reconciling.compare(config, bill, mapping, (first, last))
    drifts = list(found.drift_s.values())
    with tempfile.TemporaryDirectory() as made:
        export = Path(made) / "export.csv"
        reconciling.export(found, export, ZoneInfo(config.site.timezone))
        return Compared(bill, mapped, (min(drifts, default=0), max(drifts, default=0)), bills.lines_of(export))


def keep(db: sqlite3.Connection, bill: Compared) -> None:
    """Keep what came out, as the manager did."""
    bills.keep(db, bill.file.name, bill.mapping, bill.drift_s, bill.lines, LOGIN.manager)


def _billed(config: Config, first: dt.date, last: dt.date) -> Iterator[tuple[str, str, int, str]]:
    zone, plan = ZoneInfo(config.site.timezone), plan_of(config.site)
    begin, end = (dt.datetime.combine(day, dt.time(), zone).timestamp() for day in (first, last + dt.timedelta(days=1)))
    with closing(open_reader(config.site.data / "calls.db")) as db:
        calls = db.execute(_CALLS, (begin, end)).fetchall()
    for place, (number, carrier, start, talk_s, cost) in enumerate(calls):
        at = f"{dt.datetime.fromtimestamp(start + _AHEAD_S, zone):%Y-%m-%d %H:%M:%S}"
        if place % _LEFT_OUT != 1:
            more = Decimal("0.11") if place % _DEARER == 1 else 0
            yield plan.rest(number, carrier), at, talk_s, "" if cost is None else f"{Decimal(cost) + more:f}"
        elif place < len(_NOT_OURS) * _LEFT_OUT:
            yield _NOT_OURS[place // _LEFT_OUT], at, talk_s, "1.10"
