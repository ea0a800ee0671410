"""A page with a period, dates and filters: its toolbar, and reading anew when the choice or the data changes."""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import msgspec
from nicegui import ui

from collector.buckets import PERIODS
from collector.store import queries
from dashboards.web import choice as choices
from dashboards.web import periods
from dashboards.web.markup import tag
from dashboards.web.page import Console, Frame, Viewer, note, notice, why_nothing
from dashboards.web.store import NothingStoredError

if TYPE_CHECKING:
    import sqlite3

    from collector.store.queries import Dimension, Filter
    from dashboards.web.choice import Choice

Answer = TypeVar("Answer")

PATIENCE_S = 0.5
"""What takes longer to read is said to be read: some years of a large office."""
REFRESH_S = 3.0
REFRESH_COSTS = 20
"""A page that took a second to read is read anew after 20: viewers of long ranges leave time for others."""


class View(ABC, Generic[Answer]):
    """One viewer's page. Subclasses say what is read and how it is shown."""

    dimensions: tuple[Dimension, ...]

    def __init__(self, console: Console, viewer: Viewer, frame: Frame, chosen: Choice) -> None:
        self.console = console
        self.viewer = viewer
        self.choice = chosen
        self._frame = frame
        self._client = ui.context.client
        self._generation = -1
        self._shown: Choice | None = None
        self._asked = 0
        self._reading = False
        self._next = 0.0
        self._selects: dict[Dimension, ui.select] = {}
        self._toolbar()
        self.notice = ui.html(sanitize=False)
        self.content = ui.element("div").classes("board")
        with self.content:
            self.build()
        frame.carry(choices.written(chosen, viewer.today()))
        ui.timer(1.0, self._tick)

    @abstractmethod
    def build(self) -> None:
        """Lay out the page's elements, still empty."""

    @abstractmethod
    def read(self, connection: sqlite3.Connection, chosen: Choice, now: int) -> Answer:
        """Read what ``chosen`` needs; runs in a thread and touches no element."""

    @abstractmethod
    def show(self, answer: Answer) -> None:
        """Fill the elements."""

    @abstractmethod
    def is_empty(self, answer: Answer) -> bool:
        """Tell whether ``answer`` holds no call at all."""

    def _toolbar(self) -> None:
        say = self.viewer.say
        with ui.element("div").classes("toolbar"):
            options = {period: say(f"period.{period}").capitalize() for period in PERIODS}
            self._period = ui.toggle(options, value=self.choice.period, on_change=self._period_changed)
            self._period.props("dense no-caps unelevated").classes("periods")
            with ui.element("div").classes("dates"):
                ui.button(icon="chevron_left", on_click=lambda: self._move(-1)).props(
                    f'flat dense aria-label="{say("console.earlier")}"'
                )
                self._first = self._date("console.from")
                self._last = self._date("console.to")
                ui.button(icon="chevron_right", on_click=lambda: self._move(1)).props(
                    f'flat dense aria-label="{say("console.later")}"'
                )
                self._backwards = ui.html(sanitize=False).classes("trouble").props("role=status")
            with ui.element("div").classes("filters"):
                for dimension in self.dimensions:
                    self._selects[dimension] = self._select(dimension)
        self._show_dates()

    def _date(self, key: str) -> ui.input:
        box = ui.input().props(f'type=date dense outlined aria-label="{self.viewer.say(key)}"').classes("date")
        return box.on_value_change(self._dates_changed)

    def _select(self, dimension: Dimension) -> ui.select:
        value = _filter_value(self.choice.narrowed, dimension)
        options = {} if value is None else {value: self.viewer.name(dimension, value)}
        return (
            ui.select(options, value=value, label=self.viewer.say(dimension), clearable=True, with_input=True)
            .props("dense outlined options-dense hide-selected fill-input")
            .classes("filter")
            .on_value_change(self._filter_changed)
        )

    def _show_dates(self) -> None:
        self._period.value = self.choice.period
        self._first.value = self.choice.dates.first.isoformat()
        self._last.value = self.choice.dates.last.isoformat()
        self._backwards.content = ""

    async def _period_changed(self) -> None:
        period = self._period.value
        if period == self.choice.period:
            return
        await self._choose(self.choice._replace(period=period, dates=periods.usual_dates(period, self.viewer.today())))

    async def _move(self, steps: int) -> None:
        await self._choose(self.choice._replace(dates=periods.shifted(self.choice.dates, steps)))

    async def _dates_changed(self) -> None:
        typed = (self._first.value, self._last.value)
        shown = self.choice.dates
        self._backwards.content = (
            self.viewer.say("console.dates_kept", first=shown.first, last=shown.last)
            if choices.are_backwards(*typed)
            else ""
        )
        dates = choices.read_dates(*typed)
        if dates and dates != self.choice.dates:
            period = periods.fitting(self.choice.period, dates)
            await self._choose(self.choice._replace(period=period, dates=dates))

    async def _filter_changed(self) -> None:
        values = {dimension: select.value for dimension, select in self._selects.items()}
        narrowed = msgspec.convert(values, queries.Filter)
        if narrowed != self.choice.narrowed:
            await self._choose(self.choice._replace(narrowed=narrowed))

    async def _choose(self, chosen: Choice) -> None:
        self.choice = chosen
        self._show_dates()
        parameters = choices.written(chosen, self.viewer.today())
        self._frame.carry(parameters)
        await note(self.console, self.viewer, self._client.page.path, parameters)
        ui.navigate.history.replace(f"{self._client.page.path}?{parameters}")
        await self._refresh()

    async def _tick(self) -> None:
        stale = self._generation != self.console.watcher.generation
        if stale and not self._reading and time.monotonic() >= self._next:
            await self._refresh()

    async def _refresh(self) -> None:
        self._asked += 1
        asked, chosen, generation = self._asked, self.choice, self.console.watcher.generation
        now, started = int(time.time()), time.monotonic()
        self._reading = True
        # what is quickly there is not announced: the page would only flicker
        waiting = (
            None if chosen == self._shown else asyncio.get_running_loop().call_later(PATIENCE_S, self._say_reading)
        )
        try:
            answer, values, newest = await self.console.store.ask(
                lambda connection: (
                    self.read(connection, chosen, now),
                    queries.values(connection),
                    queries.last_hour(connection),
                )
            )
        except NothingStoredError as error:
            self._explain(
                self.viewer.say("console.nothing_stored"), why_nothing(error, self.console, self.viewer), empty=True
            )
            return
        finally:
            if waiting:
                waiting.cancel()
            self._reading = False
            self._next = time.monotonic() + max(REFRESH_S, REFRESH_COSTS * (time.monotonic() - started))
        if asked != self._asked or self._client.is_deleted:
            return
        self._generation, self._shown = generation, chosen
        self._offer(values)
        empty = self.is_empty(answer)
        self._explain(self.viewer.say("console.no_calls"), self._why_empty(newest), empty=empty)
        if not empty:
            self.show(answer)

    def _say_reading(self) -> None:
        if not self._client.is_deleted:
            self.notice.content = tag("p", self.viewer.say("console.reading"), class_="note reading")

    def _offer(self, values: dict[Dimension, list[str]]) -> None:
        for dimension, select in self._selects.items():
            options = {value: self.viewer.name(dimension, value) for value in values[dimension]}
            if select.value is not None:
                options.setdefault(select.value, self.viewer.name(dimension, select.value))
            if options != select.options:
                select.set_options(options, value=select.value)

    def _explain(self, heading: str, why: str, *, empty: bool) -> None:
        self.notice.content = notice(heading, why) if empty else ""
        self.content.set_visibility(not empty)

    def _why_empty(self, newest: int | None) -> str:
        say = self.viewer.say
        dates = self.choice.dates
        if newest is None:
            return say("console.no_call_ever")
        where = say("console.in_dates", first=dates.first, last=dates.last)
        narrowed = say("console.with_filter") if self.choice.narrowed != queries.Filter() else ""
        last = say("console.newest_call", date=datetime.fromtimestamp(newest, self.viewer.zone).date())
        return " ".join(part for part in (where, narrowed, last) if part)


def _filter_value(narrowed: Filter, dimension: Dimension) -> str | None:
    value: Any = msgspec.to_builtins(narrowed)[dimension]
    return None if value is None else str(value)


def chosen_from(parameters: Any, viewer: Viewer) -> Choice:
    """Read the choice a page's address holds."""
    today: date = viewer.today()
    return choices.read(parameters, today)
