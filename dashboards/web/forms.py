"""Forms that change users and their sessions: how they look, and what becomes of what they send."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from collector.office.users import UnfitError
from dashboards.web import figures, gate
from dashboards.web.markup import Markup, table, tag

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Sequence

    from starlette.requests import Request

    from dashboards.web.doors import Doors
    from dashboards.web.page import Viewer
    from dashboards.web.sessions import Session

DONE = "console.user.done"


async def tried(
    doors: Doors, session: Session, request: Request, change: Callable[[sqlite3.Connection], None], detail: str
) -> bool:
    """Change office.db and note who did; whether that could be done. The next page of the session tells what became of it."""
    try:
        await doors.write(change)
    except UnfitError as error:
        session.told = f"console.user.{error.key}"
        return False
    session.told = DONE
    await doors.note(session.user, session.user.name, gate.address_of(request), "change", gate.path_of(request), detail)
    return True


async def ended(doors: Doors, session: Session, request: Request, mark: str, whose: str | None = None) -> None:
    """End the session of a mark, if it is that of the user ``whose`` (None: of anybody), and note who did."""
    found = [one for one in doors.sessions.all() if one.mark == mark and whose in (None, one.user.name)]
    if found:
        await doors.dismiss(*found)
        detail = f"end {found[0].user.name} {found[0].address}"
        await doors.note(
            session.user, session.user.name, gate.address_of(request), "change", gate.path_of(request), detail
        )
        session.told = DONE


def told(session: Session, viewer: Viewer) -> Markup:
    """What became of the form that was sent before, once."""
    key, session.told = session.told, ""
    return tag("p", viewer.say(key), class_="told" if key == DONE else "trouble", role="status") if key else Markup()


def form(
    what: str,
    fields: Iterable[Markup],
    button: str,
    viewer: Viewer,
    action: str = "/users/change",
    **hidden: str,
) -> Markup:
    """Return a form that does ``what``, with a button."""
    return tag(
        "form",
        *(tag("input", type="hidden", name=key, value=value) for key, value in {"do": what, **hidden}.items()),
        *fields,
        tag("button", viewer.say(f"console.user.{button}"), type="submit", class_="plain primary"),
        method="post",
        action=action,
        class_="form",
    )


def field(type_: str, name: str, viewer: Viewer, **more: str) -> Markup:
    """Return a control with its name."""
    if type_ == "password":
        more |= {"required": "required", "autocomplete": "current-password" if name == "old" else "new-password"}
    control = tag("input", type=type_, name=name, maxlength="200", **more)
    return tag("label", tag("span", viewer.say(f"console.user.{name}")), control)


def listed(sessions: Sequence[Session], own: Session, viewer: Viewer, action: str) -> Markup:
    """Return the table of sessions, each with a button that ends it."""
    say, behind = viewer.say, time.time() - time.monotonic()
    rows = [
        [
            tag("td", tag("b", one.user.name)),
            tag("td", figures.moment(behind + one.begun, viewer.zone)[:16]),
            tag("td", figures.moment(behind + one.used, viewer.zone)[:16]),
            tag("td", one.address),
            tag("td", one.browser.rpartition(") ")[2], title=one.browser),
            tag(
                "td",
                say("console.session.own") if one is own else form("end", (), "end", viewer, action, mark=one.mark),
            ),
        ]
        for one in sessions
    ]
    return table(
        [say(f"console.session.{key}") for key in ("user", "begun", "used", "address", "browser", "end")],
        rows,
        "sessions",
    )
