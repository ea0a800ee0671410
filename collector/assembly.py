"""Putting the parts of a configuration together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.accounting.directory import Directory
from collector.accounting.plan import Plan
from collector.projection import Accounting

if TYPE_CHECKING:
    from collector.config import Config


def accounting_of(config: Config) -> Accounting:
    """The number plan and directory a configuration names."""
    site = config.site
    return Accounting(Plan.load(site.plan, site.trunk_access), Directory.load(site.directory, site.timezone))
