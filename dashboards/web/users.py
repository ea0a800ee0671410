"""The page where an administrator makes users, says what they may, and ends their sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from nicegui import app, ui
from starlette.responses import PlainTextResponse, RedirectResponse

from collector.office import users
from collector.office.users import ROLES, Role, User
from collector.store.office_db import reading
from dashboards.web import gate
from dashboards.web.forms import ended, field, form, listed, told, tried
from dashboards.web.markup import Markup, table, tag
from dashboards.web.page import card
from dashboards.words import Language

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from dashboards.web.doors import Doors
    from dashboards.web.page import Console, Viewer
    from dashboards.web.sessions import Session

_DONE_TO_USERS = ("add", "role", "password", "disable", "enable", "factor-off")
_END = "end"
LANGUAGES: tuple[Language, ...] = get_args(Language)


class UsersView:
    """The users, each with what can be changed, and a form for another one."""

    def __init__(self, console: Console, viewer: Viewer, session: Session) -> None:
        say = viewer.say
        with reading(console.config.site.data) as db:
            known = [(one, users.secret(db, one.name)) for one in users.users(db).values()]
        with ui.element("div").classes("board"):
            with card(say("console.users"), say("console.users_note"), wide="full"):
                ui.html(told(session, viewer), sanitize=False)
                headings = [say(f"console.user.{key}") for key in ("name", "role", "factors", "state", "password")]
                rows = (_row(one, secret is not None and secret.totp is not None, viewer) for one, secret in known)
                ui.html(table(headings, rows, "users"), sanitize=False).classes("scrolled").props("tabindex=0")
            with card(say("console.user.add"), wide="third"):
                ui.html(_new(viewer), sanitize=False)
            with card(say("console.sessions"), say("console.sessions_note"), wide="full"):
                everyone = listed(console.doors.sessions.all(), session, viewer, "/users/change")
                ui.html(everyone, sanitize=False).classes("scrolled").props("tabindex=0")


class Changes:
    """What the forms of the page send."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors

    def serve(self) -> None:
        """Take them."""
        app.add_route("/users/change", self._change_users, methods=["POST"])

    async def _change_users(self, request: Request) -> Response:
        session = gate.logged_in(request)
        sent = {key: str(value) for key, value in (await request.form()).items()}
        name, what = sent.get("name", "").strip(), sent.get("do", "")
        if what == _END:
            await ended(self._doors, session, request, sent.get("mark", ""))
            return RedirectResponse("/users", 303)
        if what not in _DONE_TO_USERS:
            return PlainTextResponse("No form of the console asks for this.", 400)
        await tried(
            self._doors, session, request, lambda db: _change(db, what, name, sent, session.user.name), f"{what} {name}"
        )
        return RedirectResponse("/users", 303)


def _change(db: sqlite3.Connection, what: str, name: str, sent: Mapping[str, str], by: str) -> None:
    """Do one of `_DONE_TO_USERS`. Raises `UnfitError`."""
    if what == "add":
        language = sent.get("language") or None
        user = User(0, name, _role(sent), _department(sent), language)  # type: ignore[arg-type]
        users.add(db, user, sent.get("password", ""), by)
    elif what == "password":
        users.set_password(db, name, sent.get("password", ""), by)
    elif what == "factor-off":
        users.set_totp(db, name, None, by)
    else:
        changed = {
            "role": {"role": _role(sent), "department": _department(sent)},
            "disable": {"disabled": True},
            "enable": {"disabled": False},
        }[what]
        users.change(db, users.found(db, name)._replace(**changed), by)  # type: ignore[arg-type]


def _role(sent: Mapping[str, str]) -> Role:
    return next((role for role in ROLES if role == sent.get("role")), "technician")


def _department(sent: Mapping[str, str]) -> str | None:
    return sent.get("department", "").strip() or None


def _row(user: User, codes: bool, viewer: Viewer) -> list[Markup]:  # noqa: FBT001
    say = viewer.say
    switch = "enable" if user.disabled else "disable"
    state = say("console.user.disabled" if user.disabled else "console.user.active")
    role = (_roles(user.role, viewer), field("text", "department", viewer, value=user.department or ""))
    return [
        tag("td", tag("b", user.name)),
        tag("td", form("role", role, "save", viewer, name=user.name)),
        tag(
            "td",
            say("console.user.with_code" if codes else "console.user.without_code"),
            form("factor-off", (), "factor-off", viewer, name=user.name) if codes else Markup(),
        ),
        tag("td", state, form(switch, (), switch, viewer, name=user.name)),
        tag("td", form("password", (field("password", "password", viewer),), "set", viewer, name=user.name)),
    ]


def _new(viewer: Viewer) -> Markup:
    say = viewer.say
    names = {"en": "English", "zh": "中文"}
    languages = [tag("option", say("console.user.of_console"), value="")]
    languages += [tag("option", names[one], value=one) for one in LANGUAGES]
    fields = (
        field("text", "name", viewer, required="required"),
        _roles("operator", viewer),
        field("text", "department", viewer),
        tag("label", tag("span", say("console.user.language")), tag("select", *languages, name="language")),
        field("password", "password", viewer),
    )
    return form("add", fields, "make", viewer)


def _roles(chosen: str, viewer: Viewer) -> Markup:
    options = (
        tag("option", viewer.say(f"role.{role}"), value=role, selected="selected" if role == chosen else None)
        for role in ROLES
    )
    return tag("label", tag("span", viewer.say("console.user.role")), tag("select", *options, name="role"))
