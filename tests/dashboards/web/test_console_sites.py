"""Of several sites: figures by phone, and the calls of one site, against the list of calls itself."""

from __future__ import annotations

import re
from collections import Counter
from contextlib import closing
from datetime import datetime
from typing import TYPE_CHECKING

import pytest
from console_office import DAYS, FIRST, ZONE, Office

from collector.config import load
from collector.outputs.office_figures import office_figures
from collector.store import queries, search
from collector.store.queries import Filter, Span
from dashboards.web import phones
from dashboards.web.searching import Choice

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

QUARTER = Span(int(FIRST.timestamp()), int(FIRST.timestamp()) + DAYS * 86_400)


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Office]:
    """An office whose second PBX is at a branch."""
    office = Office(tmp_path)
    text = office.config.read_text(encoding="utf-8")
    text = text.replace('name = "pbx2"', 'name = "pbx2"\nsite = "west"') + '\n[[branch]]\nname = "west"\n'
    office.config.write_text(text, encoding="utf-8")
    office.open()
    office.fill()
    yield office
    office.close()


def test_one_number_at_two_sites_is_two_phones(two: Office) -> None:
    config = load(two.config)
    names = [(call, f"west/{call.extension}" if call.source == "pbx2" else call.extension or "") for call in two.calls]
    with closing(queries.connect(two.data / "calls.db")) as db:
        found = phones.groups(db, config, ("department", "extension"), QUARTER, Filter())
        rang = phones.ring_counts(db, config, [QUARTER], Filter())
        of_west = phones.groups(db, config, ("extension",), QUARTER, Filter(source="pbx2"))["extension"]
    assert {one.value: one.sums.calls for one in found["extension"]} == Counter(name for _, name in names)
    assert [one.sums.calls for one in found["extension"]] == sorted(
        (one.sums.calls for one in found["extension"]), reverse=True
    )
    assert sum(one.sums.calls for one in found["department"]) == len(two.calls)
    counts: Counter[str] = Counter()
    for one in rang:
        counts[one.extension] += one.calls
    assert counts == Counter(name for call, name in names if call.direction == "incoming")
    assert {one.value for one in of_west} == {name for call, name in names if call.source == "pbx2"}


@pytest.mark.parametrize(("site", "sources"), [("west", {"pbx2"}), ("hq", {"pbx1"}), ("north", set())])
def test_calls_are_searched_by_their_site(two: Office, site: str, sources: set[str]) -> None:
    question = Choice.of({"site": site}).search(ZONE, load(two.config))
    with closing(queries.connect(two.data / "calls.db")) as db:
        page = search.page(db, question, None, 100_000, 60.0)
    assert Counter(one.call.source for one in page.calls) == Counter(
        call.source for call in two.calls if call.source in sources
    )


def test_number_ranges_of_a_month_are_told_of_all_sites_together(two: Office) -> None:
    month = [int(datetime(2026, number, 1, tzinfo=ZONE).timestamp()) for number in (2, 3)]
    points = office_figures(load(two.config), month[1] - 60).points
    told = re.findall(r"^number_range,range=(13\d),site=hq calls=(\d+)i", "\n".join(points), re.MULTILINE)
    ranged = ("mobile", "domestic")  # made up without regard to the number: both have these
    called = [call for call in two.calls if month[0] <= call.start < month[1] and call.class_ in ranged]
    assert {call.source for call in called} == {"pbx1", "pbx2"}
    expected = Counter(str(call.number)[:3] for call in called if str(call.number).isdigit())
    assert {prefix: int(calls) for prefix, calls in told} == expected
