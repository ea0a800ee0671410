"""The way from page to page: a drawer beside the page, or where there is no room for it a menu behind a button.

The browser itself opens and closes the menu (a popover): Escape and a tap elsewhere close it, and no script is needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

from nicegui import ui

from dashboards.web.markup import Markup, tag
from dashboards.web.permissions import may

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboards.web.page import Viewer

CONTENT = "content"
Group = Literal["traffic", "work", "money", "equipment", "administration"]
"""What a page is about, in the menu's order."""


class Listed(NamedTuple):
    """A page in the menu: the key of its name, and the group it stands in; None leaves it out."""

    key: str
    group: Group | None


class Menu:
    """The pages a viewer may open, by group."""

    def __init__(self, pages: Mapping[str, Listed], viewer: Viewer, active: str) -> None:
        say = viewer.say
        self.links: dict[str, ui.link] = {}
        ui.html(tag("a", say("console.menu.skip"), href=f"#{CONTENT}", class_="skip"), sanitize=False)
        self._drawer = ui.element("nav").classes("menu").props("popover=auto")
        self._drawer.props(f'aria-label="{say("console.menu")}"')
        allowed = {path: page for path, page in pages.items() if may(viewer.user.role, path)}
        with self._drawer:
            for group in get_args(Group):
                paths = [path for path, page in allowed.items() if page.group == group]
                if paths:
                    ui.html(tag("h2", say(f"console.menu.{group}")), sanitize=False)
                    with ui.element("ul"):
                        for path in paths:
                            self._list(path, say(allowed[path].key))
        if active in self.links:
            self.links[active].classes("active").props('aria-current="page"')

    def button(self, viewer: Viewer) -> None:
        """Make the button that opens the menu where it is not beside the page."""
        button = ui.element("button").classes("plain menu-button").props(f"popovertarget={self._drawer.html_id}")
        button.props(f'aria-label="{viewer.say("console.menu")}"')
        with button:
            ui.html(tag("span", "☰", aria_hidden="true"), sanitize=False, tag="span")

    def _list(self, path: str, name: str) -> None:
        with ui.element("li"):
            self.links[path] = ui.link(name, path)


def content(heading: str) -> Markup:
    """Return the page's heading, the place behind the menu where the page itself begins."""
    return tag("h1", heading, id=CONTENT, tabindex="-1")
