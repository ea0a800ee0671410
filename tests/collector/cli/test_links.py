"""What is shown of links: what happened to them, and what their serial ports report."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from smdr_command import run_smdr

from collector.inputs.uart import LineErrors
from collector.metrics import StatusMetrics
from collector.store.events_db import EventsDb

if TYPE_CHECKING:
    from offices import Office

MIDNIGHT = 1_790_870_400.0
"""2026-10-02 00:00 in Shanghai."""


@pytest.fixture
def kept(office: Office) -> Office:
    """An office to whose links something happened."""
    events = EventsDb(office.config.site.data / "events.db")
    events.link("pbx1", "waiting", "Listening; no PBX is connected.", MIDNIGHT)
    events.link("pbx2", "failed", "pbx2.log is not there.", MIDNIGHT + 1)
    events.link("pbx1", "open", "Listening; connected: 192.0.2.7.", MIDNIGHT + 2.25)
    events.line_errors("pbx1", LineErrors(0, 0, 0))
    events.line_errors("pbx1", LineErrors(12, 340, 0))
    events.line_errors("pbx1", LineErrors(0, 1, 2))
    events.close()
    return office


def smdr(office: Office, *arguments: str) -> str:
    done = run_smdr(*arguments, "-c", office.config.path)
    assert done.status == 0, done.stderr
    return done.stdout


def test_every_change_of_a_link_is_listed_newest_last(kept: Office) -> None:
    assert smdr(kept, "links").splitlines() == [
        "2026-10-02T00:00:00  pbx1  waiting     Listening; no PBX is connected.",
        "2026-10-02T00:00:01  pbx2  failed      pbx2.log is not there.",
        "2026-10-02T00:00:02  pbx1  open        Listening; connected: 192.0.2.7.",
    ]


def test_names_of_several_widths_leave_the_states_in_one_column(kept: Office) -> None:
    events = EventsDb(kept.config.site.data / "events.db")
    events.link("交换机", "open", "Reading.", MIDNIGHT + 3)
    events.close()
    said = smdr(kept, "links").splitlines()
    assert said[2:] == [
        "2026-10-02T00:00:02  pbx1    open        Listening; connected: 192.0.2.7.",
        "2026-10-02T00:00:03  交换机  open        Reading.",
    ]


def test_the_last_changes_of_one_source_are_listed_for_programs_too(kept: Office) -> None:
    rows = [json.loads(line) for line in smdr(kept, "links", "--source", "pbx1", "--last", "1", "--json").splitlines()]
    assert rows == [
        {
            "source": "pbx1",
            "at": "2026-10-02T00:00:02.250000+08:00",
            "state": "open",
            "detail": "Listening; connected: 192.0.2.7.",
        }
    ]


def test_nothing_is_listed_before_anything_happened(office: Office) -> None:
    assert smdr(office, "links") == ""


def test_a_source_that_is_not_there_is_a_sentence(office: Office) -> None:
    done = run_smdr("links", "--source", "pbx9", "-c", office.config.path)
    assert (done.status, done.stdout) == (1, "")
    assert 'There is no source "pbx9"' in done.stderr
    assert done.stderr.endswith("it has: pbx1, pbx2.\n")


def test_what_a_port_reports_is_added_up_and_shown_where_it_reports(kept: Office) -> None:
    first, second = json.loads(smdr(kept, "status", "--json"))["sources"]
    assert first["line_errors"] == {"overruns": 12, "framing": 341, "parity": 2}
    assert second["line_errors"] is None
    said = "  the port reports 12 bytes lost for want of time, 341 framing errors, 2 parity errors"
    assert [line for line in smdr(kept, "status").splitlines() if "the port reports" in line] == [said]


def test_metrics_have_line_errors_of_ports_that_report_only(kept: Office) -> None:
    [family] = [one for one in StatusMetrics(lambda: kept.config).collect() if one.name == "smdr_line_errors"]
    assert [(sample.name, sample.labels, sample.value) for sample in family.samples] == [
        ("smdr_line_errors_total", {"source": "pbx1", "kind": "overruns"}, 12),
        ("smdr_line_errors_total", {"source": "pbx1", "kind": "framing"}, 341),
        ("smdr_line_errors_total", {"source": "pbx1", "kind": "parity"}, 2),
    ]
