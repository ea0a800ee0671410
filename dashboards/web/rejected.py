"""The lines of a source that were not understood, and one of them taken apart."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from nicegui import ui

from collector import status
from collector.commands.explain import explained
from collector.store import queries
from collector.store.events_db import link_events
from dashboards.web import figures
from dashboards.web.markup import Markup, join, raw_line, table, tag, verbatim
from dashboards.web.page import card, notice, why_nothing
from dashboards.web.store import NothingStoredError
from parsers.formats import is_binary
from parsers.records import REASONS

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection

    from starlette.datastructures import QueryParams

    from collector.config import Source
    from collector.store.queries import RejectedLine
    from dashboards.web.page import Console, Viewer
    from dashboards.words import Language

ON_A_PAGE = 50
LINK_EVENTS = 20
RULER_WIDTH = 110
_UNKNOWN_FORMATS = frozenset({"", "auto"})


class Choice(NamedTuple):
    """Which of a source's lines are looked at: those in front of an offset, for a reason; None: all."""

    before: int | None
    reason: str | None

    @classmethod
    def of(cls, parameters: QueryParams) -> Choice:
        """Read it from an address; what makes no sense is left out."""
        before, reason = parameters.get("before", ""), parameters.get("reason", "")
        return cls(
            int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None,
            reason if reason in REASONS else None,
        )


def line_address(source: str, offset: int | None = None, **chosen: str | int | None) -> str:
    """Where the lines of a source are shown, or the one at an offset."""
    path = f"/lines/{quote(source)}" + ("" if offset is None else f"/{offset}")
    query = urlencode({key: value for key, value in chosen.items() if value is not None})
    return f"{path}?{query}" if query else path


class RejectedView:
    """One viewer's page of a source: lines that were not understood by reason, and what its link did."""

    def __init__(self, console: Console, viewer: Viewer, source: Source, choice: Choice) -> None:
        self._console = console
        self._viewer = viewer
        self._source = source
        self._choice = choice
        say = viewer.say
        with ui.element("div").classes("board"):
            with card(say("console.rejected_of", source=source.name), wide="full"):
                self._rejected = ui.html(sanitize=False).classes("scrolled").props("tabindex=0")
            with card(say("console.link_events"), say("console.link_events_note", count=LINK_EVENTS), wide="full"):
                self._links = ui.html(sanitize=False).classes("scrolled").props("tabindex=0")
        ui.timer(0, self._fill, once=True)

    async def _fill(self) -> None:
        name, choice = self._source.name, self._choice

        def read(connection: sqlite3.Connection) -> tuple[dict[str, int], list[RejectedLine]]:
            return queries.rejected_reasons(connection, name), queries.rejected_lines(
                connection, name, ON_A_PAGE, before=choice.before, reason=choice.reason
            )

        events = await asyncio.to_thread(link_events, self._console.config.site.data, name, LINK_EVENTS)
        rows = [
            [
                tag("td", figures.moment(event.at, self._viewer.zone)),
                tag("td", self._viewer.say(f"console.link.{event.state}")),
                tag("td", event.detail),
            ]
            for event in reversed(events)
        ]
        headings = [self._viewer.say(key) for key in ("console.at", "console.state", "console.alarm_says")]
        self._links.content = table(headings, rows, "links")
        try:
            reasons, lines = await self._console.store.ask(read)
        except NothingStoredError as error:
            heading = self._viewer.say("console.nothing_stored")
            self._rejected.content = notice(heading, why_nothing(error, self._console, self._viewer))
            return
        binary = {name} if is_binary(await _format_of(self._console, self._source)) else set()
        self._rejected.content = join(
            (
                by_reason(name, reasons, choice, self._viewer),
                rejected_lines(lines, binary, self._viewer),
                _further(name, lines, choice, self._viewer),
            )
        )


class ExplainedView:
    """One viewer's page of a line that was not understood: a ruler under it, its fields, and where it stops fitting."""

    def __init__(self, console: Console, viewer: Viewer, source: Source, offset: int) -> None:
        self._console = console
        self._viewer = viewer
        self._source = source
        self._offset = offset
        with ui.element("div").classes("board"), card(viewer.say("console.explained"), wide="full"):
            self._content = ui.html(sanitize=False).classes("scrolled explained").props("tabindex=0")
        ui.timer(0, self._fill, once=True)

    async def _fill(self) -> None:
        say, name = self._viewer.say, self._source.name
        try:
            line = await self._console.store.ask(lambda db: queries.rejected_line(db, name, self._offset))
        except NothingStoredError as error:
            self._content.content = notice(
                say("console.nothing_stored"), why_nothing(error, self._console, self._viewer)
            )
            return
        back = tag("p", tag("a", say("console.all_rejected", source=name), href=line_address(name)))
        if line is None:
            self._content.content = join((notice(say("console.no_such_line"), say("console.no_such_line_why")), back))
            return
        format_name = await _format_of(self._console, self._source)
        explanation = (
            tag("p", say("console.format_unknown"), class_="note")
            if format_name in _UNKNOWN_FORMATS
            else verbatim(await self._taken_apart(line, format_name))
        )
        rejected = rejected_lines([line], {name} if is_binary(format_name) else set(), self._viewer)
        self._content.content = join((rejected, explanation, back))

    async def _taken_apart(self, line: RejectedLine, format_name: str) -> str:
        zone = ZoneInfo(self._source.timezone or self._console.config.of(self._source.name).site.timezone)
        language = self._viewer.language
        return await asyncio.to_thread(taken_apart, line.raw, format_name, zone, line.received, language)


def taken_apart(raw: str, format_name: str, zone: ZoneInfo, received: float, language: Language) -> str:
    """Return what `smdr explain` says of a line. Raises UserError where there is no format of that name."""
    data = raw.encode("latin-1")
    shown = data.hex().encode() if is_binary(format_name) else data.rstrip(b"\r\n")
    return "\n".join(explained([shown], format_name, zone, received, RULER_WIDTH, language))


async def _format_of(console: Console, source: Source) -> str:
    """The format of a source, also where it was found by listening."""
    state = await asyncio.to_thread(status.read, console.config)
    return next((one["format"] or "" for one in state["sources"] if one["name"] == source.name), "")


def by_reason(source: str, reasons: dict[str, int], choice: Choice, viewer: Viewer) -> Markup:
    """Return the reasons with how many lines each has, to choose one of them."""
    everything = [(None, viewer.say("console.all_reasons"), sum(reasons.values()))]
    named = [(reason, viewer.say(f"reason.{reason}"), count) for reason, count in reasons.items()]
    return tag(
        "ul",
        *(
            tag(
                "li",
                tag(
                    "a",
                    text,
                    href=line_address(source, reason=reason),
                    aria_current="true" if reason == choice.reason else None,
                ),
                f" {figures.count(count)}",
            )
            for reason, text, count in everything + named
        ),
        class_="reasons",
    )


def rejected_lines(lines: list[RejectedLine], binary: Collection[str], viewer: Viewer) -> Markup:
    """Return the table of lines that were not understood: the line, the reason, and what to do.

    ``binary`` are the sources whose lines are bytes, not text.
    """
    say = viewer.say
    if not lines:
        return tag("p", say("console.none_rejected"), class_="note")
    rows = [
        [
            tag(
                "td",
                figures.moment(line.received, viewer.zone),
                tag("small", f"{line.source} @ {figures.count(line.offset)}"),
                tag("a", say("console.explain"), href=line_address(line.source, line.offset)),
            ),
            tag("td", say(f"reason.{line.reason}"), tag("small", line.hint)),
            tag("td", raw_line(line.raw, binary=line.source in binary)),
        ]
        for line in lines
    ]
    return table([say("console.received"), say("console.why"), say("console.line")], rows, "rejected")


def _further(source: str, lines: list[RejectedLine], choice: Choice, viewer: Viewer) -> Markup:
    """A link to the lines before these, where there may be some."""
    if len(lines) < ON_A_PAGE:
        return Markup()
    address = line_address(source, before=lines[-1].offset, reason=choice.reason)
    return tag("p", tag("a", viewer.say("console.earlier_lines"), href=address))
