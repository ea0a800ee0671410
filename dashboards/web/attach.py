"""Attaching a PBX, step by step: choose a port, listen, see what comes and what it is, have it written and read."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections import deque
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from nicegui import ui

from collector import status
from collector.commands import attaching
from collector.config import Link
from collector.config.adding import NotWrittenError, Wanted, add_source
from collector.errors import UserError
from collector.handover import Offer, hand_over
from collector.inputs.base import describe
from collector.inputs.ports import list_ports, stable_name
from collector.office import audit
from collector.sniffing import NothingFoundError
from collector.store.office_db import writing
from dashboards.web import attach_shown as shown
from dashboards.web.markup import Markup, raw_line, tag
from dashboards.web.page import card
from parsers import formats

if TYPE_CHECKING:
    from collector.config import Config, Serial
    from collector.inputs.ports import Port
    from collector.inputs.tapping import Arrival
    from collector.sniffing import Found
    from dashboards.web.page import Console, Viewer

_log = logging.getLogger(__name__)

SECONDS = 300
"""How long a port is listened to at most."""
REFRESH_S = 1.0
LINES_SHOWN = 25
SAMPLED = 8

_LONGEST_LINE = 400
_listened: set[str] = set()
"""What is listened to in this console just now."""
_going_on: set[asyncio.Task[None]] = set()
"""Links that are listened to until the collector takes them, whether their page is there or not."""


class AttachView:
    """One technician's page."""

    def __init__(self, console: Console, viewer: Viewer) -> None:
        self._console = console
        self._viewer = viewer
        self._ports: list[Port] = []
        self._listening: asyncio.Task[None] | None = None
        self._lines: deque[str] = deque(maxlen=LINES_SHOWN)
        self._line: Serial | None = None
        self._arrivals: list[Arrival] = []
        self._offer: Offer | None = None
        self._offering: asyncio.Task[None] | None = None
        self._lost = ""
        self._link: Link | None = None
        self._found: Found | None = None
        self._added = ""
        say = viewer.say
        with ui.element("div").classes("board"):
            with card(say("attach.choose"), say("attach.choose_note"), wide="full"):
                self._choose()
            with card(say("attach.comes"), say("attach.comes_note"), wide="full"):
                self._news = ui.html(sanitize=False).props("role=status aria-live=polite")
                self._raw = ui.html(sanitize=False).classes("scrolled").props("tabindex=0")
            with card(say("attach.is"), say("attach.is_note"), wide="full") as self._finding:
                self._propose()
            with card(say("attach.read"), wide="full") as self._reading:
                self._handed = ui.html(sanitize=False).props("role=status")
                self._read = ui.html(sanitize=False).classes("scrolled").props("tabindex=0")
        self._finding.set_visibility(False)
        self._reading.set_visibility(False)
        ui.timer(0, self._list, once=True)
        ui.timer(REFRESH_S, self._look)
        ui.context.client.on_delete(self._leave)

    def _choose(self) -> None:
        say = self._viewer.say
        self._list_shown = ui.html(sanitize=False).classes("scrolled").props("tabindex=0")
        self._list_shown.on(
            "click",
            lambda event: self._take_port(event.args),
            js_handler="event => event.target.dataset.port && emit(event.target.dataset.port)",
        )
        self._where = ui.input(label=say("attach.where"), placeholder="serial:/dev/ttyUSB0 · tcp://192.0.2.20:2300")
        self._where.props("dense outlined maxlength=300").classes("desk-field")
        self._allow = ui.input(label=say("attach.allow")).props("dense outlined maxlength=300").classes("desk-field")
        self._allow.bind_visibility_from(self._where, "value", lambda typed: str(typed or "").startswith("tcp-listen:"))
        ui.html(tag("p", say("attach.forms"), class_="note"), sanitize=False)
        with ui.element("div").classes("desk-buttons"):
            self._begin = ui.button(say("attach.listen"), on_click=self._listen).props("no-caps unelevated")
            self._end = ui.button(say("attach.stop"), on_click=self._stop).props("no-caps flat")
            ui.button(say("attach.again"), on_click=self._list).props("no-caps flat")
        self._end.set_visibility(False)

    def _take_port(self, place: object) -> None:
        self._where.value = str(place)

    def _propose(self) -> None:
        say = self._viewer.say
        self._told = ui.html(sanitize=False).classes("scrolled").props("tabindex=0")
        self._format = ui.select([], label=say("attach.format"), on_change=self._show_sample)
        self._format.props("dense outlined options-dense").classes("desk-field")
        self._sample = ui.html(sanitize=False).classes("scrolled").props("tabindex=0")
        self._name = ui.input(label=say("attach.name"), on_change=self._show_table).props("dense outlined maxlength=60")
        self._name.classes("desk-field")
        self._table = ui.html(sanitize=False)
        ui.button(say("attach.write"), on_click=self._write).props("no-caps unelevated")
        self._written = ui.html(sanitize=False).props("role=status")

    async def _list(self) -> None:
        """The ports of this machine, and who reads each."""
        self._ports = await asyncio.to_thread(list_ports)
        self._list_shown.content = shown.ports(self._ports, self._config().sources, self._viewer)

    async def _listen(self) -> None:
        say = self._viewer.say
        await self._stop()
        self._end_offer()
        try:
            link = attaching.link_of(str(self._where.value or ""))
            self._refuse_taken(link)
            await self._note("view", f"listens to {link}")
        except (UserError, sqlite3.Error) as error:
            self._tell(str(error), wrong=True)
            return
        self._found, self._link, self._line, self._added = None, link, None, ""
        self._arrivals.clear()
        self._lines.clear()
        self._lines.append("")
        self._finding.set_visibility(False)
        self._reading.set_visibility(False)
        self._tell(say("attach.listening", link=link))
        allow = tuple(str(self._allow.value or "").replace(",", " ").split()) if link.scheme == "tcp-listen" else ()
        self._listening = asyncio.create_task(self._hear(link, allow))

    def _refuse_taken(self, link: Link) -> None:
        """Raise `UserError` where the collector, or somebody at this console, reads from there."""
        reader = attaching.reader_of(link, self._config().sources)
        if reader is not None:
            raise UserError(self._viewer.say("attach.taken", link=link, source=reader))
        if self._listening is None and str(link) in _listened:
            raise UserError(self._viewer.say("attach.listened", link=link))

    async def _hear(self, link: Link, allow: tuple[str, ...]) -> None:
        _listened.add(str(link))
        try:
            await attaching.listen(link, allow, SECONDS, self)
        except (NothingFoundError, UserError, OSError) as error:
            self._tell(str(error), wrong=True)
        finally:
            _listened.discard(str(link))
            self._listening = None

    def say(self, sentence: str) -> None:
        """Tell how it goes."""
        self._tell(sentence)

    def hear(self, data: bytes, line: Serial | None) -> None:
        """Bytes as they come, cut into lines; other settings begin anew."""
        if line != self._line:
            self._line = line
            self._lines.extend((f"— {describe(line)} —" if line else "", ""))
        *whole, rest = (self._lines.pop() + data.decode("latin-1")).split("\n")
        self._lines.extend(f"{one}\n" for one in whole)
        self._lines.append(rest)
        if len(rest) >= _LONGEST_LINE:
            self._lines.append("")

    def found(self, found: Found) -> None:
        """Show what it is, and propose a source."""
        self._found = found
        self._arrivals.extend(found.arrivals)
        if self._link:
            self._show_found(self._link, found)

    def arrived(self, arrival: Arrival) -> None:
        """What comes once the settings are known."""
        self._arrivals.append(arrival)
        if self._offer:
            self._offer.add([arrival])
        self.hear(arrival.data, self._line)

    def _leave(self) -> None:
        if self._is_written():  # the collector is about to read it: it is listened to until then
            return
        self._end_offer()
        if self._listening is not None:
            self._listening.cancel()

    async def _stop(self) -> None:
        """Let the port go."""
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.wait({self._listening})
        if self._offering is not None:
            await asyncio.wait({self._offering})

    async def _look(self) -> None:
        """Show what came since, and, once the source is written, whether it is read."""
        listens = self._listening is not None
        self._begin.set_visibility(not listens)
        self._end.set_visibility(listens)
        lines = [line for line in self._lines if line]
        self._raw.content = Markup("".join(raw_line(line) for line in lines)) if lines else Markup()
        if self._added:
            await self._show_reading()

    def _show_found(self, link: Link, found: Found) -> None:
        say = self._viewer.say
        settings = describe(found.line) if link.scheme == "serial" else str(link)
        self._tell(say("attach.found", settings=settings, count=found.heard))
        self._told.content = shown.candidates(found, self._viewer)
        names = [one.name for one in found.formats]
        others = [name for name in sorted(formats.names()) if name not in names]
        self._format.set_options([*names, "auto", *others], value=names[0] if names else "auto")
        taken = {source.name for source in self._config().sources}
        self._name.value = next(name for number in range(1, 1000) if (name := f"pbx{number}") not in taken)
        self._written.content = Markup()
        self._finding.set_visibility(True)
        self._show_table()

    def _show_sample(self) -> None:
        if self._found is None:
            return
        name = str(self._format.value or "auto")
        zone = ZoneInfo(self._console.config.site.timezone)
        self._sample.content = (
            tag("p", self._viewer.say("attach.auto"), class_="note")
            if name == "auto"
            else shown.sample(attaching.sample(self._found.text, name, zone, SAMPLED), self._viewer)
        )
        self._show_table()

    def _show_table(self) -> None:
        if self._found is not None and self._link is not None:
            self._table.content = tag("pre", self._wanted(self._link, self._found).toml())

    def _wanted(self, link: Link, found: Found) -> Wanted:
        name = str(self._format.value or "auto")
        best = next((one for one in found.formats if one.name == name), None)
        place = link
        if link.scheme == "serial" and not link.path.startswith("/dev/serial/"):
            place = link._replace(path=stable_name(link.path) or link.path)
        allow = str(self._allow.value or "").replace(",", " ").split() if link.scheme == "tcp-listen" else []
        return Wanted(
            str(self._name.value or "").strip(),
            str(place),
            name,
            found.line if link.scheme == "serial" else None,
            allow,
            best.reasons[0] if best and best.reasons else "",
        )

    async def _write(self) -> None:
        if self._found is None or self._link is None or self._added:
            return
        say, wanted, config = self._viewer.say, self._wanted(self._link, self._found), self._config()
        try:
            self._refuse_taken(self._link)
        except UserError as error:
            self._written.content = tag("pre", str(error), class_="trouble")
            return
        await self._withdraw()
        try:
            await self._note("change", f"adds source {wanted.name}: {wanted.input}")
            await self._offered(wanted, self._link)
            kept = await asyncio.to_thread(add_source, config.path, wanted)
        except NotWrittenError as error:
            self._written.content = shown.by_hand(str(error), config.path, wanted, self._viewer)
            return
        except (UserError, OSError, sqlite3.Error) as error:
            await self._withdraw()
            self._written.content = tag("pre", str(error), class_="trouble", lang="en")
            return
        self._added = wanted.name
        self._written.content = shown.written(config.path, kept, self._viewer)
        ui.notify(say("attach.written", path=config.path), type="positive")
        self._reading.set_visibility(True)

    async def _offered(self, wanted: Wanted, link: Link) -> None:
        """Have the collector ask for what was heard, and for the link. Raises OSError and `UserError`."""
        data = self._console.config.site.data
        try:
            offer = await asyncio.to_thread(Offer, data, wanted.name, Link.parse(wanted.input))
        except BlockingIOError:
            raise UserError(self._viewer.say("attach.listened", link=link)) from None
        offer.add(self._arrivals)
        self._offer = offer
        self._offering = asyncio.create_task(self._hand_over(offer, self._listening))
        _going_on.add(self._offering)
        self._offering.add_done_callback(_going_on.discard)

    async def _hand_over(self, offer: Offer, listening: asyncio.Task[None] | None) -> None:
        try:
            await hand_over(offer, listening)
        except OSError as error:
            _log.error("The last of what was heard cannot be kept for the collector: %s.", error)
            self._lost = str(error)

    async def _withdraw(self) -> None:
        """Go on listening, for no source yet."""
        if self._offer is not None and self._offering is not None:
            self._offering.cancel()
            await asyncio.wait({self._offering})
            self._offer.withdraw()
            self._offer = None

    def _end_offer(self) -> None:
        """What was heard is the collector's where the source was written, and else nobody's."""
        if self._offer is not None and not self._is_written():
            self._offer.withdraw()
        self._offer = None

    def _is_written(self) -> bool:
        """Whether the source that what was heard is kept for is there, by this page or by hand."""
        written = {self._added, *(source.name for source in self._config().sources)}
        return self._offer is not None and self._offer.name in written

    async def _show_reading(self) -> None:
        """How the new source does, and its first call."""
        name = self._added
        state = await asyncio.to_thread(status.read, self._config())
        line = next((one for one in state["sources"] if one["name"] == name), None)
        calls = await asyncio.to_thread(shown.first_calls, self._console.config.site.data / "calls.db", name)
        self._read.content = shown.reading(line, calls, self._viewer)
        if self._offer is not None and self._offering is not None:
            self._handed.content = shown.handed(
                self._offer.size, self._viewer, is_over=self._offering.done(), lost=self._lost
            )

    def _config(self) -> Config:
        return self._console.current.config()

    def _tell(self, sentence: str, *, wrong: bool = False) -> None:
        self._news.content = tag("p", sentence, class_="trouble" if wrong else "note")

    async def _note(self, action: audit.Action, what: str) -> None:
        """Into the audit trail, before it is done. Raises `UserError`."""
        user, address = self._viewer.user, self._viewer.address

        def write() -> None:
            with writing(self._console.config.site.data) as db:
                audit.note(db, user.name, user.role, address, action, "/attach", what)

        await asyncio.to_thread(write)
