from __future__ import annotations

import queue
import sqlite3
import threading

import pytest
from offices import Office, kx_td_line

from collector.assembly import accounting_of
from collector.config import load
from collector.journal import Journal
from collector.journal_thread import JournalThread
from collector.projector import Projector


@pytest.mark.parametrize("error", [sqlite3.OperationalError("database or disk is full"), KeyError("a fault of ours")])
def test_a_projection_that_fails_is_tried_again_and_loses_nothing(
    office: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    monkeypatch.setattr("collector.projector._RETRY_S", 0.01)
    committed, failed = threading.Event(), threading.Event()
    projector = Projector(office.config, accounting_of(office.config), committed.set)
    write, broken = projector._db.write, True

    def fail_at_first(batch: object) -> None:
        if broken:
            failed.set()
            raise error
        write(batch)  # type: ignore[arg-type]

    monkeypatch.setattr(projector._db, "write", fail_at_first)
    office.journal(kx_td_line(1) * 3)
    projector.start()
    projector.wake()
    assert failed.wait(5)
    assert not committed.is_set()
    broken = False
    assert committed.wait(5)
    projector.stop()
    assert office.rows("SELECT count(*) FROM calls") == [(3,)]
    assert len([record for record in caplog.records if record.levelname == "ERROR"]) == 1
    office.assert_conserved()


def test_what_is_journaled_until_the_stop_is_projected_by_then(office: Office) -> None:
    projector = Projector(office.config, accounting_of(office.config))
    journal = JournalThread(Journal(office.config.site.data / "journal"), projector.wake)
    projector.start()
    journal.start()
    for number in range(500):
        journal.put("pbx1", 0, kx_td_line(number), opened=number == 0, ended=False)
    journal.stop()
    projector.stop()
    assert office.rows("SELECT count(*) FROM calls") == [(500,)]
    office.assert_conserved()


def test_a_record_that_may_go_on_is_given_out_once_the_line_falls_silent(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("collector.projector.PAUSE_S", 0.05)
    monkeypatch.setattr("collector.projection.PAUSE_S", 0.05)
    monkeypatch.setattr("collector.projection._COMMIT_S", 0.05)
    path = office.config.path
    path.write_text(
        path.read_text(encoding="utf-8").replace('panasonic/kx-td"', 'nortel/meridian-1"'), encoding="utf-8"
    )
    own = Office(load(path))
    commits: queue.SimpleQueue[list[tuple[object, ...]]] = queue.SimpleQueue()
    counted = "SELECT count(*) FROM calls"
    projector = Projector(own.config, accounting_of(own.config), lambda: commits.put(own.rows(counted)))
    projector.start()
    own.journal(b"N 066 00 T047012 3721    08/14 05:41 00:00:10 \r\n")
    projector.wake()
    assert commits.get(timeout=20) == [(0,)]
    assert commits.get(timeout=20) == [(1,)]  # nobody wakes it: it looks by itself
    assert own.rows("SELECT talk_s FROM calls") == [(10,)]
    projector.stop()
    own.assert_conserved()
