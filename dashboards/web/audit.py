"""The audit trail: who looked at what, exported or changed it, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, get_args
from urllib.parse import urlencode

from nicegui import ui

from collector.office import audit, users
from collector.store.office_db import reading
from dashboards.web import figures
from dashboards.web.markup import Markup, join, table, tag
from dashboards.web.page import card

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from collector.office.audit import Entry
    from dashboards.web.exporting import Cell
    from dashboards.web.page import Console, Viewer

ON_A_PAGE = 100
_AT_ONCE = 1000
_COLUMNS = ("at", "user", "role", "address", "action", "page", "detail")
_MOST_DIGITS = 18


class Choice(NamedTuple):
    """Whose entries, of what, in front of which one; '' and None: all."""

    user: str
    action: str
    before: int | None

    @classmethod
    def of(cls, parameters: Mapping[str, str]) -> Choice:
        """Read it from an address; what makes no sense is left out."""
        action, before = parameters.get("action", ""), parameters.get("before", "")
        return cls(
            parameters.get("user", ""),
            action if action in get_args(audit.Action) else "",
            int(before) if before.isascii() and before.isdigit() and len(before) <= _MOST_DIGITS else None,
        )

    def written(self) -> str:
        """Return the parameters of an address."""
        return urlencode({key: value for key, value in self._asdict().items() if value})


class AuditView:
    """A page of the trail, last first, and how to narrow it."""

    def __init__(self, console: Console, viewer: Viewer, choice: Choice) -> None:
        say = viewer.say
        with reading(console.config.site.data) as db:
            names = list(users.users(db))
            found = audit.entries(db, **choice._asdict(), limit=ON_A_PAGE)
        with ui.element("div").classes("board"), card(say("console.audit"), say("console.audit_note"), wide="full"):
            ui.html(_form(choice, names, viewer), sanitize=False)
            rows = ([tag("td", str(cell)) for cell in _row(entry, viewer)] for entry in found)
            ui.html(
                join((table(_headings(viewer), rows, "trail"), _ways(choice, found, viewer))), sanitize=False
            ).classes("scrolled")


def exported(data: Path, choice: Choice, viewer: Viewer) -> Iterator[list[Cell]]:
    """Headings, then a row for each entry, last first."""
    yield list(_headings(viewer))
    while True:
        with reading(data) as db:
            found = audit.entries(db, **choice._asdict(), limit=_AT_ONCE)
        yield from (_row(entry, viewer) for entry in found)
        if len(found) < _AT_ONCE:
            return
        choice = choice._replace(before=found[-1].id)


def _headings(viewer: Viewer) -> list[str]:
    return [viewer.say(f"console.audit.{column}") for column in _COLUMNS]


def _row(entry: Entry, viewer: Viewer) -> list[Cell]:
    shown = {
        "at": figures.moment(entry.at, viewer.zone),
        "role": viewer.say(f"role.{entry.role}") if entry.role else "",
        "action": viewer.say(f"console.audit.{entry.action}"),
    }
    return [shown.get(column, getattr(entry, column)) for column in _COLUMNS]


def _form(choice: Choice, names: list[str], viewer: Viewer) -> Markup:
    say = viewer.say
    people = [tag("option", value=name) for name in names]
    who = tag("input", type="text", name="user", value=choice.user, list="known-users")
    actions = [tag("option", say("console.any"), value="")]
    actions += [
        tag("option", say(f"console.audit.{one}"), value=one, selected="selected" if one == choice.action else None)
        for one in get_args(audit.Action)
    ]
    return tag(
        "form",
        tag("label", tag("span", say("console.audit.user")), who, tag("datalist", *people, id="known-users")),
        tag("label", tag("span", say("console.audit.action")), tag("select", *actions, name="action")),
        tag("div", tag("button", say("console.search_now"), type="submit", class_="plain primary"), class_="buttons"),
        class_="search-form",
        action="/audit",
    )


def _ways(choice: Choice, found: list[Entry], viewer: Viewer) -> Markup:
    """The ways on from a page: further back, and all of it as CSV."""
    ways = [tag("a", "CSV", href=f"/audit.csv?{choice._replace(before=None).written()}")]
    if len(found) == ON_A_PAGE:
        further = choice._replace(before=found[-1].id).written()
        ways.insert(0, tag("a", viewer.say("console.audit.earlier"), href=f"/audit?{further}", rel="next"))
    return tag("p", *ways, class_="ways")
