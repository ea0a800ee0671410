"""``smdr bill``: the carrier's bill, compared with the calls."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from collector.cli.options import Day, Month, config_option, json_option
from collector.wording import counted

if TYPE_CHECKING:
    from datetime import date

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)

_CLASSES = (
    ("same", "the same"),
    ("amounts_differ", "amounts differ"),
    ("durations_differ", "durations differ"),
    ("only_theirs", "only on the bill"),
    ("only_ours", "only ours"),
)


@click.group()
def bill() -> None:
    """The carrier's bill, compared with the calls."""


@bill.command()
@config_option
@click.argument("file", type=_FILE)
@click.option("--site", metavar="NAME", help="The bill is of the lines of this site; of all if not given.")
@click.option("--mapping", required=True, type=_FILE, help="The TOML file that says where the bill has what.")
@click.option("--month", type=Month(), help="A month, as 2026-05; the days of the bill if not given.")
@click.option("--from", "first", type=Day(), help="First day; that of the bill if not given.")
@click.option("--to", "last", type=Day(), help="Last day; that of the bill if not given.")
@click.option(
    "--export", "to_file", type=click.Path(path_type=Path), help="Write every call to this .csv or .xlsx file."
)
@json_option
def reconcile(
    config_path: Path,
    file: Path,
    site: str | None,
    mapping: Path,
    month: date | None,
    first: date | None,
    last: date | None,
    to_file: Path | None,
    *,
    as_json: bool,
) -> None:
    """Compare FILE, a bill in CSV or XLSX, with the calls stored.

    Exit status 1 if anything differs.
    """
    from zoneinfo import ZoneInfo

    from collector.accounting.budgets.statements import month_of
    from collector.commands import reconciling
    from collector.config import load

    if (first is None) != (last is None):
        raise click.UsageError("Name both --from and --to, or neither.")
    if month and first:
        raise click.UsageError("Name --month, or --from and --to, not both.")
    config = load(config_path)
    config = config.at(site) if site else config
    span = month_of(month) if month else (first, last) if first and last else None
    found = reconciling.compare(config, file, mapping, span)
    told = reconciling.summary(found)
    if as_json:
        click.echo(json.dumps(told))
    else:
        _show(told)
    if to_file:
        written = reconciling.export(found, to_file, ZoneInfo(config.site.timezone))
        click.echo(f"{to_file}: {counted(written, 'line')}.", err=as_json)
    differs = any(told[key]["calls"] for key, _ in _CLASSES[1:])
    raise SystemExit(1 if differs else 0)


def _show(told: dict[str, Any]) -> None:
    click.echo(f"{'':20}{'calls':>10}{'billed':>14}{'our cost':>14}")
    for key, name in _CLASSES:
        one = told[key]
        click.echo(f"{name:20}{one['calls']:>10,}{one.get('billed', ''):>14}{one.get('cost', ''):>14}")
    drift = told["drift_s"]
    click.echo(f"The carrier's clock is {drift['least']:+} to {drift['most']:+} s from ours.")
