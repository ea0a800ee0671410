"""Day first or month first: told by the dates in the journal, kept, shown, and said where it was read otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from offices import Office

from collector import status
from collector.cli import smdr
from collector.config import load

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MORE = 'format = "vodavi/infinite-4096"\n'


def record(day: int, month: int) -> bytes:
    """A record of 2002 that prints its day first, as no Vodavi does by default."""
    return b"109 05 00:01:18 09:02 %02d/%02d/02 I\r\r\n" % (day, month)


@pytest.fixture
def office_of(tmp_path: Path) -> Callable[[str], Office]:
    def made(more: str = "") -> Office:
        path = tmp_path / "smdr.toml"
        site = '[site]\nname = "hq"\ntimezone = "UTC"\ndata = "data"\n'
        path.write_text(f'{site}[[source]]\nname = "pbx1"\ninput = "file:x.log"\n{MORE}{more}')
        return Office(load(path))

    return made


def days(office: Office) -> list[str]:
    return [day for (day,) in office.rows("SELECT date(start, 'unixepoch') FROM calls ORDER BY offset")]


def test_dates_later_in_the_journal_tell_how_the_first_are_read(office_of: Callable[[str], Office]) -> None:
    office = office_of("")
    office.journal(b"".join(record(day, 3) for day in (2, 3, 4, 26, 27)))
    office.project()
    assert days(office) == ["2002-03-02", "2002-03-03", "2002-03-04", "2002-03-26", "2002-03-27"]
    told = status.read(office.config)["sources"][0]["dates"]
    assert told["order"] == "dmy"
    assert told["certainty"] >= 0.75


def test_an_order_that_was_told_is_kept_over_a_restart(office_of: Callable[[str], Office]) -> None:
    office = office_of("")
    office.journal(record(26, 3) + record(27, 3))
    office.project()
    office.journal(record(1, 4))
    office.project()
    assert days(office)[-1] == "2002-04-01"


def test_dates_that_tell_the_other_order_later_are_heeded_from_there_on_and_said(
    office_of: Callable[[str], Office], caplog: pytest.LogCaptureFixture
) -> None:
    office = office_of("")
    office.journal(record(2, 3))
    office.project()
    office.journal(record(26, 3) + record(27, 3) + record(1, 4))
    office.project()
    assert days(office) == ["2002-02-03", "2002-03-26", "2002-03-27", "2002-04-01"]
    assert "smdr reparse" in caplog.text


def test_a_configured_order_holds_and_a_contradiction_is_said_once(
    office_of: Callable[[str], Office], caplog: pytest.LogCaptureFixture
) -> None:
    office = office_of('date_order = "mdy"\n')
    office.journal(record(26, 3) + record(27, 3) + record(1, 4) + record(28, 3))
    office.project()
    assert days(office)[2] == "2002-01-04"
    assert caplog.text.count("`date_order` says 'mdy'") == 1


def test_parse_reads_by_what_the_dates_tell_or_by_the_order_it_is_given(tmp_path: Path) -> None:
    capture = tmp_path / "day.log"
    capture.write_bytes(b"".join(record(day, 3) for day in (2, 26, 27)))
    told = CliRunner().invoke(smdr, ["parse", "--format", "vodavi/infinite-4096", str(capture)])
    assert '"start":"2002-03-02T' in told.stdout
    given = CliRunner().invoke(smdr, ["parse", "--format", "vodavi/infinite-4096", "--date-order", "mdy", str(capture)])
    assert '"start":"2002-02-03T' in given.stdout


def test_detect_says_what_the_dates_tell(tmp_path: Path) -> None:
    capture = tmp_path / "day.log"
    capture.write_bytes(b"".join(record(day, 3) for day in (2, 26, 27)))
    assert "its dates have the day first" in CliRunner().invoke(smdr, ["detect", str(capture)]).stdout
