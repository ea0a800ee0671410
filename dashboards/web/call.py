"""One call: its fields in words, what it costs and why, and every line it was made of, taken apart."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from nicegui import ui

from collector.assembly import accounting_of
from collector.commands import rating
from collector.errors import UserError
from collector.store import queries
from dashboards.web.handling import Handling
from dashboards.web.live import facts, leg
from dashboards.web.markup import Markup, join, tag, verbatim
from dashboards.web.page import card, notice, why_nothing
from dashboards.web.rejected import taken_apart
from dashboards.web.store import NothingStoredError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from collector.calls import Call
    from collector.config import Config
    from collector.joining import ReceivedLeg
    from dashboards.web.page import Console, Viewer
    from dashboards.words import Language


class Told(NamedTuple):
    """A call, its legs, and the price and each leg explained ('' where there is nothing to explain)."""

    call: Call
    legs: Sequence[ReceivedLeg]
    price: str
    lines: Sequence[str]


class CallView:
    """One viewer's page of a call."""

    def __init__(self, console: Console, viewer: Viewer, source: str, offset: int) -> None:
        self._console = console
        self._viewer = viewer
        self._source = source
        self._offset = offset
        with ui.element("div").classes("board") as self._board, card(viewer.say("console.call"), wide="full"):
            self._content = ui.html(sanitize=False).classes("scrolled explained").props("tabindex=0")
        ui.timer(0, self._fill, once=True)

    async def _fill(self) -> None:
        say, config = self._viewer.say, self._console.config
        try:
            read = await self._console.store.ask(self._read)
        except NothingStoredError as error:
            self._content.content = notice(
                say("console.nothing_stored"), why_nothing(error, self._console, self._viewer)
            )
            return
        if read is None:
            self._content.content = notice(say("console.no_such_call"), say("console.no_such_call_why"))
            return
        with self._board:
            Handling(self._console, self._viewer, read[0])
        site = config.site_of(self._source) if config.branches else ""
        if self._viewer.sight.masked:
            self._content.content = call_without_lines(read[0], self._viewer, site)
            return
        self._content.content = call_page(
            await asyncio.to_thread(told, config, *read, self._viewer.language), self._viewer, site
        )

    def _read(self, connection: sqlite3.Connection) -> tuple[Call, list[ReceivedLeg]] | None:
        call = queries.call(connection, self._source, self._offset)
        journal = self._console.config.site.data / "journal"
        return (call, queries.legs(connection, journal, call)) if call else None


def told(config: Config, call: Call, legs: Sequence[ReceivedLeg], language: Language) -> Told:
    """Explain the price of a call and each of its legs."""
    zone = next((source.timezone for source in config.sources if source.name == call.source), None)
    local = ZoneInfo(zone or config.of(call.source).site.timezone)
    return Told(call, legs, _price(config, call, language), [_line(one, local, language) for one in legs])


def call_page(shown: Told, viewer: Viewer, site: str) -> Markup:
    """Return everything that is known of a call."""
    say = viewer.say
    parts = [facts(shown.call, viewer, site)]
    if shown.price:
        note = tag("p", say("console.price_note"), class_="note")
        parts += [tag("h3", say("console.price")), note, verbatim(shown.price, class_="price")]
    parts.append(tag("h3", say("console.legs", count=len(shown.legs))))
    for number, (one, line) in enumerate(zip(shown.legs, shown.lines, strict=True), 1):
        parts.append(leg(number, one, viewer))
        parts.append(verbatim(line) if line else tag("p", say("console.line_gone"), class_="note"))
    return join(parts)


def call_without_lines(call: Call, viewer: Viewer, site: str) -> Markup:
    """Return what one sees of a call from whom digits are hidden: the lines have all of them."""
    return join((facts(call, viewer, site), tag("p", viewer.say("console.lines_hidden"), class_="note")))


def _line(heard: ReceivedLeg, zone: ZoneInfo, language: Language) -> str:
    if not heard.leg.raw:
        return ""
    try:
        return taken_apart(heard.leg.raw, heard.leg.format, zone, heard.received, language)
    except UserError as error:
        return str(error)


def _price(config: Config, call: Call, language: Language) -> str:
    """What the tables of now say of its price; '' where nothing prices it."""
    try:
        accounting = accounting_of(config.of(call.source))
        charge = accounting.charge(call)
    except UserError as error:
        return str(error)
    if not accounting.prices(call):
        return ""
    return "\n".join(rating.told(charge, call, config.accounting.currency, language))
