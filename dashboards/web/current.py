"""The sources as they are now: some may have been added to the configuration file since the console began."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from collector.config import ConfigError, load

if TYPE_CHECKING:
    from collector.config import Config


class Current:
    """A configuration whose sources are read again when its file was changed; a faulty file changes nothing."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._seen = _mark(config)

    def config(self) -> Config:
        """The configuration of the console's start, with the sources there are now at its sites."""
        now = _mark(self._config)
        if now != self._seen:
            self._seen = now
            try:
                read = load(self._config.path, with_tables=False)
            except (ConfigError, OSError):
                return self._config
            sources = tuple(source for source in read.sources if source.site in (None, *self._config.sites))
            self._config = replace(self._config, sources=sources, formats=read.formats)
        return self._config


def _mark(config: Config) -> tuple[int, int, int]:
    """What differs once the file was changed."""
    try:
        status = config.path.stat()
    except OSError:
        return (0, 0, 0)
    return (status.st_ino, status.st_size, status.st_mtime_ns)
