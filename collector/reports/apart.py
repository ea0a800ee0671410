"""Making a report as a file in a process of its own: a large one takes neither time nor memory from who asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector import apart

if TYPE_CHECKING:
    from pathlib import Path

    from collector.config import Config
    from collector.reports.making import Asked
    from collector.reports.period import Unit


async def make_apart(config: Config, asked: Asked, unit: Unit | None, file: Path) -> str | None:
    """Make a report as ``file``, whose suffix tells the format; a sentence where that fails.

    ``unit`` is what its period is one of; None: days from one to another. Who is cancelled takes the process along.
    """
    arguments = (*_arguments(asked, unit), "--config", str(config.path.absolute()), "--out", str(file))
    return (await apart.run("report", *arguments)).error


def _arguments(asked: Asked, unit: Unit | None) -> list[str]:
    period = asked.period
    days = ["--from", f"{period.first}", "--until", f"{period.last}"] if unit is None else [f"--{unit}", period.name]
    arguments = [asked.kind, *days, "--language", asked.language, "--calls" if asked.calls else "--no-calls"]
    arguments += [f"--of={asked.of}"] if asked.of is not None else []
    arguments += [f"--within={asked.within}"] if asked.within is not None else []
    arguments += [f"--site={asked.site}"] if asked.site is not None else []
    return [*arguments, "--unmasked"] if asked.unmasked else arguments
