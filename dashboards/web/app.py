"""The console's server: its own process, loopback unless told otherwise, nothing fetched from elsewhere."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import HTTPException, Request
from nicegui import app, background_tasks, ui
from nicegui.server import Server
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import RedirectResponse, Response

from collector.commands import equipment as office_equipment
from collector.errors import UserError
from collector.memory import free_often, keep_small, settle, share_memory
from collector.reports.equipment import equipment_report
from collector.reports.files import rendered
from collector.store.queries import Filter
from collector.tls import server_context
from dashboards.web import audit as audit_trail
from dashboards.web import bills, deposits, exporting, reports, saved
from dashboards.web.account import Account, AccountView
from dashboards.web.answering import AnsweringView
from dashboards.web.approvals import ApprovalsView
from dashboards.web.attach import AttachView
from dashboards.web.audit import AuditView
from dashboards.web.audit import Choice as Trail
from dashboards.web.board import Board
from dashboards.web.budgets import BudgetsView
from dashboards.web.call import CallView
from dashboards.web.calls import CallsView
from dashboards.web.cost import CostView
from dashboards.web.current import Current
from dashboards.web.days import Days
from dashboards.web.desk import DeskView
from dashboards.web.doors import Doors
from dashboards.web.equipment import EquipmentView, take_new_alarms
from dashboards.web.gate import Gate, logged_in, take_from_own_page_only, take_whole_messages_only, watch_pages
from dashboards.web.heart import Heart
from dashboards.web.lines import LinesView
from dashboards.web.live import LiveView
from dashboards.web.login import Entrance, refused
from dashboards.web.missed import MissedView
from dashboards.web.months import Months
from dashboards.web.operators import Operators
from dashboards.web.outbox import be_prompt
from dashboards.web.overview import OverviewView
from dashboards.web.page import STATIC, Console, Frame, enter, why_nothing
from dashboards.web.patience import Patient
from dashboards.web.rejected import Choice, ExplainedView, RejectedView
from dashboards.web.searching import Choice as Searched
from dashboards.web.store import NothingStoredError, Store, Watcher
from dashboards.web.traffic import TrafficView
from dashboards.web.trunks import TrunksView
from dashboards.web.users import Changes, UsersView
from dashboards.web.view import chosen_from
from dashboards.web.violations import Choice as Broken
from dashboards.web.violations import ViolationsView, exported, month_of
from dashboards.web.wallboard import WallboardView

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from collector.config import Config, Source
    from dashboards.words import Language

ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#2563b0"/>'
    '<path d="M3 11h2v2H3zM7 7h2v6H7zM11 3h2v10h-2z" fill="#fff"/></svg>'
)

_LONGEST_MESSAGE = 1_000_000
"""Bytes of what a page sends at once, as its server tells it."""
_KEPT_S = 20
"""How long a page is kept whose connection broke: what is typed there may be in the browser alone."""
_TIDY_S = 60.0


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
    share_memory()
    path = config.site.data / "calls.db"
    doors = Doors(config.site.data)
    zone = ZoneInfo(config.site.timezone)
    days, months, operators = Days(path, zone), Months(path, zone), Operators(path, zone)
    watcher, heart = Watcher(path), Heart(config.site.data)
    board = Board(config, path, watcher, zone)
    console = Console(
        config,
        Store(path),
        watcher,
        language or config.site.language,
        doors,
        Current(config),
        days,
        months,
        operators,
        board,
        heart,
    )
    scheme = "https" if certificate else "http"
    _guard(host, console)
    Entrance(console).serve()
    Changes(doors).serve()
    Account(doors).serve()
    saved.serve(doors)
    _pages_of_calls(console)
    _pages_of_figures(console)
    _pages_of_the_office(console)
    reports.serve(console)
    bills.serve(console)
    deposits.serve(console)
    _pages_of_lines(console)
    _pages_of_equipment(console)
    _pages_of_users(console)
    _exports(console)
    app.add_static_files("/console", STATIC)
    app.on_startup(lambda: background_tasks.create_lazy(console.watcher.run(), name="watch calls.db"))
    app.on_startup(lambda: background_tasks.create_lazy(heart.run(), name="watch the collector"))
    app.on_startup(lambda: background_tasks.create_lazy(watch_pages(doors.sessions), name="watch pages"))
    app.on_startup(lambda: background_tasks.create_lazy(take_new_alarms(config.site.data), name="take alarms"))
    app.on_startup(lambda: background_tasks.create_lazy(_read_ahead(console), name="read the past"))
    app.on_startup(lambda: background_tasks.create_lazy(doors.watch_sessions(), name="keep sessions"))
    app.on_startup(free_often)
    app.on_startup(settle)
    app.on_startup(lambda: background_tasks.create_lazy(keep_small(_TIDY_S), name="keep small"))
    app.on_startup(lambda: background_tasks.create_lazy(_announce(host, port, scheme, doors.code), name="announce"))
    be_prompt()
    ui.run(
        host=host,
        port=port,
        title="smdr",
        favicon=ICON,
        show=False,
        reload=False,
        tailwind=False,
        show_welcome_message=False,
        reconnect_timeout=_KEPT_S,
        http=Patient,
        ws_max_size=_LONGEST_MESSAGE,
        **tls,
    )


async def _read_ahead(console: Console) -> None:
    today = datetime.now(ZoneInfo(console.config.site.timezone)).date()
    await asyncio.to_thread(console.days.read_ahead, today)
    await asyncio.to_thread(console.months.read_ahead, console.config, today)
    await asyncio.to_thread(console.operators.read_ahead, console.config, today)


async def _announce(host: str, port: int, scheme: str, code: str) -> None:
    while not Server.instance.started:  # noqa: ASYNC110  (the server has no event for it)
        await asyncio.sleep(0.05)
    print(announcement(host, port, scheme, code), flush=True)  # noqa: T201  (what the command prints)


def announcement(host: str, port: int, scheme: str = "http", code: str = "") -> str:
    """Return what the command says once it listens: the address, who can reach it, and how the first user is made."""
    shown = f"[{host}]" if ":" in host else host
    lines = [f"Console: {scheme}://{shown}:{port}"]
    if _is_loopback(host):
        lines.append("Only this computer can reach it (loopback).")
    elif scheme == "https":
        lines.append("Other computers can reach it, over HTTPS.")
    else:
        lines.append(
            "Other computers can reach it, and passwords pass the network readable: give --certificate and --key."
        )
    if code:
        lines.append(f"There is no user yet: open it and enter the code {code} to make the first administrator.")
    return "\n".join(lines)


def _pages_of_calls(console: Console) -> None:
    @ui.page("/")
    def overview(request: Request) -> None:
        seen, viewer = enter(console, request)
        chosen = chosen_from(request.query_params, viewer)._replace(narrowed=Filter())
        OverviewView(seen, viewer, Frame(seen, viewer, "/"), chosen)

    @ui.page("/traffic")
    def traffic(request: Request) -> None:
        seen, viewer = enter(console, request)
        TrafficView(seen, viewer, Frame(seen, viewer, "/traffic"), chosen_from(request.query_params, viewer))

    @ui.page("/answering")
    def answering(request: Request) -> None:
        seen, viewer = enter(console, request)
        AnsweringView(seen, viewer, Frame(seen, viewer, "/answering"), chosen_from(request.query_params, viewer))

    @ui.page("/calls")
    def calls(request: Request) -> Response | None:
        seen, viewer = enter(console, request)
        chosen = Searched.of(request.query_params)
        if not chosen.left_out and chosen.written() != urlencode(request.query_params):
            return RedirectResponse(f"/calls?{chosen.written()}".rstrip("?"), status_code=303)
        Frame(seen, viewer, "/calls")
        CallsView(seen, viewer, logged_in(request), chosen)
        return None

    @ui.page("/calls/{source}/{offset}")
    def call(request: Request, source: str, offset: int) -> None:
        seen, viewer = enter(console, request)
        Frame(seen, viewer, "/calls")
        CallView(seen, viewer, source, offset)

    @ui.page("/live")
    def live(request: Request) -> None:
        seen, viewer = enter(console, request)
        Frame(seen, viewer, "/live")
        LiveView(seen, viewer)


def _pages_of_figures(console: Console) -> None:
    @ui.page("/trunks")
    def trunks(request: Request) -> None:
        seen, viewer = enter(console, request)
        TrunksView(seen, viewer, Frame(seen, viewer, "/trunks"), chosen_from(request.query_params, viewer))

    @ui.page("/cost")
    def cost(request: Request) -> None:
        seen, viewer = enter(console, request)
        CostView(seen, viewer, Frame(seen, viewer, "/cost"), chosen_from(request.query_params, viewer))


def _pages_of_the_office(console: Console) -> None:
    @ui.page("/wallboard")
    def wallboard(request: Request) -> None:
        seen, viewer = enter(console, request)
        WallboardView(seen, viewer)

    @ui.page("/desk")
    def desk(request: Request) -> None:
        seen, viewer = enter(console, request)
        Frame(seen, viewer, "/desk")
        DeskView(seen, viewer)

    @ui.page("/missed")
    def missed(request: Request) -> None:
        seen, viewer = enter(console, request)
        Frame(seen, viewer, "/missed")
        MissedView(seen, viewer)

    @ui.page("/violations")
    def violations(request: Request) -> None:
        seen, viewer = enter(console, request)
        Frame(seen, viewer, "/violations")
        ViolationsView(seen, viewer, Broken.of(request.query_params, viewer.today()))

    @ui.page("/budgets")
    def budgets(request: Request) -> None:
        seen, viewer = enter(console, request)
        Frame(seen, viewer, "/budgets")
        BudgetsView(seen, viewer, month_of(request.query_params.get("month"), viewer.today()))

    @ui.page("/approvals")
    def approvals(request: Request) -> None:
        seen, viewer = enter(console, request)
        Frame(seen, viewer, "/approvals")
        ApprovalsView(seen, viewer)


def _pages_of_lines(console: Console) -> None:
    @ui.page("/lines")
    def lines(request: Request) -> None:
        seen, viewer = enter(console, request)
        Frame(seen, viewer, "/lines")
        LinesView(seen, viewer)

    @ui.page("/attach")
    def attach(request: Request) -> None:
        seen, viewer = enter(console, request)
        Frame(seen, viewer, "/attach")
        AttachView(seen, viewer)

    @ui.page("/lines/{source}")
    def rejected(request: Request, source: str) -> None:
        seen, viewer = enter(console, request)
        Frame(seen, viewer, "/lines")
        RejectedView(seen, viewer, _source_called(seen, source), Choice.of(request.query_params))

    @ui.page("/lines/{source}/{offset}")
    def explained(request: Request, source: str, offset: int) -> None:
        seen, viewer = enter(console, request)
        Frame(seen, viewer, "/lines")
        ExplainedView(seen, viewer, _source_called(seen, source), offset)


def _pages_of_equipment(console: Console) -> None:
    @ui.page("/equipment")
    def equipment(request: Request) -> None:
        seen, viewer = enter(console, request)
        Frame(seen, viewer, "/equipment")
        EquipmentView(seen, viewer)

    def export(request: Request, kind: Literal["csv", "xlsx"]) -> Response:
        seen, viewer = enter(console, request)
        report = equipment_report(seen.config, office_equipment.noted(seen.config), viewer.language)
        return exporting.as_file(rendered(report, kind), "equipment", kind)

    @app.get("/equipment.csv")
    def as_csv(request: Request) -> Response:
        return export(request, "csv")

    @app.get("/equipment.xlsx")
    def as_xlsx(request: Request) -> Response:
        return export(request, "xlsx")


def _pages_of_users(console: Console) -> None:
    @ui.page("/audit")
    def audit(request: Request) -> None:
        seen, viewer = enter(console, request)
        Frame(seen, viewer, "/audit")
        AuditView(seen, viewer, Trail.of(request.query_params))

    @app.get("/audit.csv")
    def audit_as_csv(request: Request) -> Response:
        seen, viewer = enter(console, request)
        trail = audit_trail.exported(seen.config.site.data, Trail.of(request.query_params), viewer)
        return exporting.as_csv(trail, "audit")

    @ui.page("/users")
    def users(request: Request) -> None:
        seen, viewer = enter(console, request)
        Frame(seen, viewer, "/users")
        UsersView(seen, viewer, logged_in(request))

    @ui.page("/account")
    def account(request: Request) -> None:
        seen, viewer = enter(console, request)
        Frame(seen, viewer, "/account")
        AccountView(seen, viewer, logged_in(request))


def _exports(console: Console) -> None:
    def asked(request: Request) -> Iterator[list[exporting.Cell]]:
        seen, viewer = enter(console, request)
        if not seen.store.path.exists():
            raise HTTPException(404, why_nothing(NothingStoredError(), seen, viewer))
        question = Searched.of(request.query_params).search(viewer.zone, console.config)
        return exporting.rows(seen.store, question, viewer)

    @app.get("/calls.csv")
    def as_csv(request: Request) -> Response:
        return exporting.as_csv(asked(request), "calls")

    @app.get("/calls.xlsx")
    def as_xlsx(request: Request) -> Response:
        return exporting.as_xlsx(asked(request), "calls")

    def broken(request: Request) -> Iterator[list[exporting.Cell]]:
        seen, viewer = enter(console, request)
        return exported(seen, viewer, Broken.of(request.query_params, viewer.today()))

    @app.get("/violations.csv")
    def violations_as_csv(request: Request) -> Response:
        return exporting.as_csv(broken(request), "violations")

    @app.get("/violations.xlsx")
    def violations_as_xlsx(request: Request) -> Response:
        return exporting.as_xlsx(broken(request), "violations")


def _source_called(console: Console, name: str) -> Source:
    """The source of an address. Raises HTTPException where there is none of that name."""
    found = next((source for source in console.config.sources if source.name == name), None)
    if found is None:
        raise HTTPException(404)
    return found


def _guard(host: str, console: Console) -> None:
    """Put the gate before everything, and answer to our own name only: a page elsewhere may have a name for us, too."""
    take_from_own_page_only()
    take_whole_messages_only()
    app.add_middleware(Gate, doors=console.doors, refused=lambda request, session: refused(console, request, session))
    if _is_loopback(host) and ":" not in host:
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost", host])


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
