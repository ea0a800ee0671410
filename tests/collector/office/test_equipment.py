"""Faults are tickets that alarms and people open and people close; rounds are due, made, overdue and told once."""

from __future__ import annotations

import csv
import datetime as dt
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from click.testing import CliRunner

from collector.alarms.board import Board
from collector.alarms.upkeep import Upkeep
from collector.cli.group import smdr
from collector.commands import equipment as commands
from collector.commands.budgets import today
from collector.config import load
from collector.errors import UserError
from collector.link_figures import LinkFigures, link_figures
from collector.office import audit, rounds, tickets
from collector.office.roster import Roster
from collector.office.rounds import Round
from collector.office.tickets import Limits
from collector.store import events_db
from collector.store.events_db import AlarmKind, EventsDb, LinkEvent, PastAlarm
from collector.store.office_db import reading, writing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from offices import Office

ZONE = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def events(office: Office) -> Iterator[EventsDb]:
    db = EventsDb(office.config.site.data / "events.db")
    yield db
    db.close()


def typed(office: Office, *arguments: str) -> str:
    done = CliRunner().invoke(smdr, ["equipment", *arguments, "-c", str(office.config.path)])
    return done.output if done.exception is None else str(done.exception)


def kept(office: Office) -> list[tickets.Ticket]:
    with reading(office.config.site.data) as db:
        return tickets.tickets(db)


def alarm(raised: float, cleared: float | None = None, kind: AlarmKind = "link", subject: str = "pbx1") -> PastAlarm:
    return PastAlarm(kind, subject, raised, "The link is down.", cleared, "Connected." if cleared else None)


def take(office: Office, *alarms: PastAlarm) -> int:
    with writing(office.config.site.data) as db:
        return tickets.take(db, alarms)


def test_a_fault_goes_from_reported_over_repaired_to_solved(office: Office) -> None:
    assert typed(office, "tickets") == ""
    assert typed(office, "report", "UPS", "beeps", "--by", "Li") == "Ticket 1 is open.\n"
    assert "reported  UPS: beeps" in typed(office, "tickets")
    assert typed(office, "repair", "1", "--note", "battery ordered", "--by", "Wang").startswith("Ticket 1 is being")
    assert "repairing by Wang  UPS: beeps" in typed(office, "tickets")
    assert typed(office, "repair", "1", "--by", "Zhao") == "Ticket 1 is being repaired by Wang already."
    assert typed(office, "note", "1", "comes on Monday", "--by", "Wang") == "It is noted in ticket 1.\n"
    assert typed(office, "solve", "1", "  ", "--by", "Wang") == "Say what was done."
    assert typed(office, "solve", "1", "new battery", "--by", "Wang") == "Ticket 1 is solved.\n"
    assert typed(office, "solve", "1", "new battery", "--by", "Zhao") == "Ticket 1 was solved by Wang already."
    assert typed(office, "tickets") == ""
    history = typed(office, "ticket", "1").splitlines()
    assert [line.split("  ", 3)[2:] for line in history[1:]] == [
        ["Wang", "repairing  battery ordered"],
        ["Wang", "note  comes on Monday"],
        ["Wang", "solved  new battery"],
    ]
    assert typed(office, "repair", "1", "--by", "Zhao") == "Ticket 1 is being repaired by Zhao.\n"
    (again,) = map(json.loads, typed(office, "tickets", "--json").splitlines())
    assert (again["state"], again["hands"], len(again["events"])) == ("repairing", "Zhao", 4)
    with reading(office.config.site.data) as db:
        trail = [(one.user, one.action, one.page, one.detail) for one in audit.entries(db)]
    assert trail[-1] == ("Li", "change", "smdr equipment", "reported a fault of UPS")
    assert [detail for *_, detail in reversed(trail)][1:] == [
        "repairs ticket 1",
        "noted in ticket 1",
        "solved ticket 1",
        "repairs ticket 1",
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("report", " ", "beeps"), "Say which equipment it is and what is wrong with it."),
        (("solve", "7", "x"), "There is no ticket 7; `smdr equipment tickets --all` lists them."),
        (("ticket", "7"), "There is no ticket 7; `smdr equipment tickets --all` lists them."),
        (("note", "1", " "), "There is no ticket 1; `smdr equipment tickets --all` lists them."),
        (("inspect", "room"), 'There is no round "room"; `smdr equipment round` makes one.'),
        (("round", " ", "--every", "7", "--item", "UPS"), "A round has a name and equipment to look at."),
        (("round", "room", "--every", "7", "--item", " "), "A round has a name and equipment to look at."),
        (("export", "--out", "x.doc"), 'What is ".doc"? '),
    ],
)
def test_what_cannot_be_done_is_said_and_leaves_nothing(office: Office, arguments: tuple[str, ...], said: str) -> None:
    assert typed(office, *arguments).startswith(said)
    with reading(office.config.site.data) as db:
        assert (tickets.tickets(db), rounds.rounds(db), audit.entries(db)) == ([], [], [])


def test_an_alarm_opens_a_ticket_and_its_end_is_noted_but_closes_nothing(office: Office) -> None:
    now = time.time()
    assert take(office, alarm(now)) == 1
    (one,) = kept(office)
    assert (one.by, one.equipment, one.at, one.state, one.alarm_stands) == ("smdr", "pbx1", now, "reported", True)
    assert take(office, alarm(now)) == 0
    assert take(office, alarm(now, now + 60)) == 1
    (one,) = kept(office)
    assert ([event.what for event in one.events], one.state, one.alarm_stands) == (
        ["raised", "recovered"],
        "reported",
        False,
    )
    assert take(office, alarm(now + 90), alarm(now, now + 60)) == 1
    assert len(kept(office)) == 1
    with writing(office.config.site.data) as db:
        tickets.solve(db, 1, "Wang", "cable")
    assert take(office, alarm(now + 90, now + 95), alarm(now + 99)) == 2
    first, second = kept(office)
    assert (first.state, second.state, second.at) == ("solved", "reported", now + 99)


def test_one_line_that_flaps_while_nobody_looks_is_one_ticket(office: Office) -> None:
    now = time.time()
    flapping = [alarm(now + 10 * at, now + 10 * at + 5) for at in range(20)]
    assert take(office, *reversed(flapping)) == 40
    (one,) = kept(office)
    assert [event.at for event in one.events] == sorted(event.at for event in one.events)


def test_alarms_of_other_things_and_from_before_have_no_ticket(office: Office) -> None:
    now = time.time()
    with writing(office.config.site.data):
        pass
    kinds: tuple[AlarmKind, ...] = ("tables", "report", "fault", "inspection")
    assert take(office, *(alarm(now + 5, kind=kind) for kind in kinds)) == 0
    assert take(office, alarm(now - 9000, now - 5000)) == 0
    assert take(office, alarm(now - 9000)) == 1
    kinds = ("silence", "link", "clock", "output", "disk", "backup")
    assert take(office, *(alarm(now + 5, kind=kind, subject="x") for kind in kinds)) == len(kinds)


async def test_the_alarms_of_the_collector_are_taken_by_whoever_looks(office: Office, events: EventsDb) -> None:
    with writing(office.config.site.data):
        pass
    raised = await events.raise_alarm("silence", "pbx1", time.time() + 1, "No record for 60 min.", ())
    assert "pbx1: No record for 60 min." in typed(office, "tickets")
    await events.clear_alarm(raised, time.time() + 2, "Records come again.", ())
    assert "recovered  Records come again." in typed(office, "ticket", "1")
    await events.raise_alarm("silence", "pbx2", time.time() + 3, "No record for 60 min.", ())
    with ThreadPoolExecutor(8) as many:
        assert sum(many.map(lambda _: commands.take_alarms(office.config.site.data), range(16))) == 1
    assert [one.equipment for one in kept(office)] == ["pbx1", "pbx2"]


def test_of_many_who_close_a_ticket_at_once_one_does(office: Office) -> None:
    typed(office, "report", "UPS", "beeps", "--by", "Li")

    def close(name: str) -> str:
        try:
            with commands.changing(office.config.site.data, commands.Who(name), "solved ticket 1") as db:
                tickets.solve(db, 1, name, f"by {name}")
        except UserError as error:
            return str(error)
        return ""

    with ThreadPoolExecutor(8) as many:
        said = list(many.map(close, "ABCDEFGH"))
    (one,) = kept(office)
    assert said.count("") == 1
    assert said.count(f"Ticket 1 was solved by {one.hands} already.") == 7
    with reading(office.config.site.data) as db:
        assert [entry.user for entry in audit.entries(db)] == [one.hands, "Li"]


KILLED = """
import os, sys, time
from pathlib import Path
from collector.office import rounds
from collector.commands.equipment import Who, changing
import datetime as dt
with changing(Path(sys.argv[1]), Who("Li"), "inspected room") as db:
    rounds.inspect(db, "room", dt.date(2026, 3, 2), "Li", ("UPS",), "beeps", "Li")
    print("written", flush=True)
    time.sleep(60)
"""


def test_who_is_killed_in_the_middle_leaves_nothing_half_and_nobody_waiting(office: Office) -> None:
    typed(office, "round", "room", "--every", "7", "--item", "UPS", "--by", "Li")
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(office.config.site.data)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    assert process.stdout.readline() == "written\n"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    noted = commands.noted(office.config)
    assert (noted.tickets, noted.inspections) == ([], [])
    assert "written down; tickets: 1" in typed(office, "inspect", "room", "--faulty", "UPS", "--by", "Li")
    assert len(commands.noted(office.config).inspections) == 1


def test_a_round_is_due_made_and_due_again(office: Office) -> None:
    now = today(office.config)
    first = now - dt.timedelta(days=1)
    arguments = ("--every", "30", "--item", "UPS", "--item", "MDF", "--first", str(first), "--by", "Li")
    assert typed(office, "round", "room", *arguments) == 'The round "room" is made every 30 days.\n'
    assert typed(office, "rounds") == f"{first} (overdue)  room, every 30 days: UPS, MDF\n"
    assert typed(office, "inspect", "room", "--faulty", "UBS").startswith('There is no "UBS" on the round "room"; ')
    late = str(now + dt.timedelta(days=1))
    assert typed(office, "inspect", "room", "--day", late).startswith(f"{late} is still to come")
    said = typed(office, "inspect", "room", "--faulty", "UPS", "--remark", "beeps", "--inspector", "Wang", "--by", "Li")
    assert said == 'The round "room" is written down; tickets: 1.\n'
    again = typed(office, "inspect", "room", "--faulty", "UPS", "--remark", "still", "--by", "Li")
    assert again == 'The round "room" is written down; tickets: 1.\n'
    assert [event.what for event in kept(office)[0].events] == ["note"]
    (row,) = map(json.loads, typed(office, "rounds", "--json").splitlines())
    assert (row["due"], row["overdue"]) == (str(now + dt.timedelta(days=30)), False)
    assert row["last"] == {"day": str(now), "inspector": "Li", "faulty": ["UPS"]}
    typed(office, "round", "room", "--every", "7", "--item", "UPS", "--by", "Li")
    assert f"{now + dt.timedelta(days=7)}  room, every 7 days: UPS; last" in typed(office, "rounds")
    assert typed(office, "round", "room", "--every", "1", "--item", "UPS") == 'The round "room" is made every day.\n'
    assert f"{now + dt.timedelta(days=1)}  room, every day: UPS; last" in typed(office, "rounds")
    assert typed(office, "retire", "room", "--by", "Li") == 'The round "room" is not made any more.\n'
    assert typed(office, "rounds") == ""
    assert typed(office, "retire", "room").startswith('There is no round "room"')
    assert len(commands.noted(office.config).inspections) == 2


def test_nothing_noted_is_changed_or_deleted(office: Office) -> None:
    typed(office, "round", "room", "--every", "7", "--item", "UPS", "--by", "Li")
    typed(office, "inspect", "room", "--faulty", "UPS", "--by", "Li")
    typed(office, "solve", "1", "done", "--by", "Li")
    for table in ("tickets", "ticket_events", "rounds", "inspections"):
        for change in (f"DELETE FROM {table}", f"UPDATE {table} SET by = 'x'"):
            with pytest.raises(sqlite3.IntegrityError, match="nothing is"), writing(office.config.site.data) as db:
                db.execute(change)


@pytest.mark.parametrize(
    ("state", "due_s"), [("reported", 3600), ("repairing", 86_400), ("solved", None), ("reported, no limit", None)]
)
def test_a_fault_is_to_be_taken_within_the_hour_and_solved_within_the_day(state: str, due_s: float | None) -> None:
    events = () if state.startswith("reported") else (tickets.Event(5.0, "Li", state, "", None),)  # type: ignore[arg-type]
    ticket = tickets.Ticket(1, 0.0, "Wang", "UPS", "beeps", events)
    assert ticket.due(Limits.of(0, 0) if "no limit" in state else Limits.of(60, 24)) == due_s


async def test_what_is_late_is_told_once_and_once_more_when_it_is_over(office: Office, events: EventsDb) -> None:
    now = dt.datetime(2026, 3, 2, 9, tzinfo=ZONE).timestamp()
    board = Board(events, ("mail",), lambda: now)
    upkeep = Upkeep(office.config, board)
    data = office.config.site.data
    await upkeep.look(now)
    assert not (data / "office.db").exists()
    with writing(data) as db:
        tickets.report(db, "UPS", "beeps", "Li", now)
        day = dt.datetime.fromtimestamp(now, ZONE).date()
        rounds.define(db, Round("room", ("UPS", "MDF"), 7, day), "Li")
    await upkeep.look(now + 3599)
    assert events_db.standing(data) == []
    await upkeep.look(now + 3601)
    await upkeep.look(now + 3700)
    ((kind, subject, _, sentence),) = events_db.standing(data)
    assert (kind, subject) == ("fault", "ticket 1")
    assert "A fault of UPS, reported" in sentence
    assert "is in nobody's hands in time: beeps" in sentence
    with writing(data) as db:
        tickets.repair(db, 1, "Wang")
    await upkeep.look(now + 3800)
    assert events_db.standing(data) == []
    await upkeep.look(now + 2 * 86_400)
    assert {(kind, subject) for kind, subject, *_ in events_db.standing(data)} == {
        ("fault", "ticket 1"),
        ("inspection", "room"),
    }
    resumed = Board(events, ("mail",), lambda: now)
    await resumed.resume()
    await Upkeep(office.config, resumed).look(now + 2 * 86_400 + 60)
    told = [(one.kind, one.event) for one in await events.due()]
    assert sorted(told) == [("fault", "cleared"), ("fault", "raised"), ("fault", "raised"), ("inspection", "raised")]
    with writing(data) as db:
        tickets.solve(db, 1, "Wang", "new battery")
        rounds.retire(db, "room", "Li")
    await Upkeep(office.config, resumed).look(now + 2 * 86_400 + 120)
    assert events_db.standing(data) == []
    assert take(office, *events_db.alarms(data, 100)) == 0


def test_links_are_counted_from_their_journal() -> None:
    def event(at: float, state: str, source: str = "pbx1") -> LinkEvent:
        return LinkEvent(source, at, state, "")

    changes = [
        event(50, "open"), event(110, "waiting"), event(112, "connecting"), event(120, "open"), event(130, "failed"),
        event(90, "waiting", "pbx2"), event(140, "open", "pbx2"), event(150, "open", "pbx2"), event(20, "open", "pbx3"),
    ]  # fmt: skip
    assert link_figures(changes, 100, 200) == {
        "pbx1": LinkFigures(1, 2, 80.0, 70.0),
        "pbx2": LinkFigures(1, 0, 40.0, 40.0),
        "pbx3": LinkFigures(0, 0, 0.0, 0.0),
    }


async def test_the_journal_of_links_tells_what_was_before(office: Office, events: EventsDb) -> None:
    for at, state in ((1.0, "connecting"), (2.0, "open"), (9.0, "failed")):
        events.link("pbx1", state, "", at)
    await events.standing()
    assert [(one.at, one.state) for one in events_db.link_history(office.config.site.data, 5.0)] == [
        (2.0, "open"),
        (9.0, "failed"),
    ]
    events.link("pbx2", "open", "", time.time() - 20)
    events.link("pbx2", "failed", "", time.time() - 10)
    await events.standing()
    said = typed(office, "links").splitlines()
    assert "; came up 1 time, lost 1 time, down " in said[1]
    assert said[0].startswith("pbx1: stopped; came up 0 times, lost 0 times, down 720.0 h")
    assert json.loads(typed(office, "links", "--json").splitlines()[1])["figures"]["opened"] == 1


def test_the_roster_tells_who_is_on_duty(office: Office) -> None:
    assert "names no roster" in typed(office, "duty")
    path = office.config.path
    roster = path.with_name("roster.csv")
    path.write_text(path.read_text() + '\n[office]\nroster = "roster.csv"\n')
    roster.write_text(
        "operator,extension,shift,days,begin,end,from,until\n"
        "Li,101,day,,08:00,20:00,,\nWang,101,night,,20:00,08:00,,\nZhao,102,gone,,00:00,23:59,,2020-01-01\n"
    )
    duties = Roster.load(roster, "Asia/Shanghai")
    night = dt.datetime(2026, 3, 2, 3, tzinfo=ZONE).timestamp()
    assert [(duty.operator, is_on) for duty, is_on in duties.today(night)] == [("Wang", True), ("Li", False)]
    assert len(typed(office._replace(config=load(path)), "duty").splitlines()) == 2
    roster.write_text("operator,extension,shift,days,begin,end,from,until\nZhao,102,gone,,00:00,23:59,,2020-01-01\n")
    assert typed(office, "duty") == "Nobody is on duty now.\n"


def test_everything_is_exported(office: Office, tmp_path: Path) -> None:
    typed(office, "round", "room", "--every", "7", "--item", "=UPS()", "--by", "Li")
    typed(office, "inspect", "room", "--faulty", "=UPS()", "--remark", "beeps", "--by", "Li")
    typed(office, "repair", "1", "--by", "Wang")
    assert typed(office, "export", "--language", "en", "--out", str(tmp_path / "all.csv")) == ""
    rows = list(csv.reader((tmp_path / "all.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert rows[1][:3] == ["1", "'=UPS()", f"room {today(office.config)}: beeps"]
    assert [row[3] for row in rows if len(row) == 5] == ["What", "taken in hand"]
    typed(office, "export", "--language", "zh", "--out", str(tmp_path / "all.xlsx"))
    book = openpyxl.load_workbook(tmp_path / "all.xlsx")
    assert book.sheetnames == ["故障单", "处理经过", "巡检计划", "巡检记录"]
    assert (tmp_path / "all.xlsx").stat().st_mode & 0o077 == 0
