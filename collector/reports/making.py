"""Making a report: what is asked of calls.db, or of what the office keeps, and how it is laid out."""

from __future__ import annotations

import datetime as dt
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Literal, NamedTuple
from zoneinfo import ZoneInfo

from collector.accounting.budgets.statements import statements
from collector.accounting.departments import Departments, reach_of
from collector.commands import budgets, desk, violations
from collector.errors import UserError
from collector.problems import nearest
from collector.reports import sums
from collector.reports.layout import Layout
from collector.reports.period import Period
from collector.reports.table import Report
from collector.reports.wording import Wording
from collector.store.database import open_reader
from collector.store.sight import Sight, narrow
from collector.store.sites import by_site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.accounting.departments import Reach
    from collector.config import Config
    from collector.reports.sums import Figures, Narrowed
    from collector.reports.table import Section
    from collector.store.queries import Span
    from dashboards.words import Language

ReportKind = Literal["department", "person", "trunk", "number", "operators", "budgets", "violations"]
OFFICE: frozenset[ReportKind] = frozenset({"operators", "budgets", "violations"})
"""What is not sums of calls, but of what the office keeps; none has a list of calls."""

FIELDS: dict[ReportKind, tuple[str, str]] = {
    "department": ("department", "class"),
    "person": ("department", "person"),
    "trunk": ("trunk", "direction"),
}
"""The fields whose values are the lines of a report; the first is what subtotals are of."""


class Asked(NamedTuple):
    """A report that is asked for: ``of`` narrows it to one department (with those below it), person or trunk.

    ``site`` narrows it to the calls of one site. With ``calls`` each call stands in it; with ``unmasked`` with all its
    digits. With ``within`` it is what one department may see: calls, budgets and violations of it and those below.
    """

    kind: ReportKind
    period: Period
    language: Language
    of: str | None = None
    calls: bool = False
    unmasked: bool = False
    within: str | None = None
    site: str | None = None


def make(config: Config, asked: Asked) -> Report:
    """Make a report. Raises `UserError` where there is nothing to make it of."""
    zone = ZoneInfo(config.site.timezone)
    made = dt.datetime.now(zone).replace(microsecond=0)
    words = Wording(asked.language, zone, masked=not asked.unmasked)
    site = config.at(asked.site) if asked.site else config
    layout = Layout(words, config.phone)
    if asked.kind in OFFICE:
        if asked.of or asked.calls:
            raise UserError(f"A report of {asked.kind} has no list of calls, and is of all of them.")
        sections = [_of_the_office(config, asked, layout)]
    else:
        sections = list(_sections(config, asked, layout, asked.period.seconds(zone)))
    # each budget has its own currency, and operators have none
    currency = None if asked.kind in ("budgets", "operators") else config.accounting.currency
    has_numbers = asked.calls or asked.kind == "violations"
    about = words.about(site.site.name, asked.period, currency, asked.of or asked.within, made, numbers=has_numbers)
    return Report(words.say(f"report.{asked.kind}"), about, sections, asked.language, made)


def _sections(config: Config, asked: Asked, layout: Layout, span: Span) -> Iterator[Section]:
    try:
        db = open_reader(config.site.data / "calls.db")
    except sqlite3.OperationalError:
        raise UserError(f"Nothing is stored in {config.site.data} yet; start the collector with `smdr run`.") from None
    with closing(db):
        narrow(db, by_site(config.at(asked.site) if asked.site else config, Sight(_reach(config, asked))))
        db.execute("BEGIN")  # sums and calls are of one moment
        if asked.kind == "number":
            yield from _numbers(config, asked, layout, span, db)
            return
        fields: tuple[str, ...] = FIELDS[asked.kind]
        if config.branches and asked.kind == "trunk":
            fields = ("site", *fields)
        tree = Departments.load(config.site.departments)
        narrowed = _narrowed(config, asked, db, tree)
        yield layout.sums(fields, sums.sums(db, span, fields, narrowed))
        if asked.kind == "department" and config.site.departments:
            yield layout.tree(_with_below(config, asked, db, tree, narrowed))
        if asked.calls:
            keys = fields if asked.kind == "person" else fields[:1]
            yield layout.calls(keys, sums.lines(db, span, keys, narrowed))


def _narrowed(config: Config, asked: Asked, db: sqlite3.Connection, tree: Departments) -> Narrowed | Reach | None:
    if asked.of is None:
        return None
    known = {*sums.known(db, asked.kind), *(tree.names() if asked.kind == "department" else ())}
    if asked.of not in known and not asked.within:  # to say which names there are is not for a department
        near = nearest(asked.of, known)
        meant = f' Did you mean "{near}"?' if near else ""
        raise UserError(f'No call is of {asked.kind} "{asked.of}".{meant}')
    if asked.kind == "department":
        return tree.reach(asked.of, config.site.timezone)
    return sums.Narrowed(asked.kind, asked.of)


def _with_below(
    config: Config, asked: Asked, db: sqlite3.Connection, tree: Departments, narrowed: Narrowed | Reach | None
) -> dict[str, Figures]:
    """The figures of each department with those below it, by the tree of the day of each call."""
    found: dict[str, Figures] = {}
    for first, last in tree.spells(asked.period.first, asked.period.last):
        span = Period(first, last, "").seconds(ZoneInfo(config.site.timezone))
        for (department,), figures in sums.sums(db, span, ("department",), narrowed):
            chain = (department, *tree.above(department, first)) if department else ()
            for top in (asked.within, asked.of):  # of one department: as far up as to it, and not to those above it
                chain = chain[: chain.index(top) + 1] if top in chain else chain
            for name in chain:
                found[name] = found.get(name, sums.Figures()).with_(figures)
    return found


def _numbers(config: Config, asked: Asked, layout: Layout, span: Span, db: sqlite3.Connection) -> Iterator[Section]:
    from collector.reports.numbers import number_sums  # noqa: PLC0415  (large tables: only where asked for)

    if asked.of:
        raise UserError("A report of numbers is of all of them.")
    by_range, by_carrier, places = number_sums(config, asked.language, db, span)
    placed = [((class_, prefix, places[prefix]), figures) for (class_, prefix), figures in by_range.items()]
    yield layout.sums(("class", "range", "place"), placed)
    if by_carrier:
        yield layout.sums(("carrier", "class"), list(by_carrier.items()))
    if asked.calls:
        yield layout.calls(("class",), sums.lines(db, span, ("class",)))


def _of_the_office(config: Config, asked: Asked, layout: Layout) -> Section:
    if asked.kind == "violations":
        return _violations(config, asked, layout)
    if asked.site:
        raise UserError(f"A report of {asked.kind} is of all sites.")
    if asked.kind == "budgets":
        return _budgets(config, asked, layout)
    if asked.within:
        raise UserError("The switchboard is of no department.")
    return layout.operators(desk.performance(config, asked.period.first, asked.period.last))


def _budgets(config: Config, asked: Asked, layout: Layout) -> Section:
    period = asked.period
    ledger = budgets.ledger(config, period.last)
    if not ledger.proves():
        raise UserError("The ledger does not prove: its accounts are not what its postings make of them.")
    found = statements(ledger, period.first, period.last)
    return layout.budgets(budgets.seen_by(_reach(config, asked), found, period.last, config), budgets.FIGURES)


def _violations(config: Config, asked: Asked, layout: Layout) -> Section:
    period = asked.period
    found = violations.listed(config, period.first, period.last, reach=_reach(config, asked))
    return layout.violations(one for one in found if asked.site in (None, config.site_of(one.kept.violation.source)))


def _reach(config: Config, asked: Asked) -> Reach | None:
    return reach_of(config.site, asked.within) if asked.within else None
