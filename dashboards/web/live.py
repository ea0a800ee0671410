"""The live feed: the calls stored or changed last, a second after the collector commits them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from nicegui import ui

from collector.store import queries
from dashboards.web import figures
from dashboards.web.markup import Markup, join, raw_line, tag
from dashboards.web.page import note, notice
from dashboards.web.searching import call_address
from dashboards.web.store import NEWEST, NothingStoredError
from parsers.formats import is_binary

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from nicegui.events import GenericEventArguments

    from collector.calls import Call
    from collector.joining import ReceivedLeg
    from collector.store.queries import StoredCall
    from dashboards.web.page import Console, Viewer

Row = dict[str, Any]

ON_PHONE = ("clock", "arrow", "number", "extension", "outcome")
"""Columns that fit a phone."""

ONLY_ON_PHONE = ("clock",)

ARROWS = {"incoming": "↘", "outgoing": "↗", "internal": "↔", "tandem": "⇄", "unknown": "·"}


UNTOLD = {"flags", "legs", "format", "received", "resolution_s", "open", "former", "start"}
"""Fields of a call that its details show elsewhere, or that only the collector needs."""

DIRECTION_CLASS = "cell => 'd-' + cell.data.directionKey"


class Changes(NamedTuple):
    """What a table must do to show the newest calls."""

    add: list[Row]
    update: list[Row]
    remove: list[Row]


class Shown:
    """The calls one viewer's table holds, newest first."""

    def __init__(self, viewer: Viewer) -> None:
        self._viewer = viewer
        self._ids: list[str] = []

    def take(self, calls: Iterable[StoredCall]) -> Changes:
        """Take in calls that are new or changed, newest first; the oldest beyond `NEWEST` go."""
        rows = [row(one.call, self._viewer) for one in calls]
        held = set(self._ids)
        add = [one for one in rows if one["id"] not in held]
        ids = [*(one["id"] for one in add), *self._ids]
        self._ids, gone = ids[:NEWEST], ids[NEWEST:]
        kept = set(self._ids)
        return Changes(
            add=[one for one in add if one["id"] in kept],
            update=[one for one in rows if one["id"] in held and one["id"] in kept],
            remove=[{"id": identity} for identity in gone if identity in held],
        )


class LiveView:
    """One viewer's feed."""

    def __init__(self, console: Console, viewer: Viewer) -> None:
        self._console = console
        self._viewer = viewer
        self._shown = Shown(viewer)
        self._ready = False
        self._paused = False
        say = viewer.say
        self._grid: ui.aggrid
        with ui.element("div").classes("toolbar"):
            search = ui.input(placeholder=say("console.search")).props("dense outlined clearable").classes("search")
            search.on_value_change(
                lambda: self._grid.run_grid_method("setGridOption", "quickFilterText", search.value or "")
            )
            self._pause = ui.switch(say("console.pause"), on_change=self._pause_changed)
        self._notice = ui.html(sanitize=False)
        rows = self._shown.take(console.watcher.newest).add
        self._grid = ui.aggrid(_options(rows, viewer)).classes("feed")
        self._grid.on("gridReady", self._catch_up, [])
        self._grid.on("rowClicked", self._clicked, ["data"])
        console.watcher.arrived.subscribe(self._arrived)
        with ui.dialog() as self._dialog, ui.card().classes("details"):
            self._details = ui.html(sanitize=False)
        self._explain()

    def _catch_up(self) -> None:
        self._ready = True
        self._arrived(self._console.watcher.newest)

    def _arrived(self, calls: list[StoredCall] | None) -> None:
        if not self._ready:
            self._explain()  # a table that is not shown may not become ready
            return
        if self._paused:
            return
        if calls is None:
            self._shown = Shown(self._viewer)
            rows = self._shown.take(self._console.watcher.newest).add
            self._grid.run_grid_method("setGridOption", "rowData", rows)
        else:
            changes = self._shown.take(calls)
            self._grid.run_grid_method("applyTransaction", {**changes._asdict(), "addIndex": 0})
        self._explain()

    def _pause_changed(self) -> None:
        self._paused = self._pause.value
        if not self._paused:
            self._arrived(self._console.watcher.newest)

    def _explain(self) -> None:
        empty = not self._console.watcher.newest
        heading, text = (self._viewer.say(key) for key in ("console.nothing_stored", "console.feed_empty"))
        self._notice.content = notice(heading, text) if empty else ""
        # NiceGUI passes over what an element tells that it has hidden itself, and a table that is ready tells so once.
        self._grid.classes(**{"add" if empty else "remove": "unseen"})

    async def _clicked(self, event: GenericEventArguments) -> None:
        source, _, offset = str(event.args["data"]["id"]).rpartition(":")

        journal = self._console.config.site.data / "journal"

        def read(connection: sqlite3.Connection) -> tuple[Call | None, list[ReceivedLeg]]:
            call = queries.call(connection, source, int(offset))
            return call, queries.legs(connection, journal, call) if call else []

        try:
            call, legs = await self._console.store.ask(read)
        except NothingStoredError:
            return
        if call is not None:
            await note(self._console, self._viewer, call_address(source, int(offset)))
            config = self._console.config
            site = config.site_of(source) if config.branches else ""
            self._details.content = details(call, legs, self._viewer, site)
            self._dialog.open()


def row(call: Call, viewer: Viewer) -> Row:
    """Return a call as a row of the table. Only values come from the PBX, never a key."""
    time = figures.moment(call.start, viewer.zone)
    return {
        "id": f"{call.source}:{call.offset}",
        "time": time[5:],
        "clock": time[11:],
        "arrow": ARROWS[call.direction],
        "direction": viewer.name("direction", call.direction),
        "directionKey": call.direction,
        "number": call.number or call.peer_extension or figures.NONE,
        "extension": call.extension or figures.NONE,
        "ring": _ring(call, viewer),
        "talk": figures.duration(call.talk_s),
        "outcome": viewer.name("outcome", call.outcome),
        "outcomeKey": call.outcome,
        "class": viewer.name("class", call.class_),
        "department": call.department or "",
        "source": call.source,
        "trunk": call.trunk or "",
    }


def details(call: Call, legs: list[ReceivedLeg], viewer: Viewer, site: str = "") -> Markup:
    """Return everything known of a call: its fields, and every leg with the line as the PBX printed it."""
    page = tag("a", viewer.say("console.call_page"), href=call_address(call.source, call.offset))
    return join(
        (
            facts(call, viewer, site),
            tag("p", page),
            tag("h3", viewer.say("console.legs", count=len(legs))),
            *(leg(number, stored, viewer) for number, stored in enumerate(legs, 1)),
        )
    )


def facts(call: Call, viewer: Viewer, site: str = "") -> Markup:
    """Return the fields of a call in words, with its ``site`` where there are several."""
    say = viewer.say
    heading = f"{viewer.name('direction', call.direction)} · {call.number or call.peer_extension or figures.NONE}"
    fields = msgspec.to_builtins(call)
    shown = [
        (say(f"field.{key}"), _said(key, value, viewer))
        for key, value in fields.items()
        if key not in UNTOLD and value not in (None, "", False)
    ]
    shown = [(say("site"), site), *shown] if site else shown
    received = say("console.received_at", time=figures.moment(call.received, viewer.zone))
    return join(
        (
            tag("h2", heading),
            tag("p", f"{figures.moment(call.start, viewer.zone)} · {received} · {call.format}", class_="note"),
            tag("dl", *(tag("div", tag("dt", label), tag("dd", value)) for label, value in shown), class_="facts"),
        )
    )


def leg(number: int, stored: ReceivedLeg, viewer: Viewer) -> Markup:
    """Return a leg in words, and the line as the PBX printed it."""
    leg = stored.leg
    parts = (
        f"{number}.",
        viewer.name("direction", leg.direction),
        viewer.name("outcome", leg.outcome),
        f"{viewer.say('extension')} {leg.extension or figures.NONE}",
        f"{viewer.say('console.ring')} {_seconds(leg.ring_s, viewer)}",
        f"{viewer.say('console.talk')} {figures.duration(leg.talk_s)}",
        viewer.say("console.received_at", time=figures.moment(stored.received, viewer.zone)),
        viewer.say("console.at_offset", offset=figures.count(leg.offset)),
    )
    return tag("div", tag("p", " · ".join(parts[1:])), raw_line(leg.raw, binary=is_binary(leg.format)), class_="leg")


def _ring(call: Call, viewer: Viewer) -> str:
    """Outgoing and internal calls seldom have a ring time: only an incoming call is worth saying so."""
    if call.ring_s is None:
        return viewer.say("not-reported") if call.direction == "incoming" else figures.NONE
    return figures.seconds(call.ring_s, viewer.language)


def _said(key: str, value: object, viewer: Viewer) -> str:
    return viewer.say("console.yes") if value is True else viewer.name(key, str(value))


def _seconds(value: int | None, viewer: Viewer) -> str:
    return viewer.say("not-reported") if value is None else figures.seconds(value, viewer.language)


def _options(rows: list[Row], viewer: Viewer) -> dict[str, Any]:
    say = viewer.say
    columns: list[dict[str, Any]] = [
        {"field": "time", "headerName": say("console.time"), "minWidth": 118},
        {"field": "clock", "headerName": say("console.time"), "minWidth": 66, "hide": True},
        {"field": "arrow", "headerName": "", "minWidth": 36, "maxWidth": 36, ":cellClass": DIRECTION_CLASS},
        {"field": "direction", "headerName": say("direction"), ":cellClass": DIRECTION_CLASS},
        {"field": "number", "headerName": say("console.number"), "flex": 2, "minWidth": 116},
        {"field": "extension", "headerName": say("extension"), "minWidth": 60},
        {"field": "ring", "headerName": say("console.ring"), "type": "rightAligned"},
        {"field": "talk", "headerName": say("console.talk"), "type": "rightAligned"},
        {
            "field": "outcome",
            "headerName": say("outcome"),
            "minWidth": 88,
            ":cellClass": "cell => 'o-' + cell.data.outcomeKey",
        },
        {"field": "class", "headerName": say("class")},
        {"field": "department", "headerName": say("department")},
        {"field": "trunk", "headerName": say("trunk")},
        {"field": "source", "headerName": say("source")},
    ]
    hidden = [column["field"] for column in columns if column["field"] not in ON_PHONE]
    return {
        "columnDefs": columns,
        "rowData": rows,
        "defaultColDef": {"flex": 1, "minWidth": 72, "resizable": True, "sortable": False, "suppressMovable": True},
        ":getRowId": "row => row.data.id",
        ":onGridSizeChanged": _fit(hidden),
        "rowHeight": 32,
        "headerHeight": 34,
        "animateRows": False,
        "suppressCellFocus": True,
        "enableCellTextSelection": True,
        "overlayNoRowsTemplate": f"<span>{say('console.no_match')}</span>",
        "suppressFieldDotNotation": True,
        "cacheQuickFilter": True,
    }


def _fit(wide_only: list[str]) -> str:
    """JavaScript that swaps the columns of a wide table for those of a narrow one."""
    wide, narrow = (msgspec.json.encode(names).decode() for names in (wide_only, ONLY_ON_PHONE))
    return f"""e => {{
        const wide = e.clientWidth > 700;
        if (e.api.getColumn('time').isVisible() === wide) return;
        e.api.setColumnsVisible({wide}, wide);
        e.api.setColumnsVisible({narrow}, !wide);
    }}"""
