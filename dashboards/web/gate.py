"""The gate before every page, download and socket of the console: who may pass, and what the browser is told to refuse.

Nothing is served around it. A page that is not in `PERMISSIONS` is for nobody; a socket gets only the page that its own
session opened; what changes something is taken only from a page of the console itself.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import suppress
from copy import copy
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, unquote, urlsplit

from nicegui import Client, core
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse
from starlette.websockets import WebSocket, WebSocketDisconnect

from collector.errors import UserError
from dashboards.web.markup import tag
from dashboards.web.permissions import first_page, permission_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from collector.office.audit import Action
    from dashboards.web.doors import Doors
    from dashboards.web.sessions import Session, Sessions

COOKIE = "smdr_session"
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; object-src 'none'; form-action 'self'; "
    "frame-src 'none'; frame-ancestors 'none'; base-uri 'none'"
)
"""The browser itself refuses to load anything from elsewhere, whatever a page asks for."""
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}

_WITHOUT_LOGIN = ("/login", "/setup", "/favicon.ico", "/console/console.css")
_SOCKET = "/_nicegui_ws/"
_FROM_PAGES = ("event", "javascript_response", "ack", "log")
"""What a page sends through its socket, each with the page it is from."""
_FILES = ("/_nicegui/", "/console/")
"""Scripts and styles: the same for everybody who is logged in."""
_SAFE = ("GET", "HEAD")
_LONGEST_FORM = 64 * 1024
_LONGEST_ADDRESS = 8 * 1024
"""Bytes of path and query: the audit trail keeps them for ever, and whole."""
_SESSION = "smdr.session"
_LOOK_S = 1.0
_ASKS_WITHIN_S = 10.0
_LEAVING = (1000, 1001)
"""How a browser closes the socket of a page that it leaves."""
_LEFT_S = 1.0
_CONNECT, _DISCONNECT, _EVENT, _ACK = range(4)
"""Messages of Socket.IO that have no parts behind them."""


class Gate:
    """The outermost layer of the server. ``refused`` makes the page for one who may not have what was asked for."""

    def __init__(self, app: ASGIApp, doors: Doors, refused: Callable[[Request, Session], Response]) -> None:
        self._app = app
        self._doors = doors
        self._refused = refused

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request or a socket through, or answer it here."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        session = self._doors.sessions.of(connection.cookies.get(COOKIE))
        scope[_SESSION] = session
        if scope["type"] == "websocket":
            if _is_own(connection) and session is None and _client(connection) is None:
                await _tell_gone(WebSocket(scope, receive, send))
                return
            passes = _is_own(connection) and _may_have_client(connection, session)
            if passes:
                await self._app(scope, _noticing_leave(receive, _client(connection)), send)
            else:
                await WebSocket(scope, receive, send).close(1008)
            return
        answer = await self._answer(Request(scope, receive), session)
        await (answer or self._app)(scope, receive, _with_headers(scope["path"], send))

    async def _answer(self, request: Request, session: Session | None) -> Response | None:
        """What is answered instead of the page; None lets the request through."""
        path = path_of(request)
        if request.method not in _SAFE and not _is_own(request):
            return PlainTextResponse("This did not come from a page of the console.", 403)
        if path.startswith(_SOCKET):
            return None if _may_have_client(request, session) else PlainTextResponse("This page is not yours.", 403)
        if not _is_short(request):
            return PlainTextResponse("This is too long.", 413)
        if path in _WITHOUT_LOGIN:
            return None
        if session is None:
            return self._to_login(request)
        return None if path.startswith(_FILES) or path == "/logout" else await self._page(request, session)

    def _to_login(self, request: Request) -> Response:
        if not self._doors.users():
            return RedirectResponse("/setup", 303)
        wanted = quote(path_of(request)) + (f"?{_query(request)}" if _query(request) else "")
        if request.headers.get("sec-fetch-site") == "cross-site" and request.method == "GET":
            return _once_more(wanted)
        further = f"?next={quote(wanted, safe='')}" if request.method == "GET" and wanted != "/" else ""
        return RedirectResponse(f"/login{further}", 303)

    async def _page(self, request: Request, session: Session) -> Response | None:
        """Ask the table, and note who looks at what before it is shown: what cannot be noted is not shown."""
        path, user = path_of(request), session.user
        permission = permission_of(path)
        if permission is None:
            return self._refused(request, session)
        allowed = user.role in permission.roles
        if path == "/" and not allowed:
            return RedirectResponse(first_page(user.role), 303)
        action: Action = "refused" if not allowed else "export" if permission.kind == "export" else "view"
        if request.method in _SAFE or not allowed:
            try:
                await self._doors.note(user, user.name, address_of(request), action, path, unquote(_query(request)))
            except (UserError, sqlite3.Error) as error:
                return PlainTextResponse(f"What is looked at cannot be noted, so nothing is shown. {error}", 503)
        return None if allowed else self._refused(request, session)


def take_from_own_page_only() -> None:
    """Pass over what a socket says to be of another page than it was opened for: it would be done there."""

    def guard(name: str) -> None:
        taken = core.sio.handlers["/"][name]

        def guarded(socket: str, message: object) -> None:
            if isinstance(message, dict) and message.get("client_id") in core.sio.rooms(socket):
                taken(socket, message)

        core.sio.on(name, guarded)

    for name in _FROM_PAGES:
        guard(name)


def take_whole_messages_only() -> None:
    """Hang up on a socket that sends what no page does: parts of a message would be kept in memory until it is whole."""
    taken = core.sio.eio.handlers["message"]

    async def guarded(socket: str, message: object) -> None:
        if _is_whole(message):
            await taken(socket, message)
        else:
            await core.sio.eio.disconnect(socket)

    core.sio.eio.on("message", guarded)


def _is_whole(message: object) -> bool:
    """Whether a message of Socket.IO can be read and is all there."""
    if not isinstance(message, str):
        return False
    try:
        packet = core.sio.packet_class(encoded_packet=message)
    except (ValueError, LookupError):  # what its reading of a malformed message ends with
        return False
    return packet.packet_type in (_CONNECT, _DISCONNECT, _ACK) or (packet.packet_type == _EVENT and bool(packet.data))


def session_of(connection: HTTPConnection) -> Session | None:
    """Whose request this is; None where nobody is logged in."""
    session: Session | None = connection.scope[_SESSION]
    return session


def path_of(connection: HTTPConnection) -> str:
    """The path that is served: not that of the request's ``url``, into which the sender's Host is written."""
    path: str = connection.scope["path"]
    return path


def logged_in(connection: HTTPConnection) -> Session:
    """The session of a request that came through the gate to a page for users."""
    session = session_of(connection)
    if session is None:
        raise PermissionError("nobody is logged in")
    return session


def address_of(connection: HTTPConnection) -> str:
    """Where a request comes from."""
    return connection.client.host if connection.client else ""


async def watch_pages(sessions: Sessions) -> None:
    """Have open pages of sessions that ended load anew, which leads to the login, and close them; until cancelled.

    An open page keeps its session from being idle.
    """
    told: set[str] = set()
    while True:
        await asyncio.sleep(_LOOK_S)
        open_pages = list(Client.instances.values())
        told &= {client.id for client in open_pages}
        for client in open_pages:
            session = session_of(client.request)
            if session and sessions.lasts(session):
                if client.has_socket_connection:
                    sessions.use(session)
            elif not client.has_socket_connection:
                continue  # it is forgotten by itself
            elif client.id in told:
                client.delete()
            else:
                client.run_javascript("location.reload()")
                told.add(client.id)


def _once_more(wanted: str) -> Response:
    """Have the browser ask again from a page of ours: with a link from elsewhere it does not send the cookie."""
    return HTMLResponse(tag("meta", http_equiv="refresh", content=f"0;url={wanted}"))


def _is_own(connection: HTTPConnection) -> bool:
    """Whether a page of this console asks: browsers tell where a form or a socket comes from, and no page can change that."""
    origin = connection.headers.get("origin")
    return bool(origin) and urlsplit(origin).netloc == connection.headers.get("host")


def _query(connection: HTTPConnection) -> str:
    query: bytes = connection.scope["query_string"]
    return query.decode("latin-1")


def _is_short(request: Request) -> bool:
    if len(path_of(request).encode()) + len(_query(request)) > _LONGEST_ADDRESS:
        return False
    if request.method in _SAFE:
        return True
    length = request.headers.get("content-length", "")
    permission = permission_of(path_of(request))
    return length.isdecimal() and int(length) <= (permission.longest if permission else _LONGEST_FORM)


def _may_have_client(connection: HTTPConnection, session: Session | None) -> bool:
    """Whether a socket asks for a page that its session opened; or for one that is gone, which has the browser load it anew."""
    if session is None or not _asks_for_one_page(connection):
        return False
    client = _client(connection)
    return client is None or session_of(client.request) is session


def _asks_for_one_page(connection: HTTPConnection) -> bool:
    asked = parse_qs(_query(connection))
    return asked.get("implicit_handshake") == ["true"] and len(asked.get("client_id", [])) == 1


def _client(connection: HTTPConnection) -> Client | None:
    """The page a socket asks for; None where there is none, or no longer."""
    return Client.instances.get(parse_qs(_query(connection)).get("client_id", [""])[0])


def _noticing_leave(receive: Receive, client: Client | None) -> Receive:
    """Have a page forgotten that its browser leaves; one whose connection broke is kept for it to come back."""

    async def receiving() -> Message:
        message = await receive()
        if client and message["type"] == "websocket.disconnect" and message.get("code") in _LEAVING:
            client.page = copy(client.page)
            client.page.reconnect_timeout = _LEFT_S
        return message

    return receiving


async def _tell_gone(socket: WebSocket) -> None:
    """Tell a browser whose session is over that its page is gone, in the words of NiceGUI's server: it loads the page anew."""
    opening = {"sid": "none", "upgrades": [], "pingInterval": 10_000, "pingTimeout": 10_000, "maxPayload": 100}
    await socket.accept()
    await socket.send_text(f"0{json.dumps(opening)}")
    with suppress(TimeoutError, WebSocketDisconnect, KeyError):  # it does not ask, or not in words
        async with asyncio.timeout(_ASKS_WITHIN_S):
            await socket.receive_text()
        await socket.send_text('44{"message":"Implicit handshake failed"}')
        await socket.close()


def _with_headers(path: str, send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            if not path.startswith(_FILES):
                headers["Cache-Control"] = "no-store"
        await send(message)

    return sending
