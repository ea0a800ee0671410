"""Every figure of the pages on traffic, for three years of printed lines, against a count made from the lines alone."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from math import inf
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
import recount_site
from grafana_printed import DEPARTMENTS, EXTENSIONS, NUMBERS, ZONE
from recount_pages import EXPECTED, Counted, midnight
from recount_site import Site, shown, store

from collector.accounting.departments import Reach, Stay
from collector.store.queries import Filter
from collector.store.sight import Sight
from dashboards.web import choice
from dashboards.web.answering import AnsweringView
from dashboards.web.overview import OverviewView
from dashboards.web.traffic import TrafficView
from dashboards.web.trunks import TrunksView

if TYPE_CHECKING:
    from dashboards.web.choice import Choice
    from dashboards.web.view import View

PAGES: dict[str, type[View[Any]]] = {
    "overview": OverviewView,
    "traffic": TrafficView,
    "answering": AnsweringView,
    "trunks": TrunksView,
}
AFTERWARDS = midnight(date(2026, 1, 8))
MEANWHILE = int(datetime(2025, 5, 14, 15, 20, tzinfo=ZONE).timestamp())
"""A Wednesday in the afternoon: the day, the month, the quarter and the year are not over."""

RANGES = {
    "a day with a rush": ("hour", "2024-06-12", "2024-06-12"),
    "a day of 23 hours": ("hour", "2024-03-31", "2024-03-31"),
    "three days with one of 25 hours": ("hour", "2024-10-26", "2024-10-28"),
    "a month with a change to summer time": ("day", "2024-03-01", "2024-03-31"),
    "days across new year": ("day", "2024-12-20", "2025-01-10"),
    "a year": ("month", "2024-01-01", "2024-12-31"),
    "quarters that are cut": ("quarter", "2023-02-10", "2025-05-20"),
    "three years by quarter": ("quarter", "2023-01-01", "2025-12-31"),
    "three years by year": ("year", "2023-01-01", "2025-12-31"),
    "before all calls": ("month", "2021-01-01", "2021-12-31"),
}
UNFINISHED = {
    "today": ("hour", "2025-05-14", "2025-05-14"),
    "this week": ("day", "2025-05-12", "2025-05-18"),
    "this month": ("day", "2025-05-01", "2025-05-31"),
    "this year by month": ("month", "2025-01-01", "2025-12-31"),
    "this year by quarter": ("quarter", "2025-01-01", "2025-12-31"),
    "years": ("year", "2023-01-01", "2025-12-31"),
}
VALUES = {
    "source": list(EXTENSIONS),
    "direction": ["incoming", "outgoing", "internal"],
    "class": [*(name for _, name in NUMBERS), "internal", "unknown"],
    "department": ["", *dict.fromkeys(DEPARTMENTS.values())],
    "extension": [one for some in EXTENSIONS.values() for one in some],
}
SEEDS = range(8)
HEAD = Reach(
    "Sales/East",
    (
        Stay("Sales/East", -inf, inf),
        Stay("Works (North)", midnight(date(2024, 5, 15)), midnight(date(2025, 2, 1))),
        Stay("前台", midnight(date(2025, 5, 13)), inf),
    ),
)
"""Of a department head: one department below has come and gone, another has just come."""


@pytest.fixture(scope="module")
def afterwards(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return store(tmp_path_factory.mktemp("afterwards"), AFTERWARDS)


@pytest.fixture(scope="module")
def meanwhile(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return store(tmp_path_factory.mktemp("meanwhile"), MEANWHILE)


def chosen(period: str, first: str, last: str, **narrowed: str) -> Choice:
    return choice.read({"period": period, "from": first, "to": last, **narrowed}, date(2026, 1, 8))


def by_chance(seed: int, page: str) -> Choice:
    """Any period, days and filter that the page offers."""
    chance = random.Random(f"{seed} {page}")
    period = chance.choice(["hour", "day", "month", "quarter", "year"])
    first = date(2023, 1, 1) + timedelta(days=chance.randrange(1000))
    days = {"hour": 9, "day": 120}.get(period, 700)
    last = first + timedelta(days=chance.randrange(days))
    narrowed = {name: chance.choice(VALUES[name]) for name in PAGES[page].dimensions if chance.random() < 0.3}
    return chosen(period, first.isoformat(), last.isoformat(), **narrowed)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("name", RANGES)
def test_a_page_shows_what_was_printed(afterwards: Site, page: str, name: str) -> None:
    agree(page, afterwards, chosen(*RANGES[name]))


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("name", UNFINISHED)
def test_a_page_shows_what_was_printed_so_far(meanwhile: Site, page: str, name: str) -> None:
    agree(page, meanwhile, chosen(*UNFINISHED[name]))


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("seed", SEEDS)
def test_a_page_shows_any_range_and_filter(afterwards: Site, meanwhile: Site, page: str, seed: int) -> None:
    for site in (afterwards, meanwhile):
        agree(page, site, by_chance(seed, page))


@pytest.mark.parametrize(
    ("page", "name", "value"),
    [(page, name, value) for page, view in PAGES.items() for name in view.dimensions for value in VALUES[name]],
)
def test_each_filter_of_a_page_narrows_it(afterwards: Site, page: str, name: str, value: str) -> None:
    agree(page, afterwards, chosen("quarter", "2024-01-01", "2024-12-31", **{name: value}))


def test_all_filters_are_tried() -> None:
    assert set(VALUES) == {field.encode_name for field in msgspec.structs.fields(Filter)}


@pytest.fixture
def seen_by_head(meanwhile: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """The same store as a department head sees it, and what was printed of it."""
    monkeypatch.setattr(recount_site, "VIEWER", recount_site.VIEWER._replace(reach=HEAD))
    console = meanwhile.console._replace(store=meanwhile.console.store.seen_by(Sight(HEAD)))
    calls = [call for call in meanwhile.calls if HEAD.holds(call.tags["department"], call.start)]
    site = Site(console, calls, meanwhile.now)
    # what a call held a line for after its department was gone is not of the head, though the call is
    vars(site)["hours"] = [one for one in meanwhile.hours if HEAD.holds(one.tags["department"], one.start)]
    return site


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("name", RANGES | UNFINISHED)
def test_a_page_shows_a_department_head_what_was_below_it_while_it_was(
    seen_by_head: Site, page: str, name: str
) -> None:
    agree(page, seen_by_head, chosen(*(RANGES | UNFINISHED)[name]))


def agree(page: str, site: Site, view: Choice) -> None:
    """Compare each figure by its name: one that is shown and not counted fails as well."""
    found, expected = shown(PAGES[page], site, view), EXPECTED[page](Counted(site, view))
    assert list(found) == list(expected)
    for name, value in expected.items():
        assert found[name] == value, (view, name)
