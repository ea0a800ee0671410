"""Points of the lines: whatever order calls come in, and however sending is interrupted, the server ends up the same."""

from __future__ import annotations

import asyncio
import random
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from feeds import MemoryFeed, call

from collector.buckets import bucket_of
from collector.outputs.base import RollupRow
from collector.outputs.trunk_hours import TrunkHours
from collector.rollups import SUMS, Rollup

if TYPE_CHECKING:
    from collector.calls import Call

ZONE = ZoneInfo("Asia/Shanghai")
MONTH = bucket_of("month", 1_790_000_000, ZONE)
BATCH = 7

Server = dict[str, dict[str, str]]
"""Fields of each point, by measurement, tags and time: written again they overwrite, the others stay."""


class Store(MemoryFeed):
    """Counts calls as the projector does."""

    def __init__(self) -> None:
        super().__init__()
        self._rollup = Rollup(ZONE, 15)

    def put(self, new: Call) -> None:
        """Store a call, new or in the place of what it was."""
        changes = Rollup(ZONE, 15)
        if known := self.calls.get((new.source, new.offset)):
            changes.add(known[1], -1)
            self._rollup.add(known[1], -1)
        changes.add(new)
        self._rollup.add(new)
        self.add_call(new)
        for key, sums in changes.sums.items():
            if any(sums):
                names = ("source", "direction", "class_", "department", "extension", "trunk", "hour")
                stored = dict(zip(SUMS, self._rollup.sums[key], strict=True))
                self.add_row(RollupRow(seq=0, **dict(zip(names, key, strict=True)), **stored))


class Sending:
    """An output in miniature: sends rows in batches, confirms them, and may be cut off before it has confirmed."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.server: Server = {}
        self._sent = 0
        self.start()

    def start(self) -> None:
        self._hours = TrunkHours(lambda _: "hq", ZONE, self.store)

    def send(self, *, cut_off: bool = False) -> bool:
        """Send a batch; tells whether there was one."""
        rows = asyncio.run(self.store.rollups_after(self._sent, BATCH))
        for point in asyncio.run(self._hours.points(rows, self._sent)) if rows else ():
            place, fields, time = point.split(" ")
            new = dict(field.split("=") for field in fields.split(","))
            self.server[f"{place} {time}"] = self.server.get(f"{place} {time}", {}) | new
        if cut_off:
            self.start()
        elif rows:
            self._sent = rows[-1].seq
        return bool(rows)

    def send_all(self) -> Server:
        while self.send():
            pass
        return self.server


def some_call(chance: random.Random, number: int) -> Call:
    source = chance.choice(("pbx1", "pbx2"))
    trunk = chance.choice((None, "01", "02", "03", "04"))
    start = chance.randrange(MONTH[1] - 3 * 3600, MONTH[1] + 3 * 3600)
    return call(number, source=source, trunk=trunk, start=start, talk_s=chance.choice((0, 30, 900, 5000)))


@pytest.mark.parametrize("seed", range(20))
def test_the_server_ends_up_as_if_everything_had_been_sent_at_once(seed: int) -> None:
    chance = random.Random(seed)
    sending = Sending(Store())
    for number in range(60):
        known = chance.random() < 0.3
        sending.store.put(some_call(chance, chance.randrange(number + 1) if known else number))
        while chance.random() < 0.5:
            sending.send(cut_off=chance.random() < 0.3)
        if chance.random() < 0.1:
            sending.start()
    assert sending.send_all() == Sending(sending.store).send_all()


def test_a_line_that_is_new_in_a_month_is_told_to_the_hours_before_it() -> None:
    sending = Sending(Store())
    hour = MONTH[0] + 9 * 3600
    sending.store.put(call(1, start=hour, ring_s=0, talk_s=600, trunk="01"))
    first = sending.send_all().copy()
    sending.store.put(call(2, start=hour + 86_400, ring_s=0, talk_s=60, trunk="02"))
    sending.store.put(call(3, start=MONTH[1], ring_s=0, talk_s=60, trunk="03"))
    place = f"trunk_hour,site=hq,source=pbx1 {hour}000000000"
    assert first[place] == {
        "calls": "1i",
        "held_s": "600i",
        "erlangs": repr(1 / 6),
        "lines": "1i",
        "needed": "3i",
        "peak": "1i",
        "busy_s": "600i",
    }
    assert sending.send_all()[place] == first[place] | {"lines": "2i", "busy_s": "0i"}


def test_a_line_that_no_call_holds_any_more_is_none() -> None:
    sending = Sending(Store())
    hour = MONTH[0] + 9 * 3600
    for number in (1, 2):
        sending.store.put(call(number, start=hour + number * 3600, ring_s=0, talk_s=60, trunk=f"0{number}"))
    assert {fields["lines"] for fields in sending.send_all().values()} == {"2i"}
    sending.store.put(call(2, start=hour + 7200, ring_s=0, talk_s=60, trunk="01"))
    assert {fields["lines"] for fields in sending.send_all().values()} == {"1i"}
    assert [fields["busy_s"] for fields in sending.server.values()] == ["60i", "60i"]


def test_what_calls_told_stays_when_they_are_removed_because_of_their_age() -> None:
    sending = Sending(Store())
    for number in range(3):
        sending.store.put(call(number, start=MONTH[0] + number, ring_s=0, talk_s=60, trunk=f"0{number}"))
    before = dict(sending.send_all())
    assert [fields["peak"] for fields in before.values()] == ["3i"]
    sending.store.calls.clear()
    afresh = Sending(sending.store).send_all()
    for fields, other in zip(before.values(), afresh.values(), strict=True):
        assert other == {name: value for name, value in fields.items() if name not in ("peak", "busy_s")}


def test_no_hour_is_sent_without_need() -> None:
    sending = Sending(Store())
    hours = range(MONTH[0], MONTH[0] + 20 * 3600, 3600)
    for number, hour in enumerate(hours):
        sending.store.put(call(number, start=hour, ring_s=0, talk_s=60))
    sending.send_all()
    rows = asyncio.run(sending.store.rollups_after(0, 1000))
    settled = TrunkHours(lambda _: "hq", ZONE, sending.store)
    changed = [rows[3], rows[5]]
    points = asyncio.run(settled.points(changed, rows[-1].seq))
    assert [int(point.rpartition(" ")[2]) // 10**9 for point in points] == [row.hour for row in changed]
    assert all(second > first for first, second in pairwise(points))
