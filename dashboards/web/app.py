"""The console's server: its own process, loopback unless told otherwise, nothing fetched from elsewhere."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from fastapi import HTTPException, Request
from nicegui import app, background_tasks, ui
from nicegui.server import Server
from starlette.background import BackgroundTask
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import FileResponse, RedirectResponse, StreamingResponse

from collector.errors import UserError
from collector.tls import server_context
from dashboards.web import exporting
from dashboards.web.answering import AnsweringView
from dashboards.web.call import CallView
from dashboards.web.calls import CallsView
from dashboards.web.lines import LinesView
from dashboards.web.live import LiveView
from dashboards.web.page import STATIC, Console, Frame, viewer_of, why_nothing
from dashboards.web.rejected import Choice, ExplainedView, RejectedView
from dashboards.web.searching import Choice as Searched
from dashboards.web.store import NothingStoredError, Store, Watcher
from dashboards.web.traffic import TrafficView
from dashboards.web.view import chosen_from

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from pathlib import Path

    from starlette.responses import Response

    from collector.config import Config, Source
    from dashboards.words import Language

ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#2563b0"/>'
    '<path d="M3 11h2v2H3zM7 7h2v6H7zM11 3h2v10h-2z" fill="#fff"/></svg>'
)
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'"
)
"""The browser itself refuses to load anything from elsewhere, whatever a page asks for."""


def serve(
    config: Config,
    *,
    host: str = "127.0.0.1",
    port: int = 8080,
    language: Language | None = None,
    certificate: tuple[Path, Path] | None = None,
) -> None:
    """Serve the console of ``config`` until interrupted; over HTTPS with a certificate and its key.

    Raises `UserError` where it cannot listen or the certificate cannot be used.
    """
    _try_to_listen(host, port)
    tls: dict[str, Any] = {}
    if certificate:
        server_context(*certificate)
        tls = dict(zip(("ssl_certfile", "ssl_keyfile"), certificate, strict=True))
    path = config.site.data / "calls.db"
    console = Console(config, Store(path), Watcher(path), language or config.site.language)
    scheme = "https" if certificate else "http"
    _secure(host)
    _pages(console)
    _exports(console)
    app.add_static_files("/console", STATIC)
    app.on_startup(lambda: background_tasks.create_lazy(console.watcher.run(), name="watch calls.db"))
    app.on_startup(lambda: background_tasks.create_lazy(_announce(host, port, scheme), name="announce"))
    ui.run(
        host=host,
        port=port,
        title="smdr",
        favicon=ICON,
        show=False,
        reload=False,
        tailwind=False,
        show_welcome_message=False,
        reconnect_timeout=20,
        **tls,
    )


async def _announce(host: str, port: int, scheme: str) -> None:
    while not Server.instance.started:  # noqa: ASYNC110  (the server has no event for it)
        await asyncio.sleep(0.05)
    print(announcement(host, port, scheme), flush=True)  # noqa: T201  (what the command prints)


def announcement(host: str, port: int, scheme: str = "http") -> str:
    """Return what the command says once it listens: the address, and who can reach it."""
    shown = f"[{host}]" if ":" in host else host
    reach = (
        "Only this computer can reach it (loopback)."
        if _is_loopback(host)
        else "Everyone who can reach this address sees who called whom: there is no login yet."
    )
    return f"Console: {scheme}://{shown}:{port}\n{reach}"


def _pages(console: Console) -> None:
    @ui.page("/")
    def traffic(request: Request) -> None:
        viewer = viewer_of(console, request)
        TrafficView(console, viewer, Frame(console, viewer, "/"), chosen_from(request.query_params, viewer))

    @ui.page("/answering")
    def answering(request: Request) -> None:
        viewer = viewer_of(console, request)
        AnsweringView(console, viewer, Frame(console, viewer, "/answering"), chosen_from(request.query_params, viewer))

    @ui.page("/calls")
    def calls(request: Request) -> Response | None:
        viewer = viewer_of(console, request)
        chosen = Searched.of(request.query_params)
        if chosen.written() != urlencode(request.query_params):
            return RedirectResponse(f"/calls?{chosen.written()}".rstrip("?"), status_code=303)
        Frame(console, viewer, "/calls")
        CallsView(console, viewer, chosen)
        return None

    @ui.page("/calls/{source}/{offset}")
    def call(request: Request, source: str, offset: int) -> None:
        viewer = viewer_of(console, request)
        Frame(console, viewer, "/calls")
        CallView(console, viewer, source, offset)

    @ui.page("/live")
    def live(request: Request) -> None:
        viewer = viewer_of(console, request)
        Frame(console, viewer, "/live")
        LiveView(console, viewer)

    @ui.page("/lines")
    def lines(request: Request) -> None:
        viewer = viewer_of(console, request)
        Frame(console, viewer, "/lines")
        LinesView(console, viewer)

    @ui.page("/lines/{source}")
    def rejected(request: Request, source: str) -> None:
        viewer = viewer_of(console, request)
        Frame(console, viewer, "/lines")
        RejectedView(console, viewer, _source_called(console, source), Choice.of(request.query_params))

    @ui.page("/lines/{source}/{offset}")
    def explained(request: Request, source: str, offset: int) -> None:
        viewer = viewer_of(console, request)
        Frame(console, viewer, "/lines")
        ExplainedView(console, viewer, _source_called(console, source), offset)


def _exports(console: Console) -> None:
    def asked(request: Request) -> Iterator[list[exporting.Cell]]:
        viewer = viewer_of(console, request)
        if not console.store.path.exists():
            raise HTTPException(404, why_nothing(NothingStoredError(), console, viewer))
        question = Searched.of(request.query_params).search(viewer.zone)
        return exporting.rows(console.store.path, question, viewer)

    @app.get("/calls.csv")
    def as_csv(request: Request) -> Response:
        headers = {"Content-Disposition": 'attachment; filename="calls.csv"'}
        return StreamingResponse(exporting.csv_of(asked(request)), media_type="text/csv", headers=headers)

    @app.get("/calls.xlsx")
    def as_xlsx(request: Request) -> Response:
        path = exporting.xlsx_of(asked(request))
        remove = BackgroundTask(path.unlink)
        return FileResponse(path, media_type=exporting.XLSX, filename="calls.xlsx", background=remove)


def _source_called(console: Console, name: str) -> Source:
    """The source of an address. Raises HTTPException where there is none of that name."""
    found = next((source for source in console.config.sources if source.name == name), None)
    if found is None:
        raise HTTPException(404)
    return found


def _secure(host: str) -> None:
    """Answer to our own name only, so that a page elsewhere cannot reach us through a name of its own."""
    if _is_loopback(host) and ":" not in host:
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost", host])

    @app.middleware("http")
    async def policy(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        response = await call_next(request)
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"
        return response


def _try_to_listen(host: str, port: int) -> None:
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise UserError(
            f"The console cannot listen on {host} port {port}: {error.strerror}. Choose another with --host or --port."
        ) from None


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
