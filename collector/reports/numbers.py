"""What calls come to by the range and the carrier prefix of the number outside."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from collector.accounting.plan import plan_of
from collector.reports import sums
from collector.reports.ranges import Ranges
from collector.reports.sums import Figures

if TYPE_CHECKING:
    import sqlite3

    from collector.config import Config
    from collector.store.queries import Span
    from dashboards.words import Language


class NumberSums(NamedTuple):
    """Figures by class and range ('': of none), by carrier prefix and class, and the names of the ranges."""

    by_range: dict[tuple[str, str], Figures]
    by_carrier: dict[tuple[str, str], Figures]
    places: dict[str, str]


def number_sums(config: Config, language: Language, db: sqlite3.Connection, span: Span) -> NumberSums:
    """The figures of the calls that start within ``span``; where there are several sites, each call has its ``site``."""
    sites = [config.at(name).site for name in config.sites]
    made = {site.name: (plan_of(site), Ranges(site.country, language)) for site in sites}
    found = NumberSums({}, {}, {})
    by_range, by_carrier, places = found
    nothing = Figures()
    where = ("site",) if config.branches else ()
    for (direction, class_, carrier, number, *at), figures in sums.sums(
        db, span, ("direction", "class", "carrier", "number", *where)
    ):
        plan, ranges = made[at[0] if at else config.site.name]
        rest = number if direction == "incoming" else plan.rest(number, carrier)
        prefix, place = ranges.of(class_, rest)
        by_range[class_, prefix] = by_range.get((class_, prefix), nothing).with_(figures)
        places[prefix] = min(filter(None, (place, places.get(prefix))), key=lambda name: (len(name), name), default="")
        if carrier:
            by_carrier[carrier, class_] = by_carrier.get((carrier, class_), nothing).with_(figures)
    return found
