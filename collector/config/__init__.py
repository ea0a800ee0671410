"""The configuration file: what may stand in it, and reading it with every error named and placed."""

from collector.config.link import Link
from collector.config.model import (
    Accounting,
    Alarms,
    Backups,
    Calendar,
    Config,
    Metrics,
    Office,
    Output,
    PublishedReport,
    Retention,
    Serial,
    Site,
    Source,
)
from collector.config.reading import load
from collector.problems import ConfigError, Problem

__all__ = [
    "Accounting",
    "Alarms",
    "Backups",
    "Calendar",
    "Config",
    "ConfigError",
    "Link",
    "Metrics",
    "Office",
    "Output",
    "Problem",
    "PublishedReport",
    "Retention",
    "Serial",
    "Site",
    "Source",
    "load",
]
