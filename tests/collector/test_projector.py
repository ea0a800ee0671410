from __future__ import annotations

import sqlite3
import threading
from typing import TYPE_CHECKING

import pytest
from offices import kx_td_line

from collector.assembly import accounting_of
from collector.journal import Journal, JournalThread
from collector.projector import Projector

if TYPE_CHECKING:
    from offices import Office


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
