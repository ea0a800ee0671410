"""Missed calls and what returns them: in whatever order and batches calls are sent, the server ends up knowing which were."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

import pytest
from feeds import WHEN, MemoryFeed, call

from collector.accounting.comparing import comparable
from collector.accounting.plan import Plan
from collector.config import Site
from collector.outputs.points import call_point, returned_point
from collector.outputs.returned import Returned

if TYPE_CHECKING:
    from collector.calls import Call
    from collector.outputs.base import MissOrReturn

SITE = Site(name="hq", timezone="Asia/Shanghai", area_code="010")
WINDOW_S = 600
PLAN = Plan.load("cn", ("9",))


def some_call(chance: random.Random, number: int) -> Call:
    """A missed call, or one that may return it, of the same few parties; dialled as people dial."""
    party = f"8765432{chance.randrange(3)}"
    start = WHEN + chance.randrange(15 * WINDOW_S)
    kind = chance.choice(("missed", "answered", "made"))
    if kind != "made":
        outcome = "unanswered" if kind == "missed" else "answered"
        return call(number, start=start, number=chance.choice((party, f"010{party}")), outcome=outcome)
    dialled = chance.choice((f"9{party}", f"917909010{party}"))
    carrier = "17909" if "17909" in dialled else None
    return call(number, start=start, direction="outgoing", outcome="unknown", number=dialled, carrier=carrier)


def compared(call: MissOrReturn) -> str:
    return comparable(call.number if call.incoming else PLAN.rest(call.number, call.carrier), SITE.area_code)


def truth(calls: list[Call]) -> dict[int, bool]:
    missed = [one for one in calls if one.direction == "incoming" and one.outcome == "unanswered"]
    others = [one for one in calls if one not in missed]
    return {
        one.offset: any(
            (one.number or "")[-8:] == (other.number or "")[-8:] and 0 <= other.start - one.start <= WINDOW_S
            for other in others
        )
        for one in missed
    }


def send(feed: MemoryFeed, calls: list[Call], server: dict[int, str]) -> None:
    """Look at a batch and write what an output writes."""
    found = asyncio.run(Returned(feed, compared, WINDOW_S).look(calls))
    for one in calls:
        server[one.offset] = call_point(one, SITE, returned=found.sent.get((one.source, one.offset)))
    for earlier in asyncio.run(feed.calls_of(found.earlier)):
        if earlier.offset in server:  # it may be in a batch to come
            assert returned_point(earlier, SITE).split(" ")[::2] == server[earlier.offset].split(" ")[::2]
            server[earlier.offset] = server[earlier.offset].replace("returned=0i", "returned=1i")


@pytest.mark.parametrize("seed", range(25))
def test_the_server_knows_which_missed_calls_were_returned(seed: int) -> None:
    chance = random.Random(seed)
    feed, server = MemoryFeed(), dict[int, str]()
    waiting: list[Call] = []
    calls = [some_call(chance, number) for number in range(40)]
    for one in calls:
        feed.add_call(one)
        waiting.append(one)
        if chance.random() < 0.4:
            send(feed, waiting, server)
            if chance.random() < 0.7:  # else the answer was lost, and it is sent again
                waiting = []
    send(feed, waiting, server)
    told = {offset: "returned=1i" in point for offset, point in server.items() if "returned=" in point}
    assert told == truth(calls)
    assert set(told.values()) == {False, True}


def test_calls_that_are_far_apart_are_not_read_as_one_span() -> None:
    spans = []

    class Asked(MemoryFeed):
        async def outside(self, first: int, last: int) -> list[MissOrReturn]:
            spans.append((first - WHEN, last - WHEN))
            return await super().outside(first, last)

    day = 86_400
    calls = [call(1, start=WHEN), call(2, start=WHEN + 700), call(3, start=WHEN + day), call(4, number=None)]
    asyncio.run(Returned(Asked(), compared, WINDOW_S).look(calls))
    assert spans == [(-600, 1300), (day - 600, day + 600)]
