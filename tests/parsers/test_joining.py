"""Which legs of a capture are one call: the rules every format brings along."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fixture_cases import CASES, Case

from parsers import formats

if TYPE_CHECKING:
    from collector.calls import Call


def joined(case: Case) -> list[Call]:
    return [call for call in case.calls() if len(call.legs) > 1]


@pytest.mark.parametrize(
    ("name", "sizes"),
    [
        ("alcatel/4200/form-feed", [2]),
        ("alcatel/4200/omnipcx-office", [2]),
        ("asterisk/cdr/queue", [2, 2]),
        ("asterisk/cdr/ring-group", [3]),
        ("asterisk/cel/interleaved", [9, 4, 4]),
        ("avaya/cm-expanded/two-lines", [2]),
        ("avaya/cm-isdn-teleseer/carriers", [2]),
        ("avaya/cm-lsu/no-time", [2, 2]),
        ("avaya/cm-printer/day-first", [2, 2]),
        ("avaya/cm-teleseer/midnight", [2, 3]),
        ("avaya/definity/conditions", [2]),
        ("avaya/ip-office/segments", [2]),
        ("avaya/ip-office/transfers", [2, 2, 2, 2, 2]),
        ("cisco/cme/two-legs", [2, 2]),
        ("cisco/cme/senders", [2]),
        ("cisco/cucm/headings", [2]),
        ("cisco/cucm/another-release", [2]),
        ("ericsson/bp250/cil4", [2]),
        ("ericsson/bp250/taken-over", [2, 2, 2]),
        ("freeswitch/cdr/both-legs", [2, 2, 2]),
        ("fritzbox/callmonitor/connections", [3, 2, 3, 3, 2, 2, 2, 2]),
        ("fritzbox/callmonitor/old-and-new", [3, 3, 3, 3, 2, 2]),
        ("hybrex/g1e/to-the-minute", [2]),
        ("hybrex/gd-320/hold", [2, 2]),
        ("lg/gdk-162/page", [2]),
        ("lg/ghx-46/transfers", [2]),
        ("lg/ghx-46/digits", [2]),
        ("lg/gps-6a/page", [2]),
        ("lg/ldk-100/lost-calls", []),
        ("lg/ldk-100/without-numbers", [2]),
        ("lg/ldk-300/callers", [2, 2]),
        ("lg/ldk-300/site-name", [2]),
        ("mitel/3300/standard", [2]),
        ("multicom/c1248/list", []),
        ("nec/neax-flexible/stx-etx", [3]),
        ("nec/neax/stripped", [2, 3]),
        ("nec/neax/stx-etx", [2]),
        ("nortel/bcm-sl1/records", [3, 2, 2]),
        ("nortel/meridian-1/clid-dnis", [2]),
        ("nortel/meridian-1/two-lines", [2]),
        ("nortel/norstar-realtime/events", [5, 2, 3, 4, 3, 3]),
        ("nortel/norstar/reports", [2, 3]),
        ("panasonic/dbs-90/ring-and-lost", []),
        ("panasonic/kx-t1232-ru/code-page-866", [2]),
        ("panasonic/kx-t336/transfers", [2, 3]),
        ("panasonic/kx-ns1000/names-and-codes", [3, 2]),
        ("panasonic/kx-ta308/disa", [2, 2]),
        ("panasonic/kx-ta616/flash", [2]),
        ("panasonic/kx-td1232/month-first", [2, 2]),
        ("panasonic/kx-td1232/ten-alike", []),
        ("panasonic/kx-td816/caller-id", [3, 2]),
        ("panasonic/kx-td816/repeated", [2]),
        ("panasonic/kx-td500/received-and-answered", [2, 3, 2, 3]),
        ("panasonic/kx-td500/type-a", [2]),
        ("panasonic/kx-tda100/pattern-a", [3]),
        ("panasonic/kx-tda100/pattern-b", [2]),
        ("panasonic/kx-tem824/announced-callers", [2, 3, 2, 2]),
        ("samsung/dcs-compact-ii/ringing", [4]),
        ("samsung/dcs-ds24/without-tenant", [2]),
        ("samsung/dcs/glued-heading", [3]),
        ("samsung/nx-1232/transfers", [2, 2, 3]),
        ("samsung/officeserv-7200/transfers", [2, 2]),
        ("samsung/officeserv-lan/nul-ended", [3]),
        ("samsung/skp-36hx/page", [2, 2, 2]),
        ("samsung/skp-56-120/outgoing", [2]),
        ("samsung/skp-816/table", [3]),
        ("siemens/hicom-118/page", [3, 2, 2]),
        ("siemens/hicom-118/hicom-150-e", [2]),
        ("siemens/hipath-3750/handed-on", [3, 2, 2, 4]),
        ("siemens/hipath-3750/ring-notices", [3, 2]),
        ("siemens/hipath-3750/transfer", [3]),
        ("siemens/hipath-compressed/hicom-112", [3, 2]),
        ("siemens/hipath-compressed/notices", [5, 2, 2]),
        ("telrad/smdr/parts", [4, 2]),
        ("toshiba/dk/dk280", [2]),
        ("toshiba/dk/dk16", [2]),
    ],
)
def test_the_legs_of_a_call_are_joined(name: str, sizes: list[int]) -> None:
    assert [len(call.legs) for call in joined(CASES[name])] == sizes


def test_a_transferred_call_knows_who_answered_it_and_all_its_talk() -> None:
    (call,) = joined(CASES["siemens/hipath-3750/transfer"])
    assert (call.outcome, call.answered_by, call.ring_s, call.talk_s) == ("answered", "1997", 4, 9 + 15 + 66)
    assert call.transferred


def test_a_missed_call_is_for_whom_its_own_record_names_whoever_rang_before() -> None:
    missed, _ = joined(CASES["siemens/hipath-compressed/hicom-112"])
    assert (missed.outcome, missed.extension, missed.ring_s, missed.answered_by) == ("unanswered", "16", 32, None)


def test_the_ring_of_a_samsung_call_comes_from_the_line_before_its_answer() -> None:
    (call,) = joined(CASES["samsung/dcs-compact-ii/ringing"])
    assert (call.direction, call.outcome, call.ring_s, call.talk_s) == ("incoming", "answered", 1, 21 + 11 + 62)


def test_a_continued_samsung_call_takes_its_direction_from_the_line_that_says_it() -> None:
    first, second = joined(CASES["samsung/officeserv-7200/transfers"])
    assert (first.direction, first.did) == ("incoming", "5550174")
    assert (second.direction, second.number) == ("outgoing", "5550149#")


def test_a_call_told_in_parts_has_the_talk_of_its_parts_and_the_first_who_spoke() -> None:
    (call, later) = joined(CASES["telrad/smdr/parts"])
    assert (call.direction, call.outcome, call.extension, call.answered_by) == ("incoming", "answered", "233", "233")
    assert (call.ring_s, call.talk_s, call.hold_s) == (11, 20 + 70, 12)
    assert (later.direction, later.outcome, later.extension) == ("outgoing", "unknown", "223")


def test_an_announced_caller_is_one_call_with_the_talk_that_follows() -> None:
    calls = CASES["panasonic/kx-tem824/announced-callers"].calls()
    first = next(call for call in calls if call.number == "5550120")
    assert (first.outcome, first.answered_by, first.talk_s, first.open) == ("answered", "16", 22, False)
    given_up = next(call for call in calls if call.number == "15550155")
    assert (given_up.outcome, given_up.talk_s, given_up.open) == ("unanswered", None, True)


def test_a_call_that_was_received_and_not_answered_is_one_missed_call() -> None:
    calls = CASES["panasonic/kx-td500/received-and-answered"].calls()
    (missed,) = [call for call in calls if call.trunk == "10904"]
    assert (missed.outcome, missed.answered_by, len(missed.legs), missed.open) == ("unanswered", None, 2, False)


def test_an_ip_office_call_waits_for_the_record_it_promises_and_ends_with_the_last() -> None:
    calls = CASES["avaya/ip-office/segments"].calls()
    assert [(call.pbx_call_id, call.open) for call in calls] == [
        ("1008143", False),
        ("1008144", False),
        ("1008150", True),
        ("1008143", False),
    ]
    assert (calls[0].ring_s, calls[0].talk_s, calls[0].answered_by) == (8, 51, "219")


def test_an_ip_office_call_is_transferred_when_another_extension_talks_on() -> None:
    taken_over, group, outgoing, conference, diverted = joined(CASES["avaya/ip-office/transfers"])
    assert [call.transferred for call in (taken_over, group, outgoing, conference)] == [True, False, True, False]
    assert (taken_over.answered_by, taken_over.ring_s, taken_over.talk_s) == ("201", 6, 145)
    assert (group.answered_by, group.ring_s, group.talk_s) == ("203", 24, 60)
    assert (conference.outcome, conference.conference) == ("answered", True)
    assert (diverted.direction, diverted.number, diverted.talk_s) == ("incoming", None, 270)


def test_a_group_that_rings_before_an_extension_answers_is_no_missed_call() -> None:
    group, transferred, outgoing = joined(CASES["ericsson/bp250/taken-over"])
    assert (group.outcome, group.ring_s, group.talk_s, group.answered_by) == ("answered", 8, 83, "255")
    assert (group.transferred, transferred.transferred, outgoing.transferred) == (False, True, True)
    assert (transferred.ring_s, transferred.talk_s, transferred.answered_by) == (1, 142, "200")


def test_stations_that_ring_at_the_same_time_do_not_make_the_ring_longer() -> None:
    (call,) = joined(CASES["asterisk/cdr/ring-group"])
    assert (call.outcome, call.answered_by, call.ring_s, call.talk_s) == ("answered", "103", 12, 60)


def test_the_halves_of_a_call_through_a_queue_are_talked_on_once() -> None:
    for call, station in zip(joined(CASES["asterisk/cdr/queue"]), ("100", "101"), strict=True):
        assert (call.direction, call.trunk, call.answered_by, call.talk_s) == ("incoming", "provider", station, 65)
        assert call.ring_s == 0  # the queue answers


def test_events_tell_together_how_long_it_rang_and_how_long_was_talked() -> None:
    transferred, busy, given_up = joined(CASES["asterisk/cel/interleaved"])
    assert (transferred.direction, transferred.ring_s, transferred.talk_s) == ("incoming", 7, 93)
    assert (transferred.answered_by, transferred.transferred) == ("100", True)
    assert (busy.direction, busy.outcome, busy.number, busy.ring_s) == ("outgoing", "busy", "5550123", None)
    assert (given_up.direction, given_up.peer_extension, given_up.outcome) == ("internal", "101", "unanswered")
    assert given_up.ring_s == 18


def test_a_call_monitor_s_connections_are_calls_however_they_interleave() -> None:
    calls = CASES["fritzbox/callmonitor/connections"].calls()
    assert [(call.outcome, call.ring_s, call.talk_s) for call in calls[:5]] == [
        ("answered", 8, 123),
        ("unanswered", 7, 0),
        ("answered", 9, 119),
        ("answered", 25, 15),
        ("unanswered", 31, 0),
    ]
    assert [call.open for call in calls].count(True) == 2  # their end was never told


def test_a_norstar_report_that_comes_from_a_transfer_goes_on_with_the_one_that_was_handed_on() -> None:
    incoming, outgoing = joined(CASES["nortel/norstar/reports"])
    assert (incoming.direction, incoming.outcome, incoming.answered_by) == ("incoming", "answered", "2221")
    assert (incoming.ring_s, incoming.talk_s, incoming.hold_s) == (4, 12 + 185, 29)
    assert (incoming.transferred, incoming.open) == (True, False)
    assert (outgoing.direction, outgoing.outcome, outgoing.number) == ("outgoing", "unknown", "5550147")
    assert (outgoing.talk_s, outgoing.ring_s) == (30 + 20 + 70, None)


def test_norstar_events_tell_when_it_rang_and_who_talked() -> None:
    calls = CASES["nortel/norstar-realtime/events"].calls()
    transferred, given_up = calls[1], calls[2]
    assert (transferred.ring_s, transferred.talk_s, transferred.did) == (6, 171, "5550100")
    assert (transferred.answered_by, transferred.transferred) == ("2221", True)
    assert (given_up.outcome, given_up.ring_s, given_up.talk_s, given_up.number) == ("unanswered", 22, 0, None)
    assert [call.open for call in calls].count(True) == 1  # its end was never told


def test_a_bcm_call_that_was_handed_on_lasts_from_its_start_to_its_end() -> None:
    handed_on, within_a_minute, conference = joined(CASES["nortel/bcm-sl1/records"])
    assert (handed_on.direction, handed_on.answered_by, handed_on.talk_s) == ("incoming", "2447", 300)
    assert (within_a_minute.direction, within_a_minute.talk_s, within_a_minute.transferred) == ("outgoing", None, True)
    assert (conference.talk_s, conference.conference, conference.transferred) == (360, True, False)


def test_two_legs_that_tell_the_same_times_count_once() -> None:
    from_outside, internal = joined(CASES["cisco/cme/two-legs"])
    assert (from_outside.direction, from_outside.answered_by) == ("incoming", "510")
    assert (from_outside.ring_s, from_outside.talk_s) == (5, 46)
    assert (internal.direction, internal.peer_extension) == ("internal", "511")


def test_the_ring_of_a_flexible_nec_call_counts_once_and_its_parts_follow_each_other() -> None:
    (call,) = joined(CASES["nec/neax-flexible/stx-etx"])
    assert (call.ring_s, call.talk_s, call.answered_by) == (11, 154 + 137 + 212, "1412")
    assert call.transferred


def test_the_records_of_both_legs_are_one_call_whichever_comes_first() -> None:
    calls = joined(CASES["freeswitch/cdr/both-legs"])
    assert [(call.outcome, call.ring_s, call.talk_s) for call in calls] == [
        ("answered", 8, 62),
        ("answered", 8, 63),
        ("unanswered", 20, 0),
    ]


@pytest.mark.parametrize("name", formats.names())
def test_a_format_s_rules_stand_on_any_two_of_its_samples(name: str) -> None:
    declared = formats.get(name)
    decode, rules = declared.decoder(), declared.joining
    legs = [decode(sample, 0, 1_735_700_000.0) for sample in declared.samples]
    for last in legs:
        assert rules.timeout_s > 0
        for leg in legs:
            assert isinstance(rules.continues(last, leg), bool)
            assert not (rules.more(leg) and rules.done(leg))


def test_both_lines_of_a_call_through_disa_tell_its_time_once() -> None:
    (call,) = joined(CASES["toshiba/dk/dk280"])
    assert (call.direction, call.trunk, call.number, call.ring_s, call.talk_s) == ("tandem", "003", "5550134", 4, 320)
