from __future__ import annotations

import json
import time
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from offices import Office, kx_td_line

from collector import status
from collector.assembly import accounting_of
from collector.commands.calls import stored
from collector.commands.importing import import_file
from collector.commands.rebuilding import reparse
from collector.config import load
from collector.conversations import BANNER, CONTROL
from collector.errors import UserError
from collector.projector import Projector
from collector.running import only_writer

if TYPE_CHECKING:
    from pathlib import Path

GROUP_THEN_TALK = (
    b"04/01/26 09:28     605 05 <I>05550123               0'02 00:00'00               \r\n"
    b"04/01/26 09:29     101 05 <I>05550123               0'03 00:01'00               \r\n"
    b"04/01/26 09:31     115 05 <I>05550123               0'00 00:02'00            TR \r\n"
)


def test_ten_identical_lines_are_ten_calls(office: Office) -> None:
    office.journal(kx_td_line(1) * 10)
    office.project()
    assert office.rows("SELECT count(*), count(DISTINCT offset) FROM calls") == [(10, 10)]
    office.assert_conserved()


def test_legs_of_one_call_are_one_call(office: Office) -> None:
    office.journal(GROUP_THEN_TALK, source="pbx2")
    office.project()
    (row,) = office.rows("SELECT extension, answered_by, ring_s, talk_s, transferred, outcome, legs FROM calls")
    assert row[:6] == ("101", "101", 5, 180, 1, "answered")
    assert json.loads(row[6]) == [0, 82, 164]
    office.assert_conserved()


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(0, 3 * 82), max_size=6))
def test_a_restart_anywhere_gives_the_same_calls(
    tmp_path_factory: pytest.TempPathFactory, office: Office, cuts: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("office")
    path = folder / "smdr.toml"
    path.write_text(office.config.path.read_text(encoding="utf-8"), encoding="utf-8")
    cut_up = Office(load(path))
    start = 0
    for cut in [*sorted(cuts), len(GROUP_THEN_TALK)]:
        cut_up.journal(GROUP_THEN_TALK[start:cut], source="pbx2")
        cut_up.project()
        start = cut
    assert cut_up.rows("SELECT extension, ring_s, talk_s, legs FROM calls") == [("101", 5, 180, "[0,82,164]")]
    assert cut_up.rows("SELECT sum(calls), sum(answered), sum(talk_s), sum(held_s) FROM rollups") == [(1, 1, 180, 185)]
    cut_up.assert_conserved()


def test_a_line_torn_by_a_restart_costs_nothing_that_was_good(office: Office) -> None:
    line = kx_td_line(1)
    office.journal(line[:30])
    office.project()
    office.journal(line + kx_td_line(2), opened=True)
    office.project()
    assert office.rows("SELECT reason, raw FROM rejected") == [("cut-off", line[:30].decode())]
    assert office.rows("SELECT offset FROM calls ORDER BY offset") == [(30,), (30 + len(line),)]
    office.assert_conserved()


def test_a_sender_that_resumes_in_the_middle_of_a_line_loses_nothing(office: Office) -> None:
    line = kx_td_line(1)
    office.journal(line[:30])
    office.project()
    office.journal(line[30:], opened=True)
    office.project()
    assert office.rows("SELECT offset FROM calls") == [(0,)]
    office.assert_conserved()


def test_two_connections_at_once_do_not_tear_each_others_lines(office: Office) -> None:
    one, two = kx_td_line(1), kx_td_line(2)
    office.journal(one[:40], lane=0, opened=True)
    office.journal(two[:11], lane=1, opened=True)
    office.project()
    office.journal(one[40:], lane=0)
    office.journal(two[11:], lane=1)
    office.project()
    assert office.rows("SELECT offset, number FROM calls ORDER BY offset") == [(0, "05550001"), (40, "05550002")]
    office.assert_conserved()


@pytest.mark.parametrize(
    ("garbage", "kind"),
    [
        (b"\0" * 40 + b"\r\n", "noise"),
        (b"\f\r\n", "noise"),
        (bytes(range(128, 256)) + b"\r\n", "rejected"),
        (b"x" * 100_000 + b"\r\n", "rejected"),
        (b"\xff\xfe\xfd hello?\r\n", "rejected"),
    ],
)
def test_garbage_has_a_reason_and_the_next_good_line_is_understood(office: Office, garbage: bytes, kind: str) -> None:
    office.journal(garbage + kx_td_line(1))
    office.project()
    assert office.rows("SELECT offset FROM calls") == [(len(garbage),)]
    assert office.rows(f"SELECT count(*) > 0 FROM {kind}") == [(1,)]
    office.assert_conserved()


def test_the_same_file_imported_twice_adds_nothing(office: Office, tmp_path: Path) -> None:
    capture = tmp_path / "capture.log"
    capture.write_bytes(b"".join(kx_td_line(n) for n in range(50)) + kx_td_line(99).rstrip())
    first = import_file(capture, "pbx1", office.config)
    assert (first.added, first.legs) == (capture.stat().st_size, 51)
    again = import_file(capture, "pbx1", office.config)
    assert (again.added, again.legs) == (0, 0)
    assert office.rows("SELECT count(*) FROM calls") == [(51,)]
    office.assert_conserved()


def test_an_import_refuses_an_unknown_source_and_a_running_collector(office: Office, tmp_path: Path) -> None:
    capture = tmp_path / "capture.log"
    capture.write_bytes(kx_td_line(1))
    with pytest.raises(UserError, match="pbx1, pbx2"):
        import_file(capture, "pbx9", office.config)
    with only_writer(office.config.site.data), pytest.raises(UserError, match="Another collector"):
        import_file(capture, "pbx1", office.config)


def test_reparse_gives_the_same_calls_again(office: Office) -> None:
    office.journal(GROUP_THEN_TALK, source="pbx2")
    office.journal(kx_td_line(1) * 3 + b"not a call\r\n")
    office.project()
    before = list(stored(office.config, legs=True))
    assert len(before) == 10
    assert reparse(office.config) == 4
    assert list(stored(office.config, legs=True)) == before
    office.assert_conserved()


def test_occupancy_is_spread_over_the_hours_a_call_covers(office: Office) -> None:
    office.journal(
        b"04/01/26 10:10     101 05 <I>05550123               0'00 00:30'00               \r\n", source="pbx2"
    )
    office.project()
    rows = office.rows("SELECT hour % 86400 / 3600, calls, talk_s, held_s FROM rollups ORDER BY hour")
    assert rows == [(1, 1, 1800, 1200), (2, 0, 0, 600)]


def printed_at(shown: float) -> bytes:
    """A record that ended when the clock of the PBX, in Shanghai, showed this."""
    began = datetime.fromtimestamp(shown - 65, ZoneInfo("Asia/Shanghai"))
    return f"{began:%d/%m/%y %I:%M%p}".encode() + kx_td_line(1)[len("10/08/26 12:50PM") :]


def drift_of(office: Office) -> float:
    ((drift,),) = office.rows("SELECT drift_s FROM sources WHERE source = 'pbx1'")
    return float(drift)


BUSY_FROM = 1_786_338_120.0


def test_records_that_waited_in_the_pbxs_buffer_do_not_look_like_a_wrong_clock(office: Office) -> None:
    for late in (0, 300):
        now = BUSY_FROM + late
        office.journal(printed_at(now) + printed_at(now - 1300), at=now)
    office.project()
    assert -180 < drift_of(office) < 0


def test_what_came_once_may_have_waited_for_hours_and_tells_no_drift(office: Office) -> None:
    office.journal(printed_at(BUSY_FROM - 9000) + printed_at(BUSY_FROM - 8000), at=BUSY_FROM)
    office.project()
    assert office.rows("SELECT drift_s FROM sources WHERE source = 'pbx1'") == [(None,)]
    for later in (300, 600):
        office.journal(printed_at(BUSY_FROM + later), at=BUSY_FROM + later)
    office.project()
    assert -180 < drift_of(office) < 0


def test_a_clock_that_is_set_right_on_a_line_that_never_pauses_is_right(office: Office) -> None:
    moments = [BUSY_FROM + half / 2 for half in range(1200)]
    ahead = [600] * 300 + [0] * 900
    office.journal_line_by_line((now, printed_at(now + by)) for now, by in zip(moments, ahead, strict=True))
    office.project()
    assert -180 < drift_of(office) < 0


def test_a_buffer_that_empties_for_long_is_no_wrong_clock(office: Office) -> None:
    before = [BUSY_FROM - 86_400 + minute * 60 for minute in range(10)]
    office.journal_line_by_line((now, printed_at(now)) for now in before)
    office.journal_line_by_line(
        (BUSY_FROM + half / 2, printed_at(BUSY_FROM - 80_000 + half * 60)) for half in range(1200)
    )
    office.project()
    assert -180 < drift_of(office) < 0


@pytest.mark.parametrize("restarted", [False, True])
def test_a_leg_that_follows_long_talk_still_joins_and_outputs_replace_what_they_had(
    office: Office, *, restarted: bool
) -> None:
    group, talk = GROUP_THEN_TALK.splitlines(keepends=True)[:2]
    projector = Projector(office.config, accounting_of(office.config))
    office.journal(group, source="pbx2", at=1000.0)
    projector.project_all()
    assert office.rows("SELECT open, former, outcome FROM calls") == [(1, "[]", "unanswered")]
    projector.close_stale()
    ((seq, start, still_open),) = office.rows("SELECT seq, start, open FROM calls")
    assert still_open == 0
    if restarted:
        projector.close()
        projector = Projector(office.config, accounting_of(office.config))
    office.journal(talk, source="pbx2", at=1000.0 + 3600)
    projector.project_all()
    projector.close()
    assert office.rows("SELECT open, former, outcome, talk_s FROM calls") == [(0, f"[{start}]", "answered", 60)]
    assert office.rows(f"SELECT count(*) FROM calls WHERE seq > {seq}") == [(1,)]
    office.assert_conserved()


@pytest.mark.parametrize("together", [True, False])
def test_outputs_replace_a_call_they_had_though_the_leg_that_follows_first_changes_nothing_they_find_it_by(
    office: Office, *, together: bool
) -> None:
    group, talk = GROUP_THEN_TALK.splitlines(keepends=True)[:2]
    projector = Projector(office.config, accounting_of(office.config))
    office.journal(group, source="pbx2", at=1000.0)
    projector.project_all()
    projector.close_stale()
    ((start, still_open),) = office.rows("SELECT start, open FROM calls")
    assert still_open == 0
    office.journal(group.replace(b"605", b"606"), source="pbx2", at=1000.0 + 3600)
    if not together:
        projector.project_all()
    office.journal(talk, source="pbx2", at=1000.0 + 3600)
    projector.project_all()
    projector.close()
    assert office.rows("SELECT open, former, extension, legs FROM calls") == [(0, f"[{start}]", "101", "[0,82,164]")]
    office.assert_conserved()


LOGIN = b"\r\n-SMDR\r\nEnter Password:*******\r\n"


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(stops=st.lists(st.integers(0, 7), max_size=4))
def test_dialogue_is_noise_between_the_records_wherever_a_restart_comes(
    tmp_path_factory: pytest.TempPathFactory, office: Office, stops: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("office")
    (folder / "smdr.toml").write_text(office.config.path.read_text(encoding="utf-8"), encoding="utf-8")
    own = Office(load(folder / "smdr.toml"))
    line = kx_td_line(1)
    chunks = [
        (BANNER, LOGIN, True),
        (0, line + line[:40], True),
        (BANNER, LOGIN, True),
        (0, line[:30], True),
        (CONTROL, b"\x16", True),
        (0, line[30:], False),
        (CONTROL, b"\x06", False),
    ]
    for number, (lane, data, opened) in enumerate(chunks):
        own.journal(data, lane=lane, opened=opened)
        if number in stops:
            own.project()
    own.project()
    assert own.rows("SELECT offset FROM legs ORDER BY offset") == [(len(LOGIN),), (2 * len(LOGIN) + 122,)]
    assert own.rows("SELECT reason, length(raw) FROM rejected") == [("cut-off", 40)]
    assert own.rows("SELECT reason, count, bytes FROM noise ORDER BY reason") == [
        ("banner", 2, 2 * len(LOGIN)),
        ("control", 2, 2),
    ]
    assert own.rows("SELECT DISTINCT position FROM cursors") == [(2 * len(LOGIN) + 206,)], "none has to go back"
    own.assert_conserved()
    assert status.read(own.config)["sources"][0]["bytes"]["pending"] == 0


RECORD = (
    b"N 060 00 T001003 2154    05/23 13:07:40 00:00:04.0 \r\n",
    b" &05550131XXXXXXXX\r\n",
    b" &00:10   \r\n",
)


def of_several_lines(folder: Path, office: Office) -> Office:
    text = office.config.path.read_text(encoding="utf-8").replace("panasonic/kx-tda", "nortel/meridian-1")
    (folder / "smdr.toml").write_text(text, encoding="utf-8")
    return Office(load(folder / "smdr.toml"))


def test_a_record_s_lines_are_one_record_unless_a_pause_lies_between_them(
    office: Office, tmp_path_factory: pytest.TempPathFactory
) -> None:
    for pause, told in ((2.0, [("05550131", 10)]), (60.0, [(None, None)])):
        own = of_several_lines(tmp_path_factory.mktemp("office"), office)
        for number, line in enumerate(RECORD):
            own.journal(line, source="pbx2", at=1000.0 + number * pause)
        own.project()
        assert own.rows("SELECT number, ring_s FROM calls") == told
        own.assert_conserved()
        assert status.read(own.config)["sources"][1]["bytes"]["pending"] == 0
        before = list(stored(own.config, legs=True))
        reparse(own.config)
        assert list(stored(own.config, legs=True)) == before


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(stops=st.sets(st.integers(0, 8)), pauses=st.lists(st.sampled_from((0.1, 60.0)), min_size=9, max_size=9))
def test_records_of_several_lines_are_the_same_wherever_a_restart_comes(
    tmp_path_factory: pytest.TempPathFactory, office: Office, stops: set[int], pauses: list[float]
) -> None:
    stopped, through = (of_several_lines(tmp_path_factory.mktemp("office"), office) for _ in range(2))
    at, start, data = time.time() + 1e6, 0, b"".join(RECORD) * 2
    for number, (pause, end) in enumerate(zip(pauses, range(15, 15 * 10, 15), strict=True)):
        for own in (stopped, through):
            own.journal(data[start:end], source="pbx2", at=at)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr("collector.projector.time.time", lambda now=at: now)
            if number in stops:
                stopped.project()
        at, start = at + pause, end
    stopped.project()
    through.project()
    assert list(stored(stopped.config, legs=True)) == list(stored(through.config, legs=True))
    assert stopped.rows("SELECT offset, reason FROM rejected") == through.rows("SELECT offset, reason FROM rejected")
    stopped.assert_conserved()
