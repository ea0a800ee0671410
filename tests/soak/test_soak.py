from __future__ import annotations

import sys
from pathlib import Path

import pytest
from servers import find_server

sys.path.append(str(Path(__file__).parents[1] / "e2e"))
sys.path.append(str(Path(__file__).parents[1] / "faults"))

from soak import Sample, Soak, by_cycle, slope_per_hour

MINUTE = 60.0


@pytest.mark.timeout(400)
async def test_a_minute_with_every_kind_of_input_while_links_output_and_a_clock_fail(tmp_path: Path) -> None:
    find_server("influxd", "influxdb")
    said: list[str] = []
    soak = Soak(tmp_path, MINUTE, said.append)
    assert await soak.run() == [], said
    assert all(line.records > 0 for line in soak.lines)


def test_the_slope_of_memory_is_found_in_noise() -> None:
    samples = [Sample(second, 80 + second / 3600 * 6 + (-1) ** second) for second in range(3600)]
    assert slope_per_hour(samples) == pytest.approx(6, abs=0.01)
    assert slope_per_hour([Sample(second, 80.0) for second in range(60)]) == 0


def test_memory_that_rises_and_falls_within_a_cycle_of_faults_does_not_grow_wherever_the_run_ends() -> None:
    samples = [Sample(second, 80 + second % 360 / 36) for second in range(1700)]
    cycles = by_cycle(samples, [0, 360, 720, 1080, 1440])
    assert [cycle.at for cycle in cycles] == [180, 540, 900, 1260]
    assert slope_per_hour(cycles) == pytest.approx(0, abs=0.01)
    assert slope_per_hour([sample for sample in samples if sample.at >= 1440]) > 12
