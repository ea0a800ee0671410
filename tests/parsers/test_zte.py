"""ZTE bill files: what the bytes of a record say."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from fixture_cases import CASES

from parsers import formats
from parsers.records import Leg, Rejected
from parsers.stamps import Stamps
from parsers.zte import RECORD

DECLARED = formats.get("zte/zxj10")
CELLS = {
    "type": "1",
    "caller": "5550102",
    "called": "13900000034",
    "start": "1015059730",
    "category": "2",
    "end": "1015059808",
    "flags": "6",
}


def read(zone: str | None = None, **cells: str) -> Leg:
    stamps = Stamps(ZoneInfo(zone) if zone else None, DECLARED.order, DECLARED.stamp)
    leg = DECLARED.decoder(stamps)(RECORD.build(CELLS | cells), 0, 1_772_445_600.0)
    assert isinstance(leg, Leg)
    return leg


def test_the_spans_of_a_record_follow_one_another_and_are_123_bytes() -> None:
    assert [span.first for span in RECORD.spans] == [0, *(span.last + 1 for span in RECORD.spans[:-1])]
    assert RECORD.size == 123
    assert len({span.name for span in RECORD.spans}) == len(RECORD.spans)


def test_numbers_are_two_digits_a_byte_the_lower_half_first() -> None:
    record = RECORD.build(CELLS | {"called": "0571*#"})
    assert record[24:28].hex() == "5a17cbff"
    assert RECORD.parse(record)["called"] == "0571*#"


@pytest.mark.parametrize(
    ("held", "digits"),
    [("2143ff", "1234"), ("214305", "12345"), ("2143f5", "12345"), ("210000", "12"), ("ffffff", ""), ("000000", "")],
)
def test_zeros_fill_a_number_up_as_well(held: str, digits: str) -> None:
    record = bytearray(RECORD.build(CELLS))
    record[24:44] = bytes.fromhex(held).ljust(20, bytes.fromhex(held[-2:] if held[-2:] in {"00", "ff"} else "ff"))
    assert RECORD.parse(bytes(record))["called"] == digits


@pytest.mark.parametrize("held", ["ff21ff", "210ff1", "2d43ff", "20ff21", "120043"])
def test_a_number_with_digits_behind_its_end_is_none(held: str) -> None:
    record = bytearray(RECORD.build(CELLS))
    record[24:27] = bytes.fromhex(held)
    refused = DECLARED.decoder()(bytes(record), 0, 0.0)
    assert isinstance(refused, Rejected)
    assert refused.hint.startswith(f"byte 24-43 (called) holds {bytes.fromhex(held).hex(' ')} ")


def test_times_are_seconds_of_the_local_clock_since_1994() -> None:
    assert read().start == datetime(2026, 3, 2, 9, 2, 10, tzinfo=UTC).timestamp()
    assert read("Asia/Shanghai").start == datetime(2026, 3, 2, 1, 2, 10, tzinfo=UTC).timestamp()


def test_a_call_over_the_change_of_the_clocks_lasts_as_long_as_it_did() -> None:
    night = int((datetime(2026, 3, 29, tzinfo=UTC) - datetime(1994, 1, 1, tzinfo=UTC)).total_seconds())
    leg = read("Europe/Berlin", start=str(night + 7000), end=str(night + 10900))
    assert leg.talk_s == 300


@pytest.mark.parametrize(
    ("cells", "direction", "extension", "trunk", "number", "did"),
    [
        ({"trunk_in": "4"}, "incoming", "13900000034", "4", "5550102", None),
        ({"trunk_out": "7"}, "outgoing", "5550102", "7", "13900000034", None),
        ({"trunk_in": "65535", "trunk_out": "7"}, "outgoing", "5550102", "7", "13900000034", None),
        ({"trunk_in": "4", "trunk_out": "7"}, "tandem", None, "4", "5550102", "13900000034"),
        ({"category": "1"}, "internal", "5550102", None, None, None),
        ({"category": "15"}, "internal", "5550102", None, None, None),
        ({"called_nature": "2"}, "outgoing", "5550102", None, "13900000034", None),
        ({"called_nature": "3"}, "outgoing", "5550102", None, "13900000034", None),
        ({"caller_nature": "2"}, "incoming", "13900000034", None, "5550102", None),
        ({"caller_nature": "2", "called_nature": "2"}, "unknown", None, None, "13900000034", None),
        ({}, "unknown", None, None, "13900000034", None),
        ({"trunk_in": "4", "caller": ""}, "incoming", "13900000034", "4", None, None),
    ],
)
def test_trunk_groups_tell_the_direction_then_category_and_natures(
    cells: dict[str, str],
    direction: str,
    extension: str | None,
    trunk: str | None,
    number: str | None,
    did: str | None,
) -> None:
    leg = read(**cells)
    assert (leg.direction, leg.extension, leg.trunk, leg.number, leg.did) == (direction, extension, trunk, number, did)
    assert leg.peer_extension == ("13900000034" if direction == "internal" else None)
    assert leg.ring_s is None


@pytest.mark.parametrize(
    ("cells", "outcome", "talk_s", "cost", "extra"),
    [
        ({"fee": "48"}, "answered", 78, "48", {}),
        ({}, "answered", 78, None, {}),
        ({"flags": "2"}, "answered", 78, "0", {}),
        ({"flags": "10", "end": CELLS["start"]}, "unanswered", 0, "0", {"attempt": True}),
        ({"flags": "14"}, "unknown", 78, None, {"attempt": True}),
        ({"flags": "7"}, "unknown", 78, None, {"invalid": True}),
        ({"flags": "4"}, "answered", 78, None, {"doubt": "the clock of the exchange was changed during the call"}),
        ({"end": "1015059729"}, "answered", None, None, {"doubt": "its end does not belong to its start"}),
        ({"end": "0"}, "answered", None, None, {"doubt": "its end does not belong to its start"}),
        ({"end": "4294967295"}, "answered", None, None, {"doubt": "its end does not belong to its start"}),
        ({"release": "2"}, "answered", 78, None, {"release": "abnormal"}),
        ({"release": "9"}, "answered", 78, None, {"release": None}),
        ({"link": "5550199", "billed": "5550188"}, "answered", 78, None, {"link": "5550199", "billed": "5550188"}),
        ({"billed": "5550102"}, "answered", 78, None, {"billed": None}),
    ],
)
def test_flags_tell_what_became_of_the_call(
    cells: dict[str, str], outcome: str, talk_s: int | None, cost: str | None, extra: dict[str, object]
) -> None:
    leg = read(**cells)
    assert (leg.outcome, leg.talk_s, leg.pbx_cost) == (outcome, talk_s, cost)
    told = leg.extra or {}
    assert {key: told.get(key) for key in extra} == extra


def test_the_parts_of_a_long_call_are_one_call() -> None:
    long, *others = CASES["zte/zxj10/bill-file"].calls()
    assert (len(long.legs), long.talk_s, long.pbx_cost, long.open) == (3, 5645, "1080", False)
    assert all(len(call.legs) == 1 for call in others)


def test_parts_of_other_calls_do_not_join() -> None:
    rules = DECLARED.joining
    first, last = read(part="1"), read(part="3", start="1015059808", end="1015059900")
    assert rules.key(first) == rules.key(last) is not None
    assert rules.continues(first, last)
    assert not rules.continues(first, read(part="3", start="1015059908", end="1015059999"))
    assert not rules.continues(first, read(part="1", start="1015059808", end="1015059900"))
    assert rules.key(read()) is None
    assert rules.key(read(part="3", called="13900000035")) != rules.key(first)
    assert rules.more(first)
    assert not rules.more(last)
    assert rules.done(last)
