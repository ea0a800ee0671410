"""One's own account: another password, one-time codes on and off, and where one is logged in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import segno
from nicegui import app, ui
from starlette.responses import PlainTextResponse, RedirectResponse

from collector.office import factors, logins, recovery, users
from collector.store.office_db import reading
from dashboards.web import gate
from dashboards.web.attempts import limits
from dashboards.web.forms import ended, field, form, listed, told, tried
from dashboards.web.markup import Markup, join, tag
from dashboards.web.page import card

if TYPE_CHECKING:
    import sqlite3

    from starlette.requests import Request
    from starlette.responses import Response

    from dashboards.web.doors import Doors
    from dashboards.web.page import Console, Viewer
    from dashboards.web.sessions import Session

_FACTOR, _SESSIONS = "/account/factor", "/account/sessions"


class AccountView:
    """What one is here, and what one can change of it."""

    def __init__(self, console: Console, viewer: Viewer, session: Session) -> None:
        say, user = viewer.say, viewer.user
        role = say(f"role.{user.role}") + (f", {user.department}" if user.department else "")
        with reading(console.config.site.data) as db:
            secret, left = users.secret(db, user.name), recovery.left(db, user.name)
        own = [one for one in console.doors.sessions.all() if one.user.name == user.name]
        fields = (
            field("password", "old", viewer),
            field("password", "password", viewer),
            field("password", "again", viewer),
        )
        with ui.element("div").classes("board"):
            with card(user.name, role, wide="third"):
                password = form("password", fields, "set", viewer, "/account/password")
                ui.html(join((told(session, viewer), password)), sanitize=False)
            with card(say("console.factor"), say("console.factor_note"), wide="two-thirds"):
                is_on = secret is not None and secret.totp is not None
                ui.html(_factor(console, session, viewer, left, is_on=is_on), sanitize=False)
            with card(say("console.sessions"), say("console.sessions_own_note"), wide="full"):
                ui.html(listed(own, session, viewer, _SESSIONS), sanitize=False).classes("scrolled").props("tabindex=0")


class Account:
    """What the forms of the page send."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors

    def serve(self) -> None:
        """Take them."""
        app.add_route("/account/password", self._change_password, methods=["POST"])
        app.add_route("/account/factor", self._change_factor, methods=["POST"])
        app.add_route("/account/sessions", self._end_session, methods=["POST"])

    async def _change_password(self, request: Request) -> Response:
        session, sent = gate.logged_in(request), await _sent(request)
        name, password = session.user.name, sent.get("password", "")
        limited = limits(name, gate.address_of(request))
        if sent.get("again") != password:
            session.told = "console.password.differs"
        elif self._doors.attempts.begin(*limited):
            session.told = "console.password.wrong"
        elif not await self._doors.knows_password(name, sent.get("old", "")):
            session.told = "console.password.wrong"
            await self._note_failed(session, request)
        else:
            self._doors.attempts.succeeded(*limited)
            await tried(
                self._doors, session, request, lambda db: users.set_password(db, name, password, name), "password"
            )
        return RedirectResponse("/account", 303)

    async def _change_factor(self, request: Request) -> Response:
        session, sent = gate.logged_in(request), await _sent(request)
        match sent.get("do"):
            case "begin":
                session.secret = logins.new_secret()
            case "cancel":
                session.secret = ""
            case "confirm" if session.secret:
                await self._with_code(session, request, sent, "factor on")
            case "off":
                await self._with_code(session, request, sent, "factor off")
            case _:
                return PlainTextResponse("No form of the console asks for this.", 400)
        return RedirectResponse("/account", 303)

    async def _with_code(self, session: Session, request: Request, sent: dict[str, str], what: str) -> None:
        """Turn codes on or off with a code. Other sessions of the user end: it is another user now."""
        name, code = session.user.name, sent.get("code", "")
        limited = limits(name, gate.address_of(request))
        if self._doors.attempts.begin(*limited):
            session.told = "console.user.bad-code"
            return
        made: list[str] = []

        def change(db: sqlite3.Connection) -> None:
            if what == "factor off":
                factors.turn_off(db, name, code)
            else:
                made.extend(factors.turn_on(db, name, session.secret, code))

        if await tried(self._doors, session, request, change, what):
            self._doors.attempts.succeeded(*limited)
            session.user = self._doors.users()[name]
            session.secret, session.codes = "", tuple(made)
        else:
            await self._note_failed(session, request)

    async def _note_failed(self, session: Session, request: Request) -> None:
        """Into the audit trail: who sits at a session that another began may guess the password here, too."""
        await self._doors.note(
            session.user, session.user.name, gate.address_of(request), "failed", gate.path_of(request)
        )

    async def _end_session(self, request: Request) -> Response:
        session, sent = gate.logged_in(request), await _sent(request)
        await ended(self._doors, session, request, sent.get("mark", ""), session.user.name)
        return RedirectResponse("/account", 303)


async def _sent(request: Request) -> dict[str, str]:
    return {key: str(value) for key, value in (await request.form()).items()}


def _factor(console: Console, session: Session, viewer: Viewer, left: int, *, is_on: bool) -> Markup:
    """What is shown of one-time codes: how to begin, the secret to be confirmed, or how to end."""
    say = viewer.say
    code = field("text", "code", viewer, required="required", autocomplete="one-time-code", inputmode="numeric")
    if is_on:
        codes, session.codes = session.codes, ()
        return join(
            (
                tag("p", say("console.factor.on", count=left)),
                _codes(codes, viewer) if codes else Markup(),
                form("off", (code,), "factor-off", viewer, _FACTOR),
            )
        )
    if not session.secret:
        return join((tag("p", say("console.factor.off")), form("begin", (), "factor-on", viewer, _FACTOR)))
    address = logins.address_of(session.secret, viewer.user.name, console.config.site.name)
    drawn = segno.make(address, micro=False).svg_inline(
        scale=4, dark="#000", light="#fff", title=say("console.factor.qr")
    )
    return join(
        (
            tag("p", say("console.factor.scan")),
            tag("div", Markup(drawn), class_="qr"),
            tag("p", tag("code", session.secret, class_="secret")),
            form("confirm", (code,), "factor-confirm", viewer, _FACTOR),
            form("cancel", (), "factor-cancel", viewer, _FACTOR),
        )
    )


def _codes(codes: tuple[str, ...], viewer: Viewer) -> Markup:
    listed_codes = (tag("li", tag("code", one)) for one in codes)
    return join((tag("p", viewer.say("console.factor.codes"), class_="told"), tag("ul", *listed_codes, class_="codes")))
