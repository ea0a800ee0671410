"""The equipment page: links and how they did, who is on duty, faults as tickets, inspection rounds."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

from nicegui import ui

from collector.commands import equipment
from collector.commands.equipment import LINK_DAYS, Who, changing, take_alarms
from collector.errors import UserError
from dashboards.web import acting, figures
from dashboards.web.faults import Faults
from dashboards.web.inspections import Inspections
from dashboards.web.markup import Markup, join, table, tag
from dashboards.web.page import card
from dashboards.web.permissions import may
from dashboards.web.rejected import line_address
from dashboards.web.tiles import key_figure

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from collector.commands.equipment import Link, Noted
    from collector.office.roster import Duty
    from dashboards.web.page import Console, Viewer

    Duties = list[tuple[Duty, bool]] | None

REFRESH_S = 3.0
TAKE_S = 5.0


class EquipmentView:
    """One viewer's page."""

    def __init__(self, console: Console, viewer: Viewer) -> None:
        self._console = console
        self._viewer = viewer
        say = viewer.say
        with ui.element("div").classes("board"):
            self._cards = ui.html(sanitize=False).classes("cards four")
            self._faults = Faults(viewer, self._try)
            with card(say("equipment.links"), say("equipment.links_note", days=LINK_DAYS), wide="two-thirds"):
                self._links = ui.html(sanitize=False).classes("scrolled").props("tabindex=0")
            with card(say("equipment.duty"), say("equipment.duty_note"), wide="third"):
                self._duty = ui.html(sanitize=False)
            self._inspections = Inspections(console.config, viewer, self._try)
        ui.timer(REFRESH_S, self._refresh)

    async def _refresh(self) -> None:
        try:
            noted, links, duties = await asyncio.to_thread(self._read)
        except (UserError, sqlite3.Error) as error:
            self._cards.content = tag("p", str(error), class_="trouble", lang="en")
            return
        self._cards.content = cards(noted, links, duties, self._viewer)
        self._links.content = link_table(links, self._viewer)
        self._duty.content = duty_table(duties, self._viewer)
        self._faults.fill(noted)
        self._inspections.fill(noted)

    def _read(self) -> tuple[Noted, list[Link], Duties]:
        config = self._console.config
        return equipment.noted(config), equipment.links(config), equipment.on_duty(config)

    async def _try(self, what: str, change: Callable[[sqlite3.Connection], object]) -> bool:
        """Change office.db and the audit trail together; what cannot be kept is said, and stays in the form."""
        viewer = self._viewer
        who = Who(viewer.user.name, viewer.user.role, viewer.address, "/equipment")

        def write() -> None:
            with changing(self._console.config.site.data, who, what) as db:
                change(db)

        if not await acting.kept(write, viewer, "equipment.kept"):
            return False
        await self._refresh()
        return True


async def take_new_alarms(data: Path) -> None:
    """Have every alarm in a ticket while the console runs, also while nobody looks at it; until cancelled."""
    while True:
        with suppress(UserError, sqlite3.Error):  # the disk: whoever opens the page is told
            await asyncio.to_thread(take_alarms, data)
        await asyncio.sleep(TAKE_S)


def cards(noted: Noted, links: list[Link], duties: Duties, viewer: Viewer) -> Markup:
    """Return the figures on top."""
    say, now = viewer.say, time.time()
    unsolved = [one for one in noted.tickets if one.state != "solved"]
    late = sum((due := one.due(noted.limits)) is not None and now > due for one in unsolved)
    overdue = sum(one.is_overdue(noted.today) for one in noted.rounds)
    following = next((str(one.day) for one in noted.rounds if not one.is_overdue(noted.today)), figures.NONE)
    on = [duty.operator for duty, is_on in duties or () if is_on]
    told = (
        (
            "links_open",
            figures.count(sum(link.state == "open" for link in links)),
            say("equipment.links_of", count=len(links)),
        ),
        ("open_faults", figures.count(len(unsolved)), say("equipment.late_faults", count=late)),
        ("rounds_overdue", figures.count(overdue), say("equipment.rounds_next", day=following)),
        ("on_duty", figures.count(len(on)), ", ".join(on) or say("equipment.nobody")),
    )
    return join(key_figure(say(f"equipment.{name}"), figure, Markup(), note) for name, figure, note in told)


def link_table(links: list[Link], viewer: Viewer) -> Markup:
    """Return the table of links: how each one is, and how it did."""
    say = viewer.say
    headings: list[str | Markup] = [say("source"), say("console.state"), say("equipment.since")]
    headings += [tag("th", say(f"equipment.{key}"), class_="figure") for key in ("opened", "lost", "down", "longest")]
    return table(headings, [_link(one, viewer) for one in links], "link-figures")


def _link(one: Link, viewer: Viewer) -> list[Markup]:
    address = line_address(one.source)
    name = tag("a", one.source, href=address) if may(viewer.user.role, address) else tag("b", one.source)
    since = figures.NONE
    if one.since:
        since = figures.moment(datetime.fromisoformat(one.since).timestamp(), viewer.zone)
    did = one.figures
    counts = (figures.count(did.opened), figures.count(did.lost))
    times = (figures.duration(did.down_s), figures.duration(did.longest_s))
    return [
        tag("td", name),
        tag("td", tag("i", class_=f"dot {one.state}"), " ", viewer.say(f"console.link.{one.state}"), title=one.detail),
        tag("td", since),
        *(tag("td", text, class_="figure") for text in counts + times),
    ]


def duty_table(duties: Duties, viewer: Viewer) -> Markup:
    """Return who is on duty today, those who are now before all; or why that is not known."""
    say = viewer.say
    if duties is None:
        return tag("p", say("equipment.no_roster"), class_="note")
    if not duties:
        return tag("p", say("equipment.nobody"), class_="note")
    rows = [
        [
            tag("td", tag("b", duty.operator) if is_on else duty.operator),
            tag("td", duty.extension),
            tag("td", f"{duty.begin:%H:%M}–{duty.end:%H:%M} {duty.shift}"),  # noqa: RUF001
            tag("td", tag("i", class_="dot open"), " ", say("equipment.now")) if is_on else tag("td", ""),
        ]
        for duty, is_on in duties
    ]
    return table([say("equipment.operator"), say("extension"), say("equipment.shift"), ""], rows, "duties")
