"""The violations of a month: by rule, with what each charges, and what is done about them."""

from __future__ import annotations

import asyncio
import calendar
import datetime as dt
from collections import Counter, defaultdict
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode

from nicegui import ui

from collector.accounting.amounts import written
from collector.commands import violations
from collector.rules.names import RULES
from collector.rules.sentences import sentence
from collector.store.sight import masked
from dashboards.web import acting, exporting, figures
from dashboards.web.markup import Markup, join, table, tag
from dashboards.web.page import card
from dashboards.web.permissions import DECIDES
from dashboards.web.searching import call_address

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from collector.commands.violations import Entry
    from collector.store.violations import State
    from dashboards.web.page import Console, Viewer

ON_A_PAGE = 100
STATES: tuple[State, ...] = ("open", "explained", "waived", "charged")
"""Roles that let pass or charge; others may explain."""
_LONGEST_NAME = 200
_MOST_DIGITS = 6


def month_of(text: str | None, today: dt.date) -> dt.date:
    """The first day of a month written ``2026-05``; of this one where it is none."""
    try:
        return dt.datetime.strptime(text or "", "%Y-%m").replace(tzinfo=dt.UTC).date()
    except ValueError:
        return today.replace(day=1)


class Choice(NamedTuple):
    """A month, and of which rule, state, department and person ('': all); the page of what is found, from 0."""

    month: dt.date
    rule: str = ""
    state: str = ""
    department: str = ""
    person: str = ""
    page: int = 0

    @classmethod
    def of(cls, parameters: Mapping[str, str], today: dt.date) -> Choice:
        """Read it from an address; what makes no sense is left out."""
        rule, state, page = (parameters.get(key, "") for key in ("rule", "state", "page"))
        return cls(
            month_of(parameters.get("month"), today),
            rule if rule in RULES else "",
            state if state in STATES else "",
            parameters.get("department", "").strip()[:_LONGEST_NAME],
            parameters.get("person", "").strip()[:_LONGEST_NAME],
            int(page) if page.isascii() and page.isdigit() and len(page) <= _MOST_DIGITS else 0,
        )

    def written(self) -> str:
        """Return the parameters of an address."""
        chosen = {key: str(value) for key, value in self._asdict().items() if value and key != "month"}
        return urlencode({"month": f"{self.month:%Y-%m}"} | chosen)

    def takes(self, entry: Entry) -> bool:
        """Whether a violation of the month is of these, but for the rule."""
        one = entry.kept.violation
        return (
            self.state in ("", entry.kept.state)
            and self.department in ("", one.department)
            and self.person.lower() in one.person.lower()
        )


def read(console: Console, viewer: Viewer, month: dt.date) -> list[Entry]:
    """The violations of a month that a viewer may see, the newest first."""
    last = month.replace(day=calendar.monthrange(month.year, month.month)[1])
    found = violations.listed(console.config, month, last, reach=viewer.reach)
    return found[::-1]


def exported(console: Console, viewer: Viewer, choice: Choice) -> Iterator[list[exporting.Cell]]:
    """Headings, then a row for each violation, the newest first."""
    say = viewer.say
    yield [say(_HEADINGS.get(key, f"console.violation.{key}")) for key in _COLUMNS]
    for entry in read(console, viewer, choice.month):
        one, last = entry.kept.violation, entry.kept.last
        if not choice.takes(entry) or choice.rule not in ("", one.rule):
            continue
        yield [
            figures.moment(one.at, viewer.zone),
            say(f"rule.{one.rule}"),
            f"{entry.nth.in_month}/{entry.nth.in_year}" if entry.nth else "",
            one.department,
            one.person,
            one.extension,
            _number(one.number, viewer),
            viewer.name("class", one.class_) if one.class_ else "",
            one.source,
            one.offset,
            one.cost,
            say(f"console.violation.{entry.kept.state}"),
            written(entry.amount),
            last.by if last else "",
            last.reason if last else "",
            sentence(one, viewer.language),
        ]


class ViolationsView:
    """One viewer's page of a month."""

    def __init__(self, console: Console, viewer: Viewer, choice: Choice) -> None:
        self._console = console
        self._viewer = viewer
        self._choice = choice
        say = viewer.say
        with ui.element("div").classes("board"):
            with card(say("console.search_calls"), wide="full"):
                self._form = ui.html(_form(choice, [], viewer), sanitize=False)
            self._cards = ui.html(sanitize=False).classes("cards")
            with card(say("console.violations"), say("console.violations_note"), wide="full"):
                self._list = ui.element("div").classes("scrolled").props("tabindex=0")
                self._ways = ui.html(sanitize=False)
        with ui.dialog() as self._dialog, ui.card().classes("details"):
            self._details = ui.html(sanitize=False)
            self._reason = ui.input(label=say("console.violation.reason")).props("dense outlined maxlength=500")
            self._buttons = ui.element("div").classes("desk-buttons")
        ui.timer(0, self._fill, once=True)

    async def _fill(self) -> None:
        choice = self._choice
        found = await asyncio.to_thread(read, self._console, self._viewer, choice.month)
        self._form.content = _form(choice, found, self._viewer)
        taken = [one for one in found if choice.takes(one)]
        self._cards.content = self._by_rule(taken)
        matching = [one for one in taken if choice.rule in ("", one.kept.violation.rule)]
        first = choice.page * ON_A_PAGE
        shown = matching[first : first + ON_A_PAGE]
        self._list.clear()
        with self._list:
            ui.html(self._table(shown), sanitize=False).on(
                "click",
                lambda event: self._clicked(event.args, shown),
                js_handler="event => emit(event.target.dataset.place ?? '')",
            )
        self._ways.content = _ways(choice, first, len(shown), len(matching), self._viewer)

    def _by_rule(self, found: list[Entry]) -> Markup:
        say, choice = self._viewer.say, self._choice
        counts = Counter(one.kept.violation.rule for one in found)
        opened = Counter(one.kept.violation.rule for one in found if one.kept.state == "open")
        amounts: dict[str, Decimal] = defaultdict(Decimal)
        for one in found:
            amounts[one.kept.violation.rule] += one.amount
        tiles = [
            tag(
                "a",
                tag("span", say(f"rule.{rule}"), class_="label"),
                tag(
                    "div",
                    tag("b", figures.count(counts[rule])),
                    tag("small", figures.amount(amounts[rule])),
                    class_="value",
                ),
                tag("span", say("console.violations_open", count=figures.count(opened[rule])), class_="note"),
                class_="kpi chosen" if rule == choice.rule else "kpi",
                href=f"/violations?{choice._replace(page=0, rule='' if rule == choice.rule else rule).written()}",
            )
            for rule in RULES
            if counts[rule]
        ]
        return join(tiles) if tiles else tag("p", say("console.violations_none"), class_="note")

    def _table(self, shown: list[Entry]) -> Markup:
        say = self._viewer.say
        headings = [say(f"console.violation.{key}") for key in ("at", "rule", "who", "call", "state")]
        headings += [tag("th", say("console.violation.amount"), class_="figure"), ""]
        return table(headings, [self._row(place, one) for place, one in enumerate(shown)], "violations")

    def _row(self, place: int, entry: Entry) -> list[Markup]:
        say, one = self._viewer.say, entry.kept.violation
        who = " · ".join(filter(None, (one.department, one.person, one.extension)))
        number = _number(one.number, self._viewer)
        nth = f" {entry.nth.in_month}/{entry.nth.in_year}" if entry.nth else ""
        button = tag("button", say("console.violation.do"), class_="plain", data_place=str(place))
        return [
            tag("td", figures.moment(one.at, self._viewer.zone)[:16]),
            tag("td", say(f"rule.{one.rule}") + nth, title=sentence(one, self._viewer.language)),
            tag("td", who),
            tag("td", tag("a", number or figures.NONE, href=call_address(one.source, one.offset))),
            tag("td", say(f"console.violation.{entry.kept.state}")),
            tag("td", figures.amount(entry.amount), class_="figure"),
            tag("td", button),
        ]

    def _clicked(self, place: object, shown: list[Entry]) -> None:
        if isinstance(place, str) and place.isdecimal() and int(place) < len(shown):
            self._open(shown[int(place)])

    def _open(self, entry: Entry) -> None:
        say, one, last = self._viewer.say, entry.kept.violation, entry.kept.last
        done = f"{say(f'console.violation.{last.state}')} · {last.by} · {last.reason}" if last else ""
        self._details.content = join(
            (
                tag("h2", say(f"rule.{one.rule}")),
                tag("p", f"{figures.moment(one.at, self._viewer.zone)[:16]} · {one.extension} · {one.person}"),
                tag("p", sentence(one, self._viewer.language), class_="note"),
                tag("p", done, class_="note"),
            )
        )
        self._reason.value = ""
        config, by, key = self._console.config, self._viewer.user.name, one.key
        actions: list[tuple[str, Callable[[str], object]]] = [
            ("explain", lambda reason: violations.answer(config, key, "explained", by, reason))
        ]
        if self._viewer.user.role in DECIDES:
            actions += [
                ("waive", lambda reason: violations.answer(config, key, "waived", by, reason)),
                ("charge", lambda reason: violations.charge(config, key, by, reason, None)),
            ]
        self._buttons.clear()
        with self._buttons:
            for name, act in actions:
                ui.button(
                    say(f"console.violation.{name}"), on_click=lambda name=name, act=act: self._do(name, act)
                ).props("no-caps unelevated dense")
        self._dialog.open()

    async def _do(self, name: str, act: Callable[[str], object]) -> None:
        reason = str(self._reason.value or "").strip()
        if not reason and name != "charge":
            ui.notify(self._viewer.say("console.violation.no_reason"), type="warning")
            return
        if await acting.kept(partial(act, reason), self._viewer):
            self._dialog.close()
            await self._fill()


_COLUMNS = (
    "at", "rule", "nth", "department", "person", "extension", "number", "class", "source", "offset", "cost", "state",
    "amount", "by", "reason", "what",
)  # fmt: skip
_HEADINGS = {
    key: f"field.{key}" for key in ("department", "person", "extension", "number", "class", "source", "offset", "cost")
}
"""Words for columns that are fields of the call."""


def _number(number: str, viewer: Viewer) -> str:
    return masked(number) if viewer.sight.masked else number


def _form(choice: Choice, found: list[Entry], viewer: Viewer) -> Markup:
    say = viewer.say
    month = tag("input", type="month", name="month", value=f"{choice.month:%Y-%m}")
    departments = sorted({one.kept.violation.department for one in found} - {""})
    people = sorted({one.kept.violation.person for one in found} - {""})
    fields = (
        (say("console.month"), month),
        (
            say("console.violation.rule"),
            _select("rule", {one: say(f"rule.{one}") for one in RULES}, choice.rule, viewer),
        ),
        (
            say("console.violation.state"),
            _select("state", {one: say(f"console.violation.{one}") for one in STATES}, choice.state, viewer),
        ),
        (say("department"), _text("department", choice.department, departments)),
        (say("field.person"), _text("person", choice.person, people)),
    )
    button = tag("button", say("console.search_now"), type="submit", class_="plain primary")
    labels = (tag("label", tag("span", label), control) for label, control in fields)
    return tag("form", *labels, tag("div", button, class_="buttons"), action="/violations", class_="search-form")


def _select(name: str, options: Mapping[str, str], chosen: str, viewer: Viewer) -> Markup:
    listed = [tag("option", viewer.say("console.any"), value="")]
    listed += [
        tag("option", text, value=value, selected="selected" if value == chosen else None)
        for value, text in options.items()
    ]
    return tag("select", *listed, name=name)


def _text(name: str, value: str, known: list[str]) -> Markup:
    control = tag("input", type="text", name=name, value=value, maxlength=str(_LONGEST_NAME), list=f"known-{name}")
    return join((control, tag("datalist", *(tag("option", value=one) for one in known), id=f"known-{name}")))


def _ways(choice: Choice, first: int, shown: int, count: int, viewer: Viewer) -> Markup:
    """How many there are, the ways to the others, and all of them as files."""
    say = viewer.say
    ways = []
    if choice.page:
        later = choice._replace(page=choice.page - 1).written()
        ways.append(tag("a", say("console.violations_later"), href=f"/violations?{later}", rel="prev"))
    if first + shown < count:
        earlier = choice._replace(page=choice.page + 1).written()
        ways.append(tag("a", say("console.violations_earlier"), href=f"/violations?{earlier}", rel="next"))
    everything = choice._replace(page=0).written()
    ways += [tag("a", name, href=f"/violations.{name.lower()}?{everything}") for name in ("CSV", "XLSX")]
    of = say(
        "console.violations_of",
        first=figures.count(first + 1),
        last=figures.count(first + shown),
        count=figures.count(count),
    )
    return tag("p", *ways, tag("span", of if shown else "", class_="note"), class_="ways")
