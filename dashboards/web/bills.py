"""The carrier's bills: to compare one with the calls, what came out of each, and the calls behind it."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode

from fastapi import HTTPException, Request
from nicegui import app, ui
from starlette.datastructures import UploadFile
from starlette.responses import PlainTextResponse, RedirectResponse

from collector.accounting.amounts import ZERO
from collector.errors import UserError
from collector.office import bills
from collector.store.office_db import reading
from collector.store.sight import masked
from dashboards.web import exporting, figures, gate
from dashboards.web.comparing import FIELDS, SUFFIXES, TOLERANCES, compare, mapping_of
from dashboards.web.login import plain_page
from dashboards.web.markup import Markup, join, table, tag
from dashboards.web.page import Frame, card, enter, language_of, notice
from dashboards.web.permissions import may
from dashboards.web.searching import call_address
from dashboards.words import WORDS, word

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from typing import Any

    from starlette.responses import Response

    from collector.office.bills import Bill, Line, Result
    from dashboards.web.page import Console, Viewer

ON_A_PAGE = 100
_UPLOAD = "/bills/upload"
_UNITS = ("s", "min", "h:m:s")
_USUAL = {"time_format": "%Y-%m-%d %H:%M:%S", "encoding": "utf-8", "delimiter": ",", "skip_rows": "0"}
_USUAL_TOLERANCE = {"time_s": "90", "duration_s": "60", "amount": "0.01"}
_MOST_DIGITS = 9


class Choice(NamedTuple):
    """The lines of one result ('': all), and the page of them, from 0."""

    result: str = ""
    page: int = 0

    @classmethod
    def read(cls, parameters: Mapping[str, str]) -> Choice:
        """Read it from an address; what makes no sense is left out."""
        page = parameters.get("page", "")
        is_number = page.isascii() and page.isdigit() and len(page) <= _MOST_DIGITS
        return cls(parameters.get("result", ""), int(page) if is_number else 0)

    def written(self) -> str:
        """Return the parameters of an address."""
        return urlencode({key: value for key, value in self._asdict().items() if value})


def serve(console: Console) -> None:
    """Serve the pages, the upload, and what is downloaded."""

    @ui.page("/bills")
    def all_bills(request: Request) -> None:
        seen, viewer = enter(console, request)
        Frame(seen, viewer, "/bills")
        BillsView(seen, viewer)

    @ui.page("/bills/{number:int}")
    def one_bill(request: Request, number: int) -> None:
        seen, viewer = enter(console, request)
        Frame(seen, viewer, "/bills")
        BillView(seen, viewer, number, Choice.read(request.query_params))

    def exported(request: Request, number: int) -> Iterator[list[exporting.Cell]]:
        seen, viewer = enter(console, request)
        if _bill(seen.config.site.data, number) is None:
            raise HTTPException(404)
        return _exported(seen.config.site.data, number, Choice.read(request.query_params), viewer)

    @app.get("/bills/{number:int}.csv")
    def as_csv(request: Request, number: int) -> Response:
        return exporting.as_csv(exported(request, number), f"bill-{number}")

    @app.get("/bills/{number:int}.xlsx")
    def as_xlsx(request: Request, number: int) -> Response:
        return exporting.as_xlsx(exported(request, number), f"bill-{number}")

    async def upload(request: Request) -> Response:
        session = gate.logged_in(request)
        async with request.form(max_files=2) as sent:
            bill, mapping = sent.get("bill"), sent.get("mapping")
            if not isinstance(bill, UploadFile):
                return PlainTextResponse("No form of the console asks for this.", 400)
            texts = {key: value for key, value in sent.items() if isinstance(value, str)}
            given = await mapping.read() if isinstance(mapping, UploadFile) else b""
            name, content = bill.filename or "", await bill.read()
        by = session.user.name
        try:
            number = await compare(console, console.doors, content, name, given or mapping_of(texts).encode(), by)
        except UserError as error:
            language = language_of(console, request, session.user)
            back = tag("p", tag("a", word("console.bill.back", language), href="/bills"))
            told = tag("pre", str(error).removesuffix("; nothing was started."), lang="en")
            return plain_page(console, language, word("console.bill.unfit", language), (told, back), 422)
        await console.doors.note(session.user, by, gate.address_of(request), "change", _UPLOAD, f"bill {number} {name}")
        return RedirectResponse(f"/bills/{number}", 303)

    app.add_route("/bills/upload", upload, methods=["POST"])


class BillsView:
    """Every bill that was compared, and a form for another one."""

    def __init__(self, console: Console, viewer: Viewer) -> None:
        say = viewer.say
        with reading(console.config.site.data) as db:
            found = [(bill, bills.results(db, bill.id)) for bill in bills.bills(db)]
        ui.add_head_html('<script src="/console/downloads.js" defer></script>')
        with ui.element("div").classes("board"):
            with card(say("console.bills"), say("console.bills_note"), wide="full"):
                ui.html(_listed(found, viewer), sanitize=False).classes("scrolled").props("tabindex=0")
            if may(viewer.user.role, _UPLOAD):
                with card(say("console.bill.upload"), say("console.bill.upload_note"), wide="full"):
                    ui.html(_form(found[0][0].mapping if found else "", viewer), sanitize=False)


class BillView:
    """What came out of one bill."""

    def __init__(self, console: Console, viewer: Viewer, number: int, choice: Choice) -> None:
        say, data = viewer.say, console.config.site.data
        bill = _bill(data, number)
        if bill is None:
            ui.html(notice(say("console.bill.none"), say("console.bill.none_why")), sanitize=False)
            return
        with reading(data) as db:
            results = bills.results(db, number)
            shown = bills.lines(db, number, choice.result, choice.page * ON_A_PAGE, ON_A_PAGE)
        heading = f"{figures.moment(bill.at, viewer.zone)[:16]} · {bill.by}"
        with ui.element("div").classes("board"):
            ui.html(_tiles(bill, results, choice, viewer), sanitize=False).classes("cards")
            with card(bill.file, heading, wide="full"):
                drift = say("console.bill.drift", least=f"{bill.drift_least:+}", most=f"{bill.drift_most:+}")
                ui.html(tag("p", drift, class_="note"), sanitize=False)
                content = join((_table(shown, viewer), _ways(number, choice, results, viewer)))
                ui.html(content, sanitize=False).classes("scrolled").props("tabindex=0")


def _bill(data: Path, number: int) -> Bill | None:
    with reading(data) as db:
        return next((bill for bill in bills.bills(db) if bill.id == number), None)


def _said(result: str, viewer: Viewer) -> str:
    """A result in words."""
    key = f"console.bill.result.{result.replace(' ', '-')}"
    return viewer.say(key) if key in WORDS else result


def _listed(found: list[tuple[Bill, list[Result]]], viewer: Viewer) -> Markup:
    say = viewer.say
    if not found:
        return tag("p", say("console.bill.no_bills"), class_="note")
    headings = [say(f"console.bill.{key}") for key in ("file", "at", "by")]
    headings += [
        tag("th", say(f"console.bill.{key}"), class_="figure") for key in ("lines", "differ", "billed", "cost")
    ]
    return table(headings, (_bill_row(*one, viewer) for one in found), "bills")


def _bill_row(bill: Bill, results: list[Result], viewer: Viewer) -> list[Markup]:
    differing = sum(one.calls for one in results if one.result != "same")
    sums = (sum((one.billed for one in results), ZERO), sum((one.cost for one in results), ZERO))
    return [
        tag("td", tag("a", bill.file, href=f"/bills/{bill.id}")),
        tag("td", figures.moment(bill.at, viewer.zone)[:16]),
        tag("td", bill.by),
        tag("td", figures.count(sum(one.calls for one in results)), class_="figure"),
        tag("td", figures.count(differing), class_="figure"),
        *(tag("td", figures.amount(one), class_="figure") for one in sums),
    ]


def _tiles(bill: Bill, results: list[Result], choice: Choice, viewer: Viewer) -> Markup:
    say = viewer.say
    return join(
        tag(
            "a",
            tag("span", _said(one.result, viewer), class_="label"),
            tag("div", tag("b", figures.count(one.calls)), class_="value"),
            tag(
                "span",
                say("console.bill.sums", billed=figures.amount(one.billed), cost=figures.amount(one.cost)),
                class_="note",
            ),
            class_="kpi chosen" if one.result == choice.result else "kpi",
            href=f"/bills/{bill.id}?{Choice('' if one.result == choice.result else one.result).written()}".rstrip("?"),
        )
        for one in results
    )


def _table(shown: list[Line], viewer: Viewer) -> Markup:
    say = viewer.say
    headings = [say("console.bill.result"), *(say(f"console.bill.{key}") for key in ("row", "number", "billed_start"))]
    headings += [tag("th", say(f"console.bill.{key}"), class_="figure") for key in ("billed_s", "amount")]
    headings += [say("console.bill.start")]
    headings += [tag("th", say(f"console.bill.{key}"), class_="figure") for key in ("talk_s", "cost", "difference")]
    return table(headings, (_row(line, viewer) for line in shown), "bill")


def _row(line: Line, viewer: Viewer) -> list[Markup]:
    call = Markup()
    if line.offset is not None:
        call = tag("a", line.start, href=call_address(line.source, line.offset))
    return [
        tag("td", _said(line.result, viewer)),
        tag("td", "" if line.row is None else str(line.row)),
        tag("td", _number(line, viewer)),
        tag("td", line.billed_start),
        tag("td", "" if line.billed_s is None else figures.duration(line.billed_s), class_="figure"),
        tag("td", line.amount, class_="figure"),
        tag("td", call),
        tag("td", "" if line.talk_s is None else figures.duration(line.talk_s), class_="figure"),
        tag("td", line.cost, class_="figure"),
        tag("td", line.difference, class_="figure"),
    ]


def _number(line: Line, viewer: Viewer) -> str:
    return masked(line.number) if viewer.sight.masked else line.number


def _ways(number: int, choice: Choice, results: list[Result], viewer: Viewer) -> Markup:
    say = viewer.say
    count = sum(one.calls for one in results if choice.result in ("", one.result))
    ways = []
    if choice.page:
        before = choice._replace(page=choice.page - 1).written()
        ways.append(tag("a", say("console.bill.lines_before"), href=f"/bills/{number}?{before}", rel="prev"))
    if (choice.page + 1) * ON_A_PAGE < count:
        further = choice._replace(page=choice.page + 1).written()
        ways.append(tag("a", say("console.bill.lines_after"), href=f"/bills/{number}?{further}", rel="next"))
    everything = choice._replace(page=0).written()
    ways += [
        tag("a", name, href=f"/bills/{number}.{name.lower()}?{everything}".rstrip("?")) for name in ("CSV", "XLSX")
    ]
    return tag("p", *ways, class_="ways")


def _exported(data: Path, number: int, choice: Choice, viewer: Viewer) -> Iterator[list[exporting.Cell]]:
    """Headings, then every line."""
    say = viewer.say
    yield [
        say("field.source")
        if key == "source"
        else say("field.offset")
        if key == "offset"
        else say(f"console.bill.{key}")
        for key in bills.Line._fields
    ]
    with reading(data) as db:
        found = bills.lines(db, number, choice.result)
    for line in found:
        shown = line._replace(result=_said(line.result, viewer), number=_number(line, viewer))
        yield ["" if cell is None else cell for cell in shown]


def _form(last_mapping: str, viewer: Viewer) -> Markup:
    """Return the form, filled in as the bill before was mapped."""
    say = viewer.say
    try:
        before: dict[str, Any] = tomllib.loads(last_mapping)
    except tomllib.TOMLDecodeError:
        before = {}
    tolerance = before.get("tolerance", {})
    accept = ",".join(SUFFIXES)
    fields = [
        (say("console.bill.file"), tag("input", type="file", name="bill", accept=accept, required="required")),
        (say("console.bill.mapping"), tag("input", type="file", name="mapping", accept=".toml")),
    ]
    for key in FIELDS:
        value = str(before.get(key, _USUAL.get(key, "")))
        control = (
            _units(value, viewer)
            if key == "duration_unit"
            else tag("input", type="text", name=key, value=value, maxlength="200")
        )
        fields.append((say(f"console.bill.map.{key}"), control))
    for key in TOLERANCES:
        value = str(tolerance.get(key, _USUAL_TOLERANCE[key]))
        control = tag("input", type="text", name=f"tolerance.{key}", value=value, maxlength="20")
        fields.append((say(f"console.bill.tolerance.{key}"), control))
    button = tag("button", say("console.bill.compare"), type="submit", class_="plain primary")
    status = tag("span", role="status", class_="note")
    return tag(
        "form",
        *(tag("label", tag("span", label), control) for label, control in fields),
        tag("div", button, status, class_="buttons"),
        method="post",
        action=_UPLOAD,
        enctype="multipart/form-data",
        data_waiting=say("console.bill.comparing"),
        class_="search-form",
    )


def _units(chosen: str, viewer: Viewer) -> Markup:
    options = (
        tag("option", viewer.say(f"console.bill.unit.{one}"), value=one, selected="selected" if one == chosen else None)
        for one in _UNITS
    )
    return tag("select", *options, name="duration_unit")
