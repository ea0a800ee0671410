"""What every budget of a month had, spent, and has left."""

from __future__ import annotations

import asyncio
import calendar
from typing import TYPE_CHECKING

from nicegui import ui

from collector.accounting.amounts import written
from collector.accounting.budgets.statements import Statement, statements
from collector.commands import budgets
from collector.errors import UserError
from dashboards.web.markup import Markup, table, tag
from dashboards.web.page import card, notice

if TYPE_CHECKING:
    import datetime as dt

    from dashboards.web.page import Console, Viewer

FIGURES = ("opening", "credit", "top_ups", "approved", "spent", "charged", "deducted", "lapsed", "closing")
WARNED, OVER = 0.8, 1.0


class BudgetsView:
    """One viewer's page of a month."""

    def __init__(self, console: Console, viewer: Viewer, month: dt.date) -> None:
        self._console = console
        self._viewer = viewer
        self._first = month
        say = viewer.say
        with ui.element("div").classes("toolbar"):
            box = ui.input(value=f"{month:%Y-%m}").props(
                f'type=month dense outlined aria-label="{say("console.month")}"'
            )
            box.on("change", lambda: ui.navigate.to(f"/budgets?month={box.value}"))
        self._notice = ui.html(sanitize=False)
        with ui.element("div").classes("board"), card(say("console.budgets"), say("console.budgets_note"), wide="full"):
            self._table = ui.html(sanitize=False).classes("scrolled").props("tabindex=0")
        ui.timer(0, self._fill, once=True)

    async def _fill(self) -> None:
        try:
            found = await asyncio.to_thread(self._read)
        except UserError as error:
            self._notice.content = notice(self._viewer.say("console.budgets_none"), str(error))
            return
        self._table.content = shown(found, self._viewer)

    def _read(self) -> list[Statement]:
        config = self._console.config
        last = self._first.replace(day=calendar.monthrange(self._first.year, self._first.month)[1])
        found = statements(budgets.ledger(config, last), self._first, last)
        return budgets.seen_by(self._viewer.reach, found, last, config)


def shown(found: list[Statement], viewer: Viewer) -> Markup:
    """Return the table of the budgets, each with how much of it is spent."""
    say = viewer.say
    headings = [say("console.budget.owner"), say("console.budget.share")]
    headings += [tag("th", say(f"console.budget.{name}"), class_="figure") for name in FIGURES]
    return table(headings, [_row(one, viewer) for one in found], "budgets")


def _row(one: Statement, viewer: Viewer) -> list[Markup]:
    share = float(one.spent / one.available) if one.available > 0 else OVER if one.spent else 0.0
    colour = "var(--bad)" if share > OVER else "var(--warn)" if share >= WARNED else "var(--good)"
    bar = tag("i", style=f"width:{min(100.0, 100 * share):.1f}%;background:{colour}")
    scope = viewer.say(f"console.budget.scope.{one.owner.scope}")
    return [
        tag("td", tag("b", one.owner.name), tag("span", f" {scope} · {one.currency}", class_="note")),
        tag("td", f"{share * 100:.0f} %", tag("div", bar, class_="track")),
        *(tag("td", written(getattr(one, name)), class_="figure") for name in FIGURES),
    ]
