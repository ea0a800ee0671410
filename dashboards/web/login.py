"""The pages for those who are not logged in: plain HTML without a script, so that nothing of the console runs before."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from nicegui import app
from starlette.responses import HTMLResponse, RedirectResponse

from collector.office.users import UnfitError
from dashboards.web import gate
from dashboards.web.attempts import limits
from dashboards.web.markup import Markup, join, tag
from dashboards.web.page import LANGUAGE_COOKIE, language_of
from dashboards.web.permissions import first_page, may, permission_of
from dashboards.words import Language, word

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from collector.office.users import User
    from dashboards.web.page import Console
    from dashboards.web.sessions import Session

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_YEAR_S = 31_536_000
_LONGEST_NOTED = 100
"""Of what somebody typed for a name."""


class Entrance:
    """Logging in and out, and making the first user."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._doors = console.doors

    def serve(self) -> None:
        """Serve the pages."""
        app.add_route("/login", self._ask, methods=["GET"])
        app.add_route("/login", self._log_in, methods=["POST"])
        app.add_route("/logout", self._log_out, methods=["POST"])
        app.add_route("/setup", self._offer_setup, methods=["GET"])
        app.add_route("/setup", self._set_up, methods=["POST"])

    async def _ask(self, request: Request) -> Response:
        if not self._doors.users():
            return RedirectResponse("/setup", 303)
        return _in_language(request) or _login(self._console, request)

    async def _log_in(self, request: Request) -> Response:
        name, password, code = await _typed(request, "name", "password", "code")
        address = gate.address_of(request)
        limited = limits(name, address)
        if wait := self._doors.attempts.begin(*limited):
            return _login(self._console, request, _wait(self._console, request, wait), 429)
        user = await self._doors.prove(name, password, code)
        if user is None:
            await self._doors.note(None, name[:_LONGEST_NOTED], address, "failed", "/login")
            return _login(self._console, request, word("console.login.wrong", language_of(self._console, request)), 401)
        self._doors.attempts.succeeded(*limited)
        await self._doors.note(user, name, address, "login", "/login")
        return await self._welcome(user, request, _place(request.query_params.get("next", ""), user))

    async def _log_out(self, request: Request) -> Response:
        if session := gate.session_of(request):
            await self._doors.dismiss(session)
            await self._doors.note(session.user, session.user.name, gate.address_of(request), "logout", "/logout")
        answer = RedirectResponse("/login", 303)
        answer.delete_cookie(gate.COOKIE)
        return answer

    async def _offer_setup(self, request: Request) -> Response:
        if self._doors.users():
            return RedirectResponse("/login", 303)
        return _in_language(request) or _setup(self._console, request)

    async def _set_up(self, request: Request) -> Response:
        code, name, password, again = await _typed(request, "code", "name", "password", "again")
        address = gate.address_of(request)
        limited = limits("", address)
        if wait := self._doors.attempts.begin(*limited):
            return _setup(self._console, request, _wait(self._console, request, wait), 429)
        trouble = (
            "console.setup.wrong"
            if not self._doors.is_code(code)
            else "console.password.differs"
            if password != again
            else ""
        )
        if trouble == "console.setup.wrong":
            await self._doors.note(None, name[:_LONGEST_NOTED], address, "failed", "/setup")
        try:
            if not trouble:
                user = await self._doors.set_up(name, password)
                self._doors.attempts.succeeded(*limited)
                await self._doors.note(user, name, address, "setup", "/setup")
                return await self._welcome(user, request, first_page(user.role))
        except UnfitError as error:
            trouble = f"console.user.{error.key}"
        return _setup(self._console, request, word(trouble, language_of(self._console, request)), 422)

    async def _welcome(self, user: User, request: Request, place: str) -> Response:
        session = await self._doors.admit(user, gate.address_of(request), request.headers.get("user-agent", ""))
        secure = request.url.scheme == "https"
        answer = RedirectResponse(place, 303)
        answer.set_cookie(gate.COOKIE, session.key, httponly=True, samesite="strict", secure=secure)
        if user.language:
            answer.set_cookie(LANGUAGE_COOKIE, user.language, max_age=_YEAR_S, samesite="lax", secure=secure)
        return answer


def refused(console: Console, request: Request, session: Session) -> Response:
    """The page for one who may not have what was asked for, or asks for what is not there."""
    language = language_of(console, request, session.user)
    there = permission_of(gate.path_of(request)) is not None
    why = word("console.not_for_role" if there else "console.no_page", language)
    role = word(f"role.{session.user.role}", language)
    home = tag("a", word("console.to_first_page", language), href=first_page(session.user.role))
    content = (tag("p", why.format(role=role)), tag("p", home))
    return plain_page(console, language, word("console.not_for_you", language), content, 403 if there else 404)


def _login(console: Console, request: Request, trouble: str = "", status: int = 200) -> Response:
    language = language_of(console, request)
    action = f"/login?{urlencode(request.query_params)}" if request.query_params else "/login"
    fields = (
        _field("console.login.name", language, name="name", autocomplete="username", autofocus="autofocus"),
        _field("console.login.password", language, name="password", type="password", autocomplete="current-password"),
        _field(
            "console.login.code",
            language,
            name="code",
            inputmode="numeric",
            autocomplete="one-time-code",
            required=None,
        ),
    )
    content = _form(action, fields, "console.login.enter", language, trouble)
    return plain_page(
        console, language, word("console.login", language), (*content, _switch(request, language)), status
    )


def _setup(console: Console, request: Request, trouble: str = "", status: int = 200) -> Response:
    language = language_of(console, request)
    fields = (
        _field("console.setup.code", language, name="code", autocomplete="off", autofocus="autofocus"),
        _field("console.login.name", language, name="name", autocomplete="username"),
        _field("console.login.password", language, name="password", type="password", autocomplete="new-password"),
        _field("console.password.again", language, name="again", type="password", autocomplete="new-password"),
    )
    note = tag("p", word("console.setup.why", language), class_="note")
    content = (note, *_form("/setup", fields, "console.setup.make", language, trouble))
    return plain_page(
        console, language, word("console.setup", language), (*content, _switch(request, language)), status
    )


def _form(action: str, fields: tuple[Markup, ...], button: str, language: Language, trouble: str) -> tuple[Markup, ...]:
    shown = [tag("p", trouble, class_="trouble", role="alert")] if trouble else []
    send = tag("button", word(button, language), type="submit", class_="plain primary")
    return (*shown, tag("form", *fields, send, method="post", action=action))


def _field(label: str, language: Language, **attributes: str | None) -> Markup:
    settings = {"type": "text", "required": "required", "maxlength": "200"} | attributes
    return tag("label", tag("span", word(label, language)), tag("input", **settings))


def _switch(request: Request, language: Language) -> Markup:
    """A link to the same page in the other language."""
    other, name = ("en", "English") if language == "zh" else ("zh", "中文")
    return tag("p", tag("a", name, href=f"?{urlencode({**request.query_params, 'language': other})}", lang=other))


def _in_language(request: Request) -> Response | None:
    """Where that link was followed: remember the language, as the other pages do, and show the page."""
    language = request.query_params.get("language")
    if language not in ("en", "zh"):
        return None
    others = urlencode({key: value for key, value in request.query_params.items() if key != "language"})
    answer = RedirectResponse(f"{gate.path_of(request)}?{others}".rstrip("?"), 303)
    answer.set_cookie(LANGUAGE_COOKIE, language, max_age=_YEAR_S, samesite="lax", secure=request.url.scheme == "https")
    return answer


def plain_page(
    console: Console, language: Language, heading: str, content: tuple[Markup, ...], status: int = 200
) -> HTMLResponse:
    """Return a page of plain HTML, without a script."""
    site = console.config.site.name
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", f"{heading} · {site}"),
        tag("link", rel="stylesheet", href="/console/console.css"),
    )
    brand = tag("p", tag("b", "smdr"), tag("span", site), class_="brand")
    body = tag("body", tag("main", brand, tag("h1", heading), *content, class_="card entrance"))
    page = join((Markup("<!doctype html>"), tag("html", head, body, lang=language)))
    return HTMLResponse(page, status, {"Content-Security-Policy": POLICY})


async def _typed(request: Request, *keys: str) -> list[str]:
    form = await request.form()
    return [str(form.get(key, "")) for key in keys]


def _place(wanted: str, user: User) -> str:
    """Where to go after the login: the page that was asked for, if it is one of ours that the user may have."""
    asked = urlsplit(wanted)
    ours = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and not asked.netloc
    return wanted if ours and may(user.role, asked.path) else first_page(user.role)


def _wait(console: Console, request: Request, seconds: float) -> str:
    sentence = word("console.login.wait", language_of(console, request))
    return sentence.format(seconds=math.ceil(seconds))
