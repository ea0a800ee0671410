"""A source is added to the file of a running collector: it is read from then on, and no byte of another one is lost."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from collecting import Collector, listening, send, until, write_config
from offices import kx_td_line
from servers import free_port

from collector.config.adding import Wanted, add_source

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.timeout(120)


def test_a_source_is_read_without_a_restart_while_calls_of_another_come(tmp_path: Path) -> None:
    first, second = free_port(), free_port()
    config = write_config(tmp_path, "", listening(first))
    added = threading.Event()
    lines = [kx_td_line(number) for number in range(400)]

    def print_calls() -> None:
        for place in range(0, len(lines), 20):
            send(first, lines[place : place + 20])
            if place == 100:
                added.wait(60)

    def states() -> dict[str, str]:
        return {source["name"]: source["state"] for source in collector.status()["sources"]}

    with Collector(config) as collector:
        printing = threading.Thread(target=print_calls)
        printing.start()
        add_source(config, Wanted("added", f"tcp-listen://127.0.0.1:{second}", "panasonic/kx-td"))
        until(lambda: states().get("added") == "waiting", collector.log.read_text)
        added.set()
        send(second, lines[:3])
        printing.join()
        until(lambda: len(collector.calls()) == len(lines) + 3)
        by_name = {source["name"]: source["bytes"] for source in collector.status()["sources"]}
        assert by_name["added"]["received"] == sum(map(len, lines[:3]))
        assert sum(source["received"] for source in by_name.values()) == sum(map(len, lines + lines[:3]))
        collector.kill()
        collector.start()
        send(second, lines[3:5])
        until(lambda: len(collector.calls()) == len(lines) + 5)
        assert collector.stop() == 0
