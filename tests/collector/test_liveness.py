"""Whether the collector works is asked of its threads, told to systemd, and shown with the metrics."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from certificates import issue
from offices import Office, kx_td_line
from prometheus_client.parser import text_string_to_metric_families
from servers import free_port, http

from collector import status
from collector.assembly import accounting_of
from collector.config import Metrics, load
from collector.journal import Journal
from collector.journal_thread import JournalThread
from collector.liveness import Liveness
from collector.metrics import MOST_REQUESTS, MetricsServer
from collector.projector import Projector

if TYPE_CHECKING:
    from collections.abc import Iterator


class Threads:
    """The two threads of a collector."""

    def __init__(self, office: Office) -> None:
        self.projector = Projector(office.config, accounting_of(office.config))
        self.journal = JournalThread(Journal(office.config.site.data / "journal"), self.projector.wake)
        self.liveness = Liveness(self.journal, self.projector)


@pytest.fixture
def threads(office: Office) -> Iterator[Threads]:
    both = Threads(office)
    both.projector.start()
    both.journal.start()
    yield both
    both.journal.stop()
    both.projector.stop()


async def test_threads_that_go_on_have_no_fault_idle_or_busy(threads: Threads) -> None:
    assert await threads.liveness.fault() is None
    threads.journal.put("pbx1", 0, kx_td_line(1), opened=True, ended=False)
    assert await threads.liveness.fault() is None
    assert await threads.liveness.fault() is None


async def test_a_projector_that_hangs_is_a_fault(threads: Threads, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("collector.liveness._ANSWER_S", 0.05)
    go_on = threading.Event()
    threads.projector.submit(lambda _db: go_on.wait(10))
    assert "projector" in (await threads.liveness.fault() or "")
    go_on.set()
    await asyncio.wrap_future(threads.projector.asked())
    assert await threads.liveness.fault() is None


async def test_a_journal_that_hangs_with_bytes_waiting_is_a_fault(
    threads: Threads, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()
    append = threads.journal.journal.append
    monkeypatch.setattr(threads.journal.journal, "append", lambda *args: (go_on.wait(10), append(*args)))
    threads.journal.put("pbx1", 0, kx_td_line(1), opened=True, ended=False)
    while not threads.journal.rounds:  # noqa: ASYNC110  (it tells nobody)
        await asyncio.sleep(0.01)
    monkeypatch.setattr("collector.liveness._COMMIT_S", 0.05)
    assert await threads.liveness.fault() is None
    await asyncio.sleep(0.1)
    assert "journal" in (await threads.liveness.fault() or "")
    go_on.set()
    while threads.journal.is_busy:  # noqa: ASYNC110  (it tells nobody)
        await asyncio.sleep(0.01)
    assert await threads.liveness.fault() is None


async def test_metrics_and_health_say_what_status_says(office: Office, threads: Threads) -> None:
    for number in range(3):
        threads.journal.put("pbx1", 0, kx_td_line(number), opened=number == 0, ended=False)
    threads.journal.put("pbx1", 0, kx_td_line(4)[:30] + b"\r\n", opened=False, ended=False)
    while status.read(office.config)["sources"][0]["rejected"] == 0:  # noqa: ASYNC110  (the projector tells nobody)
        await asyncio.sleep(0.02)
    server = MetricsServer(lambda: office.config, threads.liveness, Metrics(listen=f"127.0.0.1:{free_port()}"))
    try:
        _, text = await asyncio.to_thread(http, "GET", f"http://127.0.0.1:{server.port}/metrics")
        health = await asyncio.to_thread(http, "GET", f"http://127.0.0.1:{server.port}/healthz")
        nothing, _ = await asyncio.to_thread(http, "GET", f"http://127.0.0.1:{server.port}/else")
    finally:
        server.close()
    found = {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert found["smdr_calls_total", "pbx1"] == 3
    assert found["smdr_rejected_lines_total", "pbx1"] == 1
    kinds = ("records", "rejected", "noise", "pending")
    assert found["smdr_received_bytes_total", "pbx1"] == sum(found["smdr_bytes", *sorted((k, "pbx1"))] for k in kinds)
    assert health == (200, "ok\n")
    assert nothing == 404


async def test_metrics_are_served_over_tls_with_a_certificate_that_may_be_renewed(
    tmp_path: Path, office: Office, threads: Threads
) -> None:
    issued = issue(tmp_path)
    settings = Metrics(listen=f"127.0.0.1:{free_port()}", certificate_file=issued.certificate, key_file=issued.key)
    server = MetricsServer(lambda: office.config, threads.liveness, settings)
    address = f"https://127.0.0.1:{server.port}/healthz"
    try:
        with socket.create_connection(("127.0.0.1", server.port)) as plain:
            plain.send(b"GET /healthz HTTP/1.0\r\n\r\n")
            with contextlib.suppress(ConnectionResetError):
                assert b"ok" not in plain.recv(100)
        assert await asyncio.to_thread(http, "GET", address, trusting=issued.trusting) == (200, "ok\n")
        renewed = issue(tmp_path)
        assert await asyncio.to_thread(http, "GET", address, trusting=renewed.trusting) == (200, "ok\n")
    finally:
        server.close()


@pytest.mark.parametrize("over_tls", [False, True])
async def test_requests_that_are_never_finished_are_bounded_keep_nobody_out_and_fill_no_log(
    tmp_path: Path,
    office: Office,
    threads: Threads,
    over_tls: bool,  # noqa: FBT001  (a parameter)
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    issued = issue(tmp_path) if over_tls else None
    files = {"certificate_file": issued.certificate, "key_file": issued.key} if issued else {}
    server = MetricsServer(lambda: office.config, threads.liveness, Metrics(listen=f"127.0.0.1:{free_port()}", **files))
    address = f"{'https' if issued else 'http'}://127.0.0.1:{server.port}/healthz"
    before = threading.active_count()
    caplog.set_level("INFO")

    async def ask() -> tuple[int, str]:
        return await asyncio.to_thread(http, "GET", address, **({"trusting": issued.trusting} if issued else {}))

    try:
        with contextlib.ExitStack() as crowd:
            for _ in range(4 * MOST_REQUESTS):
                one = crowd.enter_context(socket.create_connection(("127.0.0.1", server.port)))
                one.send(b"\x16\x03" if over_tls else b"GET /metrics HTTP/1.1\r\nX: ")
            assert await ask() == (200, "ok\n")
            # one of them is the thread that asked
            while threading.active_count() > before + 1 + MOST_REQUESTS:  # noqa: ASYNC110  (threads tell nobody)
                await asyncio.sleep(0.01)
        assert await ask() == (200, "ok\n")
    finally:
        server.close()
    assert capfd.readouterr().err == ""
    assert len([one for one in caplog.messages if "not understood" in one]) == over_tls


def test_systemd_is_told_when_the_collector_is_ready_works_and_stops(tmp_path: Path) -> None:
    (tmp_path / "smdr.toml").write_text(
        '[site]\nname = "hq"\ntimezone = "Asia/Shanghai"\ndata = "data"\n'
        '[[source]]\nname = "pbx1"\ninput = "file:x.log"\nformat = "panasonic/kx-td"\n'
    )
    load(tmp_path / "smdr.toml")
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listener.bind(str(tmp_path / "notify"))
    listener.settimeout(20)
    told = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "600000"}
    collector = subprocess.Popen(
        [Path(sys.executable).with_name("smdr"), "run", "-c", "smdr.toml"], cwd=tmp_path, env=os.environ | told
    )
    try:
        assert [listener.recv(64) for _ in range(3)] == [b"READY=1", b"WATCHDOG=1", b"WATCHDOG=1"]
        collector.terminate()
        while (said := listener.recv(64)) == b"WATCHDOG=1":
            pass
        assert said == b"STOPPING=1"
        assert collector.wait(20) == 0
    finally:
        collector.kill()
        collector.wait()
        listener.close()
