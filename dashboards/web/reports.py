"""Statements and reports as a page, with the figures of `smdr report`, and as files; and those that were published."""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias, cast, get_args
from urllib.parse import quote, urlencode

from fastapi import HTTPException, Request
from nicegui import app, ui
from starlette.responses import FileResponse, PlainTextResponse, Response

from collector.errors import UserError
from collector.reports import period as periods
from collector.reports.apart import make_apart
from collector.reports.making import Asked, ReportKind, make
from collector.reports.period import Unit
from collector.reports.published import published
from collector.reports.table import NUMBERS, shown
from collector.store import events_db
from dashboards.web import exporting, figures
from dashboards.web.choice import read_dates
from dashboards.web.markup import Markup, join, table, tag
from dashboards.web.page import Frame, card, enter, notice
from dashboards.web.permissions import MASKED

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping

    from collector.office.users import User
    from collector.reports.period import Period
    from collector.reports.published import Published
    from collector.reports.table import Report, Row, Section
    from collector.store.publications import MadeOf
    from dashboards.web.page import Console, Viewer

UnitOrSpan: TypeAlias = Unit | Literal["span"]
KINDS: tuple[ReportKind, ...] = get_args(ReportKind)
NOT_OF_A_DEPARTMENT: frozenset[ReportKind] = frozenset({"operators"})
UNITS: tuple[UnitOrSpan, ...] = ("month", "quarter", "year", "week", "day", "span")
SHOWN = 500
"""Rows of a table on the page; all of them stand in the files."""
PUBLISHED_SHOWN = 50

_LONGEST_NAME = 200
_turn = asyncio.Semaphore(1)
"""Files are made one after the other: setting a large PDF takes most of a gigabyte."""


class Choice(NamedTuple):
    """A report: its period is one of ``unit``, or days from one to another."""

    kind: ReportKind
    unit: UnitOrSpan
    period: Period
    of: str
    calls: bool

    @classmethod
    def read(cls, parameters: Mapping[str, str], today: dt.date) -> Choice:
        """Read it from an address; what makes no sense takes its usual value."""
        kind: ReportKind = next((one for one in KINDS if one == parameters.get("kind")), "department")
        unit: UnitOrSpan = next((one for one in UNITS if one == parameters.get("unit")), "month")
        first = parameters.get("from")
        dates = read_dates(first, parameters.get("to") if unit == "span" else first)
        if dates is None:
            dates = read_dates(f"{today.replace(day=1)}", f"{today}")
            assert dates is not None  # noqa: S101  (they are days)
        period = periods.between(*dates) if unit == "span" else periods.period_of(unit, dates.first)
        return cls(
            kind, unit, period, parameters.get("of", "").strip()[:_LONGEST_NAME], parameters.get("calls") == "yes"
        )

    def written(self) -> str:
        """Return the parameters of an address."""
        parameters = {"kind": self.kind, "unit": self.unit, "from": f"{self.period.first}"}
        parameters |= {"to": f"{self.period.last}"} if self.unit == "span" else {}
        parameters |= {"of": self.of} if self.of else {}
        return urlencode(parameters | ({"calls": "yes"} if self.calls else {}))

    def moved(self, steps: Literal[-1, 1]) -> Choice:
        """The same of the period before or after; of a span, as many days before or after."""
        period = self.period
        if self.unit == "span":
            move = steps * (period.last - period.first + periods.DAY)
            return self._replace(period=periods.between(period.first + move, period.last + move))
        return self._replace(period=(periods.before if steps < 0 else periods.after)(self.unit, period))

    def asked(self, viewer: Viewer) -> Asked:
        """The report as the viewer may see it."""
        return Asked(
            self.kind,
            self.period,
            viewer.language,
            self.of or None,
            self.calls,
            not viewer.sight.masked,
            viewer.user.department,
        )

    def name(self) -> str:
        """What its files are called, without the suffix."""
        name = f"{self.period.first}_{self.period.last}" if self.unit == "span" else self.period.name
        return f"{self.kind}-{name}"


def serve(console: Console) -> None:
    """Serve the page and what is downloaded from it."""

    @ui.page("/reports")
    def reports(request: Request) -> None:
        seen, viewer = enter(console, request)
        Frame(seen, viewer, "/reports")
        ReportsView(seen, viewer, Choice.read(request.query_params, viewer.today()))

    @app.get("/reports.pdf")
    async def as_pdf(request: Request) -> Response:
        return await _made(console, request, "pdf")

    @app.get("/reports.xlsx")
    async def as_xlsx(request: Request) -> Response:
        return await _made(console, request, "xlsx")

    @app.get("/reports.csv")
    async def as_csv(request: Request) -> Response:
        return await _made(console, request, "csv")

    @app.get("/reports/{report}/{file}")
    def one_published(request: Request, report: str, file: str) -> Response:
        seen, viewer = enter(console, request)
        found = (one for one in _published(seen, viewer.user) if (one.report, one.file.name) == (report, file))
        one = next(found, None)
        if one is None:
            raise HTTPException(404)
        return FileResponse(one.file, filename=one.file.name)


class ReportsView:
    """One viewer's report."""

    def __init__(self, console: Console, viewer: Viewer, choice: Choice) -> None:
        self._console = console
        self._viewer = viewer
        self._choice = choice
        say = viewer.say
        ui.add_head_html('<script src="/console/downloads.js" defer></script>')
        with ui.element("div").classes("board"):
            with card(say("console.reports"), say("console.reports_note"), wide="full"):
                ui.html(_form(choice, viewer), sanitize=False)
            with card(say(f"report.{choice.kind}"), choice.period.name, wide="full"):
                self._report = ui.html(tag("p", say("console.reading"), class_="note"), sanitize=False)
                self._report.classes("scrolled report").props("tabindex=0")
            with card(say("console.report.published"), say("console.report.published_note"), wide="full"):
                shelf = ui.html(_shelf(_published(console, viewer.user), viewer), sanitize=False)
                shelf.classes("scrolled").props("tabindex=0")
        ui.timer(0, self._fill, once=True)

    async def _fill(self) -> None:
        say = self._viewer.say
        try:
            report = await asyncio.to_thread(make, self._console.config, self._choice.asked(self._viewer))
        except (UserError, sqlite3.Error) as error:
            self._report.content = notice(say("console.report.none"), str(error))
            return
        self._report.content = join((_ways(self._choice, self._viewer), *_shown(report, self._viewer)))


async def _made(console: Console, request: Request, suffix: str) -> Response:
    """A report as a file that is made now."""
    seen, viewer = enter(console, request)
    choice = Choice.read(request.query_params, viewer.today())
    unit = None if choice.unit == "span" else choice.unit
    with tempfile.TemporaryDirectory(prefix="smdr-report-") as folder:
        file = Path(folder) / f"report.{suffix}"
        async with _turn:
            wrong = await make_apart(seen.config, choice.asked(viewer), unit, file)
        if wrong:
            return PlainTextResponse(wrong, 422)
        content = await asyncio.to_thread(file.read_bytes)
    return exporting.as_file(content, choice.name(), suffix)


def _published(console: Console, user: User) -> list[Published]:
    made = events_db.published(console.config.site.data)
    files = (one for report in console.config.reports for one in published(report, made))
    return [one for one in files if _is_for(one.made, user)]


def _is_for(made: MadeOf | None, user: User) -> bool:
    """Whether a file that is the same for everybody holds nothing that this one may not see.

    One of which nobody knows what is in it is for those who may see everything.
    """
    if user.role == "department-head":
        return made is not None and made.kind == "department" and made.of == user.department
    return user.role not in MASKED or (made is not None and not made.unmasked)


def _form(choice: Choice, viewer: Viewer) -> Markup:
    say = viewer.say
    kinds: dict[str, str] = {
        one: say(f"report.{one}") for one in KINDS if viewer.reach is None or one not in NOT_OF_A_DEPARTMENT
    }
    units: dict[str, str] = {one: say(f"console.report.unit.{one}") for one in UNITS}
    last = f"{choice.period.last}" if choice.unit == "span" else None
    fields = (
        _field(say("console.report.kind"), _select("kind", kinds, choice.kind)),
        _field(say("period"), _select("unit", units, choice.unit)),
        _field(say("console.report.from"), tag("input", type="date", name="from", value=f"{choice.period.first}")),
        _field(say("console.report.to"), tag("input", type="date", name="to", value=last)),
        _field(say("console.report.of"), tag("input", type="text", name="of", value=choice.of, maxlength="200")),
        _field(
            say("report.each"),
            _select("calls", {"": say("console.no"), "yes": say("console.yes")}, "yes" if choice.calls else ""),
        ),
    )
    buttons = tag(
        "div",
        tag("button", say("console.report.show"), type="submit", class_="plain primary"),
        *(
            tag("a", say(f"console.{name}"), href=f"/reports?{choice.moved(steps).written()}")
            for name, steps in cast("tuple[tuple[str, Literal[-1, 1]], ...]", (("earlier", -1), ("later", 1)))
        ),
        class_="buttons",
    )
    return tag("form", *fields, buttons, method="get", action="/reports", class_="search-form")


def _field(label: str, control: Markup) -> Markup:
    return tag("label", tag("span", label), control)


def _select(name: str, options: Mapping[str, str], chosen: str) -> Markup:
    listed = (
        tag("option", text, value=value, selected="selected" if value == chosen else None)
        for value, text in options.items()
    )
    return tag("select", *listed, name=name)


def _shown(report: Report, viewer: Viewer) -> Iterator[Markup]:
    for text in report.about:
        yield tag("p", text, class_="note")
    for section in report.sections:
        if len(report.sections) > 1:
            yield tag("h3", section.title)
        yield _table(section)
        if len(section.rows) > SHOWN:
            more = viewer.say("console.report.more", count=figures.count(len(section.rows) - SHOWN))
            yield tag("p", more, class_="note")


def _table(section: Section) -> Markup:
    """The first rows of a section, and its last: what all of them come to."""
    headings = [
        tag("th", column.label, class_="figure" if column.kind in NUMBERS else None) for column in section.columns
    ]
    rows = section.rows if len(section.rows) <= SHOWN else [*section.rows[: SHOWN - 1], section.rows[-1]]
    return table(headings, (_cells(row, section) for row in rows), "statement")


def _cells(row: Row, section: Section) -> list[Markup]:
    return [
        tag(
            "td",
            shown(cell, column.kind),
            class_=" ".join(("figure",) * (column.kind in NUMBERS) + (row.level,) * (row.level != "line")) or None,
        )
        for cell, column in zip(row.cells, section.columns, strict=True)
    ]


def _ways(choice: Choice, viewer: Viewer) -> Markup:
    links = (
        tag(
            "a",
            suffix.upper(),
            href=f"/reports.{suffix}?{choice.written()}",
            data_waiting=viewer.say("console.report.made", format=suffix.upper()),
        )
        for suffix in exporting.MEDIA
    )
    return tag("p", *links, tag("span", role="status", class_="note"), class_="ways")


def _of(made: MadeOf | None, viewer: Viewer) -> tuple[str | Markup, ...]:
    return (viewer.say(f"report.{made.kind}"), tag("span", f" {made.of or ''}", class_="note")) if made else ("?",)


def _shelf(found: list[Published], viewer: Viewer) -> Markup:
    say = viewer.say
    if not found:
        return tag("p", say("console.report.none_published"), class_="note")
    rows = [
        [
            tag("td", one.report),
            tag("td", *_of(one.made, viewer)),
            tag("td", one.period.name),
            tag("td", tag("a", one.file.name, href=f"/reports/{quote(one.report)}/{quote(one.file.name)}")),
        ]
        for one in found[:PUBLISHED_SHOWN]
    ]
    headings = [say(key) for key in ("console.report.name", "console.report.kind", "period", "console.report.file")]
    return table(headings, rows, "published")
