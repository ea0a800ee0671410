"""The reports that were published to a folder, as they lie there."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from collector.reports.files import SUFFIXES
from collector.reports.period import named

if TYPE_CHECKING:
    from pathlib import Path

    from collector.config import PublishedReport
    from collector.reports.period import Period


class Published(NamedTuple):
    """A file in the folder of a report, and the period it is of."""

    report: PublishedReport
    period: Period
    file: Path


def file_name(report: PublishedReport, period: str) -> str:
    """What the file of a period is called."""
    suffix = next(suffix for suffix, format_ in SUFFIXES.items() if format_ == report.format)
    return f"{report.name}-{period}{suffix}"


def published(report: PublishedReport) -> list[Published]:
    """The files of a report, the last period first; none where it has no folder, or that is not there yet."""
    try:
        files = list(report.folder.iterdir()) if report.folder else []
    except OSError:
        return []
    found = (_published(report, file) for file in files)
    return sorted((one for one in found if one), key=lambda one: one.period.first, reverse=True)


def _published(report: PublishedReport, file: Path) -> Published | None:
    """A file, if it is one of the report's: of another, whose name begins alike, the period makes no sense."""
    try:
        period = named(report.period, file.stem.removeprefix(f"{report.name}-"))
    except ValueError:
        return None
    return Published(report, period, file) if file.name == file_name(report, period.name) else None
