"""What the items of an Avaya's record mean, in whatever columns they stand."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from parsers import formats
from parsers.avaya_cdr import reader
from parsers.formats import Line
from parsers.layout import Column, Columns
from parsers.records import Leg, Noise, Record, Rejected
from parsers.stamps import Stamps

RECEIVED = datetime(2026, 3, 2, 12, tzinfo=UTC).timestamp()


def read(*, standard: bool = False, printed: str = "end", **items: str) -> Record:
    """What a record of these items says; ``__`` in a name is a slash, ``_`` a dash."""
    columns: list[Column] = []
    text = ""
    for name, cell in items.items():
        columns.append(Column(name.replace("__", "/").replace("_", "-"), len(text) + 1, len(text) + len(cell)))
        text += cell
    layout = Columns(*columns)
    stamps = Stamps(order="mdy", printed="start" if printed == "start" else "end")
    cells = layout.matcher()(text)
    assert cells is not None
    return reader("avaya/test", (layout,), standard=standard)(Line(cells, 0, text, 0, RECEIVED), stamps)


def leg(*, standard: bool = False, printed: str = "end", **items: str) -> Leg:
    record = read(standard=standard, printed=printed, **items)
    assert isinstance(record, Leg)
    return record


@pytest.mark.parametrize(
    ("condition", "circuit_out", "circuit_in", "code", "direction"),
    [
        ("0", "   ", "   ", "   ", "internal"),
        ("7", "041", "   ", "802", "outgoing"),
        ("7", "   ", "   ", "   ", "outgoing"),
        ("8", "   ", "   ", "   ", "outgoing"),
        ("9", "   ", "021", "   ", "incoming"),
        ("9", "041", "021", "   ", "tandem"),
        ("1", "041", "   ", "   ", "outgoing"),
        ("1", "   ", "021", "   ", "incoming"),
        ("1", "   ", "   ", "802", "outgoing"),
        ("1", "   ", "   ", "   ", "unknown"),
        ("J", "   ", "   ", "   ", "incoming"),
        ("K", "   ", "   ", "   ", "outgoing"),
        (" ", "041", "   ", "   ", "outgoing"),
    ],
)
def test_circuits_tell_the_direction_before_the_condition_and_an_access_code_behind_it(
    condition: str, circuit_out: str, circuit_in: str, code: str, direction: str
) -> None:
    told = leg(
        cond_code=condition, calling_num="1138", code_used=code, out_crt_id=circuit_out, in_crt_id=circuit_in, tail="."
    )
    assert told.direction == direction


@pytest.mark.parametrize(
    ("condition", "duration", "outcome", "ring_s", "talk_s"),
    [
        ("9", "0012", "answered", None, 72),
        ("9", "0000", "unanswered", None, 0),
        ("G", "0002", "answered", 12, None),
        ("H", "0004", "unanswered", 24, None),
        ("I", "0000", "busy", 0, None),
        ("E", "0000", "failed", None, 0),
        ("N", "0000", "failed", None, 0),
        ("6", "0000", "failed", None, 0),
    ],
)
def test_the_condition_tells_the_outcome_and_what_was_counted(
    condition: str, duration: str, outcome: str, ring_s: int | None, talk_s: int | None
) -> None:
    told = leg(cond_code=condition, duration=duration, calling_num="1138", in_crt_id="021")
    assert (told.outcome, told.ring_s, told.talk_s) == (outcome, ring_s, talk_s)


def test_records_that_were_lost_are_an_event() -> None:
    assert isinstance(read(cond_code="6", duration="0100", calling_num="    ", dialed_num="    "), Noise)


def test_a_call_between_stations_that_nobody_made_is_refused() -> None:
    assert isinstance(read(cond_code="0", duration="0100", calling_num="    ", dialed_num="1110"), Rejected)


@pytest.mark.parametrize(
    ("items", "number", "code"),
    [
        ({"calling_num": "  05550120"}, "05550120", None),
        ({"calling_num": "       801", "in_trk_code": " 801"}, None, "801"),
        ({"calling_num": "       801"}, "801", None),
        ({"clg_num__in_tac": "       801"}, None, "801"),
        ({"clg_num__in_tac": "  05550120"}, "05550120", None),
    ],
)
def test_the_access_code_of_the_trunk_is_no_caller(items: dict[str, str], number: str | None, code: str | None) -> None:
    told = leg(cond_code="9", duration="0012", **items, in_crt_id="021")
    assert (told.number, (told.extra or {}).get("access_code_in")) == (number, code)


def test_a_standard_record_has_no_callers() -> None:
    told = leg(standard=True, cond_code="9", duration="0012", calling_num="00801", dialed_num="01109", in_crt_id="021")
    assert (told.number, told.extension, told.trunk) == (None, "01109", "021")
    assert (told.extra or {})["access_code_in"] == "00801"


@pytest.mark.parametrize(
    ("items", "talk_s"),
    [
        ({"duration": "1015"}, 3600 + 60 + 30),
        ({"sec_dur": "01250"}, 1250),
        ({"sec_dur": " 1250"}, 1250),
        ({"duration": "9999"}, None),
        ({"sec_dur": "99999"}, None),
        ({}, None),
    ],
)
def test_durations_are_tenths_of_minutes_or_seconds_and_nines_a_clock_that_was_set(
    items: dict[str, str], talk_s: int | None
) -> None:
    told = leg(cond_code="7", calling_num="1138", **items, out_crt_id="041")
    assert told.talk_s == talk_s
    assert ("doubt" in (told.extra or {})) == (talk_s is None and bool(items))


def test_a_record_with_its_start_alone_begins_then() -> None:
    told = leg(printed="start", cond_code="7", date="030226", start_time="0915", sec_dur="00600", out_crt_id="041")
    assert told.start == int(datetime(2026, 3, 2, 9, 15, tzinfo=UTC).timestamp())


def test_a_record_with_both_times_is_placed_by_its_end() -> None:
    told = leg(cond_code="7", date="030226", start_time="0905", time="0915", sec_dur="00600", out_crt_id="041")
    assert told.start == int(datetime(2026, 3, 2, 9, 5, tzinfo=UTC).timestamp())
    assert (told.extra or {})["start_time"] == "0905"


def test_an_item_in_pieces_is_put_together_in_the_order_of_its_numbers() -> None:
    layout = Columns(Column("in-crt-id.2", 1, 1), Column("cond-code", 2, 2), Column("in-crt-id.1", 3, 4))
    cells = layout.matcher()("1923")
    assert cells is not None
    record = reader("avaya/test", (layout,))(Line(cells, 0, "1923", 0, RECEIVED), Stamps())
    assert isinstance(record, Leg)
    assert record.trunk == "231"


def test_pulses_codes_and_the_call_have_their_places_and_other_items_their_names() -> None:
    told = leg(
        cond_code="7", ppm="00012", ucid="00001004711", auth_code="0815", acct_code="  4711", vdn="5000", frl="4"
    )
    assert (told.meter_pulses, told.pbx_call_id, told.auth_code, told.account_code) == (
        12,
        "00001004711",
        "0815",
        "4711",
    )
    assert told.extra == {"condition": "7", "vdn": "5000", "frl": "4"}
    assert leg(cond_code="7", ppm="     ").meter_pulses is None


@pytest.mark.parametrize(("format_name", "date"), [("avaya/cm-printer", b"04 10"), ("avaya/cm-teleseer", b"0410")])
def test_the_end_of_a_torn_record_is_no_date(format_name: str, date: bytes) -> None:
    decode = formats.get(format_name).decoder(Stamps(order="mdy"))
    assert isinstance(decode(date, 0, RECEIVED), Noise)
    torn = decode(date + b"              ", 0, RECEIVED)
    assert isinstance(torn, Rejected)
    assert torn.reason == "not-this-format"
