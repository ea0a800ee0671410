"""What is past its retention goes, nothing else does, and everything still adds up, also after all calls were made anew."""

from __future__ import annotations

import dataclasses
import datetime as dt
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from offices import Office

from collector.assembly import accounting_of
from collector.commands.rebuilding import reparse
from collector.config import Retention, load
from collector.keeping.backup import back_up, restore
from collector.keeping.retention import due, months_before
from collector.keeping.retiring import carry_out, carry_out_offline, told
from collector.keeping.verify import verify
from collector.projector import Projector
from collector.segments import segments
from collector.store.events_db import EventsDb, link_events, removals

if TYPE_CHECKING:
    from pathlib import Path

NOW = dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC)
MONTHS = (5, 6, 7, 8, 9, 10, 11)
PER_MONTH = 150
LINE = "{day:02}/{month:02}/26 {hour:02}:10AM   1{extension:02} 09 <INCOMING> 0555{number:04}            00:00'{talk:02}               \r\n"


def printed(month: int) -> bytes:
    lines = [
        LINE.format(
            day=2 + n % 26,
            month=month,
            hour=1 + n % 11,
            extension=n % 7,
            number=month * 100 + n % 100,
            talk=10 + n % 50,
        )
        for n in range(PER_MONTH)
    ]
    return "".join(lines).encode() + b"torn\r\n"


@pytest.fixture
def years(office: Office) -> Office:
    """Calls of seven months, each in its file of the journal."""
    assert len(printed(5)) == len(printed(11))
    for month in MONTHS:
        office.journal(printed(month), at=dt.datetime(2026, month, 28, 12, tzinfo=dt.UTC).timestamp())
    office.project()
    assert len(calls_of(office)) == len(MONTHS) * PER_MONTH
    return office


def kept_to(office: Office, **months: int) -> Office:
    return Office(dataclasses.replace(office.config, retention=Retention(**months)))


def apply(office: Office) -> list[str]:
    assert office.config.retention
    return [told(removal) for removal in carry_out_offline(office.config.retention, office.config, NOW)]


def faults(office: Office) -> list[str]:
    return [f"{proof.what}: {proof.fault}" for proof in verify(office.config, deep=True) if proof.fault]


def calls_of(office: Office) -> list[tuple[object, ...]]:
    return office.rows(
        "SELECT source, offset, start, number, person, talk_s, extension, outcome FROM calls ORDER BY offset"
    )


def sums_of(office: Office) -> list[tuple[object, ...]]:
    return office.rows(
        "SELECT extension, hour, calls, talk_s, held_s FROM rollups WHERE calls ORDER BY hour, extension"
    )


def test_months_are_those_of_the_journal() -> None:
    assert months_before(NOW, 1) == dt.datetime(2026, 10, 1, tzinfo=dt.UTC)
    assert months_before(NOW, 11) == dt.datetime(2025, 12, 1, tzinfo=dt.UTC)
    assert months_before(NOW, 23) == dt.datetime(2024, 12, 1, tzinfo=dt.UTC)


def test_without_a_policy_nothing_is_due(years: Office) -> None:
    assert due(years.config, NOW) == ([], [])


def test_raw_bytes_go_by_months_and_the_calls_stay(years: Office) -> None:
    before, sums, size = calls_of(years), sums_of(years), len(printed(5))
    office = kept_to(years, raw_months=3)
    on_disk = sum(path.stat().st_size for path in segments(office.config.site.data / "journal"))
    assert apply(office) == [
        f"Removed {size:,} raw bytes of pbx1, up to byte {size * number:,}: before 2026-08-01." for number in (1, 2, 3)
    ]
    assert calls_of(office) == before
    assert sums_of(office) == sums
    office.assert_conserved()
    assert faults(office) == []
    assert apply(office) == []
    assert sum(path.stat().st_size for path in segments(office.config.site.data / "journal")) < on_disk
    office.journal(printed(12), at=NOW.timestamp())
    office.project()
    office.assert_conserved()
    assert len(calls_of(office)) == len(before) + PER_MONTH


def test_calls_made_anew_are_with_those_whose_bytes_are_gone(years: Office) -> None:
    office = kept_to(years, raw_months=3)
    apply(office)
    before, sums = calls_of(office), sums_of(office)
    assert reparse(office.config) == len(before)
    assert calls_of(office) == before
    assert sums_of(office) == sums
    office.assert_conserved()
    assert faults(office) == []
    assert office.rows("SELECT bytes FROM noise WHERE reason = 'removed'") == [(3 * len(printed(5)),)]
    reparse(office.config)
    assert calls_of(office) == before


def test_without_the_old_calls_those_that_the_journal_has_are_made_and_all_adds_up(years: Office) -> None:
    office = kept_to(years, raw_months=3)
    apply(office)
    (office.config.site.data / "calls.db").unlink()
    office.project()
    office.assert_conserved()
    assert len(calls_of(office)) == 4 * PER_MONTH


def test_calls_and_what_is_personal_go_later_and_sums_stay(years: Office) -> None:
    sums, calls = sums_of(years), calls_of(years)
    office = kept_to(years, raw_months=2, personal_months=3, calls_months=5)
    assert apply(office)[4:] == [
        f"Removed {PER_MONTH} calls of pbx1: before 2026-06-01.",
        f"Removed what is personal in {2 * PER_MONTH} calls of pbx1: before 2026-08-01.",
    ]
    assert sums_of(office) == sums
    left = calls_of(office)
    assert [row[1] for row in left] == [row[1] for row in calls[PER_MONTH:]]
    assert [row[3] for row in left] == [None] * 2 * PER_MONTH + [row[3] for row in calls[3 * PER_MONTH :]]
    assert [row[5] for row in left] == [row[5] for row in calls[PER_MONTH:]]
    database = (office.config.site.data / "calls.db").read_bytes()
    assert faults(office) == []
    assert office.rows("SELECT count(*) FROM rejected WHERE raw = ''") == [(3,)]
    assert b"05550800" in database
    assert apply(office) == []
    reparse(office.config)
    assert calls_of(office) == left
    assert sums_of(office) == sums
    assert faults(office) == []


def test_bytes_wait_for_calls_db_and_for_the_backup(years: Office, tmp_path: Path) -> None:
    office = kept_to(years, raw_months=3)
    path = office.config.path
    path.write_text(path.read_text() + f'[backup]\nfolder = "{tmp_path / "backups"}"\n[retention]\nraw_months = 3\n')
    backed = Office(load(path))
    months, held = due(backed.config, NOW)
    assert months == []
    assert {one.why for one in held} == {"there is no backup yet"}
    made = back_up(backed.config, tmp_path / "backups")
    assert len(due(backed.config, NOW)[0]) == 3
    apply(backed)
    (tmp_path / "backups").rename(tmp_path / "first")
    after = back_up(backed.config, tmp_path / "backups")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "smdr.toml").write_text(path.read_text())
    restored = Office(load(elsewhere / "smdr.toml"))
    restore(after.folder, restored.config)
    assert reparse(restored.config) == len(calls_of(years))
    assert calls_of(restored) == calls_of(years)
    restored.assert_conserved()
    assert faults(restored) == []
    assert made.ends == after.ends


def test_bytes_that_are_not_projected_wait(office: Office) -> None:
    for month in (5, 11):
        office.journal(printed(month), at=dt.datetime(2026, month, 28, tzinfo=dt.UTC).timestamp())
    Projector(office.config, accounting_of(office.config)).counters("pbx1")
    months, held = due(kept_to(office, raw_months=3).config, NOW)
    assert months == []
    assert [one.why for one in held] == ["its lines of pbx1 are not all in calls.db yet"]


@pytest.mark.parametrize("point", ["retention-noted", "retention-removed", "retention-removed:2"])
def test_a_kill_on_the_way_is_made_good_by_the_next_time(years: Office, point: str) -> None:
    office = kept_to(years, raw_months=3)
    path = office.config.path
    path.write_text(path.read_text() + "[retention]\nraw_months = 3\n")
    before = calls_of(office)
    script = (
        "import sys, datetime as dt; from pathlib import Path; from collector import faultpoints;"
        "from collector.config import load; from collector.keeping.retiring import carry_out_offline;"
        f"faultpoints.arm({point!r}); config = load(Path(sys.argv[1]));"
        f"carry_out_offline(config.retention, config, dt.datetime.fromisoformat({NOW.isoformat()!r}))"
    )
    done = subprocess.run([sys.executable, "-c", script, str(path)], check=False)
    assert done.returncode == -signal.SIGKILL
    office.assert_conserved()
    assert faults(office) == []
    apply(office)
    assert faults(office) == []
    assert calls_of(office) == before
    assert [removal.amount for removal in removals(office.config.site.data)] == [len(printed(5))] * 3
    assert due(office.config, NOW) == ([], [])


async def test_the_collector_does_it_while_it_runs(years: Office) -> None:
    office = kept_to(years, raw_months=2, personal_months=3, calls_months=5)
    assert office.config.retention
    projector = Projector(office.config, accounting_of(office.config))
    events = EventsDb(office.config.site.data / "events.db")
    for month in (5, 10):
        events.link("pbx1", "open", "Connected.", dt.datetime(2026, month, 5, tzinfo=dt.UTC).timestamp())
    projector.start()
    try:
        await carry_out(office.config.retention, office.config, projector, events, NOW)
        office.journal(printed(12), at=NOW.timestamp())
        projector.wake()
    finally:
        projector.stop()
        events.close()
    assert [removal.what for removal in removals(office.config.site.data)] == ["raw"] * 4 + ["calls", "personal"]
    assert len(link_events(office.config.site.data, "pbx1", 9)) == 1
    assert len(calls_of(office)) == 7 * PER_MONTH
    assert faults(office) == []
