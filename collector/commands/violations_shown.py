"""Violations as `smdr violations` prints them: text, CSV and JSON."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any, TextIO, cast
from zoneinfo import ZoneInfo

from collector.accounting.amounts import written
from collector.rendering import moment
from collector.rules.sentences import sentence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from collector.commands.violations import Entry
    from collector.config import Config
    from collector.store.violations import Change, State

COLUMNS = (
    "rule",
    "source",
    "offset",
    "start",
    "department",
    "person",
    "extension",
    "number",
    "class",
    "cost",
    "amount",
    "currency",
    "saved",
    "state",
    "fallen",
    "by",
    "reason",
    "missed_in_month",
    "missed_in_year",
    "allowance_months",
    "what",
)
"""The columns of a CSV, and the keys of a line of JSON. ``by`` and ``reason`` are of the last thing done."""


def state_of(name: str | None) -> State | None:
    """The state that is named, if it is one: a violation that has fallen away still has the state it had."""
    return None if name in (None, "fallen") else cast("State", name)


def write(entries: Iterable[Entry], config: Config, kind: str, file: TextIO) -> None:
    """Print violations, one a line; ``kind`` is text, csv or json."""
    if kind == "text":
        file.writelines(f"{_line(entry, config)}\n" for entry in entries)
    elif kind == "json":
        file.writelines(json.dumps(row(entry, config), ensure_ascii=False) + "\n" for entry in entries)
    else:
        table = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        table.writeheader()
        table.writerows(row(entry, config) for entry in entries)


def row(entry: Entry, config: Config) -> dict[str, Any]:
    """A violation by its columns; None where there is nothing."""
    kept, count, zone = entry.kept, entry.nth, ZoneInfo(config.site.timezone)
    one, last = kept.violation, kept.last
    values = (
        one.rule,
        one.source,
        one.offset,
        moment(one.at, zone),
        one.department or None,
        one.person or None,
        one.extension or None,
        one.number or None,
        one.class_,
        one.cost or None,
        written(entry.amount),
        config.accounting.currency,
        None if one.saved is None else written(one.saved),
        kept.state,
        moment(kept.fallen, zone),
        last.by if last else None,
        last.reason if last else None,
        count.in_month if count else None,
        count.in_year if count else None,
        count.months if count else None,
        sentence(one, "en"),
    )
    return dict(zip(COLUMNS, values, strict=True))


def with_history(entry: Entry, changes: Iterable[Change], config: Config) -> dict[str, Any]:
    """A violation by its columns, and all that was done about it."""
    zone = ZoneInfo(config.site.timezone)
    done = [
        {
            "at": moment(change.at, zone),
            "by": change.by,
            "state": change.state,
            "reason": change.reason,
            "amount": None if change.amount is None else written(change.amount),
        }
        for change in changes
    ]
    return {**row(entry, config), "history": done}


def told(entry: Entry, changes: Iterable[Change], config: Config) -> Iterator[str]:
    """Lines about a violation and all that was done about it."""
    zone = ZoneInfo(config.site.timezone)
    for key, value in row(entry, config).items():
        if value is not None and key not in ("by", "reason"):
            yield f"{key:16}  {value}"
    for change in changes:
        charged = "" if change.amount is None else f" {written(change.amount)} {config.accounting.currency}"
        why = f": {change.reason}" if change.reason else ""
        yield f"{moment(int(change.at), zone)}  {change.state}{charged} by {change.by}{why}"


def _line(entry: Entry, config: Config) -> str:
    one, count = entry.kept.violation, entry.nth
    start = (moment(one.at, ZoneInfo(config.site.timezone)) or "")[:16].replace("T", " ")
    phone = one.extension and config.phone(one.source, one.extension)
    who = ", ".join(part for part in (one.department, one.person, phone) if part) or "nobody known"
    direction = "from" if one.rule == "missed" else "to"
    number = f" {direction} {one.number}" if one.number else ""
    nth = f" ({count.in_month} in the month, {count.in_year} in the year)" if count else ""
    call = f"{one.source}:{one.offset}"
    return f"{start}  {one.rule:16}  {call:12}  {entry.kept.state:9}  {written(entry.amount):>9}  {who}{number}: {sentence(one, 'en')}{nth}"
