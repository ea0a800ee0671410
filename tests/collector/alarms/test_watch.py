"""What is looked at, from the stores of a collector: a line that is silent or down, an output that fails, a full disk."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from certificates import issue

from collector.alarms.board import Board
from collector.alarms.watch import Watch
from collector.assembly import calendars_of
from collector.config import Config, load
from collector.store.database import open_writer
from collector.store.events_db import EventsDb, standing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MONDAY_9 = 1_772_413_200.0
"""2 March 2026, 9:00 in Shanghai."""


class Site:
    """A configured site at a moment, whose stores are written by the test."""

    def __init__(self, folder: Path, more: str = "") -> None:
        path = folder / "smdr.toml"
        path.write_text(
            '[site]\nname = "hq"\ntimezone = "Asia/Shanghai"\ndata = "data"\n'
            '[alarms]\nfree_megabytes = 0\n[calendar]\nholidays = "none"\n'
            '[[source]]\nname = "pbx1"\ninput = "tcp://127.0.0.1:9"\nformat = "panasonic/kx-td"\n' + more
        )
        self.config: Config = load(path)
        self.now = MONDAY_9
        self.nudged: list[str] = []
        self.trouble: str | None = None
        self.db = open_writer(self.config.site.data / "calls.db")
        self.events = EventsDb(self.config.site.data / "events.db")
        self.watch = Watch(
            self.config,
            calendars_of(self.config),
            Board(self.events, (), lambda: self.now),
            self.nudged.append,
            lambda: self.trouble,
            lambda: self.now,
        )

    def link(self, state: str, detail: str = "Connected.") -> None:
        self.db.execute("INSERT OR REPLACE INTO links VALUES ('pbx1', ?, ?, ?)", (state, detail, self.now))

    def record(self, drift_s: float = 0.0) -> None:
        self.db.execute(
            "INSERT OR REPLACE INTO sources (source, last_record, drift_s) VALUES ('pbx1', ?, ?)", (self.now, drift_s)
        )

    async def after(self, minutes: float) -> list[tuple[str, str]]:
        """What stands so many minutes later."""
        self.now += minutes * 60
        await self.watch.look()
        return [(kind, sentence) for kind, _, _, sentence in standing(self.config.site.data)]


@pytest.fixture
def site_of(tmp_path: Path) -> Iterator[Callable[..., Site]]:
    made: list[Site] = []

    def make(more: str = "") -> Site:
        made.append(Site(tmp_path, more))
        return made[-1]

    yield make
    for site in made:
        site.events.close()
        site.db.close()


async def test_a_silent_line_alarms_and_a_record_ends_it(site_of: Callable[..., Site]) -> None:
    site = site_of()
    site.link("open")
    site.record()
    assert await site.after(59) == []
    ((kind, sentence),) = await site.after(2)
    assert kind == "silence"
    assert "No record for 61 min" in sentence
    assert "the last came 2026-03-02 09:00:00+08:00" in sentence
    site.record()
    assert await site.after(1) == []


BRANCHES = """site = "branch"
[[branch]]
name = "branch"
timezone = "America/New_York"
holidays = "none"
"""
DAYS_OFF = """site = "branch"
[[branch]]
name = "branch"
exceptions = "branch.csv"
"""


async def test_silence_is_judged_by_the_clock_of_the_source_s_site(site_of: Callable[..., Site]) -> None:
    site = site_of(BRANCHES)
    site.link("open")
    site.record()
    assert await site.after(8 * 60) == []  # it is night in New York until 13 hours later
    assert await site.after(5 * 60 + 59) == []
    ((kind, sentence),) = await site.after(62)
    assert kind == "silence"
    assert "the last came 2026-03-01 20:00:00-05:00" in sentence


async def test_silence_is_judged_by_the_days_off_of_the_source_s_site(
    tmp_path: Path, site_of: Callable[..., Site]
) -> None:
    (tmp_path / "branch.csv").write_text("date,kind\n2026-03-02,holiday\n")
    site = site_of(DAYS_OFF)
    site.link("open")
    site.record()
    assert await site.after(10 * 60) == []
    (tmp_path / "branch.csv").write_text("date,kind\n")
    site.watch.work_by(calendars_of(site.config))
    assert [kind for kind, _ in await site.after(1)] == ["silence"]


async def test_a_silent_link_is_opened_anew_once_before_the_alarm(site_of: Callable[..., Site]) -> None:
    site = site_of("nudge = true\n")
    site.link("open")
    site.record()
    assert await site.after(61) == []
    assert site.nudged == ["pbx1"]
    assert [kind for kind, _ in await site.after(1)] == ["silence"]
    assert site.nudged == ["pbx1"]


async def test_silence_can_be_turned_off(site_of: Callable[..., Site]) -> None:
    site = site_of("silence_minutes = 0\n")
    site.link("open")
    site.record()
    assert await site.after(8 * 60) == []


async def test_a_link_that_is_down_alarms_after_its_time_and_not_as_silence_too(site_of: Callable[..., Site]) -> None:
    site = site_of()
    site.record()
    site.link("failed", "Nobody listens.")
    assert await site.after(4) == []
    assert await site.after(120) == [("link", "The link has been down for 124 min: Nobody listens.")]
    site.link("open")
    site.record()
    assert await site.after(0) == []


async def test_what_happened_while_the_collector_was_down_is_not_held_against_the_line(
    site_of: Callable[..., Site],
) -> None:
    site = site_of()
    site.now -= 7 * 3600
    site.link("open")
    site.record()
    site.now += 7 * 3600
    assert await site.after(1) == []


async def test_a_pbx_clock_that_is_off_alarms(site_of: Callable[..., Site]) -> None:
    site = site_of()
    site.link("open")
    site.record(3600)
    ((kind, sentence),) = await site.after(0)
    assert kind == "clock"
    assert "summer time" in sentence
    site.record(1)
    assert await site.after(0) == []


async def test_an_output_that_fails_alarms_and_one_that_is_gone_does_not(site_of: Callable[..., Site]) -> None:
    site = site_of('[[output]]\nname = "influx"\nurl = "http://127.0.0.1:8086"\ndatabase = "smdr"\n')
    for output in ("influx", "gone"):
        row = (output, "retrying", 0, 0, "It cannot be reached.", site.now)
        site.db.execute("INSERT INTO outputs VALUES (?,?,?,?,?,?)", row)
    assert await site.after(14) == []
    ((kind, sentence),) = await site.after(1)
    assert (kind, sentence) == ("output", "No calls are taken for 15 min. It cannot be reached.")


async def test_what_cannot_be_written_alarms_as_it_is_said(site_of: Callable[..., Site]) -> None:
    site = site_of()
    site.trouble = "The journal cannot be written (disk I/O error)."
    assert await site.after(0) == [("disk", "The journal cannot be written (disk I/O error).")]
    site.trouble = None
    assert await site.after(0) == []


async def test_a_disk_that_is_nearly_full_alarms(tmp_path: Path, site_of: Callable[..., Site]) -> None:
    site = site_of()
    path = site.config.path
    path.write_text(path.read_text().replace("free_megabytes = 0", "free_megabytes = 1000000"))
    assert tmp_path in path.parents
    config = load(path)
    watch = Watch(
        config, calendars_of(config), Board(site.events, (), lambda: site.now), site.nudged.append, lambda: None
    )
    await watch.look()
    assert [kind for kind, *_ in standing(site.config.site.data)] == ["disk"]


async def test_a_certificate_that_ends_soon_alarms_until_a_new_one_is_in_its_place(tmp_path: Path) -> None:
    site = Site(tmp_path, '[metrics]\nlisten = "127.0.0.1:9"\ncertificate_file = "smdr.pem"\nkey_file = "smdr.key"\n')
    issue(tmp_path, until=datetime.fromtimestamp(MONDAY_9, UTC) + timedelta(days=20))
    assert await site.after(0) == []
    day = 24 * 60
    assert await site.after(10 * day) == [
        ("certificate", "It is valid for 10 more days. Put a new one in its place: it counts from the next connection.")
    ]
    [(_, sentence)] = await site.after(11 * day)
    assert sentence.startswith("It is valid for 10 more days")  # said once, as it was
    issue(tmp_path, until=datetime.fromtimestamp(site.now, UTC) + timedelta(days=365))
    assert await site.after(0) == []
    (tmp_path / "smdr.pem").write_text("none")
    assert await site.after(0) == [
        ("certificate", "Nothing is served with it: smdr.pem is not a certificate in PEM form.")
    ]


async def test_before_the_tables_are_made_the_disk_is_looked_at_and_nothing_else(
    tmp_path: Path, site_of: Callable[..., Site]
) -> None:
    site = site_of()
    site.db.close()
    (tmp_path / "data" / "calls.db").unlink()
    site.trouble = "The journal cannot be written: disk full."
    assert await site.after(1) == [("disk", site.trouble)]
    (tmp_path / "data" / "calls.db").touch()
    assert await site.after(1) == [("disk", site.trouble)]
