"""The faults on the equipment page: the tickets, one opened with its history, and what is done about it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from nicegui import ui

from collector.office import tickets
from collector.office.tickets import BY_ALARM
from dashboards.web import figures
from dashboards.web.markup import Markup, join, table, tag
from dashboards.web.page import card
from dashboards.web.permissions import REPAIRS, REPORTS

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Awaitable, Callable

    from collector.commands.equipment import Noted
    from collector.office.tickets import Ticket
    from dashboards.web.page import Viewer

    Try = Callable[[str, Callable[[sqlite3.Connection], object]], Awaitable[bool]]

SOLVED_SHOWN = 30
LONGEST = 2000


class Faults:
    """The part of one viewer's page. ``attempt`` changes office.db, with what is written into the audit trail."""

    def __init__(self, viewer: Viewer, attempt: Try) -> None:
        self._viewer = viewer
        self._try = attempt
        self._shown: dict[int, Ticket] = {}
        self._opened = 0
        say = viewer.say
        reports = viewer.user.role in REPORTS
        note = say("equipment.tickets_note", count=SOLVED_SHOWN)
        with card(say("equipment.tickets"), note, wide="two-thirds" if reports else "full"):
            self._list = ui.html(sanitize=False).classes("scrolled").props("tabindex=0")
            with ui.element("p").classes("ways"):
                for kind in ("csv", "xlsx"):
                    ui.link(kind.upper(), f"/equipment.{kind}")
        self._list.on(
            "click",
            lambda event: self._open(event.args),
            js_handler="event => event.target.dataset.ticket && emit(event.target.dataset.ticket)",
        )
        if reports:
            with card(say("equipment.do_report"), viewer.user.name, wide="third"):
                self._form()
        with ui.dialog() as self._dialog, ui.card().classes("details"):
            self._details = ui.html(sanitize=False)
            self._said = (
                ui.input(label=say("equipment.said")).props(f"dense outlined maxlength={LONGEST}").classes("desk-field")
            )
            self._said.set_visibility(reports)
            self._buttons = ui.element("div").classes("desk-buttons")

    def _form(self) -> None:
        say = self._viewer.say
        name = ui.input(label=say("equipment.equipment")).props("dense outlined maxlength=200").classes("desk-field")
        fault = ui.textarea(label=say("equipment.fault")).props(f"dense outlined rows=4 maxlength={LONGEST}")
        fault.classes("desk-field")

        async def report() -> None:
            what, wrong = str(name.value or "").strip(), str(fault.value or "").strip()
            if not (what and wrong):
                ui.notify(say("equipment.say_fault"), type="warning")
                return
            by = self._viewer.user.name
            if await self._try(f"reported a fault of {what}", lambda db: tickets.report(db, what, wrong, by)):
                name.value = fault.value = ""

        ui.button(say("equipment.do_report"), on_click=report).props("no-caps unelevated")

    def fill(self, noted: Noted) -> None:
        """Show the tickets as they are now, and the one that is open."""
        unsolved = [one for one in noted.tickets if one.state != "solved"]
        solved = sorted((one for one in noted.tickets if one.state == "solved"), key=lambda one: -one.since)
        shown = [*reversed(unsolved), *solved[:SOLVED_SHOWN]]
        self._shown = {one.id: one for one in shown}
        self._list.content = ticket_table(shown, noted, self._viewer)
        if self._opened in self._shown:
            self._details.content = history(self._shown[self._opened], self._viewer)

    def _open(self, number: object) -> None:
        if not (isinstance(number, str) and number.isdecimal() and int(number) in self._shown):
            return
        ticket = self._shown[int(number)]
        self._opened = ticket.id
        self._details.content = history(ticket, self._viewer)
        self._said.value = ""
        self._buttons.clear()
        with self._buttons:
            for name in actions(ticket, self._viewer):
                ui.button(
                    self._viewer.say(f"equipment.do_{name}"), on_click=lambda name=name: self._do(name, ticket.id)
                ).props("no-caps unelevated dense")
        self._dialog.open()

    async def _do(self, name: str, number: int) -> None:
        said, by = str(self._said.value or "").strip(), self._viewer.user.name
        if not said and name in ("solve", "note"):
            self._say_missing()
            return
        done: dict[str, tuple[str, Callable[[sqlite3.Connection, int, str, str], None]]] = {
            "repair": (f"repairs ticket {number}", tickets.repair),
            "again": (f"repairs ticket {number}", tickets.repair),
            "solve": (f"solved ticket {number}", tickets.solve),
            "note": (f"noted in ticket {number}", tickets.note),
        }
        what, change = done[name]
        if await self._try(what, lambda db: change(db, number, by, said)):
            self._dialog.close()

    def _say_missing(self) -> None:
        ui.notify(self._viewer.say("equipment.say_done"), type="warning")


def actions(ticket: Ticket, viewer: Viewer) -> list[str]:
    """What a viewer may do about a ticket as it stands."""
    repairs = {"reported": ["repair", "solve"], "repairing": ["solve"], "solved": ["again"]}[ticket.state]
    done = repairs if viewer.user.role in REPAIRS else []
    return [*done, "note"] if viewer.user.role in REPORTS else done


def ticket_table(shown: list[Ticket], noted: Noted, viewer: Viewer) -> Markup:
    """Return the table of tickets; one that is late says so."""
    say = viewer.say
    if not shown:
        return tag("p", say("equipment.none_open"), class_="note")
    headings = [say(f"equipment.{key}") for key in ("ticket", "equipment", "fault", "reported_at", "state")]
    return table(headings, [_ticket(one, noted, viewer) for one in shown], "tickets")


def _ticket(one: Ticket, noted: Noted, viewer: Viewer) -> list[Markup]:
    say = viewer.say
    due = one.due(noted.limits)
    is_late = due is not None and time.time() > due
    stands = f"{one.hands} {figures.moment(one.since, viewer.zone)[5:16]}" if one.hands else ""
    marks = [say("equipment.late")] if is_late else []
    marks += [say("equipment.alarm_stands")] if one.alarm_stands else []
    label = f"{say('equipment.open')} {one.id}"
    return [
        tag("td", tag("button", str(one.id), class_="plain", data_ticket=str(one.id), aria_label=label, title=label)),
        tag("td", tag("b", one.equipment)),
        tag("td", one.fault, class_="said"),
        tag("td", figures.moment(one.at, viewer.zone)[:16], tag("small", _name(one.by, viewer))),
        tag(
            "td",
            tag("i", class_=f"dot fault-{one.state}"),
            " ",
            say(f"equipment.state.{one.state}"),
            tag("small", stands),
            tag("small", " · ".join(marks), class_="trouble") if marks else Markup(),
        ),
    ]


def history(ticket: Ticket, viewer: Viewer) -> Markup:
    """Return a ticket with everything that happened about it."""
    say = viewer.say
    first = (figures.moment(ticket.at, viewer.zone), _name(ticket.by, viewer), say("equipment.state.reported"), "")
    rows = [first] + [
        (
            figures.moment(event.at, viewer.zone),
            _name(event.by, viewer),
            say(f"equipment.event.{event.what}"),
            event.text,
        )
        for event in ticket.events
    ]
    return join(
        (
            tag("h2", f"{ticket.id} · {ticket.equipment}"),
            tag("p", ticket.fault),
            table(
                [say(f"equipment.{key}") for key in ("at", "by", "what", "text")],
                ([tag("td", cell) for cell in row] for row in rows),
                "history",
            ),
        )
    )


def _name(by: str, viewer: Viewer) -> str:
    return viewer.say("equipment.by_alarm") if by == BY_ALARM else by
