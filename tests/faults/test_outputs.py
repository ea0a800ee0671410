"""The failure table of docs/influxdb.md with a real InfluxDB behind proxies that fail, all at once in one real daemon.

Each output has a fault, a proxy and a database of its own; whatever happens, in the end every call is there once.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import proxy
import pytest
from proxy import FaultyProxy
from servers import Influxd, free_port

sys.path.append(str(Path(__file__).parents[1] / "e2e"))
from collecting import Collector, listening, send, until, write_config

from collector.store.database import open_reader

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.timeout(300)

CALLS = 2500
LINE = b"%02d/08/26 %02d:%02d     %3d %02d 0555%06d                     00:%02d'%02d               \r\n"
FAULTS: tuple[proxy.Fault, ...] = (
    proxy.delay,
    proxy.cut_in_the_request,
    proxy.cut_in_the_answer,
    proxy.stored_but_not_confirmed,
    proxy.half_closed,
    proxy.unavailable,
    proxy.too_many,
    proxy.too_large,
    proxy.too_large_unread,
    proxy.garbage,
    proxy.garbled_words,
    proxy.another_page,
    proxy.slow_words,
)
ALWAYS = (proxy.too_large, proxy.too_large_unread)
CLIENTS = {"write": "1.6.7", "library": "1.8.10"}
"""Who writes: we ourselves, or the client library as on 1.8, 2.x and 3.x."""

CASES = {f"{fault.__name__}-{client}": (fault, version) for fault in FAULTS for client, version in CLIENTS.items()}


def lines() -> bytes:
    return b"".join(
        LINE % (n // 1000 + 1, n // 100 % 10 + 8, n % 60, 100 + n % 5, 1, n, n % 7, n % 60) for n in range(CALLS)
    )


class Storm:
    """What was seen while one daemon sent the same calls through every proxy."""

    def __init__(self, folder: Path, influxd: Influxd) -> None:
        self._folder = folder
        self._influxd = influxd
        self._port = free_port()
        self.databases: dict[str, str] = {}
        self.proxies = {
            name: FaultyProxy(influxd.url, fault, times=10**6 if fault in ALWAYS else 3, version=version)
            for name, (fault, version) in CASES.items()
        }
        for name in ("healthy", "refused", "stalled"):
            self.proxies[name] = FaultyProxy(influxd.url)
        self.tables = [self._output(name, self.proxies[name].url) for name in self.proxies]
        self.during: list[dict[str, Any]] = []
        self.source: dict[str, Any] = {}
        self.after: dict[str, dict[str, Any]] = {}
        self.log = ""

    def _output(self, name: str, url: str) -> str:
        database = self.databases[name] = self._influxd.create_database()
        return f'[[output]]\nname = "{name}"\nurl = "{url}"\ndatabase = "{database}"\n'

    def run(self) -> None:
        self.proxies["refused"].close()
        self.proxies["stalled"].flowing.clear()
        with Collector(self._config()) as collector:
            send(self._port, [lines()])
            self.source = collector.settled(len(lines()))
            until(lambda: self.points("healthy") == CALLS, collector.status)
            until(lambda: self._outputs(collector)["healthy"]["lag_calls"] == 0, collector.status)
            until(lambda: self._outputs(collector)["refused"]["state"] == "retrying", collector.status)
            self.during = collector.status()["outputs"]
            self.proxies["refused"].reopen()
            until(lambda: self._all_sent(collector, but="stalled"), collector.status)
            self.proxies["stalled"].flowing.set()
            until(lambda: self._all_sent(collector), collector.status)
            until(lambda: all(self.of_the_year(name) == CALLS for name in self.proxies))
            assert collector.stop() == 0
            self.tables.append(self._output("new", self._influxd.url))
            self._config()
            collector.start()
            until(lambda: self._all_sent(collector), collector.status)
            self.after = self._outputs(collector)
        self.log = collector.log.read_text()

    def _config(self) -> Path:
        return write_config(self._folder, listening(self._port), *self.tables)

    def _outputs(self, collector: Collector) -> dict[str, dict[str, Any]]:
        return {row["name"]: row for row in collector.status()["outputs"]}

    def _all_sent(self, collector: Collector, but: str = "") -> bool:
        return all(
            (row["state"], row["lag_calls"]) == ("ok", 0)
            for name, row in self._outputs(collector).items()
            if name != but
        )

    def points(self, name: str) -> int:
        rows = self._influxd.rows('SELECT count("calls") AS n FROM "call"', self.databases[name])
        return sum(row["n"] for row in rows)

    def of_the_year(self, name: str) -> int:
        query = """SELECT sum("calls") AS n FROM "traffic" WHERE "period" = 'year'"""
        return sum(row["n"] for row in self._influxd.rows(query, self.databases[name]))

    def quarantined(self) -> list[tuple[str, str]]:
        db = open_reader(self._folder / "data" / "calls.db")
        try:
            return db.execute("SELECT output, reason FROM quarantine").fetchall()
        finally:
            db.close()

    def close(self) -> None:
        for one in self.proxies.values():
            one.__exit__()


@pytest.fixture(scope="module")
def storm(tmp_path_factory: pytest.TempPathFactory, influxd: Influxd) -> Iterator[Storm]:
    storm = Storm(tmp_path_factory.mktemp("storm"), influxd)
    try:
        storm.run()
        yield storm
    finally:
        storm.close()


@pytest.mark.parametrize("case", CASES)
def test_after_a_fault_every_call_is_there_once(storm: Storm, case: str) -> None:
    fault, _ = CASES[case]
    assert storm.proxies[case].left < 10**6 if fault in ALWAYS else storm.proxies[case].left == 0
    assert storm.points(case) == CALLS
    assert storm.of_the_year(case) == CALLS


def test_nothing_good_is_quarantined(storm: Storm) -> None:
    assert storm.quarantined() == []


def test_no_answer_is_a_fault_of_the_collector(storm: Storm) -> None:
    assert "Traceback" not in storm.log


def test_collecting_goes_on_whatever_the_outputs_meet(storm: Storm) -> None:
    assert (storm.source["legs"], storm.source["calls"], storm.source["rejected"]) == (CALLS, CALLS, 0)
    assert storm.source["bytes"]["records"] == len(lines())


def test_one_output_gets_everything_while_another_gets_no_answer(storm: Storm) -> None:
    rows = {row["name"]: row for row in storm.during}
    assert (rows["healthy"]["state"], rows["healthy"]["lag_calls"]) == ("ok", 0)
    assert rows["stalled"]["lag_calls"] == CALLS
    assert rows["refused"]["lag_calls"] == CALLS
    assert "cannot be reached" in rows["refused"]["last_error"]


@pytest.mark.parametrize("name", ["healthy", "refused", "stalled"])
def test_what_waited_arrives_once_it_can(storm: Storm, name: str) -> None:
    assert storm.points(name) == CALLS


def test_a_new_output_is_filled_from_history(storm: Storm) -> None:
    assert storm.after["new"] == {"name": "new", "state": "ok", "lag_calls": 0, "last_error": None}
    assert storm.points("new") == CALLS
