"""The searches that a user has saved, and those that others share with the role: offered on the page of the calls."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from nicegui import app
from starlette.responses import PlainTextResponse, RedirectResponse

from collector.office import searches
from collector.office.searches import Saved
from collector.office.users import ROLES
from collector.store.office_db import reading
from dashboards.web import gate
from dashboards.web.forms import told, tried
from dashboards.web.markup import Markup, join, tag
from dashboards.web.permissions import may
from dashboards.web.searching import Choice

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.requests import Request
    from starlette.responses import Response

    from dashboards.web.doors import Doors
    from dashboards.web.page import Viewer
    from dashboards.web.sessions import Session

_PATH = "/calls/saved"
CROSS = "×"  # noqa: RUF001  (that is what it is)


def serve(doors: Doors) -> None:
    """Take what the forms send."""

    async def change(request: Request) -> Response:
        session = gate.logged_in(request)
        sent = {key: str(value) for key, value in (await request.form()).items()}
        user, name = session.user.name, sent.get("name", "").strip()
        query = Choice.of(dict(parse_qsl(sent.get("query", "")))).written()
        role = next((one for one in ROLES if one == sent.get("role")), None)
        match sent.get("do"):
            case "save":
                wanted = Saved(user, name, query, role)
                await tried(doors, session, request, lambda db: searches.save(db, wanted), f"save {name}")
            case "forget":
                await tried(doors, session, request, lambda db: searches.forget(db, user, name), f"forget {name}")
            case _:
                return PlainTextResponse("No form of the console asks for this.", 400)
        return RedirectResponse(f"/calls?{query}".rstrip("?"), 303)

    app.add_route("/calls/saved", change, methods=["POST"])


def offered(data: Path, choice: Choice, session: Session, viewer: Viewer) -> Markup:
    """Return what is saved, each as a link, and a form that saves the search of now."""
    with reading(data) as db:
        found = searches.offered(db, viewer.user.name, viewer.user.role)
    query = choice._replace(before=None).written()
    return join(
        (told(session, viewer), tag("div", *_listed(found, query, viewer), class_="saved"), _form(query, viewer))
    )


def _listed(found: list[Saved], query: str, viewer: Viewer) -> Iterator[Markup]:
    say = viewer.say
    for one in found:
        link = tag(
            "a", one.name, href=f"/calls?{one.query}".rstrip("?"), class_="chosen" if one.query == query else None
        )
        if one.user != viewer.user.name:
            yield tag("span", link, tag("small", say("console.saved.of", name=one.user)))
            continue
        shared = tag("small", say("console.saved.shared", role=say(f"role.{one.role}"))) if one.role else Markup()
        hidden = {"do": "forget", "name": one.name, "query": query}
        inputs = (tag("input", type="hidden", name=key, value=value) for key, value in hidden.items())
        button = tag(
            "button", CROSS, type="submit", class_="plain", aria_label=say("console.saved.forget", name=one.name)
        )
        yield tag("span", link, shared, tag("form", *inputs, button, method="post", action=_PATH))


def _form(query: str, viewer: Viewer) -> Markup:
    say = viewer.say
    roles = [tag("option", say("console.saved.nobody"), value="")]
    roles += [tag("option", say(f"role.{role}"), value=role) for role in ROLES if may(role, "/calls")]
    name = tag("input", type="text", name="name", required="required", maxlength=str(searches.LONGEST_NAME))
    return tag(
        "form",
        tag("input", type="hidden", name="do", value="save"),
        tag("input", type="hidden", name="query", value=query),
        tag("label", tag("span", say("console.saved.name")), name),
        tag("label", tag("span", say("console.saved.role")), tag("select", *roles, name="role")),
        tag("div", tag("button", say("console.saved.save"), type="submit", class_="plain primary"), class_="buttons"),
        method="post",
        action=_PATH,
        class_="search-form",
    )
