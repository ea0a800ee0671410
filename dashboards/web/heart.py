"""Whether the collector lives: asked once a second for all pages, and said on every one of them when it does not."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from nicegui import ui

from collector.running import is_running
from dashboards.web import figures
from dashboards.web.markup import Markup, join, tag

if TYPE_CHECKING:
    from pathlib import Path

    from dashboards.web.page import Viewer

POLL_S = 1.0
_WRITTEN = ("calls.db", "calls.db-wal", "events.db", "events.db-wal")
"""Files that the collector alone writes."""


class Heart:
    """The collector of a data folder. ``last`` is the POSIX second at which it was last seen alive, None where it never was."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self.last: float | None = None
        self.running = False
        self._look()

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await asyncio.sleep(POLL_S)
            self._look()

    def _look(self) -> None:
        self.running = is_running(self._data)
        if self.running:
            self.last = time.time()
        elif self.last is None:
            self.last = self._written()

    def _written(self) -> float | None:
        """When it last wrote something: all there is to tell where the console started after its end."""
        times = []
        for name in _WRITTEN:
            with suppress(FileNotFoundError):
                times.append((self._data / name).stat().st_mtime)
        return max(times, default=None)


class Banner:
    """What stands on a page while the collector does not run: since when, and what is to be done."""

    def __init__(self, heart: Heart, viewer: Viewer) -> None:
        self._heart = heart
        self._viewer = viewer
        self._box = ui.html(sanitize=False).classes("no-collector").props("role=alert")
        self._show()
        ui.timer(POLL_S, self._show)

    def _show(self) -> None:
        self._box.content = "" if self._heart.running else _stopped(self._heart.last, self._viewer)
        self._box.set_visibility(not self._heart.running)


def _stopped(last: float | None, viewer: Viewer) -> Markup:
    say = viewer.say
    told = figures.moment(last, viewer.zone)
    when = say("console.stopped.never") if last is None else say("console.stopped.last", time=told)
    return join(
        (tag("strong", say("console.stopped")), " ", tag("span", when), " ", tag("span", say("console.stopped.do")))
    )
