"""The inspection rounds on the equipment page: when each is due, writing one down, planning one, what was found."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from nicegui import ui

from collector.office import rounds
from collector.office.rounds import Round
from dashboards.web import figures
from dashboards.web.markup import Markup, join, table, tag
from dashboards.web.page import card
from dashboards.web.permissions import REPAIRS

if TYPE_CHECKING:
    from collector.commands.equipment import Noted
    from collector.config import Config
    from collector.office.rounds import Due, Inspection
    from dashboards.web.faults import Try
    from dashboards.web.page import Viewer

SHOWN = 30
LONGEST = 2000


class Inspections:
    """The part of one viewer's page. ``attempt`` changes office.db, with what is written into the audit trail."""

    def __init__(self, config: Config, viewer: Viewer, attempt: Try) -> None:
        self._config = config
        self._viewer = viewer
        self._try = attempt
        self._rounds: list[Due] = []
        say = viewer.say
        plans = viewer.user.role in REPAIRS
        with card(say("equipment.rounds"), say("equipment.rounds_note"), wide="two-thirds" if plans else "full"):
            self._list = ui.html(sanitize=False).classes("scrolled").props("tabindex=0")
        self._list.on(
            "click",
            lambda event: self._open(event.args),
            js_handler="event => event.target.dataset.round && emit(event.target.dataset.round)",
        )
        if plans:
            with card(say("equipment.do_plan"), wide="third"):
                self._planning()
        with card(say("equipment.inspections"), say("equipment.inspections_note", count=SHOWN), wide="full"):
            self._made = ui.html(sanitize=False).classes("scrolled").props("tabindex=0")
        with ui.dialog() as self._dialog, ui.card().classes("details"):
            self._writing = ui.element("div")

    def fill(self, noted: Noted) -> None:
        """Show the rounds and what was found on them."""
        self._rounds = noted.rounds
        self._list.content = round_table(noted, self._viewer)
        self._made.content = inspection_table(list(reversed(noted.inspections))[:SHOWN], self._viewer)

    def _planning(self) -> None:
        say = self._viewer.say
        name = ui.input(label=say("equipment.round")).props("dense outlined maxlength=200").classes("desk-field")
        items = ui.textarea(label=say("equipment.items"), placeholder=say("equipment.items_hint"))
        items.props(f"dense outlined rows=4 maxlength={LONGEST}").classes("desk-field")
        days = ui.input(label=say("equipment.every"), value="30").props("type=number min=1 dense outlined")
        days.classes("desk-field")
        first = ui.input(label=say("equipment.due"), value=self._viewer.today().isoformat())
        first.props("type=date dense outlined").classes("desk-field")

        async def plan() -> None:
            made = _planned(*(str(box.value or "") for box in (name, items, days, first)))
            if made is None:
                ui.notify(say("equipment.say_round"), type="warning")
                return
            by = self._viewer.user.name
            if await self._try(f"defined round {made.name}", lambda db: rounds.define(db, made, by)):
                name.value = items.value = ""

        ui.button(say("equipment.keep"), on_click=plan).props("no-caps unelevated")

    def _open(self, place: object) -> None:
        if not (isinstance(place, str) and place.isdecimal() and int(place) < len(self._rounds)):
            return
        if self._viewer.user.role not in REPAIRS:
            return
        due = self._rounds[int(place)]
        self._writing.clear()
        with self._writing:
            self._write_down(due.round)
        self._dialog.open()

    def _write_down(self, made: Round) -> None:
        say, by = self._viewer.say, self._viewer.user.name
        ui.html(join((tag("h2", made.name), tag("p", say("equipment.faulty"), class_="note"))), sanitize=False)
        faulty = {item: ui.checkbox(item) for item in made.equipment}
        inspector = ui.input(label=say("equipment.inspector"), value=by).props("dense outlined maxlength=200")
        day = ui.input(label=say("equipment.day"), value=self._viewer.today().isoformat())
        day.props(f"type=date dense outlined max={self._viewer.today()}")
        remark = ui.input(label=say("equipment.remark")).props(f"dense outlined maxlength={LONGEST}")

        async def keep() -> None:
            who, when = str(inspector.value or "").strip(), _day(str(day.value or ""))
            if not who or when is None or when > self._viewer.today():
                ui.notify(say("equipment.say_inspector"), type="warning")
                return
            wrong = [item for item, box in faulty.items() if box.value]
            said = str(remark.value or "").strip()
            if await self._try(
                f"inspected {made.name}", lambda db: rounds.inspect(db, made.name, when, who, wrong, said, by)
            ):
                self._dialog.close()

        async def retire() -> None:
            if await self._try(f"retired round {made.name}", lambda db: rounds.retire(db, made.name, by)):
                self._dialog.close()

        with ui.element("div").classes("desk-buttons"):
            ui.button(say("equipment.keep"), on_click=keep).props("no-caps unelevated")
            ui.button(say("equipment.do_retire"), on_click=retire).props("no-caps flat")


def _planned(name: str, items: str, days: str, first: str) -> Round | None:
    """The round that was typed; None where something of it is missing or makes no sense."""
    equipment = tuple(filter(None, map(str.strip, items.splitlines())))
    day = _day(first)
    if not name.strip() or not equipment or not days.isdecimal() or not 1 <= int(days) <= 3660 or day is None:
        return None
    return Round(name.strip(), equipment, int(days), day)


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def round_table(noted: Noted, viewer: Viewer) -> Markup:
    """Return the table of rounds, with a button to write one down for those who may."""
    say = viewer.say
    if not noted.rounds:
        return tag("p", say("equipment.no_rounds"), class_="note")
    headings = [say(f"equipment.{key}") for key in ("due", "round", "items", "every", "last")]
    return table(headings, [_round(place, one, noted, viewer) for place, one in enumerate(noted.rounds)], "due")


def _round(place: int, one: Due, noted: Noted, viewer: Viewer) -> list[Markup]:
    say = viewer.say
    is_late = one.is_overdue(noted.today)
    button = tag(
        "button",
        say("equipment.inspect"),
        class_="plain",
        data_round=str(place),
        aria_label=f"{say('equipment.inspect')} {one.round.name}",
    )
    last = f"{one.last.day} {one.last.inspector}" if one.last else figures.NONE
    return [
        tag(
            "td",
            str(one.day),
            tag("small", say("equipment.late"), class_="trouble") if is_late else Markup(),
            tag("div", button) if viewer.user.role in REPAIRS else Markup(),
        ),
        tag("td", tag("b", one.round.name)),
        tag("td", "; ".join(one.round.equipment), class_="said"),
        tag("td", figures.count(one.round.every_days)),
        tag("td", last, tag("small", _result(one.last, viewer) if one.last else "")),
    ]


def inspection_table(made: list[Inspection], viewer: Viewer) -> Markup:
    """Return the table of rounds that were made."""
    say = viewer.say
    if not made:
        return tag("p", say("equipment.no_inspections"), class_="note")
    rows = [
        [
            tag("td", str(one.day)),
            tag("td", one.round),
            tag("td", one.inspector),
            tag("td", tag("i", class_=f"dot {'failed' if one.faulty else 'open'}"), " ", _result(one, viewer)),
            tag("td", one.remark, class_="said"),
        ]
        for one in made
    ]
    return table(
        [say(f"equipment.{key}") for key in ("day", "round", "inspector", "result", "remark")], rows, "inspections"
    )


def _result(one: Inspection, viewer: Viewer) -> str:
    return "; ".join(one.faulty) if one.faulty else viewer.say("equipment.in_order")
