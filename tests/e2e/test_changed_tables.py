"""A real collector: a table is changed, spoiled and corrected while calls come, and it is killed in between."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from collecting import Collector, listening, send, until, write_config
from offices import kx_td_line
from servers import free_port

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.timeout(120)


def test_a_call_has_the_holder_of_the_table_that_was_in_force_when_it_came(tmp_path: Path) -> None:
    port, table = free_port(), tmp_path / "directory.csv"
    config = write_config(tmp_path, 'directory = "directory.csv"\n', listening(port))

    def write(department: str) -> None:
        table.write_text(f"extension,department,person,from,until\n117,{department},,,\n")

    def alarms() -> list[str]:
        return [alarm["kind"] for alarm in collector.status()["alarms"]]

    def taken() -> int:
        return collector.log.read_text().count("In force from here on")

    def departments() -> list[str]:
        return [call["department"] for call in sorted(collector.calls(), key=lambda call: call["number"])]

    write("sales")
    with Collector(config) as collector:
        until(lambda: taken() == 1)
        send(port, [kx_td_line(1)])
        collector.settled(len(kx_td_line(1)))
        write("service")
        until(lambda: taken() == 2)
        table.write_text("extension,department,person,from,unt")
        until(lambda: "tables" in alarms())
        send(port, [kx_td_line(2)])
        collector.settled(2 * len(kx_td_line(1)))
        assert departments() == ["sales", "service"]
        collector.kill()
        collector.start()
        assert "those in force before are gone on with" in collector.log.read_text()
        send(port, [kx_td_line(3)])
        collector.settled(3 * len(kx_td_line(1)))
        assert departments() == ["sales", "service", "service"]
        until(lambda: "tables" in alarms())
        write("stores")
        until(lambda: taken() == 3 and alarms() == [])
        collector.kill()
        collector.start()
        send(port, [kx_td_line(4)])
        collector.settled(4 * len(kx_td_line(1)))
        assert departments() == ["sales", "service", "service", "stores"]
        assert collector.stop() == 0
