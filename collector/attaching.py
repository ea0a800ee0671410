"""Sources that are added to the configuration while the collector runs: they are read from then on, the others go on.

What else is changed in the file counts from the next start.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from dataclasses import fields, replace
from typing import TYPE_CHECKING

from collector.config import ConfigError, load

if TYPE_CHECKING:
    from collections.abc import Callable

    from collector.config import Config

_log = logging.getLogger(__name__)

LOOK_S = 2.0
_NOT_COMPARED = ("path", "sources", "warnings", "formats")


class InForce:
    """The configuration as it is in force."""

    def __init__(self, config: Config) -> None:
        self.config = config


class NewSources:
    """Looks at the configuration file again and again.

    ``take`` is given the configuration with the sources added. The file counts once it was the same twice: it is not
    being written. One with a fault is refused, and looked at again when it was changed.
    """

    def __init__(self, in_force: InForce, take: Callable[[Config], None]) -> None:
        self._in_force = in_force
        self._take = take
        self._judged = self._seen = _digest(in_force.config)

    async def run(self) -> None:
        """Look for ever."""
        while True:
            await asyncio.sleep(LOOK_S)
            await self.look()

    async def look(self) -> None:
        """Look once."""
        now = await asyncio.to_thread(_digest, self._in_force.config)
        is_settled, self._seen = now == self._seen, now
        if not now or not is_settled or now == self._judged:
            return
        self._judged = now
        try:
            read = await asyncio.to_thread(load, self._in_force.config.path, with_tables=False)
        except (ConfigError, OSError) as error:
            _log.error("The changed configuration is refused; the one before stays in force:\n%s", error)
            return
        self._judge(read)

    def _judge(self, read: Config) -> None:
        config = self._in_force.config
        known = {source.name for source in config.sources}
        added = tuple(
            source for source in read.sources if source.name not in known and source.site in (None, *config.sites)
        )
        if _differs(config, read):
            _log.warning(
                "The configuration was changed: a source that is new is read now, unless at a new branch; all else from "
                "the next start on."
            )
        if added:
            self._in_force.config = replace(config, sources=config.sources + added, formats=read.formats)
            self._take(self._in_force.config)
            _log.info("Collecting from %s, too.", ", ".join(source.name for source in added))


def _differs(config: Config, read: Config) -> bool:
    """Whether something else was changed than sources added."""
    names = (field.name for field in fields(config) if field.name not in _NOT_COMPARED)
    now = {source.name: source for source in read.sources}
    return any(getattr(config, name) != getattr(read, name) for name in names) or any(
        now.get(source.name) != source for source in config.sources
    )


def _digest(config: Config) -> str:
    """What the file has; '' while it cannot be read."""
    try:
        return hashlib.sha256(config.path.read_bytes()).hexdigest()
    except OSError:
        return ""
