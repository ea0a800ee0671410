"""The one state machine that keeps a link open: its pauses, its reports."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st
from recording import Recorder, StillClock, source

from collector.inputs.base import STEADY, Backoff, LinkError, Reconnecting, describe

if TYPE_CHECKING:
    import random

    import pytest


class Scripted(Reconnecting):
    """An input whose sessions follow a script: an error to fail with, or the seconds the link stays open."""

    ceiling = 30.0

    def play(self, script: list[OSError | float]) -> None:
        self._script = itertools.chain(script, itertools.repeat(LinkError("The script is over.")))

    async def session(self) -> str:
        step = next(self._script)
        if isinstance(step, OSError):
            raise step
        self.opened("open", "It is open.")
        self.clock.time += step  # type: ignore[attr-defined]
        return "It went away."


async def pauses(script: list[OSError | float], count: int) -> tuple[list[float], Recorder]:
    sink, clock = Recorder(), StillClock(count)
    link = Scripted(source("tcp://192.0.2.1:2300"), sink, clock)
    link.play(script)
    task = asyncio.create_task(link.run())
    await clock.stopped.wait()
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    return clock.slept, sink


async def test_pauses_double_up_to_the_ceiling_for_ever() -> None:
    slept, _ = await pauses([], 2000)
    assert slept[:8] == [0.5, 1, 2, 4, 8, 16, 30, 30]
    assert set(slept[8:]) == {30}


async def test_a_link_that_was_steady_is_tried_again_quickly() -> None:
    refused = LinkError("Refused.")
    slept, _ = await pauses([refused, refused, refused, STEADY, refused], 6)
    assert slept == [0.5, 1, 2, 0.5, 1, 2]


async def test_a_link_that_closes_at_once_is_not_hammered() -> None:
    slept, _ = await pauses([0.0] * 10, 8)
    assert slept == [0.5, 1, 2, 4, 8, 16, 30, 30]


@given(st.floats(0.5, 60), st.integers(1, 40), st.randoms(use_true_random=False))
def test_chance_shortens_a_pause_by_up_to_half(ceiling: float, attempts: int, chance: random.Random) -> None:
    backoff = Backoff(StillClock(0, chance.random), ceiling)
    longest = 0.5
    for _ in range(attempts):
        assert longest / 2 <= backoff.next() <= longest <= ceiling
        longest = min(ceiling, longest * 2)


async def test_the_sink_hears_every_state_and_the_log_only_news(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "collector.inputs")
    refused = LinkError("It refuses.")
    _, sink = await pauses([refused, refused, refused, 10.0], 5)
    assert sink.links == [
        ("connecting", "Opening tcp://192.0.2.1:2300."),
        *[("failed", "It refuses.")] * 3,
        ("open", "It is open."),
        ("closed", "It went away."),
        ("failed", "The script is over."),
    ]
    assert [record.getMessage() for record in caplog.records].count("pbx1: It refuses.") == 1
    assert {record.levelname for record in caplog.records if "refuses" in record.getMessage()} == {"WARNING"}


async def test_an_error_nobody_foresaw_is_told_and_survived() -> None:
    _, sink = await pauses([OSError(28, "No space left on device"), 10.0], 2)
    assert ("failed", "tcp://192.0.2.1:2300 failed: No space left on device.") in sink.links
    assert "open" in sink.states


def test_a_line_is_described_as_technicians_write_it() -> None:
    assert describe(source("stdin:").serial) == "9600 8N1"
    line = source("stdin:", baud=1200, data_bits=7, parity="E", stop_bits=2, flow="xonxoff").serial
    assert describe(line) == "1200 7E2 xonxoff"
