"""The missed calls of the last days: which are open, how long there is time to return them, which were returned."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

from nicegui import ui

from collector.office import misses
from collector.store.office_db import writing
from collector.store.sight import masked
from dashboards.web import acting, figures
from dashboards.web.markup import Markup, join, table, tag
from dashboards.web.page import card
from dashboards.web.recent_misses import DAYS, since, standing
from dashboards.web.searching import call_address
from dashboards.web.tiles import key_figure

if TYPE_CHECKING:
    from collector.office.misses import Miss, OutsideCall, Standing
    from dashboards.web.page import Console, Viewer

SHOWN = 200
REFRESH_S = 3.0
STANDINGS: tuple[Standing, ...] = ("open", "overdue", "returned", "late", "handled")


class MissedView:
    """One viewer's page."""

    def __init__(self, console: Console, viewer: Viewer) -> None:
        self._console = console
        self._viewer = viewer
        self._calls: list[OutsideCall] = []
        self._generation = -1
        self._shown: list[Miss] = []
        say = viewer.say
        minutes = console.config.rules.missed_minutes
        with ui.element("div").classes("board"):
            self._cards = ui.html(sanitize=False).classes("cards")
            with card(say("console.missed"), say("console.missed_note", days=DAYS, minutes=minutes), wide="full"):
                self._list = ui.html(sanitize=False).classes("scrolled").props("tabindex=0")
        self._list.on(
            "click",
            lambda event: self._handle(event.args),
            js_handler="event => event.target.dataset.call && emit(event.target.dataset.call)",
        )
        ui.timer(REFRESH_S, self._fill)

    async def _fill(self) -> None:
        generation = self._console.watcher.generation
        if generation != self._generation:
            self._calls = await asyncio.to_thread(since, self._console.store.path, time.time())
            self._generation = generation
        found = standing(self._calls, self._console.config, time.time())
        self._shown = [one for one in found if self._viewer.sees(one.call.department, one.call.start)]
        self._cards.content = cards(self._shown, self._viewer)
        self._list.content = rows(self._shown[:SHOWN], self._viewer)

    async def _handle(self, identity: object) -> None:
        waiting = {f"{one.call.source}:{one.call.offset}": one.call for one in self._shown if one.at is None}
        call = waiting.get(str(identity))
        if call is None:
            return
        await acting.kept(partial(self._write, call), self._viewer)
        await self._fill()

    def _write(self, call: OutsideCall) -> None:
        with writing(self._console.config.site.data) as db:
            misses.handle(db, call.source, call.offset, self._viewer.user.name)


def cards(found: list[Miss], viewer: Viewer) -> Markup:
    """Return how many stand how."""
    counts = Counter(one.standing for one in found)
    return join(
        key_figure(
            viewer.say(f"console.missed.{standing}"),
            figures.count(counts[standing]),
            Markup(),
            viewer.say(f"console.missed.{standing}_note"),
        )
        for standing in STANDINGS
    )


def rows(found: list[Miss], viewer: Viewer) -> Markup:
    """Return the table."""
    say = viewer.say
    if not found:
        return tag("p", say("console.missed.none"), class_="note")
    headings = [say(f"console.missed.{key}") for key in ("at", "number", "whose", "standing", "left")]
    return table([*headings, ""], [_row(one, viewer) for one in found], "misses")


def _row(one: Miss, viewer: Viewer) -> list[Markup]:
    say, call = viewer.say, one.call
    number = masked(call.number) if viewer.sight.masked else call.number
    whose = " · ".join(filter(None, (call.department, call.person, call.extension)))
    left = figures.duration(max(0, one.until - time.time())) if one.standing == "open" else figures.NONE
    if one.at is not None:
        left = f"{figures.moment(one.at, viewer.zone)[5:16]} {one.by or ''}"
    button = tag("button", say("console.missed.handle"), class_="plain", data_call=f"{call.source}:{call.offset}")
    return [
        tag("td", figures.moment(call.start, viewer.zone)[5:16]),
        tag("td", tag("a", number, href=call_address(call.source, call.offset))),
        tag("td", whose),
        tag("td", tag("i", class_=f"dot miss-{one.standing}"), " ", say(f"console.missed.{one.standing}")),
        tag("td", left),
        tag("td", button if one.at is None else ""),
    ]
