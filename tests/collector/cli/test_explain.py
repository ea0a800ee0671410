"""`smdr explain` as a person runs it: a ruler under the line, what each field tells, and where a line fails."""

# ruff: noqa: RUF001  (Chinese has punctuation of its own)

from __future__ import annotations

import os
from unittest import mock
from zoneinfo import ZoneInfo

import msgspec
import pytest
from smdr_command import run_smdr

from collector.commands.explain import explained
from dashboards.words import WORDS
from parsers import formats
from parsers.records import Leg

LINE = "02/03/26 09:02     109 04 <I>05550120               0'03 00:00'12               "


def explain(*arguments: str, stdin: bytes = b"", columns: int = 80) -> tuple[int, str, str]:
    with mock.patch.dict(os.environ, COLUMNS=str(columns)):
        return run_smdr("explain", *arguments, stdin=stdin)


def test_a_line_is_shown_field_by_field() -> None:
    assert explain("--format", "panasonic/kx-tda", "--tz", "Asia/Shanghai", LINE) == (
        0,
        """\
panasonic/kx-tda: Panasonic KX-TDA/TDE/NCP/NS, patterns A, B and C, layout 1 of 3

02/03/26 09:02     109 04 <I>05550120               0'03 00:00'12
a------- b------ c---- d- e------------------------ f--- g------- h--------- i--

   columns  name       text         tells
a  1-8      date       02/03/26     start 2026-03-02T09:01:45+08:00 (when it began)
b  10-16    time       09:02        start 2026-03-02T09:01:45+08:00 (when it began)
c  18-22    extension  109          extension 109 (our party)
d  24-25    trunk      04           trunk 04 (the outside line)
e  27-51    dial       <I>05550120  direction incoming (which way the call went)
                                    outcome answered (how it ended)
                                    number 05550120 (the outside party)
f  53-56    ring       0'03         ring_s 3 (seconds it rang)
g  58-65    duration   00:00'12     outcome answered (how it ended)
                                    talk_s 12 (seconds of talk)
h  67-76    account
i  78-80    code

A record: incoming, answered.
""",
        "",
    )


def test_the_console_shows_a_line_in_chinese_too() -> None:
    lines = [LINE.encode(), LINE.replace("00:00'12", "00:0x'12").encode(), b"Date     Time     Ext"]
    good, bad, heading = explained(lines, "panasonic/kx-tda", ZoneInfo("Asia/Shanghai"), 0.0, 110, "zh")
    shown = good.splitlines()
    assert shown[0].endswith("，3 种布局中的第 1 种")
    assert shown[5:10] == [
        "   列     名称       内容         含义",
        "a  1-8    date       02/03/26     start 2026-03-02T09:01:45+08:00 (开始时间)",
        "b  10-16  time       09:02        start 2026-03-02T09:01:45+08:00 (开始时间)",
        "c  18-22  extension  109          extension 109 (本方分机)",
        "d  24-25  trunk      04           trunk 04 (外线)",
    ]
    assert shown[-1] == "话单：呼入，已接听。"
    assert bad.splitlines()[-2:] == [
        '未能识别（bad-field）：column 58-65 (duration) holds "00:0x\'12"。',
        "某一列的内容不符合此格式，详见提示。",
    ]
    assert heading.endswith("不是呼叫：页眉或其下划线（heading）。")


def test_every_key_of_a_leg_is_explained_in_both_languages() -> None:
    untold = {"offset", "format", "raw", "resolution_s", "extra"}
    keys = {f"meaning.{field.name}" for field in msgspec.structs.fields(Leg)} - {f"meaning.{key}" for key in untold}
    assert keys == {key for key in WORDS if key.startswith("meaning.")}


def test_a_caret_stands_where_a_line_fails() -> None:
    status, out, _ = explain("--format", "panasonic/kx-tda", LINE.replace("00:00'12", "00:0x'12"))
    assert status == 0
    ruled = out.splitlines()[2:5]
    assert ruled[2].index("^") == 57
    assert ruled[2].strip() == "^" * 8
    assert ruled[1].endswith("f---")
    assert 'Rejected (bad-field): column 58-65 (duration) holds "00:0x\'12".\n' in out


@pytest.mark.parametrize("columns", [40, 57])
def test_a_line_wider_than_the_terminal_goes_on_with_its_ruler_under_it(columns: int) -> None:
    wide, narrow = (explain("--format", "panasonic/kx-tda", LINE, columns=n)[1].split("\n\n")[1] for n in (80, columns))
    line, marks = (row.ljust(80) for row in wide.splitlines())
    pieces = narrow.splitlines()
    assert max(map(len, pieces)) <= columns
    assert "".join(row.ljust(columns) for row in pieces[0::2]).rstrip() == line.rstrip()
    assert "".join(row.ljust(columns) for row in pieces[1::2]).rstrip() == marks.rstrip()


def test_control_bytes_are_shown_and_the_ruler_stays_below() -> None:
    line = LINE.replace("<I>05550120 ", "<I>0555\x1b[31m").encode() + b"\r\n"
    _, out, _ = explain("--format", "panasonic/kx-tda", stdin=line, columns=120)
    shown, marks, *_ = out.splitlines()[2:]
    assert "\x1b" not in out
    assert r"<I>0555\x1b[31m" in shown
    assert marks.index("f---") == shown.index("0'03")


def test_every_line_of_standard_input_is_explained_and_its_format_found_out() -> None:
    status, out, _ = explain(stdin=f"\r\n{LINE}\r\n{LINE}\r\n".encode())
    assert status == 0
    assert out.count("panasonic/kx-tda: ") == out.count("A record: incoming, answered.") == 2


def test_a_heading_is_no_call() -> None:
    _, out, _ = explain("--format", "panasonic/kx-tda", stdin=b"-" * 80)
    assert "No call: a page heading or a rule under it (heading)." in out


BILL = formats.get("zte/zxj10").samples[0]


def test_a_binary_record_is_given_and_shown_in_hexadecimal_digits() -> None:
    status, out, _ = explain(
        "--format", "zte/zxj10", "--tz", "Asia/Shanghai", stdin=BILL.hex(" ").encode(), columns=100
    )
    assert status == 0
    shown, marks, *_ = out.splitlines()[2:]
    assert shown == BILL[:50].hex()
    assert marks.index("d-") == 2 * 3
    assert "d  3-22     caller         13900000012     number 13900000012 (the outside party)\n" in out
    assert "g  44-47    start          1015146130      start 2026-03-03T09:02:10+08:00 (when it began)\n" in out
    assert out.endswith("\n\nA record: incoming, answered.\n")


@pytest.mark.parametrize(
    ("record", "first", "count", "said"),
    [
        (b"\x09" + BILL[1:], 0, 1, "Rejected (bad-field): byte 0 (type) holds 09."),
        (BILL[:20], 20, 0.5, "Rejected (cut-off): 20 bytes stand where a record has 123."),
        (BILL + b"ab", 123, 2, "Rejected (control-bytes): 125 bytes stand where a record has 123."),
        (BILL[:3] + b"\xff\x11" + BILL[5:], 3, 20, "Rejected (bad-field): byte 3-22 (caller) holds ff 11 aa aa"),
    ],
)
def test_a_caret_stands_where_a_binary_record_fails(record: bytes, first: int, count: float, said: str) -> None:
    status, out, _ = explain("--format", "zte/zxj10", record.hex(), columns=300)
    assert status == 0
    caret = next(row for row in out.splitlines() if "^" in row)
    assert (caret.index("^"), caret.count("^")) == (2 * first, 2 * count)
    assert said in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--format", "panasonic/kxtda", LINE], 'did you mean "panasonic/kx-tda"?'),
        (["what the cat typed"], "No known format fits these lines; name one with --format"),
        ([], "There is no line to explain"),
        (["--format", "zte/zxj10", "13900000012 call"], "as `od -An -v -tx1 -j123 -w123 FILE` does."),
        (["--formats-dir", "nowhere", LINE], "There is no folder nowhere."),
    ],
)
def test_a_mistake_gets_a_sentence(arguments: list[str], said: str) -> None:
    status, out, err = explain(*arguments)
    assert (status, out) == (1, "")
    assert said in err
