"""The operator's log keeps what was typed, and the rates are those of the calls, the roster and the messages."""

from __future__ import annotations

import datetime as dt
import json
import random
import sqlite3
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from offices import kx_td_line
from openpyxl import load_workbook

from collector.cli.group import smdr
from collector.config import load
from collector.office.performance import Incoming, Work, work
from collector.office.roster import Roster
from collector.problems import ConfigError
from collector.store.office_db import writing

if TYPE_CHECKING:
    from pathlib import Path

    from offices import Office

ZONE = ZoneInfo("Asia/Shanghai")
ROSTER = (
    "operator,extension,shift,days,begin,end,from,until\n"
    "Li,117,day,mon tue wed thu fri,08:00,20:00,,2026-08-31\n"
    "Wang,117,night,,20:00,08:00,,\n"
    "Zhao,118,day,,08:00,20:00,,\n"
)


def typed(office: Office, *arguments: str) -> str:
    done = CliRunner().invoke(smdr, [*arguments, "-c", str(office.config.path)])
    return done.output if done.exception is None else str(done.exception)


@pytest.fixture
def desk(office: Office) -> Office:
    path = office.config.path
    path.with_name("roster.csv").write_text(ROSTER, encoding="utf-8")
    path.write_text(path.read_text(encoding="utf-8") + '\n[office]\nroster = "roster.csv"\n', encoding="utf-8")
    office.journal(kx_td_line(1))
    office.project()
    return office._replace(config=load(path))


def test_a_message_is_taken_handed_over_and_delivered_once(desk: Office) -> None:
    said = typed(
        desk, "desk", "note", "--caller", "陈先生", "--organisation", "港务局", "--call", "pbx1:0", "--by", "Li"
    )
    assert said == "Note 1 is kept.\n"
    said = typed(
        desk,
        "desk",
        "message",
        "请回电",
        "--for",
        "张三",
        "--caller",
        "陈先生",
        "--contact",
        "5550123",
        "--note",
        "1",
        "--by",
        "Li",
    )
    assert said == "Message 1 for 张三 is kept.\n"
    assert "open: 陈先生 (5550123) for 张三: 请回电" in typed(desk, "desk", "open")
    said = typed(desk, "desk", "handover", "--to", "Wang", "--note", "quiet", "--by", "Li")
    assert said.startswith("Li handed over to Wang, with 1 messages to deliver.\n")
    assert typed(desk, "desk", "deliver", "1", "--to", "张三的秘书", "--by", "Wang") == "Message 1 is delivered.\n"
    assert typed(desk, "desk", "open") == ""
    assert "was delivered to 张三的秘书 by Wang already" in typed(desk, "desk", "deliver", "1", "--by", "Li")
    found = [json.loads(line) for line in typed(desk, "desk", "search", "陈先生", "--json").splitlines()]
    assert [row["kind"] for row in found] == ["note", "message"]
    assert (found[0]["about"]["number"], found[0]["source"], found[0]["offset"]) == ("05550001", "pbx1", 0)


def test_who_takes_over_reads_what_was_left_the_newest_first(desk: Office) -> None:
    typed(desk, "desk", "message", "x", "--for", "张三", "--caller", "b", "--by", "Li")
    typed(desk, "desk", "handover", "--to", "Wang", "--note", "电梯在修", "--by", "Li")
    typed(desk, "desk", "handover", "--to", "Zhao", "--by", "Wang")
    lines = typed(desk, "desk", "handovers").splitlines()
    assert lines[0].endswith("  Wang to Zhao (messages 1 to deliver)")
    assert lines[1].endswith("  Li to Wang: 电梯在修 (messages 1 to deliver)")
    assert typed(desk, "desk", "handovers", "--last", "1").splitlines() == lines[:1]
    assert typed(desk, "desk", "search", "电梯") == lines[1] + "\n"
    (found,) = map(json.loads, typed(desk, "desk", "search", "电梯", "--json").splitlines())
    shift = {key: found[key] for key in ("kind", "by", "successor", "note", "open_messages")}
    assert shift == {"kind": "handover", "by": "Li", "successor": "Wang", "note": "电梯在修", "open_messages": [1]}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("note", "--by", "Li"), "There is nothing to note."),
        (("note", "--caller", "a", "--call", "pbx1:7"), "There is no call pbx1:7"),
        (("message", "x", "--for", "a", "--caller", "b", "--note", "9"), "There is no note 9."),
        (("deliver", "9"), "There is no message 9."),
        (("handover", "--to", "Li", "--by", "Li"), "Li cannot hand over to Li."),
    ],
)
def test_what_cannot_be_is_a_sentence_and_leaves_nothing(
    desk: Office, arguments: tuple[str, ...], sentence: str
) -> None:
    assert sentence in typed(desk, "desk", *arguments)
    assert typed(desk, "desk", "search", "") == ""


def test_signs_that_mean_something_to_a_search_are_found_as_they_are(desk: Office) -> None:
    for caller in ("100%", "1000", "a_b", "acb", "back\\slash", "LOUD"):
        typed(desk, "desk", "note", "--caller", caller)
    assert typed(desk, "desk", "search", "100%").count("note") == 1
    assert typed(desk, "desk", "search", "a_b").count("note") == 1
    assert typed(desk, "desk", "search", "k\\s").count("note") == 1
    assert typed(desk, "desk", "search", "loud").count("note") == 1


@pytest.mark.parametrize("table", ["notes", "messages", "deliveries", "handovers"])
def test_nothing_noted_is_changed_or_deleted(desk: Office, table: str) -> None:
    typed(desk, "desk", "note", "--caller", "a")
    typed(desk, "desk", "message", "x", "--for", "a", "--caller", "b")
    typed(desk, "desk", "handover", "--to", "Wang", "--by", "Li")
    typed(desk, "desk", "deliver", "1")
    for attempt in (f"DELETE FROM {table}", f"UPDATE {table} SET at = 0"):
        with pytest.raises(sqlite3.IntegrityError, match="nothing is"), writing(desk.config.site.data) as db:
            db.execute(attempt)


def at(text: str) -> int:
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp())


def roster(folder: Path, text: str = ROSTER) -> Roster:
    (folder / "roster.csv").write_text(text, encoding="utf-8")
    return Roster.load(folder / "roster.csv", "Asia/Shanghai")


@pytest.mark.parametrize(
    ("moment", "operator"),
    [
        ("2026-08-10 08:00:00", "Li"),
        ("2026-08-10 19:59:59", "Li"),
        ("2026-08-10 20:00:00", "Wang"),
        ("2026-08-11 07:59:59", "Wang"),
        ("2026-08-08 12:00:00", None),  # a Saturday
        ("2026-09-01 12:00:00", None),  # after the last day
    ],
)
def test_a_shift_may_end_on_the_next_day(tmp_path: Path, moment: str, operator: str | None) -> None:
    duty = roster(tmp_path).at("117", at(moment))
    assert (duty.operator if duty else None) == operator


@pytest.mark.parametrize(
    ("row", "place"),
    [
        ("Li,117,day,mon tusday,08:00,20:00,,", (2, 12)),
        ("Li,117,day,,8 o'clock,20:00,,", (2, 13)),
        ("Li,117,day,,08:00,20:00,2026-02-02,2026-02-01", (2, 36)),
        ("Li,,day,,08:00,20:00,,", (2, 4)),
    ],
)
def test_a_fault_of_the_roster_is_placed(tmp_path: Path, row: str, place: tuple[int, int]) -> None:
    with pytest.raises(ConfigError) as raised:
        roster(tmp_path, ROSTER.partition("\n")[0] + "\n" + row + "\n")
    assert (raised.value.errors[0].line, raised.value.errors[0].column) == place


def test_rates_are_those_of_a_count_by_hand_in_any_order(tmp_path: Path) -> None:
    chance = random.Random(6)
    begin = at("2026-08-01 00:00:00")
    calls = [
        Incoming(
            begin + chance.randrange(31 * 86_400),
            chance.choice(["117", "118", "200"]),
            chance.choice(["117", "118", "200"]),
            chance.random() < 0.8,
            chance.random() < 0.5,
            chance.choice([None, 3, 15, 16]),
        )
        for _ in range(3000)
    ]
    messages = [(begin + chance.randrange(31 * 86_400), chance.choice(["Li", "Wang"])) for _ in range(200)]
    done = work(calls, messages, roster(tmp_path), 15)

    def place(call: Incoming) -> str:
        return call.first if call.extension == "200" else call.extension

    def whose(call: Incoming) -> str:
        local = dt.datetime.fromtimestamp(call.start, ZONE)
        by_day = 8 <= local.hour < 20
        if place(call) == "118":
            return "Zhao" if by_day else ""
        return "Wang" if not by_day else "Li" if local.weekday() < 5 else ""

    ours = [call for call in calls if place(call) != "200"]
    assert {name: one.calls for (name, _), one in done.items() if one.calls} == Counter(map(whose, ours))
    for (operator, _), one in done.items():
        own = [call for call in ours if whose(call) == operator]
        if one.calls:
            taken = [call for call in own if call.answered and call.extension != "200"]
            assert one.answered == len(taken)
            assert one.transferred == sum(call.transferred for call in taken)
            assert one.in_time == sum(call.ring_s in (3, 15) for call in taken)
            assert one.ring_s == sum(call.ring_s or 0 for call in taken)
    assert sum(one.messages for one in done.values()) == 200
    chance.shuffle(calls)
    assert work(calls, messages, roster(tmp_path), 15) == done


def test_who_lets_it_ring_until_somebody_else_answers_has_not_answered(tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_text("operator,extension,begin,end\nLi,302,00:00,00:00\n", encoding="utf-8")
    (tmp_path / "smdr.toml").write_text(
        '[site]\nname = "hq"\ntimezone = "Asia/Shanghai"\ndata = "data"\n[office]\nroster = "roster.csv"\n'
        '[[source]]\nname = "pbx1"\ninput = "stdin:"\nformat = "panasonic/kx-tda"\n'
    )
    lines = (
        "02/03/26 20:13     302 04 <I>04950120               0'06 00:00'00               ",
        "02/03/26 20:13     109 04 <I>04950120               0'04 00:00'12               ",
        "02/03/26 20:20     302 04 <I>04950121               0'06 00:00'30               ",
    )
    (tmp_path / "pbx.log").write_bytes(b"".join(line.encode() + b"\r\n" for line in lines))
    config = ("-c", str(tmp_path / "smdr.toml"))
    done = CliRunner().invoke(smdr, ["import", str(tmp_path / "pbx.log"), "--source", "pbx1", *config])
    assert "3 legs, 2 calls, 0 rejected" in done.output
    row = json.loads(CliRunner().invoke(smdr, ["performance", "--month", "2026-03", "--json", *config]).output)
    assert (row["operator"], row["calls"], row["answered"], row["answer_rate"]) == ("Li", 2, 1, 0.5)


def test_a_share_of_nothing_is_none() -> None:
    assert Work().rates == dict.fromkeys(("answer_rate", "in_time_rate", "transfer_rate", "message_rate"))
    assert Work(calls=4, answered=2, transferred=1, messages=1).rates == {
        "answer_rate": 0.5, "in_time_rate": None, "transfer_rate": 0.5, "message_rate": 0.5
    }  # fmt: skip


def test_the_report_has_the_counts_and_rates_of_each_shift_and_operator(
    desk: Office, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    done = {
        ("", ""): Work(calls=1),
        ("Li", "day"): Work(calls=8, answered=6, reported=3, in_time=2, ring_s=32, transferred=3, messages=1),
        ("Li", "weekend"): Work(calls=2, answered=2, transferred=1),
    }
    monkeypatch.setattr("collector.commands.desk.performance", lambda *_: done)
    made = typed(desk, "report", "operators", "--quarter", "2026-Q3", "--format", "csv", "--language", "zh")
    assert [row.split(",") for row in made.lstrip("\ufeff").splitlines()] == [
        [
            "话务员",
            "班次",
            "呼叫次数",
            "已接听",
            "接听率",
            "及时接听率",
            "平均振铃",
            "转接",
            "转接率",
            "留言",
            "留言率",
        ],
        ["无人当班", "", "1", "0", "0.0%", "", "", "0", "", "0", ""],
        ["无人当班", "小计", "1", "0", "0.0%", "", "", "0", "", "0", ""],
        ["Li", "day", "8", "6", "75.0%", "66.7%", "0:00:11", "3", "50.0%", "1", "16.7%"],
        ["Li", "weekend", "2", "2", "100.0%", "", "", "1", "50.0%", "0", "0.0%"],
        ["Li", "小计", "10", "8", "80.0%", "66.7%", "0:00:11", "4", "50.0%", "1", "12.5%"],
        ["合计", "", "11", "8", "72.7%", "66.7%", "0:00:11", "4", "50.0%", "1", "12.5%"],
    ]
    book = tmp_path / "operators.xlsx"
    typed(desk, "report", "operators", "--year", "2026", "--language", "en", "--out", str(book))
    sheet = load_workbook(book)["Operators"]
    assert sheet is not None
    assert (sheet["E8"].value, sheet["E8"].number_format) == (0.75, "0.0%")


def test_the_report_of_a_month_has_its_calls(desk: Office) -> None:
    with closing(sqlite3.connect(desk.config.site.data / "calls.db")) as db, db:
        db.execute("UPDATE stored_calls SET start = ?, ring_s = 9", (at("2026-08-10 12:00:00"),))
    report = ("report", "operators", "--language", "en", "--format", "csv", "--month")
    assert "Li,day,1,1,100.0%,100.0%,0:00:09,0,0.0%,0,0.0%" in typed(desk, *report, "2026-08")
    assert typed(desk, *report, "2026-07").splitlines()[1:] == ["Total,,0,0,,,,0,,0,"]


def test_the_command_tells_the_rates_of_a_month(desk: Office) -> None:
    with closing(sqlite3.connect(desk.config.site.data / "calls.db")) as db, db:
        db.execute("UPDATE stored_calls SET start = ?, ring_s = 9", (at("2026-08-10 12:00:00"),))
    row = json.loads(typed(desk, "performance", "--month", "2026-08", "--json"))
    assert (row["operator"], row["shift"], row["calls"], row["answer_rate"], row["in_time_rate"]) == (
        "Li",
        "day",
        1,
        1,
        1,
    )
    assert typed(desk, "performance", "--month", "2026-08").splitlines()[1].split()[:5] == [
        "Li",
        "day",
        "1",
        "1",
        "100.0%",
    ]
    assert typed(desk, "performance", "--month", "2026-07").count("\n") == 1
    desk.config.path.write_text(desk.config.path.read_text(encoding="utf-8").partition("[office]")[0])
    assert "names no roster" in typed(desk, "performance")
