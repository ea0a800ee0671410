"""What all pages share: the viewer's language and theme, the frame around a page, and the notice for no data."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from nicegui import ui

from collector.accounting.departments import Departments, Reach, reach_of
from collector.problems import ConfigError
from collector.store.sight import Sight
from collector.trouble import is_older
from dashboards.web import gate, look
from dashboards.web.heart import Banner
from dashboards.web.markup import Markup, join, tag
from dashboards.web.menu import Listed, Menu, content
from dashboards.web.permissions import MASKED
from dashboards.words import Language, word

if TYPE_CHECKING:
    from starlette.requests import Request

    from collector.config import Config
    from collector.config.model import Site
    from collector.office.users import User
    from dashboards.web.board import Board
    from dashboards.web.current import Current
    from dashboards.web.days import Days
    from dashboards.web.doors import Doors
    from dashboards.web.heart import Heart
    from dashboards.web.look import Theme
    from dashboards.web.months import Months
    from dashboards.web.operators import Operators
    from dashboards.web.store import NothingStoredError, Store, Watcher

STATIC = Path(__file__).parent / "static"
PAGES = {
    "/": Listed("console.overview", "traffic"),
    "/traffic": Listed("console.traffic", "traffic"),
    "/answering": Listed("console.answering", "traffic"),
    "/trunks": Listed("console.trunks", "traffic"),
    "/calls": Listed("console.calls", "traffic"),
    "/live": Listed("console.live", "traffic"),
    "/wallboard": Listed("console.wallboard", "work"),
    "/desk": Listed("console.desk", "work"),
    "/missed": Listed("console.missed", "work"),
    "/deposits": Listed("console.deposits", "work"),
    "/cost": Listed("console.cost", "money"),
    "/budgets": Listed("console.budgets", "money"),
    "/approvals": Listed("console.approvals", "money"),
    "/violations": Listed("console.violations", "money"),
    "/bills": Listed("console.bills", "money"),
    "/reports": Listed("console.reports", "money"),
    "/lines": Listed("console.lines", "equipment"),
    "/attach": Listed("console.attach", "equipment"),
    "/equipment": Listed("console.equipment", "equipment"),
    "/users": Listed("console.users", "administration"),
    "/audit": Listed("console.audit", "administration"),
    "/account": Listed("console.account", None),
}
"""In the menu's order; one's own account is under one's name."""
LANGUAGE_COOKIE, THEME_COOKIE = "smdr_language", "smdr_theme"

REMEMBER = "document.cookie = '{name}={value};path=/;max-age=31536000;samesite=lax'; location.reload()"
FOLLOW_SYSTEM = """
<script>
  if (!document.cookie.includes('smdr_theme=') && matchMedia('(prefers-color-scheme: dark)').matches) {
    document.cookie = 'smdr_theme=dark;path=/;samesite=lax';
    if (document.cookie.includes('smdr_theme=')) location.reload();
  }
</script>
"""


class Console(NamedTuple):
    """What the pages are made from."""

    config: Config
    store: Store
    watcher: Watcher
    language: Language
    doors: Doors
    current: Current
    """Where ``config`` comes from anew for each page."""
    days: Days
    months: Months
    operators: Operators
    board: Board
    heart: Heart


class Viewer(NamedTuple):
    """Who looks at a page, and how."""

    language: Language
    theme: Theme
    zone: ZoneInfo
    user: User
    address: str
    """Where the viewer looks from."""
    reach: Reach | None = None
    """The departments whose calls the viewer may see; None: all."""

    def say(self, key: str, **values: object) -> str:
        """Return the catalogue's words for ``key`` with ``values`` filled in."""
        return word(key, self.language).format(**values)

    @property
    def sight(self) -> Sight:
        """What the viewer may see of the calls."""
        return Sight(self.reach, self.user.role in MASKED)

    def sees(self, department: str | None, at: float) -> bool:
        """Whether the viewer may see what was a department's at a UTC second."""
        return self.reach is None or self.reach.holds(department, at)

    def today(self) -> date:
        """Return the site's local date."""
        return datetime.now(self.zone).date()

    def beside(self, weeks: int | None) -> str:
        """Name what bars are set against: the time so many weeks before, or (None) the range before."""
        if weeks is None:
            return self.say("console.before")
        return self.say("console.week_before" if weeks == 1 else "console.weeks_before", weeks=weeks)

    def name(self, dimension: str, value: str) -> str:
        """Return the words for one value of a dimension: our own names translated, the site's as they are."""
        if value == "":
            return self.say("console.none")
        if dimension == "hour":
            return f"{int(value):02}:00"
        return self.say(f"{dimension}.{value}") if dimension in ("direction", "outcome", "class", "weekday") else value


def enter(console: Console, request: Request) -> tuple[Console, Viewer]:
    """The console as the one who is logged in may see it, and how it is to be shown: by the viewer's cookies.

    The gate lets nobody else come here.
    """
    user = gate.logged_in(request).user
    theme = look.DARK if request.cookies.get(THEME_COOKIE) == "dark" else look.LIGHT
    viewer = Viewer(
        language_of(console, request, user),
        theme,
        ZoneInfo(console.config.site.timezone),
        user,
        gate.address_of(request),
        _reach(console.config.site, user.department) if user.department else None,
    )
    return console._replace(config=console.current.config(), store=console.store.seen_by(viewer.sight)), viewer


def _reach(site: Site, department: str) -> Reach:
    """What a department head may see: while the tree of departments has faults, the department alone."""
    try:
        return reach_of(site, department)
    except ConfigError:
        return Departments({}).reach(department, site.timezone)


async def note(console: Console, viewer: Viewer, page: str, parameters: str = "") -> None:
    """Note what a viewer looks at without opening another page. Raises `UserError`, and then it is not to be shown."""
    await console.doors.note(viewer.user, viewer.user.name, viewer.address, "view", page, unquote(parameters))


def language_of(console: Console, request: Request, user: User | None = None) -> Language:
    """The language that was chosen in this browser, else the user's, else the console's."""
    wanted = request.cookies.get(LANGUAGE_COOKIE)
    if wanted in ("en", "zh"):
        return wanted  # type: ignore[return-value]
    return user.language if user and user.language else console.language


class Frame:
    """What is around a page: the way to the other pages, the collector's state, language and theme."""

    def __init__(self, console: Console, viewer: Viewer, active: str) -> None:
        self._viewer = viewer
        title = viewer.say(PAGES[active].key)
        dress(console, viewer, title)
        self._heart = console.heart
        self._menu = Menu(PAGES, viewer, active)
        with ui.element("header").classes("bar"):
            self._menu.button(viewer)
            ui.html(_brand(console.config.site.name), sanitize=False).classes("brand")
            self._running = ui.html(sanitize=False).classes("running")
            with ui.element("div").classes("preferences"):
                self._preference(viewer)
            ui.html(_leaving(viewer), sanitize=False).classes("user")
        ui.html(content(title), sanitize=False).classes("begin")
        Banner(console.heart, viewer)
        ui.timer(1.0, self._show_running)

    def carry(self, parameters: str) -> None:
        """Take the view's choice along to the other page that has one."""
        for path in {"/", "/traffic", "/answering", "/trunks", "/cost"} & self._menu.links.keys():
            self._menu.links[path].props(f'href="{path}?{parameters}"')

    def _preference(self, viewer: Viewer) -> None:
        other = "en" if viewer.language == "zh" else "zh"
        theme = "light" if viewer.theme.dark else "dark"
        name = {"en": "English", "zh": "中文"}[other]
        _remember(name, LANGUAGE_COOKIE, other)
        _remember("☀" if viewer.theme.dark else "☾", THEME_COOKIE, theme).props(
            f'aria-label="{viewer.say(f"console.theme.{theme}")}"'
        )

    def _show_running(self) -> None:
        state = "running" if self._heart.running else "stopped"
        self._running.content = join(
            (tag("i", class_=f"dot {state}"), tag("span", self._viewer.say(f"console.collector.{state}")))
        )


def dress(console: Console, viewer: Viewer, title: str) -> None:
    """Give a page its title, language, colours and style sheet."""
    ui.page_title(f"{title} · {console.config.site.name}")
    ui.add_head_html('<link rel="stylesheet" href="/console/console.css">')
    ui.add_head_html(f"<script>document.documentElement.lang = '{viewer.language}'</script>")
    ui.add_head_html(FOLLOW_SYSTEM)
    ui.dark_mode(value=viewer.theme.dark)
    ui.colors(primary=viewer.theme.accent)


def notice(heading: str, text: str) -> Markup:
    """Return the box that stands where there is nothing to show: what, and why."""
    return tag("div", tag("strong", heading), tag("p", text), class_="notice")


def why_nothing(error: NothingStoredError, console: Console, viewer: Viewer) -> str:
    """Say why there is nothing to read."""
    if not str(error):
        return viewer.say("console.missing_file", path=console.store.path)
    if is_older(error.__cause__):
        return viewer.say("console.older_file", path=console.store.path)
    return viewer.say("console.unreadable_file", path=console.store.path, error=error)


def card(heading: str, note: str = "", wide: str = "") -> ui.element:
    """Return a card with a heading, to be filled as a context manager."""
    box = ui.element("section").classes(f"card {wide}")
    with box:
        ui.html(title(heading, note), sanitize=False).classes("heading")
    return box


def title(heading: str, note: str) -> Markup:
    """Return a card's heading and what is to be known about it."""
    return join((tag("h2", heading), tag("span", note, class_="note")))


def _brand(site: str) -> Markup:
    return join((tag("b", "smdr"), tag("span", site)))


def _leaving(viewer: Viewer) -> Markup:
    name = tag("a", viewer.user.name, href="/account", title=viewer.say(f"role.{viewer.user.role}"))
    button = tag("button", viewer.say("console.logout"), type="submit", class_="plain")
    return join((name, tag("form", button, method="post", action="/logout")))


def _remember(label: str, cookie: str, value: str) -> ui.element:
    script = REMEMBER.format(name=cookie, value=value)
    button = ui.element("button").classes("plain").on("click", js_handler=f"() => {{ {script} }}")
    with button:
        ui.html(tag("span", label), sanitize=False, tag="span")
    return button
