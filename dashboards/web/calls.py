"""The calls that are searched for: a form, a page of what was found, and how far it was looked."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, get_args

from nicegui import ui

from collector.store import queries, search
from dashboards.web import figures, saved
from dashboards.web.exporting import MOST_ROWS
from dashboards.web.live import ARROWS
from dashboards.web.markup import Markup, join, table, tag
from dashboards.web.page import card, notice, why_nothing
from dashboards.web.searching import AMOUNTS, FIRST, LAST, LONGEST_TEXT, MARKS, SECONDS, TIMES, YES_OR_NO, call_address
from dashboards.web.store import NothingStoredError
from parsers.records import Direction, Outcome

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from collector.calls import Call
    from dashboards.web.page import Console, Viewer
    from dashboards.web.searching import Choice
    from dashboards.web.sessions import Session

Phone = Callable[[str, str], str]
"""What an extension of a source is called among the phones of all sites."""

ON_A_PAGE = 50
LONGEST_S = 0.15
"""A page that is not full by then says how far it looked."""

CHOSEN = ("source", "direction", "outcome", "class")
WRITTEN = ("department", "extension", "trunk", "begins", "contains", "person", "carrier", "account_code", "auth_code")


class Answer(NamedTuple):
    """A page of calls, and the values that there are to choose from."""

    page: search.Page
    values: dict[queries.Dimension, list[str]]


class CallsView:
    """One viewer's search."""

    def __init__(self, console: Console, viewer: Viewer, session: Session, choice: Choice) -> None:
        self._console = console
        self._viewer = viewer
        self._choice = choice
        with ui.element("div").classes("board"):
            with card(viewer.say("console.search_calls"), viewer.say("console.bookmark_note"), wide="full"):
                self._form = ui.html(sanitize=False)
            with card(viewer.say("console.saved"), viewer.say("console.saved_note"), wide="full"):
                ui.html(saved.offered(console.config.site.data, choice, session, viewer), sanitize=False)
            with card(viewer.say("console.found"), wide="full"):
                self._found = ui.html(sanitize=False).classes("scrolled").props("tabindex=0")
        ui.timer(0, self._fill, once=True)

    async def _fill(self) -> None:
        choice, viewer = self._choice, self._viewer
        question = choice.search(viewer.zone, self._console.config)

        def read(connection: sqlite3.Connection) -> Answer:
            page = search.page(connection, question, choice.before, ON_A_PAGE, LONGEST_S)
            return Answer(page, queries.values(connection))

        try:
            answer = await self._console.store.ask(read)
        except NothingStoredError as error:
            heading = viewer.say("console.nothing_stored")
            self._found.content = notice(heading, why_nothing(error, self._console, viewer))
            return
        config = self._console.config
        self._form.content = form(choice, answer.values, viewer, config.sites if config.branches else ())
        self._found.content = found(choice, answer.page, viewer, config.phone)


def form(
    choice: Choice, values: dict[queries.Dimension, list[str]], viewer: Viewer, sites: Sequence[str] = ()
) -> Markup:
    """Return the form; what is chosen in it becomes the address. ``sites`` are offered where there are several."""
    say = viewer.say
    dates = ((FIRST, choice.first), (LAST, choice.last))
    offered: dict[str, Iterable[str]] = {
        "site": sites,
        "source": values["source"],
        "direction": get_args(Direction),
        "outcome": get_args(Outcome),
        "class": values["class"],
    }
    chosen = ("site", *CHOSEN) if sites else CHOSEN
    fields = [
        *(_field(_name(key, viewer), _input("date", key, day.isoformat() if day else "")) for key, day in dates),
        *(_field(_name(key, viewer), _select(key, offered[key], choice.wanted.get(key, ""), viewer)) for key in chosen),
        *(_field(_name(key, viewer), _select(key, YES_OR_NO, choice.wanted.get(key, ""), viewer)) for key in MARKS),
        *(
            _field(_name(key, viewer), _select(key, map(str, TIMES[key]), choice.wanted.get(key, ""), viewer))
            for key in TIMES
        ),
        *(_field(_name(key, viewer), _input("text", key, choice.wanted.get(key, ""), values)) for key in WRITTEN),
        *(_field(_name(key, viewer), _input("number", key, choice.wanted.get(key, ""))) for key in SECONDS + AMOUNTS),
    ]
    buttons = tag(
        "div",
        tag("button", say("console.search_now"), type="submit", class_="plain primary"),
        tag("a", say("console.search_anew"), href="/calls"),
        class_="buttons",
    )
    return tag("form", *fields, buttons, method="get", action="/calls", class_="search-form")


def found(choice: Choice, page: search.Page, viewer: Viewer, phone: Phone) -> Markup:
    """Return the calls of a page, how far it was looked for them, and the ways on from here."""
    say = viewer.say
    parts: list[Markup] = []
    if choice.left_out:
        names = ", ".join(_name(key, viewer) for key in choice.left_out)
        parts.append(tag("p", say("console.left_out", names=names), class_="o-failed"))
    if not page.calls:
        why = "console.dates_backwards" if choice.is_backwards else "console.no_match_do"
        parts.append(tag("p", tag("strong", say("console.no_match")), " ", say(why)))
    else:
        parts.append(_calls((one.call for one in page.calls), viewer, phone))
    ways = []
    if choice.before:
        newest = choice._replace(before=None).written()
        ways.append(tag("a", say("console.newest_calls"), href=f"/calls?{newest}"))
    if page.further:
        if len(page.calls) < ON_A_PAGE:
            reached = figures.moment(page.further.start, viewer.zone)
            parts.append(tag("p", say("console.looked_back", time=reached), class_="note"))
        further = choice._replace(before=page.further).written()
        ways.append(tag("a", say("console.earlier_calls"), href=f"/calls?{further}", rel="next"))
    everything = choice._replace(before=None).written()
    ways += [tag("a", name, href=f"/calls.{name.lower()}?{everything}") for name in ("CSV", "XLSX")]
    note = tag("span", say("console.export_note", count=figures.count(MOST_ROWS)), class_="note")
    return join((*parts, tag("p", *ways, note, class_="ways")))


def _calls(calls: Iterable[Call], viewer: Viewer, phone: Phone) -> Markup:
    texts = ["console.time", "direction", "console.number", "extension", "department", "field.person", "trunk", "class"]
    numbers = ["console.ring", "console.talk", "field.cost"]
    headings: list[str | Markup] = [viewer.say(key) for key in (*texts, "outcome")]
    headings += [tag("th", viewer.say(key), class_="figure") for key in numbers]
    return table([*headings, viewer.say("source")], (_row(call, viewer, phone) for call in calls), "calls")


def _row(call: Call, viewer: Viewer, phone: Phone) -> list[Markup]:
    time = tag("a", figures.moment(call.start, viewer.zone), href=call_address(call.source, call.offset))
    ring = figures.seconds(call.ring_s, viewer.language)
    return [
        tag("td", time, class_="term"),
        tag("td", f"{ARROWS[call.direction]} {viewer.name('direction', call.direction)}", class_="term"),
        tag("td", call.number or call.peer_extension or figures.NONE),
        tag("td", phone(call.source, call.extension) if call.extension else figures.NONE),
        tag("td", call.department or ""),
        tag("td", call.person or ""),
        tag("td", call.trunk or ""),
        tag("td", viewer.name("class", call.class_)),
        tag("td", viewer.name("outcome", call.outcome), class_=f"o-{call.outcome}"),
        tag("td", ring, class_="figure"),
        tag("td", figures.duration(call.talk_s), class_="figure"),
        tag("td", call.cost or "", class_="figure"),
        tag("td", call.source),
    ]


def _name(key: str, viewer: Viewer) -> str:
    """What a condition is called, in the form and where it is left out."""
    if key in (FIRST, LAST):
        return viewer.say(f"console.{key}")
    if key in MARKS:
        return viewer.say(f"field.{key}")
    return viewer.say(key if key in (*queries.DIMENSIONS, *TIMES, "site", "outcome") else f"console.wanted.{key}")


def _field(label: str, control: Markup) -> Markup:
    return tag("label", tag("span", label), control)


def _input(type_: str, name: str, value: str, values: dict[queries.Dimension, list[str]] | None = None) -> Markup:
    known = [one for key, some in (values or {}).items() if key == name for one in some if one]
    control = tag(
        "input",
        type=type_,
        name=name,
        value=value,
        maxlength=LONGEST_TEXT if type_ == "text" else None,
        min="0" if type_ == "number" else None,
        step="any" if name in AMOUNTS else None,
        list=f"known-{name}" if known else None,
    )
    offered = tag("datalist", *(tag("option", value=one) for one in known), id=f"known-{name}")
    return join((control, offered)) if known else control


def _select(name: str, offered: Iterable[str], value: str, viewer: Viewer) -> Markup:
    options = [tag("option", viewer.say("console.any"), value="")]
    options += [
        tag("option", _named(name, one, viewer), value=one, selected="selected" if one == value else None)
        for one in dict.fromkeys((*offered, *([value] if value else ())))
    ]
    return tag("select", *options, name=name)


def _named(name: str, value: str, viewer: Viewer) -> str:
    return viewer.say(f"console.{value}") if name in MARKS else viewer.name(name, value)
