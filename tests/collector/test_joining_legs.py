from __future__ import annotations

from collector.calls import Call
from collector.joining import Joiner, extend
from parsers.formats import Joining
from parsers.records import Leg


def leg(offset: int, **fields: object) -> Leg:
    known = {"format": "f", "start": 100, "resolution_s": 1, "direction": "incoming", "outcome": "unanswered"}
    return Leg(offset=offset, **(known | fields))  # type: ignore[arg-type]


def call_of(*legs: Leg) -> Call:
    joiner = Joiner("pbx", Joining(key=lambda _leg: "trunk", continues=lambda _last, _leg: True))
    call = joiner.add(legs[0], 50.0, None).call
    for later in legs[1:]:
        earlier = joiner.earlier(later, 51.0)
        assert earlier is not None
        assert earlier.call is call
        joiner.add(later, 51.0, earlier)
    return call


def test_a_calls_fields_begin_with_those_of_its_first_leg() -> None:
    names = Leg.__struct_fields__[: Leg.__struct_fields__.index("currency") + 1]
    assert Call.__struct_fields__[2 : 2 + len(names)] == names


def test_ring_to_answer_is_the_time_until_the_first_answer() -> None:
    call = call_of(
        leg(0, ring_s=8, extension="601"),
        leg(9, ring_s=4, talk_s=30, outcome="answered", extension="101"),
        leg(18, ring_s=5, talk_s=60, outcome="answered", extension="115", transferred=True),
    )
    assert (call.ring_s, call.talk_s, call.extension, call.answered_by) == (12, 90, "101", "101")
    assert (call.outcome, call.transferred, call.legs) == ("answered", True, [0, 9, 18])


def test_a_group_that_nobody_answers_is_one_missed_call() -> None:
    call = call_of(leg(0, ring_s=8, extension="601"), leg(9, ring_s=7, extension="602"))
    assert (call.outcome, call.ring_s, call.talk_s, call.answered_by) == ("unanswered", 15, None, None)


def test_talk_of_unknown_outcome_is_not_made_unanswered_by_a_transfer_nobody_took() -> None:
    call = call_of(
        leg(0, direction="outgoing", outcome="unknown", talk_s=29),
        leg(9, direction="outgoing", outcome="unanswered", talk_s=0, transferred=True),
    )
    assert (call.outcome, call.talk_s, call.transferred) == ("unknown", 29, True)


def test_a_call_that_was_talked_on_in_the_end_is_not_an_unanswered_one() -> None:
    call = call_of(
        leg(0, direction="outgoing", ring_s=12, talk_s=0),
        leg(9, direction="outgoing", outcome="unknown", talk_s=29),
    )
    assert (call.outcome, call.ring_s, call.talk_s) == ("unknown", 12, 29)


def test_what_no_leg_says_stays_unknown() -> None:
    call = call_of(leg(0, talk_s=3, outcome="answered"), leg(9, talk_s=4, outcome="answered"))
    assert (call.ring_s, call.hold_s, call.meter_pulses, call.pbx_cost) == (None, None, None, None)


def test_costs_and_pulses_are_added_up_without_rounding() -> None:
    call = call_of(leg(0, pbx_cost="0.10", meter_pulses=2), leg(9, pbx_cost="0.20", meter_pulses=3))
    assert (call.pbx_cost, call.meter_pulses) == ("0.30", 5)
    extend(call, leg(18, pbx_cost="n/a"), 60.0)
    assert call.pbx_cost == "n/a"


def test_a_leg_without_a_time_ends_at_its_receive_time_and_is_flagged() -> None:
    call = call_of(leg(0, start=None, ring_s=4, talk_s=30))
    assert (call.start, call.flags) == (16, ["time-doubt"])


def test_a_call_waits_no_longer_than_its_formats_timeout() -> None:
    joiner = Joiner("pbx", Joining(key=lambda _leg: "t", continues=lambda _last, _leg: True, timeout_s=60))
    joiner.add(leg(0), 0.0, None)
    assert joiner.earlier(leg(9), 60.0) is not None
    assert joiner.earlier(leg(9), 61.0) is None
