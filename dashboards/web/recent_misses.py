"""The missed calls of the last days: read once for all who look, and how each stands just now."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from collector.accounting.comparing import comparable
from collector.accounting.plan import plan_of
from collector.office import misses
from collector.store import queries
from collector.store.office_db import reading

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from collector.config import Config
    from collector.office.misses import Miss, OutsideCall

DAYS = 3


def since(path: Path, now: float) -> list[OutsideCall]:
    """The calls of the last days up to ``now``, of a calls.db; none while there is none.

    Numbers are compared whole, whoever looks; what is shown of them is another matter.
    """
    try:
        with closing(queries.connect(path)) as db:
            return misses.since(db, now - DAYS * 86_400, now)
    except FileNotFoundError:
        return []


def standing(calls: Iterable[OutsideCall], config: Config, now: float) -> list[Miss]:
    """How the missed ones among ``calls`` stand."""
    sites = {name: config.at(name).site for name in config.sites}
    plans = {name: plan_of(site) for name, site in sites.items()}

    def compared(call: OutsideCall) -> str:
        site = config.site_of(call.source)
        number = call.number if call.direction == "incoming" else plans[site].rest(call.number, call.carrier)
        return f"{site} {comparable(number, sites[site].area_code)}"  # whoever is called back is so from there

    with reading(config.site.data) as db:
        handled = misses.handled(db)
    return misses.misses(calls, handled, compared, 60 * config.rules.missed_minutes, now)
