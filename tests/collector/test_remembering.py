"""What has to be known of the lines before, over every restart: headings that name columns, days, calls told by events."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from offices import Office

from collector.config import load
from collector.joining import Joiner
from parsers.formats import Joining
from parsers.records import Leg

if TYPE_CHECKING:
    from collections.abc import Callable

FIXTURES = Path(__file__).parents[2] / "fixtures"
RECEIVED = datetime(2026, 3, 4, 12, tzinfo=UTC).timestamp()
CASES = (
    "asterisk/cel/interleaved",
    "avaya/cm-expanded/two-lines",
    "avaya/cm-isdn-teleseer/carriers",
    "avaya/cm-lsu/no-time",
    "avaya/cm-printer/day-first",
    "avaya/cm-teleseer/midnight",
    "cisco/cucm/headings",
    "fritzbox/callmonitor/connections",
    "nec/ipk/undated",
    "toshiba/dk/dk280",
)


@pytest.fixture
def office_of(tmp_path: Path) -> Callable[[str, str], Office]:
    """An office of one source, by folder and format."""

    def made(folder: str, name: str) -> Office:
        path = tmp_path / folder / "smdr.toml"
        path.parent.mkdir()
        site = '[site]\nname = "hq"\ntimezone = "Asia/Shanghai"\ndata = "data"\n'
        path.write_text(site + f'[[source]]\nname = "pbx1"\ninput = "file:x.log"\nformat = "{name}"\n')
        return Office(load(path))

    return made


@pytest.mark.parametrize("case", CASES)
def test_a_restart_behind_every_line_gives_the_same_calls(
    case: str, office_of: Callable[[str, str], Office], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("collector.projector.time.time", lambda: RECEIVED)  # no line is long in coming
    data = (FIXTURES / case / "raw.bin").read_bytes()
    name = case.rpartition("/")[0]
    at_once, by_line = office_of("at-once", name), office_of("by-line", name)
    at_once.journal(data, at=RECEIVED)
    at_once.project()
    for line in data.splitlines(keepends=True):
        by_line.journal(line, at=RECEIVED)
        by_line.project()
    calls = (
        "SELECT offset, start, direction, outcome, extension, trunk, number, ring_s, talk_s, legs FROM calls ORDER BY 1"
    )
    assert by_line.rows(calls) == at_once.rows(calls)
    assert len(at_once.rows(calls)) > 3
    sums = "SELECT sum(calls), sum(answered), sum(ring_s), sum(talk_s), sum(held_s) FROM rollups"
    assert by_line.rows(sums) == at_once.rows(sums)
    by_line.assert_conserved()


def test_a_call_is_let_go_when_its_time_is_over() -> None:
    rules = Joining(key=lambda leg: leg.pbx_call_id, continues=lambda _last, _leg: True, timeout_s=60)
    joiner = Joiner("pbx", rules)

    def told(number: int, received: float) -> tuple[str, ...]:
        leg = Leg(number, "f", 100, 1, "incoming", "unanswered", pbx_call_id=str(number))
        return joiner.add(leg, received, joiner.earlier(leg, received)).gone

    assert told(1, 0.0) == ()
    assert told(2, 50.0) == ()
    assert told(1, 55.0) == ()
    assert told(3, 111.0) == ("2",)
    assert told(4, 200.0) == ("1", "3")
