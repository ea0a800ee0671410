"""`smdr numbers`: class, carrier prefix, area and operator of a number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.accounting.countries import place
from collector.accounting.plan import plan_of

if TYPE_CHECKING:
    from collector.config.model import Site
    from parsers.records import Direction

_PLACED = frozenset({"local", "mobile", "domestic", "hk-macau-taiwan", "international"})
"""Classes of numbers that are somewhere."""


def described(site: Site, number: str, direction: Direction) -> str:
    """One line about a number. Raises ConfigError with the faults of the plan."""
    plan = plan_of(site)
    class_, carrier = plan.classify(direction, number)
    parts = [class_, *([f"carrier prefix {carrier}"] if carrier else [])]
    if class_ in _PLACED:
        rest = plan.rest(number, carrier) if direction == "outgoing" else number
        whole = f"0{site.area_code}{rest}" if class_ == "local" and site.area_code else rest
        for language in ("zh", "en"):
            where = place(whole, site.country, language)
            parts += [" ".join(part for part in where if part)] if any(where) else []
    return "; ".join(parts)
