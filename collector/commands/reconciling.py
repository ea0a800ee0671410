"""`smdr bill reconcile`: a carrier's bill against calls.db."""

from __future__ import annotations

import csv
import datetime as dt
from contextlib import closing
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from collector.accounting.comparing import comparable
from collector.accounting.plan import plan_of
from collector.errors import UserError
from collector.reconciliation.bill import read_bill
from collector.reconciliation.mapping import load_mapping
from collector.reconciliation.matching import OurCall, reconcile
from collector.store.database import open_reader
from collector.store.sites import at_site

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from collector.accounting.plan import Plan
    from collector.config import Config
    from collector.reconciliation.bill import BilledCall
    from collector.reconciliation.matching import Pair, Reconciliation

_MARGIN_S = 3600
"""Calls so near to the period are looked at too: by the carrier's clock they may be within."""
_CALLS = """
SELECT source, offset, number, carrier, start + coalesce(ring_s, 0), talk_s, cost FROM calls
WHERE start >= ? AND start < ? AND direction IN ('outgoing', 'tandem') AND talk_s > 0 AND number IS NOT NULL
AND outcome NOT IN ('unanswered', 'busy', 'failed')
"""
HEADINGS = (
    "result",
    "row",
    "number",
    "billed_start",
    "billed_s",
    "amount",
    "source",
    "offset",
    "start",
    "talk_s",
    "cost",
    "difference",
)


def compare(config: Config, bill: Path, mapping_file: Path, span: tuple[dt.date, dt.date] | None) -> Reconciliation:
    """Compare a bill with the calls of ``span`` (first and last day at the site), or of the days the bill has.

    Raises ConfigError with the faults of bill and mapping, and UserError.
    """
    zone = ZoneInfo(config.site.timezone)
    mapping = load_mapping(mapping_file)
    theirs = read_bill(bill, mapping, zone)
    if not theirs:
        raise UserError(f"{bill} has no calls: check skip_rows and the headings in {mapping_file}.")
    first, last = span or (
        _day(min(call.start for call in theirs), zone),
        _day(max(call.start for call in theirs), zone),
    )
    begin = int(dt.datetime.combine(first, dt.time(), zone).timestamp())
    end = int(dt.datetime.combine(last + dt.timedelta(days=1), dt.time(), zone).timestamp())
    plan = plan_of(config.site)
    ours = list(_ours(config, plan, begin - _MARGIN_S, end + _MARGIN_S))
    billed = [line for line in theirs if begin - _MARGIN_S <= line.start < end + _MARGIN_S]
    found = reconcile(ours, billed, mapping.tolerance, lambda number: comparable(number, mapping.area_code))
    return _within(found, begin, end)


def _within(found: Reconciliation, begin: int, end: int) -> Reconciliation:
    """What began in a span by our clock."""

    def ours(pairs: list[Pair]) -> list[Pair]:
        return [pair for pair in pairs if begin <= pair.ours.start < end]

    return found._replace(
        same=ours(found.same),
        amounts_differ=ours(found.amounts_differ),
        durations_differ=ours(found.durations_differ),
        only_ours=[call for call in found.only_ours if begin <= call.start < end],
        only_theirs=[line for line in found.only_theirs if begin <= line.start - found.ahead(line.start) < end],
    )


def _day(moment: int, zone: ZoneInfo) -> dt.date:
    return dt.datetime.fromtimestamp(moment, zone).date()


def _ours(config: Config, plan: Plan, begin: int, end: int) -> Iterator[OurCall]:
    with closing(open_reader(config.site.data / "calls.db")) as db:
        calls = db.execute(_CALLS + at_site(config), (begin, end))
        for source, offset, number, carrier, start, talk_s, cost in calls:
            compared = comparable(plan.rest(number, carrier), "")
            yield OurCall(source, offset, compared, start, talk_s, Decimal(cost) if cost is not None else None)


def rows(found: Reconciliation, zone: ZoneInfo) -> Iterator[tuple[Any, ...]]:
    """The result, line by line, in the order of `HEADINGS`: what differs first."""
    for pair in found.amounts_differ:
        yield _row("amount differs", pair.ours, pair.theirs, zone, pair.difference())
    for pair in found.durations_differ:
        yield _row("duration differs", pair.ours, pair.theirs, zone, pair.difference())
    for line in found.only_theirs:
        yield _row("only on the bill", None, line, zone)
    for call in found.only_ours:
        yield _row("only ours", call, None, zone)
    for pair in found.same:
        yield _row("same", pair.ours, pair.theirs, zone, pair.difference())


def _row(
    result: str, call: OurCall | None, line: BilledCall | None, zone: ZoneInfo, difference: Decimal | None = None
) -> tuple[Any, ...]:
    number = line.number if line else call.number if call else ""
    billed = (_shown(line.start, zone), line.talk_s, line.amount) if line else (None, None, None)
    known = (call.source, call.offset, _shown(call.start, zone), call.talk_s, call.cost) if call else (None,) * 5
    return (result, line.row if line else None, number, *billed, *known, difference)


def _shown(moment: int, zone: ZoneInfo) -> str:
    return f"{dt.datetime.fromtimestamp(moment, zone):%Y-%m-%d %H:%M:%S}"


def summary(found: Reconciliation) -> dict[str, Any]:
    """Counts and sums, as ``--json`` prints them."""

    def paid(lines: list[BilledCall]) -> str:
        return str(sum((line.amount for line in lines if line.amount is not None), Decimal(0)))

    def cost(calls: list[OurCall]) -> str:
        return str(sum((call.cost for call in calls if call.cost is not None), Decimal(0)))

    def both(pairs: list[Pair]) -> dict[str, Any]:
        return {
            "calls": len(pairs),
            "billed": paid([pair.theirs for pair in pairs]),
            "cost": cost([pair.ours for pair in pairs]),
        }

    drifts = list(found.drift_s.values())
    return {
        "same": both(found.same),
        "amounts_differ": both(found.amounts_differ),
        "durations_differ": both(found.durations_differ),
        "only_theirs": {"calls": len(found.only_theirs), "billed": paid(found.only_theirs)},
        "only_ours": {"calls": len(found.only_ours), "cost": cost(found.only_ours)},
        "drift_s": {"least": min(drifts, default=0), "most": max(drifts, default=0)},
    }


def export(found: Reconciliation, path: Path, zone: ZoneInfo) -> int:
    """Write the result as CSV or XLSX, as the name says; return the lines. Raises UserError."""
    try:
        if path.suffix.lower() == ".xlsx":
            return _xlsx(found, path, zone)
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(HEADINGS)
            written = 0
            for row in rows(found, zone):
                writer.writerow(["" if cell is None else cell for cell in row])
                written += 1
            return written
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror or error}.") from None


def _xlsx(found: Reconciliation, path: Path, zone: ZoneInfo) -> int:
    import xlsxwriter  # noqa: PLC0415  (only where a workbook is wanted)

    path.open("wb").close()  # what keeps it from being written is told before the work

    book = xlsxwriter.Workbook(
        path, {"constant_memory": True, "strings_to_formulas": False, "strings_to_numbers": False}
    )
    sheet = book.add_worksheet("calls")
    sheet.freeze_panes(1, 0)
    sheet.write_row(0, 0, HEADINGS)
    written = 0
    for written, row in enumerate(rows(found, zone), 1):
        sheet.write_row(written, 0, ["" if cell is None else cell for cell in row])
    sheet.autofilter(0, 0, written, len(HEADINGS) - 1)
    book.close()
    return written
