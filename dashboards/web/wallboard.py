"""The wallboard: how many wait, how fast was answered today, what is still to be returned, the last calls; no controls.

It hangs where visitors pass: the last digits of numbers are hidden, whoever is logged in.
"""

from __future__ import annotations

import time
from datetime import datetime
from typing import TYPE_CHECKING

from nicegui import ui

from collector.store.sight import masked
from dashboards.web import figures
from dashboards.web.heart import Banner
from dashboards.web.live import ARROWS
from dashboards.web.markup import Markup, join, tag
from dashboards.web.page import dress

if TYPE_CHECKING:
    from collector.calls import Call
    from collector.store.queries import StoredCall
    from dashboards.web.board import Standing
    from dashboards.web.page import Console, Viewer

SHOWN = 8
GOOD, FAIR = 0.8, 0.6
"""From these shares of calls answered in time on, the figure is green, and amber."""
TICK_S = 1.0


class WallboardView:
    """One screen."""

    def __init__(self, console: Console, viewer: Viewer) -> None:
        self._console = console
        self._viewer = viewer
        dress(console, viewer, viewer.say("console.wallboard"))
        Banner(console.heart, viewer)
        with ui.element("main").classes("wall"):
            self._top = ui.html(sanitize=False).classes("wall-top")
            self._tiles = ui.html(sanitize=False).classes("wall-tiles")
            self._last = ui.html(sanitize=False).classes("wall-last")
        self._show_top()
        console.watcher.arrived.subscribe(self._arrived)
        ui.timer(TICK_S, self._fill)

    async def _arrived(self, _calls: list[StoredCall] | None) -> None:
        self._show_last()
        await self._fill()

    def _show_top(self) -> None:
        viewer = self._viewer
        clock = f"{datetime.now(viewer.zone):%H:%M}"
        name = self._console.config.site.name
        self._top.content = join((tag("span", name), tag("h1", viewer.say("console.wallboard")), tag("time", clock)))

    def _show_last(self) -> None:
        newest = self._console.watcher.newest[:SHOWN]
        self._last.content = last_calls([one.call for one in newest], self._viewer)

    async def _fill(self) -> None:
        self._show_top()
        self._show_last()
        stands = await self._console.board.standing()
        rings = self._console.config.site.answer_within_rings
        self._tiles.content = tiles(stands, rings, time.time(), self._viewer)


def tiles(stands: Standing | None, rings: int, now: float, viewer: Viewer) -> Markup:
    """Return the four figures; a dash where there is nothing to tell."""
    say = viewer.say
    if stands is None:
        names = ("waiting", "within", "missed", "longest")
        return join(_tile(say(f"console.wall.{name}"), figures.NONE, say("console.nothing_stored")) for name in names)
    share = figures.share(stands.within, stands.timed)
    timed = say("console.wall.within_note", within=stands.within, timed=stands.timed, rings=rings)
    left = stands.open + stands.overdue
    return join(
        (
            _waiting(stands.waiting, now, viewer),
            _tile(
                say("console.wall.within"),
                figures.NONE if share is None else f"{share:.0%}",
                say("console.wall.within_unknown") if share is None else timed,
                "" if share is None else "good" if share >= GOOD else "warn" if share >= FAIR else "bad",
            ),
            _tile(
                say("console.wall.missed"),
                figures.count(left),
                say("console.wall.missed_note", overdue=stands.overdue),
                "bad" if stands.overdue else "warn" if left else "good",
            ),
            _tile(say("console.wall.longest"), figures.duration(stands.longest_s), say("ring-time")),
        )
    )


def last_calls(calls: list[Call], viewer: Viewer) -> Markup:
    """Return the last calls, newest first."""
    rows = (
        tag(
            "tr",
            tag("td", figures.moment(call.start, viewer.zone)[11:16]),
            tag("td", ARROWS[call.direction], class_=f"d-{call.direction}"),
            tag("td", masked(call.number) if call.number else call.peer_extension or figures.NONE),
            tag("td", call.extension or figures.NONE),
            tag("td", call.department or "", class_="wide"),
            tag("td", "" if call.open else viewer.name("outcome", call.outcome), class_=f"o-{call.outcome}"),
            tag("td", figures.duration(call.talk_s), class_="figure wide"),
        )
        for call in calls
    )
    return join((tag("h2", viewer.say("console.wall.last")), tag("table", tag("tbody", *rows))))


def _waiting(waiting: list[Call] | None, now: float, viewer: Viewer) -> Markup:
    say = viewer.say
    label = say("console.wall.waiting")
    if waiting is None:
        return _tile(label, figures.NONE, say("console.wall.waiting_unknown"))
    if not waiting:
        return _tile(label, "0", say("console.wall.waiting_none"), "good")
    longest = figures.duration(max(0, now - waiting[0].received))
    return _tile(label, str(len(waiting)), say("console.wall.waiting_longest", duration=longest), "warn")


def _tile(label: str, value: str, note: str, standing: str = "") -> Markup:
    return tag("div", tag("span", label), tag("b", value), tag("span", note), class_=f"wall-tile {standing}".rstrip())
