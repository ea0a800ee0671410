"""``smdr backup``, ``smdr restore``, ``smdr verify`` and ``smdr retention``."""

from __future__ import annotations

from pathlib import Path

import click

from collector.cli.options import config_option, progress
from collector.errors import UserError
from collector.wording import counted


@click.command()
@config_option
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), required=False)
@click.option("--keep", type=click.IntRange(1), help="Remove all backups there but the last so many.")
def backup(config_path: Path, folder: Path | None, keep: int | None) -> None:
    """Back up journal, events, notes and configuration into a new folder of FOLDER.

    The collector may run. The copy is read back and compared with the journal. FOLDER and how many are kept are those
    of [backup] in the configuration unless given.
    """
    from collector.config import load
    from collector.keeping.backup import back_up

    config = load(config_path)
    scheduled = config.backup
    if folder is None and scheduled is None:
        raise UserError("Name a folder, or write [backup] with one into the configuration.")
    into = folder or (scheduled.folder if scheduled else Path())
    made = back_up(config, into, keep or (scheduled.keep if scheduled and folder is None else None))
    click.echo(
        f"{made.folder}: {made.size:,} bytes, {made.copied:,} of them copied now; "
        f"{counted(sum(made.ends.values()), 'byte')} of {counted(len(made.ends), 'source')} compared with the journal."
    )


@click.command()
@config_option
@click.argument("backup", type=click.Path(path_type=Path, exists=True, file_okay=False))
def restore(config_path: Path, backup: Path) -> None:
    """Restore BACKUP into the data folder of the configuration, which has no journal.

    Everything is compared with what was backed up; then all calls are made anew. The configuration that was backed up
    lies in BACKUP/config; it is not put anywhere.
    """
    from collector.commands.rebuilding import reparse
    from collector.config import load
    from collector.keeping.backup import restore as restored
    from collector.running import only_writer

    config = load(config_path)
    with only_writer(config.site.data):
        ends = restored(backup, config)
    size = counted(sum(ends.values()), "byte")
    click.echo(f"{size} of {counted(len(ends), 'source')} restored, as they were backed up.")
    with progress("Parsing the journal") as draw:
        calls = reparse(config, draw)
    click.echo(f"{counted(calls, 'call')}.")


@click.command()
@config_option
@click.option("--deep", is_flag=True, help="Make all calls anew, beside, and compare them one by one.")
def verify(config_path: Path, *, deep: bool) -> None:
    """Prove that journal, calls and counts agree.

    The collector may run. Exit status 1 if something does not hold.
    """
    from collector.config import load
    from collector.keeping.verify import verify as prove

    wrong = 0
    with progress("Parsing the journal") as draw:
        for proof in prove(load(config_path), deep=deep, progress=draw):
            wrong += proof.fault is not None
            click.echo(f"  ok     {proof.what}" if proof.fault is None else f"  WRONG  {proof.what}: {proof.fault}")
    click.echo("Everything holds." if not wrong else f"{wrong} of these {'does' if wrong == 1 else 'do'} not hold.")
    raise SystemExit(1 if wrong else 0)


@click.command()
@config_option
@click.option("--apply", is_flag=True, help="Remove it now; the collector must not be running.")
def retention(config_path: Path, *, apply: bool) -> None:
    """Show what was removed by the retention policy, and what is past it.

    The collector removes it by itself, once a day.
    """
    import datetime as dt

    from collector.config import load
    from collector.keeping.retention import due
    from collector.keeping.retiring import carry_out_offline, told
    from collector.store.events_db import removals

    config = load(config_path)
    for removal in removals(config.site.data):
        click.echo(f"{dt.datetime.fromtimestamp(removal.at, dt.UTC):%Y-%m-%d}  {told(removal)}")
    if config.retention is None:
        raise UserError("Everything is kept for ever: there is no [retention] in the configuration.")
    now = dt.datetime.now(dt.UTC)
    months, held = due(config, now)
    for month in months:
        size = sum(size for size, _ in month.sources.values())
        click.echo(f"Past its retention: {month.file.name}, {size:,} raw bytes.")
    for one in held:
        click.echo(f"Past its retention and kept: {one.file.name}, as {one.why}.")
    if apply:
        done = carry_out_offline(config.retention, config, now)
        for removal in done:
            click.echo(told(removal))
        if not done:
            click.echo("Nothing was removed.")
