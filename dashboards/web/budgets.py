"""What every budget of a month had, spent, and has left; what was added by hand, by whom and why; settling a year."""

from __future__ import annotations

import asyncio
import calendar
from typing import TYPE_CHECKING, get_args

from nicegui import ui

from collector.accounting.amounts import ZERO, amount_of
from collector.accounting.budgets.ledger import KindByHand
from collector.accounting.budgets.statements import Statement, statements
from collector.commands import budgets
from collector.errors import UserError
from collector.store import adjustments as kept
from collector.store.office_db import reading
from dashboards.web import acting, figures
from dashboards.web.markup import Markup, join, table, tag
from dashboards.web.page import card, notice
from dashboards.web.permissions import DECIDES

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from collector.accounting.budgets.ledger import Adjustment
    from dashboards.web.page import Console, Viewer

FIGURES = ("opening", "credit", "top_ups", "approved", "spent", "charged", "deducted", "lapsed", "closing")
WARNED, OVER = 0.8, 1.0
KINDS: tuple[KindByHand, ...] = get_args(KindByHand)
SCOPES = ("department", "person", "phone")
"""Whose budgets are added to by hand: that of a post is its holder's, a person's."""


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
        with ui.element("div").classes("board"):
            with card(say("console.budgets"), say("console.budgets_note"), wide="full"):
                self._table = ui.html(sanitize=False).classes("scrolled").props("tabindex=0")
            with card(say("console.budget.added"), say("console.budget.added_note"), wide="two-thirds"):
                self._added = ui.html(sanitize=False).classes("scrolled").props("tabindex=0")
            if viewer.user.role in DECIDES:
                with card(say("console.budget.add"), say("console.budget.add_note"), wide="third"):
                    self._form = ui.element("div")
        ui.timer(0, self._fill, once=True)

    async def _fill(self) -> None:
        try:
            found, added = await asyncio.to_thread(self._read)
        except UserError as error:
            self._notice.content = notice(self._viewer.say("console.budgets_none"), str(error))
            return
        self._table.content = shown(found, self._viewer)
        self._added.content = _by_hand(added, self._viewer)
        if self._viewer.user.role in DECIDES:
            self._form.clear()
            with self._form:
                self._show_form([(one.owner.scope, one.owner.name) for one in found if one.owner.scope in SCOPES])

    def _read(self) -> tuple[list[Statement], list[Adjustment]]:
        config, viewer = self._console.config, self._viewer
        last = self._first.replace(day=calendar.monthrange(self._first.year, self._first.month)[1])
        found = statements(budgets.ledger(config, last), self._first, last)
        seen = budgets.seen_by(viewer.reach, found, last, config)
        owners = {(one.owner.scope, one.owner.name) for one in seen}
        with reading(config.site.data) as db:
            added = [one for one in kept.adjustments(db) if self._first <= one.day <= last]
        return seen, [one for one in added if viewer.reach is None or (one.scope, one.name) in owners]

    def _show_form(self, owners: list[tuple[str, str]]) -> None:
        say = self._viewer.say
        whose = {f"{scope}:{name}": f"{name} · {say(f'console.budget.scope.{scope}')}" for scope, name in owners}
        owner = ui.select(whose, label=say("console.budget.owner"))
        kind = ui.select(
            {one: say(f"console.budget.kind.{one}") for one in KINDS}, value="top-up", label=say("console.budget.kind")
        )
        amount, reason = (ui.input(label=say(f"console.budget.{name}")) for name in ("amount", "reason"))
        for box in (owner, kind, amount, reason):
            box.props("dense outlined maxlength=500").classes("desk-field")

        async def add() -> None:
            scope, _, name = str(owner.value or "").partition(":")
            await self._add(scope, name, str(kind.value), str(amount.value or ""), str(reason.value or "").strip())

        ui.button(say("console.budget.keep"), on_click=add).props("no-caps unelevated")
        year = self._viewer.today().year - 1
        with reading(self._console.config.site.data) as db:
            settled = kept.settled(db, year)
        if settled:
            at = figures.moment(settled.at, self._viewer.zone)[:16]
            ui.html(
                tag("p", say("console.budget.settled", year=year, by=settled.by, at=at), class_="note"), sanitize=False
            )
        ui.button(say("console.budget.settle", year=year), on_click=lambda: self._settle(year)).props("no-caps flat")

    async def _add(self, scope: str, name: str, kind: str, typed: str, reason: str) -> None:
        try:
            amount = amount_of(typed.strip())
        except ValueError:
            amount = ZERO
        if not name or not amount or not reason:
            ui.notify(self._viewer.say("console.budget.incomplete"), type="warning")
            return
        config, by = self._console.config, self._viewer.user.name
        how: KindByHand = "approved" if kind == "approved" else "top-up"
        await self._try(lambda: budgets.adjust(config, how, scope, name, amount, None, by, reason))

    async def _settle(self, year: int) -> None:
        config, by = self._console.config, self._viewer.user.name
        await self._try(lambda: budgets.settle(config, year, by))

    async def _try(self, act: Callable[[], object]) -> None:
        if await acting.kept(act, self._viewer, "console.desk.kept"):
            await self._fill()


def _by_hand(added: list[Adjustment], viewer: Viewer) -> Markup:
    """Return the register of what was added in the month, the newest first."""
    say = viewer.say
    if not added:
        return tag("p", say("console.budget.none_added"), class_="note")
    rows = [
        [
            tag("td", f"{one.day}"),
            tag(
                "td",
                join((tag("b", one.name), tag("span", f" {say(f'console.budget.scope.{one.scope}')}", class_="note"))),
            ),
            tag("td", say(f"console.budget.kind.{one.kind}")),
            tag("td", figures.amount(one.amount), class_="figure"),
            tag("td", one.reason),
            tag("td", one.by),
        ]
        for one in reversed(added)
    ]
    headings: list[str | Markup] = [say(f"console.budget.{key}") for key in ("day", "owner", "kind")]
    headings += [tag("th", say("console.budget.amount"), class_="figure")]
    return table([*headings, say("console.budget.reason"), say("console.budget.by")], rows, "added")


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
        *(tag("td", figures.amount(getattr(one, name)), class_="figure") for name in FIGURES),
    ]
