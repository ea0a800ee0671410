"""NEC's flexible text: what its items tell, and that it and the fixed text are never taken for each other."""

from __future__ import annotations

import pytest

from parsers import detection, formats
from parsers.records import Leg, Rejected

FIXED, FLEXIBLE = formats.get("nec/neax"), formats.get("nec/neax-flexible")
CAME_IN, STARTED, ENDED = "20260302090207110", "20260302090218350", "20260302090452480"


def read(kind: str, *items: str) -> Leg:
    record = FLEXIBLE.decoder()(f"0!{kind}{''.join(items)}".encode(), 0, 1_772_442_127.0)
    assert isinstance(record, Leg), record
    return record


def incoming(*items: str, called: str = "00011412  ", conditions: str = "000") -> Leg:
    return read("KL", "0112000004021010", f"0410{called}", f"0634{STARTED}{ENDED}", f"0803{conditions}", *items)


def outgoing(*items: str) -> Leg:
    return read("KK", "0112000004022010", "021000011450  ", f"0634{STARTED}{ENDED}", "0803000", *items)


def test_neither_nec_text_takes_the_other_and_each_is_detected() -> None:
    for ours, other in ((FIXED, FLEXIBLE), (FLEXIBLE, FIXED)):
        decode = ours.decoder()
        assert all(isinstance(decode(sample, 0, 0.0), Rejected) for sample in other.samples)
        stream = [b"\x02" + b"\x03\x02".join(ours.samples) + b"\x03"]
        assert [found.name for found in detection.rank(stream)] == [ours.name]


def test_how_long_it_rang_is_inferred_from_when_it_came_in() -> None:
    leg = incoming(f"1917{CAME_IN}")
    talked = incoming()
    assert (leg.ring_s, leg.talk_s) == (11, 154)
    assert (talked.ring_s, talked.talk_s) == (None, 154)
    assert leg.start is not None
    assert talked.start == leg.start + 11


def test_a_transferred_part_did_not_ring_since_the_call_came_in() -> None:
    for condition in "134":
        leg = incoming(f"1917{CAME_IN}", conditions=f"{condition}00")
        assert (leg.transferred, leg.ring_s, leg.start) == (True, None, incoming().start)
    continued = incoming(f"1917{CAME_IN}", conditions="200")
    assert (continued.transferred, continued.ring_s) == (False, 11)


@pytest.mark.parametrize(
    ("charge", "pulses", "cost", "unit"),
    [
        ("13010", None, None, None),
        ("130560012", 12, None, None),
        ("130560000", 0, None, None),
        ("13016", None, None, None),
        ("13071000450", None, "000450", "1 cent"),
        ("13072000450", None, "000450", "0.1 cent"),
        ("13073000000", None, "000000", "10 cents"),
        ("13074000002", None, "000002", "1 dollar"),
        ("13075000001", None, "000001", "10 dollars"),
        ("1307F999999", None, None, "error"),
        ("", None, None, None),
    ],
)
def test_a_charge_is_an_amount_in_a_unit_or_pulses(
    charge: str, pulses: int | None, cost: str | None, unit: str | None
) -> None:
    leg = outgoing(charge)
    assert (leg.meter_pulses, leg.pbx_cost, (leg.extra or {}).get("charge_unit")) == (pulses, cost, unit)


@pytest.mark.parametrize(
    ("items", "number", "account", "authorization"),
    [
        (("07044711", "100805550174", "12040815"), "05550174", "4711", "0815"),
        (("07054711", "100905550174", "12050815"), "05550174", "4711", "0815"),
        (("0700", "1000", "1200"), None, None, None),
        (("0701", "1001", "1201"), None, None, None),
        (("07161234567890123456", "1216" + "9" * 16), None, "1234567890123456", "9" * 16),
        (("07171234567890123456", "1217" + "9" * 16), None, "1234567890123456", "9" * 16),
    ],
)
def test_codes_and_digits_are_read_by_the_manual_s_length_and_by_one_more(
    items: tuple[str, ...], number: str | None, account: str | None, authorization: str | None
) -> None:
    ordered = sorted([f"0634{STARTED}{ENDED}", "0803000", "13010", *items])
    leg = read("KK", "0112000004022010", "021000011450  ", *ordered)
    assert (leg.number, leg.account_code, leg.auth_code) == (number, account, authorization)


def test_trunk_to_trunk_is_tandem_and_nobody_s_extension() -> None:
    out = read("KK", "0112000008009020", "02102001004021", f"0634{STARTED}{ENDED}", "100805550199")
    assert (out.direction, out.extension, out.trunk, out.number) == ("tandem", None, "009", "05550199")
    back = incoming("160815550142", called="2001004022")
    assert (back.direction, back.extension, back.trunk, back.number) == ("tandem", None, "021", "5550142")
    assert (back.extra or {})["other_trunk"] == "004022"


def test_a_number_that_is_withheld_is_unknown_and_the_reason_is_kept() -> None:
    leg = incoming("16012")
    assert leg.number is None
    assert (leg.extra or {})["presentation"] == "2"
    assert "presentation" not in (incoming("160815550142").extra or {})


def test_a_station_without_a_number_has_that_of_its_telephone() -> None:
    leg = read("KL", "04101001      ", "05100010018111", f"0634{STARTED}{ENDED}")
    assert (leg.extension, (leg.extra or {})["party"]) == ("8111", "1")
    two = read("KM", "021000011450  ", "03130010018111450", f"0634{STARTED}{ENDED}")
    assert (two.extension, (two.extra or {})["telephone"]) == ("1450", "8111450")


def test_items_of_unknown_kinds_are_kept_by_their_kinds() -> None:
    extra = incoming("18100000100002", "2003new", "9901x").extra or {}
    assert (extra["item_20"], extra["item_99"], extra["areas"]) == ("new", "x", "0000100002")


@pytest.mark.parametrize(
    ("began", "ended", "came_in", "doubt"),
    [
        (STARTED, CAME_IN, STARTED, f"the call ends at no moment behind its start: {CAME_IN}"),
        (STARTED, "20260302250000000", STARTED, "the call ends at no moment behind its start: 20260302250000000"),
        (STARTED, ENDED, ENDED, f"the call came in at no moment before its start: {ENDED}"),
        ("20260231090218350", ENDED, CAME_IN, "no such date or hour: 2026-02-31 09:02"),
    ],
)
def test_times_that_cannot_be_are_doubted_and_not_counted(began: str, ended: str, came_in: str, doubt: str) -> None:
    leg = read("KL", "041000011412  ", f"0634{began}{ended}", f"1917{came_in}")
    assert (leg.extra or {})["doubt"] == doubt
    assert leg.talk_s is None or leg.ring_s is None
    assert leg.outcome == "answered"
