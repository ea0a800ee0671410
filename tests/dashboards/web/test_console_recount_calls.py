"""Every call that a search finds, shows and exports, cell by cell, against the printed lines alone."""

from __future__ import annotations

import csv
import io
import random
from contextlib import closing
from datetime import date, timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

import openpyxl
import pytest
from grafana_printed import PEOPLE, ZONE, Printed
from recount_pages import NOTHING, called, midnight
from recount_site import VIEWER, Site, local, parsed, rows_of, store

from collector.store import search
from dashboards.web import figures
from dashboards.web.calls import LONGEST_S, ON_A_PAGE, found
from dashboards.web.exporting import csv_of, rows, xlsx_of
from dashboards.web.searching import Choice

if TYPE_CHECKING:
    from collections.abc import Callable

WANTED: dict[str, dict[str, Callable[[Printed], bool]]] = {
    "source": {"old": lambda call: call.source == "old"},
    "direction": {"internal": lambda call: call.direction == "internal"},
    "outcome": {"unanswered": lambda call: call.outcome == "unanswered"},
    "class": {"hk-macau-taiwan": lambda call: call.class_ == "hk-macau-taiwan"},
    "department": {"Works (North)": lambda call: call.extension == "104"},
    "extension": {"101": lambda call: "101" in (call.extension, call.peer)},
    "trunk": {"03": lambda call: call.trunk == "03"},
    "begins": {"17909010": lambda call: call.number.startswith("17909010")},
    "contains": {"5550": lambda call: "5550" in call.number},
    "person": {"wan": lambda call: call.extension == "101", "李": lambda call: call.extension == "103"},
    "carrier": {"17909": lambda call: call.number.startswith("17909")},
    "account_code": {"7": lambda _: False},
    "auth_code": {"7": lambda _: False},
    "transferred": {"no": lambda _: True},
    "conference": {"no": lambda _: True},
    "talk_from": {"1900": lambda call: (call.talk_s or 0) >= 1900},
    "talk_to": {"31": lambda call: call.talk_s is not None and call.talk_s <= 31},
    "ring_from": {"22": lambda call: (call.ring_s or 0) >= 22},
    "hour": {"9": lambda call: local(call.start).hour == 9},
    "weekday": {"6": lambda call: local(call.start).isoweekday() == 6},
    "cost_from": {"7.60": lambda call: (call.cost or 0) >= 7.6},
}
"""What is asked for in the address, and which calls that is."""
ARROWS = {"incoming": "↘", "outgoing": "↗", "internal": "↔"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return store(tmp_path_factory.mktemp("calls"), midnight(date(2026, 1, 8)))


def test_all_that_can_be_asked_for_is_asked_for() -> None:
    assert WANTED.keys() | {"sources"} == search.CONDITIONS.keys()  # the sources are those of a site, and here is one


@pytest.mark.parametrize(("key", "value"), [(key, value) for key, values in WANTED.items() for value in values])
def test_a_condition_finds_its_calls(site: Site, key: str, value: str) -> None:
    agree(site, {key: value}, [call for call in site.calls if WANTED[key][value](call)])


@pytest.mark.parametrize(
    ("address", "first", "end"),
    [
        ({"from": "2024-03-31", "to": "2024-03-31"}, date(2024, 3, 31), date(2024, 4, 1)),
        ({"from": "2024-01-01", "within": "month"}, date(2024, 1, 1), date(2024, 2, 1)),
        ({"from": "2024-10-01", "within": "quarter"}, date(2024, 10, 1), date(2025, 1, 1)),
        ({"from": "2025-01-01", "within": "year"}, date(2025, 1, 1), date(2026, 1, 1)),
        ({}, date(2000, 1, 1), date(2030, 1, 1)),
    ],
)
def test_days_have_their_calls(site: Site, address: dict[str, str], first: date, end: date) -> None:
    agree(site, address, [call for call in site.calls if midnight(first) <= call.start < midnight(end)])


@pytest.mark.parametrize("seed", range(12))
def test_several_conditions_find_what_meets_all(site: Site, seed: int) -> None:
    chance = random.Random(seed)
    keys = chance.sample([key for key in WANTED if not key.endswith("_code")], chance.choice((2, 2, 3)))
    address = {key: chance.choice(list(WANTED[key])) for key in keys}
    first = date(2023, 1, 1) + timedelta(days=chance.randrange(700))
    last = first + timedelta(days=chance.randrange(400))
    wanted = [
        call
        for call in site.calls
        if midnight(first) <= call.start < midnight(last + timedelta(days=1))
        and all(WANTED[key][value](call) for key, value in address.items())
    ]
    agree(site, address | {"from": first.isoformat(), "to": last.isoformat()}, wanted)


def test_a_workbook_has_the_same_rows(site: Site) -> None:
    address = {"from": "2024-06-12", "to": "2024-06-20"}
    wanted = [call for call in site.calls if midnight(date(2024, 6, 12)) <= call.start < midnight(date(2024, 6, 21))]
    question = Choice.of(address).search(ZONE, site.console.config)
    path = xlsx_of(rows(site.console.store, question, VIEWER))
    sheet = openpyxl.load_workbook(path).active
    path.unlink()
    assert sheet is not None
    headings, *cells = ([("" if one is None else str(one)) for one in row] for row in sheet.values)
    assert headings == list(exported(wanted[0]))
    assert sorted(cells) == sorted(list(exported(call).values()) for call in wanted)


def agree(site: Site, address: dict[str, str], wanted: list[Printed]) -> None:
    """Compare what all pages of a search show, and what is exported of it."""
    cells = pages(site, address)
    assert sorted(cells) == sorted(map(cells_of, wanted))
    assert [row[0] for row in cells] == newest_first(wanted)
    question = Choice.of(address).search(ZONE, site.console.config)
    text = "".join(csv_of(rows(site.console.store, question, VIEWER)))
    headings, *lines = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    assert headings == list(exported(site.calls[0]))
    assert sorted(lines) == sorted(list(exported(call).values()) for call in wanted)
    assert [line[0] for line in lines] == newest_first(wanted)


def newest_first(wanted: list[Printed]) -> list[str]:
    return [figures.moment(call.start, ZONE) for call in sorted(wanted, key=lambda call: -call.start)]


def pages(site: Site, address: dict[str, str]) -> list[list[str]]:
    """The rows of a page and of all that its link to earlier calls leads to."""
    config, cells, following = site.console.config, [], Choice.of(address)
    with closing(site.console.store.connect()) as connection:
        while True:
            page = search.page(connection, following.search(ZONE, config), following.before, ON_A_PAGE, LONGEST_S)
            part = parsed(found(following, page, VIEWER, config.phone))
            cells += [row for table in part.iter("table") for row in rows_of(table)]
            links = [link.get("href", "") for link in part.iter("a") if link.get("rel") == "next"]
            if not links:
                return cells
            following = Choice.of(dict(parse_qsl(urlsplit(links[0]).query)))


def cells_of(call: Printed) -> list[str]:
    """A row of the page."""
    return [
        figures.moment(call.start, ZONE),
        f"{ARROWS[call.direction]} {call.direction}",
        call.number or call.peer or NOTHING,
        call.extension,
        call.tags["department"],
        PEOPLE.get(call.extension, ""),
        call.trunk,
        called("class", call.class_),
        call.outcome,
        NOTHING if call.ring_s is None else f"{call.ring_s} s",
        figures.duration(call.talk_s),
        cost(call),
        call.source,
    ]


def exported(call: Printed) -> dict[str, str]:
    """A row of an export, by its headings."""
    return {
        "Start": figures.moment(call.start, ZONE),
        "Source": call.source,
        "Byte": str(call.offset),
        "Direction": call.direction,
        "Outcome": call.outcome,
        "Class": called("class", call.class_),
        "Number": call.number,
        "Digits dialled by the caller": "",
        "Extension": call.extension,
        "Other extension": call.peer,
        "Answered by": call.extension if call.direction == "incoming" and call.outcome == "answered" else "",
        "Department": call.tags["department"],
        "Person": PEOPLE.get(call.extension, ""),
        "Trunk": call.trunk,
        "Carrier": call.carrier,
        "Ring, s": number(call.ring_s),
        "Talk, s": number(call.talk_s),
        "On hold, s": "",
        "Paid for, s": number(call.rated_s),
        "Cost": cost(call),
        "Account code": "",
        "Authorisation code": "",
        "Meter pulses": "",
        "Amount printed by the PBX": call.amount,
        "Its currency": "",
        "Call number of the PBX": "",
    }


def number(value: int | None) -> str:
    return "" if value is None else str(value)


def cost(call: Printed) -> str:
    return "" if call.cost is None else f"{call.cost:.2f}"
