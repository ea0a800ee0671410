"""The page where an administrator makes users and says what they may, and the one where everybody sets a password."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from nicegui import app, ui
from starlette.responses import PlainTextResponse, RedirectResponse

from collector.office import users
from collector.office.users import ROLES, Role, UnfitError, User
from collector.store.office_db import reading
from dashboards.web import gate
from dashboards.web.attempts import limits
from dashboards.web.markup import Markup, join, table, tag
from dashboards.web.page import card
from dashboards.words import Language

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from dashboards.web.doors import Doors
    from dashboards.web.page import Console, Viewer
    from dashboards.web.sessions import Session

_DONE_TO_USERS = ("add", "role", "password", "disable", "enable")
DONE = "console.user.done"
LANGUAGES: tuple[Language, ...] = get_args(Language)


class UsersView:
    """The users, each with what can be changed, and a form for another one."""

    def __init__(self, console: Console, viewer: Viewer, session: Session) -> None:
        say = viewer.say
        with reading(console.config.site.data) as db:
            known = [(one, users.secret(db, one.name)) for one in users.users(db).values()]
        with ui.element("div").classes("board"):
            with card(say("console.users"), say("console.users_note"), wide="full"):
                ui.html(_told(session, viewer), sanitize=False)
                headings = [say(f"console.user.{key}") for key in ("name", "role", "factors", "state", "password")]
                rows = (_row(one, secret is not None and secret.totp is not None, viewer) for one, secret in known)
                ui.html(table(headings, rows, "users"), sanitize=False).classes("scrolled").props("tabindex=0")
            with card(say("console.user.add"), wide="third"):
                ui.html(_new(viewer), sanitize=False)


class AccountView:
    """What one is here, and a form for another password."""

    def __init__(self, viewer: Viewer, session: Session) -> None:
        say, user = viewer.say, viewer.user
        role = say(f"role.{user.role}") + (f", {user.department}" if user.department else "")
        fields = (
            _input("password", "old", viewer),
            _input("password", "password", viewer),
            _input("password", "again", viewer),
        )
        with ui.element("div").classes("board"), card(user.name, role, wide="third"):
            ui.html(
                join((_told(session, viewer), _form("password", fields, "set", viewer, "/account/password"))),
                sanitize=False,
            )


class Changes:
    """What the forms of both pages send."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors

    def serve(self) -> None:
        """Take the forms."""
        app.add_route("/users/change", self._change_users, methods=["POST"])
        app.add_route("/account/password", self._change_password, methods=["POST"])

    async def _change_users(self, request: Request) -> Response:
        session = gate.logged_in(request)
        form = {key: str(value) for key, value in (await request.form()).items()}
        name, what = form.get("name", "").strip(), form.get("do", "")
        if what not in _DONE_TO_USERS:
            return PlainTextResponse("No form of the console asks for this.", 400)
        await self._try(session, request, lambda db: _change(db, what, name, form, session.user.name), f"{what} {name}")
        return RedirectResponse("/users", 303)

    async def _change_password(self, request: Request) -> Response:
        session = gate.logged_in(request)
        form = {key: str(value) for key, value in (await request.form()).items()}
        name, password = session.user.name, form.get("password", "")
        limited = limits(name, gate.address_of(request))
        if form.get("again") != password:
            session.told = "console.password.differs"
        elif self._doors.attempts.begin(*limited) or not await self._doors.knows_password(name, form.get("old", "")):
            session.told = "console.password.wrong"
        else:
            self._doors.attempts.succeeded(*limited)
            await self._try(session, request, lambda db: users.set_password(db, name, password, name), "password")
        return RedirectResponse("/account", 303)

    async def _try(
        self, session: Session, request: Request, change: Callable[[sqlite3.Connection], None], detail: str
    ) -> None:
        try:
            await self._doors.write(change)
        except UnfitError as error:
            session.told = f"console.user.{error.key}"
            return
        session.told = DONE
        await self._doors.note(
            session.user, session.user.name, gate.address_of(request), "change", gate.path_of(request), detail
        )


def _change(db: sqlite3.Connection, what: str, name: str, form: Mapping[str, str], by: str) -> None:
    """Do one of `_DONE_TO_USERS`. Raises `UnfitError`."""
    if what == "add":
        language = form.get("language") or None
        user = User(0, name, _role(form), _department(form), language)  # type: ignore[arg-type]
        users.add(db, user, form.get("password", ""), by)
    elif what == "password":
        users.set_password(db, name, form.get("password", ""), by)
    else:
        changed = {
            "role": {"role": _role(form), "department": _department(form)},
            "disable": {"disabled": True},
            "enable": {"disabled": False},
        }[what]
        users.change(db, users.found(db, name)._replace(**changed), by)  # type: ignore[arg-type]


def _role(form: Mapping[str, str]) -> Role:
    return next((role for role in ROLES if role == form.get("role")), "technician")


def _department(form: Mapping[str, str]) -> str | None:
    return form.get("department", "").strip() or None


def _row(user: User, codes: bool, viewer: Viewer) -> list[Markup]:  # noqa: FBT001
    say = viewer.say
    switch = "enable" if user.disabled else "disable"
    state = say("console.user.disabled" if user.disabled else "console.user.active")
    role = (_roles(user.role, viewer), _input("text", "department", viewer, value=user.department or ""))
    return [
        tag("td", tag("b", user.name)),
        tag("td", _form("role", role, "save", viewer, name=user.name)),
        tag("td", say("console.user.with_code" if codes else "console.user.without_code")),
        tag("td", state, _form(switch, (), switch, viewer, name=user.name)),
        tag("td", _form("password", (_input("password", "password", viewer),), "set", viewer, name=user.name)),
    ]


def _new(viewer: Viewer) -> Markup:
    say = viewer.say
    names = {"en": "English", "zh": "中文"}
    languages = [tag("option", say("console.user.of_console"), value="")]
    languages += [tag("option", names[one], value=one) for one in LANGUAGES]
    fields = (
        _input("text", "name", viewer, required="required"),
        _roles("operator", viewer),
        _input("text", "department", viewer),
        tag("label", tag("span", say("console.user.language")), tag("select", *languages, name="language")),
        _input("password", "password", viewer),
    )
    return _form("add", fields, "make", viewer)


def _form(
    what: str,
    fields: Iterable[Markup],
    button: str,
    viewer: Viewer,
    action: str = "/users/change",
    name: str | None = None,
) -> Markup:
    hidden = {"do": what} | ({"name": name} if name is not None else {})
    return tag(
        "form",
        *(tag("input", type="hidden", name=key, value=value) for key, value in hidden.items()),
        *fields,
        tag("button", viewer.say(f"console.user.{button}"), type="submit", class_="plain primary"),
        method="post",
        action=action,
        class_="form",
    )


def _input(type_: str, name: str, viewer: Viewer, **more: str) -> Markup:
    if type_ == "password":
        more |= {"required": "required", "autocomplete": "current-password" if name == "old" else "new-password"}
    control = tag("input", type=type_, name=name, maxlength="200", **more)
    return tag("label", tag("span", viewer.say(f"console.user.{name}")), control)


def _roles(chosen: str, viewer: Viewer) -> Markup:
    options = (
        tag("option", viewer.say(f"role.{role}"), value=role, selected="selected" if role == chosen else None)
        for role in ROLES
    )
    return tag("label", tag("span", viewer.say("console.user.role")), tag("select", *options, name="role"))


def _told(session: Session, viewer: Viewer) -> Markup:
    """What became of the form that was sent before, once."""
    key, session.told = session.told, ""
    return tag("p", viewer.say(key), class_="told" if key == DONE else "trouble", role="status") if key else Markup()
