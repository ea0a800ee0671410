"""``smdr directory``: the directory as a spreadsheet, and compared with the calls."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from collector.cli.options import Day, config_option
from collector.wording import counted

if TYPE_CHECKING:
    import datetime as dt

    from collector.commands.directory import Changes

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.group()
def directory() -> None:
    """Who holds which extension: import, export, and compare with the calls."""


@directory.command("import")
@config_option
@click.argument("file", type=_FILE)
@click.option("--apply", is_flag=True, help="Write the directory; only shown what would change if not given.")
def import_(config_path: Path, file: Path, *, apply: bool) -> None:
    """Show what FILE, a directory in CSV or XLSX, would change, and with --apply take it.

    Of XLSX the first sheet is read; the line of an error is its row. A file with a fault changes nothing.
    The directory before is kept beside the new one, its name ending in .old.
    """
    from collector.commands import directory as commands
    from collector.config import load

    config = load(config_path, with_tables=False)
    path, text = commands.path_of(config), commands.text_of(file)
    after = commands.entries(file, text, config)
    before = commands.entries(path, commands.text_of(path), config) if path.exists() else []
    found = commands.changes(before, after)
    _show(found)
    _write(path, text, apply=apply)


def _write(path: Path, text: str, *, apply: bool) -> None:
    from collector.commands.directory import replace

    if apply:
        kept = replace(path, text)
        click.echo(f"{path} is written" + (f"; the one before is {kept}." if kept else "."))
    else:
        click.echo("Nothing was written: --apply does.")


def _show(found: Changes) -> None:
    for entry in found.removed:
        click.echo(f"- {','.join(entry)}")
    for before, after in found.changed:
        click.echo(f"~ {','.join(before)} -> {','.join(after)}")
    for entry in found.added:
        click.echo(f"+ {','.join(entry)}")
    click.echo(f"{len(found.added)} added, {len(found.changed)} changed, {len(found.removed)} removed.")


@directory.command()
@config_option
@click.argument("file", type=_FILE)
def export(config_path: Path, file: Path) -> None:
    """Write the directory to FILE, a .csv or .xlsx."""
    from collector.commands import directory as commands
    from collector.config import load

    config = load(config_path)
    path = commands.path_of(config)
    rows = commands.entries(path, commands.text_of(path), config)
    commands.export(rows, file)
    click.echo(f"{file}: {counted(len(rows), 'row')}.")


@directory.command()
@config_option
@click.option("--apply", is_flag=True, help="Write the directory; only shown what would change if not given.")
@click.option("--force", is_flag=True, help="Also where more than half of the people would go.")
def sync(config_path: Path, *, apply: bool, force: bool) -> None:
    """Show what the directory server of [ldap] would change, and with --apply take it.

    Who is not listed any more held the extension until yesterday, who is new holds it from today on. Rows without a
    person stay. The directory before is kept beside the new one, its name ending in .old.
    """
    from collector.commands import directory as commands
    from collector.config import load

    config = load(config_path, with_tables=False)
    found, text = commands.sync(config, force=force)
    _show(found)
    _write(commands.path_of(config), text, apply=apply)


@directory.command()
@config_option
@click.option("--day", type=Day(), help="The day it is of; today if not given.")
def departments(config_path: Path, day: dt.date | None) -> None:
    """Show the tree of departments."""
    from collector.accounting.departments import Departments
    from collector.commands.budgets import today
    from collector.config import load

    config = load(config_path)
    tree = Departments.load(config.site.departments)
    for depth, name in tree.on(day or today(config)):
        click.echo(f"{'  ' * depth}{name}")


@directory.command()
@config_option
def unknown(config_path: Path) -> None:
    """List the extensions with calls at times when nobody held them; those of a branch with its name, as branch/201."""
    from zoneinfo import ZoneInfo

    from collector.commands import directory as commands
    from collector.config import load
    from collector.rendering import moment

    config = load(config_path)
    zone = ZoneInfo(config.site.timezone)
    for one in commands.unknown(config):
        first, last = (str(moment(at, zone))[:19] for at in (one.first, one.last))
        click.echo(f"{one.phone:10}{counted(one.calls, 'call'):>16}  {first} to {last}")


@directory.command()
@config_option
@click.option("--days", type=click.IntRange(1), default=90, show_default=True, help="So many days without a call.")
def unused(config_path: Path, days: int) -> None:
    """List the extensions somebody holds that made and took no call; those of a branch with its name, as branch/201."""
    from collector.commands import directory as commands
    from collector.config import load

    for extension in commands.unused(load(config_path), days):
        click.echo(extension)
