"""Who holds an extension, and what kind of number was called."""

from collector.accounting.directory import Directory
from collector.accounting.plan import Plan

__all__ = ["Directory", "Plan"]
