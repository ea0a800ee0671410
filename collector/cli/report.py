"""``smdr report``: statements and reports of departments, persons, trunks, numbers, operators, budgets and violations."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from collector.cli.options import Day, config_option

if TYPE_CHECKING:
    import datetime as dt

    from collector.config import Config
    from collector.reports.period import Period, Unit


class Named(click.ParamType["Period"]):
    """A period of the calendar, by its name."""

    def __init__(self, unit: Unit) -> None:
        self.name: str = unit
        self._unit = unit

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Period:
        """Return the period."""
        from collector.reports.period import named

        try:
            return named(self._unit, str(value))
        except ValueError as error:
            self.fail("; ".join(error.args), param, ctx)


@click.command()
@config_option
@click.argument(
    "kind", type=click.Choice(["department", "person", "trunk", "number", "operators", "budgets", "violations"])
)
@click.option("--day", type=Named("day"), help="A day, as 2026-01-31.")
@click.option("--week", type=Named("week"), help="A week from Monday on, as 2026-W05.")
@click.option("--month", type=Named("month"), help="A month, as 2026-01; this one if no period is given.")
@click.option("--quarter", type=Named("quarter"), help="A quarter, as 2026-Q1.")
@click.option("--year", type=Named("year"), help="A year.")
@click.option("--from", "first", type=Day(), help="The first day of any other period.")
@click.option("--until", "last", type=Day(), help="Its last day.")
@click.option("--of", metavar="NAME", help="Of one department and those below it, one person or trunk.")
@click.option("--site", metavar="NAME", help="Of one site only.")
@click.option(
    "--calls/--no-calls", default=None, help="Whether each call stands in it; if not given, in that of persons."
)
@click.option(
    "--within",
    metavar="DEPARTMENT",
    help="Only what one department may see: calls, budgets and violations of it and those below.",
)
@click.option("--unmasked", is_flag=True, help="Show all digits of outside numbers; else the last four are masked.")
@click.option("--language", type=click.Choice(["zh", "en"]), help="Its language; the site's if not given.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "csv", "xlsx", "pdf"]),
    help="How it is written; as the name of FILE ends, or text, if not given.",
)
@click.option(
    "--out", metavar="FILE", type=click.Path(path_type=Path), help="Write it to FILE, which only you can read."
)
def report(
    config_path: Path,
    kind: Any,
    first: dt.date | None,
    last: dt.date | None,
    of: str | None,
    within: str | None,
    site: str | None,
    language: Any,
    format_: str | None,
    out: Path | None,
    *,
    calls: bool | None,
    unmasked: bool,
    **periods: Period | None,
) -> None:
    """Write a report: calls, time and cost by department, person, trunk or number; operators, budgets, or violations.

    A call counts in the period it begins in. A person's calls are those of the extensions held then.
    """
    from collector.config import load
    from collector.reports.files import chosen, write
    from collector.reports.making import Asked, make

    config = load(config_path)
    each = calls if calls is not None else kind == "person"
    period = _period(config, [one for one in periods.values() if one], first, last)
    asked = Asked(kind, period, language or config.site.language, of, each, unmasked, within, site)
    chosen_format = chosen(format_, out)
    write(make(config, asked), chosen_format, out)


def _period(config: Config, given: list[Period], first: dt.date | None, last: dt.date | None) -> Period:
    from collector.commands.budgets import today
    from collector.errors import UserError
    from collector.reports.period import between, period_of

    if (first is None) != (last is None):
        raise UserError("Give both --from and --until.")
    if first and last:
        if last < first:
            raise UserError("--until is before --from.")
        given = [*given, between(first, last)]
    if len(given) > 1:
        raise UserError("Name one period only.")
    return given[0] if given else period_of("month", today(config))
