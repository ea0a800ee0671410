"""Norstar reports: records of as many lines as were needed, cut where reports begin and end."""

from __future__ import annotations

from datetime import UTC, datetime

from collector.gathering import framer_of
from collector.interpreting import interpret
from parsers import formats
from parsers.records import Leg, Noise, Rejected
from parsers.stamps import Stamps

NORSTAR = formats.get("nortel/norstar")
RECEIVED = 920_400_000.0
INCOMING, OUTGOING, NO_ANSWER, BUSY, HANDED_ON, TAKEN = NORSTAR.samples


def read(*pieces: bytes) -> list[tuple[Leg | Noise | Rejected, int]]:
    """What a stream says whose link was opened anew before each piece."""
    framer, frames, at = framer_of(NORSTAR), [], 0
    for piece in pieces:
        frames += framer.feed(at, piece, opened=True)
        at += len(piece)
    frames += framer.finish()
    decode = NORSTAR.decoder()
    return [reading for frame in frames for reading in interpret(frame, decode, NORSTAR.name, RECEIVED)]


def test_a_report_is_handed_out_with_its_last_line_and_waits_where_it_may_go_on() -> None:
    for sample, waits in ((INCOMING, False), (OUTGOING, False), (TAKEN, False), (NO_ANSWER, True), (BUSY, True)):
        framer = framer_of(NORSTAR)
        frames = framer.feed(0, sample + b"\r\n\n")
        assert framer.waits == waits
        assert (frames[0].data == sample + b"\r\n") if not waits else frames == []


def test_a_report_of_very_many_lines_is_one_record() -> None:
    held = b"".join(b"00:%02d:01 HOLD\r\n00:%02d:31 UNHOLD\r\n" % (minute, minute) for minute in range(40))
    begun, ended = INCOMING.split(b"00:00:41 HOLD")[0], b"00:41:00 CALL RELEASED\r\n"
    ((leg, size),) = read(begun + held + ended)
    assert isinstance(leg, Leg)
    assert (leg.hold_s, leg.talk_s, size) == (40 * 30, 41 * 60 - 40 * 30, len(begun + held + ended))


def test_a_break_of_the_link_inside_a_report_costs_no_other_report() -> None:
    torn = OUTGOING[:-20]
    (first, _), (cut, _), (second, _) = read(torn, INCOMING + b"\r\n")
    assert isinstance(first, Leg)
    assert isinstance(second, Leg)
    assert isinstance(cut, Rejected)
    assert (first.number, first.talk_s) == ("5550144", None)
    assert (cut.reason, cut.raw) == ("cut-off", torn.splitlines()[-1].decode())
    assert (second.number, second.talk_s, second.offset) == ("5550120", 154, len(torn))


def test_the_order_of_the_date_is_a_setting() -> None:
    for order, month_and_day in (("mdy", "03-02"), ("dmy", "02-03")):
        leg = NORSTAR.decoder(Stamps(None, order, "start", settled=True))(OUTGOING, 0, RECEIVED)
        assert isinstance(leg, Leg)
        assert f"{datetime.fromtimestamp(leg.start or 0, UTC):%m-%d}" == month_and_day


def test_a_call_that_was_never_taken_from_hold_was_on_hold_to_its_end() -> None:
    ((leg, _),) = read(INCOMING.replace(b"00:01:09 UNHOLD\r\n", b""))
    assert isinstance(leg, Leg)
    assert (leg.talk_s, leg.hold_s) == (41, 182 - 41)
