"""The traffic is repeatable, has the shape of an office's day and week, and obeys finite lines."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from itertools import islice, pairwise
from statistics import mean
from typing import TYPE_CHECKING

import pytest

from collector.simulator.office import Profile
from collector.simulator.traffic import Traffic

if TYPE_CHECKING:
    from collections.abc import Iterable

    from parsers.formats import Planned

MONDAY = datetime(2026, 3, 2)  # noqa: DTZ001  (a PBX's clock knows no zone)
BUSY_OFFICE = Profile.office(calls_per_day=2000)


@pytest.fixture(scope="module")
def legs() -> list[Planned]:
    """Four weeks of a busy office: some 50,000 legs, so that chance does not show in the shares below."""
    return list(Traffic(BUSY_OFFICE, seed=7).between(MONDAY, MONDAY + timedelta(weeks=4)))


def test_same_seed_gives_the_same_legs_and_another_seed_gives_others() -> None:
    def first_legs(seed: int) -> list[Planned]:
        return list(islice(Traffic(BUSY_OFFICE, seed).legs(MONDAY), 2000))

    assert first_legs(1) == first_legs(1)
    assert first_legs(1) != first_legs(2)


def test_one_traffic_can_be_run_twice() -> None:
    traffic = Traffic(BUSY_OFFICE, 1)
    assert list(islice(traffic.legs(MONDAY), 100)) == list(islice(traffic.legs(MONDAY), 100))


def test_legs_come_in_the_order_they_end(legs: list[Planned]) -> None:
    assert all(earlier.end <= later.end for earlier, later in pairwise(legs))
    assert all(MONDAY <= leg.start <= leg.end < MONDAY + timedelta(weeks=4) for leg in legs)


def test_a_leg_lasts_as_long_as_it_rings_and_is_talked_on(legs: list[Planned]) -> None:
    assert all(leg.end - leg.start == timedelta(seconds=leg.ring_s + leg.talk_s) for leg in legs)
    assert all((leg.talk_s > 0) == (leg.outcome == "answered") for leg in legs)


def test_a_trunk_carries_one_call_at_a_time(legs: list[Planned]) -> None:
    calls = _calls(legs)
    for trunk in BUSY_OFFICE.trunks:
        carried = sorted((call[0].start, call[-1].end) for call in calls if call[0].trunk == trunk)
        assert carried, trunk
        assert all(one[1] <= other[0] for one, other in pairwise(carried))


def test_an_extension_talks_to_one_party_at_a_time(legs: list[Planned]) -> None:
    for extension in BUSY_OFFICE.directory():
        talked = sorted(
            (leg.end - timedelta(seconds=leg.talk_s), leg.end)
            for leg in legs
            if leg.talk_s and extension in (leg.extension, leg.peer_extension)
        )
        assert all(one[1] <= other[0] for one, other in pairwise(talked)), extension


def test_transferred_calls_are_two_legs_on_one_trunk_without_a_gap(legs: list[Planned]) -> None:
    transferred = [call for call in _calls(legs) if len(call) > 1]
    assert len(transferred) > 1000
    for received, onward in transferred:
        assert (received.last, received.transferred) == (False, False)
        assert (onward.last, onward.transferred) == (True, True)
        assert received.end == onward.start
        assert (received.trunk, received.number) == (onward.trunk, onward.number)
        assert received.extension in BUSY_OFFICE.switchboard.extensions


def test_only_outside_calls_have_a_trunk_and_only_inside_calls_a_peer(legs: list[Planned]) -> None:
    assert all((leg.trunk is None) == (leg.direction == "internal") for leg in legs)
    assert all((leg.peer_extension is None) == (leg.direction != "internal") for leg in legs)
    assert all(leg.number for leg in legs if leg.direction == "outgoing")


def test_the_day_has_two_humps_a_lunch_and_a_night(legs: list[Planned]) -> None:
    hours = Counter(leg.start.hour for leg in legs)
    assert hours[12] < 0.5 * hours[10]
    assert hours[12] < 0.5 * hours[15]
    assert sum(hours[hour] for hour in range(6)) < 0.02 * len(legs)


def test_the_week_has_a_weekend(legs: list[Planned]) -> None:
    days = Counter(leg.start.weekday() for leg in legs)
    assert days[5] < 0.3 * days[2]
    assert days[6] < days[5]


def test_shares_of_outcomes_and_directions_are_those_of_an_office(legs: list[Planned]) -> None:
    calls = _calls(legs)
    directions = Counter(call[0].direction for call in calls)
    assert 0.35 < directions["incoming"] / len(calls) < 0.6
    assert 0.3 < directions["outgoing"] / len(calls) < 0.5
    outgoing = Counter(call[0].outcome for call in calls if call[0].direction == "outgoing")
    assert set(outgoing) == {"answered", "unanswered", "busy", "failed"}
    incoming = [call for call in calls if call[0].direction == "incoming"]
    assert 0.05 < sum(call[0].outcome == "unanswered" for call in incoming) / len(incoming) < 0.25


def test_talk_times_are_erlang_distributed(legs: list[Planned]) -> None:
    operators = BUSY_OFFICE.switchboard.extensions
    talks = [
        leg.talk_s for leg in legs if leg.direction == "incoming" and leg.talk_s and leg.extension not in operators
    ]
    # an Erlang distribution of shape 2 and mean 150: a variance of mean squared / 2
    assert 142 < mean(talks) < 158
    assert 0.45 < mean((talk - 150) ** 2 for talk in talks) / 150**2 < 0.55


def test_missed_callers_are_called_back(legs: list[Planned]) -> None:
    missed = {(leg.number, leg.extension): leg.end for leg in legs if leg.outcome == "unanswered" and leg.number}
    returned = [
        leg
        for leg in legs
        if leg.direction == "outgoing" and leg.number and leg.start > missed.get((leg.number, leg.extension), leg.start)
    ]
    assert len(returned) > 50


def test_numbers_are_of_every_class(legs: list[Planned]) -> None:
    dialled = {leg.number for leg in legs if leg.direction == "outgoing" and leg.number}
    for prefix in ("5550", "13", "0755", "17909", "00852", "001", "95"):
        assert any(number.startswith(prefix) for number in dialled), prefix


def test_a_steady_office_keeps_its_rate_at_any_hour() -> None:
    minutes = 600
    sunday_night = MONDAY - timedelta(days=1)
    calls = _calls(Traffic(Profile.steady(30), 5).between(sunday_night, sunday_night + timedelta(minutes=minutes)))
    assert 0.85 < len(calls) / (30 * minutes) < 1.1


def test_more_traffic_than_the_lines_carry_is_lost_not_stacked() -> None:
    profile = Profile.steady(600)
    at_once: Counter[datetime] = Counter()
    for call in islice(Traffic(profile, 5).calls(MONDAY), 5000):
        at_once[call[0].start] += 1
    assert sum(at_once.values()) == 5000
    assert (max(at_once) - MONDAY).total_seconds() > 5000 / (600 / 60)


def _calls(legs: Iterable[Planned]) -> list[list[Planned]]:
    calls: dict[int, list[Planned]] = {}
    for leg in legs:
        calls.setdefault(leg.serial, []).append(leg)
    return list(calls.values())
