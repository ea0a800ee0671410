"""Applications for calls: to file one, and for those who may, to decide, or to have another one decide."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from typing import TYPE_CHECKING

from nicegui import ui

from collector.commands import office
from collector.errors import UserError
from collector.office import approvals
from collector.office.approvals import Application, Filed
from collector.office.approvers import Delegation
from collector.store.office_db import reading
from dashboards.web import acting, figures
from dashboards.web.markup import Markup, tag
from dashboards.web.page import card

if TYPE_CHECKING:
    from collections.abc import Callable

    from dashboards.web.page import Console, Viewer

SHOWN = 100
FIELDS = ("department", "caller", "place", "organisation", "purpose", "number", "extension")
NEEDED = FIELDS[:5]


class ApprovalsView:
    """One viewer's page."""

    def __init__(self, console: Console, viewer: Viewer) -> None:
        self._console = console
        self._viewer = viewer
        say = viewer.say
        self._inputs: dict[str, ui.input] = {}
        with ui.element("div").classes("board"):
            with card(say("console.approval.file"), say("console.approval.file_note"), wide="third"):
                for name in FIELDS:
                    value = viewer.user.department or "" if name == "department" else ""
                    box = ui.input(label=say(f"console.approval.{name}"), value=value)
                    self._inputs[name] = box.props("dense outlined maxlength=200").classes("desk-field")
                today = viewer.today().isoformat()
                self._first = ui.input(label=say("console.from"), value=today).props("type=date dense outlined")
                self._last = ui.input(label=say("console.to"), value=today).props("type=date dense outlined")
                ui.button(say("console.approval.apply"), on_click=self._apply).props("no-caps unelevated")
            with card(say("console.approvals"), say("console.approvals_note"), wide="two-thirds"):
                self._list = ui.element("div")
            with card(say("console.approval.delegation"), say("console.approval.delegation_note"), wide="third"):
                self._delegations = ui.html(sanitize=False)
                self._delegating(today)
        ui.timer(0, self._fill, once=True)

    def _delegating(self, today: str) -> None:
        """Offer it to those who decide themselves."""
        say, config, by = self._viewer.say, self._console.config, self._viewer.user.name
        try:
            known = office.approvers(config)
        except UserError as error:
            ui.html(tag("p", str(error), class_="note"), sanitize=False)
            return
        if by not in known:
            return
        name = ui.input(label=say("console.approval.delegate")).props("dense outlined maxlength=60")
        first = ui.input(label=say("console.approval.first_day"), value=today).props("type=date dense outlined")
        last = ui.input(label=say("console.approval.last_day"), value=today).props("type=date dense outlined")

        async def delegate() -> None:
            try:
                days = [dt.date.fromisoformat(str(box.value)) for box in (first, last)]
            except ValueError:
                days = []
            other = str(name.value or "").strip()
            if not other or other == by or not days:
                ui.notify(say("console.approval.no_delegate"), type="warning")
                return
            await self._try(lambda: office.delegate(config, Delegation(by, other, *days)))

        ui.button(say("console.approval.delegate_now"), on_click=delegate).props("no-caps unelevated")

    async def _fill(self) -> None:
        found, delegations = await asyncio.to_thread(self._read)
        self._delegations.content = _delegated(delegations, self._viewer)
        self._list.clear()
        with self._list:
            for one in found:
                self._show(one)
            if not found:
                ui.html(tag("p", self._viewer.say("console.approvals_none"), class_="note"), sanitize=False)

    def _read(self) -> tuple[list[Filed], list[Delegation]]:
        """The newest first, those that wait before all, a department head's only; and who decides for whom, from now on."""
        with reading(self._console.config.site.data) as db:
            filed = [one for one in approvals.filed(db) if self._viewer.sees(one.application.department, one.at)]
            delegations = [one for one in approvals.delegations(db) if one.last >= self._viewer.today()]
        return sorted(filed, key=lambda one: (one.decision is not None, -one.id))[:SHOWN], delegations

    def _show(self, one: Filed) -> None:
        say = self._viewer.say
        with ui.element("div").classes("desk-message"):
            ui.html(_said(one, self._viewer), sanitize=False)
            if one.decision is None:
                reason = ui.input(label=say("console.violation.reason")).props("dense outlined maxlength=500")
                with ui.element("div").classes("desk-buttons"):
                    for name in ("grant", "refuse"):
                        ui.button(
                            say(f"console.approval.{name}"),
                            on_click=lambda name=name, box=reason: self._decide(
                                one.id, name, str(box.value or "").strip()
                            ),
                        ).props("no-caps flat dense")

    async def _decide(self, number: int, name: str, reason: str) -> None:
        if name == "refuse" and not reason:
            ui.notify(self._viewer.say("console.violation.no_reason"), type="warning")
            return
        config, by = self._console.config, self._viewer.user.name
        await self._try(lambda: office.decide(config, number, by, reason, approved=name == "grant"))

    async def _apply(self) -> None:
        say = self._viewer.say
        typed = {name: str(box.value or "").strip() for name, box in self._inputs.items()}
        try:
            days = [dt.date.fromisoformat(str(box.value)) for box in (self._first, self._last)]
        except ValueError:
            days = []
        if not all(typed[name] for name in NEEDED) or not days:
            ui.notify(say("console.approval.incomplete"), type="warning")
            return
        if not self._viewer.sees(typed["department"], time.time()):
            ui.notify(say("console.approval.other_department"), type="warning")
            return
        asked = Application(
            department=typed["department"],
            caller=typed["caller"],
            extension=typed["extension"],
            number=typed["number"],
            place=typed["place"],
            organisation=typed["organisation"],
            purpose=typed["purpose"],
            first=days[0],
            last=days[1],
        )
        config, by = self._console.config, self._viewer.user.name
        await self._try(lambda: office.apply(config, asked, by))

    async def _try(self, act: Callable[[], object]) -> None:
        if await acting.kept(act, self._viewer, "console.desk.kept"):
            await self._fill()


def _delegated(delegations: list[Delegation], viewer: Viewer) -> Markup:
    say = viewer.say
    if not delegations:
        return tag("p", say("console.approval.none_delegated"), class_="note")
    told = (
        say(
            "console.approval.decides_for", delegate=one.delegate, approver=one.approver, first=one.first, last=one.last
        )
        for one in delegations
    )
    return tag("ul", *(tag("li", one) for one in told), class_="delegations")


def _said(one: Filed, viewer: Viewer) -> Markup:
    asked, decision = one.application, one.decision
    state = "waits" if decision is None else "approved" if decision.approved else "refused"
    days = str(asked.first) if asked.first == asked.last else f"{asked.first} – {asked.last}"  # noqa: RUF001
    what = " · ".join(filter(None, (asked.place, asked.organisation, asked.purpose, asked.number)))
    told = viewer.say(f"console.approval.{state}")
    if decision is not None:
        told += " · " + " · ".join(
            filter(None, (decision.by, figures.moment(decision.at, viewer.zone)[:16], decision.reason))
        )
    return tag(
        "div",
        tag("b", f"{one.id} {asked.department}, {asked.caller}"),
        tag("div", what),
        tag("span", f"{days} · {told}", class_="note"),
    )
