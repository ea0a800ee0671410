"""The violations of a month: by rule, with what each charges, and what is done about them."""

from __future__ import annotations

import asyncio
import calendar
import datetime as dt
from collections import Counter, defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING

from nicegui import ui

from collector.accounting.amounts import written
from collector.commands import violations
from collector.errors import UserError
from collector.rules.names import RULES
from collector.rules.sentences import sentence
from collector.store.sight import masked
from dashboards.web import figures
from dashboards.web.markup import Markup, join, table, tag
from dashboards.web.page import card
from dashboards.web.searching import address_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from collector.commands.violations import Entry
    from dashboards.web.page import Console, Viewer

SHOWN = 200
STATES = ("open", "explained", "waived", "charged")
DECIDES = frozenset({"manager", "administrator"})
"""Roles that let pass or charge; others may explain."""


def month_of(text: str | None, today: dt.date) -> dt.date:
    """The first day of a month written ``2026-05``; of this one where it is none."""
    try:
        return dt.datetime.strptime(text or "", "%Y-%m").replace(tzinfo=dt.UTC).date()
    except ValueError:
        return today.replace(day=1)


class ViolationsView:
    """One viewer's page of a month."""

    def __init__(self, console: Console, viewer: Viewer, month: dt.date, rule: str | None) -> None:
        self._console = console
        self._viewer = viewer
        self._month = month
        self._rule = rule if rule in RULES else None
        say = viewer.say
        with ui.element("div").classes("toolbar"):
            box = ui.input(value=f"{month:%Y-%m}").props(
                f'type=month dense outlined aria-label="{say("console.month")}"'
            )
            box.on("change", lambda: self._go(str(box.value), self._rule or ""))
        with ui.element("div").classes("board"):
            self._cards = ui.html(sanitize=False).classes("cards")
            with card(say("console.violations"), say("console.violations_note"), wide="full"):
                self._list = ui.element("div").classes("scrolled").props("tabindex=0")
        with ui.dialog() as self._dialog, ui.card().classes("details"):
            self._details = ui.html(sanitize=False)
            self._reason = ui.input(label=say("console.violation.reason")).props("dense outlined maxlength=500")
            self._buttons = ui.element("div").classes("desk-buttons")
        ui.timer(0, self._fill, once=True)

    def _go(self, month: str, rule: str) -> None:
        ui.navigate.to(f"/violations?month={month}" + (f"&rule={rule}" if rule else ""))

    async def _fill(self) -> None:
        last = self._month.replace(day=calendar.monthrange(self._month.year, self._month.month)[1])
        found = await asyncio.to_thread(
            violations.listed, self._console.config, self._month, last, reach=self._viewer.reach
        )
        self._cards.content = self._by_rule(found)
        shown = [one for one in reversed(found) if self._rule in (None, one.kept.violation.rule)]
        self._list.clear()
        with self._list:
            ui.html(self._table(shown[:SHOWN]), sanitize=False).on(
                "click",
                lambda event: self._clicked(event.args, shown),
                js_handler="event => emit(event.target.dataset.place ?? '')",
            )
            if len(shown) > SHOWN:
                more = self._viewer.say("console.violations_more", count=figures.count(len(shown) - SHOWN))
                ui.html(tag("p", more, class_="note"), sanitize=False)

    def _by_rule(self, found: list[Entry]) -> Markup:
        say = self._viewer.say
        counts = Counter(one.kept.violation.rule for one in found)
        opened = Counter(one.kept.violation.rule for one in found if one.kept.state == "open")
        amounts: dict[str, Decimal] = defaultdict(Decimal)
        for one in found:
            amounts[one.kept.violation.rule] += one.amount
        tiles = [
            tag(
                "a",
                tag("span", say(f"rule.{rule}"), class_="label"),
                tag("div", tag("b", figures.count(counts[rule])), tag("small", written(amounts[rule])), class_="value"),
                tag("span", say("console.violations_open", count=figures.count(opened[rule])), class_="note"),
                class_="kpi chosen" if rule == self._rule else "kpi",
                href=f"/violations?month={self._month:%Y-%m}" + ("" if rule == self._rule else f"&rule={rule}"),
            )
            for rule in RULES
            if counts[rule]
        ]
        return join(tiles) if tiles else tag("p", say("console.violations_none"), class_="note")

    def _table(self, shown: list[Entry]) -> Markup:
        say = self._viewer.say
        headings = [say(f"console.violation.{key}") for key in ("at", "rule", "who", "call", "state")]
        headings += [tag("th", say("console.violation.amount"), class_="figure"), ""]
        return table(headings, [self._row(place, one) for place, one in enumerate(shown)], "violations")

    def _row(self, place: int, entry: Entry) -> list[Markup]:
        say, one = self._viewer.say, entry.kept.violation
        who = " · ".join(filter(None, (one.department, one.person, one.extension)))
        number = masked(one.number) if self._viewer.sight.masked else one.number
        nth = f" {entry.nth.in_month}/{entry.nth.in_year}" if entry.nth else ""
        button = tag("button", say("console.violation.do"), class_="plain", data_place=str(place))
        return [
            tag("td", figures.moment(one.at, self._viewer.zone)[:16]),
            tag("td", say(f"rule.{one.rule}") + nth, title=sentence(one, self._viewer.language)),
            tag("td", who),
            tag("td", tag("a", number or figures.NONE, href=address_of(one.source, one.offset))),
            tag("td", say(f"console.violation.{entry.kept.state}")),
            tag("td", written(entry.amount), class_="figure"),
            tag("td", button),
        ]

    def _clicked(self, place: object, shown: list[Entry]) -> None:
        if isinstance(place, str) and place.isdecimal() and int(place) < len(shown):
            self._open(shown[int(place)])

    def _open(self, entry: Entry) -> None:
        say, one, last = self._viewer.say, entry.kept.violation, entry.kept.last
        done = f"{say(f'console.violation.{last.state}')} · {last.by} · {last.reason}" if last else ""
        self._details.content = join(
            (
                tag("h2", say(f"rule.{one.rule}")),
                tag("p", f"{figures.moment(one.at, self._viewer.zone)[:16]} · {one.extension} · {one.person}"),
                tag("p", sentence(one, self._viewer.language), class_="note"),
                tag("p", done, class_="note"),
            )
        )
        self._reason.value = ""
        config, by, key = self._console.config, self._viewer.user.name, one.key
        actions: list[tuple[str, Callable[[str], object]]] = [
            ("explain", lambda reason: violations.answer(config, key, "explained", by, reason))
        ]
        if self._viewer.user.role in DECIDES:
            actions += [
                ("waive", lambda reason: violations.answer(config, key, "waived", by, reason)),
                ("charge", lambda reason: violations.charge(config, key, by, reason, None)),
            ]
        self._buttons.clear()
        with self._buttons:
            for name, act in actions:
                ui.button(
                    say(f"console.violation.{name}"), on_click=lambda name=name, act=act: self._do(name, act)
                ).props("no-caps unelevated dense")
        self._dialog.open()

    async def _do(self, name: str, act: Callable[[str], object]) -> None:
        reason = str(self._reason.value or "").strip()
        if not reason and name != "charge":
            ui.notify(self._viewer.say("console.violation.no_reason"), type="warning")
            return
        try:
            await asyncio.to_thread(act, reason)
        except UserError as error:
            ui.notify(self._viewer.say("console.desk.not_kept", why=error), type="negative")
            return
        self._dialog.close()
        await self._fill()
