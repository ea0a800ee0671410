"""The operator's desk: the last incoming calls, a form for what was said, messages to deliver, handing over, searching.

What is being typed is written down as it is typed: a browser that is closed, or a console that is killed, loses nothing.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from nicegui import ui

from collector.errors import UserError
from collector.office import desk, drafts
from collector.office.desk import About, Found, Handover, Message
from collector.store.office_db import reading, writing
from dashboards.web import figures
from dashboards.web.markup import Markup, join, table, tag
from dashboards.web.page import card
from dashboards.web.searching import call_address

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from collector.calls import Call
    from collector.store.queries import StoredCall
    from dashboards.web.page import Console, Viewer

Answer = TypeVar("Answer")

CALLS_SHOWN = 8
FOUND_SHOWN = 50
SHIFTS_SHOWN = 5
ABOUT = About._fields
MESSAGE = ("recipient", "contact", "text")
SHIFT = ("successor", "shift_note")
FIELDS = (*ABOUT, *MESSAGE, *SHIFT, "call")
"""What a draft holds, beside the receivers of messages; ``call`` is the identity of its call, as source:offset."""
LONGEST = 2000
REFRESH_S = 2.0


class Waiting(NamedTuple):
    """A message to deliver as it is shown."""

    recipient: str
    row: ui.element
    told: ui.html
    receiver: ui.input

    @property
    def typed(self) -> str:
        """Who is to have it, where that is another than the recipient."""
        receiver = str(self.receiver.value or "")
        return "" if receiver == self.recipient else receiver


class DeskView:
    """One operator's desk."""

    def __init__(self, console: Console, viewer: Viewer) -> None:
        self._console = console
        self._viewer = viewer
        self._user = viewer.user.name
        self._draft = dict.fromkeys(FIELDS, "") | self._read(lambda db: drafts.draft(db, self._user))
        self._inputs: dict[str, ui.input | ui.textarea] = {}
        self._buttons: dict[tuple[str, int, str], ui.element] = {}
        """Of the calls shown. One that stays keeps its element, for the keyboard may be on it."""
        self._waiting: list[Message] | None = None
        self._open: dict[int, Waiting] = {}
        """The same of messages, by number: somebody may be typing who has it."""
        self._passed: list[Handover] | None = None
        say = viewer.say
        with ui.element("div").classes("board"):
            with card(say("console.desk.calls"), say("console.desk.calls_note"), wide="third"):
                self._calls = ui.element("div").classes("desk-calls")
            with card(say("console.desk.note"), self._user, wide="third"):
                self._form()
            with card(say("console.desk.open"), wide="third"):
                self._messages = ui.element("div")
            with card(say("console.desk.handover"), say("console.desk.handover_note"), wide="third"):
                self._handing_over()
                self._shifts = ui.element("div")
            with card(say("console.desk.search"), wide="two-thirds"):
                box = ui.input(label=say("console.desk.search")).props("dense outlined debounce=300 maxlength=200")
                box.on_value_change(lambda: self._search(str(box.value or "")))
                self._found = ui.html(sanitize=False).classes("scrolled").props("tabindex=0")
        self._show_calls()
        self._show_messages()
        self._show_shifts()
        console.watcher.arrived.subscribe(self._arrived)
        ui.timer(REFRESH_S, self._show_messages)
        ui.timer(REFRESH_S, self._show_shifts)

    def _form(self) -> None:
        say = self._viewer.say
        self._about = ui.html(sanitize=False)
        for name in (*ABOUT, *MESSAGE):
            if name == MESSAGE[0]:
                ui.html(tag("h3", say("console.desk.message")), sanitize=False)
            make = ui.textarea if name == "text" else ui.input
            box = make(label=say(f"console.desk.{name}"), value=self._draft[name])
            box.props(f"dense outlined debounce=200 maxlength={LONGEST}").classes("desk-field")
            box.on_value_change(self._typed)
            self._inputs[name] = box
        with ui.element("div").classes("desk-buttons"):
            ui.button(say("console.desk.keep"), on_click=self._keep).props("no-caps unelevated")
            ui.button(say("console.desk.clear"), on_click=self._clear).props("no-caps flat")
        self._show_about()

    def _handing_over(self) -> None:
        say = self._viewer.say
        successor = ui.input(label=say("console.desk.successor"), value=self._draft["successor"])
        successor.props("dense outlined debounce=200 maxlength=200").on_value_change(self._typed)
        said = ui.textarea(label=say("console.desk.shift_note"), value=self._draft["shift_note"])
        said.props(f"dense outlined debounce=200 maxlength={LONGEST}").on_value_change(self._typed)
        self._inputs |= dict(zip(SHIFT, (successor, said), strict=True))

        async def hand_over() -> None:
            name = str(successor.value or "").strip()
            if not name or name == self._user:
                ui.notify(say("console.desk.no_successor"), type="warning")
                return
            waiting = await self._write(lambda db: desk.hand_over(db, name, str(said.value or "").strip(), self._user))
            if waiting is not None:
                ui.notify(say("console.desk.handed_over", name=name, count=len(waiting)), type="positive")
                successor.value = said.value = ""
                self._show_shifts()

        ui.button(say("console.desk.hand_over"), on_click=hand_over).props("no-caps unelevated")

    def _arrived(self, calls: list[StoredCall] | None) -> None:
        if calls is None or any(one.call.direction == "incoming" for one in calls):
            self._show_calls()

    def _show_calls(self) -> None:
        incoming = [one.call for one in self._console.watcher.newest if one.call.direction == "incoming"]
        shown = {(call.source, call.offset, _said_of(call, self._viewer)): call for call in incoming[:CALLS_SHOWN]}
        if not self._buttons:
            self._calls.clear()
        for gone in self._buttons.keys() - shown.keys():
            self._buttons.pop(gone).delete()
        with self._calls:
            for place, (key, call) in enumerate(shown.items()):
                if key not in self._buttons:
                    self._buttons[key] = self._button(call)
                    self._buttons[key].move(target_index=place)
            if not shown:
                ui.html(tag("p", self._viewer.say("console.feed_empty"), class_="note"), sanitize=False)

    def _button(self, call: Call) -> ui.element:
        button = ui.element("button").classes("plain desk-call")
        button.on("click", lambda: self._take(call))
        with button:
            ui.html(_said_of(call, self._viewer), sanitize=False, tag="span")
        return button

    async def _take(self, call: Call) -> None:
        """Begin a note of a call, keeping what was typed already."""
        self._draft["call"] = f"{call.source}:{call.offset}"
        self._inputs["number"].value = call.number or ""
        self._show_about()
        self._inputs["caller"].run_method("focus")
        await self._typed()

    def _show_about(self) -> None:
        source, _, offset = self._draft["call"].rpartition(":")
        link = tag("a", self._viewer.say("console.call_page"), href=call_address(source, int(offset))) if source else ""
        self._about.content = tag("p", link, class_="note")

    async def _typed(self) -> None:
        self._draft |= {name: str(box.value or "") for name, box in self._inputs.items()}
        self._draft |= {_receiver(number): one.typed for number, one in self._open.items()}
        fields = dict(self._draft)
        await self._write(lambda db: drafts.put(db, self._user, fields))

    async def _clear(self) -> None:
        others = self._others()
        self._draft = dict.fromkeys(FIELDS, "") | others
        for name in (*ABOUT, *MESSAGE):
            self._inputs[name].value = ""
        self._show_about()
        await self._write(lambda db: drafts.put(db, self._user, others))

    def _others(self) -> dict[str, str]:
        """What is typed for handing over and delivering, which a note that is kept or cleared leaves alone."""
        return {name: text for name, text in self._draft.items() if name not in (*ABOUT, *MESSAGE, "call")}

    async def _keep(self) -> None:
        """Keep the note, and the message where there is one: both, or none of them."""
        say = self._viewer.say
        typed = {name: str(box.value or "").strip() for name, box in self._inputs.items()}
        about = About(*(typed[name] for name in ABOUT))
        message = tuple(typed[name] for name in MESSAGE)
        if any(message) and not (typed["recipient"] and typed["text"]):
            ui.notify(say("console.desk.no_recipient"), type="warning")
            return
        if not any(about) and not any(message):
            ui.notify(say("console.desk.nothing"), type="warning")
            return
        source, _, offset = self._draft["call"].rpartition(":")

        def keep(db: sqlite3.Connection) -> bool:
            number = desk.note(db, about, self._user, (source, int(offset)) if source else None) if any(about) else None
            if any(message):
                taken = (typed["recipient"], about.caller, typed["contact"], typed["text"])
                desk.take(db, taken, self._user, number)
            drafts.put(db, self._user, self._others())
            return True

        if await self._write(keep):
            ui.notify(say("console.desk.kept"), type="positive")
            await self._clear()
            self._show_messages()

    def _show_messages(self) -> None:
        waiting = self._read(desk.open_messages)
        if waiting == self._waiting:
            return
        self._waiting = waiting
        if not self._open:
            self._messages.clear()
        for gone in self._open.keys() - {one.id for one in waiting}:
            self._open.pop(gone).row.delete()
        with self._messages:
            for one in waiting:
                if one.id in self._open:
                    self._open[one.id].told.content = _told_of(one, self._viewer)
                else:
                    self._open[one.id] = self._message(one)
            if not waiting:
                ui.html(tag("p", self._viewer.say("console.desk.none_open"), class_="note"), sanitize=False)

    def _message(self, one: Message) -> Waiting:
        say = self._viewer.say
        with ui.element("div").classes("desk-message") as row:
            told = ui.html(_told_of(one, self._viewer), sanitize=False)
            typed = self._draft.get(_receiver(one.id)) or one.recipient
            receiver = ui.input(label=say("console.desk.receiver"), value=typed)
            receiver.props("dense outlined debounce=200 maxlength=200").on_value_change(self._typed)
            ui.button(
                say("console.desk.delivered"),
                on_click=lambda: self._deliver(one.id, str(receiver.value or "").strip()),
            ).props("no-caps flat dense")
        return Waiting(one.recipient, row, told, receiver)

    def _show_shifts(self) -> None:
        """What those before have left for who is here now."""
        passed = self._read(lambda db: desk.handovers(db, SHIFTS_SHOWN))
        if passed == self._passed:
            return
        self._passed = passed
        self._shifts.clear()
        with self._shifts:
            for one in passed:
                with ui.element("div").classes("desk-message desk-shift"):
                    ui.html(_handed_over(one, self._viewer), sanitize=False)

    async def _deliver(self, number: int, receiver: str) -> None:
        self._draft.pop(_receiver(number), None)
        fields = dict(self._draft)

        def deliver(db: sqlite3.Connection) -> None:
            desk.deliver(db, number, receiver, self._user)
            drafts.put(db, self._user, fields)

        await self._write(deliver)
        self._show_messages()

    async def _search(self, text: str) -> None:
        if not text.strip():
            self._found.content = ""
            return
        self._found.content = found(
            await asyncio.to_thread(self._read, lambda db: desk.search(db, text.strip())), self._viewer
        )

    def _read(self, question: Callable[[sqlite3.Connection], Answer]) -> Answer:
        with reading(self._console.config.site.data) as db:
            return question(db)

    async def _write(self, change: Callable[[sqlite3.Connection], Answer]) -> Answer | None:
        """Write in one transaction; what cannot be kept is said, and stays in the form."""

        def write() -> Answer:
            with writing(self._console.config.site.data) as db:
                return change(db)

        try:
            return await asyncio.to_thread(write)
        except UserError as error:
            ui.notify(self._viewer.say("console.desk.not_kept", why=error), type="negative")
            return None


def _receiver(message: int) -> str:
    """The name in a draft of who is to have a message."""
    return f"receiver:{message}"


def found(what: Found, viewer: Viewer) -> Markup:
    """Return a table of notes, messages and handovers, the newest first."""
    say = viewer.say
    rows = [(one.at, "note", one.by, "; ".join(filter(None, one.about))) for one in what.notes]
    rows += [
        (one.at, "message", one.by, f"{one.caller} → {one.recipient}: {one.text}" + _state(one, viewer))
        for one in what.messages
    ]
    rows += [(one.at, "handover", one.by, f"→ {one.successor}: {one.note}") for one in what.handovers]
    newest = sorted(rows, key=lambda row: -row[0])[:FOUND_SHOWN]
    if not newest:
        return tag("p", say("console.desk.none_found"), class_="note")
    headings = [say(f"console.desk.{key}") for key in ("at", "kind", "by", "said")]
    return table(
        headings,
        [
            [
                tag("td", figures.moment(at, viewer.zone)),
                tag("td", say(f"console.desk.{kind}")),
                tag("td", by),
                tag("td", said),
            ]
            for at, kind, by, said in newest
        ],
        "found",
    )


def _state(message: Message, viewer: Viewer) -> str:
    if message.receiver is None:
        return ""
    return " (" + viewer.say("console.desk.delivered_to", name=message.receiver) + ")"


def _said_of(call: Call, viewer: Viewer) -> Markup:
    outcome = viewer.name("outcome", call.outcome)
    return join(
        (
            tag("b", call.number or figures.NONE),
            tag(
                "span",
                f"{figures.moment(call.start, viewer.zone)[5:16]} · {call.extension or ''} · {outcome}",
                class_="note",
            ),
        )
    )


def _handed_over(shift: Handover, viewer: Viewer) -> Markup:
    note = [figures.moment(shift.at, viewer.zone)[5:16]]
    if shift.open_messages:
        note.append(viewer.say("console.desk.with_messages", count=len(shift.open_messages)))
    return join(
        (
            tag("b", f"{shift.by} → {shift.successor}"),
            tag("div", shift.note, class_="said"),
            tag("span", " · ".join(note), class_="note"),
        )
    )


def _told_of(message: Message, viewer: Viewer) -> Markup:
    caller = " · ".join(filter(None, (message.caller, message.contact)))
    waited = figures.duration(time.time() - message.at)
    note = f"{figures.moment(message.at, viewer.zone)[5:16]} · {message.by} · {waited}"
    return join(
        (tag("b", f"{message.recipient}: {message.text}"), tag("div", caller), tag("span", note, class_="note"))
    )
