"""The reports that were published to a folder, as they lie there."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from collector.reports.files import SUFFIXES
from collector.reports.period import named

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from collector.config import PublishedReport
    from collector.reports.period import Period
    from collector.store.publications import MadeOf


class Published(NamedTuple):
    """A file in the folder of a report, the period it is of, and of what it was made; None where nobody noted that."""

    report: str
    period: Period
    file: Path
    made: MadeOf | None


def file_name(report: PublishedReport, period: str) -> str:
    """What the file of a period is called."""
    suffix = next(suffix for suffix, format_ in SUFFIXES.items() if format_ == report.format)
    return f"{report.name}-{period}{suffix}"


def published(report: PublishedReport, made: Mapping[tuple[str, str], MadeOf]) -> list[Published]:
    """The files of a report, the last period first; none where it has no folder, or that is not there yet.

    ``made`` tells of what a report was made for a period: what is in the files, whatever the report is by now.
    """
    try:
        files = list(report.folder.iterdir()) if report.folder else []
    except OSError:
        return []
    found = (_published(report, file, made) for file in files)
    return sorted((one for one in found if one), key=lambda one: one.period.first, reverse=True)


def _published(report: PublishedReport, file: Path, made: Mapping[tuple[str, str], MadeOf]) -> Published | None:
    """A file, if it is one of the report's: of another, whose name begins alike, the period makes no sense."""
    try:
        period = named(report.period, file.stem.removeprefix(f"{report.name}-"))
    except ValueError:
        return None
    if file.name != file_name(report, period.name):
        return None
    return Published(report.name, period, file, made.get((report.name, period.name)))
