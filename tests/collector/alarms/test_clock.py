"""The clock of a PBX: off, jumped, without summer time; and right again."""

from __future__ import annotations

import pytest

from collector.alarms.clock import DriftWatch


def test_a_clock_within_the_limit_or_not_known_is_no_alarm() -> None:
    watch = DriftWatch(300)
    assert [watch.look(drift) for drift in (None, 2.0, -280.0, 3.5)] == [None] * 4


@pytest.mark.parametrize(
    ("drift", "says"),
    [
        (420.0, "7 min ahead of ours"),
        (-420.0, "7 min behind ours"),
        (3580.0, "missed the change of summer time"),
        (-3650.0, "missed the change of summer time"),
        (30_000.0, "8.3 h ahead"),
    ],
)
def test_a_clock_that_is_off_is_said_by_how_much_and_perhaps_why(drift: float, says: str) -> None:
    assert says in (DriftWatch(300).look(drift) or "")


def test_a_jump_is_named_and_not_a_slow_drift() -> None:
    jumped, slow = DriftWatch(300), DriftWatch(300)
    jumped.look(2.0)
    assert "It jumped by 60 min" in (jumped.look(3602.0) or "")
    said = [slow.look(250.0 + step) for step in range(0, 200, 20)]
    assert said[-1]
    assert "jumped" not in said[-1]


def test_a_clock_that_was_set_right_is_right() -> None:
    watch = DriftWatch(300)
    watch.look(3600.0)
    assert watch.look(1.0) is None
