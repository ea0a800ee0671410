"""``smdr repair``: what damage has left, made to serve again."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from collector.cli.options import config_option, progress
from collector.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from collector.commands.repairing import Repair


@click.command()
@config_option
def repair(config_path: Path) -> None:
    """Recover what can be read of damaged files.

    Looks at every file of the journal. One that is damaged is made anew from what can still be read of it; what cannot
    is told, and counted as lost from then on. Then, and when calls.db is damaged, all calls are made anew. Damaged
    files are kept under other names. The collector must not be running.
    """
    from collector.commands import rebuilding, repairing
    from collector.config import load

    config = load(config_path)
    with progress("Looking at the journal") as draw:
        done = repairing.repair(config, draw)
    for line in _told(done, ZoneInfo(config.site.timezone)):
        click.echo(line)
    if done.calls_are_stale:
        with progress("Parsing the journal") as draw:
            calls = rebuilding.reparse(config, draw, done.calls_kept_as)
        click.echo(f"The calls were made anew: {calls:,}.")


def _told(done: Repair, zone: ZoneInfo) -> Iterator[str]:
    if not done.repaired:
        yield f"The journal is whole: {counted(done.files, 'file')}." if done.files else "The journal is empty."
    for one in done.repaired:
        pieces = counted(one.chunks, "piece of data was", "pieces of data were")
        yield f"{one.file.name} was damaged: {pieces} recovered; it is kept as {one.kept_as.name}."
        for gap in one.gaps:
            since = (
                ""
                if gap.since is None
                else f", received since {datetime.fromtimestamp(gap.since, zone):%Y-%m-%d %H:%M:%S}"
            )
            lost = gap.last - gap.first
            what = f"{counted(lost, 'byte')} of {gap.source} {'is' if lost == 1 else 'are'} lost"
            yield f"  {what}: from byte {gap.first:,} to {gap.last:,}{since}."
        if not one.gaps:
            yield "  Nothing is lost."
    if done.calls_kept_as is not None:
        yield f"Calls of bytes that are lost are in {done.calls_kept_as.name}."
