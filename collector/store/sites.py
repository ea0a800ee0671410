"""Calls by the site they are of: that of their source. One of a source that is not configured any more is of the first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.store.sight import Sight, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from collector.config import Config


def at_site(config: Config) -> str:
    """The condition in SQL, behind others, that a call is of the site whose configuration it is; '' for the only site."""
    whole = config.whole
    if whole is None:
        return ""
    if config.site.name == whole.site.name:
        ours = {source.name for source in config.sources}
        return f" AND +source NOT IN ({_listed(one.name for one in whole.sources if one.name not in ours)})"
    return f" AND +source IN ({_listed(source.name for source in config.sources)})"


def by_site(config: Config, sight: Sight) -> Sight:
    """A sight in which calls have a column ``site`` and are those of the configuration's site, where there are several."""
    whole = config.whole or config
    if not whole.branches:
        return sight
    cases = "".join(
        f" WHEN {quoted(source.name)} THEN {quoted(source.site)}" for source in whole.sources if source.site is not None
    )
    first = quoted(whole.site.name)
    return sight._replace(site=f"CASE source{cases} ELSE {first} END" if cases else first, of_site=at_site(config))


def _listed(names: Iterable[str]) -> str:
    return ", ".join(map(quoted, names))
