"""The wallboard, the missed calls and today's figures at moments of three years, against the lines printed until then."""

from __future__ import annotations

import random
import time
from collections import Counter
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from grafana_printed import PEOPLE, TARGET_S, ZONE, Printed, print_lines, read
from recount_pages import NOTHING, TARGET_RINGS, Counted, midnight, overview
from recount_site import VIEWER, Site, local, parsed, rows_of, shown, store, tiles_of

from dashboards.web import choice, figures, missed, recent_misses
from dashboards.web.overview import OverviewView
from dashboards.web.wallboard import SHOWN, last_calls, tiles

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree import ElementTree as ET

DAY_S = 86_400
ARROWS = {"incoming": "↘", "outgoing": "↗", "internal": "↔"}


def moments() -> Iterator[datetime]:
    """A rush, a night, a week after the second of a call, and about when missed calls are to be returned."""
    yield datetime(2024, 6, 12, 11, 40, tzinfo=ZONE)
    yield datetime(2024, 5, 1, 4, 30, tzinfo=ZONE)
    before_summer_time = (
        local(call.start) for call in read("front", print_lines()["front"]) if call.start > midnight(date(2024, 3, 27))
    )
    yield next(before_summer_time) + timedelta(weeks=1)
    chance = random.Random(7)
    for shape in range(6):
        day = date(2023, 1, 2) + timedelta(days=3 * (shape + 6 * chance.randrange(10, 60)))
        for hour, minute in ((12, 35), (13, chance.randrange(60))):
            yield datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZONE)


@pytest.fixture(scope="module", params=moments(), ids=str)
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Site:
    now = int(request.param.timestamp())
    return store(tmp_path_factory.mktemp("wall"), now, now - 10 * DAY_S)


@pytest.fixture(autouse=True)
def clock(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: float(site.now))


async def test_the_wall_shows_what_was_printed(site: Site) -> None:
    await site.console.watcher._look()
    standing = Counter(state for _, state, _ in misses(site))
    left = standing["open"] + standing["overdue"]
    incoming = [call for call in today(site) if call.direction == "incoming"]
    rang = [call.ring_s for call in incoming if call.ring_s is not None and call.outcome == "answered"]
    within = sum(ring_s <= TARGET_S for ring_s in rang)
    share = within / len(rang) if rang else -1
    longest_s = max((call.ring_s for call in incoming if call.ring_s is not None), default=None)
    assert wall(parsed(tiles(await site.console.board.standing(), TARGET_RINGS, site.now, VIEWER))) == {
        "Waiting now": (NOTHING, "The PBX tells a call when it is over", ""),
        "Answered in time today": (
            f"{100 * share:.0f}%" if rang else NOTHING,
            f"{within} of {len(rang)} within {TARGET_RINGS} rings" if rang else "no ring time reported today",
            "" if not rang else "good" if share >= 0.8 else "warn" if share >= 0.6 else "bad",
        ),
        "Missed, still open": (
            str(left),
            f"{standing['overdue']} of them overdue",
            "bad" if standing["overdue"] else "warn" if left else "good",
        ),
        "Longest wait today": (figures.duration(longest_s), "Ring to answer", ""),
    }
    shown_calls = last_calls([one.call for one in site.console.watcher.newest[:SHOWN]], VIEWER)
    assert rows_of(parsed(shown_calls)) == [last_call(call) for call in site.calls[: -SHOWN - 1 : -1]]


def test_the_missed_calls_are_those_printed(site: Site) -> None:
    found = recent_misses.standing(
        recent_misses.since(site.console.store.path, site.now), site.console.config, site.now
    )
    expected = misses(site)
    counts = Counter(state for _, state, _ in expected)
    cards = tiles_of(parsed(missed.cards(found, VIEWER)))
    states = ("open", "overdue", "returned", "returned late", "handled")
    assert {name: card[0] for name, card in cards.items()} == {name: str(counts[name]) for name in states}
    rows = rows_of(parsed(missed.rows(found, VIEWER)))
    assert sorted(rows) == sorted(miss_row(site, *one) for one in expected)


def test_today_shows_what_was_printed_so_far(site: Site) -> None:
    day = local(site.now).date()
    week = {"period": "day", "from": (day - timedelta(days=6)).isoformat(), "to": day.isoformat()}
    view = choice.read(week, day)
    assert shown(OverviewView, site, view) == overview(Counted(site, view))


def today(site: Site) -> list[Printed]:
    return [call for call in site.calls if call.start >= midnight(local(site.now).date())]


def misses(site: Site) -> list[tuple[Printed, str, int | None]]:
    """The missed calls of three days that have a number, how each stands, and when it was returned."""
    known = [call for call in site.calls if call.start >= site.now - 3 * DAY_S and call.number]
    found: list[tuple[Printed, str, int | None]] = []
    for call in known:
        if call.direction == "incoming" and call.outcome == "unanswered":
            returned = min((one.start for one in known if returns(one, call)), default=None)
            if returned is not None:
                found.append((call, "returned" if returned - call.start <= 3600 else "returned late", returned))
            else:
                found.append((call, "open" if site.now - call.start <= 3600 else "overdue", None))
    return found


def returns(call: Printed, missed_one: Printed) -> bool:
    """Whether a call is made to who was missed, or comes from there and is answered."""
    contact = call.direction == "outgoing" or call.outcome == "answered"
    return contact and call.start >= missed_one.start and call.number.removeprefix(call.carrier) == missed_one.number


def miss_row(site: Site, call: Printed, state: str, returned: int | None) -> list[str]:
    whose = " · ".join(filter(None, (call.tags["department"], PEOPLE.get(call.extension), call.extension)))
    left = figures.duration(call.start + 3600 - site.now) if state == "open" else NOTHING
    if returned is not None:
        left = f"{local(returned):%m-%d %H:%M}"
    begun = f"{local(call.start):%m-%d %H:%M}"
    return [begun, call.number, whose, state, left, "" if returned is not None else "Handled"]


def last_call(call: Printed) -> list[str]:
    """A row on the wall: without the last digits of the number."""
    return [
        f"{local(call.start):%H:%M}",
        ARROWS[call.direction],
        f"{call.number[:-4]}****" if call.number else call.peer or NOTHING,
        call.extension,
        call.tags["department"],
        call.outcome,
        figures.duration(call.talk_s),
    ]


def wall(part: ET.Element) -> dict[str, tuple[str, str, str]]:
    """Each tile: its figure, the note below it, and how it stands."""
    found = {}
    for tile in part:
        label, value, note = ("".join(one.itertext()) for one in tile)
        found[label] = (value, note, tile.get("class", "").removeprefix("wall-tile").strip())
    return found
