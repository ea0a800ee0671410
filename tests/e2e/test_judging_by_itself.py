"""A real collector judges calls by itself: somebody is told of toll fraud, and a locked office.db holds up no line."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
import threading
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from collecting import Collector, listening, send, until, write_config
from servers import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.timeout(400)

TARIFF = "class,step_s,price\npremium,60,{}\n"


def line(number: str, serial: int) -> bytes:
    now = dt.datetime.now(ZoneInfo("Asia/Shanghai"))
    return f"{now:%d/%m/%y} 12:{serial:02}AM   117 09 {number:31}00:01'05               \r\n".encode()


@contextmanager
def webhook() -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """A server that takes alarms: its port, and what it was told."""
    told: list[dict[str, Any]] = []

    class Taker(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            alarm = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if alarm["kind"] != "clock":  # the calls are said to be of midnight
                told.append(alarm)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Taker) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port, told
        server.shutdown()


def test_fraud_is_told_once_and_a_changed_table_is_judged_by(tmp_path: Path) -> None:
    port = free_port()
    (tmp_path / "tariff.csv").write_text(TARIFF.format(3))
    with webhook() as (alarms, told):
        config = write_config(
            tmp_path,
            '[accounting]\ntariff = "tariff.csv"\n[rules]\nfraud_night_calls = 2\njudge_minutes = 60',
            f'[alarms]\nwebhook = "http://127.0.0.1:{alarms}/"',
            listening(port),
        )
        calls = [line("16812345", serial) for serial in range(2)]
        with Collector(config) as collector:
            send(port, calls)
            until(lambda: bool(told), collector.log.read_text)
            assert (told[0]["kind"], told[0]["subject"]) == ("rule", "fraud-night pbx1:0")
            rules = collector.status()["rules"]
            assert (rules["open"]["premium"], rules["due"], bool(rules["judged"])) == (2, 0, True)
            (tmp_path / "tariff.csv").write_text(TARIFF.format(5))  # taken within seconds, and judged by at once
            until(lambda: collector.status()["rules"]["judged"] != rules["judged"], collector.log.read_text)
            collector.kill()
            collector.start()
            until(lambda: collector.status()["rules"]["due"] == 0)
            assert collector.stop() == 0
        assert [one["event"] for one in told] == ["raised"]


def test_a_locked_office_db_holds_up_no_line_and_is_judged_later(tmp_path: Path) -> None:
    port, tariff = free_port(), tmp_path / "tariff.csv"
    tariff.write_text(TARIFF.format(3))
    config = write_config(
        tmp_path,
        '[accounting]\ntariff = "tariff.csv"\n[rules]\nfraud_night_calls = 2\njudge_minutes = 60',
        listening(port),
    )

    def alarms() -> set[str]:
        return {alarm["kind"] for alarm in collector.status()["alarms"]} - {"clock"}

    with Collector(config) as collector:
        calls = [line("16812345", serial) for serial in range(2)]
        send(port, calls[:1])
        until(lambda: bool(collector.status()["rules"]), collector.log.read_text)
        with closing(sqlite3.connect(tmp_path / "data" / "office.db", isolation_level=None)) as db:
            db.execute("BEGIN IMMEDIATE")
            tariff.write_text(TARIFF.format(4))
            until(lambda: alarms() == {"judging"}, collector.log.read_text)
            send(port, calls[1:])
            assert collector.settled(sum(map(len, calls)))["calls"] == 2
            db.execute("ROLLBACK")
        tariff.write_text(TARIFF.format(5))
        until(lambda: alarms() == {"rule"}, collector.log.read_text)
