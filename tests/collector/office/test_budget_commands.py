"""``smdr budget``, and what office.db keeps of it."""

from __future__ import annotations

import json
import sqlite3
import stat
import subprocess
import time
from contextlib import closing
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from aiosmtpd.controller import Controller
from offices import kx_td_line
from servers import free_port
from smdr_command import SMDR, run_smdr

from collector.config import load
from collector.keeping.backup import back_up
from collector.store.office_db import reading, writing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import Message
    from pathlib import Path

    from offices import Office

AUGUST = 1_754_800_000
"""2025-08-10 12:26 in Shanghai."""


@pytest.fixture
def budgeted(office: Office) -> Office:
    """An office whose phone 117 called for 40 in August 2025 by a budget of 30."""
    config = office.config.path
    budgets = config.with_name("budgets.csv")
    budgets.write_text("scope,name,amount,warn,over,from\nphone,117,30,80,approve,2025-08-01\n", encoding="utf-8")
    config.write_text(config.read_text(encoding="utf-8") + '\n[office]\nbudgets = "budgets.csv"\n', encoding="utf-8")
    office.journal(kx_td_line(1))
    office.project()
    with closing(sqlite3.connect(office.config.site.data / "calls.db")) as db, db:
        db.execute("UPDATE stored_calls SET cost = '40.25', start = ?", (AUGUST,))
    return office._replace(config=load(config))


def smdr(office: Office, *arguments: str, status: int = 0) -> str:
    done = run_smdr(*arguments[:2], "-c", office.config.path, *arguments[2:])
    assert done.status == status, done.stderr
    return done.stdout if not status else done.stderr


def shown(office: Office, *arguments: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in smdr(office, "budget", "show", "--json", *arguments).splitlines()]


def test_the_statement_of_a_month_has_the_costs_of_its_calls(budgeted: Office) -> None:
    (row,) = shown(budgeted, "--month", "2025-08")
    assert (row["name"], row["spent"], row["over"]) == ("117", "40.25", "10.25")


def test_what_is_added_by_hand_stays_and_is_told(budgeted: Office) -> None:
    month = "2025-08"
    day = ("--day", f"{month}-28", "--reason", "fair", "--by", "Office")
    said = smdr(budgeted, "budget", "approve", *day, "phone", "117", "10.25")
    assert said == "10.25 CNY noted for phone:117; 0.00 are left.\n"
    smdr(budgeted, "budget", "top-up", *day, "phone", "117", "5")
    (row,) = shown(budgeted, "--month", month)
    assert (row["approved"], row["top_ups"], row["over"]) == ("10.25", "5.00", "0.00")
    postings = smdr(budgeted, "budget", "show", "--postings", "--month", month)
    assert f"{month}-28  phone:117  approved -> allowance  10.25  fair (Office)" in postings
    file = budgeted.config.site.data / "office.db"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_nobody_is_topped_up_who_has_no_budget(budgeted: Office) -> None:
    error = smdr(budgeted, "budget", "top-up", "--reason", "fair", "phone", "118", "5", status=1)
    assert error == 'No phone "118" has a budget now. Did you mean "117"?\n'


def test_an_amount_that_is_none_is_refused(budgeted: Office) -> None:
    assert '"5,00" is not an amount' in smdr(
        budgeted, "budget", "top-up", "--reason", "x", "phone", "117", "5,00", status=2
    )


def test_a_year_is_settled_once_and_a_later_change_is_told(budgeted: Office) -> None:
    year = "2025"
    smdr(budgeted, "budget", "settle", year, "--by", "Office")
    assert "is settled as it is now, by Office" in smdr(budgeted, "budget", "settle", year, status=1)
    smdr(budgeted, "budget", "top-up", "--day", f"{year}-12-01", "--reason", "late", "phone", "117", "5")
    done = run_smdr("budget", "show", "--year", year, "-c", budgeted.config.path)
    assert done.status == 0
    assert done.stderr == f"{year} was settled otherwise by Office: tables or calls have changed since.\n"
    smdr(budgeted, "budget", "settle", year)


def test_a_year_that_is_not_over_is_not_settled(budgeted: Office) -> None:
    assert "9998 is not over yet" in smdr(budgeted, "budget", "settle", "9998", status=1)


def test_nothing_noted_is_changed_or_deleted(budgeted: Office) -> None:
    smdr(budgeted, "budget", "top-up", "--reason", "fair", "phone", "117", "5")
    for change in ("DELETE FROM adjustments", "UPDATE adjustments SET amount = '0'"):
        with pytest.raises(sqlite3.IntegrityError), writing(budgeted.config.site.data) as db:
            db.execute(change)


def test_what_fails_in_the_middle_leaves_nothing(budgeted: Office) -> None:
    row = "INSERT INTO budget_warnings VALUES ('phone', '117', '2026-01', '80', 0)"
    with pytest.raises(sqlite3.IntegrityError), writing(budgeted.config.site.data) as db:
        db.executemany(row, [(), ()])
    with reading(budgeted.config.site.data) as db:
        assert db.execute("SELECT count(*) FROM budget_warnings").fetchone() == (0,)


class _Hook(BaseHTTPRequestHandler):
    told: ClassVar[list[tuple[str, dict[str, str]]]] = []
    answer: ClassVar[int] = 200

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.answer == 200:
            self.told.append((self.headers["Idempotency-Key"], body))
        self.send_response(self.answer)
        self.end_headers()


@pytest.fixture
def hook(budgeted: Office) -> Iterator[type[_Hook]]:
    server = HTTPServer(("127.0.0.1", 0), _Hook)
    Thread(target=server.serve_forever, daemon=True).start()
    path = budgeted.config.path
    table = f'\n[alarms]\nwebhook = "http://127.0.0.1:{server.server_port}/"\n'
    path.write_text(path.read_text(encoding="utf-8") + table, encoding="utf-8")
    _Hook.told.clear()
    _Hook.answer = 200
    yield _Hook
    server.shutdown()
    server.server_close()


def _spend_now(office: Office) -> None:
    """Move the call into this month."""
    with closing(sqlite3.connect(office.config.site.data / "calls.db")) as db, db:
        db.execute("UPDATE stored_calls SET start = unixepoch(), cost = '4000'")


def test_each_share_is_told_once(budgeted: Office, hook: type[_Hook]) -> None:
    _spend_now(budgeted)
    said = smdr(budgeted, "budget", "warn")
    assert [line.split(":")[0] for line in said.splitlines()] == ["The budget of phone", "The budget of phone"]
    assert [(body["event"], body["share"]) for _, body in hook.told] == [("share", "80"), ("over", "over")]
    assert hook.told[0][1]["spent"] == "4000.00"
    assert smdr(budgeted, "budget", "warn") == ""
    assert len(hook.told) == 2


class _Mailbox:
    """Keeps what it is given."""

    def __init__(self) -> None:
        self.mails: list[Message] = []

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:  # noqa: N802
        self.mails.append(message_from_bytes(envelope.content))
        return "250 taken"


def test_the_collector_tells_it_by_itself_by_webhook_and_mail(budgeted: Office, hook: type[_Hook]) -> None:
    _spend_now(budgeted)
    box, port = _Mailbox(), free_port()
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    path = budgeted.config.path
    keys = f'mail_to = ["boss@example.com"]\nmail_server = "smtp://127.0.0.1:{port}"\n'
    path.write_text(path.read_text(encoding="utf-8") + keys, encoding="utf-8")
    said = path.with_name("smdr.log")
    with said.open("wb") as log, subprocess.Popen([SMDR, "run", "-c", path], stderr=log) as collector:
        deadline = time.monotonic() + 60
        while said.read_text().count("The budget of") < 2:
            assert time.monotonic() < deadline, said.read_text()
            time.sleep(0.1)
        collector.terminate()
        assert collector.wait(60) == 0
    server.stop()
    assert smdr(budgeted, "budget", "warn") == ""
    assert {body["event"] for _, body in hook.told} == {"share", "over"}
    assert {mail["Subject"] for mail in box.mails} == {"[hq] budget phone:117"}
    assert "is exceeded: 4000 of" in str(box.mails[1].get_payload())
    assert box.mails[0]["Message-ID"] != box.mails[1]["Message-ID"]
    assert "The budget of phone:117 is spent to 80 %" in said.read_text()


def test_what_cannot_be_told_is_told_the_next_time(budgeted: Office, hook: type[_Hook]) -> None:
    _spend_now(budgeted)
    hook.answer = 503
    assert "cannot be told: it answers 503" in smdr(budgeted, "budget", "warn", status=1)
    hook.answer = 200
    smdr(budgeted, "budget", "warn")
    assert [body["event"] for _, body in hook.told] == ["share", "over"]


def test_what_the_office_noted_is_backed_up_and_verified(budgeted: Office, tmp_path: Path) -> None:
    smdr(budgeted, "budget", "top-up", "--reason", "fair", "phone", "117", "5")
    copy = back_up(budgeted.config, tmp_path / "backups").folder
    assert (copy / "config" / "budgets.csv").is_file()
    with closing(sqlite3.connect(copy / "office.db")) as db:
        assert db.execute("SELECT name, amount FROM adjustments").fetchall() == [("117", "5")]
    said = run_smdr("verify", "-c", budgeted.config.path)
    assert "  ok     office.db is whole\n  ok     the ledger of the budgets proves\n" in said.stdout
