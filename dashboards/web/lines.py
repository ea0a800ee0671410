"""The lines page: every source's link and what became of its bytes, what was not understood, and the outputs."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from nicegui import ui

from collector import status
from collector.store import events_db, queries
from dashboards.web import figures
from dashboards.web.markup import Markup, join, table, tag
from dashboards.web.page import card, notice, why_nothing
from dashboards.web.rejected import line_address, rejected_lines
from dashboards.web.store import NothingStoredError
from parsers.formats import is_binary

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from collector.store.events_db import PastAlarm
    from collector.store.queries import Balance, NoiseCount, RejectedLine
    from dashboards.web.page import Console, Viewer

REFRESH_S = 2.0
REJECTED_SHOWN = 50
ALARMS_SHOWN = 20


class Stored(NamedTuple):
    """What calls.db and the journal say, by source where not said otherwise."""

    balances: dict[str, Balance]
    noise: list[NoiseCount]
    rejected: list[RejectedLine]
    """Those that were received last, newest first."""
    quarantined: dict[str, int]
    """Points refused for good, by output."""


class LinesView:
    """One viewer's lines page."""

    def __init__(self, console: Console, viewer: Viewer) -> None:
        self._console = console
        self._viewer = viewer
        say = viewer.say
        self._notice = ui.html(sanitize=False)
        ui.html(tag("p", tag("a", say("console.attach_more"), href="/attach"), class_="toolbar"), sanitize=False)
        with ui.element("div").classes("board"):
            with card(say("console.alarms"), say("console.alarms_note", count=ALARMS_SHOWN), wide="full"):
                self._alarms = ui.html(sanitize=False).classes("scrolled").props("tabindex=0")
            self._sources = ui.html(sanitize=False).classes("sources")
            with card(say("console.rejected_lines"), say("console.rejected_note", count=REJECTED_SHOWN), wide="full"):
                self._rejected = ui.html(sanitize=False).classes("scrolled").props("tabindex=0")
            with card(say("console.outputs"), wide="full"):
                self._outputs = ui.html(sanitize=False).classes("scrolled").props("tabindex=0")
        ui.timer(REFRESH_S, self._refresh)

    async def _refresh(self) -> None:
        config = self._console.config
        journal = config.site.data / "journal"

        def read(connection: sqlite3.Connection) -> Stored:
            return Stored(
                {source.name: queries.balance(connection, journal, source.name) for source in config.sources},
                queries.noise(connection),
                _last_rejected(connection, [source.name for source in config.sources]),
                queries.quarantined(connection),
            )

        state = await asyncio.to_thread(status.read, config)
        raised = await asyncio.to_thread(events_db.alarms, config.site.data, ALARMS_SHOWN)
        try:
            stored = await self._console.store.ask(read)
            self._notice.content = ""
        except NothingStoredError as error:
            stored = Stored({}, [], [], {})
            heading = self._viewer.say("console.nothing_stored")
            self._notice.content = notice(heading, why_nothing(error, self._console, self._viewer))
        self._alarms.content = alarms(raised, self._viewer)
        self._sources.content = sources(state["sources"], stored, self._viewer)
        binary = {source["name"] for source in state["sources"] if is_binary(source["format"])}
        self._rejected.content = rejected_lines(stored.rejected, binary, self._viewer)
        self._outputs.content = outputs(state["outputs"], stored.quarantined, self._viewer)


def _last_rejected(connection: sqlite3.Connection, names: Iterable[str]) -> list[RejectedLine]:
    lines = [line for name in names for line in queries.rejected_lines(connection, name, REJECTED_SHOWN)]
    return sorted(lines, key=lambda line: line.received, reverse=True)[:REJECTED_SHOWN]


def sources(states: list[dict[str, Any]], stored: Stored, viewer: Viewer) -> Markup:
    """Return a card for every source."""
    return join(
        _source(
            state,
            stored.balances.get(state["name"]),
            [kind for kind in stored.noise if kind.source == state["name"]],
            viewer,
        )
        for state in states
    )


def outputs(states: list[dict[str, Any]], refused: dict[str, int], viewer: Viewer) -> Markup:
    """Return the table of outputs: how far behind each one is, and why."""
    say = viewer.say
    if not states:
        return tag("p", say("console.no_outputs"), class_="note")
    rows = [
        [
            tag("td", tag("b", state["name"])),
            tag("td", _badge(state["state"], say(f"console.output.{state['state']}"))),
            tag("td", figures.count(state["lag_calls"]), class_="figure"),
            tag("td", figures.count(refused.get(state["name"], 0)), class_="figure"),
            tag("td", state["last_error"] or figures.NONE),
        ]
        for state in states
    ]
    figure_headings = (say("console.lag"), say("console.refused"))
    headings = [
        say("console.output"),
        say("console.state"),
        *(tag("th", heading, class_="figure") for heading in figure_headings),
        say("console.last_error"),
    ]
    return table(headings, rows, "outputs")


def alarms(raised: list[PastAlarm], viewer: Viewer) -> Markup:
    """Return the table of alarms: those that stand, and how the others ended."""
    say = viewer.say
    if not raised:
        return tag("p", say("console.no_alarms"), class_="note")
    rows = [
        [
            tag("td", _badge("failed" if one.cleared is None else "open", say(f"alarm.{one.kind}"))),
            tag("td", one.subject),
            tag("td", figures.moment(one.raised, viewer.zone)),
            tag("td", one.sentence),
            tag(
                "td",
                say("console.alarm_stands") if one.cleared is None else figures.moment(one.cleared, viewer.zone),
                tag("small", one.recovery or ""),
            ),
        ]
        for one in raised
    ]
    headings = ("console.alarm", "console.alarm_of", "console.alarm_since", "console.alarm_says", "console.alarm_end")
    return table([say(key) for key in headings], rows, "alarms")


def _source(state: dict[str, Any], balance: Balance | None, noise: list[NoiseCount], viewer: Viewer) -> Markup:
    say = viewer.say
    since = _moment(state["since"], viewer)
    facts: tuple[tuple[str, str], ...] = (
        ("console.last_record", _moment(state["last_record"], viewer)),
        ("console.legs_count", figures.count(state["legs"])),
        ("calls", figures.count(state["calls"])),
        ("console.rejected_count", tag("a", figures.count(state["rejected"]), href=line_address(state["name"]))),
        ("console.drift", figures.seconds(state["drift_s"], viewer.language, "+.1f")),
    )
    errors, dates = state["line_errors"], state["dates"]
    if errors is not None:
        facts += (("console.line_errors", say("console.line_errors_of", **errors)),)
    return tag(
        "section",
        tag(
            "div",
            tag("h2", state["name"]),
            _badge(state["state"], say(f"console.link.{state['state']}")),
            tag("span", say("console.since", time=since) if state["since"] else "", class_="note"),
            class_="heading",
        ),
        tag("p", tag("code", state["input"]), " · ", tag("code", state["format"]), class_="note"),
        tag("p", say("console.stopped_note") if state["state"] == "stopped" else state["detail"], class_="note"),
        tag("dl", *(tag("div", tag("dt", say(key)), tag("dd", value)) for key, value in facts), class_="facts"),
        tag("p", say("console.dates_told", order=dates["order"]), class_="note") if dates else Markup(),
        _balance(balance, viewer) if balance else Markup(),
        _noise(noise, viewer),
        class_="card source",
    )


def _balance(balance: Balance, viewer: Viewer) -> Markup:
    """The identity, drawn and written out."""
    say = viewer.say
    parts = {name: getattr(balance, name) for name in ("records", "rejected", "noise", "pending")}
    whole = sum(parts.values()) or 1
    bar = (
        tag(
            "i",
            class_=name,
            style=f"width:{100 * size / whole:.3f}%",
            title=f"{say(f'console.bytes.{name}')}: {figures.count(size)}",
        )
        for name, size in parts.items()
    )
    terms = (
        tag(
            "span",
            tag("i", class_=f"key {name}"),
            f"{figures.count(size)} {say(f'console.bytes.{name}')}",
            class_="term",
        )
        for name, size in parts.items()
    )
    verdict = "holds" if balance.holds else "broken"
    return tag(
        "div",
        tag("div", *bar, class_="stack"),
        tag(
            "p",
            tag("b", say("console.bytes.received", count=figures.count(balance.received))),
            " = ",
            *_with_plus(list(terms)),
        ),
        tag("p", "✓ " if balance.holds else "✗ ", say(f"console.balance.{verdict}"), class_=f"verdict {verdict}"),
        class_="balance",
    )


def _with_plus(terms: list[Markup]) -> list[str | Markup]:
    return [part for term in terms for part in (" + ", term)][1:]


def _noise(kinds: list[NoiseCount], viewer: Viewer) -> Markup:
    if not kinds:
        return Markup()
    written = (
        viewer.say(
            "console.noise_kind",
            kind=viewer.say(f"noise.{kind.reason}"),
            lines=figures.count(kind.lines),
            bytes=figures.count(kind.bytes),
        )
        for kind in kinds
    )
    return tag("p", f"{viewer.say('console.bytes.noise').capitalize()}: {'; '.join(written)}", class_="note")


def _badge(state: str, text: str) -> Markup:
    return tag("span", tag("i", class_=f"dot {state}"), text, class_="badge")


def _moment(iso: str | None, viewer: Viewer) -> str:
    return figures.NONE if iso is None else figures.moment(datetime.fromisoformat(iso).timestamp(), viewer.zone)
